"""What a cell leaves behind: running it again replaces its figures, and nothing of those before stays in memory."""

import sys

from IPython import get_ipython

_open: dict[str, list] = {}  # for each cell its figures, each with the run of the cell that made it


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


def forget_pyplot(figure):
    """A figure made by ``plt.subplots()`` would also be shown by pyplot, and kept for ever."""
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)
