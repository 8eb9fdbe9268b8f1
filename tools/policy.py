"""Scripts, styles and handlers out of a page and into files, as its Content-Security-Policy asks.

Cells bring their scripts and styles along inside a page, and so do Pandoc and Quarto. With the
policy below a browser runs and loads nothing but files of this site, whatever else finds its way
into a page.
"""

import html
import re

from tools.source.kept import digest

POLICY = "default-src 'self'"
META = '<meta http-equiv="Content-Security-Policy" content="{}">\n'

SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<content>.*?)</script>", re.DOTALL)
STYLE = re.compile(r"<style\b[^>]*>(?P<content>.*?)</style>", re.DOTALL)
# A browser runs these; a script of another type is data, which no policy minds.
RUN = re.compile(r"^(?!.*\btype=)|\btype=[\"']?(?:module|(?:text|application)/javascript)\b")
TAG = re.compile(r"<[a-zA-Z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>")
ATTRIBUTE = re.compile(r"\s(?P<name>style|on[a-z]+)=(?P<quote>[\"'])(?P<value>.*?)(?P=quote)")
CLASS = re.compile(r"(\sclass=[\"'])")
LISTEN = """\
for (const element of document.querySelectorAll("[data-{name}]"))
  element.addEventListener("{event}", (event) => {{
    if ((() => {{ {code} }})() === false) event.preventDefault();
  }});
"""


def obey(page: str, folder: str, policy: str = POLICY) -> tuple[str, dict[str, bytes]]:
    """Give a page the policy; take out what it forbids.

    Returns the page, which loads that from `folder`, and the files that belong there. They are
    named after what they hold, so that pages share them.
    """
    files: dict[str, bytes] = {}
    rules: dict[str, str] = {}
    listeners: dict[str, str] = {}

    def file(content: str, ending: str) -> str:
        name = f"{digest(content)[:12]}.{ending}"
        files[name] = content.encode()
        return f"{folder}{name}"

    def script(found: re.Match[str]) -> str:
        attributes, content = found["attributes"], found["content"]
        if "src=" in attributes or not RUN.search(attributes):
            return found[0]
        return f'<script{attributes} src="{file(content, "js")}"></script>'

    def style(found: re.Match[str]) -> str:
        return f'<link rel="stylesheet" href="{file(found["content"], "css")}">'

    def tag(found: re.Match[str]) -> str:
        classes: list[str] = []

        def attribute(inner: re.Match[str]) -> str:
            value = html.unescape(inner["value"])
            name = f"{'style' if inner['name'] == 'style' else 'do'}-{digest(value)[:6]}"
            if inner["name"] == "style":
                rules[value] = f".{name} {{ {value} }}\n"
                classes.append(name)
                return ""
            listeners[value] = LISTEN.format(name=name, event=inner["name"][2:], code=value)
            return f" data-{name}"

        changed = ATTRIBUTE.sub(attribute, found[0])
        names = " ".join(classes)
        if not classes:
            return changed
        if CLASS.search(changed):
            return CLASS.sub(rf"\g<1>{names} ", changed, count=1)
        return re.sub(r"^<[^\s/>]+", rf'\g<0> class="{names}"', changed)

    page = STYLE.sub(style, SCRIPT.sub(script, page))
    # Between the scripts that are left, which hold data.
    parts = re.split(r"(<script\b.*?</script>)", page, flags=re.DOTALL)
    page = "".join(part if n % 2 else TAG.sub(tag, part) for n, part in enumerate(parts))
    foot = ""
    if rules:
        css = file("".join(rules[value] for value in sorted(rules)), "css")
        foot = f'<link rel="stylesheet" href="{css}">\n'
    page = page.replace("</head>", f"{foot}</head>", 1)
    if listeners:
        code = file("".join(listeners[value] for value in sorted(listeners)), "js")
        page = page.replace("</body>", f'<script src="{code}"></script>\n</body>', 1)
    return re.sub(
        r"<head>\s*<meta charset=[^>]*>\n?", rf"\g<0>{META.format(policy)}", page, count=1
    ), files
