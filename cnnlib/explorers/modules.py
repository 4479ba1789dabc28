"""The explorers' ES modules as text: one module with its imports inlined.

A notebook gets its module as a string and a page that is opened from a disk may not import a file, so imports are inlined
before a module is sent. No bundler is needed: modules import names from their neighbours and nothing else.
"""

import re
from functools import cache
from importlib.resources import files

FOLDER = files("cnnlib.explorers") / "js"
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
DEFAULT = "export default { render };"
COMMENTS = [  # blocks and casts, lines and ends of lines, indentation
    re.compile(r"^ */\*.*?\*/\n|/\*\* @type .*?\*/ ", re.MULTILINE | re.DOTALL),
    re.compile(r"^ *//.*\n| // .*$|^ +", re.MULTILINE),
]


def source(name: str) -> str:
    """Read one file of `js/` as it is."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def styles() -> str:
    """Read the style sheet that all explorers share, without comments."""
    return slim(source("explorers.css"))


@cache
def bundle(name: str) -> str:
    """Inline what a module imports: the result is one ES module that imports nothing and exports what `name` exports.

    >>> "import" in bundle("host") or "export function mount" not in bundle("host")
    False
    """
    return "\n".join([*(EXPORT.sub("", text(part)) for part in imported(name)[:-1]), text(name)])


def text(name: str) -> str:
    """Read one module without its imports, comments and indentation."""
    return slim(IMPORT.sub("", source(f"{name}.js")))


def slim(text: str) -> str:
    """Remove comments, indentation and empty lines: a fifth of what a page carries."""
    for pattern in COMMENTS:
        text = pattern.sub("", text)
    return re.sub(r"\n{2,}", "\n", text).lstrip()


def unexported(name: str) -> str:
    """Read one module without its imports and exports, to stand in a script with others."""
    return EXPORT.sub("", text(name)).replace(DEFAULT, "")


def imported(name: str) -> list[str]:
    """List a module and all that it imports, each after what it imports itself."""
    found: dict[str, None] = {}
    for other in IMPORT.findall(source(f"{name}.js")):
        found |= dict.fromkeys(imported(other))
    return [*found, name]
