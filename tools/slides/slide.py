"""A slide, and how what it shows is laid out: in one column, or words to the left of a picture or a table."""

from dataclasses import dataclass, field, replace

from tools.slides.blocks import WIDTH, Block

ROOM = 604  # pixels of height between the margins of a slide, without its last line
DENSE = 0.68  # of their height is needed by words in the smallest letters
WRAPPED = 1.1  # times as many lines as their width tells are needed by words in a narrow column
BETWEEN = 40  # pixels between two columns
COLUMNS = range(800, 340, -20)  # widths of a picture beside words that are tried, the largest first
NARROWEST = 320  # pixels of a column of words
LINE = 58  # letters of a title in one line
BRIEF = 100  # pixels of height of a question that stays above the figure that answers it
GAP = 16  # pixels between two blocks
HIGH, WIDE = 260, 520  # pixels of a picture, of which one is the least
LARGE, ENOUGH = 0.5, 0.3  # of the area that a picture would have alone: beside other results, beside words
LEGIBLE = 0.8  # of the area of a figure on a page, whose letters are no smaller than necessary
MOVABLE = 0.6  # of that area for an explorer, whose letters are small
FLOWING = ("prose", "list", "notice", "value", "part")  # kinds of words whose letters may be smaller, and their lines shorter
CODE = ("code", "in-place")  # kinds whose letters may be smaller as well, but whose lines stay whole
NOTE = Block("notice", "", 80)  # of the usual size


