"""The website: links to the glossary, the glossary itself, links into the repository, a lesson that is stale."""

import re
from pathlib import Path

import pytest
from docutils.core import publish_doctree
from myst_parser.docutils_ import Parser

from tools import ROOT, ToolError
from tools.forms import Box
from tools.numbering import count
from tools.texts import colab_address, solution_cells, texts
from tools.website import pages
from tools.website.boxes import on_site
from tools.website.first_uses import first_use, link_first_uses
from tools.website.glossary import Term, finder, terms

FIELD = Term("receptive field", "수용 영역", "vgg", "What a unit sees.")
EFFECTIVE = Term("effective receptive field", "유효 수용 영역", "vgg", "What counts.")
MAP, MEASURE = Term("feature map", "특징 맵", "convolution", "Answers.", also=("map",)), Term("mAP", "평균", "rcnn", "A mean.")


def linked(text: str, *chosen: Term) -> list[tuple[str, str, str]]:
    """Parse MyST, link, and list each link as (words, address, meaning)."""
    enabled = {"myst_enable_extensions": ["colon_fence", "dollarmath"]}
    document = publish_doctree(text, parser=Parser(), settings_overrides=enabled)
    link_first_uses(document, list(chosen), lambda term: f"#{term.term}")
    return [(place.astext(), place["refuri"], place["meaning"]) for place in document.findall(first_use)]


def test_only_the_first_use_is_linked_with_its_meaning():
    assert linked("A **receptive field**. Two receptive fields.", FIELD) == [
        ("receptive field", "#receptive field", "What a unit sees.")
    ]


def test_plural_capital_and_line_break():
    assert [words for words, *_ in linked("Their names:\nReceptive\nfields of units", FIELD)] == ["Receptive\nfields"]


def test_no_link_in_titles_code_mathematics_links_or_longer_words():
    text = "# receptive field\n\n`receptive field` [receptive field](#a) $receptive field$ receptive fieldwork\n\n"
    assert linked(f"{text}```\nreceptive field\n```", FIELD) == []


def test_a_first_use_in_a_box_is_linked_but_not_in_its_title():
    box = on_site([Box("sidebar", "The receptive field", {}, "A receptive field.")], "vgg", count())
    assert [words for words, *_ in linked(box, FIELD)] == ["receptive field"]
    assert linked(box.replace("A receptive field.", "Words."), FIELD) == []


def test_longest_term_wins():
    batch, norm = Term("batch", "배치", "training", "Images."), Term("batch norm", "배치 정규화", "training", "Scales.")
    assert [address for _, address, _ in linked("batch norm over a batch", batch, norm)] == ["#batch norm", "#batch"]
    assert [words for words, *_ in linked("effective receptive field", FIELD, EFFECTIVE)] == ["effective receptive field"]


def test_capitals_tell_words_apart():
    assert [(words, address) for words, address, _ in linked("mAP and a map", MAP, MEASURE)] == [
        ("mAP", "#mAP"),
        ("map", "#feature map"),
    ]


def prose_of(text: Path) -> str:
    """Read a lesson's Markdown without titles and code."""
    return re.sub(r"(?s:```.*?```)|`[^`]*`|^#+ .*$", "", text.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_each_term_occurs_in_its_lesson():
    prose = {text.stem[3:]: prose_of(text) for text in texts()}
    assert [term.term for term in terms() if not finder([term])[0].search(prose[term.lesson])] == []
    assert [term.term for term in terms() if term.linked_in and term.lesson not in term.linked_in] == []


def test_each_term_has_a_korean_word_and_a_sentence():
    assert [term.term for term in terms() if not re.search(r"[가-힣]", term.korean)] == []
    assert [term.term for term in terms() if not re.fullmatch(r"[A-Z][^.].*\.", term.meaning)] == []


def test_terms_are_unique():
    spellings = [words for term in terms() for words in (term.term, *term.also)]
    assert len(spellings) == len(set(spellings)) and 80 <= len(terms()) <= 200


@pytest.mark.parametrize("picture", ["", "\n![A map.](pictures/a.png)\n"])
@pytest.mark.parametrize("repository", ["", "https://github.com/someone/course"])
def test_links_are_below_the_picture_or_the_title(repository, picture):
    colab = colab_address({"repository": repository, "branch": "main"}, "03_bottleneck")
    made = pages.with_links(f"# 03 Title\n\nA filter?\n{picture}\nWords.", "03_bottleneck", colab)
    before, _, after = made.partition("\n\n{download}`Download the notebook <../notebooks/03_bottleneck.ipynb>`")
    assert before.endswith("(pictures/a.png)" if picture else "# 03 Title") and after.endswith("\n\nWords.")
    assert ("[Open in Colab](https://colab.research.google.com/github/someone/" in after) == bool(repository)


@pytest.mark.slow
@pytest.mark.parametrize("text", texts(), ids=lambda text: text.stem)
def test_the_page_of_a_lesson_can_be_made_without_results(text, tmp_path):
    page = pages.page_of(text, solution_cells(text), count(), tmp_path)
    opening = page.cells[0].source
    assert re.match(rf"# {text.stem[:2]} ", opening) and opening.count(f"../notebooks/{text.stem}.ipynb") == 1
    marks = [cell.source for cell in page.cells if cell.source.startswith(("<details", "</details"))]
    assert [mark.startswith("</") for mark in marks] == [False, True] * (len(marks) // 2)
    every = "\n".join(cell.source for cell in page.cells)
    asked, folded = every.count("box-question"), every.count('<details class="fold result">')
    assert asked == folded > 0, "each question has its result in a fold"


def test_links_into_the_repository_become_links_of_the_site():
    text = "![p](docs/slide.png) [A](lessons/01_a.ipynb) [S](../solutions/01_a.md) [L](docs/l.md#x) "
    text += "![o](solutions/pictures/01_a.png) [C](../CONTRIBUTING.md) [W](https://w.org)"
    known, nowhere = ["lessons/01_a.ipynb", "l.md"], {"repository": "", "branch": "main"}
    left = "![p](slide.png) [A](lessons/01_a.ipynb) [S](lessons/01_a.ipynb) [L](l.md#x) ![o](lessons/pictures/01_a.png) "
    assert pages.relinked(text, known, nowhere) == left + "C [W](https://w.org)"
    somewhere = {"repository": "https://github.com/someone/course.git", "branch": "main"}
    made = pages.relinked(text, known, somewhere)
    assert made == left + "[C](https://github.com/someone/course/blob/main/CONTRIBUTING.md) [W](https://w.org)"


def test_lesson_without_fresh_outputs_is_refused_in_a_sentence(tmp_path, monkeypatch):
    text = texts(["03"])[0]
    copied = tmp_path / text.name
    copied.write_text(text.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ToolError, match=r"03_bottleneck\.ipynb is missing: run `make notebooks` first\."):
        pages.lesson(copied, count())


def test_the_menu_has_pages_for_lecturers_apart_from_lessons():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    parts = {part.partition("\n")[0]: part.split("```")[0].splitlines()[1:] for part in index.split(":caption: ")[1:]}
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")} | {"glossary", "contributing"}
    assert {page for part in parts.values() for page in part} - {"", ":glob:", "lessons/*"} == pages - {"index"}
    assert set(parts["To teach"]) >= {"lecturers", "classes"} and "lecturers" not in parts["The course"]
