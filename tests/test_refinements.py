"""Lesson 4: the numbers that its text rests on, and its scenes, moved from code."""

from types import SimpleNamespace

import numpy as np
import pytest

from gd_helpers import landscapes, rules
from gd_helpers.curvature import heavy_ball_factor
from gd_helpers.data import digits
from gd_helpers.descent import descend, minibatches
from gd_helpers.figures import refinements as figures
from gd_helpers.live import svg
from gd_helpers.losses import SoftmaxNetwork
from gd_helpers.output import with_progress
from gd_helpers.schedules import constant, cosine, exponential, step_decay, warmup

RAVINE = landscapes.bowl(1.0, 100.0)
START = np.array([-2.5, 1.5])
RATES = np.geomspace(0.001, 1, 61)


def best_loss(surface, start, rule):
    """The lowest final loss of 200 steps over the lesson's grid of rates."""
    run = descend(surface, start, learning_rate=RATES[:, None], steps=200, rule=rule)
    return np.where(run.diverged_at < 0, run.loss, np.inf).min()


# --- numbers ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("k", "plain", "heavy"), [(10, 71, 27), (100, 709, 95), (1000, 7082, 321)])
def test_steps_grow_like_k_and_like_its_root(k, plain, heavy):
    root = np.sqrt(k)
    bowl = landscapes.bowl(1.0, float(k))
    for steps, rate, rule in (
        (plain, 2 / (1 + k), rules.sgd()),
        (heavy, 4 / (root + 1) ** 2, rules.momentum(((root - 1) / (root + 1)) ** 2)),
    ):
        run = descend(bowl, [1.0, 1.0], learning_rate=rate, steps=steps, rule=rule)
        distance = np.linalg.norm(run.path, axis=1)
        assert distance[-1] <= 1e-6 < distance[-2]


def test_the_factor_of_theory_is_what_a_long_run_leaves():
    for rate, beta in ((0.0178, 0.0), (0.0282, 0.9), (0.005, 0.5), (0.03, 0.6)):
        run = descend(RAVINE, START, learning_rate=rate, steps=400, rule=rules.momentum(beta))
        measured = (np.linalg.norm(run.path[400]) / np.linalg.norm(run.path[100])) ** (1 / 300)
        theory = heavy_ball_factor(rate * np.array([1, 100]), beta).max()
        assert measured == pytest.approx(theory, abs=0.01)


def test_where_the_roots_are_complex_the_factor_is_the_root_of_beta():
    beta = np.linspace(0.3, 0.95, 14)
    np.testing.assert_allclose(heavy_ball_factor(1.0, beta), np.sqrt(beta), rtol=1e-12)


def test_turning_the_ravine_hurts_only_the_rules_that_rescale_axes():
    turn = np.array([[1, -1], [1, 1]]) / np.sqrt(2)
    askew = SimpleNamespace(
        value=lambda w: RAVINE.value(w @ turn), gradient=lambda w: RAVINE.gradient(w @ turn) @ turn.T
    )
    worse = {}
    for name, rule in {
        "plain": rules.sgd(),
        "momentum": rules.momentum(),
        "rmsprop": rules.rmsprop(0.9),
        "adam": rules.adam(),
    }.items():
        worse[name] = best_loss(askew, turn @ START, rule) / best_loss(RAVINE, START, rule)
    assert worse["plain"] == pytest.approx(1, rel=1e-3)
    assert worse["momentum"] == pytest.approx(1, rel=1e-2)
    assert worse["rmsprop"] > 10
    assert worse["adam"] > 10


