"""The PDF of each edition, read back."""

import pytest
from pypdf import PdfReader

WORDS = {
    "es": ("capítulo", "Figura", "ecuación", "Referencias"),
    "en": ("Chapter", "Figure", "Equation", "References"),
}
# The two renderers head the table of contents each in their own words.
CONTENTS = {"es": ("contenidos", "Índice"), "en": ("contents", "Contents")}


@pytest.fixture(params=["es", "en"])
def language(request) -> str:
    return request.param


@pytest.fixture
def pdf(site, language: str) -> PdfReader:
    return PdfReader(site.root / language / f"cnnlayers-{language}.pdf")


def test_paper_is_a4(pdf: PdfReader) -> None:
    for page in pdf.pages:
        assert [round(float(x)) for x in page.mediabox[2:]] == [595, 842]


def test_it_is_a_book_and_not_a_brick(pdf: PdfReader, site, language: str) -> None:
    assert 40 <= len(pdf.pages) <= 200
    assert (site.root / language / f"cnnlayers-{language}.pdf").stat().st_size < 5_000_000


def test_every_font_is_embedded(pdf: PdfReader) -> None:
    fonts = 0
    for page in pdf.pages:
        for font in (page["/Resources"].get("/Font") or {}).values():
            font = font.get_object()
            for part in font.get("/DescendantFonts", [font]):
                descriptor = part.get_object().get("/FontDescriptor", {})
                assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor), font
                fonts += 1
    assert fonts


def test_it_has_an_outline_with_the_chapters(pdf: PdfReader) -> None:
    titles = []

    def collect(items) -> None:
        for item in items:
            collect(item) if isinstance(item, list) else titles.append(item.title)

    collect(pdf.outline)
    assert sum("cnnlayers" in title for title in titles) >= 1  # the API page
    assert len(titles) > 20


def test_it_speaks_its_language_and_shows_the_numbers(pdf: PdfReader, language: str) -> None:
    text = "\n".join(page.extract_text() for page in pdf.pages)
    for word in WORDS[language]:
        assert word in text, word
    assert any(title in text for title in CONTENTS[language])
    for number in ("0.35608282827551285", "0.5511276474566768", "1.4524377775388075"):
        assert number in text.replace("\n", ""), number
    for raw in ("@fig-", "@sec-", "@eq-", "{#", "??", ":::"):
        assert raw not in text, raw


def test_links_inside_the_pdf_work(pdf: PdfReader) -> None:
    links = [
        note.get_object()
        for page in pdf.pages
        for note in page.get("/Annots", [])
        if note.get_object().get("/Subtype") == "/Link"
    ]
    assert len(links) > 50
