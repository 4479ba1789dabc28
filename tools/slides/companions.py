"""Arrange the slides of a lesson once they are collected: words join words, and a figure stays beside what is said of it."""

import html
import re
from dataclasses import replace

from tools.slides.blocks import Block
from tools.slides.explorer_blocks import still
from tools.slides.slide import Slide
from tools.slides.word_blocks import part

SPOKEN = ("words", "notice", "exercise")  # kinds of slides that may show a sight again
TAG = re.compile(r"<[^>]+>")
LINE = 60  # pixels of height of one printed line
ABOUT = ("predict", "find")  # kinds of exercises that ask about what was shown


def arranged(slides: list[Slide]) -> list[Slide]:
    """Join slides of words, show the last sight of a section again beside words, and drop a slide that showed it alone."""
    return alone_once(accompanied(joined(told(slides))))


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


def joined(slides: list[Slide]) -> list[Slide]:
    """Join two slides of words in a row, if one holds both: the second title becomes a heading."""
    kept: list[Slide] = []
    for slide in slides:
        last = kept[-1] if kept else slide
        if not (last.section and last.section == slide.section and all(map(is_words, (last, slide)))):
            kept.append(slide)
            continue
        both = replace(last, shown=[*last.shown, part(slide.title), *slide.shown], notes=last.notes + slide.notes)
        if both.words <= both.body:
            kept[-1] = replace(both, seconds=last.seconds + slide.seconds)
        else:
            kept.append(slide)
    return kept


def is_words(slide: Slide) -> bool:
    """Tell whether a slide shows words alone, all at once."""
    return slide.kind == "words" and not slide.lead and all(block.kind in ("list", "prose") for block in slide.shown)


def accompanied(slides: list[Slide]) -> list[Slide]:
    """Show the sight that a section showed last beside the words of slides that have none, where it fits."""
    section, seen, made = "", [], []
    for slide in slides:
        if slide.section != section:
            section, seen = slide.section, []
        made.append(beside(slide, seen) if section and wants(slide) else slide)
        seen += slide.sights
    return made


def wants(slide: Slide) -> bool:
    """Tell whether words of a slide are about what was shown before them."""
    if slide.sights or slide.kind not in SPOKEN:
        return False
    return slide.kind != "exercise" or (slide.facts["kind"] in ABOUT and any(block.kind == "value" for block in slide.shown))


def beside(slide: Slide, seen: list[Block]) -> Slide:
    """Put the last of the sights on a slide if it fits, before what waits for a key; an explorer is only the last choice."""
    others = [sight for sight in seen if sight.kind != "explorer"]
    last = {"notice": seen, "words": others or seen}.get(slide.kind, others)[-1:]
    sight = next((repeated(sight) for sight in last if slide.takes(repeated(sight))), None)
    if sight is None:
        return slide
    place = next((n for n, block in enumerate(slide.shown) if block.step is not None), len(slide.shown))
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
