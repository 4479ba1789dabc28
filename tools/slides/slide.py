"""A slide, and how what it shows is laid out."""

from dataclasses import dataclass, field, replace

from tools.slides.blocks import WIDTH, Block

ROOM = 604  # pixels of height between the margins of a slide, without its last line
COLUMN = 620  # pixels of width of a picture beside words
DENSE = 0.72  # of their height is needed by words in smaller letters
ENOUGH = 0.5  # of the area that a picture would have alone, to count as large
FLOWING = ("prose", "list", "notice")  # kinds of words that fit a narrow column


@dataclass
class Slide:
    """One slide: title and lead in Markdown, its section, what it shows, the speaker's notes and seconds."""

    kind: str
    title: str
    section: str = ""
    lead: str = ""
    shown: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: int = 0  # that are planned for it, for the speaker's clock
    facts: dict = field(default_factory=dict)  # of an exercise
    is_open: bool = True  # whether the next result may be put here

    @property
    def asks(self) -> bool:
        """Tell whether the slide asks: its result is hidden until a key is pressed."""
        return self.kind != "title" and (self.title.endswith("?") or self.lead.endswith("?") or self.kind == "question")

    @property
    def is_bare(self) -> bool:
        """Tell whether the slide shows a result alone: words that follow may join it."""
        return self.kind == "result" and not self.asks and len(self.pictures) == len(self.shown) == 1

    def joined(self, words: list[Block]) -> bool:
        """Tell whether the only picture of a slide stays large with these words above or beside it."""
        return replace(self, shown=words).takes(self.shown[0])

    @property
    def body(self) -> int:
        """Return the height below the titles."""
        return ROOM - 48 * (len(self.title) // 58 + 1) - 40 * -(-len(self.lead) // 76)

    @property
    def words(self) -> int:
        """Return the height of everything but pictures, with the gaps."""
        return sum(block.height + 16 for block in self.shown if not block.ratio)

    @property
    def pictures(self) -> list[Block]:
        """List the blocks that grow."""
        return [block for block in self.shown if block.ratio]

    @property
    def is_beside(self) -> bool:
        """Tell whether the only picture is larger to the right of the words than below them."""
        if len(self.pictures) != 1 or not self.words:
            return False
        return self.beside(self.pictures[0]) > area(self.pictures[0], WIDTH, self.body - self.words)

    @property
    def is_dense(self) -> bool:
        """Tell whether the words have to be smaller to fit."""
        available = self.body if self.is_beside else self.body - sum(block.height for block in self.pictures)
        return self.words * (2 if self.is_beside else 1) > available

    def takes(self, block: Block) -> bool:
        """Tell whether one more block fits; a picture must stay large."""
        if block.ratio:
            stacked = area(block, WIDTH, self.body - self.words)
            return not self.pictures and max(stacked, self.beside(block)) >= ENOUGH * area(block, WIDTH, self.body)
        dense = DENSE if block.kind in FLOWING and self.flows else 1
        if len(self.pictures) == 1 and (self.words + block.height) * 2 * DENSE < self.body and self.flows:
            return True
        return (self.words + block.height) * dense + sum(picture.height for picture in self.pictures) <= self.body

    @property
    def flows(self) -> bool:
        """Tell whether all but the pictures are words that fit a narrow column."""
        return all(block.kind in FLOWING for block in self.shown if not block.ratio)

    def beside(self, picture: Block) -> float:
        """Return the area of a picture to the right of the words, or 0 where they do not fit to its left."""
        return area(picture, COLUMN, self.body) if self.flows and 2 * DENSE * self.words < self.body else 0


def area(picture: Block, width: int, height: int) -> float:
    """Return the area that a picture fills in a space."""
    width = max(0, min(width, height * picture.ratio))
    return width**2 / picture.ratio
