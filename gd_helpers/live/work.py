"""A live figure in its kernel: whose turn it is, long work, what is printed, what a cell that is run again leaves."""

import asyncio
import contextlib
import functools
import sys
import threading
from types import SimpleNamespace

from IPython import get_ipython
from threadpoolctl import threadpool_limits

# The matrices of this course are small. More threads make no lesson quicker; but waiting for work they take several
# times as much of the processor, which browsers and other learners need. Python in the page has none to limit.
if sys.platform != "emscripten":
    with contextlib.suppress(UnicodeError):  # threadpoolctl takes the names of all folders to be in UTF-8
        threadpool_limits(1, "blas")


_open: dict[str, list] = {}  # for each cell its figures, each with the run of the cell that made it


def in_turn(method):
    """Have a method of a live figure wait for its turn in the thread that runs the cells.

    JupyterLab may tell of a moved slider in another thread; matplotlib and a learner's cell do not reckon with two.
    """

    @functools.wraps(method)
    def waiting(figure, *arguments):
        if figure.loop is None or figure.thread == threading.get_ident():
            method(figure, *arguments)
        else:
            figure.loop.call_soon_threadsafe(method, figure, *arguments)

    return waiting


def sentences(generator):
    """Yield what a generator yields, and at last what it returns, if anything."""
    end = yield from generator
    if end is not None:
        yield end


def running_loop():
    """Return the event loop that runs here, or None."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


@contextlib.contextmanager
def captured(printed):
    """Write into ``printed`` what is printed from here, errors too; if it is None, that goes where it goes anyway.

    Meanwhile a notebook's ``exit()`` raises, as it does elsewhere: else the kernel would end with the next cell.
    """
    shell = get_ipython() or SimpleNamespace()
    shell.ask_exit = sys.exit
    try:
        with contextlib.redirect_stdout(printed or sys.stdout), contextlib.redirect_stderr(printed or sys.stderr):
            yield
    finally:
        vars(shell).pop("ask_exit", None)


def close_earlier(shown):
    """Running a cell again replaces its figures: close those before, or each run would leave some in memory."""
    shell = get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    # Some front ends do not say which cell it is; then a cell is known by its text, from which this name is made.
    code = getattr(shown.function, "__code__", None)
    cell = parent.get("metadata", {}).get("cellId") or (code and code.co_filename)
    run = parent.get("header", {}).get("msg_id")
    if run is None or cell is None:
        return
    for earlier, figure in _open.get(cell, []):
        if earlier != run:
            figure.close()
    _open[cell] = [one for one in _open.get(cell, []) if one[0] == run] + [(run, shown)]
