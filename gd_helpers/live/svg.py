"""Matplotlib artists as SVG: what moves in a live figure, in few bytes.

Matplotlib's own idiom for "this artist moves" is ``animated=True``: such an artist is left out when the canvas is
drawn and is included when the figure is saved. So one figure gives both the background of a live figure and the
complete static picture, and this file only has to say where the animated artists are *now*.

``moving(figure)`` finds them; ``encode(artist)`` returns SVG elements, each a ``(style, move)`` pair of attribute
dictionaries: ``style`` seldom changes, ``move`` changes with every move of a slider (None: the same as the next
one's). They are SVG's own but for the ``text`` and ``png`` that an element shows, and for a ``shape`` that is drawn
``at`` each of some points. Lengths are in quarters of a CSS pixel, rounded to whole numbers, so that a path of 100
points takes about 600 bytes.
"""

import io
from functools import lru_cache

import numpy as np
from matplotlib import colors, rcParams
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.text import Text
from PIL import Image

CSS_DPI = 100  # a figure 8 inches wide is shown 800 CSS pixels wide
PER_PIXEL = 4  # SVG units in a CSS pixel
OUT_OF_SIGHT = 1e6  # in pixels: a run that far out is no longer followed

Elements = list[tuple[dict, dict | None]]


def moving(figure: Figure) -> list[Artist]:
    """Return the animated artists of ``figure``, those drawn first (the lowest z-order) first.

    Raises:
        TypeError: if one of them is of a kind that ``encode`` cannot draw.
    """
    artists = figure.findobj(lambda artist: artist.get_animated())
    for artist in artists:
        if not isinstance(artist, tuple(ENCODERS)):
            kinds = ", ".join(kind.__name__ for kind in ENCODERS)
            raise TypeError(f"cannot move a {type(artist).__name__}: animated artists must be one of {kinds}")
    return sorted(artists, key=lambda artist: artist.get_zorder())


def encode(artist: Artist) -> Elements:
    """Return the SVG elements of ``artist`` as it is now; the figure must have been drawn once."""
    encoder = next(encoder for kind, encoder in ENCODERS.items() if isinstance(artist, kind))
    with np.errstate(all="ignore"):  # a run that diverges may overflow on its way to pixels; it is clipped there
        return encoder(artist)


def size(figure: Figure) -> tuple[int, int]:
    """Return the width and height of ``figure`` in SVG units."""
    return tuple(round(inches * CSS_DPI * PER_PIXEL) for inches in figure.get_size_inches())


def to_units(figure: Figure, pixels) -> np.ndarray:
    """Turn matplotlib's display coordinates, shape (..., 2), into SVG units (y runs down)."""
    units = np.asarray(pixels, dtype=float) * _scale(figure)
    units[..., 1] = size(figure)[1] - units[..., 1]
    return units


def to_pixels(figure: Figure, units) -> np.ndarray:
    """Turn SVG units, shape (..., 2), into matplotlib's display coordinates."""
    pixels = np.asarray(units, dtype=float).copy()
    pixels[..., 1] = size(figure)[1] - pixels[..., 1]
    return pixels / _scale(figure)


def _line(line: Line2D) -> Elements:
    path = line.get_transform().transform_path(line.get_path())
    elements = []
    if line.get_linestyle() not in ("None", "none", "", " "):
        curve = _outline(line, path)
        width = _points(line.get_linewidth())
        dashes = {"stroke-dasharray": _dashes(line, width)} if line.get_linestyle() != "-" else {}
        elements.append((_stroke(line.get_color(), line.get_alpha(), width) | dashes, curve))
    if line.get_marker() not in ("None", "none", "", " ", None):
        elements += _markers(line, path.vertices)
    return elements


def _markers(line: Line2D, pixels: np.ndarray) -> Elements:
    """Discs are dots stroked with a round cap, twice if they have an edge; other markers are outlines at each point."""
    width, edge = _points(line.get_markersize()), _points(line.get_markeredgewidth())
    low, high = _box(line).get_points()
    reach = width / 2 / _scale(line.figure)
    inside = ((pixels >= low - reach) & (pixels <= high + reach)).all(axis=1)  # which nan is not
    at = np.rint(to_units(line.figure, pixels[inside])).astype(int)
    face, rim = line.get_markerfacecolor(), line.get_markeredgecolor()
    if line.get_marker() in ("o", ".") and face != "none":
        legs = _legs(at)
        legs = legs[legs.any(axis=1)]  # a dot on the dot before it cannot be seen
        dots = {"d": "m%d%+dz" * len(legs) % tuple(legs.ravel().tolist())}
        width *= 0.5 if line.get_marker() == "." else 1
        face_style = _stroke(face, line.get_alpha(), width - edge) | {"stroke-linecap": "round"}
        if not edge:
            return [(face_style, dots)]
        rim_style = _stroke(rim, line.get_alpha(), width + edge) | {"stroke-linecap": "round"}
        return [(rim_style, None), (face_style, dots)]
    shape, filled = _marker(line.get_marker(), width)
    fill = "none" if face == "none" or not filled else _hex(face, line.get_alpha())
    style = _stroke(rim, line.get_alpha(), edge) | {"fill": fill, "shape": shape}
    return [(style, {"at": " ".join(f"{x},{y}" for x, y in at.tolist())})]


@lru_cache
def _marker(marker, width: float) -> tuple[str, bool]:
    """The outline of a marker as path data relative to its centre, and whether it is filled."""
    style = MarkerStyle(marker)
    outline = style.get_path().transformed(style.get_transform()).cleaned(curves=False, simplify=False)
    return _d(outline.vertices * width * [1, -1], outline.codes, relative=True), style.is_filled()


