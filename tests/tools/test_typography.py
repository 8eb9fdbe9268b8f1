"""The spaces and places that a line does not break at, in both renderers' pages and on paper."""

import re
from pathlib import Path

import pypandoc
import pytest

FILTER = Path(__file__).resolve().parents[2] / "tools" / "typography.lua"


def convert(text: str, form: str) -> str:
    made = pypandoc.convert_text(
        text, form, format="markdown", extra_args=["--mathml", f"--lua-filter={FILTER}"]
    )
    made = re.sub(r"<math.*?</math>", "<math/>", made, flags=re.DOTALL)
    return made.replace("\n", " ").replace("~", "\xa0").strip()  # a space in Typst's writing


@pytest.mark.parametrize("form", ["html", "typst"])
def test_a_product_and_a_long_number_stay_on_one_line(form: str) -> None:
    made = convert("una de 32 × 32 × 3, son 4 718 592 en 2012 y 4 más", form)
    assert "una de 32\xa0×\xa032\xa0×\xa03, son 4\xa0718\xa0592 en 2012 y 4 más" in made


def test_it_holds_in_captions_and_where_the_source_breaks_the_line() -> None:
    made = convert("![de 3 × 3](a.png)\n\n| 2 × 2 |\n|--|\n\nfiltros de 5 ×\n5", "html")
    assert made.count("\xa0×\xa0") == 4  # the caption is the alt text too


def test_a_formula_keeps_the_punctuation_after_it() -> None:
    made = convert("con $f$, ($g$), «$h$»; $i$ y $j$.", "html")
    kept = re.findall(r'<span\s+class="together"><math/>([^<]*)</span>', made)
    assert kept == [",", "),", "»;", "."]
    assert re.sub(r"</?(p|span)[^>]*>", "", made) == (
        "con <math/>, (<math/>), «<math/>»; <math/> y <math/>."
    )
    assert "together" not in convert("con $$f$$, y", "html")  # it has a line to itself
    assert "together" not in convert("con $f$, y", "typst")
