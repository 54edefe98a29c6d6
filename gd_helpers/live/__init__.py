"""Live figures: sliders that move pictures. ``figure.py`` is the mechanism, ``controls.py`` what a hand moves."""

import gd_helpers.quiet  # noqa: F401
from gd_helpers.live.controls import choice, log_slider, play, point, powers_of_two, slider, switch
from gd_helpers.live.figure import Live, live

__all__ = ["Live", "choice", "live", "log_slider", "play", "point", "powers_of_two", "slider", "switch"]