def test_l2_under_adam_spares_the_noisy_weight_and_adamw_does_not():
    rngs = [np.random.default_rng(seed) for seed in range(1000)]
    kicks = np.stack([rng.standard_normal((3000, 2)) for rng in rngs], axis=1)
    noise = SimpleNamespace(value=lambda w: 0 * w[..., 0], gradient=lambda w, kick: kick * [1.0, 100.0])
    for rule, of_twenty, wanted in (
        (rules.adam_l2(0.1), 0.974, [np.exp(-3), 1.0]),
        (rules.adamw(0.1), 0.0122, [np.exp(-3), np.exp(-3)]),
    ):
        run = descend(
            noise, np.ones((1000, 2)), learning_rate=0.01, steps=3000, rule=rule, batches=kicks, record_every=3000
        )
        assert run.end[:20, 1].mean() == pytest.approx(of_twenty, abs=5e-4)
        error = run.end.std(axis=0) / np.sqrt(1000)
        assert (np.abs(run.end.mean(axis=0) - wanted) < 3 * error).all()


def test_decay_ends_where_theory_says():
    surface = SimpleNamespace(
        value=lambda w: landscapes.ravine.value(w - [2, 1]), gradient=lambda w: landscapes.ravine.gradient(w - [2, 1])
    )
    for decay in (0.1, 1.0, 10.0):
        run = descend(surface, START, learning_rate=0.05, steps=500, rule=rules.weight_decay(decay))
        np.testing.assert_allclose(run.end, [2 / (1 + decay), 10 / (10 + decay)], rtol=1e-9)


def test_in_noise_the_cosine_beats_a_tuned_constant_rate_and_too_early_a_fall_does_not():
    base = np.geomspace(0.001, 0.019, 13)[:, None, None]
    starts = np.tile(START, (500, 1))
    best = {}
    for name, schedule in {
        "cosine": cosine(base, steps=200),
        "constant": constant(base),
        "step": step_decay(base, every=66),
        "exponential": exponential(base, factor=0.01 ** (1 / 200)),
    }.items():
        jolts = rules.noise(5.0, np.random.default_rng(1))
        run = descend(RAVINE, starts, learning_rate=schedule, steps=200, rule=jolts, record_every=200)
        best[name] = run.loss.mean(axis=1).min()
    assert best["cosine"] < 0.6 * best["constant"]
    assert best["constant"] < best["step"] < best["exponential"]


def test_warm_up_helps_from_the_sharp_start_and_hurts_from_the_milder_one():
    rates = np.geomspace(0.0001, 0.01, 201)
    border = {}
    for start in ((2.0, -1.0), (-1.2, 1.0)):
        for length in (1, 20):
            slow_start = warmup(rates[:, None], steps=length)
            run = descend(landscapes.rosenbrock, start, learning_rate=slow_start, steps=1000, record_every=1000)
            border[start, length] = rates[run.diverged_at >= 0].min()
    assert border[(2.0, -1.0), 20] > 5 * border[(2.0, -1.0), 1]
    assert border[(-1.2, 1.0), 20] < 0.7 * border[(-1.2, 1.0), 1]


def test_every_rule_has_its_own_band_of_rates():
    """The fair comparison with one seed in place of five."""
    network = SoftmaxNetwork(digits().train_X, digits().train_y)
    rates = np.geomspace(0.001, 10, 13)
    best = {}
    for name, rule in {"plain": rules.sgd(), "momentum": rules.momentum(), "adam": rules.adam()}.items():
        rng = np.random.default_rng(0)
        start, batches = network.initial(rng), minibatches(1500, 50, rng)
        run = descend(
            network, start, learning_rate=rates[:, None], steps=90, rule=rule, batches=batches, record_every=90
        )
        best[name] = rates[np.nanargmin(run.loss)]
        assert np.nanmin(run.loss) < 0.25
    assert best["plain"] >= 4 * best["momentum"] >= 4 * 4 * best["adam"] * 0.99


# --- scenes -------------------------------------------------------------------------------------------------
def moving_data(scene):
    """The points of everything that moves in a scene, end to end."""
    return np.concatenate([np.ravel(line.get_xydata()) for line in svg.moving(scene.figure)])


def test_a_race_shows_one_run_of_many_like_many_runs_of_one():
    names, five = ["plain", "momentum", "Adam"], [rules.sgd(), rules.momentum(), rules.adam()]
    one, many = (figures.RaceScene(RAVINE, names, 50) for _ in range(2))
    run = descend(RAVINE, [START] * 3, learning_rate=0.01, steps=50, rule=rules.side_by_side(*five))
    one.show(run)
    many.show(*(descend(RAVINE, START, learning_rate=0.01, steps=50, rule=rule) for rule in five))
    np.testing.assert_allclose(moving_data(one), moving_data(many), rtol=1e-10)
    assert len(moving_data(one)) == 2 * (3 * (51 + 51 + 1 + 1) + 1)


