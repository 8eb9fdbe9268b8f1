import sys
from pathlib import Path

from playwright.sync_api import expect
from shiny.pytest import create_app_fixture

sys.path.insert(0, str(Path(__file__).parent))  # the tests share `independent` and `shown`
# How long a page may take on a busy machine; nothing waits this long where all is well.
expect.set_options(timeout=20_000)

# One server for all tests.
explorer_app = create_app_fixture("../../apps/explorer/app.py", scope="session")
sine_app = create_app_fixture("../../apps/sine/app.py", scope="session")
