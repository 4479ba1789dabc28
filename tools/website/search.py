"""Sphinx extension: a search that finds sections and terms, in place of Sphinx's own, which finds whole pages.

What can be found is one script, so that the search also works from a disk, where a page cannot read other files.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment

FILE = Path("_static", "sections.js")
# what has no words of the course: code, buttons and fields, pictures, the link to the notebook
SILENT = (nodes.literal_block, nodes.raw, nodes.image, nodes.title, nodes.target, addnodes.download_reference)
SILENT += (nodes.comment, nodes.system_message)
SIGNS = {
    "times": "×", "cdot": "·", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "approx": "≈", "neq": "≠", "to": "→", "in": "∈",
    "ldots": "…", "dots": "…", "sum": "Σ", "alpha": "α", "gamma": "γ", "beta": "β", "lambda": "λ", "sigma": "σ", "mu": "μ",
    "pi": "π", "log": "log", "max": "max", "min": "min", "quad": " ", "qquad": " ", "pm": "±",
}  # fmt: skip
TEXT = re.compile(r"\\(?:text|mathrm|mathit|operatorname|mathbf)\{([^{}]*)\}")


class Section(NamedTuple):
    """A part of a page that can be found: where it is, its title, the title of its page, and its words."""

    page: str
    anchor: str
    title: str
    within: str
    words: str


def formula(tex: str) -> str:
    """Write a short formula as text, and three dots for one that text cannot show.

    >>> formula(r"2 \\times 3")
    '2 × 3'
    >>> formula(r"\\frac{a}{b}")
    '…'
    """
    plain = re.sub(r"\\[,;!: ]", " ", TEXT.sub(r"\1", tex)).replace("{,}", ",")
    plain = re.sub(r"\\([a-z]+)", lambda match: SIGNS.get(match[1], match[0]), plain)
    plain = re.sub(r"_\{?(\w)\}?", r"\1", plain).replace("^2", "²")
    return "…" if re.search(r"[\\{}^_&]", plain) else " ".join(plain.split())


def words(node: nodes.Node) -> Iterator[str]:
    """List what a reader can read in a node, without its subsections and its code."""
    if isinstance(node, nodes.Text):
        yield str(node)
    elif isinstance(node, nodes.math):
        yield formula(node.astext())
    elif isinstance(node, nodes.math_block):
        yield f" {formula(node.astext())} "
    elif isinstance(node, nodes.Element) and not isinstance(node, (*SILENT, nodes.section)) and "cell" not in node["classes"]:
        yield from (piece for child in node.children for piece in words(child))
        yield " " * (not isinstance(node, nodes.Inline))


def plain(parts: Iterable[nodes.Node]) -> str:
    """Join the words of several nodes, with single spaces."""
    return " ".join("".join(piece for part in parts for piece in words(part)).split())


def sections(page: str, document: nodes.document) -> Iterator[Section]:
    """List the sections of a page, and the terms that it defines."""
    titles = [plain(section[0].children) for section in document.findall(nodes.section)]
    for section, title in zip(document.findall(nodes.section), titles, strict=True):
        anchor = section["ids"][0] if title != titles[0] else ""
        terms = [item for item in section.findall(nodes.definition_list_item) if item.parent.parent.parent is section]
        for item in terms:
            term = next(item.findall(nodes.term))
            yield Section(page, term["ids"][0], term.astext(), titles[0], plain(item[1:]))
        if not terms:
            yield Section(page, anchor, title, titles[0], plain(section.children))


def write(folder: Path, environment: BuildEnvironment) -> None:
    """Write the sections of all pages below the folder of the site."""
    pages = sorted(environment.found_docs)
    found = [section for page in pages for section in sections(page, environment.get_doctree(page)) if section.words]
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    (folder / FILE).write_text(f"window.sections = {text};\n", encoding="utf-8")


def on_finished(app: Sphinx, exception: Exception | None) -> None:
    """Write what can be found, once the site is built."""
    if exception is None:
        write(Path(app.outdir), app.env)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx, whose own index no page loads any more."""

    def without_own(app: Sphinx) -> None:
        if isinstance(app.builder, StandaloneHTMLBuilder):
            app.builder.search = False

    def page(app: Sphinx) -> list[tuple[str, dict[str, Any], str]]:
        return [("search", {}, "search.html")]

    app.connect("builder-inited", without_own)
    app.connect("html-collect-pages", page)
    app.connect("build-finished", on_finished)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
