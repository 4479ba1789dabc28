"""Sphinx extension: link the first use of a term in each lesson to the glossary, with its meaning as a tooltip."""

from collections.abc import Callable

from docutils import nodes
from sphinx.application import Sphinx

from tools.website.glossary import Term, finder, terms

# no links in titles, links, code, mathematics and printed lines
CLOSED = (nodes.title, nodes.reference, nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)


def is_prose(text: nodes.Text) -> bool:
    """Tell whether a piece of text is prose, by its parents."""
    parent = text.parent
    while parent is not None:
        if isinstance(parent, CLOSED) or parent.get("nb_element") == "cell_code":
            return False
        parent = parent.parent
    return True


def join_texts(document: nodes.Element) -> None:
    """Join neighbouring texts, which a line break in the source divides: a term may contain such a break."""
    for parent in document.findall(nodes.TextElement):
        joined = []
        for child in parent:
            if joined and isinstance(child, nodes.Text) and isinstance(joined[-1], nodes.Text):
                joined[-1] = nodes.Text(joined[-1] + child)
            else:
                joined.append(child)
        parent[:] = joined


def link_first_uses(document: nodes.Element, chosen: list[Term], address: Callable[[Term], str]) -> list[Term]:
    """Turn the first use of each term in the document's prose into a link; returns the terms found, in order."""
    join_texts(document)
    (pattern, owners), found = finder(chosen), []
    for text in list(document.findall(nodes.Text)):
        if not is_prose(text):
            continue
        words, pieces, end = str(text), [], 0
        for match in pattern.finditer(words):
            term = owners[match.lastindex - 1]
            if term in found:
                continue
            found.append(term)
            pieces += [nodes.Text(words[end : match.start()]), link(match[0], term, address(term))]
            end = match.end()
        if pieces:
            text.parent.replace(text, [*pieces, nodes.Text(words[end:])])
    return found


def link(words: str, term: Term, address: str) -> nodes.reference:
    """Make the link of one word."""
    return nodes.reference("", words, refuri=address, internal=True, reftitle=term.meaning, classes=["first-use"])


def on_resolved(app: Sphinx, document: nodes.document, page: str) -> None:
    """Link the terms on the page of a lesson, once Sphinx knows the address of each in the glossary."""
    folder, _, name = page.partition("/")
    if folder != "lessons":
        return
    places = app.env.domains.standard_domain.objects
    known = [term for term in terms() if not term.linked_in or name[3:] in term.linked_in]

    def address(term: Term) -> str:
        target, anchor = places["term", term.term]
        return f"{app.builder.get_relative_uri(page, target)}#{anchor}"

    link_first_uses(document, known, address)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-resolved", on_resolved)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
