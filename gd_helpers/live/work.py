"""Work for the learner's function: when its turn is, and long work, a generator that says on its way how far it is."""

import asyncio
import contextlib
import functools
import sys
import threading
from types import SimpleNamespace

from IPython import get_ipython
from threadpoolctl import threadpool_limits

# The matrices of this course are small. With more threads no lesson is quicker; but while those wait for work they take
# several times as much of the processor, which the browser needs, and whoever else learns on this machine. Python in
# the page has none to limit.
if sys.platform != "emscripten":
    with contextlib.suppress(UnicodeError):  # threadpoolctl takes the names of all folders to be in UTF-8
        threadpool_limits(1, "blas")


def in_turn(method):
    """Have a method of a live figure wait for its turn in the thread that runs the cells.

    JupyterLab may tell of a moved slider in another thread; but neither matplotlib nor a learner's cell reckons with
    two of them.
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
