"""Lesson 1's exercises: the update, the loop around it, and the gradients of a line fit."""

import numpy as np

from gd_helpers.exercises.exercise import Exercise

_RNG = np.random.default_rng(1)


# --- 1.1 ----------------------------------------------------------------------------------------------------
def step(w, gradient, learning_rate):
    """One step of gradient descent."""
    return w - learning_rate * gradient


def step_in_place(w, gradient, learning_rate):
    w -= learning_rate * gradient
    return w


WRITE_THE_UPDATE = Exercise(
    number="1.1",
    name="write the update",
    task="Return the new `w` after one step downhill; leave the old `w` as it was.",
    stub="""\
def step(w, gradient, learning_rate):
    return ...  # the new w""",
    solution=step,
    cases=(
        (np.array([1.0, 2.0]), np.array([4.0, -2.0]), 0.1),
        (np.array([3.0]), np.array([6.0]), 0.25),
        (np.float64(0.5), np.float64(-2.0), 0.3),  # a single number is a point too
        (np.array([1.0, -1.0, 2.0]), np.zeros(3), 0.1),  # flat ground: stay
        (np.array([1.0, 2.0]), np.array([4.0, -2.0]), 0.0),  # no trust in the slope: stay
        (_RNG.normal(size=5), _RNG.normal(size=5), 1.7),
        (_RNG.normal(size=(4, 2)), _RNG.normal(size=(4, 2)), 0.01),  # four balls at once
    ),
    wrong=(
        (
            lambda w, gradient, learning_rate: w + learning_rate * gradient,
            "You added the step, so the loss climbs: the gradient points uphill, and downhill is minus.",
        ),
        (
            lambda w, gradient, learning_rate: w - gradient,
            "You forgot the learning rate: the step is the gradient times `learning_rate`.",
        ),
        (
            step_in_place,
            "The number is right, but `-=` on an array changes the caller's `w` in place, so the path "
            "behind you is lost: write `w = w - ...` instead.",
        ),
        (
            lambda w, gradient, learning_rate: w - gradient / learning_rate,
            "You divided by the learning rate: a small rate should give a small step, so multiply.",
        ),
        (
            lambda w, gradient, learning_rate: learning_rate * gradient,
            "You returned only the step itself: take it away from `w`.",
        ),
        (
            lambda w, gradient, learning_rate: -learning_rate * gradient,
            "You returned only the step itself, sign and all: add it to `w`.",
        ),
        (
            lambda w, gradient, learning_rate: w - learning_rate,
            "You forgot the gradient: the steeper the slope, the longer the step.",
        ),
        (
            lambda w, gradient, learning_rate: w - learning_rate * np.sign(gradient),
            "You used only the gradient's sign: its size matters too, so that steps shrink near the bottom.",
        ),
        (
            lambda w, gradient, learning_rate: w - learning_rate * w * gradient,
            "You also multiplied the step by `w`: where you stand does not scale the step, only the slope does.",
        ),
        (
            lambda w, gradient, learning_rate: learning_rate * gradient - w,
            "Your signs are turned round: it is `w` minus the step, not the step minus `w`.",
        ),
        (
            lambda w, gradient, learning_rate: (w - gradient) * learning_rate,
            "Your brackets make the rate shrink `w` as well: only the gradient is multiplied by it.",
        ),
        (
            lambda w, gradient, learning_rate: w - learning_rate * gradient(w),
            "Here `gradient` is already the slope at `w`, numbers and no function: leave out the brackets behind it.",
        ),
    ),
    hints=(
        "The gradient points uphill. Which way do you want to go?",
        "How far? The gradient times the learning rate.",
        "The new `w` is the old `w` minus `learning_rate * gradient`.",
    ),
    why="This one line is the whole of gradient descent: every network you have heard of was trained by repeating it.",
)


# --- 1.2 ----------------------------------------------------------------------------------------------------
def bowl(w):
    return 2 * w


def ravine(w):
    return w * np.array([1.0, 10.0])


def tilted_ravine(w):
    return np.array([[3.0, 1.0, 0.0], [1.0, 2.0, 0.5], [0.0, 0.5, 1.0]]) @ (w - np.array([1.0, -1.0, 0.5]))


def double_well(w):
    return w**3 - w


def descend_by_hand(gradient, start, learning_rate, steps):
    """The path of gradient descent, of shape (steps + 1, d): the start first, then a row a step."""
    w = start
    path = [w]
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
        path.append(w)
    return np.array(path)


def gradient_of_the_start(gradient, start, learning_rate, steps):
    return np.array([start - t * learning_rate * gradient(start) for t in range(steps + 1)])


def climb(gradient, start, learning_rate, steps):
    return descend_by_hand(gradient, start, -learning_rate, steps)


