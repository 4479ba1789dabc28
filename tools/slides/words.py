"""Split Markdown into its blocks and sentences, by its structure, and turn it into HTML."""

import re
from typing import NamedTuple

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbconvert.filters import markdown2html

from tools.forms import IMAGE, LABEL

KINDS = {  # token of markdown-it -> kind of a block
    "heading_open": "heading",
    "math_block": "formula",
    "fence": "code",
    "code_block": "code",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
}
parser = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
LONG = 130  # characters of a title
TERM = re.compile(r"\*\*([^*]+)\*\*")
# a sentence ends before a space and a capital, digit, bracket, formula or bold term, but not after "et al." or initials
END = re.compile(r"((?:(?<!\bal)(?<!\b[A-Z])\.|[?!])[\"”)*]*)\s+(?=[A-Z0-9\"“(*$`])")


class Words(NamedTuple):
    """A block of Markdown: its kind (label, heading, prose, list, formula, code, table, picture, lead) and its text."""

    kind: str
    text: str


def blocks(source: str) -> list[Words]:
    """Split Markdown into blocks; a paragraph that is one picture is a picture, one in bold alone leads what follows.

    >>> [block.kind for block in blocks("# Title\\n\\nWords.\\n\\n**You will**\\n\\n- see\\n\\n$$ x $$\\n\\n![A dot](dot.png)")]
    ['heading', 'prose', 'lead', 'list', 'formula', 'picture']
    """
    lines = LABEL.sub("", source).splitlines()
    tokens = parser.parse("\n".join(lines))
    places = [(token.type, slice(*token.map)) for token in tokens if token.level == 0 and token.map]
    found = [Words(KINDS.get(kind, "prose"), "\n".join(lines[place]).strip("\n")) for kind, place in places]
    return [refined(block) for block in found if block.text.strip()]


def refined(block: Words) -> Words:
    """Strip the marks of a heading, and tell pictures and leads from other paragraphs; a heading within a section is a lead."""
    if block.kind == "heading":
        return Words("lead" if block.text.startswith("###") else "heading", block.text.lstrip("# "))
    if block.kind == "prose" and IMAGE.fullmatch(block.text):
        return Words("picture", block.text)
    if block.kind == "prose" and (lead := TERM.fullmatch(block.text)):
        return Words("lead", lead[1].rstrip("."))
    return block


def inline(text: str) -> str:
    """Turn one line of Markdown into HTML without a paragraph around it."""
    return re.sub(r"^<p>|</p>$", "", markdown2html(text).strip())


def sentences(prose: str) -> list[str]:
    """Split a paragraph into sentences.

    >>> sentences("He et al. (2015) ask: why? It *works*. (Not always.) So, $x$ is 1.8.")
    ['He et al. (2015) ask: why?', 'It *works*.', '(Not always.)', 'So, $x$ is 1.8.']
    """
    return END.sub(r"\1\n", " ".join(prose.split())).splitlines()


def definitions(prose: str) -> str:
    """Keep the sentences of a paragraph that define a term, in bold.

    >>> definitions("Nine weights. They are the **kernel**. It slides.")
    'They are the **kernel**.'
    """
    return " ".join(sentence for sentence in sentences(prose) if TERM.search(sentence))


def question_and_rest(prose: str) -> tuple[str, str]:
    """Split a paragraph into its last questions in a row, as many from the first on as a title holds, and all else.

    >>> question_and_rest("We train twice. Which is better? And which is faster? Write it down.")
    ('Which is better? And which is faster?', 'We train twice. Write it down.')
    >>> question_and_rest(f"Which is better, {'a ' * 60}or b? And which is faster?")[1]
    'And which is faster?'
    >>> question_and_rest("Guess a number.")
    ('', 'Guess a number.')
    """
    found = sentences(prose)
    last = max((place for place, sentence in enumerate(found, start=1) if sentence.endswith("?")), default=0)
    start = max(0, last - 1)
    while start and found[start - 1].endswith("?"):
        start -= 1
    end = next((end for end in range(last, start, -1) if len(" ".join(found[start:end])) <= LONG), min(last, start + 1))
    return " ".join(found[start:end]), " ".join(found[:start] + found[end:])


def shortened(prose: str, length: int) -> tuple[str, str]:
    """Split a paragraph after the last sentence that ends within `length` characters, but not before its first.

    >>> shortened("They are equal. The reason is simple. It takes longer to explain.", 40)
    ('They are equal. The reason is simple.', 'It takes longer to explain.')
    """
    found = sentences(prose)
    count = max([1, *(count for count in range(1, len(found) + 1) if len(" ".join(found[:count])) <= length)])
    return " ".join(found[:count]), " ".join(found[count:])
