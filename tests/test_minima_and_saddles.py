"""Lesson 5 holds what it says: its numbers, its counter-example and its theorems, and its scenes move as told."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from gd_helpers import critical_points as critical
from gd_helpers import landscapes, losses
from gd_helpers.curvature import classify, hessian
from gd_helpers.data import digits
from gd_helpers.descent import descend, descend_in_pieces, minibatches
from gd_helpers.exercises.minima_and_saddles import (
    ends_at,
    just_enough_noise,
    kind_of_ground,
    noisy_descent,
    saddle_gradient,
)
from gd_helpers.figures import minima_and_saddles as figures
from gd_helpers.live.svg import encode, moving
from gd_helpers.rules import adam, momentum, noise, sgd, side_by_side
from gd_helpers.schedules import cosine
from gd_helpers.small_networks import LinearNetwork, Neuron, contradictions

SADDLE, HIMMELBLAU = landscapes.saddle, landscapes.himmelblau


# --- leaving a saddle ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(("distance", "steps"), [(1e-2, 43), (1e-8, 188), (1e-16, 381)])
def test_steps_to_leave_a_saddle(distance, steps):
    run = descend(SADDLE, [1.0, distance], learning_rate=0.1, steps=600)
    assert critical.steps_to_leave(np.abs(run.path[:, 1])) == steps
    assert steps == pytest.approx(np.log(0.5 / distance) / np.log(1.1), abs=2.5)


def test_steps_grow_with_the_logarithm_at_the_rate_that_the_rule_gives():
    """A heavy ball grows by the larger root of z^2 - (1 + beta + rate) z + beta = 0 at every step."""
    distances = np.geomspace(1e-14, 1e-4, 11)
    starts = np.column_stack([np.ones(11), distances])
    for rule, factor in (sgd(), 1.1), (momentum(0.9), (2 + np.sqrt(2**2 - 4 * 0.9)) / 2):
        run = descend(SADDLE, starts, learning_rate=0.1, steps=600, rule=rule)
        left = critical.steps_to_leave(np.abs(run.path[..., 1]))
        slope = np.polyfit(np.log(1 / distances), left, 1)[0]
        assert slope == pytest.approx(1 / np.log(factor), rel=0.01)


def test_random_starts_reach_minima_where_the_theorem_applies():
    starts = np.random.default_rng(0).uniform(-1.5, 1.5, (10_000, 2))
    steepest = np.abs(np.linalg.eigvalsh(SADDLE.hessian(starts))).max()
    assert 1 / steepest > 0.1
    run = descend(SADDLE, starts, learning_rate=0.1, steps=300, record_every=300)
    distances = np.linalg.norm(run.end[:, None] - SADDLE.minima, axis=-1).min(axis=1)
    assert (distances < 1e-6).all()


def test_tiny_noise_frees_a_ball_from_the_ridge_in_about_60_steps():
    starts = np.zeros((1000, 2))
    assert (descend(SADDLE, starts, learning_rate=0.1, steps=300).end == 0).all()
    run = descend(SADDLE, starts, learning_rate=0.1, steps=300, rule=noise(0.01, np.random.default_rng(0)))
    left = critical.steps_to_leave(np.abs(run.path[..., 1]))
    assert (left > 0).all()
    assert np.median(left) == pytest.approx(63, abs=4)


# --- basins -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rule", [sgd(), momentum(0.9), adam()], ids=["plain", "momentum", "adam"])
def test_a_descent_in_pieces_is_the_same_descent(rule):
    options = {"learning_rate": cosine(0.02, steps=30), "steps": 25, "rule": rule}
    starts = np.random.default_rng(0).uniform(-3, 3, (5, 2))
    whole = descend(HIMMELBLAU, starts, **options)
    runs = list(descend_in_pieces(HIMMELBLAU, starts, **options, piece=10))
    assert [int(run.steps[-1]) for run in runs] == [10, 20, 25]
    for run in runs:
        np.testing.assert_array_equal(run.path, whole.path[run.steps])
        np.testing.assert_array_equal(run.losses, whole.losses[run.steps])


def basin_shares(learning_rate, rule=None):
    scene = figures.BasinScene(HIMMELBLAU)
    options = {"learning_rate": learning_rate, "steps": 160, "record_every": 10, "piece": 10, "rule": rule}
    for run in descend_in_pieces(HIMMELBLAU, scene.starts, **options):
        scene.show(run.end)
    return scene, scene.shares


def test_basin_map_has_40000_starts_and_colours_them_by_where_they_end():
    scene, shares = basin_shares(0.01)
    assert scene.starts.shape == (200, 200, 2)
    np.testing.assert_allclose(shares, [0.257, 0.260, 0.236, 0.247, 0, 0], atol=0.003)
    pixels = scene._image.get_array()
    for number, minimum in enumerate(HIMMELBLAU.minima):
        row = np.abs(scene.starts[:, 0, 1] - minimum[1]).argmin()
        column = np.abs(scene.starts[0, :, 0] - minimum[0]).argmin()
        np.testing.assert_allclose(pixels[row, column] / 255, to_rgb(scene.COLORS[number]), atol=0.01)


def test_a_rate_above_the_stable_one_of_a_minimum_empties_its_basin():
    stable = 2 / np.linalg.eigvalsh(HIMMELBLAU.hessian(HIMMELBLAU.minima))[:, -1]
    assert (stable > 0.018).tolist() == [True, True, False, True]
    _, shares = basin_shares(0.018)
    assert shares[2] == 0
    assert shares[:4][stable > 0.018].min() > 0.2


def test_far_too_large_a_rate_diverges_everywhere_and_is_drawn_dark():
    scene, shares = basin_shares(0.3)
    assert shares[5] > 0.9
    assert scene._image.get_array()[5, 5].max() < 60


# --- critical points ----------------------------------------------------------------------------------------
KNOWN = [
    (HIMMELBLAU, 5.0, {"minimum": 4, "saddle": 4, "maximum": 1}),
    (landscapes.double_well, 1.5, {"minimum": 2, "saddle": 1}),
    (landscapes.monkey_saddle, 1.5, {"degenerate": 1}),
    (SADDLE, 2.0, {"minimum": 2, "saddle": 1}),
]


@pytest.mark.parametrize(("landscape", "reach", "kinds"), KNOWN, ids=[case[0].name for case in KNOWN])
def test_search_finds_and_names_the_known_critical_points(landscape, reach, kinds):
    starts = np.random.default_rng(0).uniform(-reach, reach, (500, 2))
    found = critical.critical_points(landscape, starts)
    assert found.gradient_norms.max() < 1e-9
    names, counts = np.unique(found.curvature.kind, return_counts=True)
    assert dict(zip(names.tolist(), counts.tolist(), strict=True)) == kinds
    known = np.concatenate([landscape.minima, landscape.saddles, landscape.maxima])
    # Newton stops a little before a degenerate point: there the distance only shrinks by a factor at each step.
    np.testing.assert_allclose(np.linalg.norm(known[:, None] - found.points, axis=-1).min(axis=1), 0, atol=1e-4)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_positive_definite_share_is_within_three_standard_errors_of_the_exact_one(n):
    share, exact = critical.positive_definite_fraction(n, 200_000, np.random.default_rng(n)), critical.GOE_EXACT[n]
    assert abs(share - exact) < 3 * np.sqrt(exact * (1 - exact) / 200_000)


@pytest.mark.parametrize(("n", "measured"), [(4, 0.00248), (5, 0.000139)])
def test_positive_definite_share_beyond_the_exact_values(n, measured):
    """Measured with ten million matrices; the asymptote is several times as large."""
    share = critical.positive_definite_fraction(n, 400_000, np.random.default_rng(n))
    assert abs(share - measured) < 3 * np.sqrt(measured / 400_000)
    assert 4 * measured < critical.goe_asymptote(n) < 9 * measured


@pytest.mark.parametrize(("d", "correlation", "minima"), [(2, 0.745, 0.25), (5, 0.855, 0.029), (10, 0.91, 0.0006)])
def test_kac_rice_agrees_with_weighting_by_the_determinant(d, correlation, minima):
    rng = np.random.default_rng(0)
    got = critical.kac_rice(d, 4000, rng)
    assert got[0] == pytest.approx(correlation, abs=0.01)
    assert got[1] == pytest.approx(minima, rel=0.1)
    heights = np.linspace(-8, 8, 161)  # the formula itself: mean over matrices, sum over heights
    eigenvalues = np.linalg.eigvalsh(critical.random_symmetric(d, 4000, rng))[:, None, :]
    weights = np.abs(eigenvalues - heights[:, None]).prod(axis=-1) * np.exp(-(heights**2) / 2)
    index = (eigenvalues < heights[:, None]).sum(axis=-1)
    both = np.cov(index.ravel(), np.broadcast_to(heights, index.shape).ravel(), aweights=weights.ravel())
    assert got[0] == pytest.approx(both[0, 1] / np.sqrt(both[0, 0] * both[1, 1]), abs=0.01)
    assert got[1] == pytest.approx(weights[index == 0].sum() / weights.sum(), rel=0.25)


@pytest.mark.parametrize(("d", "correlation"), [(2, 0.76), (5, 0.87), (10, 0.92)])
def test_index_rises_with_height_on_random_fields(d, correlation):
    field = critical.RandomField(d, np.random.default_rng(d))
    starts = np.random.default_rng(1).uniform(-10, 10, (1000, d))
    found = critical.critical_points(field, starts, max_steps=40, longest_step=0.5)
    assert found.gradient_norms.max() < 1e-9
    assert np.corrcoef(found.curvature.index, found.values)[0, 1] == pytest.approx(correlation, abs=0.02)


# --- the network that reads digits --------------------------------------------------------------------------
def test_different_starts_end_at_different_places_with_nearly_the_same_loss():
    """Three of the lesson's ten trainings."""
    images = digits()
    network = losses.SoftmaxNetwork(images.train_X, images.train_y)
    ends = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        batches = minibatches(1500, 32, rng)
        start = network.initial(rng)
        ends.append(descend(network, start, learning_rate=0.3, steps=1410, batches=batches, record_every=1410).end)
    final = network.value(np.stack(ends))
    np.testing.assert_allclose(final, [0.041, 0.037, 0.035], atol=0.002)
    accuracy = network.accuracy(np.stack(ends), images.test_X, images.test_y)
    assert 0.975 < accuracy.min() <= accuracy.max() < 0.998
    assert np.linalg.norm(ends[0] - ends[1]) > np.linalg.norm(ends[0])
    assert network.value((ends[0] + ends[1]) / 2) > 5 * final.max()


