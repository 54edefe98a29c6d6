"""The widget in the browser: the picture of a live figure, and its controls."""

from pathlib import Path

import anywidget
import ipywidgets as widgets
import traitlets

from gd_helpers.live import svg

_FILES = Path(__file__).parent


class Picture(anywidget.AnyWidget):
    """The widget that ``live.js`` draws, controls and all. Lengths are in the SVG units of ``svg.py``."""

    _esm = "\n".join((_FILES / name).read_text(encoding="utf-8") for name in ("controls.js", "live.js"))
    _css = _FILES / "live.css"
    size = traitlets.List().tag(sync=True)
    units_per_pixel = traitlets.Int(svg.PER_PIXEL).tag(sync=True)
    controls = traitlets.List(help="what the browser needs to draw each control").tag(sync=True)
    places = traitlets.List(help="where each of them stands").tag(sync=True, echo_update=False)
    background = traitlets.Bytes().tag(sync=True)
    styles = traitlets.List().tag(sync=True)
    moves = traitlets.List().tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)
    printed = traitlets.Unicode().tag(sync=True)
    failed = traitlets.Bool().tag(sync=True)
    hint = traitlets.Unicode().tag(sync=True)
    targets = traitlets.List(help="left, top, right, bottom of each of the axes to aim in").tag(sync=True)
    aim = traitlets.List(help="the point chosen").tag(sync=True, echo_update=False)
    asked = traitlets.Int(help="how many moves there were in the browser").tag(sync=True, echo_update=False)
    answer = traitlets.List(help="which answer this is, since when it holds, for which move: see ahead.py").tag(
        sync=True
    )
    key_step = traitlets.Float(1.0, help="how far an arrow key goes, compared with 8 pixels").tag(sync=True)


_layouts: list[widgets.Layout] = []


def shared_layout():
    """One layout for all pictures: each would bring a widget model of its own."""
    if not _layouts or _layouts[0].comm is None:  # all widgets may have been closed
        _layouts[:] = [widgets.Layout(width="100%")]
    return _layouts[0]
