"""Lesson 5's exercises: name the ground, foresee where a start ends, descend with noise, and with just enough."""

from itertools import product

import numpy as np

from gd_helpers.exercises.exercise import exercise
from gd_helpers.exercises.intuition import FAR_APART, askew, bowl
from gd_helpers.landscapes import saddle

ON_THE_RIDGE = "You overlooked the ridge itself: from `y = 0` the slope along y is exactly 0 at every step."
OUTSIDE = "Your noise is not multiplied by the learning rate: it belongs to the gradient, inside the brackets."


@exercise(
    "5.1 what kind of ground",
    task="Return `minimum`, `maximum`, `saddle` or `degenerate`, as the eigenvalues say.",
    cases=(
        # All signs in any order, so that sum and product have any sign, too; and zeros, exact or rounded.
        *((np.array(few), 1e-6) for d in (1, 2, 3) for few in product([2.0, -1.0, -3.0, 1e-9], repeat=d)),
        *((np.array(few), 1e-6) for few in ([0.0, 2.0], [-1e-9, 1.0, 4.0], [-1e-4, 1.0], [-3.0, -2.0, -1.0, 4.0])),
        (np.array([0.05, 1.0]), 0.1),
        (np.array([-2.0, -0.1]), 0.1),  # "up to the tolerance" includes the tolerance
    ),
    wrong={
        "<= tolerance -> < 0": "You overlooked the zeros: a single eigenvalue of magnitude up to `tolerance` makes it "
        "`degenerate`.",
        "'minimum' if min(eigenvalues) > -tolerance else 'maximum' if max(eigenvalues) < tolerance else "
        "'saddle'": "You let the zeros pass: what looks flat may lead down all the same, as on the monkey saddle.",
        "np.asarray -> -np.asarray": "You turned it upside down: at a minimum every direction curves *up*, above 0.",
        "'degenerate' if min(abs(eigenvalues)) <= tolerance else 'saddle' if np.prod(eigenvalues) < 0 else 'minimum' "
        "if eigenvalues[0] > 0 else 'maximum'": "You used the sign of the product: that works in two dimensions only. "
        "Two negative eigenvalues and a positive one have a positive product, and yet it is a saddle.",
        "kind_of_ground(eigenvalues if min(abs(eigenvalues)) <= tolerance else [sum(eigenvalues)], tolerance)": "You "
        "used the sign of the sum: what counts is each eigenvalue's own sign, however large the others are.",
        "<= tolerance -> <= 0": "You compared with exactly 0: computed eigenvalues are rounded, so use `tolerance`.",
        "'saddle' if min(eigenvalues) < -tolerance and max(eigenvalues) > tolerance else kind_of_ground(eigenvalues, "
        "tolerance)": "You have a point: it is a saddle whatever the zero does. But here look for zeros first.",
        "np.abs -> ": "You took every negative eigenvalue for a zero: compare its magnitude, `np.abs(...)`.",
    },
    hints=(
        "Look for a zero first: if one is there, nothing else matters.",
        "`(np.abs(eigenvalues) <= tolerance).any()` finds it. Then: are they all positive? All negative?",
        "What is neither all positive nor all negative is a saddle.",
    ),
    why="With d eigenvalues one choice of signs makes a minimum and one a maximum; all the others make saddles.",
)
def kind_of_ground(eigenvalues, tolerance):
    """Say what kind of critical point has these eigenvalues."""
    eigenvalues = np.asarray(eigenvalues)
    if (np.abs(eigenvalues) <= tolerance).any():
        return "degenerate"
    if (eigenvalues > 0).all():
        return "minimum"
    if (eigenvalues < 0).all():
        return "maximum"
    return "saddle"


@exercise(
    "5.2 which start goes where",
    task="Return the `y` at which a descent from `(x, y)` ends: `-1`, `0` or `1`.",
    cases=((1.0, 1.2), (-1.0, -0.7), (-0.3, -1e-9), (1.5, 0.0), (0.0, 0.4), (-1.0, 1e-12), (2.5, -0.2)),
    wrong={
        "min((-1, 0, 1), key=lambda valley: abs(y - valley))": "You chose the nearest critical point: but the saddle "
        "pushes away whatever is not exactly on its ridge.",
        "1 if y >= 0 else -1": ON_THE_RIDGE,
        "1 if y > 0 else -1": ON_THE_RIDGE,
        "np.sign(x)": "You went by the sign of `x`: along x the surface is a bowl, and every descent goes to x = 0.",
        "0": "You sent every start to the saddle: it attracts along x only, and pushes away along y.",
        "0 if abs(y) < 1e-6 else np.sign(y)": "You gave the ridge a width: ever so little beside it is enough.",
        "-np.sign(y)": "You have the two sides swapped: does a descent ever cross the ridge y = 0?",
    },
    hints=(
        "The slope along y is `y**3 - y`. Which way does a step go where y is small and positive?",
        "The two coordinates do not mix, so `x` plays no part. What does a step do from `y = 0` exactly?",
        "The sign of `y` never changes: `np.sign(y)` is all there is to it.",
    ),
    why="The border between the two basins is a line without width: a random start is never exactly on it.",
)
def ends_at(x, y):
    """The y at which a descent on (x^2 - y^2)/2 + y^4/4 ends: each side of the ridge has its valley."""
    return np.sign(y)


def saddle_gradient(w):  # named, because messages name it
    return saddle.gradient(w)


