"""Matplotlib artists as SVG: what moves in a live figure, in few bytes.

Matplotlib's own idiom for "this artist moves" is ``animated=True``: such an artist is left out when the canvas is
drawn. So one figure gives the background, and this file only has to say where the animated artists are *now*.

``moving(figure)`` finds them; ``encode(*artists)`` returns the attributes of SVG elements: a list of styles, which
seldom change, and one of moves, which change with every move of a slider (None: the same as the next one's). They are
SVG's own but for the ``text`` and ``png`` that an element shows, and for a ``shape`` that is drawn ``at`` each of some
points. Lengths are in quarters of a CSS pixel, rounded, so that a path of 100 points takes about 600 bytes.
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
from matplotlib.path import Path
from matplotlib.text import Text
from PIL import Image

CSS_DPI = 100  # a figure 8 inches wide is shown 800 CSS pixels wide
PER_PIXEL = 4  # SVG units in a CSS pixel
OUT_OF_SIGHT = 2e6  # a run that far out is no longer followed
NOTHING = ("None", "none", "", " ", None)  # as matplotlib says of a line or a marker that there is none


def moving(figure: Figure) -> list[Artist]:
    """Return the animated artists of ``figure``, the lowest first; a TypeError names one that cannot be drawn."""
    artists = figure.findobj(lambda artist: artist.get_animated())
    for artist in artists:
        if not isinstance(artist, Line2D | Text | AxesImage):
            kind = type(artist).__name__
            raise TypeError(f"cannot move a {kind}: animated artists must be one of Line2D, Text, AxesImage")
    return sorted(artists, key=lambda artist: artist.get_zorder())


def encode(*artists: Artist) -> tuple[list[dict], list[dict | None]]:
    """Return the styles and the moves of artists of one figure as they are now; it must have been drawn once."""
    with np.errstate(all="ignore"):  # a run that diverges may overflow on its way to pixels; it is clipped there
        elements = _lines([artist for artist in artists if isinstance(artist, Line2D)])
        elements |= {artist: [_text(artist)] for artist in artists if isinstance(artist, Text)}
        elements |= {artist: [_image(artist)] for artist in artists if isinstance(artist, AxesImage)}
    together = [element for artist in artists for element in elements[artist]]
    return [style for style, _ in together], [move for _, move in together]


def size(figure: Figure) -> tuple[int, int]:
    """Return the width and height of ``figure`` in SVG units."""
    return tuple(round(inches * CSS_DPI * PER_PIXEL) for inches in figure.get_size_inches().tolist())


def to_units(figure: Figure, pixels) -> np.ndarray:
    """Turn matplotlib's display coordinates, shape (..., 2), into SVG units (y runs down)."""
    scale = CSS_DPI * PER_PIXEL / figure.dpi
    return np.array([0, size(figure)[1]]) + np.multiply(pixels, [scale, -scale])


def to_pixels(figure: Figure, units) -> np.ndarray:
    """Turn SVG units, shape (..., 2), into matplotlib's display coordinates."""
    scale = CSS_DPI * PER_PIXEL / figure.dpi
    return np.subtract(units, [0, size(figure)[1]]) / [scale, -scale]


def _lines(lines) -> dict:
    """Return the elements of each line; NumPy does many lines at once, which takes hardly longer than one."""
    elements, places = {}, _places(lines)
    within = {line: line.axes if line.get_clip_on() else line.figure for line in lines}
    corners = {part: to_units(lines[0].figure, part.bbox.get_points()) for part in {*within.values()}}
    boxes = {part: (ends.min(axis=0) - 1, ends.max(axis=0) + 1) for part, ends in corners.items()}
    curves = [line for line in lines if line.get_linestyle() not in NOTHING]
    paths = dict(zip(curves, _paths([_outline(places[line], *boxes[within[line]]) for line in curves]), strict=True))
    for line in lines:
        elements[line] = [*_casings(line), (_curve_style(line), {"d": paths[line]})] if line in paths else []
        if line.get_marker() not in NOTHING:
            elements[line] += _markers(line, places[line], *boxes[within[line]])
    return elements


