"""Learning-rate schedules: functions from the step (0, 1, 2, ...) to the rate of that step.

Pass one to ``descend`` as its ``learning_rate``; a run of ``n`` steps asks for steps 0 to ``n - 1``. A rate is a
number, or an array of shape ``(..., 1)`` that gives each run its own. A ValueError names an argument that does not fit.
"""

import math

import numpy as np

from gd_helpers.checks import as_number, as_whole_number, check_broadcast
from gd_helpers.rules import as_schedule


def step_decay(rate, *, every, factor=0.1):
    """Multiply the rate by ``factor`` after ``every`` so many steps: ``rate * factor^floor(step / every)``.

    >>> schedule = step_decay(1.0, every=10, factor=0.5)
    >>> [schedule(step) for step in (0, 9, 10, 20)]
    [1.0, 1.0, 0.5, 0.25]
    """
    every, stairs = as_whole_number("every", every, at_least=1), exponential(rate, factor=factor)
    return _of_whole_steps(lambda step: stairs(step // every))


def exponential(rate, *, factor):
    """Multiply the rate by ``factor`` at every step: ``rate * factor^step``.

    A factor above 1 makes the rate grow, as in a learning-rate range test, up to the largest number there is.

    >>> [exponential(1.0, factor=0.5)(step) for step in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """
    rate = as_number("rate", rate, "at least 0")
    factor = as_number("factor", factor, "above 0")
    check_broadcast(rate=rate, factor=factor)

    def at(step):
        with np.errstate(over="ignore"):
            grown = np.minimum(rate * np.float_power(factor, step), np.finfo(float).max)
        return grown if grown.ndim else float(grown)

    return _of_whole_steps(at)


def cosine(rate, *, steps):
    """Fall along half a cosine from ``rate`` at step 0 to 0 at step ``steps``, then stay there.

    ``rate (1 + cos(pi step / steps)) / 2``: half way down half way through.

    Source: Loshchilov & Hutter (2017), "SGDR: Stochastic Gradient Descent with Warm Restarts", eq. 5, without restarts.

    >>> schedule = cosine(1.0, steps=100)
    >>> [round(schedule(step), 3) for step in (0, 25, 50, 75, 100, 200)]
    [1.0, 0.854, 0.5, 0.146, 0.0, 0.0]
    """
    rate = as_number("rate", rate, "at least 0")
    steps = as_whole_number("steps", steps, at_least=1)
    return _of_whole_steps(lambda step: rate * (1 + math.cos(math.pi * min(step / steps, 1))) / 2)


def warmup(rate, *, steps):
    """Rise in equal stages to ``rate``, then stay there: ``rate * min((step + 1) / steps, 1)``. Step 0 already moves.

    Source: Goyal et al. (2017), "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", section 2.2
    (gradual warm-up), who start from the rate of a single worker rather than near zero.

    >>> [warmup(1.0, steps=4)(step) for step in range(6)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    """
    rate = as_number("rate", rate, "at least 0")
    steps = as_whole_number("steps", steps, at_least=1)
    return _of_whole_steps(lambda step: rate * min((step + 1) / steps, 1))


def join(first, then, *, at):
    """Follow ``first`` up to step ``at``, and from there on ``then``, which counts its own steps from 0.

    Both are schedules, or rates that stay as they are. Join again for a third part.

    >>> schedule = join(warmup(1.0, steps=2), cosine(1.0, steps=4), at=2)
    >>> [round(schedule(step), 3) for step in range(7)]
    [0.5, 1.0, 1.0, 0.854, 0.5, 0.146, 0.0]
    """
    first, then = as_schedule(first, "first"), as_schedule(then, "then")
    at = as_whole_number("at", at, at_least=0)
    return _of_whole_steps(lambda step: first(step) if step < at else then(step - at))


def _of_whole_steps(schedule):
    return lambda step: schedule(as_whole_number("step", step, at_least=0))
