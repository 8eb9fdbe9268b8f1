"""The browser that tests of pages and applications open."""

import shutil
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
    """Take the machine's Chromium, or Playwright's own; without either, skip."""
    arguments = {**browser_type_launch_args, "args": ARGUMENTS}
    if program := next(filter(None, map(shutil.which, BROWSERS)), None):
        return {**arguments, "executable_path": program}
    playwright = request.getfixturevalue("playwright")
    if not Path(playwright.chromium.executable_path).exists():
        pytest.skip("there is no Chromium on this machine (`playwright install chromium`)")
    return arguments
