"""An application in a browser, opened once: what several tests do with it."""

import re
from collections.abc import Callable

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from shown import read

WIDTHS = (360, 640, 1000, 1280)


class Browsed:
    """One page, opened once: an address is opened in it as by the browser's back button."""

    def __init__(self, page: Page, url: str, address: Callable[[str], str]) -> None:
        self.page, self.url, self.problems = page, url, []
        self.address = address  # that the application writes for a query
        page.on("console", lambda m: self._note(m.text, m.location["url"], m.type == "error"))
        page.on("pageerror", lambda error: self._note(str(error), "", True))
        ours = re.compile(r"(http://127|data:|blob:)")
        page.on("request", lambda r: self._note("asked for", r.url, not ours.match(r.url)))
        page.on("response", lambda r: self._note("missing", r.url, r.status >= 400))
        page.goto(url)
        self.shows("")

    def _note(self, what: str, where: str, wrong: bool) -> None:
        if wrong:
            self.problems.append(f"{what} {where}")

    def shows(self, query: str) -> None:
        """Wait until the page shows the state of an address."""
        wanted = self.address(query)
        expect(self.page.locator("#app")).to_have_attribute("data-query", wanted)

    def go(self, query: str) -> None:
        self.page.evaluate(
            """query => {
                 document.activeElement.blur();
                 history.pushState(null, "", "?" + query);
                 dispatchEvent(new Event("popstate"));
               }""",
            query,
        )
        self.shows(query.replace("theme=light", "").replace("theme=dark", ""))

    def __getattr__(self, name):
        return getattr(self.page, name)

    def __getitem__(self, selector: str):
        return self.page.locator(selector)

    def set(self, key: str, value: str) -> None:
        """Type into a field, as far as its being taken."""
        self[f"#{key}"].fill(value)
        self[f"#{key}"].press("Enter")

    def choose(self, key: str, value: str) -> None:
        self.page.locator(f'#{key} input[value="{value}"]').check(force=True)

    def numbers(self, ident: str) -> np.ndarray:
        rows = self.page.evaluate(
            """ident => [...document.getElementById(ident).rows].map(row =>
                 [...row.querySelectorAll("td[data-at]")].map(cell => cell.textContent))""",
            ident,
        )
        return np.array([[read(cell) for cell in row] for row in rows if row])

    def cell(self, grid: str, at: str):
        return self.page.locator(f'#{grid} td[data-at="{at}"]')

    def focused(self) -> str:
        return self.page.evaluate(
            "document.activeElement.closest('table')?.id || document.activeElement.id"
        )

    def tab_to(self, ident: str) -> None:
        for _ in range(60):
            if self.focused() == ident:
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {ident}")

    def too_wide(self, widths: tuple[int, ...] = WIDTHS) -> list[int]:
        """The widths at which the page has to be scrolled sideways."""
        wide = []
        for width in widths:
            self.page.set_viewport_size({"width": width, "height": 640})
            if self.page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append(width)
        return wide

    def barriers(self) -> list[tuple]:
        """What axe finds that keeps someone out."""
        found = Axe().run(self.page, options={"preload": False}).response["violations"]
        return [
            (v["id"], v["impact"], [node["html"][:160] for node in v["nodes"]][:3])
            for v in found
            if v["impact"] in ("moderate", "serious", "critical")
        ]
