"""The pictures of the lessons, in plain matplotlib: each scene draws once what stands still and moves the rest.

A scene has a ``figure`` and a ``show`` method that takes arrays or a ``Run``. What moves is ``animated=True``; see
``live/svg.py`` for what that is good for. Every scene works without any widget: make it, call ``show``, look at
``scene.figure``.

Everywhere ``steps`` is the largest number of steps that will be shown, and ``losses`` the (lowest, highest) loss.
"""

import gd_helpers.quiet  # noqa: F401
