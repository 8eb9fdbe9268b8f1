"""Make `.venv`, install into it what `requirements.lock` names, and run Python in it.

`python tools/environment.py -m tools.build` is what `make book` does; without arguments the
environment is only made. Runs on a bare Python, so it uses the standard library alone.

`.venv/ready` is written last and says what the environment was made from. Without it, whatever
stands in `.venv` was left by a set-up that was killed, and is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import locale
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

WINDOWS = os.name == "nt"
ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
READY = VENV / "ready"
BIN = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if WINDOWS else "python")

PIP = ("pip", "install", "--disable-pip-version-check", "--no-deps")
# It builds the few packages that come as source with the setuptools that is locked.
UV = (
    *("uv", "pip", "install", "--python", str(PYTHON), "--no-deps"),
    *("--system-certs", "--build-constraints", str(LOCK)),
)
QUARTO_IS_FROM = "https://github.com"
SECONDS_BETWEEN_SIGNS = 5
SIGN_OF_LIFE = re.compile(r"\s*((Collect|Download|Build|Install)ing .*|(Built|Installed) .*)")

UNREACHABLE = "the package index cannot be reached from here"
UNTRUSTED = (
    "the certificate of the package index is not trusted; where it is one of your network's own, "
    "set PIP_CERT to the file with the certificates that your machine trusts"
)
# What installers print when they cannot go on, and what it means to whoever reads it.
REASONS = {
    r"No space left on device|os error 28\b": "the disk is full",
    r"Read-only file system|os error 30\b": "the disk cannot be written to",
    r"Permission denied|os error 13\b": "a folder may not be written to",
    r"HASHES|[Hh]ash mismatch": "a package is not the one that requirements.lock names",
    r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate": UNTRUSTED,
    r"Retrying|Failed to fetch|error sending request": UNREACHABLE,
}


class SetUpError(Exception):
    """The environment cannot be made; the message says why, in one sentence."""


class Installer:
    """Runs what installs, one program at a time, and shows that something is going on."""

    def __init__(self, keep_open: int | None = None) -> None:
        # An installer that outlives this program, which was killed, goes on holding its lock.
        self.keep_open = () if keep_open is None or WINDOWS else (keep_open,)

    def run(self, *arguments: str) -> str | None:
        """Run a module of the environment's Python; return what it printed if it failed."""
        process = subprocess.Popen(
            [str(PYTHON), "-m", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            pass_fds=self.keep_open,
            start_new_session=not WINDOWS,
        )
        lines: list[str] = []
        assert process.stdout is not None
        reader = threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True)
        reader.start()
        started = time.monotonic()
        try:
            while True:
                try:
                    code = process.wait(SECONDS_BETWEEN_SIGNS)
                    break
                except subprocess.TimeoutExpired:
                    signs = filter(None, map(SIGN_OF_LIFE.match, reversed(lines)))
                    doing = next((sign[1] for sign in signs), arguments[0])
                    print(f"  {time.monotonic() - started:3.0f} s: {doing:.70}", flush=True)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                process.kill() if WINDOWS else os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        reader.join()
        return ("".join(lines) or f"exit code {code}") if code else None

    def must(self, *arguments: str) -> None:
        """Run a module; raise SetUpError if it fails."""
        if output := self.run(*arguments):
            raise SetUpError(reason(output) or f"{arguments[0]} failed: {tail(output)}")


def reason(output: str) -> str | None:
    """Say why an installer failed, if it is one of the common reasons."""
    return next((why for sign, why in REASONS.items() if re.search(sign, output)), None)


def tail(output: str) -> str:
    """Return the end of what an installer printed, for failures that nobody foresaw."""
    return "\n" + "\n".join(output.strip().splitlines()[-15:]) + "\n"


def locked() -> dict[str, str]:
    """Return the requirements of the lock by the names of the packages."""
    found: dict[str, str] = {}
    for block in re.split(r"(?m)^(?=[a-z0-9])", LOCK.read_text(encoding="utf-8")):
        name = block.split("==")[0]
        if not name.startswith("#"):  # one package may stand there twice, for two Pythons
            found[name] = found.get(name, "") + block
    return found


def chosen(name: str, requirements: list[str]) -> list[str]:
    """Write some of the requirements into a list; return the options that install it."""
    path = VENV / f"{name}.txt"
    path.write_text("".join(requirements), encoding="utf-8")
    return ["--require-hashes", "-r", str(path)]


def install(installer: Installer) -> None:
    """Install everything: with uv where pip can get it, with pip elsewhere."""
    if without_caches():
        os.environ.update(UV_NO_CACHE="1", PIP_NO_CACHE_DIR="1")
    requirements = locked()
    quarto = requirements.pop("quarto-cli")
    everything = chosen("all-but-quarto", list(requirements.values()))
    get_uv = [*PIP, "--retries", "3", "--only-binary", ":all:", *chosen("uv", [requirements["uv"]])]
    tool = UV
    output = installer.run(*get_uv)
    if output and reason(output):
        raise SetUpError(reason(output))
    if not output:
        print("  the packages of requirements.lock", flush=True)
        output = installer.run(*tool, *everything)
        if output and reason(output) not in (None, UNREACHABLE, UNTRUSTED):
            raise SetUpError(reason(output))
    if output:  # no uv for this machine, or none that knows the way through its network
        why = reason(output) or output.strip().splitlines()[-1].strip()
        print(f"  uv cannot be used here: {why}")
        print("  the packages of requirements.lock, with pip, which takes longer", flush=True)
        tool = PIP
        installer.must(*tool, *everything)
    # The tools that build these two are among what is installed by now.
    installer.must(*tool, "--no-build-isolation", "-e", ".")
    install_quarto(installer, [*tool, "--no-build-isolation", *chosen("quarto", [quarto])], quarto)


