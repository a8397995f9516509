#!/usr/bin/env python3
"""One command for everything: run, test, bench, pictures, build. Standard library only.

python3 dev.py run         set everything up and open the studio on the sample project
python3 dev.py test        set everything up and run all checks and tests
python3 dev.py --help      the rest
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
DEV = HERE / ".dev"
FLOOR = (3, 11)
WINDOWS = os.name == "nt"

# More failures than this are no accident, and are not tried again.
AGAIN_AT_MOST = 12


def beside(name: str) -> ModuleType:
    """A module of packaging/, by its file: libraries have the same names."""
    spec = importlib.util.spec_from_file_location(f"weft_{name}", HERE / "packaging" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


debian = beside("debian")
SetupError, say = debian.SetupError, debian.say


def venv_program(name: str) -> Path:
    """A program of the project's own environment."""
    folder, ending = ("Scripts", ".exe") if WINDOWS else ("bin", "")
    return VENV / folder / f"{name}{ending}"


def call(*command: str | Path, env: dict[str, str] | None = None, quiet: bool = False) -> int:
    """Run a command in the project folder; returns its exit code."""
    out = subprocess.DEVNULL if quiet else None
    return subprocess.call([str(part) for part in command], cwd=HERE, env=env, stdout=out)


def must(*command: str | Path, what: str) -> None:
    """Run a command that set-up cannot do without."""
    if call(*command) != 0:
        raise SetupError(f"{what} failed; the lines above say why. Mend it and run the same command again.")


# --- Python ------------------------------------------------------------------------------------------------------


def other_python() -> str | None:
    """A newer Python on the PATH, for systems whose python3 is old."""
    for minor in (13, 12, 11):
        found = shutil.which(f"python3.{minor}")
        if found:
            return found
    return None


def need_python(argv: list[str]) -> None:
    """Go on in a Python of at least 3.11, or say how to get one."""
    if sys.version_info >= FLOOR:
        return
    newer = other_python()
    if newer is None:
        version = ".".join(map(str, sys.version_info[:3]))
        raise SetupError(
            f"Weft Studio needs Python 3.11 or newer; this is {version}. Install a newer Python and try again."
        )
    sys.exit(subprocess.call([newer, str(HERE / "dev.py"), *argv]))


def make_venv() -> None:
    """Create `.venv` if it is not there or was made by a Python that has gone."""
    python = venv_program("python")
    if python.exists() and subprocess.call([str(python), "-c", "import pip"], stderr=subprocess.DEVNULL) == 0:
        return
    say("Making the environment in .venv …")
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.call([sys.executable, "-m", "venv", str(VENV)], stdout=subprocess.DEVNULL) == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if not debian.debian_root():
        raise SetupError(
            f"This Python cannot make environments. Install it (Debian, Ubuntu: {name}) and try again."
        )
    debian.apt_install([name])
    must(sys.executable, "-m", "venv", VENV, what="Making the environment")


