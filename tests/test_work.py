"""A learner's work is never lost: what `make lab` does with the notebooks in work/, kind by kind."""

import itertools
import json
import os
import re
from unittest import mock

import nbformat
import pytest

from cnnlib import files
from tools import ROOT, ToolError, notebook_files, work

SETUP = nbformat.v4.new_code_cell("print('ready')", metadata={"tags": ["setup"]})
NAME, NEW = "01_first.ipynb", "01_first.new.ipynb"


def notebook(*versions, solved=False):
    """A lesson of a set-up cell, a text and an exercise per version, with its answer or without."""
    cells = [SETUP, nbformat.v4.new_markdown_cell("# 01 First")]
    for version in versions:
        lines = ["answer = ...", f"check.{version}(answer)"]
        if solved:
            lines[1:1] = ["### BEGIN SOLUTION", f"answer = '{version}'", "### END SOLUTION"]
        cells.append(nbformat.v4.new_code_cell("\n".join(lines)))
    return nbformat.from_dict(nbformat.v4.new_notebook(cells=cells))


def save(path, content, line_end="\n"):
    path.parent.mkdir(exist_ok=True)
    path.write_text(nbformat.writes(content), encoding="utf-8", newline=line_end)


class Course:
    """A course of one lesson in a folder of its own, as the course's authors and a learner use it."""

    def __init__(self, root):
        self.root, self.work = root, root / "work"

    def publish(self, *versions):
        save(self.root / "solutions" / NAME, notebook(*versions, solved=True))
        save(self.root / "lessons" / NAME, notebook(*versions))

    def lab(self):
        return work.update(self.root)

    def edit(self, change, name=NAME, folder="work"):
        content = nbformat.read(self.root / folder / name, as_version=4)
        change(content)
        save(self.root / folder / name, content)

    def text(self, name=NAME):
        return "\n".join(cell.source for cell in nbformat.read(self.work / name, as_version=4).cells)

    def names(self):
        return sorted(path.name for path in self.work.iterdir() if path.name != ".course")


@pytest.fixture
def course(tmp_path):
    made = Course(tmp_path)
    made.publish("a")
    return made


def type_answer(content):
    content.cells[2].source = content.cells[2].source.replace("...", "'mine'")


def run_cell(content, number=2):
    content.cells[number].execution_count = 1
    content.cells[number].outputs = [nbformat.v4.new_output("stream", text="the loss is 0.1")]


TOUCHES = {
    "an answer typed, not run": type_answer,
    "an answer run": lambda content: (type_answer(content), run_cell(content)),
    "outputs alone": run_cell,
    "a note in the text": lambda content: content.cells[1].update(source="# 01 First\n\nremember this"),
    "a cell added": lambda content: content.cells.append(nbformat.v4.new_code_cell("")),
    "a cell removed": lambda content: content.cells.pop(),
    "a cell moved": lambda content: content.cells.insert(1, content.cells.pop()),
    "a cell's type changed": lambda content: content.cells.__setitem__(2, nbformat.v4.new_raw_cell(content.cells[2].source)),
}


def rename_ids(content):
    for number, cell in enumerate(content.cells[1:]):
        cell.update(id=f"x{number}", metadata={"collapsed": True})


def end_lines_as_windows_does(content):
    for cell in content.cells:
        cell.source = cell.source.replace("\n", "\r\n")


LEAVINGS = {  # what programs leave in a notebook that a learner only looked at
    "nothing": lambda content: None,
    "the set-up cell run": lambda content: run_cell(content, 0),
    "a kernel's metadata": lambda content: content.metadata.update(language_info={"name": "python"}, widgets={}),
    "other ids and folded cells": rename_ids,
    "Windows line ends in cells": end_lines_as_windows_does,
}


def test_the_first_start_copies_every_lesson_and_says_nothing(course):
    assert course.lab() == []
    assert (course.work / NAME).read_bytes() == (course.root / "lessons" / NAME).read_bytes()
    assert course.lab() == [] and course.names() == [NAME]


