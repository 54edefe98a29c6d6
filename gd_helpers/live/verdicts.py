"""What a run did, in a sentence: shown under every live figure, and read out by a screen reader."""

import numpy as np

from gd_helpers.checks import as_floats, as_number, as_point, check_methods, said
from gd_helpers.curvature import classify
from gd_helpers.descent import FAR, Run
from gd_helpers.output import rounded

# Level is what a hand can reach: on lesson 1's map every place within four pixels of a minimum, and no other slope.
LEVEL = 0.5


def describe(run) -> str:
    """Say in plain words how a ``descent.Run`` of one descent went, with losses of shape ``(n,)``.

    >>> from gd_helpers.descent import descend
    >>> from gd_helpers.landscapes import bowl
    >>> for start, rate, steps in (1.0, 0.5, 20), (0.0, 0.5, 1), (1.0, 3.0, 60):
    ...     print(describe(descend(bowl(1.0), [start], learning_rate=rate, steps=steps)))
    Loss 0.5 at the start, 4.5e-13 after 20 steps. Every step went down.
    Loss 0 at the start, 0 after 1 step. No step went up.
    Diverged: by step 20 the ball was more than a million away. Try a smaller learning rate.
    """
    if not isinstance(run, Run) or run.losses.ndim != 1:
        raise ValueError(f"run must be a single descent, as descend returns it, but got {said(run)}")
    if run.diverged_at is not None:
        far = f"by step {run.diverged_at} the ball was more than a million away"
        return f"Diverged: {far}. Try a smaller learning rate."
    steps, first, last = int(run.steps[-1]), run.losses[0], run.losses[-1]
    if steps == 0:
        return f"Loss {short(first)} at the start. No step taken yet."
    if not np.isfinite(run.losses).all():
        lost = int(run.steps[~np.isfinite(run.losses)][0])
        since = f"{'From' if lost - 1 in run.steps else 'By'} step {lost}"
        return f"{since} on the loss is no longer a finite number. Does its formula hold there?"
    digits = next((digits for digits in range(2, 7) if short(first, digits) != short(last, digits)), 2)
    told = f"Loss {short(first, digits)} at the start, {short(last, digits)} after {count(steps, 'step')}."
    changes = np.diff(run.losses)
    rises = int((changes > 1e-12 * np.abs(run.losses[:-1])).sum())
    if len(changes) < steps:  # nobody knows of the steps between
        return f"{told} Of {len(changes)} that were recorded {rises or 'none'} ended above the one before."
    if not rises:
        return f"{told} {'Every step went down' if (changes < 0).all() else 'No step went up'}."
    if last > first and (changes[-10:] > 0).all():
        return f"{told} It diverges: the last steps all went up."
    if last > first:
        return f"{told} It ended higher than it began: steps overshot."
    return f"{told} It went up on {rises} of them: those steps overshot."


def ranking(losses: dict) -> str:
    """Say who is lowest: names with their losses, from the lowest up; those that are not finite have diverged.

    >>> ranking({"plain": 0.02, "Adam": 1e-9, "momentum": float("inf")})
    'Lowest first: Adam 1e-09, plain 0.02; momentum diverged.'
    """
    if not isinstance(losses, dict) or not losses or as_floats("losses", [*losses.values()]).ndim != 1:
        raise ValueError(f"losses must be a dictionary from names to numbers, but got {said(losses)}")
    losses = {str(name): float(loss) for name, loss in losses.items()}
    finite = {name: loss for name, loss in losses.items() if np.isfinite(loss)}
    told = ", ".join(f"{name} {short(loss)}" for name, loss in sorted(finite.items(), key=lambda pair: pair[1]))
    lost = ", ".join(name for name in losses if name not in finite)
    return f"Lowest first: {told}{lost and f'; {lost} diverged'}." if told else f"Diverged: {lost}."


def short(number: float, digits: int = 2) -> str:
    """Return the number with so many digits that count; powers of ten only where there would be many zeros.

    >>> short(118.0), short(0.0123), short(4.5e-13)
    ('120', '0.012', '4.5e-13')
    """
    return f"{rounded(number, digits):z,g}"  # z: no minus before a zero


def count(number: int, thing: str) -> str:
    """Return the number with its thing, in the plural where that is due.

    >>> count(1, "step"), count(3, "step")
    ('1 step', '3 steps')
    """
    return f"{number} {thing}" + ("" if number == 1 else "s")


