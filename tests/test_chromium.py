"""The browser runs in its sandbox, except for root and where the system has none."""

import os

import pytest
from playwright.sync_api import Error

from tools.chromium import FLAGS, launch


class Browser:
    """Stands in for Playwright's: it notes each start and raises an error where it is asked to run in a sandbox."""

    def __init__(self, message=""):
        self.message, self.sandboxes = message, []

    def launch_persistent_context(self, profile, chromium_sandbox, **options):
        self.sandboxes.append(chromium_sandbox)
        if self.message and chromium_sandbox:
            raise Error(self.message)
        return profile, options


@pytest.fixture
def user(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("message, sandboxes", [("", [True]), ("[FATAL] No usable sandbox! Update your kernel", [True, False])])
def test_a_sandbox_is_given_up_only_where_there_is_none(message, sandboxes):
    browser = Browser(message)
    assert launch(browser, "profile", {"headless": True}) == ("profile", {"headless": True})
    assert browser.sandboxes == sandboxes


@pytest.mark.usefixtures("user")
def test_another_error_is_raised():
    browser = Browser("the executable is missing")
    with pytest.raises(Error, match="the executable is missing"):
        launch(browser, "profile", {})
    assert browser.sandboxes == [True]


def test_root_runs_without_a_sandbox(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    launch(browser := Browser("Running as root without --no-sandbox is not supported"), "profile", {})
    assert browser.sandboxes == [False]


def test_no_flag_turns_the_sandbox_off():
    assert not any("sandbox" in flag for flag in FLAGS)
