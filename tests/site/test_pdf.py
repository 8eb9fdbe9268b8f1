"""The PDF of each edition, read back."""

import shutil
import subprocess

import pytest
from PIL import Image
from pypdf import PdfReader

from tests.site.conftest import ROOT
from tools.source import config

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
    assert 40 <= len(pdf.pages) <= 240
    most = {"builtin": 3_000_000, "quarto": 5_000_000}[site.renderer]
    assert (site.root / language / f"cnnlayers-{language}.pdf").stat().st_size < most


def test_a_screen_reader_can_read_it(pdf: PdfReader, site, language: str) -> None:
    root = pdf.trailer["/Root"]
    assert root["/Lang"].startswith(language)
    assert root["/MarkInfo"]["/Marked"]
    figures, formulas = [], []

    def collect(element) -> None:
        element = element.get_object()
        if isinstance(element, list):
            for child in element:
                collect(child)
        elif isinstance(element, dict):
            kinds = {"/Figure": figures, "/Formula": formulas}
            kinds.get(element.get("/S"), []).append(element)
            if "/K" in element:
                collect(element["/K"])

    collect(root["/StructTreeRoot"]["/K"])
    assert len(figures) > 20 and all(figure.get("/Alt") for figure in figures)
    if site.renderer == "builtin":
        # Typst itself refuses to write PDF/UA where a rule of it that it knows is broken.
        assert b"pdfuaid:part" in root["/Metadata"].get_data()
        assert len(formulas) > 100 and all(formula.get("/Alt") for formula in formulas)


def test_no_page_within_a_chapter_is_a_third_empty(
    pdf: PdfReader, site, language: str, tmp_path
) -> None:
    if site.renderer == "quarto":
        pytest.skip("Quarto's template places figures by itself")
    if not shutil.which("pdftoppm"):
        pytest.skip("pdftoppm draws the pages: it is in the package poppler-utils")
    path = site.root / language / f"cnnlayers-{language}.pdf"
    command = ["pdftoppm", "-r", "20", "-gray", path, tmp_path / "page"]
    subprocess.run(command, check=True)
    before_a_chapter = {
        pdf.get_destination_page_number(entry) - 1
        for entry in pdf.outline
        if not isinstance(entry, list)
    }
    edition = next(one for one in config.editions(ROOT) if one.name == language)
    parts = {page.part for page in edition.pages}
    before_a_part = {n - 1 for n, page in enumerate(pdf.pages) if page.extract_text() in parts}
    empty = []
    for n, drawn in enumerate(sorted(tmp_path.glob("page*"))):
        with Image.open(drawn) as page:
            top, bottom = page.height * 2.8 / 29.7, page.height * (1 - 2.6 / 29.7)
            body = page.crop((0, int(top), page.width, int(bottom)))
            # What is darker than the lightest gray of a listing's frame.
            ink = body.point(lambda gray: 255 if gray < 200 else 0).getbbox()
        last = n in before_a_chapter or n in before_a_part or n == len(pdf.pages) - 1
        if not last and (ink is None or ink[3] < body.height * 2 / 3):
            empty.append(n + 1)
    assert not empty


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
