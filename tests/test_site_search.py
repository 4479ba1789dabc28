"""What the website's search finds: sections with their words, terms, and no code, TeX or buttons."""

import re

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from myst_parser.docutils_ import Parser

from tools.website.first_uses import teaching
from tools.website.glossary import Term, glossary_page, letter, terms
from tools.website.search import formula, sections
from tools.website.tables import align, blank, fill, is_of_numbers

PAGE = r"""# A lesson

An opening with $3 \times 3$ windows.

<details class="fold"><summary>Answer</summary>

```python
secret = 1
```

</details>

(moves)=
## Strides

A **stride** of `2` gives $\frac{H}{2}$ rows, and $H' = 7$.

### A detail

Words of a detail.

## A table

| a | b |
|---|---|
| one | two |
"""


def parsed(body: str) -> nodes.document:
    """Parse MyST as the site does."""
    settings = {"myst_enable_extensions": ["colon_fence", "dollarmath"], "report_level": 5, "doctitle_xform": False}
    return publish_doctree(body, parser=Parser(), settings_overrides=settings)


def test_each_section_has_its_own_words():
    found = {section.title: section for section in sections("lessons/98_a", parsed(PAGE))}
    assert list(found) == ["A lesson", "Strides", "A detail", "A table"]
    assert found["A lesson"].words == "An opening with 3 × 3 windows." and found["A lesson"].anchor == ""
    assert found["Strides"].words == "A stride of 2 gives … rows, and H' = 7." and found["Strides"].anchor == "moves"
    assert found["A detail"].words == "Words of a detail." and found["A detail"].within == "A lesson"
    assert found["A table"].words == "a b one two"


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"64 \cdot 64", "64 · 64"),
        (r"x_1 + x_{2}", "x1 + x2"),
        (r"150{,}528", "150,528"),
        (r"\text{fan in} \ge 2", "fan in ≥ 2"),
        (r"\begin{matrix} a & b \end{matrix}", "…"),
        (r"\sum_j e^{z_j}", "…"),
        ("a % b", "a % b"),
    ],
)
def test_formulas_are_words_or_dots(tex, shown):
    assert formula(tex) == shown and not re.search(r"[\\{}$]", formula(tex))


def test_a_term_is_taught_where_it_is_bold_or_else_first_used():
    document = parsed("# L\n\nA stride.\n\n## One\n\nA stride.\n\n## Two\n\nThe **stride** is ...\n\n## Three\n\nPadding.")
    for term, title in (("stride", "Two"), ("padding", "Three"), ("opening", "L")):
        assert teaching(document, Term(term, "", "", ""))[0].astext() == title


def test_the_glossary_has_every_term_below_its_letter():
    page = glossary_page()
    for term in terms():
        group = page.partition(f"({'letter-' + letter(term).lower()})=")[2].partition("\n## ")[2].partition("\n(letter-")[0]
        assert f"\n{term.term}\n  {term.meaning}\n" in group and f"{{taught}}`{term.term}`" in group
    assert [link for link in re.findall(r'href="#([\w-]+)"', page)] == re.findall(r"^\((letter-[\w-]+)\)=$", page, re.MULTILINE)


def test_an_empty_heading_is_a_plain_cell():
    table = parsed("| | n |\n|---|---|\n| a | |").next_node(nodes.table)
    fill(table)
    kinds = [type(cell) for row in table.findall(nodes.row) for cell in row]
    assert kinds == [blank, nodes.entry, nodes.entry, nodes.entry]


def test_columns_of_numbers_are_on_the_right():
    table = parsed("| lesson | n | of | word |\n|---|---|:---|---|\n| 1 | 10 | 3.5 % | a |\n| 2 | - | 1,024 | 7 |").next_node(
        nodes.table
    )
    align(table)
    rows = [[" ".join(cell["classes"]) for cell in row] for row in table.findall(nodes.row)]
    assert rows == [["", "text-right", "text-right", ""]] * 3
    assert not is_of_numbers(["1", "one"]) and not is_of_numbers(["3×3"])
