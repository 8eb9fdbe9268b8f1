import sys
from pathlib import Path

from playwright.sync_api import expect

HERE = Path(__file__).parent
# An application imports its own modules from its folder, as Shiny runs it; the tests share one.
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "apps" / "explorer")]
# How long a page may take on a busy machine; nothing waits this long where all is well.
expect.set_options(timeout=20_000)