def test_softmax_leaves_hidden_plus_one_directions_exactly_flat():
    rng = np.random.default_rng(0)
    network = losses.SoftmaxNetwork(rng.normal(size=(60, 3)), rng.integers(4, size=60), hidden=5, classes=4)
    eigenvalues = np.linalg.eigvalsh(hessian(network, network.initial(rng)))
    assert (np.abs(eigenvalues) < 1e-6).sum() == 5 + 1


# --- where the slogan is exact, and where it fails ----------------------------------------------------------
def linear_data():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(40, 4))
    return X, X @ rng.normal(size=(4, 3)) * [4.0, 2.0, 1.0] + 0.3 * rng.normal(size=(40, 3))


@pytest.mark.parametrize("loss", [LinearNetwork(*linear_data(), [3]), LinearNetwork(*linear_data(), [2, 3])])
def test_linear_network_gradient_is_the_slope_of_its_value_and_broadcasts(loss):
    w = np.random.default_rng(0).normal(size=(2, 3, loss.d))
    assert loss.value(w).shape == (2, 3)
    direction = np.random.default_rng(1).normal(size=w.shape)
    slope = (loss.value(w + 1e-5 * direction) - loss.value(w - 1e-5 * direction)) / 2e-5
    np.testing.assert_allclose((loss.gradient(w) * direction).sum(axis=-1), slope, rtol=1e-6)


