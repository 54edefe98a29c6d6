"""Fixtures that several test files share, and how the files are shared out between processes."""

import os
import re

import lab
import pytest
from xdist.scheduler import LoadFileScheduling


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


class OneLesson(LoadFileScheduling):
    """Shares out the tests between processes: whole files, but of those in the browser one lesson at a time."""

    def _split_scope(self, nodeid):
        lesson = re.search(r"\[\d\d_\w+", nodeid)
        return super()._split_scope(nodeid) + (lesson[0] if lesson else "")


def pytest_xdist_make_scheduler(config, log):
    return OneLesson(config, log)
