"""Lesson 6's exercises: sharpness, its descent, an average, a fair comparison, and a minimum as sharp as asked."""

import numpy as np

from gd_helpers.exercises.exercise import exercise
from gd_helpers.exercises.intuition import FAR_APART, ravine


def _bowl(hessian, bottom):
    """The gradient of a quadratic with this Hessian and this lowest point."""

    def gradient_of_a_bowl(w):  # named, because messages name it
        return np.asarray(hessian) @ (w - np.asarray(bottom))

    return gradient_of_a_bowl


def two_bowls(w):
    """The gradient of two bowls that lie side by side: the curvature depends on where it is measured."""
    return np.array([[1.5, 0.5], [0.5, 0.5]] if w[0] > 0 else [[0.2, 0.1], [0.1, 1.2]]) @ w


@exercise(
    "6.1 sharpness from gradients",
    task="Return the largest curvature at `w` after `steps` rounds of power iteration from `direction`.",
    stub="[steps] and ...",
    cases=(
        (_bowl([[2.0, 0.0], [0.0, 10.0]], [0.0, 0.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0]), 60),
        (_bowl([[3.0, 1.0], [1.0, 2.0]], [1.0, -2.0]), np.array([0.5, 0.5]), np.array([1.0, 0.0]), 60),
        (_bowl(np.diag([40.0, 2.0, 1.0]), [0.0, 1.0, 2.0]), np.array([0.3, 1.0, 2.0]), np.array([0.1, 2.0, 3.0]), 40),
        (_bowl([[7.0]], [0.0]), np.array([2.0]), np.array([0.5]), 1),
        (_bowl([[2.0, 0.0], [0.0, 10.0]], [0.0, 0.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0]), 1),  # not there yet
        (_bowl([[-3.0, 1.0], [1.0, 2.0]], [0.0, 0.0]), np.array([1.0, 1.0]), np.array([3.0, -1.0]), 2),  # a saddle
        (two_bowls, np.array([20.0, -30.0]), np.array([1.0, 1.0]), 3),
        (two_bowls, np.array([-20.0, 10.0]), np.array([1.0, 1.0]), 2),
        (_bowl(np.diag([3e4, 1.0]), [0.0, 0.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0]), 9),
        (_bowl(np.diag([3e-7, 1e-7]), [0.0, 0.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0]), 1),
    ),
    wrong={
        " / np.linalg.norm(direction) -> ": "You never make `direction` one long: divide by its `np.linalg.norm`.",
        " / 2e-4 -> ": "Divide by the distance between the two points: with 1e-4 to either side that is 2e-4.",
        "2e-4 -> 1e-4": "You divided by half of the distance: the two points are one step ahead and one behind.",
        " - gradient(w - 1e-4 * direction)) / 2e-4 -> ) / 1e-4": "That is the slope itself: take off the one behind.",
        "= direction @ change, change -> = change @ change, change": "Take `direction @ change` before you replace it.",
        "range(steps) -> range(1)": "That is the curvature along the first direction: repeat.",
        "-sharpness_of(gradient, w, direction, steps)": "Your sign is wrong: the slope *ahead* minus the one *behind*.",
    },
    hints=(
        "Lesson 2 measured a curvature from two slopes, a step apart. Here the step goes along `direction`.",
        "`change = (gradient(w + 1e-4 * direction) - gradient(w - 1e-4 * direction)) / 2e-4`.",
        "Keep the curvature `direction @ change` of each round before you replace `direction` by `change`.",
    ),
    why="Two gradients a round, however many weights there are: so the sharpness of large networks is measured.",
)
def sharpness_of(gradient, w, direction, steps):
    """Power iteration: the Hessian times a direction is how the slope changes along it, most along the sharpest."""
    for _ in range(steps):
        direction = direction / np.linalg.norm(direction)
        change = (gradient(w + 1e-4 * direction) - gradient(w - 1e-4 * direction)) / 2e-4
        curvature, direction = direction @ change, change
    return curvature


@exercise(
    "6.2 look uphill first",
    task="Return the gradient at the point that lies `rho` uphill of `w`, straight up the slope.",
    stub="[gradient, w] and ...",
    cases=(
        (ravine, np.array([-2.5, 1.5]), 0.5),
        (ravine, np.array([3.0, 0.0]), 0.1),
        (_bowl([[3.0, 1.0], [1.0, 2.0]], [1.0, -2.0]), np.array([0.0, 0.0]), 0.3),
        (_bowl([[3.0, 1.0], [1.0, 2.0]], [1.0, -2.0]), np.array([2.0, 2.0]), 0.0),
        (_bowl(np.diag([1.0, 4.0, 10.0]), np.zeros(3)), FAR_APART, 0.5),
        (_bowl([[7.0]], [0.0]), np.array([-2.0]), 1.0),
    ),
    wrong={
        "gradient(w)": "That is the plain gradient: take it at the point `rho` uphill.",
        " / np.linalg.norm(g) -> ": "You go `rho` times the slope's length: divide by `np.linalg.norm(g)`.",
        "+ rho -> - rho": "You looked downhill: the gradient points uphill, so add.",
        "return gradient -> return ": "That is the point uphill, well found: asked for is the gradient there.",
        "gradient(w + rho -> (g + rho": "You lengthened the gradient: move the *point*, then take the gradient there.",
        "g / np.linalg.norm(g) -> np.sign(g)": "You go `rho` along each coordinate: divide by `np.linalg.norm(g)`.",
    },
    hints=("A direction of length one: `g / np.linalg.norm(g)`.", "The point is `w` plus `rho` times that direction."),
    why="The rest of the loop stays as it is: w := w - learning rate * this gradient (Foret et al., 2021).",
)
def sharpness_aware_gradient(gradient, w, rho):
    """The gradient a little way uphill: there a sharp valley is steep, and a flat one is not."""
    g = gradient(w)
    return gradient(w + rho * g / np.linalg.norm(g))


