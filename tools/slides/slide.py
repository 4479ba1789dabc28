"""A slide, and how what it shows is laid out."""

from dataclasses import dataclass, field, replace

from tools.slides.blocks import WIDTH, Block

ROOM = 604  # pixels of height between the margins of a slide, without its last line
COLUMN = 620  # pixels of width of a picture beside words
DENSE = 0.68  # of their height is needed by words in the smallest letters
NARROW = 2.4  # times as high are words in a column beside a picture
GAP = 16  # pixels between two blocks
LARGE, ENOUGH = 0.5, 0.36  # of the area that a picture would have alone: beside other results, beside words
MOVABLE = 0.75  # of that area for an explorer, whose letters are small
FLOWING = ("prose", "list", "notice", "value")  # kinds of words whose letters may be smaller, and their lines shorter


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
        if self.kind in ("title", "exercise"):
            return False
        return self.kind == "question" or self.title.endswith("?") or self.lead.endswith("?")

    @property
    def hides(self) -> bool:
        """Tell whether the slide asks for something that it shows with the next key."""
        return self.asks and any(block.step is not None for block in self.shown)

    @property
    def is_bare(self) -> bool:
        """Tell whether the slide shows one result alone: words and results that follow may join it."""
        return self.kind == "result" and len(self.shown) == 1 and self.shown[0].kind != "explorer"

    @property
    def body(self) -> int:
        """Return the height below the titles."""
        return ROOM - 48 * (len(self.title) // 58 + 1) - 40 * -(-len(self.lead) // 76)

    @property
    def pictures(self) -> list[Block]:
        """List the blocks that grow."""
        return [block for block in self.shown if block.ratio]

    @property
    def words(self) -> int:
        """Return the least height of everything but pictures, with the gaps."""
        kept = [block for block in self.shown if not block.ratio and not block.leaves]
        return round(sum(block.height * (DENSE if block.kind in FLOWING else 1) + GAP for block in kept))

    @property
    def is_beside(self) -> bool:
        """Tell whether the only picture is larger to the right of the words than below them."""
        pictures = self.pictures
        return len(pictures) == 1 and self.words > 0 and self.beside(pictures[0]) > self.below(pictures[0])

    def takes(self, block: Block, share: float = ENOUGH) -> bool:
        """Tell whether one more block fits, next to which the only picture keeps a share of the area that it has alone."""
        after = replace(self, shown=[*self.shown, block])
        if len(after.pictures) > 1:
            return False
        if not after.pictures:
            return after.words <= after.body
        picture = after.pictures[0]
        share = MOVABLE if picture.kind == "explorer" else share
        return max(after.below(picture), after.beside(picture)) >= share * area(picture, WIDTH, self.body)

    def below(self, picture: Block) -> float:
        """Return the area of a picture below the words."""
        return area(picture, WIDTH, self.body - self.words)

    def beside(self, picture: Block) -> float:
        """Return the area of a picture to the right of the words, or 0 where they do not fit to its left."""
        flows = all(block.kind in FLOWING for block in self.shown if not block.ratio)
        return area(picture, COLUMN, self.body) if flows and NARROW * self.words < self.body else 0


def area(picture: Block, width: int, height: int) -> float:
    """Return the area that a picture fills in a space."""
    return max(0, min(width, height * picture.ratio)) ** 2 / picture.ratio