def same_array_again(gradient, start, learning_rate, steps):
    w = start
    path = [w]
    for _ in range(steps):
        w -= learning_rate * gradient(w)
        path.append(w)
    return np.array(path)


def same_copy_again(gradient, start, learning_rate, steps):
    return same_array_again(gradient, start.copy(), learning_rate, steps)


def copies_but_start_moves(gradient, start, learning_rate, steps):
    path = [start.copy()]
    for _ in range(steps):
        start -= learning_rate * gradient(start)
        path.append(start.copy())
    return np.array(path)


def never_moves(gradient, start, learning_rate, steps):
    return np.array([start] + [start - learning_rate * gradient(start)] * steps)


def without_start(gradient, start, learning_rate, steps):
    w, path = start, []
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
        path.append(w)
    return np.array(path)


def only_start_and_end(gradient, start, learning_rate, steps):
    return descend_by_hand(gradient, start, learning_rate, steps)[[0, -1]]


def leaves_at_once(gradient, start, learning_rate, steps):
    return descend_by_hand(gradient, start, learning_rate, 1) if steps else None


def appends_too_early(gradient, start, learning_rate, steps):
    return np.array([start, *descend_by_hand(gradient, start, learning_rate, steps)[:-1]])


def gradient_not_called(gradient, start, learning_rate, steps):
    return [start - learning_rate * gradient for _ in range(steps)]


_SAME_ARRAY = (
    "Every row of your path is the last point: `w -= ...` changes the one array that you appended "
    "again and again. Write `w = w - ...`, which makes a new one."
)

_NO_START = "Your path lacks the start: put it in before the loop, so that there are `steps + 1` points."

DESCEND_BY_HAND = Exercise(
    number="1.2",
    name="write the loop",
    task="Return the whole path, of shape `(steps + 1, d)`: the start, then the point after each step.",
    stub="""\
def descend_by_hand(gradient, start, learning_rate, steps):
    w = start
    path = [w]
    # repeat: take a step, keep the point
    return ...  # the whole path, as one array""",
    solution=descend_by_hand,
    cases=(
        (bowl, np.array([4.0]), 0.25, 2),
        (ravine, np.array([-2.5, 1.5]), 0.05, 8),
        (tilted_ravine, np.array([0.0, 2.0, -1.0]), 0.1, 20),
        (double_well, np.array([0.3, -1.4]), 0.2, 5),
        (ravine, np.array([1.0, 1.0]), 0.21, 30),  # climbs the wall of the ravine
        (bowl, np.array([1.0, 2.0]), 0.1, 1),
        (bowl, np.array([1.0, 2.0]), 0.1, 0),  # no step: the path is the start
    ),
    wrong=(
        (
            gradient_of_the_start,
            "Your steps are all the same: you measured the slope once, at the start. Measure it anew "
            "at each `w`, inside the loop.",
        ),
        (without_start, _NO_START),
        (
            lambda gradient, start, learning_rate, steps: descend_by_hand(gradient, start, learning_rate, steps)[1:],
            _NO_START,
        ),
        (climb, "Your path climbs: the step is taken away, `w - learning_rate * gradient(w)`, not added."),
        (
            lambda gradient, start, learning_rate, steps: descend_by_hand(
                gradient, start, learning_rate, max(steps - 1, 0)
            ),
            "Your path is one step short: `steps` steps make `steps + 1` points, counting the start.",
        ),
        (
            lambda gradient, start, learning_rate, steps: descend_by_hand(gradient, start, learning_rate, steps + 1),
            "Your path is one step too long: `range(steps)` already repeats `steps` times.",
        ),
        (
            lambda gradient, start, learning_rate, steps: descend_by_hand(gradient, start, learning_rate, steps)[-1],
            "You returned only the end: return the whole path, the picture needs every point.",
        ),
        (
            lambda gradient, start, learning_rate, steps: descend_by_hand(gradient, start, 1.0, steps),
            "You forgot the learning rate: the step is `learning_rate * gradient(w)`.",
        ),
        (same_array_again, _SAME_ARRAY),
        (same_copy_again, _SAME_ARRAY),
        (
            copies_but_start_moves,
            "The path is right, but `-=` also moved the caller's `start`: write `w = w - ...`, which "
            "makes a new array.",
        ),
        (
            never_moves,
            "Each of your steps begins at the start again: the next one begins where the last one "
            "ended, so keep the new point in `w`.",
        ),
        (
            lambda gradient, start, learning_rate, steps: np.array([start]),
            "Your path holds only the start: the steps belong in a loop, `for _ in range(steps):`.",
        ),
        (
            only_start_and_end,
            "Your path holds the start and the end: `path.append(w)` belongs inside the loop, so indent it as far as "
            "the step.",
        ),
        (leaves_at_once, "Your path ends after one step: `return` inside the loop leaves at once, so indent it less."),
        (
            appends_too_early,
            "You append the point before the step, so the start is there twice and the end is missing: step first.",
        ),
        (gradient_not_called, "Here `gradient` is a function: call it where you stand, `gradient(w)`."),
    ),
    hints=(
        "Three things happen in the loop: measure the slope at `w`, take the step, append the point.",
        "`gradient` is a function: call it as `gradient(w)` inside the loop, where `w` is new each time.",
        "In the loop: `w = w - learning_rate * gradient(w)`, then `path.append(w)`. At the end `np.array(path)`.",
    ),
    why="You wrote gradient descent: `descend` is the same loop, with room for what the later lessons add.",
)


