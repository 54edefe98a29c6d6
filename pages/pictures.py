"""The pictures of a live figure, stored: those that are likeliest to be wanted, nearest first, within a budget.

A file of them is gzip over lines of JSON, so that a page shows the first picture while the others are on their way. A
line has of the traits in ``gd_helpers/live/picture.py`` those that differ from the line before; bytes are in base64.
"""

import base64
import contextlib
import copy
import io
import json
import zlib
from inspect import isgeneratorfunction
from itertools import islice, product
from math import inf, prod, sqrt

import numpy as np
from PIL import Image

from gd_helpers.live import svg

BUDGET = 300_000  # bytes of a figure's file
MOST = 4_000  # pictures of a figure
TRAININGS = 100  # pictures of a figure whose function is a generator: each is a whole training
AIMED = 250  # places of a point
MARGIN = 20  # around a part, in SVG units
TRAITS = ("still", "styles", "controls", "failed", "moves", "words", "places", "aim")


def store(live, path) -> str:
    """Write the pictures of a figure to ``path``; returns what the reader is to know of what is missing, or "".

    There are none if it answers twice with different pictures, as a figure does that shows how long something took.
    """
    here, last, count = live.value, {}, 0
    if shown(live, here) != shown(live, here):
        return "Here this picture stands still."
    pack, packed = zlib.compressobj(9, zlib.DEFLATED, 31), b""
    for values in islice(_wanted(live), TRAININGS if isgeneratorfunction(live.function) else MOST):
        now = shown(live, values)
        if now["failed"]:
            continue  # with Python it says why
        line = {name: value for name, value in now.items() if value != last.get(name)}
        if "still" in line:
            line |= _for_page(live, now["still"])
        text = json.dumps(line, default=lambda data: base64.b64encode(data).decode(), separators=(",", ":"))
        packed, last, count = packed + pack.compress(f"{text}\n".encode()), now, count + 1
        if len(packed) > BUDGET:
            break
    path.write_bytes(packed + pack.flush())
    shown(live, here)
    if getattr(live.scene, "remembers", False):
        return "Here each try stands alone: those before are not kept."
    whole = count == prod(len(getattr(one, "options", ())) or inf for one in live.controls.values())
    return "" if whole else "Here the controls go to the nearest of the pictures that were worked out beforehand."


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
    background = io.BytesIO()  # a quarter of the PNG, which leaves room for pictures
    Image.open(io.BytesIO(still["background"])).save(background, "webp", quality=90)
    # Beside words that all its panels share, a picture stays whole.
    parts = _wider([[0, 0, *still["size"]]] if figure.texts else _parts(boxes, still["size"][0]), *still["size"])
    still = still | {"background": background.getvalue(), "parts": list(parts), "targets": targets}
    return {"still": still, "key_step": _grid(live)[1] if targets else 0}


def _wider(parts, width, height):
    """Give each part a margin, and at the right all the room that there is: names move there."""
    for left, top, right, bottom in parts:
        beside = [x for x, above, _, below in parts if x > right and above < bottom and top < below]
        yield [max(left - MARGIN, 0), max(top - MARGIN, 0), min([*beside, width]), min(bottom + MARGIN, height)]


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

    Each control alone, those with few places first: from where it stands to both ends, a point everywhere, coarsely
    first. Then, for ever more places of each, all that the play slider can do there, and ever more places of all of
    them at once.
    """
    values = {name: list(getattr(control, "options", ())) for name, control in live.controls.items()}
    spread = {name: [place for (place,) in _coarse_first(len(options))] for name, options in values.items()}
    start = {name: getattr(control, "place", -1) for name, control in live.controls.items()}
    if live.aiming:
        grid, _ = _grid(live)
        values[live.aiming.name] = [*np.concatenate(grid).tolist(), live.aiming.point.value]
        spread[live.aiming.name] = [row * len(grid[0]) + column for row, column in _coarse_first(*np.shape(grid)[:2])]
    seen = set()
    for moved in _moves(start, spread, [name for name, one in live.controls.items() if getattr(one, "interval", 0)]):
        places = tuple((start | moved).values())
        if places not in seen:
            seen.add(places)
            yield {name: values[name][place] for name, place in zip(start, places, strict=True)}


def _moves(start, spread, played):
    """Yield which controls to move, and where to, from their ``start``."""
    yield {}
    for name, places in sorted(spread.items(), key=lambda control: len(control[1])):
        near = sorted(places, key=lambda place: abs(place - start[name])) if start[name] >= 0 else places
        yield from ({name: place} for place in near)
    for k in (3, 5, 9, 17, 33, 65, 129, 257, 513):
        for name, play in product(spread, played):
            yield from ({name: place, play: playing} for place in spread[name][:k] for playing in sorted(spread[play]))
        yield from (
            dict(zip(spread, at, strict=True)) for at in product(*(few[: k // 2 + 1] for few in spread.values()))
        )


def _coarse_first(*counts):
    """All places of a row or a grid, ordered so that the first of them are spread evenly."""
    halvings = [[{round(j * (n - 1) / 2**m) for j in range(2**m + 1) if n} for n in counts] for m in range(11)]
    return list(dict.fromkeys(place for steps in halvings for place in product(*map(sorted, steps))))


def _grid(live):
    """Where a point is tried, row by row, and how far an arrow key has to go from one place to the next."""
    left, top, right, bottom = live.picture.still["targets"][0]
    flat = len(live.aiming.point.value) == 1
    side = (right - left) / 120 if flat else sqrt((right - left) * (bottom - top) / AIMED)
    down = live.picture.aim[1:] if flat else np.arange(top + side / 2, bottom, side)
    rows = [[live.aiming.read([x, y]) for x in np.arange(left + side / 2, right, side)] for y in down]
    return rows, max(live.picture.key_step, side)
