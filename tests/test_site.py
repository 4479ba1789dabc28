"""The website: links to the glossary, folded answers, text alternatives, the glossary itself."""

import base64
import re

import nbformat
import pytest
from docutils.core import publish_doctree
from myst_parser.docutils_ import Parser

from tools import ToolError
from tools.exercises import BEGIN, END
from tools.texts import colab_badge, texts
from tools.website import pages
from tools.website.first_uses import link_first_uses
from tools.website.glossary import Term, finder, terms

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FIELD = Term("receptive field", "수용 영역", 3, "What a unit sees.")
EFFECTIVE = Term("effective receptive field", "유효 수용 영역", 3, "What counts.")
MAP, MEASURE = Term("feature map", "특징 맵", 1, "Answers.", also=("map",)), Term("mAP", "평균", 8, "A mean.")


def linked(text: str, *chosen: Term) -> list[tuple[str, str, str]]:
    """Parse MyST, link, and list each link as (words, address, tooltip)."""
    document = publish_doctree(text, parser=Parser(), settings_overrides={"myst_enable_extensions": ["dollarmath"]})
    link_first_uses(document, list(chosen), lambda term: f"#{term.term}")
    places = document.findall(lambda node: "first-use" in getattr(node, "attributes", {}).get("classes", []))
    return [(place.astext(), place["refuri"], place["reftitle"]) for place in places]


def test_only_the_first_use_is_linked_with_its_meaning():
    assert linked("A **receptive field**. Two receptive fields.", FIELD) == [
        ("receptive field", "#receptive field", "What a unit sees.")
    ]


def test_plural_capital_and_line_break():
    assert [words for words, *_ in linked("Their names:\nReceptive\nfields of units", FIELD)] == ["Receptive\nfields"]


def test_no_link_in_titles_code_mathematics_links_or_longer_words():
    text = "# receptive field\n\n`receptive field` [receptive field](#a) $receptive field$ receptive fieldwork\n\n"
    assert linked(f"{text}```\nreceptive field\n```", FIELD) == []


def test_longest_term_wins():
    batch, norm = Term("batch", "배치", 1, "Images."), Term("batch norm", "배치 정규화", 1, "Scales.")
    assert [address for _, address, _ in linked("batch norm over a batch", batch, norm)] == ["#batch norm", "#batch"]
    assert [words for words, *_ in linked("effective receptive field", FIELD, EFFECTIVE)] == ["effective receptive field"]


def test_capitals_tell_words_apart():
    assert [(words, address) for words, address, _ in linked("mAP and a map", MAP, MEASURE)] == [
        ("mAP", "#mAP"),
        ("map", "#feature map"),
    ]


def prose_of(number: int) -> str:
    """Read a lesson's Markdown without titles and code."""
    text = texts([f"{number:02}"])[0].read_text(encoding="utf-8")
    return re.sub(r"(?s:```.*?```)|`[^`]*`|^#+ .*$", "", text, flags=re.MULTILINE)


def test_each_term_occurs_in_its_lesson():
    prose = {number: prose_of(number) for number in range(1, 11)}
    assert [term.term for term in terms() if not finder([term])[0].search(prose[term.lesson])] == []
    assert [term.term for term in terms() if term.linked_in and term.lesson not in term.linked_in] == []


def test_each_term_has_a_korean_word_and_a_sentence():
    assert [term.term for term in terms() if not re.search(r"[가-힣]", term.korean)] == []
    assert [term.term for term in terms() if not re.fullmatch(r"[A-Z][^.].*\.", term.meaning)] == []


def test_terms_are_unique():
    spellings = [words for term in terms() for words in (term.term, *term.also)]
    assert len(spellings) == len(set(spellings)) and 80 <= len(terms()) <= 140


