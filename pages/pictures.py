"""The pictures of a live figure, stored: those that are likeliest to be wanted, nearest first, within a budget.

A file of them is gzip over lines of JSON, so that a page shows the first picture while the others are on their way. A
line has of the traits in ``gd_helpers/live/picture.py`` those that differ from the line before; bytes are in base64.
"""

import base64
import contextlib
import copy
import io
import itertools
import json
import zlib
from inspect import isgeneratorfunction
from math import ceil, inf, prod, sqrt

import numpy as np

from gd_helpers.live import svg
from gd_helpers.live.ahead import KEY_PIXELS

BUDGET = 300_000  # bytes of a figure's file
MOST = 4_000  # pictures of a figure
TRAININGS = 100  # pictures of a figure whose function is a generator: each is a whole training
AIMED = 250  # places of a point
TRAITS = ("still", "styles", "controls", "failed", "moves", "words", "places", "aim")


def store(live, path) -> str:
    """Write the pictures of a figure to ``path``; returns whether they are "all" that there are, "some", or "" (none).

    There are none if it answers twice with different pictures, as a figure does that shows how long something took.
    """
    here, last, count = live.value, {}, 0
    if shown(live, here) != shown(live, here):
        return ""
    pack, packed = zlib.compressobj(9, zlib.DEFLATED, 31), b""
    for values in itertools.islice(_wanted(live), TRAININGS if isgeneratorfunction(live.function) else MOST):
        now = shown(live, values)
        if now["failed"]:
            continue  # with Python it says why
        line = {name: value for name, value in now.items() if value != last.get(name)}
        if "still" in line:
            line |= _for_page(live, now["still"])
        packed, last, count = packed + pack.compress(f"{in_text(line)}\n".encode()), now, count + 1
        if len(packed) > BUDGET:
            break
    path.write_bytes(packed + pack.flush())
    shown(live, here)
    return "all" if count == prod(len(getattr(one, "options", ())) or inf for one in live.controls.values()) else "some"


def in_text(traits) -> str:
    """Turn what a figure shows into JSON."""
    return json.dumps(traits, default=lambda data: base64.b64encode(data).decode(), separators=(",", ":"))


def shown(live, values) -> dict:
    """What a figure shows for these values, asked in vain: what its scene remembers is put back."""
    memory = vars(live.scene) if getattr(live.scene, "remembers", False) else {}
    before = {name: copy.copy(kept) for name, kept in memory.items() if isinstance(kept, list | dict)}
    with contextlib.redirect_stdout(io.StringIO()):
        live.set(**values)
    memory.update(before)
    return {name: getattr(live.picture, name) for name in TRAITS}


def _for_page(live, still):
    """What stands still, with the parts that a narrow screen shows one above the other; and how far a key goes."""
    figure = getattr(live.scene, "figure", live.scene)
    panels = [artist.get_tightbbox().get_points() for artist in (*figure.axes, *figure.legends, *figure.texts)]
    boxes = svg.to_units(figure, panels).reshape(-1, 4)[:, [0, 3, 2, 1]].tolist()  # left, top, right, bottom
    targets = still["targets"][:1]  # what a click in another one means only the scene knows
    traits = {"still": still | {"parts": _parts(boxes, still["size"][0]), "targets": targets}}
    return traits | {"key_step": _grid(live)[1] if targets else 1}


def _parts(boxes, whole):
    """Cut a picture between its panels until no part is wider than a little more than half of it."""
    part = [*np.min(boxes, axis=0)[:2].tolist(), *np.max(boxes, axis=0)[2:].tolist()]
    for side in (0, 1) if part[2] - part[0] > 0.6 * whole else ():
        groups, end = [], -inf
        for box in sorted(boxes, key=lambda box: box[side]):
            if box[side] > end and (side or not groups or box[2] - box[0] > whole / 8):  # a scale of colours is narrow
                groups.append([])
            groups[-1].append(box)
            end = max(end, box[side + 2])
        if len(groups) > 1:
            return [part for group in groups for part in _parts(group, whole)]
    return [part]


def _wanted(live):
    """Yield the values of the controls, the likeliest first, none twice.

    Each control alone, from where it stands to both ends; then, for ever more places of each, all that the play slider
    can do there, and ever more places of all of them at once.
    """
    start = {name: getattr(control, "place", 0) for name, control in live.controls.items()}
    values = {name: getattr(control, "options", (control.value,)) for name, control in live.controls.items()}
    every = {name: np.arange(len(options)) for name, options in values.items()}
    played = [name for name, control in live.controls.items() if getattr(control, "interval", 0)]
    if live.aiming:
        grid, _ = _grid(live)
        values[live.aiming.name] += tuple(itertools.chain(*grid))
        every[live.aiming.name] = 1 + np.squeeze(np.arange(np.shape(grid)[0] * len(grid[0])).reshape(len(grid), -1))
    seen = set()
    for moved in _order(every, start, played):
        places = tuple((start | moved).values())
        if places not in seen:
            seen.add(places)
            yield {name: values[name][place] for name, place in zip(start, places, strict=True)}


def _order(every, start, played):
    """Yield which controls to move, and to which of every place that each has."""
    yield {}
    for name in every:
        for place in sorted(every[name].ravel().tolist(), key=lambda place: abs(place - start[name])):
            yield {name: place}
    for k in (3, 5, 9, 17, 33, 65, 129, 257, 513):
        for name, play in itertools.product(every, played):
            yield from ({name: i, play: j} for i in _few(every[name], k) for j in every[play].tolist())
        for places in itertools.product(*(_few(each, k // 2 + 1) for each in every.values())):
            yield dict(zip(every, places, strict=True))


def _few(places, k) -> list[int]:
    """About k places of those that stand in a row or in a grid, evenly spread."""
    k = ceil(k ** (1 / places.ndim))
    spread = (np.unique(np.linspace(0, n - 1, min(n, k)).round().astype(int)) for n in places.shape)
    return places[np.ix_(*spread)].ravel().tolist()


def _grid(live):
    """Where a point is tried, row by row, and how far an arrow key has to go from one place to the next."""
    left, top, right, bottom = live.picture.still["targets"][0]
    flat = len(live.aiming.point.value) == 1
    side = (right - left) / 120 if flat else sqrt((right - left) * (bottom - top) / AIMED)
    down = live.picture.aim[1:] if flat else np.arange(top + side / 2, bottom, side)
    rows = [[live.aiming.read([x, y]) for x in np.arange(left + side / 2, right, side)] for y in down]
    return rows, max(live.picture.key_step, side / (KEY_PIXELS * svg.PER_PIXEL))
