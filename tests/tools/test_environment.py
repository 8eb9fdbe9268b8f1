"""The set-up, with stand-ins for what installs: each says what it was asked and does as told."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.slow  # it starts a process for each test

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "environment.py"
LOCK = """\
# compiled
contourpy==1.3.3 ; python_full_version < '3.12' \\
    --hash=sha256:aa
    # via matplotlib
contourpy==1.4.0 ; python_full_version >= '3.12' \\
    --hash=sha256:bb
quarto-cli==1.10.18 \\
    --hash=sha256:cc
    # via -r requirements.txt
uv==0.13.9 \\
    --hash=sha256:dd
"""
# Takes the place of ensurepip, pip and uv: notes the call, then acts as WHEN_x says.
STAND_IN = """\
import os, pathlib, sys
name = pathlib.Path(__file__).parent.name
lists = [pathlib.Path(a).read_text() for a in sys.argv if a.endswith(".txt")]
with open(os.environ["CALLS"], "a") as calls:
    print(name, *sys.argv[1:], *(text.replace("\\n", " ") for text in lists), file=calls)
exec(os.environ.get(f"WHEN_{name}", ""))
"""
# Says that it is at work, then waits until it may go on.
WAIT = "print('Building', flush=True); open(os.environ['GATE']).read()"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone in a folder of an awkward name, on a machine that has Quarto."""
    root = tmp_path / "cañón y más"
    (root / "tools").mkdir(parents=True)
    shutil.copy(SCRIPT, root / "tools")
    (root / "pyproject.toml").touch()
    (root / "requirements.lock").write_text(LOCK, encoding="utf-8")
    for name in ("ensurepip", "pip", "uv"):
        (tmp_path / "stand-ins" / name).mkdir(parents=True)
        (tmp_path / "stand-ins" / name / "__init__.py").touch()
        (tmp_path / "stand-ins" / name / "__main__.py").write_text(STAND_IN, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "stand-ins"))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("GATE", str(tmp_path / "gate"))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    (tmp_path / "quarto").write_text("#!/bin/sh\n")
    (tmp_path / "quarto").chmod(0o755)
    os.mkfifo(tmp_path / "gate")
    return root


