"""The READMEs show a picture that the project's own code draws."""

from book import readme


def test_the_picture_is_the_one_that_the_code_draws() -> None:
    assert readme.PICTURE.read_text(encoding="utf-8") == readme.picture(), (
        "run `python -m book.readme`"
    )


def test_both_readmes_show_it() -> None:
    root = readme.PICTURE.parents[1]
    for name in ("README.md", "README.es.md"):
        assert "](docs/single-step.svg)" in (root / name).read_text(encoding="utf-8")
