"""What a picture shows, read back from its HTML as a reader would."""

from dataclasses import dataclass
from random import Random
from xml.etree import ElementTree

import numpy as np

from apps.explorer.page import message
from apps.explorer.visit import Visit, act
from apps.shared.words import words


def read(text: str) -> float:
    return float("nan") if text in ("", "?") else float(text.replace("−", "-"))


def close(shown, expected) -> bool:
    """Equal as far as a cell has room: two decimals below 100, one below 1000, else none."""
    shown, expected = np.asarray(shown, float), np.asarray(expected, float)
    size = np.abs(expected)
    room = np.where(size < 99.99, 0.00501, np.where(size < 999.9, 0.0501, 0.501))
    return shown.shape == expected.shape and bool((np.abs(shown - expected) <= room).all())


@dataclass
class Shown:
    """The message that a visit sends to the page, and its HTML."""

    message: dict
    scene: ElementTree.Element

    def ident(self, ident: str) -> ElementTree.Element:
        return next(node for node in self.scene.iter() if node.get("id") == ident)

    def has(self, ident: str) -> bool:
        return any(node.get("id") == ident for node in self.scene.iter())

    def text(self, ident: str) -> str:
        return "".join(self.ident(ident).itertext())

    def number(self, ident: str = "number") -> float:
        return read(self.text(ident))

    def cells(self, ident: str) -> list[list[ElementTree.Element]]:
        rows = (
            [c for c in row.iter("td") if c.get("data-at")] for row in self.ident(ident).iter("tr")
        )
        return [row for row in rows if row]

    def grid(self, ident: str) -> np.ndarray:
        return np.array([[read(cell.text or "") for cell in row] for row in self.cells(ident)])

    def volume(self, name: str, channels: int) -> np.ndarray:
        return np.stack([self.grid(f"{name}-{c}") for c in range(channels)], axis=-1)

    def marked(self, ident: str, mark: str) -> set[tuple[int, int]]:
        """The cells of a grid that carry a mark."""
        return {
            tuple(map(int, cell.get("data-at").split(",")))
            for row in self.cells(ident)
            for cell in row
            if mark in cell.get("class").split()
        }

    @property
    def sentence(self) -> str:
        return self.message["text"]["sentence"]


def show(visit: Visit) -> Shown:
    return showing("explorer", message, visit)


def showing(section: str, message, visit) -> Shown:
    said = message(visit, words(section, visit.state.lang))
    html = "".join(said["html"].values())
    return Shown(said, ElementTree.fromstring(f"<div>{html}</div>"))


def opened(query: str) -> Visit:
    """A visit that begins at an address without a mistake."""
    visit = act(Visit(), {"do": "open", "query": query})
    assert not visit.problems, visit.problems
    return visit


def do(visit: Visit, *acts: dict) -> Visit:
    """What the reader does next, one act after the other."""
    for done in acts:
        visit = act(visit, done, Random(0))
    return visit


def see(query: str) -> Shown:
    return show(opened(query))
