"""What a scene draws, for the tests of the pictures: the points of its lines, by the title of their panel."""

import numpy as np


def ready(scene):
    """Return the scene as it is once its background is drawn."""
    scene.figure.stale = False
    return scene


def moved(scene, title=None):
    """The points, of shape (n, 2), of each line that moves in the panel of that title (the first, if there is none)."""
    assert not scene.figure.stale, "the background would be drawn anew at each move: slow, and free to jump"
    return _points(scene, title, animated=True)


def still(scene, title=None):
    """The points of each line that does not move."""
    return [points for points in _points(scene, title, animated=False) if len(points)]


def panel(scene, title=None):
    """The panel of that title, or the first."""
    return next(axes for axes in scene.figure.axes if title in (None, axes.get_title()))


def _points(scene, title, animated):
    lines = [line for line in panel(scene, title).lines if line.get_animated() == animated]
    return [np.array(line.get_data(), dtype=float).T for line in lines]