def describe_slope(gradient) -> str:
    """Say what the ground feels like where the slope is ``gradient``, of shape (2,): east, then north.

    >>> describe_slope([1.0, 1.0]), describe_slope([0.0, 0.2])
    ('Steepness 1.41. Downhill is to the south-west.', 'Steepness 0.20. The ground is nearly level here.')
    """
    gradient = as_point("gradient", gradient, 2)
    steepness = np.hypot(*gradient)
    told = f"Steepness {steepness:.2f}."
    if steepness < LEVEL:
        return f"{told} The ground is nearly level here."
    winds = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")
    angle = np.arctan2(-gradient[1], -gradient[0])
    return f"{told} Downhill is to the {winds[round(angle / (np.pi / 4)) % 8]}."


def describe_step(w, learning_rate, slope) -> str:
    """Say how a step on a curve comes about: from ``w``, where the slope is ``slope``, both of shape (1,).

    The sum is done with the numbers as they are shown, so that it is right for whoever does it again.

    >>> describe_step([2.6], 0.3, [3.25])
    'The slope here is +3.25. The step: 2.60 - 0.3 x (+3.25) = 1.62.'
    """
    (w,), (slope,) = as_point("w", w, 1).tolist(), as_point("slope", slope, 1).tolist()
    learning_rate = as_number("learning_rate", learning_rate, "at least 0", single=True)
    w, slope = round(w, 2), round(slope, 2)
    after = w - learning_rate * slope
    told = f"{slope:+z.2f}"
    end = f"{after:z.2f}" if abs(after) < FAR else f"{after:.3g}"
    return f"The slope here is {told}. The step: {w:z.2f} - {learning_rate:g} x ({told}) = {end}."


def describe_ground(landscape, place) -> str:
    """Say how steep and how curved a landscape is at ``place``, of shape (2,); where it is level, also its kind.

    >>> from gd_helpers.landscapes import double_well
    >>> describe_ground(double_well, [0.0, -1e-9])
    'At (0.00, 0.00): level, eigenvalues -1.00 and 1.00. A saddle of index 1.'
    """
    check_methods("landscape", landscape, "gradient", "hessian")
    place = as_point("place", place, 2)
    slope = np.linalg.norm(landscape.gradient(place))
    answer = classify(landscape.hessian(place))
    bends = "eigenvalues {:z.2f} and {:z.2f}".format(*answer.eigenvalues)
    where = "At ({:z.2f}, {:z.2f})".format(*place)
    if slope > 1e-6:
        return f"{where}: slope {short(slope)}, {bends}. Not level, so no critical point."
    kinds = {"degenerate": "Degenerate: these do not decide.", "saddle": f"A saddle of index {answer.index}."}
    return f"{where}: level, {bends}. {kinds.get(answer.kind, f'A {answer.kind}.')}"


def regime(learning_rate: float, curvature: float) -> str:
    """Say what a learning rate does on a bowl of this curvature, where a step leaves 1 - rate x curvature.

    >>> for rate in (0.05, 0.18, 0.21): print(regime(rate, 10))
    Rate x curvature = 0.5, below 1: it glides. A step leaves 0.5 of the distance.
    Rate x curvature = 1.8, between 1 and 2: it bounces in. A step leaves 0.8 of the distance, on the other side.
    Rate x curvature = 2.1, above 2: it explodes. A step leaves 1.1 times the distance, on the other side.
    """
    learning_rate = as_number("learning_rate", learning_rate, "at least 0", single=True)
    curvature = as_number("curvature", curvature, "above 0", single=True)
    product = round(learning_rate * curvature, 9)
    told = f"Rate x curvature = {product:.6g}"
    share = f"{abs(round(1 - product, 9)):.6g}"
    left = f"A step leaves {({'0': 'none', '1': 'all'}).get(share, share)} of the distance"
    if product < 1:
        return f"{told}, below 1: it glides. {left}."
    if product == 1:
        return f"{told}: one step lands at the bottom. {left}."
    if product < 2:
        return f"{told}, between 1 and 2: it bounces in. {left}, on the other side."
    if product == 2:
        return f"{told}: it bounces for ever. {left}, on the other side."
    return f"{told}, above 2: it explodes. A step leaves {share} times the distance, on the other side."
