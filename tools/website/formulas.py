"""Sphinx extension: KaTeX writes the formulas as HTML and MathML when the site is built, so that no page loads a typesetter."""

import re
import shutil
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.writers.html5 import HTML5Translator

from tools import ToolError
from tools.vendored import computed, node_modules

FOLDER, STYLES, FONTS = "katex", "katex.min.css", "fonts"
SCRIPT = """
const katex = require("katex");
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
const strict = (code) => (code === "unicodeTextInMathMode" ? "ignore" : "error");
console.log(JSON.stringify(formulas.map(([tex, displayMode]) => katex.renderToString(tex, { displayMode, strict }))));
"""
MARK, PART = re.compile(r"[.,;:!?)]+"), '"katex-base"'  # what may follow a formula; what KaTeX keeps in a line
Formula = tuple[str, bool]  # TeX, and whether it has lines of its own


def typeset(formulas: list[Formula]) -> dict[Formula, str]:
    r"""Write formulas as HTML; raises ToolError for one that KaTeX cannot read.

    >>> "<mo>×</mo>" in typeset([(r"2 \times 3", False)])[r"2 \times 3", False]
    True
    """
    try:
        return dict(zip(formulas, computed(SCRIPT, formulas), strict=True))
    except ToolError as error:
        raise ToolError(f"A formula cannot be shown: {error}") from None


def formula(node: nodes.Element) -> Formula:
    """Return what is to be typeset at a place of a document."""
    return node.astext().strip(), isinstance(node, nodes.math_block)


def on_read(app: Sphinx, environment: BuildEnvironment) -> None:
    """Typeset the formulas of all pages at once."""
    documents = map(environment.get_doctree, sorted(environment.found_docs))
    places = (place for document in documents for kind in (nodes.math, nodes.math_block) for place in document.findall(kind))
    app.formulas = typeset(list(dict.fromkeys(map(formula, places))))  # pyright: ignore[reportAttributeAccessIssue] set by `on_read`


def hold_marks(document: nodes.document) -> None:
    """Give each formula the punctuation mark after it, which would otherwise begin a line of its own."""
    for place in document.findall(nodes.math):
        after = place.next_node(descend=False, siblings=True)
        if isinstance(after, nodes.Text) and (mark := MARK.match(after)):
            place["mark"] = mark[0]
            after.parent.replace(after, nodes.Text(after[mark.end() :]))


def visit(translator: HTML5Translator, node: nodes.Element) -> None:
    """Write a formula; one that no line divides is kept together with its punctuation mark."""
    tag, mark = "div" if isinstance(node, nodes.math_block) else "span", node.get("mark", "")
    written = translator.builder.app.formulas[formula(node)]  # pyright: ignore[reportAttributeAccessIssue] set by `on_read`
    html = f'<{tag} class="math">{written}</{tag}>{mark}'
    is_kept = mark and written.count(PART) == 1
    translator.body.append(f'<span class="text-nowrap">{html}</span>' if is_kept else html)
    raise nodes.SkipNode


def on_page(app: Sphinx, page: str, *_: object) -> None:
    """Give a page with formulas KaTeX's styles."""
    if app.env.domains.math_domain.has_equations(page):
        app.add_css_file(f"{FOLDER}/{STYLES}")


def copy(folder: Path) -> None:
    """Copy KaTeX's styles and its fonts, in the one format that every browser of today reads, to Sphinx's static files."""
    source = node_modules() / "katex" / "dist"
    (folder / FOLDER / FONTS).mkdir(parents=True)
    shutil.copy(source / STYLES, folder / FOLDER)
    for font in (source / FONTS).glob("*.woff2"):
        shutil.copy(font, folder / FOLDER / FONTS)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_html_math_renderer("katex", (visit, None), (visit, None))
    app.connect("env-updated", on_read)
    app.connect("doctree-resolved", lambda app, document, page: hold_marks(document))
    app.connect("html-page-context", on_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
