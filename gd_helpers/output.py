"""What a cell shows besides pictures: texts that are stored with the notebook, tables, a progress bar."""

from collections.abc import Iterable, Iterator
from html import escape

import ipywidgets as widgets
import numpy as np
from IPython.display import display

from gd_helpers.checks import as_iterator, as_whole_number, said


class Shown:
    """What a cell shows: a live widget where a kernel runs, fixed text and HTML everywhere else."""

    def __init__(self, text: str, html: str, widget: widgets.Widget | None = None):
        self.text, self.html, self.widget = text, html, widget

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        bundle = {"text/plain": self.text, "text/html": self.html}
        if self.widget is not None:
            view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
            bundle["application/vnd.jupyter.widget-view+json"] = view
        return bundle


def table(rows, *columns: str, digits: int = 3) -> Shown:
    """Show rows of numbers and words as aligned columns; as a cell's last expression it is the cell's output.

    Args:
        rows: one tuple a row. Words stay as they are; other numbers than whole ones are rounded.
        *columns: the names of the columns.
        digits: to how many digits that count numbers are rounded.

    >>> table([(0.05, 20), (0.1, 1)], "rate", "steps")
    rate  steps
    0.05     20
     0.1      1
    """
    rows = list(as_iterator("rows", rows, "a list with one tuple a row"))
    digits, columns = as_whole_number("digits", digits, at_least=1, at_most=17), [str(column) for column in columns]
    if not columns:
        raise ValueError(f"columns must be given, one for each entry of a row, but got rows {said(rows)} alone")
    cells = []
    for row in rows:
        entries = tuple(row) if isinstance(row, list | tuple) or getattr(row, "ndim", 0) else ()
        if len(entries) != len(columns):
            raise ValueError(f"rows must have {len(columns)} entries, one for each column, but got {said(row)}")
        cells.append([_in_words(entry, digits) for entry in entries])
    to_the_left = [any(isinstance(row[i], str) for row in rows) for i in range(len(columns))]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]

    def line(entries):
        placed = zip(entries, widths, to_the_left, strict=True)
        return "  ".join(f"{entry:{'<' if left else '>'}{width}}" for entry, width, left in placed).rstrip()

    def html_row(entries, tag):
        sides = ["left" if left else "right" for left in to_the_left]
        # a column without a name has no header: an empty one is read out as a riddle
        tags = [tag if entry else "td" for entry in entries]
        pairs = zip(entries, sides, tags, strict=True)
        inner = (f'<{tag} style="text-align: {side}">{escape(entry)}</{tag[:2]}>' for entry, side, tag in pairs)
        return f"<tr>{''.join(inner)}</tr>"

    text = "\n".join(line(entries) for entries in (columns, *cells))
    html = html_row(columns, 'th scope="col"') + "".join(html_row(row, "td") for row in cells)
    return Shown(text, f"<table>{html}</table>")


def _in_words(entry, digits) -> str:
    if entry is None:
        return "-"
    if isinstance(entry, bool | np.bool_):
        return "yes" if entry else "no"
    if isinstance(entry, int | np.integer) and not isinstance(entry, np.timedelta64):
        return f"{entry:,}"
    if isinstance(entry, np.ndarray) and entry.ndim == 0:
        entry = entry.item()
    if isinstance(entry, float | np.floating):
        return f"{entry + 0.0:.{digits}g}"  # + 0.0: no minus before a zero
    return " ".join(str(entry).split())


def with_progress(items: Iterable, what: str) -> Iterator:
    """Yield the items one by one, under a bar that grows; what is stored in the notebook is a fixed line.

    ``what`` says in a few words what is being done.

    >>> [number**2 for number in with_progress([1, 2, 3], "squaring")]
    squaring: 3 of 3
    [1, 4, 9]
    """
    if not isinstance(what, str):
        raise ValueError(f"what must be a few words, but got {said(what)}")
    items = list(as_iterator("items", items, "something to go through, such as range(10)"))
    bar = widgets.IntProgress(max=len(items), description=what, style={"description_width": "initial"})
    words = f"{what}: {len(items)} of {len(items)}"
    display(Shown(words, f"<p>{words}</p>", bar))
    for item in items:
        yield item
        bar.value += 1
