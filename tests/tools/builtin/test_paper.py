"""The PDF of the small book, read back."""

import pypdf
import pytest

from tests.tools.helpers import squeeze


@pytest.fixture(scope="module")
def reader(rendered) -> pypdf.PdfReader:
    return pypdf.PdfReader(rendered / "_book/es/small-es.pdf")


@pytest.fixture(scope="module")
def text(reader) -> str:
    return squeeze(" ".join(sheet.extract_text() for sheet in reader.pages)).replace("- ", "")


def outline(items, depth=0) -> list[str]:
    found = []
    for item in items:
        found += outline(item, depth + 1) if isinstance(item, list) else ["  " * depth + item.title]
    return found


def test_it_says_the_same_numbers_as_the_pages(text):
    assert "figura 1.1, figura 1.2, ecuación 1.1, ecuación 1.2, tabla 1.1, ejercicio 1.1" in text
    assert "capítulo 2, figura 2.1, ecuación 2.1, tabla 2.1, ejercicio 2.1 and" in text
    for shown in ("Figura 1.1: Una recta", "Tabla 2.1: Otra.", "Ejercicio 1.1 (Suma)", "(3.1)"):
        assert shown in text
    assert "Knuth (1984) and (Ng 2017)" in text and "Literate Programming" in text


def test_it_shows_pictures_instead_of_what_moves(reader, text):
    assert "It moves on a page" not in text and "never shown" not in text
    assert "Figura 1.2: Se mueve." in text
    assert "make demo" in text  # how to see the application


def test_its_outline_has_parts_chapters_and_numbers(reader):
    assert outline(reader.outline) == [
        "Prefacio",
        "1 Uno",
        *("  1.1 Dentro", "    1.1.1 Hondo", "      1.1.1.1 Más hondo", "    1.1.2 Otro"),
        *("  Aside", "  1.2 Después", "    1.2.1 Último", "  1.3 Resumen"),
        "2 Dos",
        *("  2.1 Cuentas", "  2.2 Resumen"),
        "3 Tres",
        "Solo aquí",
        "  Sin número",
        "Referencias",
        "Soluciones",
    ]


def test_its_links_lead_to_the_right_chapter_where_two_have_the_same_heading(reader):
    """Two chapters have a section `Resumen`; each links to its own, the second to both."""
    titles = [item for item in reader.outline if not isinstance(item, list)]
    starts = {item.title: reader.get_destination_page_number(item) for item in titles}
    one, two, three = (starts[title] for title in ("1 Uno", "2 Dos", "3 Tres"))

    def led(start: int, end: int) -> list[int]:
        """Return the chapters that the last links of these pages lead to, in order."""
        notes = [
            note.get_object()
            for sheet in reader.pages[start:end]
            for note in sheet.get("/Annots", [])
        ]
        names = [n.get("/Dest") or n["/A"]["/D"] for n in notes if "/URI" not in n.get("/A", {})]
        places = [reader.named_destinations[n] if isinstance(n, str) else n for n in names]
        pages = [
            reader.get_destination_page_number(p)
            if isinstance(p, pypdf.generic.Destination)
            else reader.get_page_number(p[0].get_object())
            for p in places
        ]
        return [1 if one <= page < two else 2 if two <= page < three else 0 for page in pages]

    assert led(one, two)[-1] == 1
    assert led(two, three)[-2:] == [2, 1]


def test_it_is_a4_and_says_what_it_is(reader):
    assert reader.pages[0].mediabox.width == pytest.approx(595.28, abs=0.1)
    assert reader.metadata.title == "Libro pequeño"
    assert reader.trailer["/Root"]["/Lang"] == "es"


def test_an_exercise_and_its_solution_say_the_page_of_each_other(reader):
    pages = [squeeze(sheet.extract_text()) for sheet in reader.pages]
    exercise, solution = (
        n for n, page in enumerate(pages, 1) if "Ejercicio 3.2 (Deshacer)" in page
    )
    assert "Quita el marco" in pages[exercise - 1] and "Basta un corte" not in pages[exercise - 1]
    assert f"Solución: página {solution}" in " ".join(pages[exercise - 1 : solution - 1])
    assert "Basta un corte" in pages[solution - 1]
    assert f"Ejercicio: página {exercise}" in pages[solution - 1]


def test_a_grid_to_fill_in_is_empty(text):
    assert "maximum average" in text and "6. 8." not in text