def test_a_move_of_the_race_is_few_bytes():
    five = [rules.sgd(), rules.momentum(), rules.nesterov(), rules.rmsprop(0.9), rules.adam()]
    scene = figures.RaceScene(RAVINE, list("abcde"), 200)
    svg_bytes = []
    scene.figure.canvas.draw()
    for start in (START, [2.0, -1.9], [0.3, 1.0]):
        rates = np.array([[0.0178], [0.0282], [0.00794], [0.0141], [0.0708]])
        scene.show(descend(RAVINE, [start] * 5, learning_rate=rates, steps=200, rule=rules.side_by_side(*five)))
        moves = [move for artist in svg.moving(scene.figure) for _, move in svg.encode(artist)]
        svg_bytes.append(len(str(moves)))
    assert max(svg_bytes) < 5000


def test_the_momentum_scene_marks_its_settings():
    scene = figures.MomentumScene(RAVINE, 50, (0.001, 0.1))
    run = descend(RAVINE, START, learning_rate=0.01, steps=50)
    scene.show(run, run, 0.02, 0.7)
    assert [0.02, 0.7] in [line.get_xydata().tolist()[-1] for line in svg.moving(scene.figure)]


def test_the_adam_scene_shows_the_rate_of_each_coordinate():
    scene = figures.AdamScene(RAVINE, 50)
    run = descend(RAVINE, START, learning_rate=0.05, steps=50, rule=rules.adam())
    squares = rules.recent_squares(RAVINE.gradient(run.path), 0.999)
    scene.show(run, run, 0.05 / np.sqrt(squares))
    along, across = (line.get_ydata() for line in scene._rates)
    assert (along[0], across[0]) == pytest.approx((0.05 / 2.5, 0.05 / 150))


def test_the_schedule_scene_draws_the_rates():
    scene = figures.ScheduleScene(RAVINE, 20, 0.03, (1e-3, 1e3))
    run = descend(RAVINE, START, learning_rate=0.01, steps=20)
    rates = np.linspace(0.02, 0.0, 20)
    scene.show(run, run, rates)
    np.testing.assert_array_equal(scene._schedule.get_ydata(), rates)
    np.testing.assert_array_equal(scene._constant.get_ydata(), [0.02, 0.02])


def test_the_scaling_and_decay_scenes_show_what_they_are_given():
    scaling = figures.ConditionScene([10, 100], [71, 709], [27, 95])
    scaling.show(50, 350, 66)
    assert moving_data(scaling).tolist() == [50, 350, 50, 66] * 2
    decay = figures.DecayScene(["L2", "AdamW"], 2)
    weights = [np.ones((3, 2)), np.zeros((3, 2))]
    decay.show(weights, np.array([1.0, 0.5, 0.25]))
    assert decay._panels[1][0][0].get_ydata().tolist() == [0, 0, 0]
    assert decay._panels[0][1].get_ydata().tolist() == [1, 0.5, 0.25]


def test_the_fair_scene_reads_its_grid_at_the_nearest_rate():
    rates = np.array([0.01, 0.1, 1.0])
    results = {"a": np.array([[3.0, 1.0, np.inf]] * 3), "b": np.array([[1.0, 2.0, 4.0]] * 3)}
    usable = {"a": np.array([False, True, False]), "b": np.array([True, True, False])}
    scene = figures.FairScene(rates, results, usable, (0.5, 5))
    assert scene.show(0.12) == {"a": 1.0, "b": 2.0}
    assert scene.show(2.0) == {"a": np.inf, "b": 4.0}
    assert np.isfinite(moving_data(scene)).all()


def test_progress_goes_through_everything_in_order():
    assert list(with_progress("abc", "letters")) == ["a", "b", "c"]
