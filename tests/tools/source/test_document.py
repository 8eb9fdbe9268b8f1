"""What of a chapter is shown, and what is refused with file and line."""

import re
from io import BytesIO

import pytest
from PIL import Image

from tests.tools.helpers import PIXELS, edit, everything, page, render, squeeze
from tools.problems import BookError
from tools.source.document import drawn_size
from tools.source.shown import png_size

CHAPTER = "chapters/es/one.qmd"


def test_cells_show_what_their_options_say(rendered):
    main = page(rendered, "es", "one").main
    text = main.get_text()
    assert "[0 2 4]" in text and "print(np.arange(base) * words.FACTOR)" in text
    assert "[never shown]" not in text and "from book import" not in text
    assert "words.moving" not in text  # echo: false
    assert main.find("strong", string="From a cell") and main.find("math")
    assert main.find(id="fig-line").img["alt"] == "A line that rises."


def test_what_moves_is_on_pages_and_its_picture_on_paper(rendered):
    main = page(rendered, "es", "one").main
    assert main.find(id="fig-moving").find(class_="moving")
    assert not main.find(id="fig-moving").img


@pytest.mark.parametrize(
    ("lang", "titles"),
    [
        ("es", ["Apunte", "Cuidado", "Importante", "Precaución"]),
        ("en", ["Remark", "Careful", "Important", "Caution"]),
    ],
)
def test_callouts_have_their_own_title_or_their_kinds_word(rendered, lang, titles):
    callouts = page(rendered, lang, "two").main.select(".callout")
    assert [c.select_one(".callout-title").get_text(strip=True) for c in callouts] == titles
    folded = page(rendered, lang, "one").main.find("details")
    assert "open" not in folded.attrs and "callout-tip" in folded["class"]
    assert "open" in callouts[2].attrs


def test_a_division_may_be_in_another_language(rendered):
    inside = page(rendered, "es", "two").main.find(lang="en")
    assert inside.get_text(strip=True) == "Always in English."


