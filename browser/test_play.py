"""Exercises that are answered on a page of the website: by hand, by keyboard, without a kernel."""

# ruff: noqa: D103

from browser.site import open_page

WRONG = "✘ 22 is what you get with a kernel rotated by 180 degrees"


def test_predictions_and_finds_are_judged_on_the_page(address, reader):
    page = open_page(reader, f"{address}/lessons/01_convolution.html")
    number, letters = page.locator("form.play").first, page.locator("form.play").last
    field, verdict = number.locator("input"), number.locator(".verdict")
    field.fill("22")
    field.press("Enter")
    assert verdict.inner_text().startswith(WRONG)
    for count in (1, 2, 3):
        number.locator(".hint").click()
        assert number.locator(".hints li").count() == count
    assert not number.locator(".hint").is_visible(), "there are no more"
    field.fill("(0*2 + 2*4 - 1*4) + (2*2 + 0*4 + 2*4) + (2*2 + 0*3 - 1*1)")
    number.locator("button[type=submit]").click()
    assert verdict.inner_text() == "✔ right"
    letters.locator("input[value=a]").check()
    letters.locator("button[type=submit]").click()
    assert letters.locator(".verdict").inner_text() == "✔ right"
    assert reader.faults == []
    page.close()