@exercise(
    "6.3 average the weights",
    task="`average` is the mean of `n` earlier weights; return the mean of those and `w`.",
    cases=[  # with n = 0 for the first of all
        (np.array(average), np.array(w), n)
        for average, w in (([1.0, 2.0], [3.0, -2.0]), ([0.5, 0.0, -4.0], [0.5, 1.0, 6.0]), (FAR_APART, -3 * FAR_APART))
        for n in (1, 3, 0, 29)
    ],
    wrong={
        "(average + w) / 2": "You gave `w` as much say as all the earlier ones together: it is one of `n + 1`.",
        "(average * n + w) / max(n, 1)": "With `w` there are `n + 1` weights: divide by that.",
        "average + w / (n + 1)": "You added a part of `w` but took nothing off the average of the others.",
        "(average + w) / (n + 1)": "`average` stands for `n` weights: multiply it by `n` before you add `w`.",
        "0.9 * average + 0.1 * w": "That is a moving average, which forgets: here all weights count alike.",
    },
    hints=("The sum of the earlier weights is `n * average`.", "Add `w` and divide by how many there are now."),
    why="So weight averaging costs one more vector of memory, however long the training (Izmailov et al., 2018).",
)
def new_average(average, w, n):
    """The average of n + 1 weights from that of the first n: one part in n + 1 comes from the new one."""
    return average + (w - average) / (n + 1)


@exercise(
    "6.4 find the fault",
    task="Return the accuracy at the first epoch whose training loss is at most `level`; `None` if there is none.",
    cases=(
        (np.array([2.3, 1.1, 0.45, 0.2, 0.05, 0.1]), np.array([0.1, 0.6, 0.85, 0.8, 0.75, 0.7]), 0.5),
        (np.array([2.3, 1.9, 1.2, 0.8, 0.55, 0.4]), np.array([0.1, 0.4, 0.7, 0.8, 0.86, 0.9]), 1.0),
        (np.array([2.3, 0.4, 0.7, 0.3, 0.9]), np.array([0.1, 0.7, 0.6, 0.75, 0.65]), 0.6),  # a loss that bounces
        (np.array([0.9, 0.0204, 0.0196, 0.4, 0.01]), np.array([0.5, 0.6, 0.8437, 0.7, 0.75]), 0.02),  # only just
        (np.array([2.3, 0.5, 0.1]), np.array([0.2, 0.8, 0.7]), 0.5),  # exactly at the level
        (np.array([0.4, 0.3]), np.array([0.7, 0.9]), 0.5),  # from the first epoch on
        (np.array([2.3, 1.9, 1.6]), np.array([0.1, 0.2, 0.3]), 1.5),  # never so far down
    ),
    wrong={
        "accuracies[-1]": "That is the fault to be found: after equal *epochs* the training losses are different.",
        "max(accuracies)": "You chose the best moment by looking at the test: then the test is no test any more.",
        "accuracies[np.argmin(abs(losses - level))]": "The nearest may lie above: take the first at or below `level`.",
        "accuracies[np.argmin(losses)]": "The lowest loss is another one for each training: take one level for all.",
        "accuracies[np.argmax(losses <= level)]": "Where no loss is that low, return `None`, not the first epoch's.",
        "fair_accuracy(losses[::-1], accuracies[::-1], level)": "You took the last such epoch: take the first.",
        "accuracies[0] if losses[0] <= level else None": "You stop at the first epoch: `return None` after the loop.",
        "<= level -> < level": "A loss of exactly `level` counts too: `<=`.",
    },
    hints=(
        "Go through the epochs in order and stop at the first whose loss is low enough.",
        "`for loss, accuracy in zip(losses, accuracies):` with an `if` inside it, and `return None` after the loop.",
    ),
    why="Whoever compares two trainings has to say what was held equal: the verdict depends on it.",
)
def fair_accuracy(losses, accuracies, level):
    """What it reads when its training loss first is at most the level: the same moment for every training."""
    for loss, accuracy in zip(losses, accuracies, strict=True):
        if loss <= level:
            return accuracy
    return None


@exercise(
    "6.5 as sharp as asked",
    task="Return the minimum `(u, v)` of (1 - u v)² / 2 whose sharpness, u² + v², is as asked; u at least v, above 0.",
    stub="..., ...",
    cases=((2.0,), (100.01,), (4.25,), (2.5,), (3e4,)),
    wrong={
        "(np.sqrt(sharpness), 1 / np.sqrt(sharpness))": "Nearly, where it is sharp: `v²` counts too.",
        "(np.sqrt(sharpness / 2),) * 2": "There u v is sharpness / 2, not 1: you have left the valley floor.",
        "as_sharp_as(sharpness)[::-1]": "Just as sharp, but asked for is the one where `u` is at least `v`.",
        "tuple(np.square(as_sharp_as(sharpness)))": "These are u² and v²: take the roots.",
    },
    hints=(
        "On the valley floor `v = 1 / u`, so the sharpness is `u**2 + 1 / u**2`.",
        "Call `u**2` t: then `t + 1 / t = sharpness`, which is the quadratic equation `t**2 - sharpness * t + 1 = 0`.",
    ),
    why="All of them compute the same function: sharpness alone says nothing about what a network does (Dinh et al.).",
)
def as_sharp_as(sharpness):
    """The minimum (u, 1/u) with u² + 1/u² as asked: with t = u² that is t² - sharpness t + 1 = 0."""
    u = np.sqrt((sharpness + np.sqrt(sharpness**2 - 4)) / 2)
    return u, 1 / u
