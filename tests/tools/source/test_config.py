"""The configuration as Quarto reads it, and its mistakes."""

import pytest

from tests.tools.helpers import edit, put
from tools.problems import BookError
from tools.source import config


def editions(book):
    return {edition.name: edition for edition in config.editions(book)}


def test_what_an_edition_is(new_book):
    spanish = editions(new_book)["es"]
    assert spanish.title == "Libro pequeño" and spanish.subtitle == "Para probar"
    assert (spanish.folder, spanish.pdf, spanish.toc_depth) == ("es", "small-es.pdf", 3)
    assert spanish.authors == ["Somebody"] and spanish.bibliography == ["references.bib"]
    assert [(page.source, page.output, page.part) for page in spanish.pages] == [
        ("index.qmd", "index.html", None),
        ("chapters/es/one.qmd", "chapters/es/one.html", "Primera parte"),
        ("chapters/es/two.qmd", "chapters/es/two.html", "Primera parte"),
        ("chapters/es/three.qmd", "chapters/es/three.html", "Segunda parte"),
        ("chapters/es/solo.qmd", "chapters/es/solo.html", None),
        ("chapters/es/references.qmd", "chapters/es/references.html", None),
    ]
    english = editions(new_book)["en"]
    assert (english.pages[0].source, english.pages[0].output) == ("index.en.qmd", "index.html")


def test_lists_of_a_profile_are_joined_to_those_of_the_book(new_book):
    put(new_book / "more.bib", "")
    edit(new_book / "_quarto-es.yml", "lang: es", "lang: es\nbibliography: [more.bib]")
    edit(new_book / "_quarto.yml", "references.bib", "[references.bib]")
    found = editions(new_book)
    assert found["es"].bibliography == ["references.bib", "more.bib"]
    assert found["en"].bibliography == ["references.bib"]


def test_mappings_are_merged_deeply(new_book):
    edit(new_book / "_quarto-es.yml", "lang: es", "lang: es\nformat:\n  html:\n    x: 1")
    assert editions(new_book)["es"].toc_depth == 3
    edit(new_book / "_quarto-es.yml", "x: 1", "toc-depth: 2")
    found = editions(new_book)
    assert (found["es"].toc_depth, found["en"].toc_depth) == (2, 3)


def test_words_of_the_configuration_take_the_place_of_the_tables(new_book):
    words = editions(new_book)["es"].words
    assert words["callout-note-title"] == "Apunte"
    assert words["callout-tip-title"] == "Consejo"