def _facts_of_noise(answer, gradient, start, learning_rate, steps, scale, seed):
    """What is compared, in whichever order and with whichever sign the noise was drawn: all that is not chance.

    On flat ground the noise is all there is: it is known how far it spreads 12 times 40 coordinates, and after one step
    their mean fourth power is about 3, where noise with other edges has 1.8 or 6. Where that fails the end is compared,
    to recognise the mistake.
    """

    def end(gradient, start, scale, steps=steps, seed=seed):
        w = answer(gradient, start, learning_rate, steps, scale, np.random.default_rng(seed))
        return np.array(list(w), dtype=float)

    def flat(steps, runs=12):
        return [end(np.zeros_like, np.zeros(40), scale, steps, seed + run) for run in range(runs)]

    few, step, noisy = min(steps, 9), learning_rate * scale, steps > 0 and scale > 0
    without, spread = end(gradient, start, 0.0), flat(few)
    repeats = np.array_equal(spread[:1], flat(few, 1))
    z = np.resize(spread / (step * np.sqrt(few)) if noisy else spread, 480)
    one = np.ravel(flat(1)) / (step or 1)
    fourth = np.mean(one**4) / (one.var() ** 2 or 1)
    normal = not noisy or (abs(z.mean()) < 0.2 and abs(z.std() - 1) < 0.15 and 2.1 < fourth < 4.4)
    return {
        "without noise it ends where plain descent does": without,
        "the same generator gives the same noise": repeats,
        "another generator gives other noise": not noisy or len({*map(str, spread)}) == 12,
        "the noise is normal and of the right size": normal or not repeats or end(gradient, start.copy(), scale),
    }


@exercise(
    "5.3 descend with noise",
    task="Descend with fresh normal noise of standard deviation `scale` on every gradient; return the last `w`.",
    stub="[start] and ...",
    cases=(
        (saddle_gradient, np.array([1.0, 0.0]), 0.1, 3, 0.01, 1),
        (saddle_gradient, np.array([0.0, 0.0]), 0.1, 100, 0.01, 2),  # off the ridge
        (bowl, np.array([1.0, -2.0, 3.0]), 0.2, 5, 0.5, 3),
        (askew, np.array([1.0, -2.0]), 0.05, 4, 0.2, 6),
        (bowl, FAR_APART, 0.25, 4, 0.0, 4),  # no noise: plain descent
        (saddle_gradient, np.array([1.0, 1.0]), 0.25, 0, 1.0, 5),  # no step: stay
    ),
    wrong={
        "(gradient(w) + noise) -> gradient(w) + noise": OUTSIDE,
        "(gradient(w) + noise) -> gradient(w) - noise": OUTSIDE,
        "w.shape -> ": "You drew one number for all coordinates: each needs its own, `rng.standard_normal(w.shape)`.",
        " + noise -> ": "There is no noise in it yet: from the ridge this descent never leaves.",
        "scale * -> ": "You forgot `scale`: your noise has standard deviation 1.",
        "w.shape) -> w.shape) if w is start else noise": "You drew the noise once: the same push each time is a slope.",
        "range(steps) -> range(1)": "You took one step only: a loop, `for _ in range(steps):`, and `return` after it.",
        "rng. -> np.random.default_rng().": "Nobody can repeat your run: draw from `rng`, never from `np.random`.",
    },
    hints=(
        "Begin with plain descent: a loop with one line, `w = w - learning_rate * gradient(w)`.",
        "Inside the loop draw `noise = scale * rng.standard_normal(w.shape)`.",
        "Add it to the gradient, before multiplying: `learning_rate * (gradient(w) + noise)`.",
    ),
    why="Mini-batches do this without being asked: their gradient is the true one plus noise (lesson 3).",
    use=_facts_of_noise,
)
def noisy_descent(gradient, start, learning_rate, steps, scale, rng):
    """Gradient descent with fresh noise on every gradient."""
    w = start
    for _ in range(steps):
        noise = scale * rng.standard_normal(w.shape)
        w = w - learning_rate * (gradient(w) + noise)
    return w


@exercise(
    "5.4 just enough noise",
    task="Return the `scale` with which y has standard deviation 1/2 after `steps` steps from the ridge.",
    cases=((0.1, 60), (0.1, 1), (0.1, 2), (0.01, 300), (0.5, 10), (1.0, 5), (0.1, 200), (1e-4, 3)),
    wrong={
        "0.5 / sum(learning_rate * (1 + learning_rate) ** age for age in range(steps))": "You added standard "
        "deviations: of independent noises the *variances* add up. Square, add, take the root.",
        "growth**age -> 1": "You left out the growth: at every later step a push is multiplied by `1 + learning_rate`.",
        "range(steps) -> [steps - 1]": "You followed the first push only: each later step adds another, less grown.",
        "learning_rate * -> ": "The noise comes in times the learning rate.",
        "1 + -> 1 -": "Your pushes shrink: y curves *down* here, so each step multiplies it by `1 + learning_rate`.",
        "0.5 -> 1": "That spreads y to 1: wanted is a standard deviation of 1/2.",
        "**age -> ** (age + 1)": "Your pushes are a step too old: the last one has not grown at all.",
    },
    hints=(
        "The push of a single step is `learning_rate * scale` in size. How much has it grown k steps later?",
        "By `(1 + learning_rate)**k`. The pushes are independent: square them and add, for k = 0, ..., steps - 1.",
        "That sum is the variance of y for `scale = 1`. Divide 1/2 by its root.",
    ),
    why="In the long run each further step lets you do with a factor of 1 + learning_rate less noise.",
)
def just_enough_noise(learning_rate, steps):
    """The noise that spreads y to 1/2: variances add, each multiplied by the growth since it came in."""
    growth = 1 + learning_rate
    variance = sum((learning_rate * growth**age) ** 2 for age in range(steps))
    return 0.5 / np.sqrt(variance)
