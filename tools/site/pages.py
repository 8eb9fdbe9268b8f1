"""What every page says of itself: in its head to machines, at its end to readers.

The renderers' pages are completed after they are written, so both say the same.
"""

import html
import json
import posixpath
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import panflute as pf

from tools.site.address import BRANCH, NOTEBOOKS, Addresses, History
from tools.source import pandoc
from tools.source.config import Edition
from tools.source.prepare import Prepared

FOLDER = "site"  # in `_book/`: what all pages load
MARK = '<meta name="generator" content="cnnlayers">'  # of a page that is complete
LONGEST = 160  # characters of a description, as search engines show them
LOCALES = {"es": "es_ES", "en": "en_US"}


@dataclass(frozen=True)
class Entry:
    """A page of the book: where it stands, and what is known of it."""

    edition: Edition
    output: str
    source: str
    title: str
    description: str
    position: int
    has_notebook: bool

    @property
    def path(self) -> str:
        """Its path in the site; the way to a folder stands for its `index.html`."""
        return f"{self.edition.folder}/{self.output}".removesuffix("index.html")

    @property
    def key(self) -> str:
        """What it has in common with the same page in other languages."""
        parts = posixpath.normpath(self.output).split("/")
        return "/".join(part for part in parts if part != self.edition.name)


def entries(edition: Edition, prepared: list[Prepared]) -> list[Entry]:
    """List the pages of an edition."""
    return [
        Entry(
            edition=edition,
            output=one.page.output,
            source=one.page.source,
            title=one.title if position else edition.title,
            description=description(edition, one) if position else edition.subtitle,
            position=position,
            has_notebook=bool(one.chapter.cells),
        )
        for position, one in enumerate(prepared)
    ]


def description(edition: Edition, prepared: Prepared) -> str:
    """Take the beginning of a page's first paragraph."""
    for block in prepared.tree().content[1:]:
        if isinstance(block, pf.Para) and (text := " ".join(pandoc.plain(block).split())):
            return text if len(text) <= LONGEST else text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
    return edition.subtitle


def complete(
    entry: Entry,
    versions: list[Entry],
    site_root: Path,
    known: Addresses,
    past: History,
    version: str,
) -> None:
    """Complete a page that a renderer has written; `versions` has it in every language."""
    path = site_root / entry.edition.folder / entry.output
    text = path.read_text(encoding="utf-8")
    if MARK in text or "</head>" not in text or "</main>" not in text:
        return
    up = "../" * (entry.output.count("/") + 1)
    text = re.sub(r'<meta name="generator"[^>]*>\n?', "", text)
    if entry.description:
        text = re.sub(r'<meta name="description"[^>]*>\n?', "", text)
    if known.site:  # whole addresses take the place of relative ones
        text = re.sub(r'<link rel="alternate" hreflang=[^>]*>\n?', "", text)
    end = text.index("</head>")
    text = text[:end] + head(entry, versions, up, known) + text[end:]
    navigation = '<nav class="page-navigation"'
    at = text.index(navigation) if navigation in text else text.rindex("</main>")
    path.write_text(text[:at] + foot(entry, known, past, version) + text[at:], encoding="utf-8")


def head(entry: Entry, versions: list[Entry], up: str, known: Addresses) -> str:
    """Write what stands in a page's head."""
    words = entry.edition.words
    script = {"data-link": words["link-here"], "data-tex": words["copy-tex"],
              "data-copied": words["copy-button-tooltip-success"]}  # fmt: skip
    lines = [
        MARK,
        tag("meta", name="description", content=entry.description) if entry.description else "",
        tag("link", rel="stylesheet", href=f"{up}{FOLDER}/site.css"),
        tag("script", src=f"{up}{FOLDER}/site.js", defer="", **script) + "</script>",
    ]
    if known.site:
        here = f"{known.site}/{entry.path}"
        card = f"{known.site}/{FOLDER}/card-{entry.edition.lang}.png"
        lines += [tag("link", rel="canonical", href=here)]
        places = [(version.edition.lang, version.path) for version in versions]
        for language, place in [*places, ("x-default", places[0][1])]:
            address = f"{known.site}/{place}"
            lines.append(tag("link", rel="alternate", hreflang=language, href=address))
        graph = {
            "og:type": "article" if entry.position else "book",
            "og:title": entry.title,
            "og:description": entry.description,
            "og:url": here,
            "og:site_name": entry.edition.title,
            "og:locale": LOCALES.get(entry.edition.lang, entry.edition.lang),
            "og:image": card,
            "og:image:width": "1200",
            "og:image:height": "630",
            "og:image:alt": words["cover-alt"],
        }
        lines += [tag("meta", property=name, content=content) for name, content in graph.items()]
        lines.append(tag("meta", name="twitter:card", content="summary_large_image"))
        data = json.dumps(structured(entry, known), ensure_ascii=False).replace("<", "\\u003c")
        lines.append(f'<script type="application/ld+json">{data}</script>')
    return "".join(f"{line}\n" for line in lines if line)