# --- 1.3 ----------------------------------------------------------------------------------------------------
def line_gradients(x, y, slope, intercept):
    """The gradients of the mean squared error of a line, by slope and by intercept."""
    error = slope * x + intercept - y
    return 2 * np.mean(error * x), 2 * np.mean(error)


def _scaled(factor_slope, factor_intercept=None):
    """Return ``line_gradients`` with each gradient multiplied by a factor, which may depend on n."""
    factor_intercept = factor_intercept or factor_slope

    def gradients(x, y, slope, intercept):
        d_slope, d_intercept = line_gradients(x, y, slope, intercept)
        return factor_slope(len(x)) * d_slope, factor_intercept(len(x)) * d_intercept

    return gradients


def per_sample(x, y, slope, intercept):
    error = slope * x + intercept - y
    return 2 * error * x, 2 * error


def no_x(x, y, slope, intercept):
    error = slope * x + intercept - y
    return 2 * np.mean(error), 2 * np.mean(error)


def no_intercept(x, y, slope, intercept):
    return line_gradients(x, y, slope, 0.0)


def product_of_means(x, y, slope, intercept):
    error = slope * x + intercept - y
    return 2 * np.mean(error) * np.mean(x), 2 * np.mean(error)


_X = _RNG.normal(size=30)

LINE_GRADIENTS = Exercise(
    number="1.3",
    name="the gradients of a line",
    task="Return the gradients of the mean squared error of `slope * x + intercept`: by slope, and by intercept.",
    stub="""\
def line_gradients(x, y, slope, intercept):
    error = slope * x + intercept - y
    return ..., ...  # by slope, by intercept""",
    solution=line_gradients,
    cases=(
        (np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]), 0.0, 0.0),
        (np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]), 2.0, 1.0),  # a perfect fit: no slope left
        (np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]), 3.0, -2.0),
        (_X, 0.9 * _X + 0.3 * _RNG.normal(size=30), 0.4, 0.2),
        (200 + 14 * _X, 4200 + 700 * _X, 1.0, 10.0),  # the penguins' own units
        (np.array([2.0]), np.array([-1.0]), 0.5, 0.5),  # a single sample
    ),
    wrong=(
        (
            _scaled(lambda n: n),
            "You added up the errors of all samples: for the *mean* squared error, divide by their number.",
        ),
        (_scaled(lambda n: 0.5), "You forgot the 2 that comes down when the square is differentiated."),
        (
            _scaled(lambda n: n / 2),
            "You forgot the factor 2 / n: the square brings down a 2, and the mean divides by the number of samples.",
        ),
        (
            _scaled(lambda n: -1),
            "Your signs are turned round, so descent would climb: the error is prediction minus truth.",
        ),
        (
            lambda x, y, slope, intercept: line_gradients(x, y, slope, intercept)[::-1],
            "You swapped the two: the slope's gradient comes first.",
        ),
        (
            no_x,
            "You forgot the `x` in the slope's gradient: turning the line moves far points most, so "
            "each error counts times its `x`.",
        ),
        (
            per_sample,
            "You kept one gradient for each sample: take the mean over all samples, so that each "
            "gradient is a single number.",
        ),
        (
            _scaled(lambda n: n, lambda n: 1),
            "You divided only the intercept's gradient by the number of samples: the slope's needs it too.",
        ),
        (
            _scaled(lambda n: 1, lambda n: n),
            "You divided only the slope's gradient by the number of samples: the intercept's needs it too.",
        ),
        (
            product_of_means,
            "The mean of a product is not the product of the means: multiply each error by its own `x` first, and "
            "then take the mean.",
        ),
        (no_intercept, "You left the intercept out of the prediction: it is `slope * x + intercept`."),
    ),
    hints=(
        "The loss is the mean of `error**2`. By the chain rule its gradient is the mean of `2 * error` times "
        "something. What?",
        "The something is how much the error changes with the parameter: `x` for the slope, 1 for the intercept.",
        "By slope: `2 * np.mean(error * x)`. By intercept: `2 * np.mean(error)`.",
    ),
    why="With these two numbers your loop fits a line to real data; a deep network only has more of them.",
)

EXERCISES = (WRITE_THE_UPDATE, DESCEND_BY_HAND, LINE_GRADIENTS)
