"""What lesson 2 claims, measured once more with tolerances, and its scenes moved from code."""

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from gd_helpers import curvature, data, landscapes, losses
from gd_helpers.descent import descend
from gd_helpers.figures import learning_rate as figures
from gd_helpers.live.verdicts import regime


def test_one_per_cent_decides_between_gone_and_astronomical():
    ends = {}
    for share in (0.99, 1.00, 1.01):
        run = descend(landscapes.bowl(1, 100), [1.0, 1.0], learning_rate=share * 2 / 100, steps=2000)
        ends[share] = abs(run.end[1])
    assert ends[0.99] == pytest.approx(0.98**2000, rel=1e-9)  # about 3e-18
    assert ends[1.00] == 1
    assert ends[1.01] == pytest.approx(1.02**2000, rel=1e-9)  # about 1.6e17


def test_steps_to_a_millionth_at_condition_number_100():
    valley = landscapes.bowl(1, 100)
    steps = {}
    for name, rate in {"1/L": 1 / 100, "best": 2 / 101}.items():
        distance = np.linalg.norm(descend(valley, [1.0, 1.0], learning_rate=rate, steps=2000).path, axis=-1)
        steps[name] = int((distance <= 1e-6 * distance[0]).argmax())
    assert steps == {"1/L": 1341, "best": 691}


@pytest.mark.parametrize(
    ("inputs", "number", "border"),
    [
        (lambda mm: mm, 8.3464e6, 2.46518e-5),
        (lambda mm: mm - mm.mean(), 197.154, 5.07219e-3),
        (data.standardise, 1.0, 1.0),
    ],
)
def test_penguins_three_ways(inputs, number, border):
    penguins = data.penguins()
    fit = losses.LinearRegression(losses.with_intercept(inputs(penguins.flipper_mm)), penguins.mass_kg)
    assert curvature.condition_number(fit.hessian()) == pytest.approx(number, rel=1e-4)
    assert curvature.stable_rate(fit.hessian()) == pytest.approx(border, rel=1e-5)
    for share, stays in ((0.999, True), (1.01, False)):
        run = descend(fit, [1.0, 1.0], learning_rate=share * border, steps=3000)
        assert (run.loss <= run.losses[0]) == stays


def test_on_the_plateau_steps_grow_as_one_over_the_rate():
    steps = []
    for rate in (1.0, 0.1, 0.01):
        run = descend(landscapes.plateau, [3.0], learning_rate=rate, steps=round(60 / rate))
        steps.append((run.losses < 0.01).argmax())
    assert steps[1] / steps[0] == pytest.approx(10, rel=0.05)
    assert steps[2] / steps[1] == pytest.approx(10, rel=0.05)


@pytest.mark.parametrize(("rate", "sharpness"), [(0.001, 9.21), (0.3, 2.71)])
def test_the_rate_chooses_the_minimum(rate, sharpness):
    run = descend(losses.ProductLoss(), [3.0, 0.1], learning_rate=rate, steps=20000)
    assert (run.end**2).sum() == pytest.approx(sharpness, abs=0.005)
    assert (run.end**2).sum() < 2 / rate


def test_half_a_rate_too_much_diverges():
    assert descend(losses.ProductLoss(), [3.0, 0.1], learning_rate=0.5, steps=2000).diverged_at is not None


def test_the_range_test_falls_levels_out_and_explodes():
    penguins = data.penguins()
    columns = [data.standardise(penguins.flipper_mm), data.standardise(penguins.mass_kg), np.ones(342)]
    model = losses.LogisticRegression(np.column_stack(columns), (penguins.species == "Adelie").astype(float))
    ramp = np.geomspace(0.001, 100, 300)
    test = descend(model, np.zeros(3), learning_rate=lambda t: ramp[t], steps=300)
    bottom = test.losses.argmin()
    assert test.losses[0] == pytest.approx(np.log(2))
    assert test.losses[bottom] == pytest.approx(0.3638, abs=1e-4)
    assert test.losses[bottom:].max() > 5
    assert ramp[bottom - 1] > curvature.stable_rate(model.hessian(test.path[bottom]))


