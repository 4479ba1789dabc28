"""What a drawing is made of: steps, chains of them, and forks whose branches meet again."""

from collections.abc import Iterator
from dataclasses import dataclass

from cnnlib.meta import Shape


@dataclass(frozen=True)
class Step:
    """One box: its name in bold, what it does, its output for one image, () for none, and its kind, which gives the colour.

    `pieces` are the channels of the maps that a concatenation puts one after the other.
    """

    name: str
    words: str = ""
    output: Shape = ()
    kind: str = "other"
    pieces: tuple[int, ...] = ()

    @property
    def shape(self) -> str:
        """Write the output as (C, H, W) are written in the text: 64 × 28 × 28."""
        return " × ".join(map(str, self.output))


@dataclass(frozen=True)
class Chain:
    """Parts one after the other; an empty chain is a bare line, with a label next to it."""

    parts: tuple["Link", ...] = ()
    label: str = ""


@dataclass(frozen=True)
class Fork:
    """Branches that start from one map and meet in `join`: a sum (of kind "sum"), a concatenation, or a box that reads all."""

    branches: tuple[Chain, ...]
    join: Step

    @property
    def shape(self) -> str:
        """Write the shape of what the branches meet in."""
        return self.join.shape


Link = Step | Fork
Part = Step | Chain | Fork


def steps(part: Part) -> Iterator[Step]:
    """List the boxes of a part in the order in which they are computed."""
    if isinstance(part, Step):
        yield part
    else:
        for child in part.parts if isinstance(part, Chain) else (*part.branches, part.join):
            yield from steps(child)


def sentence(part: Part) -> str:
    """Say in words what a drawing shows, for those who cannot see it."""
    if isinstance(part, Step):
        inside = ", ".join(filter(None, (part.words, part.shape)))
        return f"{part.name} ({inside})" if part.name and inside else part.name or inside
    if isinstance(part, Chain):
        return ", then ".join(map(sentence, part.parts)) or part.label or "unchanged"
    branches = "; ".join(f"{i}. {sentence(branch)}" for i, branch in enumerate(part.branches, 1))
    return f"{len(part.branches)} branches [{branches}] that meet in {sentence(part.join)}"
