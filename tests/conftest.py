"""The browser that tests of pages and applications open, and how the tests run."""

import signal
from pathlib import Path
from typing import Any

import pytest

from tools import browser as machine

pytest_plugins = ["tests.side_by_side", "tests.untested", "pytester"]

# A shell's background jobs ignore Ctrl+C, and so would every program that a test interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No sandbox: tests also run as root, in containers. The rest keeps Chromium off the network.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], request: pytest.FixtureRequest
) -> dict[str, Any]:
    """Take the machine's browser, or Playwright's own; without either, skip."""
    arguments = {**browser_type_launch_args, "args": ARGUMENTS}
    if program := machine.find():
        return {**arguments, "executable_path": program}
    playwright = request.getfixturevalue("playwright")
    if not Path(playwright.chromium.executable_path).exists():
        pytest.skip(f"no browser on this machine: {machine.advice()}")
    return arguments