def install(lock: str) -> None:
    """Install a locked requirements file and the project itself; nothing happens when nothing changed."""
    digest = hashlib.sha256()
    for file in (HERE / "requirements" / lock, HERE / "pyproject.toml"):
        digest.update(file.read_bytes())
    stamp = VENV / f"installed-{lock}"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    say(f"Installing what requirements/{lock} names (the first time only) …")
    pip = [venv_program("python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
    must(*pip, "--require-hashes", "-r", HERE / "requirements" / lock, what="Installing the packages")
    must(*pip, "--no-build-isolation", "-e", HERE, what="Installing the project")
    stamp.write_text(digest.hexdigest())


# --- the system --------------------------------------------------------------------------------------------------


def kerberos() -> None:
    """Kerberos for Python, built where there is no wheel, for the full run; without it its test is left out and says so."""
    if WINDOWS:
        return
    try:
        install("kerberos.txt")
    except SetupError as error:
        say(f"{error} The test of a Kerberos proxy is left out.")


def has_display() -> bool:
    """A window can be shown to somebody."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def offscreen() -> dict[str, str]:
    """The environment for a window nobody sees."""
    return os.environ | {"QT_QPA_PLATFORM": "offscreen"}


def compile_translations() -> None:
    """Make the catalogues the program loads from their sources, where a source is newer."""
    for source in (HERE / "resources" / "translations").glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            must(
                venv_program("pybabel"),
                "-q",
                "compile",
                "-f",
                "-i",
                source,
                "-o",
                target,
                what="Compiling translations",
            )


def compile_code() -> None:
    """Byte code for the packages, so that the first start is as quick as every other; quick when nothing changed."""
    call(
        venv_program("python"), "-m", "compileall", "-q", *(HERE / name for name in ("studio", "ui", "cloud"))
    )


def set_up(lock: str, packages: list[str], needed_for: str) -> None:
    """Everything a command needs, in order; quick when it is all there."""
    make_venv()
    debian.system_packages(packages, needed_for=needed_for)
    install(lock)
    compile_translations()
    compile_code()


# --- commands ----------------------------------------------------------------------------------------------------


def run(_args: argparse.Namespace) -> int:
    """Open the studio on the sample project, or run the sample headless where there is no display."""
    set_up("app.txt", debian.WINDOW_PACKAGES, "the window")
    sample = DEV / "orders"
    if not (sample / "project.yaml").exists():
        must(venv_program("weft"), "new", sample, "--sample", "orders", what="Making the sample project")
    if has_display():
        return call(venv_program("python"), "-m", "ui", sample)
    say("No display here: running the sample without the window.")
    return call(
        venv_program("python"), HERE / "packaging" / "headless_sample.py", sample, DEV, env=offscreen()
    )


def checks() -> list[tuple[str, list[str | Path]]]:
    """The static checks, cheapest first."""
    ruff, code = venv_program("ruff"), ["studio", "ui", "cloud", "tests", "packaging", "dev.py"]
    return [
        ("ruff", [ruff, "check", "-q", *code]),
        ("format", [ruff, "format", "-q", "--check", *code]),
        ("import contracts", [venv_program("lint-imports"), "--no-cache"]),
        ("mypy", [venv_program("mypy")]),
    ]


def failed_checks(env: dict[str, str]) -> list[str]:
    """Run the static checks one by one; meanwhile another process compiles the tests, which is slow the first time."""
    look = [venv_program("python"), "-m", "pytest", "-q", "--collect-only", "-p", "no:xdist"]
    nowhere = subprocess.DEVNULL
    compiling = subprocess.Popen(
        [str(part) for part in look], cwd=HERE, env=env, stdout=nowhere, stderr=nowhere
    )
    failed = []
    try:
        for name, command in checks():
            started = time.monotonic()
            code = call(*command)
            say(f"{name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - started:.0f} s)")
            failed += [name] if code else []
    finally:
        compiling.terminate()
        compiling.wait()
    return failed


def test_environment(args: argparse.Namespace) -> dict[str, str]:
    """What the tests find around them."""
    env = offscreen() | {"PYTHONHASHSEED": "0"}
    # pytest turns warnings into errors itself, with the few reasoned exceptions.
    env.pop("PYTHONWARNINGS", None)
    # Compiled once for all processes of a run, of which there are thousands.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    if args.full is not None:
        env["WEFT_FULL"] = "1"
    if args.state:
        env["WEFT_FULL_STATE"] = str(Path(args.state).resolve())
    return env


def test(args: argparse.Namespace) -> int:
    """All checks, then all tests; with --full also every large count and heavy peer."""
    set_up("dev.txt", debian.WINDOW_PACKAGES + debian.TEST_PACKAGES, "the tests")
    if shutil.which("npm") is None:
        debian.system_packages(debian.NODE_PACKAGES, needed_for="the JavaScript clients in the tests")
    if shutil.which("npm") is not None:
        must(
            venv_program("python"),
            HERE / "tests" / "practice" / "clients" / "install.py",
            what="Installing the JavaScript client of the tests",
        )
    debian.test_programs(full=args.full is not None)
    if args.full is not None:
        kerberos()
    env = test_environment(args)
    failed = [] if args.paths else failed_checks(env)
    command = [venv_program("python"), "-m", "pytest", "-q", "-n", str(args.jobs), "--dist", "loadfile"]
    if args.full:
        command += ["-k", args.full]
    if not pytest(command, args.paths, env):
        failed.append("tests")
    say("All checks and tests passed." if not failed else f"FAILED: {', '.join(failed)}")
    return 1 if failed else 0


def pytest(command: list[str | Path], paths: list[str], env: dict[str, str]) -> bool:
    """Run the tests; the few that fail run once more on their own, and are named if they pass then.

    Hundreds of windows, servers and processes share the machine in a run: one late answer is not yet a fault of the
    product. A test that is named here needs mending all the same; one that fails twice fails the run.
    """
    note = DEV / "failed-tests.txt"
    DEV.mkdir(exist_ok=True)
    note.unlink(missing_ok=True)
    code = call(*command, *paths, env=env | {"WEFT_FAILED": str(note)})
    failures = sorted(set(note.read_text(encoding="utf-8").splitlines())) if note.exists() else []
    if code != 1 or not 0 < len(failures) <= AGAIN_AT_MOST:
        return code == 0
    say(f"Failed beside others: {len(failures)}. Each once more, alone:")
    alone = [part for part in command if part != "loadfile"]
    alone[alone.index("-n") + 1] = "0"
    alone.remove("--dist")
    if call(*alone, *failures, env=env) != 0:
        return False
    for name in failures:
        say(f"UNSTEADY: {name} failed beside others and passed alone")
    return True


def bench(args: argparse.Namespace) -> int:
    """Benchmarks: all of them or the named one; --json prints one line a figure."""
    set_up("dev.txt", debian.WINDOW_PACKAGES, "the benchmarks")
    rest = [args.name] if args.name else []
    return call(
        venv_program("python"),
        "-m",
        "tests.bench",
        *rest,
        *(["--json"] if args.json else []),
        env=offscreen(),
    )


def pictures(_args: argparse.Namespace) -> int:
    """Make the screenshots in docs/ anew."""
    set_up("dev.txt", debian.WINDOW_PACKAGES, "the pictures")
    return call(venv_program("python"), HERE / "packaging" / "pictures.py", env=offscreen())


def build(_args: argparse.Namespace) -> int:
    """Freeze the program into dist/ and let the bundle test itself."""
    set_up("dev.txt", debian.WINDOW_PACKAGES + debian.TEST_PACKAGES, "the bundle")
    must(
        venv_program("pyinstaller"),
        "--noconfirm",
        "--log-level",
        "WARN",
        "build.spec",
        what="Building the bundle",
    )
    ending = ".exe" if WINDOWS else ""
    return call(HERE / "dist" / "weft-studio" / f"weft-studio{ending}", "--self-test", env=offscreen())


def translate(_args: argparse.Namespace) -> int:
    """Collect the texts of the code into the catalogues, keeping what is translated."""
    set_up("dev.txt", [], "translation")
    return call(venv_program("python"), HERE / "packaging" / "collect_texts.py")


def reference(args: argparse.Namespace) -> int:
    """Write docs/reference from the code; with --check only tell whether it is up to date."""
    set_up("dev.txt", [], "the reference")
    check = ["--check"] if args.check else []
    return call(venv_program("python"), HERE / "packaging" / "reference.py", *check)


def parse(argv: list[str]) -> argparse.Namespace:
    """The command and its options."""
    parser = argparse.ArgumentParser(prog="dev.py", description="Run, test and build Weft Studio.")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, does: object) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=(does.__doc__ or "").split("\n")[0])
        sub.set_defaults(does=does)
        return sub

    command("run", run)
    testing = command("test", test)
    testing.add_argument(
        "--full", nargs="?", const="", default=None, metavar="NAME", help="large counts, heavy peers"
    )
    testing.add_argument(
        "--state", metavar="FILE", help="note what passes in FILE, and leave out what has passed by it before"
    )
    testing.add_argument("--jobs", default=min(4, os.cpu_count() or 1), help="how many processes")
    testing.add_argument(
        "paths", nargs="*", help="only these test files or folders, without the static checks"
    )
    benching = command("bench", bench)
    benching.add_argument("name", nargs="?")
    benching.add_argument("--json", action="store_true")
    command("pictures", pictures)
    command("build", build)
    command("translate", translate)
    command("reference", reference).add_argument("--check", action="store_true", help="only look")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """Run one command; returns the exit code."""
    try:
        need_python(argv)
        args = parse(argv)
        return int(args.does(args))
    except SetupError as error:
        say(f"dev.py: {error}")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
