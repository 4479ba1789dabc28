"""The plans of the lecturers' page have the numbers of the sections and the minutes of the texts."""

import pytest
from test_texts import text_of

from tools import ToolError, lecturers

BODY = """:::{speaker}
:minutes: 2

Ask.
:::

## Windows

:::{speaker}
:minutes: 3

Draw.
:::

Words.

:::{speaker}
:minutes: 4

Wait.
:::

## Strides

Words.

## Real data {-}

Words."""
PAGE = """## 99 A lesson

| section | 90 min | 45 min | exercises |
|---|---|---|---|
| opening | 1 | - | |
| 3.7 Windows | 5 | 5 | **1** |
| Strides | 8 | - | |
| 9.9 Real data | - | 1 | |
"""


@pytest.fixture(autouse=True)
def lesson(tmp_path, monkeypatch):
    path = text_of(tmp_path, BODY)
    monkeypatch.setattr(lecturers, "texts", lambda names: [path])


def test_numbers_and_minutes_come_from_the_text_and_the_rest_stays():
    assert lecturers.filled(PAGE).splitlines()[4:] == [
        "| opening | 2 | - | |",
        "| 99.1 Windows | 7 | 5 | **1** |",
        "| 99.2 Strides | 8 | - | |",
        "| Real data | - | 1 | |",
    ]


def test_a_section_that_the_lesson_has_not_is_an_error():
    with pytest.raises(ToolError, match=r"^docs/lecturers.md, lesson 99: the lesson has no section called 'Stripes'$"):
        lecturers.filled(PAGE.replace("Strides", "Stripes"))
