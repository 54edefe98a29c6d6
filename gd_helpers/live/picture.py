"""The widget in the browser: the picture of a live figure, and its controls."""

from pathlib import Path

import anywidget
import traitlets

_FILES = Path(__file__).parent


class Picture(anywidget.AnyWidget):
    """The widget that ``live.js`` draws, controls and all. Lengths are in the SVG units of ``svg.py``."""

    _esm = "\n".join((_FILES / name).read_text(encoding="utf-8") for name in ("controls.js", "live.js"))
    _css = (_FILES / "live.css").read_text(encoding="utf-8")  # as a path, its watcher would keep every picture
    layout = traitlets.Any().tag(sync=True)  # none: it would be a widget model of its own
    still = traitlets.Dict(help="the background as PNG, its size, where to aim; what ahead.py keeps").tag(sync=True)
    styles = traitlets.List().tag(sync=True)
    moves = traitlets.List().tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)
    printed = traitlets.Unicode().tag(sync=True)
    failed = traitlets.Bool().tag(sync=True)
    controls = traitlets.List(help="what the browser needs to draw each control").tag(sync=True)
    places = traitlets.List(help="where each of them stands").tag(sync=True, echo_update=False)
    aim = traitlets.List(help="the point chosen").tag(sync=True, echo_update=False)
    key_step = traitlets.Float(help="how far an arrow key goes").tag(sync=True)
    asked = traitlets.Int(help="how many moves there were in the browser").tag(sync=True, echo_update=False)
    answer = traitlets.List(help="its number, since when it holds, for which move: see ahead.py").tag(sync=True)
