"""Lesson 5's exercises: name the ground, foresee where a start ends, descend with noise, and with just enough."""

import numpy as np

from gd_helpers.exercises.exercise import Exercise


# --- 5.1 ----------------------------------------------------------------------------------------------------
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


def zeros_overlooked(eigenvalues, tolerance):
    if (eigenvalues > 0).all():
        return "minimum"
    return "maximum" if (eigenvalues < 0).all() else "saddle"


def zeros_overlooked_one_sided(eigenvalues, tolerance):
    if (eigenvalues > -tolerance).all():
        return "minimum"
    return "maximum" if (eigenvalues < tolerance).all() else "saddle"


def upside_down(eigenvalues, tolerance):
    swap = {"minimum": "maximum", "maximum": "minimum"}
    kind = kind_of_ground(eigenvalues, tolerance)
    return swap.get(kind, kind)


def by_determinant(eigenvalues, tolerance):
    if (np.abs(eigenvalues) <= tolerance).any():
        return "degenerate"
    if np.prod(eigenvalues) < 0:
        return "saddle"
    return "minimum" if eigenvalues[0] > 0 else "maximum"


def saddle_first(eigenvalues, tolerance):
    if (eigenvalues > tolerance).any() and (eigenvalues < -tolerance).any():
        return "saddle"
    return kind_of_ground(eigenvalues, tolerance)


def size_forgotten(eigenvalues, tolerance):
    return "degenerate" if (eigenvalues <= tolerance).any() else "minimum"


def zero_is_exactly_zero(eigenvalues, tolerance):
    return kind_of_ground(eigenvalues, 0.0)


KIND_OF_GROUND = Exercise(
    number="5.1",
    name="what kind of ground",
    task="Return `minimum`, `maximum`, `saddle` or `degenerate`, as the eigenvalues say.",
    stub="""\
def kind_of_ground(eigenvalues, tolerance):
    return ...  # one of the four words""",
    solution=kind_of_ground,
    cases=(
        (np.array([1.0, 10.0]), 1e-6),
        (np.array([-3.0, -0.5]), 1e-6),
        (np.array([-1.0, 2.0]), 1e-6),
        (np.array([0.0, 2.0]), 1e-6),
        (np.array([-2.0, 0.0]), 1e-6),
        (np.array([5.0]), 1e-6),
        (np.array([-0.1]), 1e-6),
        (np.array([-2.0, -1.0, 4.0]), 1e-6),  # two ways down: the determinant is positive
        (np.array([-2.0, 1e-9, 4.0]), 1e-6),
        (np.array([-1e-9, 1.0, 4.0]), 1e-6),
        (np.array([0.05, 1.0]), 0.1),
        (np.array([-2.0, -0.1]), 0.1),  # "up to the tolerance" includes the tolerance
    ),
    wrong=(
        (
            zeros_overlooked,
            "You overlooked the zeros: an eigenvalue of magnitude up to `tolerance` decides nothing, so the answer "
            "is `degenerate`, whatever the others are.",
        ),
        (
            zeros_overlooked_one_sided,
            "You let the zeros pass as part of a minimum or maximum: a direction that second derivatives call flat "
            "may lead down all the same (the monkey saddle), so the answer is `degenerate`.",
        ),
        (
            upside_down,
            "You turned it upside down: where every direction curves *up*, eigenvalues above 0, you stand at the "
            "bottom.",
        ),
        (
            by_determinant,
            "You used the sign of the product: that works in two dimensions only. Two ways down and one up have a "
            "positive product, and yet it is a saddle.",
        ),
        (
            zero_is_exactly_zero,
            "You compared with exactly 0: computed eigenvalues are rounded, so anything up to `tolerance` in "
            "magnitude has to count as zero.",
        ),
        (
            saddle_first,
            "You have a point: one way up and one way down make it no minimum and no maximum, whatever the zero does. "
            "But asked for is `degenerate` as soon as one eigenvalue is zero, so look for zeros first.",
        ),
        (
            size_forgotten,
            "You took every negative eigenvalue for a zero: compare its magnitude, `np.abs(eigenvalues)`, with "
            "`tolerance`.",
        ),
    ),
    hints=(
        "Look for a zero first: if one is there, nothing else matters.",
        "`(np.abs(eigenvalues) <= tolerance).any()` finds it. Then: are they all positive? All negative?",
        "What is neither all positive nor all negative is a saddle.",
    ),
    why="With n eigenvalues there is one way to be a minimum and one to be a maximum; all the rest are saddles.",
)