@pytest.mark.parametrize("leave", LEAVINGS.values(), ids=LEAVINGS)
def test_an_untouched_copy_follows_the_course(course, leave):
    course.lab()
    course.edit(leave)
    course.publish("a", "b")
    assert course.lab() == [f"work/{NAME} is now the course's new version: you had not changed the old one."]
    assert "check.b" in course.text() and course.names() == [NAME]
    assert course.lab() == []


@pytest.mark.parametrize("touch", TOUCHES.values(), ids=TOUCHES)
def test_a_touched_copy_stays_and_the_new_version_is_next_to_it(course, touch):
    course.lab()
    course.edit(touch)
    before = (course.work / NAME).read_bytes()
    assert course.lab() == [] and course.names() == [NAME], "the course has not changed"
    course.publish("a", "b")
    (sentence,) = course.lab()
    assert f"stays in work/{NAME}" in sentence and f"work/{NEW}" in sentence
    assert (course.work / NAME).read_bytes() == before
    assert "check.b" in course.text(NEW)
    course.publish("a", "b", "c")
    assert len(course.lab()) == 1
    assert "check.c" in course.text(NEW) and course.names() == [NAME, NEW], "never more than one"
    assert (course.work / NAME).read_bytes() == before


def test_two_touched_versions_both_stay(course):
    course.lab()
    course.edit(type_answer)
    course.publish("a", "b")
    course.lab()
    course.edit(type_answer, NEW)
    before = [(course.work / name).read_bytes() for name in (NAME, NEW)]
    course.publish("a", "b", "c")
    (sentence,) = course.lab()
    assert "both" in sentence and NEW in sentence
    assert [(course.work / name).read_bytes() for name in (NAME, NEW)] == before and course.names() == [NAME, NEW]
    (course.work / NEW).rename(course.work / "older.ipynb")
    course.lab()
    assert "check.c" in course.text(NEW) and "mine" in course.text("older.ipynb"), "what the sentence advises works"


def test_a_new_version_that_the_learner_deleted_does_not_come_back(course):
    course.lab()
    course.edit(type_answer)
    course.publish("a", "b")
    course.lab()
    assert "still there" in course.lab()[0]
    (course.work / NEW).unlink()
    assert course.lab() == [] and course.names() == [NAME]


@pytest.mark.parametrize("adopt", ["rename the new one", "delete the old one"])
def test_a_new_version_that_the_learner_adopts_is_followed_again(course, adopt):
    course.lab()
    course.edit(type_answer)
    course.publish("a", "b")
    course.lab()
    (course.work / NAME).unlink()
    if adopt == "rename the new one":
        (course.work / NEW).rename(course.work / NAME)
    assert course.lab() == [] and course.names() == [NAME]
    course.publish("c")
    course.lab()
    assert "check.c" in course.text() and course.names() == [NAME]


@pytest.mark.parametrize("lose", ["deleted", "empty", "of another lesson", "not JSON"])
def test_without_its_memory_everything_counts_as_the_learner_s(course, lose):
    course.lab()
    course.edit(type_answer)
    before = (course.work / NAME).read_bytes()
    record = course.work / ".course" / NAME
    if lose == "deleted":
        record.unlink()
    else:
        record.write_text({"empty": "", "not JSON": "{", "of another lesson": nbformat.writes(notebook("z"))}[lose])
    course.publish("a", "b")
    assert len(course.lab()) == 1
    assert (course.work / NAME).read_bytes() == before and course.names() == [NAME, NEW]
    assert "check.b" in course.text(NEW)


