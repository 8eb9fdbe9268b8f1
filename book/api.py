"""The reference of the package, from its docstrings."""


def api_page() -> None:
    """Print the API reference as Markdown."""
    print("::: {lang=en}\n:::")
