"""What human eyes look at after the tests: pictures in build/screenshots, of both themes and two widths of the window."""

from tools import ROOT
from tools.lesson_page import Lesson

SHOTS = ROOT / "build" / "screenshots"
LOOKS = [("Light", 1280), ("Light", 800), ("Dark", 800), ("Dark", 1280)]


def shoot(lesson: Lesson, number: int, name: str) -> None:
    """Make a picture of a cell."""
    lesson.cell(number).scroll_into_view_if_needed()
    lesson.page.wait_for_timeout(100)  # what comes into sight finds its height
    lesson.cell(number).screenshot(path=SHOTS / f"{name}.png", animations="disabled")
