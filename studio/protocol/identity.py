"""What client and server say about who somebody is: sign-in, account, tokens, invitations, policies, single sign-on.

Times are UTC in ISO 8601. A secret appears once, in the answer that makes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar

from annotated_types import Ge, Le, MaxLen, MinLen

from studio.protocol.fields import Name, Pattern

# Members nobody knows are refused.
EXACT = {"extra": "forbid"}

Line = Name
Optional = Annotated[str, MaxLen(200), Pattern(r"^[^\x00-\x1f\x7f-\x9f]*$")]
Address = Annotated[str, MaxLen(500), Pattern(r"^[\x21-\x7e]*$")]
EMAIL = Pattern(r"^[^\x00-\x20\x7f-\x9f@]+@[^\x00-\x20\x7f-\x9f@]+$")
EMAIL_CHARACTERS = 254
Email = Annotated[str, MinLen(3), MaxLen(EMAIL_CHARACTERS), EMAIL]
Language = Annotated[str, Pattern(r"^(en|pt_BR)$")]
# Only ever hashed: any text at all.
Password = Annotated[str, MinLen(1), MaxLen(1024)]
Code = Annotated[str, MinLen(1), MaxLen(64)]
Secret = Annotated[str, Pattern(r"^[\x21-\x7e]{1,200}$")]
Shared = Annotated[str, MaxLen(500), Pattern(r"^[\x20-\x7e]*$")]
Pem = Annotated[str, MaxLen(10_000), Pattern(r"^[\x0a\x0d\x20-\x7e]*$")]


@dataclass(frozen=True)
class SignIn:
    """A name and a password; `device` is what the list of sessions shows."""

    __pydantic_config__: ClassVar = EXACT

    email: Email
    password: Password
    device: Optional = ""


@dataclass(frozen=True)
class SignInStep:
    """What comes of a step of signing in: a `token`, or what is still to do.

    `next` is "" (done, `token` and `expires_at` are there), "second_factor" (send `ticket` with a code or a passkey),
    "enrol" (an organization asks for a second factor: take one, with `ticket`), "new_password" (it has expired) or
    "single_sign_on" (an organization lets its own people in this way only; `address` is where).
    """

    next: str
    token: str = ""
    expires_at: datetime | None = None
    ticket: str = ""
    ways: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True)
class SecondFactor:
    """The second step: a code of the app, or one of the recovery codes."""

    __pydantic_config__: ClassVar = EXACT

    ticket: Secret
    code: Code


@dataclass(frozen=True)
class SecondFactorCode:
    """A code of the app."""

    __pydantic_config__: ClassVar = EXACT

    code: Code


@dataclass(frozen=True)
class Ticket:
    """Only the ticket of a step under way."""

    __pydantic_config__: ClassVar = EXACT

    ticket: Secret


@dataclass(frozen=True)
class NewPassword:
    """A new password for whoever holds the ticket (expired, or forgotten)."""

    __pydantic_config__: ClassVar = EXACT

    ticket: Secret
    password: Password


@dataclass(frozen=True)
class DesktopRequest:
    """What a desktop program asks for in the browser (RFC 8252): loopback, PKCE with S256, a state of its own."""

    __pydantic_config__: ClassVar = EXACT

    redirect_uri: Address
    code_challenge: Address
    code_challenge_method: Address
    state: Address
    device: Optional = ""


@dataclass(frozen=True)
class DesktopAnswer:
    """Where the browser is to be sent: the program's own address with the code."""

    address: str


@dataclass(frozen=True)
class DesktopCode:
    """What a desktop program brings back from the browser."""

    __pydantic_config__: ClassVar = EXACT

    code: Secret
    verifier: Secret
    redirect_uri: Address
    device: Optional = ""


@dataclass(frozen=True)
class PasskeyOptions:
    """What `navigator.credentials` is asked; `ticket` goes with the answer."""

    ticket: str
    options: dict[str, Any]


@dataclass(frozen=True)
class PasskeyAnswer:
    """What `navigator.credentials` answered, as JSON; `name` for a new passkey, `device` for a session."""

    __pydantic_config__: ClassVar = EXACT

    ticket: Secret
    credential: dict[str, Any]
    name: Optional = ""
    device: Optional = ""


@dataclass(frozen=True)
class Account:
    """Whoever is signed in, and how."""

    id: str
    email: str
    first_name: str
    surname: str
    phone: str
    language: str
    server_admin: bool
    organizations: tuple[dict[str, str], ...]
    password_set_at: datetime | None
    totp: bool
    recovery_codes_left: int
    passkeys: int
    way: str


@dataclass(frozen=True)
class AccountChange:
    """What a user changes of the own account; None stays as it is."""

    __pydantic_config__: ClassVar = EXACT

    first_name: Line | None = None
    surname: Line | None = None
    phone: Optional | None = None
    language: Language | None = None


@dataclass(frozen=True)
class Proof:
    """Who is signed in proves it again before something dangerous: a password, and a code where there is a second factor."""

    __pydantic_config__: ClassVar = EXACT

    password: Annotated[str, MaxLen(1024)] = ""
    code: Annotated[str, MaxLen(64)] = ""


@dataclass(frozen=True)
class Renewed:
    """The session's new token; "" for a browser, whose cookie is another one now."""

    token: str


@dataclass(frozen=True)
class PasswordChange:
    """The present password and the new one."""

    __pydantic_config__: ClassVar = EXACT

    present: Password
    new: Password