# --- 5.2 ----------------------------------------------------------------------------------------------------
def ends_at(x, y):
    """The y at which a descent on (x^2 - y^2)/2 + y^4/4 ends: each side of the ridge has its valley."""
    return np.sign(y)


def nearest_only(x, y):
    return min((-1, 0, 1), key=lambda valley: abs(y - valley))


def ridge_overlooked(x, y):
    return 1 if y >= 0 else -1


def ridge_overlooked_below(x, y):
    return 1 if y > 0 else -1


def by_x(x, y):
    return np.sign(x)


def wide_ridge(x, y):
    return 0 if abs(y) < 1e-6 else np.sign(y)


def always_the_saddle(x, y):
    return 0


def swapped(x, y):
    return -np.sign(y)


ENDS_AT = Exercise(
    number="5.2",
    name="which start goes where",
    task="Return the `y` at which a descent from `(x, y)` ends: `-1`, `0` or `1`.",
    stub="""\
def ends_at(x, y):
    return ...  # -1, 0 or 1""",
    solution=ends_at,
    cases=(
        (1.0, 1.2),
        (-1.0, -0.7),
        (1.5, 0.01),
        (-0.3, -1e-9),  # ever so little is enough
        (1.5, 0.0),  # on the ridge: along it to the saddle, and no further
        (0.0, 0.0),
        (-1.5, 0.4),
        (-1.0, 1e-12),
    ),
    wrong=(
        (
            nearest_only,
            "You chose the nearest critical point: but the saddle pushes away whatever is not exactly on its ridge, "
            "however close it is.",
        ),
        (
            ridge_overlooked,
            "You overlooked the ridge itself: from `y = 0` the slope along y is exactly 0 at every step, so the "
            "descent ends at the saddle.",
        ),
        (
            ridge_overlooked_below,
            "You overlooked the ridge itself: from `y = 0` the slope along y is exactly 0 at every step, so the "
            "descent ends at the saddle.",
        ),
        (by_x, "You went by the sign of `x`: along x the surface is a plain bowl, and every descent goes to x = 0."),
        (always_the_saddle, "You sent every start to the saddle: it attracts along x only, and pushes away along y."),
        (wide_ridge, "You gave the ridge a width: ever so little beside it is enough, it only takes more steps."),
        (swapped, "You have the two sides swapped: does a descent ever cross the ridge y = 0?"),
    ),
    hints=(
        "The slope along y is `y**3 - y`. Which way does a step go where y is small and positive?",
        "The two coordinates do not mix, so `x` plays no part. What does a step do from `y = 0` exactly?",
        "The sign of `y` never changes: `np.sign(y)` is all there is to it.",
    ),
    why="The border between two basins is the set of starts that run into a saddle: a line without width, so that a "
    "random start is never on it.",
)


# --- 5.3 ----------------------------------------------------------------------------------------------------
def saddle_gradient(w):
    """The gradient of (x^2 - y^2)/2 + y^4/4."""
    x, y = w
    return np.array([x, y**3 - y])


def bowl_gradient(w):
    """The gradient of a bowl in any dimension."""
    return 2 * w


def noisy_descent(gradient, start, learning_rate, steps, scale, rng):
    """Gradient descent with fresh noise on every gradient."""
    w = start
    for _ in range(steps):
        noise = scale * rng.standard_normal(w.shape)
        w = w - learning_rate * (gradient(w) + noise)
    return w


def _noisy(gradient, start, learning_rate, steps, scale, rng, change):
    w = start
    for t in range(steps):
        w = change(w, gradient(w), learning_rate, scale, rng, t)
    return w


def _wrong(change):
    return lambda gradient, start, learning_rate, steps, scale, rng: _noisy(
        gradient, start, learning_rate, steps, scale, rng, change
    )


