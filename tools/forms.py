"""The forms of a lesson's text: directives such as `:::{exercise}`, and the boxes that notebooks show in their place."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools import ROOT, ToolError
from tools.numbering import FENCE

OPTIONS = {  # of each kind of box: what its lines `:option: value` must be
    "exercise": {"kind": "predict|write|find", "minutes": r"\d+", "level": "easy|medium|hard"},
    "question": {},
    "notice": {},
    "sidebar": {},
    "open": {},
    "next": {},
    "speaker": {"minutes": r"\d+"},
    "slide": {},
}
SHOWS = r"nothing|[\w-]+( \d+)?"  # a section's label and which of its pictures, the last by default, or a drawing's name
OPTIONAL = {kind: {"shows": SHOWS} for kind in ("exercise", "question", "open", "next", "slide")}  # beside words on a slide
ARGUMENT = {"exercise", "sidebar", "slide"}  # kinds with a name or title after the braces
UNSEEN = {"speaker", "slide"}  # kinds for slides alone
LEADS = {  # the words with which boxes begin that have neither a number nor a title
    "question": "Before you look",
    "notice": "What to notice",
    "open": "Try it yourself",
    "next": "What came next",
}
COLOURS = {  # red, green, blue of the bar beside a box
    "exercise": "0, 114, 178",
    "question": "230, 159, 0",
    "notice": "0, 158, 115",
    "sidebar": "127, 127, 127",
    "open": "0, 114, 178",
    "next": "204, 121, 167",
}
# JupyterLab and VS Code show the colours, faint enough for light and dark pages; Colab and GitHub show the words alone.
STYLE = "border-left: 6px {line} rgb({colour}); background: rgba({colour}, 0.1); padding: 8px 12px"
BOX = """<{tag} class="alert" style="{style}">{title}

{body}

</{tag}>"""
FORM = re.compile(
    r"^(?P<fence>`{3,}).*?^(?P=fence)$"  # code, whose lines open nothing
    r"|^(?P<colons>:{3,})\{(?P<kind>[\w-]+)\} *(?P<argument>[^\n]*)\n(?P<lines>.*?)^(?P=colons)$",
    re.MULTILINE | re.DOTALL,
)
STRAY = re.compile(r"^ *:{3,}.*$", re.MULTILINE)
OPTION = re.compile(r":(\w+): *(.*)")
LABEL = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
IMAGE = re.compile(r"!\[([^\]]*)\]\((?!https?:|data:|attachment:)([^)\s]+)\)")
TYPES = {".png": "image/png", ".jpg": "image/jpeg"}  # VS Code shows no SVG in Markdown


class Box(NamedTuple):
    """A directive of a text: its kind, the words after the braces, its options, and its body in Markdown."""

    kind: str
    argument: str
    options: dict[str, str]
    body: str


def pieces(source: str) -> Iterator[Box | str]:
    """Split the Markdown of a cell into plain Markdown and boxes, in order; raises ToolError for a directive that is wrong.

    >>> [piece for piece in pieces(":::{notice}\\nThey are equal.\\n:::\\n\\nNow add them.")]
    [Box(kind='notice', argument='', options={}, body='They are equal.'), 'Now add them.']
    """
    start = 0
    for match in FORM.finditer(source):
        if match["fence"]:
            continue
        yield from plain(source[start : match.start()])
        yield box(match["kind"], match["argument"].strip(), match["lines"].splitlines())
        start = match.end()
    yield from plain(source[start:])


def plain(words: str) -> list[str]:
    """Return Markdown outside of boxes, if there is any; raises ToolError for a line that looks like a part of a box."""
    if stray := STRAY.search(FORM.sub("", words)):
        raise ToolError(f"`{stray[0].strip()}` has no counterpart: a box is `:::{{kind}}`, its lines, and `:::`")
    return list(filter(None, [words.strip("\n")]))


def box(kind: str, argument: str, lines: list[str]) -> Box:
    """Read a directive: first lines of options, then the body; raises ToolError with what was expected."""
    name = f"`:::{{{kind}}}`"
    if kind not in OPTIONS:
        raise ToolError(f"{name} is no form of a text; the forms are {', '.join(OPTIONS)}")
    if bool(argument) != (kind in ARGUMENT):
        raise ToolError(f"{name} {'needs a name or title' if kind in ARGUMENT else 'takes no title'}, got {argument!r}")
    options = {}
    while lines and (option := OPTION.fullmatch(lines[0])):
        options[option[1]] = option[2].strip()
        lines = lines[1:]
    known = OPTIONS[kind] | OPTIONAL.get(kind, {})
    if not OPTIONS[kind].keys() <= options.keys() <= known.keys():
        raise ToolError(f"{name} takes the options {list(OPTIONS[kind])}, got {list(options)}")
    for option, value in options.items():
        if not re.fullmatch(known[option], value):
            raise ToolError(f"{name}, option {option}: expected {known[option]}, got {value!r}")
    body = "\n".join(lines).strip("\n")
    if not body:
        raise ToolError(f"{name} is empty")
    if inner := STRAY.search(FENCE.sub("", body)):
        raise ToolError(f"`{inner[0].strip()}` is inside of {name}: close that one before it")
    return Box(kind, argument, options, body)


def boxes(source: str, kind: str) -> list[Box]:
    """List the boxes of one kind in a cell's Markdown."""
    return [piece for piece in pieces(source) if isinstance(piece, Box) and piece.kind == kind]