def start(place: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "tools/environment.py", *arguments],
        cwd=place,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(place: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run the set-up; return its exit code and what it printed."""
    process = start(place, *arguments, **environment)
    output = process.communicate()[0]
    return process.returncode, output


def calls(place: Path) -> list[str]:
    """Take what the stand-ins were asked since the last time."""
    path = place.parent / "calls"
    asked = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return asked


HELLO = ("-c", "print('hello')")


def test_it_installs_what_the_lock_names_once_and_runs_what_follows(place: Path) -> None:
    code, output = run(place, *HELLO)
    assert code == 0 and output.endswith("hello\n")
    ensurepip, get_uv, everything, package = calls(place)
    assert ensurepip.startswith("ensurepip")
    assert get_uv.startswith("pip install") and get_uv.endswith(
        "uv==0.13.9 \\     --hash=sha256:dd "
    )
    assert everything.startswith("uv pip install") and "--require-hashes" in everything
    for hash in ("aa", "bb", "dd"):
        assert f"sha256:{hash}" in everything
    assert "quarto-cli" not in everything
    assert package.startswith("uv pip install") and package.endswith("-e .")
    assert run(place, *HELLO) == (0, "hello\n")
    assert not calls(place)


def test_what_follows_runs_as_in_the_active_environment(place: Path) -> None:
    program = "import os, sys; print(sys.prefix, os.environ['VIRTUAL_ENV'], os.getcwd())"
    _, output = run(place, "-c", program)
    assert output.splitlines()[-1] == f"{place}/.venv {place}/.venv {place}"
    assert run(place, "-c", "raise SystemExit(7)")[0] == 7


def test_where_compiled_modules_are_unwanted_they_are_kept_in_the_environment(place: Path) -> None:
    (place / "module.py").touch()
    code, _ = run(place, "-c", "import module", PYTHONDONTWRITEBYTECODE="1")
    assert code == 0
    assert not list(place.rglob("__pycache__/module.*"))
    assert list((place / ".venv").rglob("module.*.pyc"))


@pytest.mark.parametrize("variable", ["LC_ALL", "LANG"])
def test_the_locale_does_not_matter(place: Path, variable: str) -> None:
    environment = {"LC_ALL": "", "LANG": "", variable: "C"}
    program = "import locale, os; print(locale.getencoding(), os.getcwd())"
    code, output = run(place, "-c", program, **environment)
    assert code == 0
    assert output.splitlines()[-1].lower() == f"utf-8 {place}"


def test_without_uv_pip_installs_everything(place: Path) -> None:
    no_uv = "sys.argv[-1].endswith('uv.txt') and sys.exit('none for this machine')"
    code, output = run(place, WHEN_pip=no_uv)
    assert code == 0 and "with pip, which takes longer" in output
    *_, everything, package = calls(place)
    assert everything.startswith("pip install") and "sha256:bb" in everything
    assert package.startswith("pip install") and package.endswith("-e .")


def test_a_new_lock_brings_the_environment_up_to_date(place: Path) -> None:
    run(place)
    (place / ".venv" / "kept").touch()
    (place / "requirements.lock").write_text(LOCK.replace("1.4.0", "1.4.1"), encoding="utf-8")
    calls(place)
    code, output = run(place)
    assert code == 0 and "up to date" in output
    assert any("contourpy==1.4.1" in call for call in calls(place))
    assert (place / ".venv" / "kept").exists()


def test_an_update_that_fails_is_tried_again_and_spares_what_was_there(place: Path) -> None:
    run(place)
    (place / ".venv" / "kept").touch()
    (place / "requirements.lock").write_text(LOCK.replace("1.4.0", "1.4.1"), encoding="utf-8")
    assert (
        run(place, WHEN_uv="sys.exit('Failed to fetch')", WHEN_pip="sys.exit('Retrying')")[0] == 1
    )
    code, output = run(place)
    assert code == 0 and "up to date" in output
    assert (place / ".venv" / "kept").exists()


def test_a_clone_that_was_moved_is_set_up_anew(place: Path) -> None:
    run(place)
    (place / ".venv" / "of-before").touch()
    there = place.rename(place.parent / "elsewhere")
    assert run(there, *HELLO)[0] == 0
    assert not (there / ".venv" / "of-before").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(place: Path) -> None:
    run(place)
    (place / ".venv" / "bin" / "python").unlink()
    assert run(place, *HELLO)[0] == 0


@pytest.mark.parametrize("at", ["ensurepip", "pip", "uv"])
def test_killed_at_any_step_it_starts_anew(place: Path, at: str) -> None:
    process = start(place, **{f"WHEN_{at}": WAIT})
    with open(place.parent / "gate", "w"):  # opened as soon as the stand-in waits
        (place / ".venv" / "of-before").touch()
        process.kill()
        process.communicate()
    code, output = run(place, *HELLO)
    assert code == 0 and output.endswith("hello\n")
    assert not (place / ".venv" / "of-before").exists()


def test_an_installer_that_outlived_its_set_up_is_waited_for(place: Path) -> None:
    killed = start(place, WHEN_uv=WAIT)
    with open(place.parent / "gate", "w"):
        killed.kill()
        killed.wait()
        second = start(place, *HELLO)
        assert second.stdout is not None
        assert "waiting" in second.stdout.readline()
    output = second.communicate()[0]
    assert second.returncode == 0 and output.endswith("hello\n")


@pytest.mark.parametrize(
    ("signal_", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl+C", "SIGTERM"]
)
def test_stopped_it_ends_at_once_and_takes_the_installer_along(
    place: Path, signal_: signal.Signals, code: int
) -> None:
    process = start(place, WHEN_uv=WAIT)
    gate = os.open(place.parent / "gate", os.O_WRONLY)
    process.send_signal(signal_)
    output = process.communicate()[0]
    assert process.returncode == code and "Traceback" not in output
    assert ("Stopped;" in output.splitlines()[-1]) == (signal_ == signal.SIGINT)
    with pytest.raises(BrokenPipeError):
        os.write(gate, b"nobody reads this")
    os.close(gate)


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("error: failed to write: No space left on device (os error 28)", "the disk is full"),
        ("error: Read-only file system (os error 30)", "the disk cannot be written to"),
        ("error: Permission denied (os error 13)", "a folder may not be written to"),
        ("error: Hash mismatch for `jinja2==3.1.6`", "not the one that requirements.lock names"),
    ],
)
def test_what_pip_cannot_mend_ends_in_one_sentence(place: Path, printed: str, said: str) -> None:
    code, output = run(place, WHEN_uv=f"sys.exit({printed!r})")
    assert code == 1
    assert said in output.splitlines()[-1] and "Traceback" not in output and printed not in output
    assert not any(call.startswith("pip") and "contourpy" in call for call in calls(place))


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("WARNING: Retrying (Retry(total=2", "the package index cannot be reached from here."),
        ("SSLError: CERTIFICATE_VERIFY_FAILED", "set PIP_CERT to the file"),
    ],
)
def test_without_a_way_to_the_packages_it_says_so_at_once(
    place: Path, printed: str, said: str
) -> None:
    code, output = run(place, WHEN_pip=f"sys.exit({printed!r})")
    assert code == 1
    assert len(output.splitlines()) == 2 and said in output.splitlines()[-1]


@pytest.mark.parametrize("printed", ["Failed to fetch", "invalid peer certificate", "no idea"])
def test_where_uv_does_not_find_a_way_pip_may(place: Path, printed: str) -> None:
    assert run(place, *HELLO, WHEN_uv=f"sys.exit({printed!r})")[0] == 0
    assert calls(place)[-1].startswith("pip install")


@pytest.mark.parametrize(
    ("act", "said"),
    [("sys.exit('a reason of its own')", "a reason of its own"), ("os._exit(9)", "exit code 9")],
)
def test_what_nobody_foresaw_is_shown(place: Path, act: str, said: str) -> None:
    code, output = run(place, WHEN_ensurepip=act)
    assert code == 1 and said in output and "Traceback" not in output


@pytest.fixture
def module(place: Path) -> ModuleType:
    """The script, imported from the clone."""
    spec = importlib.util.spec_from_file_location("environment", place / "tools/environment.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def raising(error: BaseException) -> Callable[..., None]:
    def function(*_: object, **__: object) -> None:
        raise error

    return function


def test_a_disk_that_is_full_while_the_environment_is_made(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(28, "No space left on device", "/clone/.venv")
    monkeypatch.setattr(module.venv, "create", raising(full))
    with pytest.raises(SystemExit, match=r"made: No space left on device: /clone/\.venv\.$"):
        module.main([])


def test_an_older_python_is_told(module: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.sys, "version_info", (3, 10, 1))
    with pytest.raises(SystemExit, match=r"Python 3\.11 or later is needed, and "):
        module.main([])


def test_a_python_without_ensurepip_is_told(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SystemExit, match="sudo apt-get install python3-venv"):
        module.main([])


@pytest.mark.parametrize("home", ["/dev/null", "/proc/nowhere"])
def test_without_a_home_nothing_is_cached(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", home)
    assert module.without_caches()


def test_with_a_home_it_is_used(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "new" / "cache"))
    assert not module.without_caches()


class Asked:
    """An installer that does nothing and remembers what it was asked."""

    def __init__(self, answer: str | None = None) -> None:
        self.answer = answer
        self.asked: list[tuple[str, ...]] = []

    def run(self, *arguments: str) -> str | None:
        self.asked.append(arguments)
        return self.answer


@pytest.mark.parametrize(
    ("reached", "answer", "said"),
    [
        (True, None, "quarto-cli 1.10.18, about 130 MB"),
        (True, "HTTP Error 403", "built-in renderer"),
        (False, None, "built-in renderer"),
    ],
)
def test_quarto_is_fetched_where_it_can_be(
    module: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    reached: bool,
    answer: str | None,
    said: str,
) -> None:
    monkeypatch.setattr(module.shutil, "which", lambda *_, **__: None)
    answering = open(os.devnull, "rb")
    monkeypatch.setattr(
        module.urllib.request,
        "urlopen",
        (lambda *_, **__: answering) if reached else raising(OSError("no route")),
    )
    installer = Asked(answer)
    module.install_quarto(installer, ["pip", "install"], "quarto-cli==1.10.18 \\\n    --hash=…")
    assert said in capsys.readouterr().out
    assert installer.asked == ([("pip", "install")] if reached else [])


def test_as_on_windows_it_runs_a_child_and_gives_its_code(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WINDOWS", True)
    monkeypatch.setattr(module, "PYTHON", Path(sys.executable))
    assert module.Installer(None).run("ensurepip") is None
    with pytest.raises(SystemExit) as exit_:
        module.launch(["-c", "raise SystemExit(7)"])
    assert exit_.value.code == 7
