"""What a cell shows besides pictures: texts that are stored with the notebook, tables, a progress bar."""

from collections.abc import Iterable, Iterator
from html import escape
from itertools import islice

import ipywidgets as widgets
import numpy as np
from IPython.display import display

from gd_helpers.checks import as_iterator, as_whole_number, said

MOST_ITEMS = 100_000  # that one bar counts


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

    ``rows`` are tuples, one entry for each of the named ``columns``. Words and whole numbers stay as they are; other
    numbers are rounded to so many ``digits`` that count.

    >>> table([(0.05, 20), (0.1, 1)], "rate", "steps")
    rate  steps
    0.05     20
     0.1      1
    """
    rows = list(as_iterator("rows", rows, "a list with one tuple a row"))
    digits, lines = as_whole_number("digits", digits, at_least=1, at_most=17), [[str(column) for column in columns]]
    for row in rows:
        if not (isinstance(row, list | tuple) or np.ndim(row)) or len(row) != len(columns):
            raise ValueError(f"rows must have one entry for each of {len(columns)} columns, but got {said(row)}")
        lines.append([_as_cell(entry, digits) for entry in row])
    sides = ["left" if any(isinstance(row[i], str) for row in rows) else "right" for i in range(len(columns))]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]

    def in_text(line):
        placed = zip(line, sides, widths, strict=True)
        return "  ".join(f"{cell:{'<' if side == 'left' else '>'}{width}}" for cell, side, width in placed).rstrip()

    return Shown("\n".join(map(in_text, lines)), html_table(lines, sides, heads=[0]))


def html_table(lines, sides, heads, shown=escape) -> str:
    """Lay out lines of texts as an HTML table, of which some are ``heads``, by their numbers."""
    html = ""
    for number, line in enumerate(lines):
        html += "<tr>"
        for cell, side in zip(line, sides, strict=True):
            tag = 'th scope="col"' if cell and number in heads else "td"  # an empty header is read out as a riddle
            html += f'<{tag} style="text-align: {side}">{shown(cell)}</{tag[:2]}>'
        html += "</tr>"
    return f"<table>{html}</table>"


def _as_cell(entry, digits) -> str:
    if entry is None:
        return "-"
    if isinstance(entry, bool | np.bool_):
        return "yes" if entry else "no"
    if isinstance(entry, np.ndarray) and entry.ndim == 0:
        entry = entry.item()
    if isinstance(entry, int | np.integer):
        return f"{entry:,}"
    if isinstance(entry, float | np.floating):
        return f"{rounded(entry, digits):z.{digits}g}"  # z: no minus before a zero
    return " ".join(str(entry).split())


def rounded(number: float, digits: int) -> float:
    """Return the number with so many digits that count.

    A number half way between two is rounded as it is written, so that its last bit, which processors differ in, does
    not decide.

    >>> rounded(31254.6, 4), rounded(0.245 * (1 - 1e-15), 2) == rounded(0.245 * (1 + 1e-15), 2)
    (31250.0, True)
    """
    as_written = float(f"{number:.{max(digits, 12)}g}")
    return float(f"{as_written:.{digits}g}")


def with_progress(items: Iterable, what: str) -> Iterator:
    """Yield the items one by one, under a bar that grows; what is stored in the notebook is a fixed line.

    ``what`` says in a few words what is being done.

    >>> [number**2 for number in with_progress([1, 2, 3], "squaring")]
    squaring: 3 of 3
    [1, 4, 9]
    """
    if not isinstance(what, str):
        raise ValueError(f"what must be a few words, but got {said(what)}")
    items = list(islice(as_iterator("items", items, "something to go through, such as range(10)"), MOST_ITEMS + 1))
    if len(items) > MOST_ITEMS:
        raise ValueError(f"items must come to an end, but there are more than {MOST_ITEMS:,}")
    bar = widgets.IntProgress(max=len(items), description=what, style={"description_width": "initial"})
    words = f"{what}: {len(items)} of {len(items)}"
    display(Shown(words, f"<p>{words}</p>", bar))
    for item in items:
        yield item
        bar.value += 1