@dataclass(frozen=True)
class Enrolment:
    """A secret for an authenticator app: as text, as an address and as a picture (SVG)."""

    secret: str
    address: str
    picture: str


@dataclass(frozen=True)
class RecoveryCodes:
    """The codes, shown this once."""

    codes: tuple[str, ...]


@dataclass(frozen=True)
class Enrolled:
    """A second factor was taken while signing in: the session and the recovery codes."""

    step: SignInStep
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Session:
    """One of the user's sessions; `present` is the one that asks."""

    id: str
    kind: str
    way: str
    device: str
    address: str
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    present: bool


@dataclass(frozen=True)
class Passkey:
    """One of the user's passkeys."""

    id: str
    name: str
    synced: bool
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class NewToken:
    """A personal token; `organizations` (ids or slugs) None is all of the user's."""

    __pydantic_config__: ClassVar = EXACT

    name: Line
    days: Annotated[int, Ge(1), Le(365)] = 90
    organizations: Annotated[tuple[Line, ...], MaxLen(100)] | None = None


@dataclass(frozen=True)
class Token:
    """A personal token; `token` only in the answer that makes it."""

    id: str
    name: str
    ending: str
    organizations: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    token: str = ""


@dataclass(frozen=True)
class Company:
    """Where somebody works; each may be left out."""

    __pydantic_config__: ClassVar = EXACT

    name: Optional = ""
    position: Optional = ""
    department: Optional = ""
    tax_id: Optional = ""
    address: Optional = ""
    city: Optional = ""
    country: Optional = ""
    website: Optional = ""


@dataclass(frozen=True)
class NewInvitation:
    """Whom to invite; `roles` are ids or names."""

    __pydantic_config__: ClassVar = EXACT

    email: Email
    first_name: Line
    surname: Line
    phone: Optional = ""
    company: Company = field(default_factory=Company)
    roles: Annotated[tuple[Line, ...], MaxLen(50)] = ()
    days: Annotated[int, Ge(1), Le(30)] = 7


@dataclass(frozen=True)
class Invitation:
    """An invitation; `link` only in the answer that makes it, and only where no mail was sent."""

    id: str
    email: str
    first_name: str
    surname: str
    phone: str
    company: Company
    roles: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None
    mailed: bool = False
    link: str = ""


@dataclass(frozen=True)
class Invited:
    """What the one who follows the link is shown."""

    organization: str
    email: str
    first_name: str
    surname: str
    phone: str
    has_account: bool
    least: int


@dataclass(frozen=True)
class Acceptance:
    """A new account for the one invited; the names as they are to be."""

    __pydantic_config__: ClassVar = EXACT

    token: Secret
    password: Password
    first_name: Line
    surname: Line
    phone: Optional = ""
    language: Language = "en"


@dataclass(frozen=True)
class InvitationToken:
    """The secret of a link."""

    __pydantic_config__: ClassVar = EXACT

    token: Secret


@dataclass(frozen=True)
class Forgotten:
    """Whose password was forgotten."""

    __pydantic_config__: ClassVar = EXACT

    email: Email


@dataclass(frozen=True)
class ResetLink:
    """A link that sets a password, good once and for so many hours."""

    link: str
    hours: int


@dataclass(frozen=True)
class LinkShown:
    """Whose password a link sets, and the least number of its characters."""

    email: str
    least: int


@dataclass(frozen=True)
class PasswordRules:
    """An organization's rules for passwords and sessions; see cloud/identity/passwords.py for what each means."""

    __pydantic_config__: ClassVar = EXACT

    least: Annotated[int, Ge(8), Le(64)] = 12
    history: Annotated[int, Ge(0), Le(24)] = 5
    expires_days: Annotated[int, Ge(0), Le(3650)] = 0
    lock_after: Annotated[int, Ge(3), Le(100)] = 10
    lock_minutes: Annotated[int, Ge(1), Le(1440)] = 15
    second_factor: bool = False
    session_idle_minutes: Annotated[int, Ge(5), Le(43200)] = 720
    session_hours: Annotated[int, Ge(1), Le(2160)] = 720


@dataclass(frozen=True)
class AllowList:
    """Ranges and addresses an organization may be reached from; none at all is everywhere."""

    __pydantic_config__: ClassVar = EXACT

    ranges: Annotated[tuple[Annotated[str, MinLen(1), MaxLen(64)], ...], MaxLen(200)] = ()


@dataclass(frozen=True)
class SingleSignOn:
    """How an organization's people come in. Of kind "oidc": `issuer`, `client_id`, `secret`; of kind "saml": `issuer`,
    `sign_in`, `certificate` (PEM). A `secret` of None stays as it is; it is never shown. `trust_email` is for providers
    that do not say whether they verified an e-mail address (Microsoft Entra): then theirs counts."""

    __pydantic_config__: ClassVar = EXACT

    name: Line
    issuer: Address
    client_id: Address = ""
    secret: Shared | None = None
    sign_in: Address = ""
    certificate: Pem = ""
    enforced: bool = False
    trust_email: bool = False


@dataclass(frozen=True)
class SingleSignOnShown:
    """The settings as they are shown, with what the provider must be told."""

    kind: str
    name: str
    issuer: str
    client_id: str
    has_secret: bool
    sign_in: str
    certificate: str
    trust_email: bool
    enforced: bool
    worked_at: datetime | None
    our_name: str
    answer_to: str
    start: str
