"""What keeps the pages of the site small: formulas typeset by the build, styles that match something, values that come late."""

import json

import pytest
from docutils import nodes
from docutils.core import publish_doctree

from tools import ToolError
from tools.vendored import Missing, node, node_modules
from tools.website import explorers, formulas, slim

CSS = """
@charset "utf-8";
/* a comment */
.used, .never > p { color: red }
.never { color: blue }
p:not(.never), [data-theme="dark"] .used { color: green }
@media print { .never { display: none } .used { display: none } }
@media screen { .never { display: none } }
@font-face { font-family: F; src: url(f.woff2) }
"""


@pytest.fixture(scope="module")
def packages():
    """Skip where the JavaScript of the site cannot be had."""
    try:
        node(), node_modules()
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.mark.usefixtures("packages")
def test_formulas_are_html_and_mathml_once_each():
    made = formulas.typeset([("x^2", False), ("x^2", True)])
    assert all("<math " in html and 'class="katex-html"' in html for html in made.values())
    assert "katex-display" in made["x^2", True] and "katex-display" not in made["x^2", False]


def test_a_formula_holds_the_mark_after_it():
    document = publish_doctree("At :math:`x`, :math:`y` and (:math:`z`). End")
    formulas.hold_marks(document)
    assert [place.get("mark", "") for place in document.findall(nodes.math)] == [",", "", ")."]
    assert document.astext() == "At x y and (z End"


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("tex", [r"\frac{1}", r"\unknown", "x^"])
def test_a_formula_that_cannot_be_read_stops_the_build_with_a_sentence(tex):
    with pytest.raises(ToolError, match=r"A formula cannot be shown: .*KaTeX parse error"):
        formulas.typeset([("x", False), (tex, False)])


def test_only_what_can_match_stays_in_a_style_sheet():
    made = slim.slim(CSS, {"used"})
    assert "comment" not in made and "blue" not in made and "screen" not in made and ".never >" not in made
    for kept in (".used{", "p:not(.never)", '[data-theme="dark"] .used', "@media print", "@font-face", "@charset"):
        assert kept in made, kept
    assert slim.slim(made, {"used"}) == made


def test_the_classes_of_a_site_are_those_of_its_pages_and_the_words_of_its_scripts(tmp_path):
    (tmp_path / "index.html").write_text('<p class="one two-three">four</p>', encoding="utf-8")
    (tmp_path / "script.js").write_text('element.classList.add("five");', encoding="utf-8")
    found = slim.names(tmp_path)
    assert {"one", "two-three", "five"} <= found and "four" not in found


@pytest.mark.parametrize("count", [1, explorers.LARGE])
def test_large_values_of_an_explorer_are_a_script_of_their_own(tmp_path, count):
    values = {"detections": list(range(count)), "words": "</script>"}
    path = tmp_path / "09_lesson-x-0"
    made, files = explorers.place("suppression", values, path), list(tmp_path.iterdir())
    assert made.count("</script>") == 1
    if count == 1:
        assert not files and "data-values" not in made and '"detections":[0]' in made
        return
    assert [file.name for file in files] == ["09_lesson-x-0.js"] and 'data-values="../_static/' in made and len(made) < 1_500
    written = files[0].read_text(encoding="utf-8").partition("textContent = ")[2].strip().removesuffix(";")
    assert json.loads(json.loads(written)) == values
