"""Fixtures that several test files share."""

import os

import lab
import pytest


@pytest.fixture(scope="session")
def lab_address(tmp_path_factory):
    """The address of a private JupyterLab that serves copies of the lessons."""
    with lab.served(tmp_path_factory.mktemp("lab")) as address:
        yield address


@pytest.fixture(scope="module")  # while it lives, its event loop keeps other tests from running one of their own
def chrome():
    """A headless Chromium. Where there is none the test is skipped, or fails if GD_REQUIRE_BROWSER is set."""
    if lab.chromium() is None:
        reason = "no Chromium found: install chromium to run the browser tests"
        (pytest.fail if os.environ.get("GD_REQUIRE_BROWSER") else pytest.skip)(reason)
    with lab.browser() as chrome:
        yield chrome
