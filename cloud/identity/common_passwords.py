"""Whether a password is among the first an attacker tries: a common word with trimmings, a sequence, a repetition."""

from __future__ import annotations

import gzip
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution

# What people choose, here and in Brazil; digits and signs around it, doubling and look-alike digits do not help.
_TEXT = """
abacate abcabc abracadabra access account acesso admin administrador administrator adobe alegria alexander
amanda america amigos amizade amor amormeu andrea andrew angel angels anjinho anjo apple arsenal asdf asdfgh
asdfghjkl ashley azerty babygirl bailey banana baseball basketball batata batman beautiful beleza blink
borboleta brasil brasileiro brazil buster butterfly cachorro camila carinho carlos carnaval carolina cavalo
change changeit changeme charlie cheese chelsea chocolate computador computer config contrasenha cookie
corinthians cowboy cruzeiro default deus deusamor deusefiel diamante diamond dolphin donald dragon eduardo
elephant empresa enterprise estrela everton facebook familia family felicidade felipe feliz fernanda ferrari
flamengo flor flower flowers fluminense football forever formula freedom friend friends futebol gabriel gabriela
galaxy gatinha gatinho george gfhjkm google gremio guest guilherme guitar gustavo hannah harley hello helloworld
heslo hockey hunter iloveyou internacional internet jasmine jennifer jessica jesus jesuscristo jordan joshua
juliana juventus killer kitten larissa legend leonardo letmein letmeinnow linda liverpool login london lovely
loveme lover lovers lucas lucky maggie manager manchester marcelo maria mariana master matheus matrix matthew
melissa mercedes michael michelle mickey microsoft minecraft minhasenha monica monkey mother mustang myspace
naruto natalia natasha newyork nicole ninja nothing oliveira orange pacific paixao palmeiras passw password
passwort patricia peanut pedro pepper phoenix pikachu pokemon princesa princess purple qazwsx qazwsxedc qwer
qwert qwerty qwertyu qwertyuiop rafael rainbow ranger rebecca ricardo rodrigo root samantha samsung samuel
santos saopaulo secret secreto security segredo segredos senha senhaforte senhasegura server shadow silver
slipknot snoopy soccer spiderman starwars steelers summer sunflower sunshine superman superuser supervisor
system tequiero teste testing thomas thunder tigger timao tricolor trustno trustnoone user usuario valentina
vanessa vasco vitoria weft weftstudio welcome welcomeback whatever william winter woaini yamaha yankees youtube
zaq zaqwsx zxcvbn zxcvbnm
"""
_WORDS = frozenset(_TEXT.split())
_LOOK_ALIKE = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "!@#$%^&*()",
)
_TRIMMINGS = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def is_common(password: str) -> bool:
    """Whether it is one, whatever its length: `Password123!`, `passwordpassword`, `qwertyuiop12`, `aaaaaaaaaaaa`."""
    low = password.casefold()
    if low in _known():
        return True
    forms = {low, _repeated(low), _TRIMMINGS.sub("", low)}
    return any(_plain(form) for form in forms | {form.translate(_LOOK_ALIKE) for form in forms})


def _plain(text: str) -> bool:
    """Whether what is left without digits and signs around it says next to nothing."""
    if len(set(text)) <= 2 or _is_run(text):
        return True
    core = _repeated(_TRIMMINGS.sub("", text))
    return len(core) < 4 or core in _known() or _is_run(core) or _of_known_words(core)


def _of_known_words(text: str) -> bool:
    """Whether it is one or two of the words, joined."""
    return text in _WORDS or any(
        text[:at] in _WORDS and text[at:] in _WORDS for at in range(3, len(text) - 2)
    )


def _is_run(text: str) -> bool:
    """Whether it is a stretch of the alphabet, the digits or a keyboard, in either direction, perhaps in two pieces."""
    return any(text in run or text in run[::-1] for run in _RUNS) or _two_runs(text)


def _two_runs(text: str) -> bool:
    half = len(text) // 2
    return len(text) >= 8 and all(
        any(piece in run or piece in run[::-1] for run in _RUNS) for piece in (text[:half], text[half:])
    )


def _repeated(text: str) -> str:
    """The block a text repeats, at least twice; the text itself where it repeats none."""
    found = re.fullmatch(r"(.+?)\1+", text, re.DOTALL) if len(text) <= 256 else None
    return found[1] if found else text


@cache
def _known() -> frozenset[str]:
    """Our own words and, where the package is installed, the 20,000 that come as data with Django; none of its code."""
    known = set(_WORDS)
    try:
        kept = distribution("django").locate_file("django/contrib/auth/common-passwords.txt.gz")
        with gzip.open(str(kept), "rt", encoding="utf-8") as lines:
            known |= {line.strip().casefold() for line in lines}
    except (PackageNotFoundError, OSError):
        pass
    return frozenset(known)
