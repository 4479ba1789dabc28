"""The lecturers' page: its mistakes are those of the checks, and its plans cover every lesson."""

import re

import pytest

from tools import lecturers
from tools.exercises import announced
from tools.slides.reading import sections
from tools.texts import texts, written

PAGE = lecturers.PAGE.read_text(encoding="utf-8")
LESSONS = {section[:2]: section for section in re.split(r"^## (?=\d\d )", PAGE, flags=re.MULTILINE)[1:]}


@pytest.mark.slow
def test_mistakes_of_the_lecturers_page_are_those_of_the_checks():
    assert lecturers.filled(PAGE) == PAGE, "run `make lecturers`"


@pytest.mark.parametrize("text", texts(), ids=lambda text: text.stem[:2])
def test_plan_covers_the_lesson_in_90_and_in_45_minutes(text):
    rows = re.findall(r"^\| (?!section|---)(.*?) \| (\d+) \| (\d+|-) \|(.*?)\|$", LESSONS[text.stem[:2]], re.MULTILINE)
    notebook = written(text)
    minutes = {str(exercise["number"]): exercise["minutes"] for exercise in announced(notebook)}
    names = [name for name, *_ in rows if name != "opening"]
    assert names == [section.title for section in sections(notebook)[1:]]
    assert (sum(int(row[1]) for row in rows), sum(int(row[2]) for row in rows if row[2] != "-")) == (90, 45)
    for _, whole, half, planned in rows:
        assert sum(minutes[number] for number in re.findall(r"\d+", planned)) <= int(whole)
        assert sum(minutes[number] for number in re.findall(r"\*\*(\d+)\*\*", planned)) <= int(half.replace("-", "0"))
