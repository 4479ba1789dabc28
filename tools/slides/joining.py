"""Join slides: words that follow words, and words that sum up what was shown just before them."""

from dataclasses import replace

from tools.slides.blocks import Block
from tools.slides.slide import Slide
from tools.slides.word_blocks import part

SHOWN = ("result", "question")  # kinds of slides that words after them may sum up


def joined(slides: list[Slide]) -> list[Slide]:
    """Join two slides of words in a row, if neither wants a picture and one holds both: the second title becomes a heading."""
    kept: list[Slide] = []
    for slide in slides:
        last = kept[-1] if kept else slide
        same = last.section and last.section == slide.section and not (last.shows or slide.shows)
        if not (same and all(map(is_words, (last, slide)))):
            kept.append(slide)
            continue
        both = replace(last, shown=[*last.shown, part(slide.title), *slide.shown], notes=last.notes + slide.notes)
        if both.words <= both.body:
            kept[-1] = replace(both, seconds=last.seconds + slide.seconds)
        else:
            kept.append(slide)
    return kept


def summed_up(slides: list[Slide]) -> list[Slide]:
    """Put words on the slide before them if that showed what they sum up, with the next key and in place of its notice.

    A slide of a notice alone is left to the speaker where such words follow it.
    """
    kept: list[Slide] = []
    for slide in slides:
        last = kept[-1] if kept else slide
        if is_words(slide) and not slide.shows and slide.section and slide.section == last.section:
            if last.kind == "notice":
                kept.pop()
                slide = replace(slide, notes=last.notes + slide.notes, seconds=last.seconds + slide.seconds)
                last = kept[-1]
            if last.section == slide.section and (both := sum_up(last, slide)):
                kept[-1] = both
                continue
        kept.append(slide)
    return kept


def sum_up(last: Slide, slide: Slide) -> Slide | None:
    """Return the slide of a result with the words that sum it up, or None where it is no result or has no room."""
    if last.kind not in SHOWN or not last.sights:
        return None
    shown = [block for block in last.shown if block.kind != "notice"]
    steps = [block.step for block in shown if block.step is not None]
    words = Block("notice", "".join(block.html for block in slide.shown), sum(block.height for block in slide.shown))
    bare = replace(last, shown=shown, title=last.title if last.asks else slide.title)
    if not bare.takes(words):
        return None
    notes, seconds = last.notes + slide.notes, last.seconds + slide.seconds
    return replace(bare, shown=[*shown, words.at(max(steps, default=-1) + 1)], notes=notes, seconds=seconds)


def is_words(slide: Slide) -> bool:
    """Tell whether a slide shows words alone, all at once."""
    return slide.kind == "words" and not slide.lead and all(block.kind in ("list", "prose", "part") for block in slide.shown)