# The file, what is written in place of what, the line counted from the change, the message.
MISTAKES = {
    "broken YAML": ("_quarto.yml", "project:", "project: [", None, "YAML"),
    "a list": ("_quarto-es.yml", "lang: es\n", "- lang\n- es\n", None, "YAML"),
    "no editions": ("_quarto.yml", "group: [es, en]", "groop: [es, en]", -1, "`group` is missing"),
    "group is a word": ("_quarto.yml", "[es, en]", "es", 0, "the names of the editions"),
    "an edition without a file": ("_quarto.yml", "[es, en]", "[es, fr]", 0, "no file _quarto-fr"),
    "profile is a word": ("_quarto.yml", "\n  group: [es, en]", " es", 0, "profile: expected"),
    "book is a word": ("_quarto-es.yml", "book:", "book: hello\nold:", 0, "book: expected"),
    "no title": ("_quarto-es.yml", "  title:", "  titel:", -1, "`title` is missing"),
    "no chapters": ("_quarto-es.yml", "  chapters:", "  chaptres:", None, "`chapters` is missing"),
    "a number as title": ("_quarto-es.yml", '"Libro pequeño"', "7", 0, "the title of the book"),
    "a chapter is null": ("_quarto-es.yml", "- index.qmd", "-", 0, "a chapter's file"),
    "chapters is a word": ("_quarto-es.yml", "  chapters:\n", "  chapters: all\n  old:\n", 0,
                           "a list of chapters"),
    "a part without title": ("_quarto-es.yml", "- part:", "- prat:", 0, "`part` is missing"),
    "a missing chapter": ("_quarto-es.yml", "es/two.qmd", "es/gone.qmd", 0, "es/gone.qmd"),
    "a missing bibliography": ("_quarto.yml", "references.bib", "gone.bib", 0, "gone.bib"),
    "an unknown language": ("_quarto-es.yml", "lang: es", "lang: fr", 0, "no words for"),
    "a depth in words": ("_quarto.yml", "toc-depth: 3", "toc-depth: deep", 0, "from 1 to 6"),
    "a file outside": ("_quarto-es.yml", "small-es", "../../x", 0, "a file's name"),
    "a chapter twice": ("_quarto-es.yml", "es/two.qmd", "es/one.qmd", 0, "is here a second time"),
    "another's folder": ("_quarto-en.yml", "_book/en", "_book/es", 0, "the folder of another: es"),
    "the demos' folder": ("_quarto-en.yml", "_book/en", "_book/apps", 0, "the applications"),
    "a folder outside": ("_quarto-en.yml", "_book/en", "../../x", 0, "a folder of this project"),
    "a chapter outside": ("_quarto-es.yml", "chapters/es/two.qmd", "../two.qmd", 0, "a chapter's"),
    "a key twice": ("_quarto-es.yml", "lang: es\n", "lang: es\nlang: es\n", 1, "a second time"),
    "a part of itself": ("_quarto.yml", "project:", "x: &x [*x]\nproject:", 0, "a part of itself"),
    "never closed": ("_quarto.yml", "[es, en]", "[es, en", 0, "YAML"),
    "a tag": ("_quarto.yml", "type: book", "type: !!python/name:os.system x", 0, "YAML"),
    "no .bib": ("_quarto.yml", "references.bib", "book", 0, "such as `references.bib`"),
    "front matter": ("index.en.qmd", "output-file", "output-fiel", 0, "unknown key: output-fiel"),
    "odd front matter": ("index.en.qmd", "output-file: index", "- a", 0, "`key: value` lines"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_names_its_file_and_line(new_book, mistake):
    name, old, new, offset, message = MISTAKES[mistake]
    line = edit(new_book / name, old, new)
    with pytest.raises(BookError) as stopped:
        config.editions(new_book)
    assert message in str(stopped.value)
    if offset is not None:
        assert f"{name}:{line + offset}: " in str(stopped.value)


def test_keys_may_be_quoted(new_book):
    edit(new_book / "_quarto-es.yml", "lang: es\n", '"lang": es\n')
    edit(new_book / "_quarto.yml", "profile:", "'profile':")
    assert editions(new_book)["es"].lang == "es"


def test_yes_and_no_are_words(new_book):
    edit(new_book / "_quarto-es.yml", '"Libro pequeño"', "no")
    assert editions(new_book)["es"].title == "no"


@pytest.mark.parametrize("nothing", ["", "# a comment\n", "---\n", "null\n"])
def test_an_empty_configuration_says_what_is_missing(new_book, nothing):
    put(new_book / "_quarto.yml", nothing)
    with pytest.raises(BookError, match=r"_quarto\.yml:1: `profile` is missing"):
        config.editions(new_book)


@pytest.mark.parametrize("name", ["_quarto.yml", "_quarto-en.yml", "chapters/es/two.qmd"])
def test_a_folder_in_the_place_of_a_file_is_named(new_book, name):
    (new_book / name).unlink()
    (new_book / name).mkdir()
    with pytest.raises(BookError, match=r"cannot be read: Is a directory|chapter not found"):
        config.editions(new_book)


def test_a_file_that_is_not_utf_8_is_named_with_its_line(new_book):
    (new_book / "_quarto-es.yml").write_bytes("lang: es\nx: ñ".encode("latin-1"))
    with pytest.raises(BookError, match=r"_quarto-es\.yml:2: this is not UTF-8"):
        config.editions(new_book)


def test_the_variables_of_the_environment_have_defaults(new_book):
    put(new_book / "_environment", "# the clock\n\nSOURCE_DATE_EPOCH = 7\nX=a=b\n")
    assert config.fixed(new_book) == {"SOURCE_DATE_EPOCH": "7", "PYTHONHASHSEED": "0", "X": "a=b"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("X", "expected `NAME=value`, found X"),
        ("=1", "expected `NAME=value`"),
        ("SOURCE_DATE_EPOCH=today", "SOURCE_DATE_EPOCH: expected a number from 0 to .*found today"),
        ("PYTHONHASHSEED=random", "PYTHONHASHSEED: expected a number"),
        ("PYTHONHASHSEED=4294967296", "PYTHONHASHSEED: expected a number from 0 to 4294967295"),
    ],
)
def test_a_wrong_variable_is_named_with_its_line(new_book, line, message):
    put(new_book / "_environment", f"# the clock\n{line}\n")
    with pytest.raises(BookError, match=rf"^_environment:2: {message}"):
        config.fixed(new_book)
