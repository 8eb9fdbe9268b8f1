"""The browser that the tests open pages in: found on this machine, or brought to it.

`python -m tools.browser` brings one where it may: on Debian and Ubuntu as root, or with a `sudo`
that asks for no password; elsewhere as Playwright's download. Nothing else needs a browser, so a
machine that has none is told how to get one, and its browser tests are skipped.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Where Windows and macOS keep theirs, off the path.
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
# Playwright's driver is a Node that needs the second.
APT = ("apt-get", "install", "-y", "--no-install-recommends", "chromium", "libatomic1")
# Where Playwright keeps what it has downloaded, on Linux, macOS and Windows.
CACHES = (
    "~/.cache/ms-playwright",
    "~/Library/Caches/ms-playwright",
    "~/AppData/Local/ms-playwright",
)
RELEASE = Path("/etc/os-release")
PLAYWRIGHT = (sys.executable, "-m", "playwright", "install", "chromium")


def find() -> str | None:
    """Return the program of this machine's Chromium, Chrome or Edge, if it has one."""
    named = filter(None, map(shutil.which, NAMES))
    return next(named, None) or next(filter(os.path.isfile, PLACES), None)


def downloaded() -> bool:
    """Tell whether Playwright has downloaded a Chromium of its own."""
    if own := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return any(Path(own).glob("chromium-*"))
    return any(any(Path(path).expanduser().glob("chromium-*")) for path in CACHES)


def as_root() -> list[str] | None:
    """Return what makes a command run as root, if that is allowed without a password."""
    if not hasattr(os, "geteuid"):
        return None
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    return sudo if shutil.which("sudo") and succeeds([*sudo, "true"]) else None


def has_package() -> bool:
    """Tell whether this is a Debian whose Chromium is a package: Ubuntu's stands for a snap."""
    if not shutil.which("apt-get") or not RELEASE.exists():
        return False
    return "ID=debian" in RELEASE.read_text(encoding="utf-8").splitlines()


def succeeds(command: list[str]) -> bool:
    """Run a command without a word; tell whether it worked."""
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


def bring() -> None:
    """Install Chromium, if this machine has none and there is a way."""
    if find() or downloaded():
        return
    root = as_root()
    print("No Chromium found: installing one for the tests (a minute or two)", flush=True)
    if has_package() and root is not None:
        succeeds([*root, "apt-get", "update"])
        if succeeds([*root, *APT]):
            return
    # What it needs besides, only root can install; most desktops have it.
    needs = [] if root is None or not shutil.which("apt-get") else ["--with-deps"]
    if succeeds([*PLAYWRIGHT, *needs]):
        return
    print(f"  it cannot be installed from here. {advice()}")


def advice() -> str:
    """Say which command brings a browser."""
    if has_package():
        return f"`sudo {' '.join(APT)}` installs Chromium."
    return "`.venv/bin/playwright install --with-deps chromium` installs Chromium."


if __name__ == "__main__":
    bring()
