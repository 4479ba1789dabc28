"""How wide words are, and where to break them: what a drawing must know before it places a letter.

The widths are those of Arial, Helvetica and Liberation Sans, which agree. A browser without these fonts is told each line's
length and fits its own letters to it.
"""

SIZE = 13  # CSS pixels
LINE = 17  # from one baseline to the next
# Thousandths of the letter size, for the characters 32 to 126.
REGULAR = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 "
    "556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 "
    "667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 "
    "556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584 "
)
BOLD = (
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 "
    "556 556 333 333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 "
    "667 778 722 667 611 722 667 944 667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 "
    "611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 556 556 500 389 280 389 584 "
)
OTHER = {"×": 584, "…": 1000}
UNKNOWN = 700
LINE_PENALTY, BREAK_PENALTY = 10, 4  # of one more line, and of a break that is not after a comma
TABLES = {
    is_bold: dict(zip(map(chr, range(32, 127)), map(int, table.split()), strict=True)) | OTHER
    for is_bold, table in ((False, REGULAR), (True, BOLD))
}


def width(words: str, bold: bool = False, size: float = SIZE) -> float:
    """Measure a line of text in CSS pixels.

    >>> round(width("64 × 28 × 28"), 1)
    73.0
    """
    return sum(TABLES[bold].get(letter, UNKNOWN) for letter in words) * size / 1000


def wrap(words: str, room: float, bold: bool = False) -> list[str]:
    """Break words into as few lines of at most `room` pixels as possible, after a comma rather than elsewhere.

    Of equally good breaks the most even one is taken. A word that is too long for a line is cut.

    >>> wrap("5×5 convolution, 2×2 average pooling", 130)
    ['5×5 convolution,', '2×2 average pooling']
    """
    tokens = [piece for word in words.split() for piece in _pieces(word, room, bold)]
    best: list[tuple[float, list[str]]] = [(0, [])]  # for the first 0, 1, 2, ... tokens: a penalty and the lines
    for end in range(1, len(tokens) + 1):
        choices = []
        for start in range(end):
            line = " ".join(tokens[start:end])
            if start == end - 1 or width(line, bold) <= room:
                is_broken = end < len(tokens) and not line.endswith((",", "."))
                penalty = LINE_PENALTY + BREAK_PENALTY * is_broken + (1 - width(line, bold) / room) ** 2
                choices.append((best[start][0] + penalty, [*best[start][1], line]))
        best.append(min(choices, key=lambda choice: choice[0]))
    return best[-1][1]


def stage_lines(name: str, words: str, shape: str, room: float) -> list[tuple[str, bool]]:
    """List the lines of a stage, (words, bold): its name, what it does, and its shape, without spaces where they do not fit."""
    shape = shape if width(shape) <= room else shape.replace(" ", "")
    lines = [(line, True) for line in wrap(name, room, bold=True)]
    return lines + [(line, False) for part in (words, shape) for line in wrap(part, room)]


def _pieces(word: str, room: float, bold: bool) -> list[str]:
    """Cut a word that is wider than `room`, after an underscore where there is one."""
    pieces = []
    while width(word, bold) > room and len(word) > 1:
        fits = max([end for end in range(1, len(word)) if width(word[:end], bold) <= room], default=1)
        end = word.rfind("_", 0, fits) + 1 or fits
        pieces.append(word[:end])
        word = word[end:]
    return [*pieces, word]