@dataclass
class Slide:
    """One slide: title and lead in Markdown, its section, what it shows, the speaker's notes and seconds."""

    kind: str
    title: str
    section: str = ""
    lead: str = ""
    shown: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)  # of the lesson before it, for a speaker without other notes
    seconds: int = 0  # that are planned for it, for the speaker's clock
    facts: dict = field(default_factory=dict)  # of an exercise
    label: str = ""  # of its section
    shows: str = ""  # what the text wants beside the words: a section's label and which of its pictures, or "nothing"
    is_homework: bool = False  # of an exercise: whether the plan for a class leaves it out
    is_open: bool = True  # whether the next result may be put here

    @property
    def timer(self) -> int:
        """Return the seconds of an exercise's countdown: its own minutes, or those of the slide where the plan has fewer."""
        own = 60 * int(self.facts.get("minutes", 0))
        return min(own, max(60, self.seconds // 30 * 30)) if self.seconds else own

    @property
    def asks(self) -> bool:
        """Tell whether the slide asks: its result is hidden until a key is pressed."""
        if self.kind in ("title", "exercise"):
            return False
        titled = self.title.endswith("?") and self.title != self.section
        return self.kind == "question" or titled or self.lead.endswith("?")

    @property
    def hides(self) -> bool:
        """Tell whether the slide asks for something that it shows with the next key, and shows nothing but words before."""
        hidden = any(block.step is not None for block in self.shown)
        return self.asks and hidden and not any(block.is_sight and block.step is None for block in self.shown)

    @property
    def is_bare(self) -> bool:
        """Tell whether the slide shows one result alone: words and results that follow may join it."""
        return self.kind == "result" and len(self.shown) == 1 and self.shown[0].kind != "explorer"

    @property
    def results(self) -> list[Block]:
        """List what the slide shows if it is nothing but results, all at once: a question that follows is about them."""
        is_plain = self.kind == "result" and len(self.sights) == 1 and self.sights[0].kind != "explorer"
        return self.shown if is_plain and all(b.step is None and (b.is_sight or b.kind == "print") for b in self.shown) else []

    @property
    def body(self) -> int:
        """Return the height below the titles."""
        title = 41 * (len(self.title) // 70 + 1) if self.is_long else 48
        return ROOM - title - 40 * -(-len(self.lead) // 76)

    @property
    def is_long(self) -> bool:
        """Tell whether the title takes more than a line, and therefore smaller letters."""
        return len(self.title) > LINE

    @property
    def kept(self) -> list[Block]:
        """List the blocks that are shown in the end."""
        return [block for block in self.shown if not block.leaves]

    @property
    def sights(self) -> list[Block]:
        """List the pictures, explorers and tables that are shown in the end."""
        return [block for block in self.kept if block.is_sight]

    @property
    def pictures(self) -> list[Block]:
        """List the blocks that grow."""
        return [block for block in self.kept if block.ratio]

    @property
    def words(self) -> int:
        """Return the least height of everything but pictures, with the gaps."""
        return round(sum(least(block) + GAP for block in self.kept if not block.ratio))

    @property
    def column(self) -> int:
        """Return the width of the only sight to the right of the words, 0 where it is larger, or fits better, below them."""
        if len(self.sights) != 1 or not self.words:
            return 0
        (sight,) = self.sights
        width = self.beside(sight)
        if not sight.ratio:
            return width if self.words > self.body else 0
        return width if width**2 / sight.ratio > self.below(sight) else 0

    def takes(self, block: Block, share: float = ENOUGH) -> bool:
        """Tell whether one more block fits, next to which the only picture keeps a share of the area that it has alone."""
        after = replace(self, shown=[*self.shown, block])
        if len(after.pictures) > 1:
            return False
        if not after.pictures:
            return after.words <= after.body or bool(len(after.sights) == 1 and after.beside(after.sights[0]))
        picture = after.pictures[0]
        share = MOVABLE if picture.kind == "explorer" else share
        beside = after.beside(picture) ** 2 / picture.ratio if len(after.sights) == 1 else 0
        alone = area(picture, WIDTH, self.body)
        least = min(alone, max(share * alone, LEGIBLE * picture.natural**2 / picture.ratio))
        return max(after.below(picture), beside) >= least

    def clear_for(self, result: Block) -> None:
        """Let what is shown leave if a result needs the room: first the sight that is asked about, then the words as well."""
        if self.sights and not replace(self, shown=[*self.shown, NOTE]).takes(result):
            self.shown = [replace(block, leaves=block.is_sight or block.kind == "print") for block in self.shown]
        words = sum(block.height for block in self.kept if not block.ratio)
        if not self.takes(result) or (result.ratio and words > BRIEF):
            self.shown = [replace(block, leaves=True) for block in self.shown]

    def below(self, picture: Block) -> float:
        """Return the area of a picture below the words, or 0 where it would be too small."""
        height = self.body - self.words
        return area(picture, WIDTH, height) if height >= min(HIGH, WIDE / picture.ratio) else 0

    def beside(self, sight: Block) -> int:
        """Return the width of a picture or a table to the right of the words, or 0 where they do not fit to its left."""
        words = [block for block in self.kept if block is not sight]
        if any(block.kind not in (*FLOWING, *CODE) for block in words):
            return 0
        widths = [min(width, round(self.body * sight.ratio)) for width in COLUMNS] if sight.ratio else [sight.width]
        return next((width for width in widths if self.holds(words, WIDTH - BETWEEN - width)), 0)

    def holds(self, words: list[Block], width: int) -> bool:
        """Tell whether a column of this width holds these words."""
        if width < max([NARROWEST, *(block.width for block in words if block.kind in CODE)]):
            return False
        return sum(narrowed(block, width) + GAP for block in words) <= self.body


def narrowed(block: Block, width: int) -> float:
    """Return the least height of words or of code, whose lines are not broken, in a column."""
    return block.lowest if block.kind in CODE else least(block) * WRAPPED * WIDTH / width


def least(block: Block) -> float:
    """Return the height of a block in the smallest letters."""
    return block.height * (DENSE if block.kind in FLOWING else 1)


def area(picture: Block, width: int, height: int) -> float:
    """Return the area that a picture fills in a space."""
    return max(0, min(width, height * picture.ratio)) ** 2 / picture.ratio
