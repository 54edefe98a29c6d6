"""Draw the README's pictures, one for its top and one a lesson: ``python tests/make_pictures.py [NAME ...]``.

The scenes are those of the lessons, drawn by matplotlib alone, 800 pixels wide, into ``notebooks/images/``.
"""

import sys
from pathlib import Path

import numpy as np

from gd_helpers import (
    batch_figures,
    data,
    figures,
    landscapes,
    losses,
    minima_figures,
    rate_figures,
    rule_figures,
    rules,
)
from gd_helpers.descent import descend, minibatches
from gd_helpers.rules import momentum

IMAGES = Path(__file__).parents[1] / "notebooks" / "images"
WIDTH = 800  # pixels


def top():
    """A path that bounces down the ravine, just below the largest learning rate that still works."""
    scene = figures.DescentScene(landscapes.ravine)
    scene.show(descend(landscapes.ravine, [-2.5, 1.5], learning_rate=0.18, steps=40))
    return scene


def intuition():
    """A line on its way to the penguins."""
    penguins = data.penguins()
    flipper = data.standardise(penguins.flipper_mm)
    loss = losses.LinearRegression(losses.with_intercept(flipper), penguins.mass_kg)
    labels = ("flipper length (standardised)", "body mass (kg)")
    scene = figures.LineFitScene(loss, flipper, penguins.mass_kg, labels=labels)
    scene.show(descend(loss, [0.0, 0.0], learning_rate=0.05, steps=12))
    return scene


def learning_rate():
    """Pairs of learning rates, coloured by how the descent ended, and a part of the border magnified."""
    limit, loss = 1.2, losses.ProductLoss()

    def outcomes(window, n):
        return descend(loss, [2.0, -1.0], learning_rate=rate_figures.rate_grid(*window, n), steps=200)

    scene = rate_figures.RateMapScene(outcomes([(0, limit)] * 2, 100), limit)
    window = scene.window((0.6, 0.55), zoom=6)
    scene.show(outcomes(window, 100), window)
    return scene


def variants():
    """A network that has been five times through the digits, sixteen at a time."""
    digits = data.digits()
    network = losses.SoftmaxNetwork(digits.train_X, digits.train_y)
    start, batches = network.initial(np.random.default_rng(0)), minibatches(1500, 16, np.random.default_rng(1))
    scene = batch_figures.DigitsScene(network, digits)
    scene.show(descend(network, start, learning_rate=0.3, steps=470, batches=batches, record_every=47), 94)
    return scene


def refinements():
    """Five rules race down one ravine."""
    ravine = landscapes.bowl(1, 40)
    five = [rules.sgd(), rules.momentum(0.7), rules.nesterov(0.7), rules.rmsprop(0.9), rules.adam()]
    rates = np.array([[0.04], [0.04], [0.02], [0.05], [0.2]])
    scene = rule_figures.RaceScene(ravine, ["plain", "momentum", "Nesterov", "RMSprop", "Adam"], steps=60)
    rule = rules.side_by_side(*five)
    scene.show(descend(ravine, [[-2.5, 1.5]] * 5, learning_rate=rates, steps=30, rule=rule))
    return scene


def minima_and_saddles():
    """Forty thousand starts, coloured by the minimum at which momentum arrives."""
    scene = minima_figures.BasinScene(landscapes.himmelblau)
    options = {"learning_rate": 0.01, "steps": 160, "rule": momentum(0.9), "record_every": 160}
    scene.show(descend(landscapes.himmelblau, scene.starts, **options).end)
    return scene


# From the name of a picture to the function that makes it. A lesson's picture has the name of its notebook.
PICTURES = {
    "top": top,
    "01_intuition": intuition,
    "02_learning_rate": learning_rate,
    "03_variants": variants,
    "04_refinements": refinements,
    "05_minima_and_saddles": minima_and_saddles,
}


def save(name, folder=IMAGES):
    """Draw one picture into ``folder``; returns the path of the file."""
    figure = PICTURES[name]().figure
    path = Path(folder) / f"{name}.png"
    # A PNG otherwise names the version of matplotlib, and so differs without looking different.
    figure.savefig(path, dpi=WIDTH / figure.get_figwidth(), metadata={"Software": None})
    return path


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    for name in sys.argv[1:] or PICTURES:
        print("drew", save(name).relative_to(IMAGES.parents[1]))