def install_quarto(installer: Installer, command: list[str], requirement: str) -> None:
    """Install Quarto if it can be had: its package downloads the program while it is built."""
    version = requirement.split()[0].replace("==", " ")
    if shutil.which("quarto", path=os.pathsep.join([str(BIN), os.environ.get("PATH", "")])):
        print("  Quarto is already on this machine", flush=True)
        return
    try:
        urllib.request.urlopen(QUARTO_IS_FROM, timeout=SECONDS_BETWEEN_SIGNS).close()
    except OSError:
        failed = True
    else:
        print(f"  {version}, about 130 MB", flush=True)
        failed = bool(installer.run(*command))
    if failed:
        print(
            "  Quarto's program cannot be downloaded here: the built-in renderer makes the book "
            "instead. (`make clean` and a second run try again.)"
        )


def set_up(installer: Installer) -> None:
    """Make the environment, or bring the one that stands there up to date."""
    if importlib.util.find_spec("ensurepip") is None:
        raise SetUpError("Python's venv is incomplete here: `sudo apt-get install python3-venv`")
    before = READY.read_bytes() if READY.exists() else b""
    READY.unlink(missing_ok=True)
    if before.startswith(os.fsencode(ROOT) + b"\n") and PYTHON.exists():
        print("Bringing .venv up to date", flush=True)
    else:
        print("Setting up .venv (once; half a minute, and 300 MB to download)", flush=True)
        before = b""
        if VENV.exists():
            shutil.rmtree(VENV)
        venv.create(VENV, symlinks=not WINDOWS)
        installer.must("ensurepip", "--default-pip")
    try:
        install(installer)
    except SetUpError:
        if before:  # what was there works as before
            READY.write_bytes(before)
        raise
    READY.write_bytes(made_from())


def made_from() -> bytes:
    """Stand for all that an environment is made from, and for where it lies."""
    digest = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return os.fsencode(ROOT) + b"\n" + digest.hexdigest().encode()


def is_ready() -> bool:
    """Tell whether there is nothing to do."""
    try:
        return PYTHON.exists() and READY.read_bytes() == made_from()
    except FileNotFoundError:
        return False


@contextlib.contextmanager
def alone() -> Iterator[int | None]:
    """Let one set-up work at a time; the operating system frees the lock of one that was killed."""
    if WINDOWS:
        yield None
        return
    import fcntl

    path = ROOT / ".cache" / "environment.lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is at work here: waiting for it", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def speak_utf_8() -> None:
    """Let every program that is started from here read and write UTF-8, whatever the locale says.

    Python's own UTF-8 mode is not enough: the path to an editable package, such as this one, is
    written and read in the encoding of the locale.
    """
    os.environ["PYTHONUTF8"] = "1"
    if not WINDOWS and locale.getencoding().upper() != "UTF-8":
        os.environ["LC_ALL"] = "C.UTF-8"


def without_caches() -> bool:
    """Tell whether installers must do without caches: there is no home, or none to write to."""
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        cache.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return True
    return not os.access(cache, os.W_OK)


def launch(arguments: list[str]) -> NoReturn:
    """Go on as the environment's Python, as if `.venv` were active."""
    os.environ["PATH"] = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    os.environ["VIRTUAL_ENV"] = str(VENV)
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        # Each start would compile all modules anew. Kept in here, they litter nobody's folders.
        os.environ["PYTHONPYCACHEPREFIX"] = str(VENV / "compiled")
    os.chdir(ROOT)
    command = [str(PYTHON), *arguments]
    if not WINDOWS:
        os.execv(PYTHON, command)
    sys.exit(subprocess.call(command))  # there, execv returns to the prompt at once


def main(arguments: list[str]) -> None:
    """Make the environment if need be, then run Python in it with these arguments, if any."""
    if sys.version_info < (3, 11):  # noqa: UP036  an older Python gets here and should be told
        sys.exit(
            f"Python 3.11 or later is needed, and {sys.executable} is {sys.version.split()[0]}: "
            "run `make PYTHON=/path/to/python3.11 …`."
        )
    speak_utf_8()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if not is_ready():
            with alone() as lock:
                if not is_ready():
                    set_up(Installer(lock))
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if arguments:
            launch(arguments)
    except KeyboardInterrupt:
        print("\nStopped; run the same command again to go on.", file=sys.stderr)
        sys.exit(130)
    except SetUpError as error:
        sys.exit(f"The environment could not be made: {error}.")
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        sys.exit(f"The environment could not be made: {error.strerror}{where}.")


if __name__ == "__main__":
    main(sys.argv[1:])