def _places(lines) -> dict:
    """Return where the points of each line are, in SVG units."""
    panels, places = {}, {}
    for line in lines:
        panels.setdefault(id(line.get_transform()), []).append(line)
    for panel in panels.values():
        data = [_data(line) if line.get_visible() else np.empty((0, 2)) for line in panel]
        pixels = panel[0].get_transform().transform(np.concatenate(data))
        ends = np.cumsum([len(points) for points in data])
        places |= zip(panel, np.split(to_units(panel[0].figure, pixels), ends[:-1]), strict=True)
    return places


def _data(line) -> np.ndarray:
    """Return the points of a line, of shape (n, 2), as ``get_xydata`` does, which takes several times as long."""
    x, y = line.get_data()
    plain = type(x) is type(y) is np.ndarray and x.shape == y.shape and {x.dtype.kind, y.dtype.kind} <= {"i", "f"}
    return np.column_stack([x, y]) if plain else line.get_xydata()  # units, masks, one number for all


def _outline(points, low, high) -> Path:
    """Return what can be seen of a curve, without the points that nobody could tell from their neighbours."""
    far = ~(np.abs(points) < OUT_OF_SIGHT).all(axis=1)
    far[1:] &= far[:-1]  # the stroke that leaves the picture stays, those between places far outside do not
    if far.any():
        points = np.where(far[:, None], np.nan, points)
    path = Path(points)
    path.simplify_threshold = 1  # one of the units sent
    return path.cleaned(remove_nans=True, clip=(*low, *high), simplify=True, curves=False)


def _paths(outlines) -> list[str]:
    """Return the SVG path data of each outline: absolute moves, relative lines, and no line that leads nowhere."""
    if not outlines:
        return []
    points = np.rint(np.concatenate([path.vertices for path in outlines])).astype(int)
    codes = np.concatenate([path.codes for path in outlines])
    legs = _legs(points)
    kept = (codes != Path.LINETO) | legs.any(axis=1)
    numbers = np.where((codes == Path.MOVETO)[:, None], points, legs)[kept & (codes != Path.STOP)]
    codes = codes[kept]
    codes[1:][(codes[1:] == Path.LINETO) & (codes[:-1] == Path.LINETO)] = AGAIN
    # one template filled at once is several times as quick as a string for each point
    return ("".join(WORDS[codes].tolist()) % tuple(numbers.ravel().tolist())).split(";")[:-1]


AGAIN = Path.CURVE3  # a line after a line, which needs no letter; of curves there are none here
WORDS = np.empty(4, dtype=object)
WORDS[[Path.MOVETO, Path.LINETO, AGAIN, Path.STOP]] = "M%d %d", "l%d%+d", "%+d%+d", ";"


def _legs(points: np.ndarray) -> np.ndarray:
    """From each point to the next, and to the first from (0, 0); ``np.diff`` does the same in ten times the time."""
    legs = points.copy()
    legs[1:] -= points[:-1]
    return legs


def _casings(artist) -> list:
    """What lies under a curve or words that have matplotlib's ``withStroke``: the same, wider."""
    strokes = [effect._gc for effect in artist.get_path_effects()]  # which is not to be had otherwise
    return [(_stroke(one["foreground"], None, _points(one["linewidth"])), None) for one in strokes]


def _curve_style(line) -> dict:
    width = _points(line.get_linewidth())
    style = _stroke(line.get_color(), line.get_alpha(), width)
    if pattern := {"--": "dashed", "-.": "dashdot", ":": "dotted"}.get(line.get_linestyle()):
        style["stroke-dasharray"] = " ".join(f"{length * width:g}" for length in rcParams[f"lines.{pattern}_pattern"])
    return style


def _markers(line, points, low, high):
    """Discs are dots stroked with a round cap, twice if they have an edge; other markers are outlines at each point."""
    width, edge = _points(line.get_markersize()), _points(line.get_markeredgewidth())
    inside = ((points >= low - width / 2) & (points <= high + width / 2)).all(axis=1)  # which nan is not
    at = np.rint(points[inside]).astype(int)
    if len(at) > 1:  # one on the one before it cannot be seen
        at = at[np.append(True, (at[1:] != at[:-1]).any(axis=1))]
    face, rim, alpha = line.get_markerfacecolor(), line.get_markeredgecolor(), line.get_alpha()
    if line.get_marker() in ("o", ".") and face != "none":
        width *= 0.5 if line.get_marker() == "." else 1
        dot = {"stroke-linecap": "round"}
        dots = {"d": "m%d%+dz" * len(at) % tuple(_legs(at).ravel().tolist())}
        disc = _stroke(face, alpha, width - edge) | dot, dots
        return [(_stroke(rim, alpha, width + edge) | dot, None), disc] if edge else [disc]
    shape, filled = _marker(line.get_marker(), width)
    fill = "none" if face == "none" or not filled else _hex(face, alpha)
    move = {"at": ("%d,%d " * len(at) % tuple(at.ravel().tolist())).strip()}
    return [(_stroke(rim, alpha, edge) | {"fill": fill, "shape": shape}, move)]