def structured(entry: Entry, known: Addresses) -> dict[str, object]:
    """Describe a page in the terms of schema.org."""
    edition = entry.edition
    book: dict[str, object] = {
        "@type": "Book",
        "name": edition.title,
        "inLanguage": edition.lang,
        "url": f"{known.site}/{edition.folder}/",
        "author": [{"@type": "Organization", "name": name} for name in edition.authors],
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    if not entry.position:
        return {"@context": "https://schema.org", **book, "description": entry.description}
    return {
        "@context": "https://schema.org",
        "@type": "Chapter",
        "name": entry.title,
        "position": entry.position,
        "description": entry.description,
        "inLanguage": edition.lang,
        "url": f"{known.site}/{entry.path}",
        "isPartOf": book,
    }


def foot(entry: Entry, known: Addresses, past: History, version: str) -> str:
    """Write what stands at a page's end: its source, its age, how to cite it."""
    words, edition = entry.edition.words, entry.edition
    links: list[str] = []
    if known.repository:
        source = f"{known.repository}/edit/{BRANCH}/{quote(entry.source)}"
        about = f"[{edition.lang}] {entry.title}"
        issue = f"{known.repository}/issues/new?title={quote(about)}"
        links += [link(source, words["edit-page"]), link(issue, words["report-mistake"])]
    if entry.has_notebook and (name := known.on_github):
        there = f"{edition.folder}/{entry.output.removesuffix('.html')}.ipynb"
        colab = f"https://colab.research.google.com/github/{name}/blob/{NOTEBOOKS}/{there}"
        binder = f"https://mybinder.org/v2/gh/{name}/{NOTEBOOKS}?labpath={quote(there, safe='')}"
        links += [link(colab, "Colab"), link(binder, "Binder")]
    links.append(f'<button type="button" class="print">{html.escape(words["print"])}</button>')
    facts = [f"cnnlayers {version}"]
    if past.commit:
        facts.append(f"{words['built-from']} {past.commit}")
    if day := past.changed.get(entry.source):
        facts.append(f'{words["last-changed"]} <time datetime="{day}">{day}</time>')
    cite = html.escape(bibtex(entry, known, past))
    return (
        f'<section class="about-page" aria-label="{html.escape(words["about-page"])}">\n'
        f"<p>{' · '.join(links)}</p>\n"
        f'<details class="cite"><summary>{html.escape(words["cite"])}</summary>'
        f'<pre tabindex="0">{cite}</pre><button type="button" class="copy-cite">'
        f"{html.escape(words['copy-button-tooltip'])}</button></details>\n"
        f'<p class="facts">{" · ".join(facts)}</p>\n</section>\n'
    )


def bibtex(entry: Entry, known: Addresses, past: History) -> str:
    """Cite a chapter, or the book."""
    edition = entry.edition
    name = posixpath.basename(entry.output).removesuffix(".html")
    year = max(past.changed.values(), default="")[:4]
    fields = {
        "author": " and ".join(f"{{{author}}}" for author in edition.authors),
        "title": re.sub(r"^[\d.]+\s+", "", entry.title),
        "booktitle": edition.title if entry.position else "",
        "year": year,
        "url": f"{known.site}/{entry.path}" if known.site else "",
    }
    lines = [f"  {key} = {{{value}}}," for key, value in fields.items() if value]
    kind = "incollection" if entry.position else "book"
    return "\n".join([f"@{kind}{{cnnlayers-{edition.lang}-{name},", *lines, "}"])


def link(address: str, text: str) -> str:
    """Write a link."""
    return f'<a href="{html.escape(address)}">{html.escape(text)}</a>'


def tag(name: str, /, **attributes: str) -> str:
    """Write a start tag."""
    written = "".join(f' {key}="{html.escape(value)}"' for key, value in attributes.items())
    return f"<{name}{written}>"
