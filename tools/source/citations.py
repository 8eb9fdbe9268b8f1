"""Citations and bibliography: Pandoc's citeproc over all chapters of an edition at once."""

import json
import re

from tools.source import pandoc
from tools.source.config import Edition
from tools.source.document import Document


def cite(edition: Edition, documents: list[Document]) -> None:
    """Fill in every citation, and the bibliography where the division `refs` stands."""
    if not edition.bibliography:
        return
    wrapped = [
        pandoc.div(pandoc.attr(f"document-{index}"), document.blocks)
        for index, document in enumerate(documents)
    ]
    options = [f"--bibliography={edition.root / name}" for name in edition.bibliography]
    if edition.csl:
        options.append(f"--csl={edition.root / edition.csl}")
    meta = {"lang": edition.lang, "link-citations": "true"}
    whole = json.loads(pandoc.document(wrapped, meta))
    whole["meta"]["link-citations"] = {"t": "MetaBool", "c": True}
    made, warnings = pandoc.run(
        json.dumps(whole), "-f", "json", "-t", "json", "--citeproc", *options
    )
    for warning in warnings:
        missing = re.search(r"citation (\S+) not found", warning)
        if missing:
            for document in documents:
                if cites(document, missing[1]):
                    document.chapter.problem(
                        f"citation not found in the bibliography: @{missing[1]}",
                        rf"@\{{?{re.escape(missing[1])}(?![\w-])",
                    )
        else:
            documents[0].chapter.problem(warning)
    blocks = json.loads(made)["blocks"]
    home = next((d for d in documents if has_bibliography(d)), None)
    for document, block in zip(documents, blocks, strict=False):
        document.blocks = block["c"][1]
    if len(blocks) > len(documents) and home is None:
        documents[-1].chapter.problem(
            "no chapter has a division `::: {#refs}` for the bibliography"
        )
    for document in documents:
        source = home.source if home else document.source

        def address(node: pandoc.Node, source: str = source) -> None:
            if node["t"] == "Link" and node["c"][2][0].startswith("#ref-"):
                node["c"][2][0] = f"book:{source}{node['c'][2][0]}"

        document.blocks = pandoc.walk(document.blocks, address)


def cites(document: Document, key: str) -> bool:
    """Tell whether a document cites a key."""
    return any(
        citation["citationId"] == key
        for node in pandoc.nodes(document.blocks)
        if node["t"] == "Cite"
        for citation in node["c"][0]
    )


def has_bibliography(document: Document) -> bool:
    """Tell whether a document holds the division that the bibliography goes into."""
    return any(
        node["t"] == "Div" and node["c"][0][0] == "refs" for node in pandoc.nodes(document.blocks)
    )
