import sys
from pathlib import Path

from playwright.sync_api import expect
from shiny.pytest import create_app_fixture

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # the tests share `independent` and `shown`
# How long a page may take on a busy machine; nothing waits this long where all is well.
expect.set_options(timeout=20_000)

APPS = HERE.parents[1] / "apps"
# One server for all tests.
explorer_app = create_app_fixture(APPS / "explorer" / "app.py", scope="session")
sine_app = create_app_fixture(APPS / "sine" / "app.py", scope="session")
workbench_app = create_app_fixture(APPS / "workbench" / "app.py", scope="session")
network_app = create_app_fixture(APPS / "network" / "app.py", scope="session")
