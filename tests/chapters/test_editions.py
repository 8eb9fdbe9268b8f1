"""The Spanish and the English edition are the same book: only the prose differs."""

import re
from pathlib import Path

import pytest

from tests.chapters.structure import ROOT, differences, outline, pairs, prose

PAIRS = pairs()
PAGES = [page for pair in PAIRS for page in pair]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_both_editions_have_the_same_files() -> None:
    spanish = {path.name for path in (ROOT / "chapters/es").iterdir()}
    english = {path.name for path in (ROOT / "chapters/en").iterdir()}
    assert spanish == english


def test_both_tables_of_contents_list_the_same_chapters_in_the_same_order() -> None:
    def chapters(language: str) -> list[str]:
        text = (ROOT / f"_quarto-{language}.yml").read_text(encoding="utf-8")
        return [path.split("/")[-1] for path in re.findall(r"- (chapters/\S+\.qmd)", text)]

    assert chapters("es") == chapters("en")
    assert sorted(chapters("es")) == sorted(p.name for p in (ROOT / "chapters/es").glob("*.qmd"))


@pytest.mark.parametrize(("spanish", "english"), PAIRS, ids=[p[0].stem for p in PAIRS])
def test_a_page_and_its_twin_differ_in_prose_alone(spanish: Path, english: Path) -> None:
    found = differences(spanish.read_text(encoding="utf-8"), english.read_text(encoding="utf-8"))
    assert not found, f"{name(spanish)} and {name(english)}:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda s: re.sub(r"\n## [^\n]*#sec-pooling-summary.*", "\n", s, flags=re.S),
            "sec-pooling-summary",
        ),
        (lambda s: s.replace("{#sec-pooling-summary}", "{#sec-pooling-end}"), "sec-pooling-end"),
        (lambda s: s.replace("np.random.seed(1)", "np.random.seed(2)", 1), "np.random.seed(2)"),
        (lambda s: s.replace("{.callout-", "{.callout-other-", 1), "callout-other-"),
        (lambda s: re.sub(r"\[@\w+[^\]]*\]", "", s), "citation"),
    ],
    ids=["section deleted", "label renamed", "cell changed", "callout changed", "citations lost"],
)
def test_a_change_in_one_edition_alone_is_found_and_named(change, said: str) -> None:
    spanish = (ROOT / "chapters/es/pooling.qmd").read_text(encoding="utf-8")
    english = (ROOT / "chapters/en/pooling.qmd").read_text(encoding="utf-8")
    changed = change(english)
    assert changed != english
    assert said in "\n".join(differences(spanish, changed))


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_every_figure_has_a_label_a_caption_and_an_alt_text(path: Path) -> None:
    for item in outline(path.read_text(encoding="utf-8")):
        if item.kind == "cell" and re.search(r"figures\.\w+\(|plt\.show\(\)", item.value):
            where = f"{name(path)}, {item}"
            cell = next(
                c
                for c in re.findall(r"```\{python\}\n(.*?)```", path.read_text("utf-8"), re.S)
                if item.value.strip()
                in re.sub(r"^#\| (fig-cap|fig-alt|tbl-cap):.*\n", "", c, flags=re.M)
            )
            for option in ("label: fig-", "fig-cap: ", "fig-alt: "):
                assert f"#| {option}" in cell, f"{where} has no {option}"


COMMON_SPANISH = set(
    "el la los las de que y un una es se por para con del como más pero sus".split()
)
COMMON_ENGLISH = set("the of and to is in that it for with as are this which be on not by".split())


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_no_sentence_is_in_the_other_language(path: Path) -> None:
    english = "en" in (path.parent.name, path.stem.split(".")[-1])
    own, other = (COMMON_ENGLISH, COMMON_SPANISH) if english else (COMMON_SPANISH, COMMON_ENGLISH)
    for sentence in re.split(r"(?<=[.?!:])\s|\n\n", prose(path.read_text(encoding="utf-8"))):
        words = re.findall(r"[^\W\d_]+", sentence.lower())
        foreign = sum(word in other for word in words)
        assert foreign < 3 or foreign < sum(word in own for word in words), (
            f"{name(path)}: {sentence.strip()!r}"
        )