def lead(box: Box, number: int | None = None) -> str:
    """Write the words with which a box begins; an exercise has a number.

    >>> lead(Box("notice", "", {}, "They are equal."))
    'What to notice'
    """
    if box.kind == "exercise":
        kind, minutes, level = (box.options[name] for name in OPTIONS["exercise"])
        return f"Exercise {number}, {kind} ({minutes} min, {level})"
    return LEADS.get(box.kind) or box.argument


def in_notebook(source: str, number: int | None = None, spoils: bool = False) -> str:
    """Turn the Markdown of a text into that of a notebook.

    `number` is that of the exercise, if the cell contains one. A notice that `spoils` what is asked for is folded.
    """
    shown = []
    for piece in pieces(LABEL.sub("", source)):
        if isinstance(piece, str):
            shown.append(piece)
        elif piece.kind not in UNSEEN:
            shown.append(boxed(piece, number, folded=spoils and piece.kind == "notice"))
    return with_pictures("\n\n".join(shown))


def boxed(piece: Box, number: int | None, folded: bool) -> str:
    """Write a box in HTML around Markdown; a folded one shows its title alone until it is clicked."""
    words = lead(piece, number)
    title = f"<summary><b>{words}</b> (after you have run the cell)</summary>" if folded else f"\n\n**{words}**"
    style = STYLE.format(line="dashed" if piece.kind == "open" else "solid", colour=COLOURS[piece.kind])
    return BOX.format(tag="details" if folded else "div", style=style, title=title, body=piece.body)


def with_pictures(source: str) -> str:
    """Put the pictures that Markdown names into it, as data below the words, where every notebook can show them."""
    paths = {Path(match[2]).stem: Path(match[2]) for match in IMAGE.finditer(source)}
    data = [f"[{name}]: {data_address(ROOT / 'solutions' / path)}" for name, path in paths.items()]
    named = IMAGE.sub(lambda match: f"![{match[1]}][{Path(match[2]).stem}]", source)
    return "\n\n".join([named, *data])


def data_address(path: Path) -> str:
    """Write the content of a picture as an address; raises ToolError if there is no such picture."""
    if path.suffix not in TYPES or not path.is_file():
        raise ToolError(f"{path.name} is no picture in {path.parent.name}: expected a file that ends with {', '.join(TYPES)}")
    return f"data:{TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode()}"