def exercise() -> nbformat.NotebookNode:
    """Make an executed exercise."""
    source = f"answer = ...\n{BEGIN}\nanswer = 6 * 7\n{END}\ncheck.question(answer)"
    return nbformat.v4.new_code_cell(source, id="x", outputs=[nbformat.v4.new_output("stream", text="✔ question\n")])


def test_answer_and_its_output_are_folded_below_the_stub():
    stub, answer = pages.folded(exercise(), "3")
    assert stub.source == "answer = ...\ncheck.question(answer)" and not stub.outputs
    assert answer.source == "answer = ...\nanswer = 6 * 7\ncheck.question(answer)"
    assert answer.metadata.tags == ["hide-cell"] and answer.outputs[0].text == "✔ question\n"
    assert answer.metadata.mystnb.code_prompt_show == "Answer to exercise 3"


def test_figure_becomes_a_file_with_its_text_alternative(tmp_path):
    facts = {"image/png": {"alt": 'a "map" < 1', "width": 30, "height": 20}}
    output = nbformat.v4.new_output("display_data", {"image/png": DOT, "text/plain": "a"}, metadata=facts)
    made = pages.shown(output, tmp_path / "x-0").data["text/html"]
    assert (tmp_path / "x-0.png").read_bytes() == base64.b64decode(DOT)
    assert 'src="../_static/figures/x-0.png" alt="a &quot;map&quot; &lt; 1" width="30" height="20"' in made


def test_figures_of_lessons_with_equal_ids_are_different_files(tmp_path):
    facts = {"image/png": {"alt": "a map", "width": 30, "height": 20}}
    output = nbformat.v4.new_output("display_data", {"image/png": DOT}, metadata=facts)
    for lesson in ("01_a", "02_b"):
        cells = [
            nbformat.v4.new_markdown_cell("# Title\n\nWords."),
            nbformat.v4.new_code_cell("1", id="x", outputs=[output.copy()]),
        ]
        pages.page_of(nbformat.v4.new_notebook(cells=cells), lesson, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["01_a-x-0.png", "02_b-x-0.png"]


@pytest.mark.parametrize("repository", ["", "https://github.com/someone/course"])
def test_links_under_the_title(repository):
    badge = colab_badge({"repository": repository, "branch": "main"}, "03_bottleneck")
    cell = nbformat.v4.new_markdown_cell(f"{badge}\n\n# 02 Title\n\nA filter.".lstrip())
    made = pages.with_links(cell, "03_bottleneck").source
    assert made.startswith("# 02 Title\n\n{download}`Download the notebook <../notebooks/03_bottleneck.ipynb>`")
    assert made.endswith("\n\nA filter.") and "badge.svg" not in made
    assert ("[Open in Colab](https://colab.research.google.com/github/someone/" in made) == bool(repository)


def test_links_into_the_repository_become_links_of_the_site():
    text = "![p](docs/lesson.png) [A](lessons/01_a.ipynb) [S](../solutions/01_a.md) [L](docs/l.md#x) "
    text += "[C](../CONTRIBUTING.md) [W](https://w.org)"
    known, nowhere = ["lessons/01_a.ipynb", "l.md"], {"repository": "", "branch": "main"}
    left = "![p](lesson.png) [A](lessons/01_a.ipynb) [S](lessons/01_a.ipynb) [L](l.md#x) "
    assert pages.relinked(text, known, nowhere) == left + "C [W](https://w.org)"
    somewhere = {"repository": "https://github.com/someone/course.git", "branch": "main"}
    made = pages.relinked(text, known, somewhere)
    assert made == left + "[C](https://github.com/someone/course/blob/main/CONTRIBUTING.md) [W](https://w.org)"


def test_lesson_without_fresh_outputs_is_refused_in_a_sentence(tmp_path, monkeypatch):
    text = texts(["02"])[0]
    copied = tmp_path / text.name
    copied.write_text(text.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ToolError, match=r"03_bottleneck\.ipynb is missing: run `make notebooks` first\."):
        pages.lesson(copied)