@lru_cache
def _marker(marker, width: float) -> tuple[str, bool]:
    """The outline of a marker as path data relative to its centre, and whether it is filled."""
    style = MarkerStyle(marker)
    outline = style.get_path().transformed(style.get_transform()).cleaned(curves=False, simplify=False)
    legs = _legs(np.rint(outline.vertices * width * [1, -1]).astype(int)).tolist()
    words = {Path.MOVETO: "m{}{:+}", Path.LINETO: "l{}{:+}", Path.CLOSEPOLY: "z", Path.STOP: ""}
    return "".join(words[code].format(*leg) for code, leg in zip(outline.codes, legs, strict=True)), style.is_filled()


def _text(text):
    style = {
        "tag": "text",
        "fill": _hex(text.get_color(), text.get_alpha()),
        "font-size": _points(text.get_fontsize()),
        "font-weight": text.get_fontweight(),
        "text-anchor": {"left": "start", "center": "middle", "right": "end"}[text.get_horizontalalignment()],
        "dominant-baseline": {"top": "hanging", "center": "central"}.get(text.get_verticalalignment(), "auto"),
    }
    for rim, _ in _casings(text):
        style |= rim | {"paint-order": "stroke"}
    at = to_units(text.figure, text.get_transform().transform(text.get_position()))
    if not text.get_visible() or not np.isfinite(at).all():
        return style, {"x": 0, "y": 0, "text": ""}
    x, y = np.rint(at).astype(int).tolist()
    return style, {"x": x, "y": y, "text": text.get_text()}


def _image(image):
    left, right, bottom, top = image.get_extent()
    corners = to_units(image.figure, image.axes.transData.transform([(left, bottom), (right, top)]))
    low, high = corners.min(axis=0), corners.max(axis=0)
    place = zip(("x", "y", "width", "height"), (*low, *(high - low)), strict=True)
    style = {"tag": "image", "preserveAspectRatio": "none"} | {name: round(float(length)) for name, length in place}
    if image.get_interpolation() in ("nearest", "none"):
        style["image-rendering"] = "pixelated"
    pixels = image.to_rgba(image.get_array(), bytes=True, alpha=image.get_alpha())
    if (image.origin == "upper") == (corners[0, 1] < corners[1, 1]):
        pixels = pixels[::-1]
    png = _png(pixels.tobytes(), *pixels.shape[1::-1])
    return style, {"png": png, "opacity": int(image.get_visible())}  # 0, not nothing: so it can dissolve (live.css)


@lru_cache(maxsize=8)  # an image often stands still while something else moves, and this takes milliseconds
def _png(pixels: bytes, width: int, height: int) -> bytes:
    png, image = io.BytesIO(), Image.frombytes("RGBA", (width, height), pixels)
    if image.getcolors():  # at most 256: a byte each, and half as many in all
        palette, places = np.unique(np.frombuffer(pixels, np.uint32), return_inverse=True)
        image = Image.frombytes("P", image.size, places.astype(np.uint8).tobytes())
        image.putpalette(palette.tobytes(), "RGBA")
    image.save(png, "png")
    return png.getvalue()


def _stroke(color, alpha, width: float) -> dict:
    return {"stroke": _hex(color, alpha), "stroke-width": round(width, 1)}


_to_hex = lru_cache(colors.to_hex)


def _hex(color, alpha) -> str:
    return _to_hex(colors.to_rgba(color, alpha), keep_alpha=True)


def _points(points: float) -> float:
    """Typographical points (1/72 inch) in SVG units."""
    return points / 72 * CSS_DPI * PER_PIXEL
