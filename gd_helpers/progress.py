"""A progress bar for the few cells that take seconds."""

from collections.abc import Iterable, Iterator

import ipywidgets as widgets
from IPython.display import display

from gd_helpers.predictions import Shown


def with_progress(items: Iterable, what: str) -> Iterator:
    """Yield the items one by one, under a bar that grows; what is stored in the notebook is a fixed line.

    Args:
        items: what to go through.
        what: what is being done, in a few words.

    >>> [number**2 for number in with_progress([1, 2, 3], "squaring")]
    squaring: 3 of 3
    [1, 4, 9]
    """
    items = list(items)
    bar = widgets.IntProgress(max=len(items), description=what, style={"description_width": "initial"})
    words = f"{what}: {len(items)} of {len(items)}"
    display(Shown(words, f"<p>{words}</p>", bar))
    for item in items:
        yield item
        bar.value += 1
