"""Arrange the slides of a lesson once they are collected: words join words, and a figure stays beside what is said of it."""

import html
import re
from dataclasses import replace

from tools import ToolError
from tools.slides.blocks import Block
from tools.slides.explorer_blocks import still
from tools.slides.joining import joined, summed_up
from tools.slides.slide import Slide

SPOKEN = ("words", "notice", "exercise")  # kinds of slides that may show a sight again
TAG = re.compile(r"<[^>]+>")
LINE = 60  # pixels of height of one printed line
NAMED = 0.2  # of the area that a picture has alone is enough if a text wants it beside its words
ABOUT = ("predict", "find")  # kinds of exercises that ask about what was shown


def arranged(slides: list[Slide], drawings: dict[str, Block]) -> list[Slide]:
    """Join slides of words with each other and with what they sum up, and show a sight again beside words about it.

    `drawings` are those of the text, by their names, for slides that want one.
    """
    return alone_once(accompanied(summed_up(joined(told(slides))), drawings))


def told(slides: list[Slide]) -> list[Slide]:
    """Leave a printed line or two without anything else to the notes of the slide before."""
    kept: list[Slide] = []
    for slide in slides:
        if kept and slide.kind == "result" and [block.kind for block in slide.shown] == ["print"] and slide.words < 2 * LINE:
            line = html.unescape(TAG.sub("", slide.shown[0].html))
            notes = [*kept[-1].notes, f"It prints: `{' '.join(line.split())}`", *slide.notes]
            kept[-1] = replace(kept[-1], notes=notes, seconds=kept[-1].seconds + slide.seconds)
        else:
            kept.append(slide)
    return kept


def accompanied(slides: list[Slide], drawings: dict[str, Block]) -> list[Slide]:
    """Show the sight that a text names, or that a section showed last, beside the words of slides that have none."""
    shown = {
        name: [drawing] for name, drawing in drawings.items()
    }  # and the pictures of each section, for slides that want one
    for slide in slides:
        pictures = shown.setdefault(slide.label, [])
        pictures += [block for block in slide.pictures if block not in pictures]
    section, seen, last, made = "", [], [], []
    for slide in slides:
        if slide.section != section:
            section, seen, last = slide.section, [], []
        if slide.shows:
            slide = named(slide, shown)
        elif section and wants(slide):
            slide = beside(slide, last if slide.facts else seen)
        made.append(slide)
        last = [] if slide.facts else slide.sights
        seen += slide.sights
    return made


def named(slide: Slide, shown: dict[str, list[Block]]) -> Slide:
    """Put the picture that the text names on a slide; raises ToolError if there is none, or no room for it."""
    label, _, place = slide.shows.partition(" ")
    if label == "nothing":
        return slide
    pictures = shown.get(label, [])
    if not pictures or int(place or 1) > len(pictures):
        raise ToolError(f"the slide {slide.title!r} shows {slide.shows}, but section {label} has {len(pictures)} pictures")
    picture = repeated(pictures[int(place) - 1 if place else -1])
    bare = replace(slide, shown=[block for block in slide.shown if block.kind != "notice"])  # which is among the notes too
    slide = next((one for one in (slide, bare) if one.takes(picture)), bare)
    if not slide.takes(picture, NAMED):
        raise ToolError(f"the slide {slide.title!r} of section {slide.section!r} has no room for what it shows: {slide.shows}")
    return placed(slide, picture)


def wants(slide: Slide) -> bool:
    """Tell whether words of a slide are about what was shown before them."""
    if slide.sights or slide.kind not in SPOKEN:
        return False
    return slide.kind != "exercise" or (slide.facts["kind"] in ABOUT and any(block.kind == "value" for block in slide.shown))


def beside(slide: Slide, seen: list[Block]) -> Slide:
    """Put the last of the sights on a slide if it fits, before what waits for a key.

    What to notice is about the last sight of all. Words are about the last figure rather than a table, and an explorer is the
    last choice. A question of an exercise is about a figure right before it.
    """
    figures = [sight for sight in seen if sight.kind == "figure"]
    tables = [sight for sight in seen if sight.kind == "table"]
    last = {"notice": seen, "words": figures or tables or seen}.get(slide.kind, figures)[-1:]
    sight = next((repeated(sight) for sight in last if slide.takes(repeated(sight))), None)
    return placed(slide, sight) if sight else slide


def placed(slide: Slide, sight: Block) -> Slide:
    """Put a sight before what waits for a key."""
    place = next((n for n, block in enumerate(slide.shown) if block.step is not None or block.kind == "in-place"), None)
    place = len(slide.shown) if place is None else place
    return replace(slide, shown=[*slide.shown[:place], sight, *slide.shown[place:]])


def repeated(sight: Block) -> Block:
    """Return a sight as it is shown again: at once, and an explorer as its still picture."""
    return still(sight) if sight.kind == "explorer" else sight.at(None)


def alone_once(slides: list[Slide]) -> list[Slide]:
    """Drop a slide that shows a sight alone if the next one shows it as well; its notes go on to that one."""
    kept: list[Slide] = []
    for slide in slides:
        last = kept[-1] if kept else slide
        if last is not slide and last.kind == "result" and last.shown and last.shown == [s for s in slide.shown if s.is_sight]:
            slide = replace(slide, notes=last.notes + slide.notes, seconds=last.seconds + slide.seconds)
            kept.pop()
        kept.append(slide)
    return kept
