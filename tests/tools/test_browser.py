"""How a machine without a browser gets one, with stand-ins for what installs it."""

import sys
from pathlib import Path

import pytest

from tools import browser

DEBIAN, UBUNTU = "ID=debian\n", 'ID=ubuntu\nID_LIKE="debian"\n'
APT, PLAYWRIGHT = "apt-get install", f"{sys.executable} -m playwright install chromium"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that describes a machine and gives the list of what is run on it."""

    def describe(release: str | None, user: str, fails: tuple[str, ...] = ()) -> list[str]:
        asked: list[str] = []

        def succeeds(command: list[str]) -> bool:
            asked.append(" ".join(command))
            if command[0] == "sudo":
                return user == "sudoer"
            return not any(name in asked[-1] for name in fails)

        programs = {"sudo"} | ({"apt-get"} if release else set())
        os_release = tmp_path / "os-release"
        os_release.write_text(release or "ID=fedora\n", encoding="utf-8")
        monkeypatch.setattr(browser, "RELEASE", os_release)
        monkeypatch.setattr(browser.os, "geteuid", lambda: 0 if user == "root" else 1000)
        monkeypatch.setattr(browser.shutil, "which", lambda name: name in programs and name)
        monkeypatch.setattr(browser, "downloaded", lambda: False)
        monkeypatch.setattr(browser, "succeeds", succeeds)
        return asked

    return describe


def test_a_machine_that_has_one_is_left_alone(machine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = machine(DEBIAN, "root")
    monkeypatch.setattr(browser, "find", lambda: "/usr/bin/chromium")
    browser.bring()
    monkeypatch.undo()
    asked += machine(DEBIAN, "root")
    monkeypatch.setattr(browser, "downloaded", lambda: True)
    browser.bring()
    assert not asked


@pytest.mark.parametrize(
    ("release", "user", "installs"),
    [
        (DEBIAN, "root", APT),
        (DEBIAN, "sudoer", f"sudo -n {APT}"),
        (DEBIAN, "user", PLAYWRIGHT),
        (UBUNTU, "root", f"{PLAYWRIGHT} --with-deps"),
        (UBUNTU, "sudoer", f"{PLAYWRIGHT} --with-deps"),
        (None, "user", PLAYWRIGHT),
    ],
)
def test_it_installs_one_where_it_may(
    machine, capsys: pytest.CaptureFixture[str], release: str | None, user: str, installs: str
) -> None:
    asked = machine(release, user)
    browser.bring()
    assert asked[-1].startswith(installs)
    assert "installing one" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("release", "command"),
    [
        (DEBIAN, "`sudo apt-get install -y --no-install-recommends chromium libatomic1`"),
        (UBUNTU, "`.venv/bin/playwright install --with-deps chromium`"),
    ],
)
def test_where_it_cannot_it_says_the_command(
    machine, capsys: pytest.CaptureFixture[str], release: str, command: str
) -> None:
    machine(release, "user", fails=("playwright",))
    browser.bring()
    assert command in capsys.readouterr().out


def test_a_failing_apt_leaves_playwrights_download(machine) -> None:
    asked = machine(DEBIAN, "root", fails=("apt-get",))
    browser.bring()
    assert asked[-1].startswith(PLAYWRIGHT)
