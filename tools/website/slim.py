"""Sphinx extension: the theme's styles keep the rules that can match something on the site, its icons' font what is shown.

The theme brings a framework of which the site uses a fourth, and two thousand icons of which it uses twenty. The site's own
style sheets, those of `html_css_files`, stay as they are: our scripts compose names of classes.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import tinycss2
from sphinx.application import Sphinx

from tools.vendored import computed

CLASSES, WORD, ICON = re.compile(r'\bclass="([^"]*)"'), re.compile(r"[\w-]+"), re.compile(r"[\ue000-\uf8ff]")
NESTING = ("media", "supports", "layer")  # at-rules that hold rules
ICONS = Path("_static", "vendor", "fontawesome", "webfonts")
SUBSET = """
const [font, text] = JSON.parse(require("fs").readFileSync(0, "utf8"));
require("subset-font")(Buffer.from(font, "base64"), text, { targetFormat: "woff2" })
  .then((small) => console.log(JSON.stringify(small.toString("base64"))));
"""


def names(site: Path) -> set[str]:
    """Collect every class that a page has, and every word of a script, which may give an element that class."""
    found = set()
    for page in site.rglob("*.html"):
        found.update(name for classes in CLASSES.findall(page.read_text(encoding="utf-8")) for name in classes.split())
    for script in site.rglob("*.js"):
        found.update(WORD.findall(script.read_text(encoding="utf-8")))
    return found


def slim(css: str, known: set[str]) -> str:
    """Leave out comments and the rules whose selectors all need a class that is not `known`.

    >>> slim(".a, .b > p { x: y } .b { x: y } @media print { .b { x: y } } p:not(.b) { x: y }", {"a"})
    '.a{ x: y }p:not(.b){ x: y }'
    """
    return "".join(kept(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), known))


def kept(rules: Iterable[Any], known: set[str]) -> Iterator[str]:
    """Write the rules that can match something."""
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = [part for part in parts(rule.prelude) if classes(part) <= known]
            if selectors:
                wanted = ",".join(tinycss2.serialize(part).strip() for part in selectors)
                yield f"{wanted}{{{tinycss2.serialize(rule.content)}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in NESTING and rule.content is not None:
            inside = "".join(kept(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True), known))
            if inside:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inside}}}"
        else:
            yield rule.serialize()


def parts(prelude: list[Any]) -> Iterator[list[Any]]:
    """Divide a list of selectors at its commas; those in parentheses do not count."""
    part: list[Any] = []
    for token in prelude:
        if token == ",":
            yield part
            part = []
        else:
            part.append(token)
    yield part


def classes(selector: list[Any]) -> set[str]:
    """List the classes that a selector needs; those in parentheses, as of `:not(.x)`, it may do without."""
    return {token.value for dot, token in pairwise(selector) if dot == "." and token.type == "ident"}


def on_finished(app: Sphinx, exception: Exception | None) -> None:
    """Make the styles and the icons of the built site small."""
    if exception:
        return
    site = Path(app.outdir)
    known, icons = names(site), set()
    own = {site / "_static" / str(name) for name, _ in app.config.html_css_files}
    for sheet in (site / "_static").rglob("*.css"):
        css = sheet.read_text(encoding="utf-8")
        if sheet not in own:
            css = slim(css, known)
            sheet.write_text(css, encoding="utf-8")
        icons.update(ICON.findall(css), map(unescaped, re.findall(r"\\([ef][0-9a-f]{3})\b", css)))
    for font in (site / ICONS).glob("*.woff2"):
        wanted = [b64encode(font.read_bytes()).decode(), "".join(sorted(icons))]
        font.write_bytes(b64decode(computed(SUBSET, wanted)))
    for sources in (site / "_static").rglob("*.map"):  # for those who mend the theme
        sources.unlink()


def unescaped(code: str) -> str:
    """Return the character of a code as style sheets write it, `"f31e"`."""
    return chr(int(code, 16))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("build-finished", on_finished, priority=900)  # after the theme has written its colours of code
    return {"parallel_read_safe": True, "parallel_write_safe": True}
