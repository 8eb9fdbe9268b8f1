"""The READMEs show a picture that the project's own code draws."""

import re

from book import readme


def test_the_picture_is_the_one_that_the_code_draws() -> None:
    assert readme.PICTURE.read_text(encoding="utf-8") == readme.picture(), (
        "run `python -m book.readme`"
    )


def test_both_readmes_show_it() -> None:
    root = readme.PICTURE.parents[1]
    for name in ("README.md", "README.es.md"):
        assert "](docs/single-step.svg)" in (root / name).read_text(encoding="utf-8")


def test_their_example_runs() -> None:
    root = readme.PICTURE.parents[1]
    for name in ("README.md", "README.es.md"):
        text = (root / name).read_text(encoding="utf-8")
        (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        names: dict[str, object] = {}
        exec(example, names)
        for variable, shape in re.findall(r"^(\w+), .*# (\(.*\))$", example, re.MULTILINE):
            assert str(names[variable].shape) == shape


def test_both_give_the_same_commands() -> None:
    root = readme.PICTURE.parents[1]
    spanish, english = (
        re.findall(r"```bash\n(.*?)```", (root / name).read_text(encoding="utf-8"), re.DOTALL)
        for name in ("README.es.md", "README.md")
    )
    commands = [re.sub(r" +#.*", "", block) for block in english]
    assert [re.sub(r" +#.*", "", block) for block in spanish] == commands
    for target in ("book", "test"):
        command = next(
            c for block in english for c in block.splitlines() if f"# make {target}" in c
        )
        recipe = (root / "Makefile").read_text(encoding="utf-8")
        assert command.split("environment.py ")[1].split("  #")[0].strip() in recipe