def same_noise_at_every_step(gradient, start, learning_rate, steps, scale, rng):
    noise = scale * rng.standard_normal(start.shape)
    w = start
    for _ in range(steps):
        w = w - learning_rate * (gradient(w) + noise)
    return w


def noise_on_the_point(gradient, start, learning_rate, steps, scale, rng):
    w = start
    for _ in range(steps):
        w = w - learning_rate * gradient(w + scale * rng.standard_normal(w.shape))
    return w


def one_step_only(gradient, start, learning_rate, steps, scale, rng):
    return start - learning_rate * (gradient(start) + scale * rng.standard_normal(start.shape))


def seeded_afresh(gradient, start, learning_rate, steps, scale, rng):
    w = start
    for _ in range(steps):
        noise = scale * np.random.default_rng(0).standard_normal(w.shape)
        w = w - learning_rate * (gradient(w) + noise)
    return w


NOISY_DESCENT = Exercise(
    number="5.3",
    name="descend with noise",
    task="Descend with fresh normal noise of standard deviation `scale` on every gradient; return the last `w`.",
    stub="""\
def noisy_descent(gradient, start, learning_rate, steps, scale, rng):
    w = start
    return ...  # w after the last step""",
    solution=noisy_descent,
    cases=(
        (saddle_gradient, np.array([1.0, 0.0]), 0.1, 3, 0.01, np.random.default_rng(1)),
        (saddle_gradient, np.array([0.0, 0.0]), 0.1, 100, 0.01, np.random.default_rng(2)),  # off the ridge
        (bowl_gradient, np.array([1.0, -2.0, 3.0]), 0.2, 5, 0.5, np.random.default_rng(3)),
        (bowl_gradient, np.array([1.0]), 0.25, 4, 0.0, np.random.default_rng(4)),  # no noise: plain descent
        (bowl_gradient, np.array([1.0, 1.0]), 0.25, 0, 1.0, np.random.default_rng(5)),  # no step: stay
    ),
    wrong=(
        (
            _wrong(lambda w, g, lr, scale, rng, t: w - lr * g + scale * rng.standard_normal(w.shape)),
            "Your noise is not multiplied by the learning rate: it belongs to the gradient, inside the brackets.",
        ),
        (
            _wrong(lambda w, g, lr, scale, rng, t: w - lr * g - scale * rng.standard_normal(w.shape)),
            "Your noise is not multiplied by the learning rate: it belongs to the gradient, inside the brackets.",
        ),
        (
            _wrong(lambda w, g, lr, scale, rng, t: w - lr * (g + scale * rng.standard_normal())),
            "You drew one number for all coordinates: each needs its own, `rng.standard_normal(w.shape)`.",
        ),
        (
            _wrong(lambda w, g, lr, scale, rng, t: w - lr * g),
            "There is no noise in it yet: from the ridge this descent never leaves.",
        ),
        (
            _wrong(lambda w, g, lr, scale, rng, t: w - lr * (g + rng.standard_normal(w.shape))),
            "You forgot `scale`: your noise has standard deviation 1.",
        ),
        (
            _wrong(lambda w, g, lr, scale, rng, t: w - lr * g * (1 + scale * rng.standard_normal(w.shape))),
            "You multiplied the gradient by the noise: where the gradient is 0, and that is where noise is needed, "
            "nothing happens.",
        ),
        (
            _wrong(lambda w, g, lr, scale, rng, t: w - lr * (g - scale * rng.standard_normal(w.shape))),
            "Nearly: you take the noise off. As noise that is just as good, but here the numbers are compared: add it.",
        ),
        (
            _wrong(lambda w, g, lr, scale, rng, t: w + lr * (g + scale * rng.standard_normal(w.shape))),
            "Your descent climbs: the step is taken away, `w - learning_rate * (...)`.",
        ),
        (
            noise_on_the_point,
            "You moved the point at which the gradient is measured: the noise goes on the gradient itself.",
        ),
        (
            same_noise_at_every_step,
            "You drew the noise once, before the loop: the same push at every step is a slope, not noise.",
        ),
        (one_step_only, "You took one step only: put it into a loop, `for _ in range(steps):`."),
        (
            seeded_afresh,
            "You made a new generator at every step, which gives the same numbers each time: use the `rng` you are "
            "given.",
        ),
    ),
    hints=(
        "Begin with plain descent: a loop with one line, `w = w - learning_rate * gradient(w)`.",
        "Inside the loop draw `noise = scale * rng.standard_normal(w.shape)`.",
        "Add it to the gradient, before multiplying: `learning_rate * (gradient(w) + noise)`.",
    ),
    why="Mini-batches do this without being asked: their gradient is the true one plus noise (lesson 3).",
)


