"""A point chosen in the picture: between the place that the browser aims at and the value of a ``point``."""

from math import floor, log10

import numpy as np

from gd_helpers.live import svg

KEY_STEP = 8 * svg.PER_PIXEL  # how far an arrow key goes, in SVG units, unless a scene says otherwise


class Aiming:
    """Where a ``point`` of that name stands in the figure of a scene, and what a click there means.

    ``controls.point`` says what the scene may have to do with aiming.
    """

    def __init__(self, name, point, scene, figure):
        self.name, self.point, self._scene, self._figure = name, point, scene, figure
        first = getattr(scene, "target", None) or figure.axes[0]
        self._axes = [first, *(axes for axes in getattr(scene, "targets", ()) if axes is not first)]

    @property
    def key_step(self) -> float:
        """How far an arrow key goes, in SVG units."""
        return KEY_STEP * float(getattr(self._scene, "key_step", 1.0))

    def still(self) -> dict:
        """What the browser needs to know once, in SVG units, as soon as the figure has been drawn."""
        self._place, self._aim = None, None  # the value of the point for which the aim was worked out last
        boxes = [svg.to_units(self._figure, axes.bbox.get_points()).tolist() for axes in self._axes]
        words = self.name if len(self.name) == 1 else f"the {self.name.replace('_', ' ')}"  # w, but the start
        return {
            "hint": f"Click or drag in the picture to move {words}, or focus it and use the arrow keys.",
            "targets": [[left, top, right, bottom] for (left, bottom), (right, top) in boxes],
        }

    @property
    def aim(self) -> list:
        """Where the point is in the picture, in SVG units."""
        if self.point.value != self._place:
            self._place, self._aim = self.point.value, self._aim_for(self.point.value)
        return self._aim

    def _aim_for(self, place):
        axes = self._axes[0]
        place = (*place, *axes.viewLim.max)[:2]  # on a curve only the first coordinate matters
        with np.errstate(all="ignore"):  # far outside, or where a logarithmic axis has no place for it
            units = svg.to_units(self._figure, axes.transData.transform(place))
        return np.nan_to_num(units).clip(-1e6, 1e6).tolist()

    def place_at(self, aim) -> tuple:
        """Return the coordinates of a place that was aimed at, which is kept as it is if it lies in the first axes."""
        self._place = self.read(aim)
        self._aim = list(aim) if self._axes_at(aim) is self._axes[0] else self._aim_for(self._place)
        return self._place

    def _axes_at(self, aim):
        pixels = svg.to_pixels(self._figure, aim)
        return next((axes for axes in self._axes[1:] if axes.bbox.contains(*pixels)), self._axes[0])

    def read(self, aim) -> tuple:
        """Return the coordinates of a place in the picture, rounded to what a hand can tell apart there."""
        axes = self._axes_at(aim)
        here, next_to_it = axes.transData.inverted().transform(svg.to_pixels(self._figure, [aim, np.add(aim, 1.0)]))
        if axes is not self._axes[0]:
            here, next_to_it = (np.array(self._scene.to_place(axes, *place)) for place in (here, next_to_it))
        fine = np.abs(next_to_it - here) * min(1.0, self.key_step / KEY_STEP)
        decimals = [max(0, 1 - floor(log10(step))) if step > 0 else 6 for step in fine]
        return tuple(round(float(x), places) for x, places in zip(here, decimals, strict=True))[: len(self.point.value)]
