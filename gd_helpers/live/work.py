"""Work for the learner's function: when its turn is, and long work, a generator that says on its way how far it is."""

import asyncio
import contextlib
import functools
import threading
import time

from threadpoolctl import threadpool_limits

# The matrices of this course are small. With more threads no lesson is quicker; but while those wait for work they take
# several times as much of the processor, which the browser needs, and whoever else learns on this machine.
threadpool_limits(1, "blas")

# An endless generator is stopped after so many sentences; and after so many seconds, where no hand can move it on.
MOST_SENTENCES, PATIENCE = 10_000, 30


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
    """Yield what a generator yields, and at last what it returns, if anything; an endless one is stopped."""
    for _ in range(MOST_SENTENCES):
        try:
            words = next(generator)
        except StopIteration as end:
            if end.value is not None:
                yield end.value
            return
        yield "" if words is None else words
    generator.close()
    raise RuntimeError(f"stopped after {MOST_SENTENCES:,} sentences on the way: does the loop come to an end?")


def last(sentences):
    """Return the last of some sentences, unless they take too long."""
    words, deadline = None, time.monotonic() + PATIENCE
    for words in sentences:
        if time.monotonic() > deadline:
            raise TimeoutError(f"stopped after {PATIENCE} seconds, at: {words}")
    return words


def running_loop():
    """Return the event loop that runs here, or None."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def captured(printed):
    """Write into ``printed`` what is printed from here, errors too."""
    both = contextlib.ExitStack()
    both.enter_context(contextlib.redirect_stdout(printed))
    both.enter_context(contextlib.redirect_stderr(printed))
    return both
