"""Style and types, as contributors check them before a commit: ruff and pyright."""

import os
import subprocess
import sys
from pathlib import Path

from playwright._impl._driver import compute_driver_executable


def main() -> int:
    """Run each check; return 0 if all of them pass."""
    # Pyright runs on Node, and Playwright has brought one.
    node = Path(compute_driver_executable()[0]).parent
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(node), os.environ["PATH"]]),
        "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
    }
    checks = (["ruff", "check"], ["ruff", "format", "--check"], ["pyright"])
    return max(
        subprocess.run([sys.executable, "-m", *check], env=environment).returncode
        for check in checks
    )


if __name__ == "__main__":
    sys.exit(main())
