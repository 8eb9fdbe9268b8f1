"""A small book in two editions, to render and to break."""

import shutil
from pathlib import Path

import pytest

from tools import build

CELL = """\
```{python}
#| include: false
from book import words
```

```{python}
import numpy as np

print(np.arange(3) * words.FACTOR)
```

```{python}
#| label: fig-line
#| echo: false
#| fig-cap: "CAPTION"
#| fig-alt: "A line that rises."
import matplotlib.pyplot as plt

plt.plot([0, 1])
plt.show()
```
"""

FIRST = """\
# TITLE {#sec-first}

See @fig-line, @eq-sum, @tbl-sizes, @exr-add, @sec-inner and @sec-second; read @knuth1984.

## INNER {#sec-inner}

$$
a = \\sum_i x_i
$$ {#eq-sum}

| a | b |
|:--|:--|
| 1 | 2 |

: SIZES {#tbl-sizes}

CELLS

::: {#exr-add}
## SUM
Add 1 and 1.
:::

::: {.callout-tip collapse="true"}
## SOLUTION
It is 2.[^why]

```{python}
assert 1 + 1 == 2
```
:::

[^why]: Count.

::: {.content-visible when-format="html"}
Only on a page.
:::

::: {.content-visible unless-format="html"}
Only on paper.
:::
"""

SECOND = """\
# TITLE {#sec-second}

::: {.callout-note}
BODY
:::

Back to @fig-line and to [the preface](../../PREFACE).
"""

FILES = {
    "_quarto.yml": """\
project:
  type: book
profile:
  group: [es, en]
bibliography: references.bib
number-sections: true
""",
    "references.bib": """\
@article{knuth1984, author = {Knuth, Donald E.}, title = {Literate Programming}, year = {1984},
  journal = {The Computer Journal}, volume = {27}, number = {2}, pages = {97--111}}
""",
    "book/__init__.py": "",
    "book/words.py": "FACTOR = 2\n",
    "src/cnnlayers/__init__.py": "",
    "index.qmd": "# Prefacio {.unnumbered}\n\nHola, [primero](chapters/es/first.qmd#sec-inner).\n",
    "index.en.qmd": """\
---
output-file: index
---

# Preface {.unnumbered}

Hello, [first](chapters/en/first.qmd#sec-inner).
""",
}


def profile(lang: str, preface: str) -> str:
    """Return the configuration of one edition."""
    return f"""\
lang: {lang}
project:
  output-dir: _book/{lang}
book:
  title: "Book {lang}"
  subtitle: "Small"
  author: "Somebody"
  output-file: small-{lang}
  chapters:
    - {preface}
    - part: "Part"
      chapters:
        - chapters/{lang}/first.qmd
    - chapters/{lang}/second.qmd
    - chapters/{lang}/references.qmd
"""


def words(text: str, **replaced: str) -> str:
    """Put the words of one language into a chapter."""
    for word, replacement in replaced.items():
        text = text.replace(word, replacement)
    return text


def write(root: Path) -> None:
    """Write the sources of a small book that is in order."""
    files = dict(FILES)
    for lang, preface in (("es", "index.qmd"), ("en", "index.en.qmd")):
        spanish = lang == "es"
        files[f"_quarto-{lang}.yml"] = profile(lang, preface)
        cells = words(CELL, CAPTION="Una recta." if spanish else "A line.")
        files[f"chapters/{lang}/first.qmd"] = words(
            FIRST,
            TITLE="Primero" if spanish else "First",
            INNER="Dentro" if spanish else "Inside",
            SIZES="Tamaños." if spanish else "Sizes.",
            SUM="Suma" if spanish else "Sum",
            SOLUTION="Solución" if spanish else "Solution",
            CELLS=cells,
        )
        files[f"chapters/{lang}/second.qmd"] = words(
            SECOND,
            TITLE="Segundo" if spanish else "Second",
            BODY="Cuerpo." if spanish else "Body.",
            PREFACE=preface,
        )
        title = "Referencias" if spanish else "References"
        files[f"chapters/{lang}/references.qmd"] = (
            f"# {title} {{.unnumbered}}\n\n::: {{#refs}}\n:::\n"
        )
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small book that was rendered once; not to be changed."""
    root = tmp_path_factory.mktemp("rendered") / "book"
    write(root)
    build.build(root, "builtin", None, root / "_book")
    return root


@pytest.fixture
def book(rendered: Path, tmp_path: Path) -> Path:
    """Return a copy of the rendered book, to change."""
    root = tmp_path / "book"
    shutil.copytree(rendered, root)
    return root


@pytest.fixture
def new_book(tmp_path: Path) -> Path:
    """Return the sources alone of the small book."""
    root = tmp_path / "book"
    write(root)
    return root
