"""Lesson 1's exercises: the update, the loop around it, and the gradients of a line fit."""

import numpy as np

from gd_helpers.exercises.exercise import exercise

_RNG = np.random.default_rng(1)
_X = _RNG.normal(size=30)
FAR_APART = np.array([3e5, -2e5, 1e-6])  # no number is too large, or too small


# --- gradients of little surfaces, for the cases of lessons 2 and 4 as well ----------------------------------
def bowl(w):
    return 2 * w


def ravine(w):
    return w * np.array([1.0, 10.0])


def askew(w):  # the ravine turned by 45 degrees: here no coordinate goes its own way
    return np.array([[5.5, 4.5], [4.5, 5.5]]) @ w


def double_well(w):
    return w**3 - w


DESCENTS = (  # on several of them: start, learning rate, steps
    (bowl, np.array([4.0]), 0.25, 2),
    (ravine, np.array([-2.5, 1.5]), 0.05, 8),
    (askew, np.array([-2.5, 1.5]), 0.15, 90),
    (bowl, FAR_APART, 0.1, 3),
    (double_well, np.array([0.3, -1.4]), 1e-6, 5),  # so small a rate that hardly anything moves
    (ravine, np.array([1.0, 1.0]), 0.21, 30),  # a rate above 2/10 climbs the wall of the ravine, and it should
    (bowl, np.array([1.0, 2.0]), 0.1, 1),
    (double_well, np.array([1.0, -1.0, 0.0]), 0.1, 4),  # level from the start: stay there, for four steps
    (bowl, np.array([1.0, 2.0]), 0.1, 0),  # no step: stay at the start
)


@exercise(
    "1.1 write the update",
    task="Return the new `w` after one step downhill; leave the old `w` as it was.",
    cases=(
        (np.array([1.0, 2.0]), np.array([4.0, -2.0]), 0.1),
        (np.array([3.0]), np.array([6.0]), 0.25),
        (np.array([1.0, -1.0, 2.0]), np.zeros(3), 0.1),  # flat ground: stay
        (np.array([1.0, 2.0]), np.array([4.0, -2.0]), 0.0),  # no trust in the slope: stay
        (_RNG.normal(size=5), _RNG.normal(size=5), 1.7),
        (FAR_APART, -5 * FAR_APART, 0.3),
    ),
    wrong={
        "w + learning_rate * gradient": "You added the step, so the loss climbs: the gradient points uphill.",
        "w - gradient": "You forgot the learning rate: the step is the gradient times `learning_rate`.",
        "learning_rate * gradient": "You returned only the step itself: take it away from `w`.",
        "-learning_rate * gradient": "You returned only the step itself, sign and all: add it to `w`.",
        "w - learning_rate": "You forgot the gradient: the steeper the slope, the longer the step.",
        "w - gradient / learning_rate": "You divided by the rate: a small rate gives a small step, so multiply.",
        "w - learning_rate * gradient(w)": "Here `gradient` is no function, but the slope at `w`: leave out `(w)`.",
    },
    hints=(
        "The gradient points uphill. Which way do you want to go?",
        "How far? The gradient times the learning rate.",
        "The new `w` is the old `w` minus `learning_rate * gradient`.",
    ),
    why="This line is the whole of gradient descent: networks are trained by repeating it or a refinement of it.",
)
def step(w, gradient, learning_rate):
    """One step of gradient descent."""
    return w - learning_rate * gradient


@exercise(
    "1.2 write the loop",
    task="Return the whole path, of shape `(steps + 1, d)`: the start, then the point after each step.",
    cases=DESCENTS,
    wrong={
        "gradient(w) -> gradient(start)": "Your steps are all the same: measure the slope anew at each `w`, inside the "
        "loop.",
        "path = [w] -> path = []": "Your path lacks the start: put it in first.",
        "w = w - -> w = w +": "Your path climbs: the step is taken away, not added.",
        "np.array(path) -> w": "You returned only the end: return the whole path.",
        "w = w - -> w -=": "Every row is the last point: `w -= ...` changes the one array. Write `w = w - ...`.",
        "    path.append -> path.append": "Put `path.append(w)` inside the loop: indent it.",
        "    return ->         return": "Your path ends after one step: `return` leaves the loop, so indent it less.",
        "w = w - -> if not gradient(w).any(): break\n        w = w -": "Take all `steps` steps, on level ground too.",
    },
    stub="[start] and ...",
    hints=(
        "Three things happen in the loop: measure the slope at `w`, take the step, append the point.",
        "`gradient` is a function: call it as `gradient(w)` inside the loop, where `w` is new each time.",
        "In the loop: `w = w - learning_rate * gradient(w)`, then `path.append(w)`. At the end `np.array(path)`.",
    ),
    why="You wrote gradient descent: `descend` is the same loop, with room for what the later lessons add.",
)
def descend_by_hand(gradient, start, learning_rate, steps):
    """The path of gradient descent, of shape (steps + 1, d): the start first, then a row a step."""
    w = start
    path = [w]
    for _ in range(steps):
        w = w - learning_rate * gradient(w)
        path.append(w)
    return np.array(path)


@exercise(
    "1.3 the gradients of a line",
    task="Return the gradients of the mean squared error of `slope * x + intercept`: by slope, and by intercept.",
    stub="[x, y, slope, intercept] and (..., ...)",
    cases=(
        (np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]), 0.0, 0.0),
        (np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]), 2.0, 1.0),  # a perfect fit: no slope left
        (_X, 0.9 * _X + 0.3 * _RNG.normal(size=30), -0.4, -0.2),
        (200 + 14 * _X, 4200 + 700 * _X, 1.0, 10.0),  # the penguins' own units
        (np.array([1e-4, 3e-4]), np.array([2e-4, -1e-4]), -0.5, 1e-4),
        (np.array([2.0]), np.array([-1.0]), 0.5, 0.5),  # a single sample
    ),
    wrong={
        "np.mean -> np.sum": "You added up all samples: a *mean* is divided by their number.",
        "2 * -> ": "You forgot the 2: an error grows by t, its square by 2 t error.",
        "2 * np.mean -> np.sum": "You forgot the factor 2 / n: of the square, and of the mean.",
        "2 * -> -2 * ": "Your signs are turned round: the error is prediction minus truth.",
        "line_gradients(x, y, slope, intercept)[::-1]": "You swapped the two: the slope's gradient comes first.",
        "error * x -> error": "You forgot the `x` by which the slope's errors count.",
        "np.mean -> ": "You kept a gradient for each sample: take the mean, so that each is a single number.",
        "error * x -> x.mean() * error": "Multiply each error by its own `x` before you take the mean.",
    },
    hints=(
        "An error that grows by a tiny `t` has a square that grows by `2 * error * t`. Nudge a parameter: by how much?",
        "For each unit of nudge it grows by `x` if the slope is nudged, and by 1 if the intercept is. Take the mean.",
        "By slope: `2 * np.mean(error * x)`. By intercept: `2 * np.mean(error)`.",
    ),
    why="With these two numbers your loop fits a line to real data; a deep network only has more of them.",
)
def line_gradients(x, y, slope, intercept):
    """The gradients of the mean squared error of a line, by slope and by intercept."""
    error = slope * x + intercept - y
    return 2 * np.mean(error * x), 2 * np.mean(error)