# --- 5.4 ----------------------------------------------------------------------------------------------------
def just_enough_noise(learning_rate, steps):
    """The noise that spreads y to 1/2: variances add, each multiplied by the growth since it came in."""
    growth = 1 + learning_rate
    variance = sum((learning_rate * growth**age) ** 2 for age in range(steps))
    return 0.5 / np.sqrt(variance)


def deviations_added(learning_rate, steps):
    return 0.5 / sum(learning_rate * (1 + learning_rate) ** age for age in range(steps))


def no_growth(learning_rate, steps):
    return 0.5 / (learning_rate * np.sqrt(steps))


def first_push_only(learning_rate, steps):
    return 0.5 / (learning_rate * (1 + learning_rate) ** (steps - 1))


def rate_forgotten(learning_rate, steps):
    return learning_rate * just_enough_noise(learning_rate, steps)


def root_forgotten(learning_rate, steps):
    return 0.5 * (2 * just_enough_noise(learning_rate, steps)) ** 2


def square_forgotten(learning_rate, steps):
    return 0.5 / np.sqrt(sum(learning_rate * (1 + learning_rate) ** age for age in range(steps)))


def shrinking(learning_rate, steps):
    return 0.5 / np.sqrt(sum((learning_rate * (1 - learning_rate) ** age) ** 2 for age in range(steps)))


def one_age_too_old(learning_rate, steps):
    return just_enough_noise(learning_rate, steps) / (1 + learning_rate)


JUST_ENOUGH = Exercise(
    number="5.4",
    name="just enough noise",
    task="Return the `scale` with which y has standard deviation 1/2 after `steps` steps from the ridge.",
    stub="""\
def just_enough_noise(learning_rate, steps):
    return ...  # the standard deviation of the noise""",
    solution=just_enough_noise,
    cases=((0.1, 60), (0.1, 1), (0.1, 2), (0.01, 300), (0.5, 10), (1.0, 5), (0.1, 200)),
    wrong=(
        (
            deviations_added,
            "You added standard deviations: of independent noises the *variances* add up. Square, add, take the root.",
        ),
        (
            no_growth,
            "You left out the growth: a push that came in `age` steps ago has been multiplied by `1 + learning_rate` "
            "that many times since.",
        ),
        (first_push_only, "You followed the first push only: each later step adds another one, less grown."),
        (rate_forgotten, "You forgot that the noise comes in multiplied by the learning rate."),
        (square_forgotten, "You added up the pushes themselves under the root: a variance adds up their squares."),
        (
            shrinking,
            "Your pushes shrink: on the ridge y curves *down*, so each step multiplies it by `1 + learning_rate`.",
        ),
        (
            lambda learning_rate, steps: 2 * just_enough_noise(learning_rate, steps),
            "That spreads y to 1: wanted is a standard deviation of 1/2.",
        ),
        (root_forgotten, "You divided by the variance: the standard deviation is its root."),
        (
            one_age_too_old,
            "Your pushes are a step too old: the last one comes in at the last step and has not grown at all.",
        ),
    ),
    hints=(
        "The push of a single step is `learning_rate * scale` in size. How much has it grown k steps later?",
        "By `(1 + learning_rate)**k`. The pushes are independent, so square these sizes and add them for k = 0, 1, "
        "..., steps - 1.",
        "That sum is the variance of y for `scale = 1`. Divide 1/2 by its root.",
    ),
    why="The needed noise shrinks by a constant factor with every step that you allow: a little patience replaces a "
    "lot of noise.",
)

EXERCISES = (KIND_OF_GROUND, ENDS_AT, NOISY_DESCENT, JUST_ENOUGH)
