"""What a scene draws, for the tests of the pictures: the points of its lines, by the title of their panel."""

import numpy as np


def ready(scene):
    """Return the scene as it is once its background is drawn."""
    scene.figure.stale = False
    return scene


def panel(scene, title=None):
    """The panel of that title, or the first."""
    return next(axes for axes in scene.figure.axes if title in (None, axes.get_label()))


def moved(scene, title=None):
    """The points, of shape (n, 2), of each line that moves in that panel."""
    assert not scene.figure.stale, "the background would be drawn anew at each move: slow, and free to jump"
    return [np.transpose(line.get_data()) for line in panel(scene, title).lines if line.get_animated()]


def still(scene, title=None):
    """The points of each line that does not move, but for those that stand in a legend alone."""
    lines = [line for line in panel(scene, title).lines if not line.get_animated() and len(line.get_xdata())]
    return [np.transpose(line.get_data()) for line in lines]