def test_neuron_derivatives_agree_and_broadcast():
    loss = Neuron(*contradictions(3))
    w = np.random.default_rng(0).normal(size=(2, 3))
    direction = np.random.default_rng(1).normal(size=w.shape)
    slope = (loss.value(w + 1e-6 * direction) - loss.value(w - 1e-6 * direction)) / 2e-6
    np.testing.assert_allclose((loss.gradient(w) * direction).sum(axis=-1), slope, rtol=1e-5, atol=1e-8)
    change = (loss.gradient(w + 1e-6 * direction) - loss.gradient(w - 1e-6 * direction)) / 2e-6
    np.testing.assert_allclose((loss.hessian(w) @ direction[..., None])[..., 0], change, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LinearNetwork(np.zeros((3, 2)), np.zeros((4, 1))), "X and Y must be"),
        (lambda: LinearNetwork(np.zeros((3, 2)), np.zeros((3, 1)), [0]), "hidden must be"),
        (lambda: LinearNetwork(np.eye(2), np.eye(2)).value(np.zeros(3)), r"w must be of shape \(..., 8\)"),
        (lambda: Neuron(np.zeros((3, 2)), np.zeros(2)), "X and y must be"),
        (lambda: Neuron(*contradictions(2)).gradient(np.zeros(3)), r"w must be of shape \(..., 2\)"),
        (lambda: contradictions(0), "d must be"),
    ],
)
def test_small_networks_say_what_does_not_fit(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_two_layer_linear_networks_all_reach_the_level_of_the_theorem():
    loss = LinearNetwork(*linear_data(), hidden=[3])
    levels = loss.levels()
    least_squares = loss.Y - loss.X @ np.linalg.lstsq(loss.X, loss.Y)[0]
    assert levels[-1] == pytest.approx((least_squares**2).sum() / 40)
    starts = np.random.default_rng(1).normal(size=(50, loss.d)) * 0.5
    run = descend(loss, starts, learning_rate=0.01, steps=2500, record_every=2500)
    np.testing.assert_allclose(run.loss, levels[-1], rtol=1e-6)


def test_a_bottleneck_ends_at_the_best_loss_of_its_rank():
    loss = LinearNetwork(*linear_data(), hidden=[2])
    starts = np.random.default_rng(1).normal(size=(20, loss.d)) * 0.5
    run = descend(loss, starts, learning_rate=0.01, steps=2500, record_every=2500)
    np.testing.assert_allclose(run.loss, loss.levels()[2], rtol=1e-4)
    assert loss.levels()[2] > 2 * LinearNetwork(*linear_data(), hidden=[3]).levels()[3]


def test_zero_is_a_strict_saddle_with_two_layers_and_degenerate_with_three():
    two, three = LinearNetwork(*linear_data(), [3]), LinearNetwork(*linear_data(), [3, 3])
    assert classify(hessian(two, np.zeros(two.d))).eigenvalues[0] < -1
    answer = classify(hessian(three, np.zeros(three.d)))
    assert answer.kind == "degenerate"
    assert np.abs(answer.eigenvalues).max() < 1e-6


def test_one_neuron_has_strict_bad_minima():
    loss = Neuron(*contradictions(2))
    grid = np.linspace(-1, 3, 36)
    starts = np.stack(np.meshgrid(grid, grid), axis=-1)
    found = critical.critical_points(loss, starts, longest_step=0.2)
    minima = found.curvature.kind == "minimum"
    assert minima.sum() == 4
    assert found.curvature.eigenvalues[minima].min() > 0.05  # strict: positive definite by a margin
    assert found.values[minima].max() > 10 * found.values.min()
    worst = found.points[minima][found.values[minima].argmax()]
    run = descend(loss, [2.0, 1.6], learning_rate=0.2, steps=1500)
    np.testing.assert_allclose(run.end, worst, atol=1e-6)


def test_more_weights_make_the_best_minimum_of_a_neuron_rarer():
    """Each weight decides by itself, so the shares are powers of that for a single weight."""
    reached = {}
    for d in (1, 2, 4):
        loss = Neuron(*contradictions(d))
        starts = np.random.default_rng(0).normal(size=(2000, d))
        run = descend(loss, starts, learning_rate=0.1 * d, steps=400, record_every=400)
        reached[d] = (run.loss < 0.2).mean()
    assert reached[1] == pytest.approx(0.626, abs=0.02)
    assert [reached[2], reached[4]] == pytest.approx([reached[1] ** 2, reached[1] ** 4], abs=0.03)


# --- scenes -------------------------------------------------------------------------------------------------
def segments(line):
    """The number of stretches without a gap that a line draws."""
    x = np.concatenate([[np.nan], line.get_xdata()])
    return int((np.isnan(x[:-1]) & ~np.isnan(x[1:])).sum())


@pytest.mark.parametrize(
    ("name", "place", "up", "down"),
    [
        ("double_well", (-0.95, 0.05), 2, 0),
        ("double_well", (0.03, -0.02), 1, 1),
        ("monkey_saddle", (0.05, 0.05), 0, 0),
        ("monkey_saddle", (0.5, 0.0), 1, 1),
    ],
)
def test_level_ground_draws_an_arrow_pair_for_each_direction(name, place, up, down):
    scene, landscape = figures.LevelGroundScene(), landscapes.by_name(name)
    place = scene.place(landscape, place)
    scene.show(landscape, place, descend(landscape, place, learning_rate=0.1, steps=10))
    assert (segments(scene._up), segments(scene._down)) == (4 * up, 4 * down)  # two shafts and two heads each
    assert scene._up.get_linestyle() != scene._down.get_linestyle()
    eigenvalues = np.linalg.eigvalsh(landscape.hessian(place))
    assert [text.get_text() for text in scene._numbers] == [f"{value:.2f}" for value in eigenvalues]


def test_places_near_a_critical_point_are_moved_onto_it_and_others_are_left():
    scene = figures.LevelGroundScene()
    assert scene.place(landscapes.double_well, (0.95, 0.05)).tolist() == [1.0, 0.0]
    assert scene.place(landscapes.double_well, (0.5, 0.5)).tolist() == [0.5, 0.5]


def test_escape_scene_marks_the_step_of_leaving():
    distances = np.array([1e-4, 1e-2])
    scene = figures.EscapeScene(600, distances)
    scene.show(np.array([0.1, 0.3, 0.7, 1.0]), 0.1, 0.1, np.array([100, -1]))
    assert scene._leaves.get_xdata() == [2]
    assert scene._now.get_ydata() == [2]
    np.testing.assert_allclose(scene._measured.get_ydata(), [100, np.nan])
    np.testing.assert_allclose(scene._theory.get_ydata(), np.log(0.5 / distances) / np.log(1.1))


def test_race_scene_returns_when_each_rule_left():
    scene = figures.OffSaddleScene(SADDLE, ["plain", "momentum"], 100)
    both = side_by_side(sgd(), momentum(0.9))
    run = descend(SADDLE, [[1.0, 0.01]] * 2, learning_rate=0.1, steps=100, rule=both)
    assert scene.show(run) == [43, 16]
    assert len({line[0].get_linestyle() for line in scene._lines}) == 2


def test_dimension_scene_collects_the_shares_it_has_seen():
    scene = figures.DimensionScene(largest=30, floor=1e-6)
    scene.show(2, np.array([0, 1, 1, 2]), 0.15, 1000)
    scene.show(3, np.array([1, 1, 2, 2]), 0.0, 1000)
    np.testing.assert_allclose(scene._shares.get_ydata(), [0.15, np.nan])
    assert scene._minima.get_ydata() == [0]


def test_spectrum_scene_counts_by_sign():
    scene = figures.SpectrumScene(4, limit=5, tolerance=1e-6)
    assert scene.show(np.array([-1.0, -1e-9, 1e-3, 2.0])) == [1, 1, 2]


def test_everything_that_moves_can_be_drawn_by_the_browser():
    along = np.linspace(-0.25, 1.25, 25)
    for scene in (
        figures.LevelGroundScene(),
        figures.BasinScene(HIMMELBLAU, pixels=20),
        figures.EscapeScene(100, np.array([1e-3, 1e-2])),
        figures.OffSaddleScene(SADDLE, list("abcd"), 100),
        figures.BadMinimumScene(Neuron(*contradictions(2)), (-1.0, 3.0), steps=10),
        figures.DimensionScene(8, 1e-6),
        figures.FieldScene(),
        figures.LineScene(along, (0.01, 10)),
        figures.SpectrumScene(10, 5, 1e-6),
        figures.StaircaseScene(np.array([3.0, 1.0, 0.1]), 100, 4),
    ):
        scene.figure.canvas.draw()
        artists = moving(scene.figure)
        assert artists
        for artist in artists:
            assert encode(artist) is not None


# --- exercises: the solutions hold in real descents ---------------------------------------------------------
def test_ends_at_is_where_descents_end():
    starts = np.array([[1.0, 1.2], [-0.3, -1e-9], [1.5, 0.0], [-1.0, 0.4]])
    run = descend(SADDLE, starts, learning_rate=0.1, steps=600)
    np.testing.assert_allclose(run.end, [[0, ends_at(x, y)] for x, y in starts], atol=1e-6)


def test_kind_of_ground_agrees_with_classify():
    answer = classify(critical.random_symmetric(3, 200, np.random.default_rng(0)))
    for kind, eigenvalues in zip(answer.kind, answer.eigenvalues, strict=True):
        assert kind_of_ground(eigenvalues, 1e-6) == kind


def test_just_enough_noise_spreads_y_to_one_half_where_the_ridge_goes_on_for_ever():
    scale = just_enough_noise(0.1, 60)
    rng = np.random.default_rng(0)
    y = np.zeros(20_000)
    for _ in range(60):
        y = 1.1 * y - 0.1 * scale * rng.standard_normal(len(y))
    assert y.std() == pytest.approx(0.5, rel=0.02)
    ends = [noisy_descent(saddle_gradient, np.zeros(2), 0.1, 150, scale, np.random.default_rng(s)) for s in range(20)]
    np.testing.assert_allclose(np.abs(np.array(ends)[:, 1]), 1, atol=0.1)
