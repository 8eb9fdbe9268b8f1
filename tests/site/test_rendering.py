"""Each renderer makes the book: what all other tests here look at."""


def test_the_book_is_rendered(site) -> None:
    for made in ("index.html", "es/index.html", "en/index.html"):
        assert (site.root / made).is_file(), made