# What is written wrong (in place of what), the line it is found on, counted from the change (None:
# not told), and what the message says.
MISTAKES = {
    "unresolved reference": ("@eq-sum", "@eq-gone", 0, "unresolved reference: @eq-gone"),
    "no number": ("@sec-inner", "@sec-preface", 0, "@sec-preface has no number"),
    "words with a reference": ("@sec-inner.", "[see @sec-inner].", 0, "takes no words"),
    "suppressed": ("@sec-inner.", "[-@sec-inner].", 0, "takes no words"),
    "missing citation": ("@knuth1984", "@nobody2000", 0, "@nobody2000"),
    "reference before citation": ("; read @knuth1984", " [@knuth1984]", 0, "put a word in"),
    "dead link": ("Add 1 and 1.", "[x](gone.qmd)", 0, "dead link: gone.qmd"),
    "dead anchor": ("Add 1 and 1.", "[x](two.qmd#sec-gone)", 0, "no #sec-gone"),
    "picture": ("Add 1 and 1.", "![X](gone.png)", 0, "no page can show a picture in the text"),
    "footnote": ("Add 1 and 1.", "Add.[^1]\n\n[^1]: Why.", 0, "no page can show a footnote"),
    "quotation": ("Add 1 and 1.", "> Add.", 0, "no page can show a block quote"),
    "bad option": ("#| echo: false", "#| eco: false", 0, "unknown key: eco"),
    "bad value": ("#| echo: false", "#| echo: maybe", 0, "echo: expected `true` or `false`"),
    "broken options": ('"A line that rises."', '"A "line" that rises."', 0, "YAML"),
    "table of a cell": ("#| label: fig-line", "#| label: tbl-line", 0, "not tbl-…"),
    "no caption": ('#| fig-cap: "Se mueve."\n', "", -2, "fig-moving has no fig-cap"),
    "no alt text": ('#| fig-alt: "A line that rises."\n', "", -4, "a figure without fig-alt"),
    "two figures": ("plt.show()", "plt.show()\nplt.plot([1])\nplt.show()", None, "draws 2 figures"),
    "Markdown object": (
        "print(base + 1)",
        "from IPython.display import Markdown\nMarkdown('*x*')",
        None,
        "an output of a kind pages cannot show",
    ),
    "unknown division": ("{.callout-tip collapse", "{.callout-tipp collapse", 0, ".callout-tipp"),
    "unknown callout option": ('collapse="true"', 'icon="false"', 0, "callout option: icon"),
    "cell by hand": ("Add 1 and 1.", "::: {.cell}\nx\n:::", 0, "division: .cell"),
    "paper by hand": ("Add 1 and 1.", "::: {.only-pdf}\nx\n:::", 0, "division: .only-pdf"),
    "title by hand": ("Add 1 and 1.", "::: {.title}\nx\n:::", 0, "division: .title"),
    "visibility": (
        "Add 1 and 1.",
        '::: {.content-visible when-format="html"}\nx\n:::',
        0,
        "division: .content-visible",
    ),
    "unknown application": (
        "Add 1 and 1.",
        '::: {.app name="gone"}\nx\n:::',
        0,
        "no such application: gone",
    ),
    "unknown application option": (
        "Add 1 and 1.",
        '::: {.app name="tiny" stat="x"}\nx\n:::',
        0,
        "division: .app",
    ),
    "unknown shortcode": ("Add 1 and 1.", "{{< video x >}}", 0, "{{< video x >}}"),
    "other language": ("```{python}\nprint(np", "```{r}\nprint(np", 0, "unknown kind of cell"),
    "inline code": ("Add 1 and 1.", "Add `{python} 1 + 1`.", 0, "not executed"),
    "raw HTML": ("Add 1 and 1.", "<b>Add</b> 1.", 0, "raw html"),
    "raw anything": ("Add 1 and 1.", "`x`{=what}", 0, "raw what"),
    "unclosed block": ("El resumen está [aquí](#resumen).", "```python\nx", 0, "never closed"),
    "bad formula": ("\\sum_i x_i", "\\frac{x}", 0, "not a formula"),
    "misplaced label": ("$$ {#eq-product}", "$$\n\n{#eq-product}", 2, "follows its `$$`"),
    "second title": ("## Resumen", "# Resumen", 0, "this is the second"),
    "no title": ("# Uno {#sec-one}", "Uno", 0, "begins with its one level-1 heading"),
    "unclosed division": ("Add more.\n:::", "Add more.", -1, "this division is never closed"),
    "stray fence": ("## Aside {.unnumbered}", "## Aside {.unnumbered}\n\n:::", 2, "closes nothing"),
    "fence with words": ("Add 1 and 1.", "::: one two\nx\n:::", 0, "this begins no division"),
    "printed fence": (
        'print("**From a cell**, as it is: $x^2$.")',
        'print(":::")',
        -3,
        "in what the cell prints: this `:::` closes nothing",
    ),
    "script in a caption": (
        "Una recta, como en la @eq-sum.",
        "<script>x</script>",
        0,
        "cannot be read",
    ),
    "bold in a caption": ("Una recta, como en la @eq-sum.", "Una <b>recta</b>.", 0, "raw html"),
    "caption of spaces": ("Una recta, como en la @eq-sum.", " ", 0, "cannot be read"),
    "link to a script": ("Add 1 and 1.", "[x](javascript:alert(1))", 0, "no page may have"),
    "link to data": ("Add 1 and 1.", "[x](data:text/html,x)", 0, "no page may have: data:"),
    "link to a file": ("Add 1 and 1.", "[x](file:///etc/passwd)", 0, "no page may have: file:"),
    "unseen character": ("Add 1 and 1.", "Add\u200b 1.", 0, "nobody sees: U+200B"),
    "unknown attribute": ("Add 1 and 1.", "[x]{style=color:red}", 0, "unknown attribute: style"),
    "unlabeled kind": ("{#tbl-sizes}", "{#table-sizes}", 0, "should begin with tbl-"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_names_its_line_and_spares_the_earlier_book(book, mistake):
    old, new, offset, message = MISTAKES[mistake]
    before = everything(book / "_book")
    line = edit(book / CHAPTER, old, new)
    with pytest.raises(BookError) as stopped:
        render(book, "es")
    said = next(row for row in str(stopped.value).splitlines() if message in row)
    place = re.match(rf"{re.escape(CHAPTER)}:(\d+): ", said)
    assert place, said
    if offset is not None:
        assert int(place[1]) == line + offset, said
    assert everything(book / "_book") == before
    assert [path.name for path in book.iterdir() if path.name.startswith("._book")] == []


def test_all_mistakes_of_a_kind_are_named_at_once(book):
    edit(book / CHAPTER, "@eq-sum", "@eq-gone")
    edit(book / "chapters/en/two.qmd", "@fig-line", "@fig-gone")
    with pytest.raises(BookError) as stopped:
        render(book)
    assert [row.split(":")[0] for row in str(stopped.value).splitlines()] == [
        "chapters/en/two.qmd",
        CHAPTER,
    ]


def test_comments_are_not_shown(book):
    edit(book / CHAPTER, "Add 1 and 1.", "<!-- note to self -->\n\nAdd 1 <!-- and --> 1.")
    render(book, "es")
    text = squeeze(page(book, "es", "one").main.get_text())
    assert "Add 1 1." in text and "note to self" not in text


@pytest.mark.parametrize(("dpi", "pixels"), [(192, (50, 30)), (96, (100, 60)), (None, (100, 60))])
def test_a_picture_of_pixels_is_as_large_as_its_resolution_says(dpi, pixels) -> None:
    out = BytesIO()
    Image.new("P", (100, 60)).save(out, "PNG", **({"dpi": (dpi, dpi)} if dpi else {}))
    assert png_size(out.getvalue()) == pytest.approx(pixels, rel=1e-3)
    points = drawn_size(out.getvalue())
    assert float(points["width"]) == pytest.approx(pixels[0] * 3 / 4, rel=1e-3)
    assert float(points["height"]) == pytest.approx(pixels[1] * 3 / 4, rel=1e-3)


def test_a_picture_of_pixels_is_shown_at_its_size(book):
    edit(book / "chapters/es/one.qmd", "plt.plot([0, 1])\nplt.show()", PIXELS)
    render(book, "es")
    image = page(book, "es", "one").find(id="fig-line").img
    assert (image["src"], image["width"], image["height"]) == ("one_files/fig-line.png", "50", "30")
