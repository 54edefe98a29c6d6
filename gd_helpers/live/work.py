"""Work for the learner's function: what it prints, and long work, a generator that says on its way how far it is."""

import asyncio
import contextlib
import sys
import time
from contextvars import ContextVar

# An endless generator is stopped after so many sentences; and after so many seconds, where no hand can move it on.
MOST_SENTENCES, PATIENCE = 10_000, 30

_listening = ContextVar("listening", default=None)


@contextlib.contextmanager
def listening(printed):
    """Write into ``printed`` what is printed from here; a cell that runs meanwhile keeps what it prints."""
    before, token = (sys.stdout, sys.stderr), _listening.set(printed)
    sys.stdout, sys.stderr = map(_Stream, before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        _listening.reset(token)


class _Stream:
    def __init__(self, stream):
        self._stream = stream

    def write(self, text):
        into = _listening.get()
        return (self._stream if into is None else into).write(text)

    def __getattr__(self, name):
        return getattr(self._stream, name)


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