def _patch(patch: Patch) -> Elements:
    path = patch.get_transform().transform_path(patch.get_path())
    style = _stroke(patch.get_edgecolor(), None, _points(patch.get_linewidth()))
    return [(style | {"fill": _hex(patch.get_facecolor(), None)}, _outline(patch, path, closed=True))]


def _text(text: Text) -> Elements:
    anchor = {"left": "start", "center": "middle", "right": "end"}[text.get_horizontalalignment()]
    baseline = {"top": "hanging", "center": "central", "center_baseline": "central"}
    style = {
        "tag": "text",
        "fill": _hex(text.get_color(), text.get_alpha()),
        "font-size": _points(text.get_fontsize()),
        "font-weight": text.get_fontweight(),
        "text-anchor": anchor,
        "dominant-baseline": baseline.get(text.get_verticalalignment(), "auto"),
    }
    at = to_units(text.figure, text.get_transform().transform(text.get_position()))
    words = text.get_text() if text.get_visible() and np.isfinite(at).all() else ""
    x, y = (round(float(v)) for v in at) if words else (0, 0)
    return [(style, {"x": x, "y": y, "text": words})]


def _image(image: AxesImage) -> Elements:
    left, right, bottom, top = image.get_extent()
    corners = to_units(image.figure, image.axes.transData.transform([(left, bottom), (right, top)]))
    low, high = corners.min(axis=0), corners.max(axis=0)
    place = {"x": low[0], "y": low[1], "width": high[0] - low[0], "height": high[1] - low[1]}
    style = {"tag": "image", "preserveAspectRatio": "none"} | {name: round(float(v)) for name, v in place.items()}
    if image.get_interpolation() in ("nearest", "none"):
        style["image-rendering"] = "pixelated"
    pixels = image.to_rgba(image.get_array(), bytes=True, alpha=image.get_alpha())
    if (image.origin == "upper") == (corners[0, 1] < corners[1, 1]):
        pixels = pixels[::-1]
    png = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(png, "png")
    return [(style, {"png": png.getvalue() if image.get_visible() else b""})]


ENCODERS = {Line2D: _line, Text: _text, AxesImage: _image, Patch: _patch}


def _outline(artist, path: Path, closed: bool = False) -> dict:
    if not artist.get_visible() or not len(path.vertices):
        return {"d": ""}
    clip = None if closed else tuple(_box(artist).extents)
    far = ~(np.abs(path.vertices) < OUT_OF_SIGHT).all(axis=1)
    far[1:] &= far[:-1]  # the stroke that leaves the picture stays, those between places far outside do not
    if far.any():
        path = Path(np.where(far[:, None], np.nan, path.vertices), path.codes)
    path.simplify_threshold = 1 / _scale(artist.figure)  # leave out what is less than one of the units sent
    path = path.cleaned(remove_nans=True, clip=clip, simplify=not closed, curves=False)
    return {"d": _d(to_units(artist.figure, path.vertices), path.codes)}


def _d(units: np.ndarray, codes: np.ndarray, relative: bool = False) -> str:
    """SVG path data: absolute moves (or relative ones), relative lines, and no line that leads nowhere."""
    whole = np.rint(units.clip(-1e6, 1e6)).astype(int)
    legs = _legs(whole)
    moves, lines = codes == Path.MOVETO, (codes == Path.LINETO) & legs.any(axis=1)
    numbers = (legs if relative else np.where(moves[:, None], whole, legs))[moves | lines]
    codes = codes[moves | lines | (codes == Path.CLOSEPOLY)]
    onwards = (codes[1:] == Path.LINETO) & (codes[:-1] == Path.LINETO)
    codes[1:][onwards] = AGAIN
    # one template filled at once is several times as quick as a string for each point
    return "".join((RELATIVE if relative else ABSOLUTE)[codes].tolist()) % tuple(numbers.ravel().tolist())


def _words(move: str) -> np.ndarray:
    words = np.full(Path.CLOSEPOLY + 1, "", dtype=object)
    words[[Path.MOVETO, Path.LINETO, Path.CLOSEPOLY, AGAIN]] = move, "l%d%+d", "z", "%+d%+d"
    return words


AGAIN = Path.STOP  # a line after a line, which needs no letter
ABSOLUTE, RELATIVE = _words("M%d %d"), _words("m%d%+d")


def _legs(points: np.ndarray) -> np.ndarray:
    """From each point to the next, and to the first from (0, 0); ``np.diff`` does the same in ten times the time."""
    legs = points.copy()
    legs[1:] -= points[:-1]
    return legs


def _box(artist):
    """What the artist is clipped to, in display coordinates."""
    return artist.axes.bbox if artist.axes is not None and artist.get_clip_on() else artist.figure.bbox


def _dashes(line: Line2D, width: float) -> str:
    pattern = {"--": "dashed", "-.": "dashdot", ":": "dotted"}[line.get_linestyle()]
    return " ".join(f"{length * width:g}" for length in rcParams[f"lines.{pattern}_pattern"])


def _stroke(color, alpha, width: float) -> dict:
    return {"stroke": _hex(color, alpha), "stroke-width": round(width, 1)}


def _hex(color, alpha) -> str:
    return _hex_of(colors.to_rgba(color, alpha))


@lru_cache
def _hex_of(rgba: tuple) -> str:
    return colors.to_hex(rgba, keep_alpha=True)


def _points(points: float) -> float:
    """Typographical points (1/72 inch) in SVG units."""
    return points / 72 * CSS_DPI * PER_PIXEL


def _scale(figure: Figure) -> float:
    return CSS_DPI * PER_PIXEL / figure.dpi
