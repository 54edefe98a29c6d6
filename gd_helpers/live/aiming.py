"""A point chosen in the picture: between the place that the browser aims at and the value of a ``point``."""

from math import floor, log10

import numpy as np

from gd_helpers.live import svg


class Aiming:
    """Where a point stands in a picture, and what a click there means.

    Args:
        name: the name of the point.
        point: the control.
        scene: what ``live`` was given; ``controls.point`` says what it may have to do with aiming.
        figure: its figure, which has been drawn.
    """

    def __init__(self, name, point, scene, figure):
        self.name, self.point, self._scene, self._figure = name, point, scene, figure
        first = getattr(scene, "target", None) or figure.axes[0]
        self._axes = [first, *(axes for axes in getattr(scene, "targets", ()) if axes is not first)]
        words = name.replace("_", " ")
        self.hint = f"Click or drag in the picture to move the {words}, or focus it and use the arrow keys."

    def state(self) -> dict:
        """What the browser needs to know, in SVG units."""
        boxes = [svg.to_units(self._figure, axes.bbox.get_points()) for axes in self._axes]
        return {
            "hint": self.hint,
            "targets": [[left, top, right, bottom] for (left, bottom), (right, top) in boxes],
            "aim": self.aim_for(self.point.value),
            "key_step": float(getattr(self._scene, "key_step", 1.0)),
        }

    def aim_for(self, place) -> list:
        """Return where ``place`` lies in the picture, in SVG units."""
        axes = self._axes[0]
        place = (*place, *axes.viewLim.max)[:2]  # on a curve only the first coordinate matters
        return svg.to_units(self._figure, axes.transData.transform(place)).tolist()

    def place_at(self, aim) -> tuple:
        """Return the coordinates of a place in the picture, rounded to what a hand can tell apart there."""
        axes = next((axes for axes in self._axes[1:] if axes.bbox.contains(*svg.to_pixels(self._figure, aim))), None)
        if axes is None:
            axes, to_place = self._axes[0], lambda axes, x, y: (x, y)
        else:
            to_place = self._scene.to_place

        def read(units):
            return np.array(to_place(axes, *axes.transData.inverted().transform(svg.to_pixels(self._figure, units))))

        here, apart = read(aim), np.abs(read(np.add(aim, 1.0)) - read(aim))
        fine = apart * min(1.0, getattr(self._scene, "key_step", 1.0))
        decimals = [max(0, 1 - floor(log10(step))) if step > 0 else 6 for step in fine]
        return tuple(round(float(x), places) for x, places in zip(here, decimals, strict=True))[: len(self.point.value)]
