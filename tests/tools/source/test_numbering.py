"""Numbers, references and links of the small book, as its pages show them."""

import re

import pytest

from tests.tools.helpers import edit, page, render, squeeze
from tools.problems import BookError

WORDS = {
    "es": ["Capítulo", "Sección", "Figura", "Ecuación", "Tabla", "Ejercicio"],
    "en": ["Chapter", "Section", "Figure", "Equation", "Table", "Exercise"],
}


@pytest.fixture(params=["es", "en"])
def lang(request) -> str:
    return request.param


def in_words(text: str, lang: str) -> str:
    """Put the words of a language for their Spanish ones."""
    for spanish, word in zip(WORDS["es"], WORDS[lang], strict=True):
        # Spanish references, in the middle of a sentence, are in lower case; English ones are not.
        text = text.replace(spanish, word).replace(
            spanish.lower(), spanish.lower() if lang == "es" else word
        )
    return text


def headings(soup) -> list[str]:
    found = [squeeze(heading.get_text()) for heading in soup.main.find_all(re.compile("h[1-6]"))]
    return [re.sub(r"[^\d.]+$", "", text) or "-" for text in found]


def test_headings_are_counted_in_their_chapter_and_begin_again_below_a_higher_one(rendered, lang):
    assert headings(page(rendered, lang, "one")) == [
        *("1", "1.1", "1.1.1", "1.1.1.1", "1.1.2", "-", "1.2", "1.2.1", "1.3"),
    ]
    assert headings(page(rendered, lang, "two")) == ["2", "2.1", "2.2"]
    assert headings(page(rendered, lang, "three")) == ["3"]
    alone = {"es": "solo", "en": "only"}[lang]
    assert headings(page(rendered, lang, alone)) == ["-", "-"]
    assert headings(page(rendered, lang, "index")) == ["-"]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("one", {"fig-line": "1.1", "fig-moving": "1.2", "tbl-sizes": "1.1", "eq-sum": "1.1",
                 "eq-product": "1.2", "exr-add": "1.1", "exr-more": "1.2"}),
        ("two", {"fig-second": "2.1", "tbl-second": "2.1", "eq-second": "2.1",
                 "exr-second": "2.1"}),
        ("three", {"eq-third": "3.1"}),
    ],
)  # fmt: skip
def test_each_kind_is_counted_in_each_chapter_from_one(rendered, lang, name, numbers):
    soup = page(rendered, lang, name)
    shown = {}
    for label in numbers:
        element = soup.find(id=label)
        caption = element.find(["figcaption", "caption"]) or element
        title = element.select_one(".theorem-title") or caption
        shown[label] = re.search(r"\d+\.\d+", squeeze(title.get_text()))[0]
    assert shown == numbers


def test_captions_and_exercises_begin_with_their_number(rendered, lang):
    soup = page(rendered, lang, "one")

    def caption(label):
        return squeeze(soup.find(id=label).find(["figcaption", "caption"]).get_text())

    line = {"es": "Una recta, como en la", "en": "A line, as in"}[lang]
    assert caption("fig-line") == in_words(f"Figura 1.1: {line} ecuación 1.1.", lang)
    sizes = {"es": "Tamaños", "en": "Sizes"}[lang]
    assert caption("tbl-sizes") == in_words(f"Tabla 1.1: {sizes}.", lang)
    titles = [squeeze(e.get_text()) for e in soup.select(".exercise .theorem-title")]
    add = {"es": "Suma", "en": "Sum"}[lang]
    assert titles == [in_words(f"Ejercicio 1.1 ({add})", lang), in_words("Ejercicio 1.2", lang)]


def test_references_say_and_lead_where_their_labels_are(rendered, lang):
    links = page(rendered, lang, "one").main.select("a.crossref")
    said = [(squeeze(link.get_text()), link["href"]) for link in links]
    assert said == [
        (in_words(text, lang), address)
        for text, address in [
            ("figura 1.1", "#fig-line"),
            ("figura 1.2", "#fig-moving"),
            ("ecuación 1.1", "#eq-sum"),
            ("ecuación 1.2", "#eq-product"),
            ("tabla 1.1", "#tbl-sizes"),
            ("ejercicio 1.1", "#exr-add"),
            ("ejercicio 1.2", "#exr-more"),
            ("sección 1.1", "#sec-inner"),
            ("capítulo 2", "two.html"),
            ("figura 2.1", "two.html#fig-second"),
            ("ecuación 2.1", "two.html#eq-second"),
            ("tabla 2.1", "two.html#tbl-second"),
            ("ejercicio 2.1", "two.html#exr-second"),
            ("sección 1.2.1", "#sec-deeper"),
            ("ecuación 1.1", "#eq-sum"),
        ]
    ]
    links = page(rendered, lang, "two").main.select("a.crossref")
    assert [link["href"] for link in links] == [
        *("one.html#fig-line", "one.html#eq-product", "one.html#exr-more", "one.html#sec-deep"),
    ]


def test_links_between_chapters_are_links_between_pages(rendered, lang):
    index = page(rendered, lang, "index").main.select_one("p:not([class]) a")
    assert index["href"] == f"chapters/{lang}/one.html#sec-inner"
    summary = {"es": "resumen", "en": "summary"}[lang]
    links = [a["href"] for a in page(rendered, lang, "two").main.select("p a:not([class])")]
    assert links == ["../../index.html", f"#{summary}", f"one.html#{summary}"]


def test_a_configured_prefix_is_the_word_of_references_alone(book):
    edit(book / "_quarto-es.yml", "language:", "language:\n  crossref-eq-prefix: fórmula")
    edit(book / "_quarto-es.yml", "language:", "language:\n  crossref-fig-prefix: dibujo")
    edit(book / "chapters/es/three.qmd", "See @sec-one", "@Fig-line: see @fig-second, @sec-one")
    render(book, "es")
    text = squeeze(page(book, "es", "three").main.get_text())
    assert "Dibujo 1.1: see dibujo 2.1, capítulo 1, fórmula 3.1 and Capítulo 2" in text
    caption = page(book, "es", "one").find(id="fig-line").figcaption
    assert squeeze(caption.get_text()) == "Figura 1.1: Una recta, como en la fórmula 1.1."


def test_a_label_may_not_be_given_twice(book):
    second = book / "chapters/es/two.qmd"
    line = edit(second, "## Cuentas {#sec-counts}", "## Cuentas {#sec-inner}")
    expected = rf"chapters/es/two\.qmd:{line}: this label is also in chapters/es/one.qmd: sec-inner"
    with pytest.raises(BookError, match=expected):
        render(book, "es")


def test_of_two_equal_labels_in_one_chapter_the_second_is_named(book):
    chapter = book / "chapters/es/two.qmd"
    line = edit(chapter, "## Resumen", "## Resumen {#sec-counts}")
    with pytest.raises(BookError, match=rf"two\.qmd:{line}: this label is here twice: sec-counts"):
        render(book, "es")