def test_ten_thousand_pairs_are_ten_thousand_single_runs():
    pairs = figures.rate_grid((0, 1.2), (0, 1.2), 100)
    whole = descend(losses.ProductLoss(), [2.0, -1.0], learning_rate=pairs, steps=200)
    rng = np.random.default_rng(0)
    for row, column in rng.integers(100, size=(20, 2)):
        one = descend(losses.ProductLoss(), [2.0, -1.0], learning_rate=pairs[row, column], steps=200)
        np.testing.assert_array_equal(whole.path[:, row, column], one.path)
        assert whole.diverged_at[row, column] == (-1 if one.diverged_at is None else one.diverged_at)


def test_the_border_of_explosion_is_clean_and_the_choice_of_valley_below_it_is_not():
    product = losses.ProductLoss()
    whole = descend(product, [2.0, -1.0], learning_rate=figures.rate_grid((0, 1.2), (0, 1.2), 60), steps=200)
    scene = figures.RateMapScene(whole, 1.2)
    column = np.column_stack([np.full(2000, 0.56), np.linspace(0.6, 0.7, 2000)])
    gone = descend(product, [2.0, -1.0], learning_rate=column, steps=200).diverged_at >= 0
    for zoom in (1, 10, 100):
        window = scene.window(column[gone.argmax()], zoom)
        run = descend(product, [2.0, -1.0], learning_rate=figures.rate_grid(*window, 200), steps=200)
        exploded = run.diverged_at >= 0
        crossings = np.abs(np.diff(exploded.astype(int), axis=0)).sum(axis=0)
        assert crossings.max() == 1
        positive, arrived = run.end[..., 0] > 0, ~exploded
        valley_changes = ((positive[1:] != positive[:-1]) & arrived[1:] & arrived[:-1]).sum(axis=0)
        assert valley_changes.mean() > 1.5


@pytest.mark.parametrize(
    ("rate", "word"), [(0.05, "glides"), (0.1, "lands"), (0.15, "bounces in"), (0.2, "for ever"), (0.3, "explodes")]
)
def test_the_five_regimes_are_told_apart_and_true(rate, word):
    assert word in regime(rate, 10)
    w = descend(landscapes.bowl(10), [1.0], learning_rate=rate, steps=30).path[:, 0]
    one_sided, size = (w >= 0).all(), abs(w[-1])
    assert one_sided == (word in ("glides", "lands"))
    assert (size > 1) == (word == "explodes")
    assert (size == pytest.approx(1)) == (word == "for ever")


def test_the_ruler_stands_where_the_regimes_change():
    scene = figures.CurvePathScene(landscapes.bowl(10), steps=9, rates=(0.01, 0.3), curvature=10)
    bars = [bar for bar in scene.figure.axes[-1].patches]
    edges = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars]
    np.testing.assert_allclose(edges, [(0.01, 0.1), (0.1, 0.2), (0.2, 0.3)])
    scene.show(descend(landscapes.bowl(10), [1.0], learning_rate=0.15, steps=9), 0.15)
    mark = next(line for line in scene.figure.axes[-1].lines if len(line.get_xdata()) == 2)
    assert mark.get_xdata() == [0.15, 0.15]


def test_outcome_colours_tell_the_outcomes_apart():
    rates = np.array([[0.05, 0.05], [0.9, 0.9], [0.0, 0.0]])
    run = descend(losses.ProductLoss(), [2.0, -1.0], learning_rate=rates, steps=200)
    arrived, exploded, still = figures.outcome_colours(run)
    assert len({tuple(arrived), tuple(exploded), tuple(still)}) == 3
    assert exploded[0] > exploded[2]  # red
    assert tuple(arrived) in {to_rgba(figures.YELLOW), to_rgba(figures.BLUE)}


def test_the_magnified_window_stays_on_the_map():
    pairs = figures.rate_grid((0, 1), (0, 1), 4)
    scene = figures.RateMapScene(descend(losses.ProductLoss(), [2.0, -1.0], learning_rate=pairs, steps=5), 1)
    assert scene.window((0.5, 0.5), 2) == [(0.25, 0.75), (0.25, 0.75)]
    assert scene.window((0.0, 1.0), 2) == [(0.0, 0.5), (0.5, 1.0)]
