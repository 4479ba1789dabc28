"""Sphinx extension: the first use of a term in a lesson shows its meaning; the glossary leads to where a lesson teaches it."""

from collections.abc import Callable, Iterator

from docutils import nodes
from docutils.nodes import Element
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from tools.website.glossary import Term, finder, terms

# no links in titles, links, code, mathematics and printed lines
CLOSED = (nodes.title, nodes.reference, nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw)


class first_use(nodes.reference):  # noqa: N801 (docutils names a node as its element)
    """A link to the glossary that opens as a popover, by _static/terms.js: `term`, `meaning` and `refuri`."""


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
    return first_use("", words, refuri=address, term=term.term, meaning=term.meaning)


def visit_first_use(translator: HTML5Translator, node: Element) -> None:
    """Begin a link, with what its popover shows."""
    facts = {"href": node["refuri"], "data-term": node["term"], "data-meaning": node["meaning"]}
    translator.body.append(translator.starttag(node, "a", "", CLASS="first-use", **facts))


def depart_first_use(translator: HTML5Translator, node: Element) -> None:
    """End a link."""
    translator.body.append("</a>")


def teaching(document: nodes.document, term: Term) -> nodes.section:
    """Find the section of a lesson that introduces a term: where it is bold, else its first use below the opening."""
    opening, *below = document.findall(nodes.section)
    pattern = finder([term])[0]

    def texts(section: nodes.section, kind: type[Element]) -> Iterator[str]:
        return (found.astext() for found in section.findall(kind) if not isinstance(found.parent, nodes.raw))

    for kind in (nodes.strong, nodes.title, nodes.paragraph):
        for section in below:
            if any(pattern.search(text) for text in texts(section, kind)):
                return section
    return opening


def lead_to_sections(app: Sphinx, document: nodes.document) -> None:
    """Replace the places for links in the glossary, `{taught}`, by links to the sections that teach the terms."""
    lessons = {page.partition("_")[2]: page for page in app.env.found_docs if page.startswith("lessons/")}
    documents = {name: app.env.get_doctree(page) for name, page in lessons.items()}
    known = {term.term: term for term in terms()}
    for place in [node for node in document.findall(nodes.Element) if "taught" in node.attributes]:
        term = known[place["taught"]]
        section = teaching(documents[term.lesson], term)
        address = f"{app.builder.get_relative_uri('glossary', lessons[term.lesson])}#{section['ids'][0]}"
        title = next(section.findall(nodes.title)).astext()
        place.replace_self([nodes.Text("Taught in "), nodes.reference("", title, refuri=address, internal=True)])


def on_resolved(app: Sphinx, document: nodes.document, page: str) -> None:
    """Link the terms on the page of a lesson, once Sphinx knows the address of each in the glossary."""
    if page == "glossary":
        lead_to_sections(app, document)
    folder, _, name = page.partition("/")
    if folder != "lessons":
        return
    places = app.env.domains.standard_domain.objects
    known = [term for term in terms() if not term.linked_in or name[3:] in term.linked_in]

    def address(term: Term) -> str:
        target, anchor = places["term", term.term]
        return f"{app.builder.get_relative_uri(page, target)}#{anchor}"

    link_first_uses(document, known, address)


def taught(name: str, raw: str, text: str, *_: object) -> tuple[list[nodes.Node], list]:
    """Read the role `{taught}`: a place for a link to the section that teaches a term."""
    return [nodes.inline("", "", taught=text)], []


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.add_node(first_use, html=(visit_first_use, depart_first_use))
    app.add_role("taught", taught)
    app.connect("doctree-resolved", on_resolved)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