def test_a_renamed_copy_is_left_alone_and_a_fresh_one_is_made(course):
    course.lab()
    course.edit(type_answer)
    (course.work / NAME).rename(course.work / "mine.ipynb")
    course.publish("a", "b")
    assert course.lab() == [] and course.names() == [NAME, "mine.ipynb"]
    assert "mine" in course.text("mine.ipynb") and "check.b" in course.text()


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_line_ends_of_the_files_are_no_change(course, line_end):
    course.lab()
    save(course.work / NAME, notebook("a"), line_end)
    save(course.root / "lessons" / NAME, notebook("a"), "\r\n")
    assert course.lab() == [] and course.names() == [NAME]
    course.publish("a", "b")
    course.lab()
    assert "check.b" in course.text()


def test_a_byte_order_mark_is_no_change(course):
    course.lab()
    path = course.work / NAME
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert course.lab() == [] and course.names() == [NAME]


BROKEN = {
    "merge markers": b'{\n "cells": [\n<<<<<<< HEAD\n  1\n=======\n  2\n>>>>>>> main\n ]}',
    "half a file": b'{"cells": [',
    "an empty file": b"",
    "another kind of JSON": b"[1, 2]",
    "a notebook of format 3": b'{"worksheets": [], "nbformat": 3}',
    "a cell without text": b'{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "a cell of another kind": b'{"cells": [{"cell_type": "code", "source": null}], "metadata": {}, "nbformat": 4}',
    "bytes": bytes(range(256)),
    "endless brackets": b"[" * 100_000,
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("folder", ["work", "lessons"])
def test_a_broken_notebook_is_one_sentence_and_stays(course, folder, content):
    course.lab()
    broken = course.root / folder / NAME
    broken.write_bytes(content)
    (sentence,) = course.lab()
    assert (
        sentence.startswith(f"{folder}/{NAME} is not a notebook: ")
        and ("Rename it" if folder == "work" else "Restore it") in sentence
        and "\n" not in sentence
    )
    assert ("merge markers" in sentence) == (content == BROKEN["merge markers"])
    assert broken.read_bytes() == content
    if folder == "work":
        broken.rename(course.work / "broken.ipynb")
        course.lab()
        assert "check.a" in course.text(), "what the sentence advises works"


def test_a_broken_new_version_is_left_alone(course):
    course.lab()
    course.edit(type_answer)
    course.publish("a", "b")
    course.lab()
    (course.work / NEW).write_text("{")
    course.publish("c")
    assert len(course.lab()) == 1 and (course.work / NEW).read_text() == "{"


def test_a_broken_lesson_does_not_keep_the_others_away(course):
    save(course.root / "lessons" / "02_second.ipynb", notebook("b"))
    (course.root / "lessons" / NAME).write_text("<<<<<<< HEAD")
    assert len(course.lab()) == 1 and course.names() == ["02_second.ipynb"]


@pytest.mark.parametrize("touch", [type_answer, run_cell, TOUCHES["a note in the text"]])
@pytest.mark.parametrize("has_solutions", [True, False])
def test_work_in_lessons_moves_to_work_and_is_never_taken_for_the_course_s(course, touch, has_solutions):
    if not has_solutions:
        if touch is TOUCHES["a note in the text"]:
            pytest.skip("without the solutions, a note cannot be told from the course's text")
        (course.root / "solutions" / NAME).unlink()
    course.edit(touch, folder="lessons")
    (sentence,) = course.lab()
    assert f"changed lessons/{NAME}" in sentence and f"kept as work/{NAME}" in sentence
    before = (course.work / NAME).read_bytes()
    assert before == (course.root / "lessons" / NAME).read_bytes()
    assert course.lab() == [] and course.names() == [NAME], "it is said once"
    course.publish("a", "b")
    course.lab()
    assert (course.work / NAME).read_bytes() == before and course.names() == [NAME, NEW]


def test_work_in_lessons_is_kept_beside_work_in_work(course):
    course.lab()
    course.edit(type_answer)
    for number in (1, 2):
        course.edit(lambda content, number=number: content.cells[2].update(source=f"answer = {number}"), folder="lessons")
        assert f"work/01_first.saved{number}.ipynb" in course.lab()[0]
    assert [course.text(f"01_first.saved{number}.ipynb")[-1] for number in (1, 2)] == ["1", "2"]
    assert "mine" in course.text()


@pytest.mark.parametrize("where", ["a file in its place", "a folder that refuses"])
def test_a_folder_that_cannot_be_written_is_one_sentence(course, where, monkeypatch):
    if where == "a file in its place":
        course.work.write_text("mine")
    else:
        refusal = mock.Mock(side_effect=PermissionError(13, "Permission denied"))
        monkeypatch.setattr(files.Path, "write_bytes", refusal)
    with pytest.raises(ToolError, match=r"work.*cannot be written: [A-Z].*\. The folder must be yours"):
        course.lab()
    assert where == "a folder that refuses" or course.work.read_text() == "mine"


def test_a_folder_that_cannot_be_looked_into_is_one_sentence(course, monkeypatch):
    monkeypatch.setattr(files.Path, "exists", mock.Mock(side_effect=PermissionError(13, "Permission denied", "work/x")))
    with pytest.raises(ToolError, match=r"^work/x cannot be used: Permission denied\. The folder must be yours\.$"):
        course.lab()


def test_no_lessons_are_one_sentence(tmp_path):
    with pytest.raises(ToolError, match=r"There are no notebooks in .*make notebooks"):
        work.update(tmp_path)


def test_a_copy_is_written_whole_or_not_at_all(course, monkeypatch):
    course.lab()
    before = (course.work / NAME).read_bytes()
    course.publish("a", "b")

    def stop(path, data):
        with open(path, "wb") as file:
            file.write(data[:10])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(files.Path, "write_bytes", stop)
        course.lab()
    assert (course.work / NAME).read_bytes() == before and course.names() == [NAME]
    course.lab()
    assert "check.b" in course.text()


@pytest.mark.parametrize("stopped_after", range(1, 5))
def test_an_interruption_between_two_writes_loses_nothing(course, stopped_after, monkeypatch):
    """The learner edits between a copy and its record that was never written, then the course changes again."""
    writes = itertools.count(1)

    def interrupted(path, data, write=notebook_files.write):
        write(path, data)
        if next(writes) == stopped_after:
            raise KeyboardInterrupt

    monkeypatch.setattr(work, "write", interrupted)
    for versions in ("a", "ab", "abc"):
        course.publish(*versions)
        try:
            course.lab()
        except KeyboardInterrupt:
            course.edit(type_answer)
            break
    course.publish(*"abcd")
    course.lab()
    assert "mine" in course.text() and "check.d" in course.text(NEW)


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The course's own lessons as `make lab` copies them."""
    root = tmp_path_factory.mktemp("course")
    for folder in ("lessons", "solutions"):
        os.symlink(ROOT / folder, root / folder)
    assert work.update(root) == [], "the lessons are what is built"
    return root / "work"


@pytest.mark.parametrize("folder", ["solutions", "nowhere"])
def test_no_lesson_of_the_course_looks_as_if_somebody_worked_in_it(folder):
    lessons = work.lessons_of(ROOT)
    assert [path.name for path in lessons if work.worked_in(notebook_files.read(path), ROOT / folder / path.name)] == []


def test_every_lesson_is_copied_and_links_lead_somewhere_from_there(real):
    lessons = work.lessons_of(ROOT)
    assert sorted(path.name for path in real.glob("*.ipynb")) == [path.name for path in lessons]
    for lesson in lessons:
        cells = json.loads((real / lesson.name).read_text(encoding="utf-8"))["cells"]
        for cell in (cell for cell in cells if cell["cell_type"] == "markdown"):
            for target in re.findall(r"\]\((?!https?:|#|mailto:|attachment:|data:)([^)#\s]+)", "".join(cell["source"])):
                assert (real / target).exists(), f"{lesson.name} links to {target}"
