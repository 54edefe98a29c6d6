"""Losses and landscapes: slopes against central differences, mini-batches, far-out parameters."""

import numpy as np
import pytest

from gd_helpers import losses
from gd_helpers.critical_points import RandomField
from gd_helpers.data import penguins
from gd_helpers.landscapes import ALL, product, terrain
from gd_helpers.losses import LinearRegression, LogisticRegression, SoftmaxNetwork, TanhNetwork
from gd_helpers.small_networks import LinearNetwork, Neuron, contradictions

X = np.random.default_rng(1).normal(size=(12, 3))
LABELS = np.arange(12)
NETWORK = SoftmaxNetwork(X, LABELS % 4, hidden=5, classes=4)
ON_DATA = {
    "linear": (LinearRegression(X, X @ [1.0, 2.0, 3.0] + LABELS), 3),
    "logistic": (LogisticRegression(X, LABELS % 2), 3),
    "network": (NETWORK, 44),
}
EVERY = ON_DATA | {
    "product": (product, 2),
    "tanh network": (TanhNetwork(*X.T[:2], hidden=4), 13),
    "linear network": (LinearNetwork(X, X[::-1, :2], [2, 3]), 18),
    "neuron": (Neuron(*contradictions(3)), 3),
    "field": (RandomField(3, np.random.default_rng(3)), 3),
    "moved": (terrain.turned(30).shifted(0.5, -1.0), 2),
}
EVERY |= {name: (landscape, landscape.dimension or 3) for name, landscape in ALL.items()}
BIRDS = penguins()


def assert_close(got, wanted, relative=1e-6):
    """Compare by the length of the difference: an element that is zero has no relative error of its own."""
    assert np.linalg.norm(got - wanted) <= relative * np.linalg.norm(wanted)


def slope_of(function, w, h=1e-5):
    """Central differences of ``function`` along each coordinate of ``w``, on a new last axis."""
    return np.stack([(function(w + step) - function(w - step)) / (2 * h) for step in h * np.eye(w.shape[-1])], axis=-1)


@pytest.mark.parametrize(("loss", "d"), EVERY.values(), ids=EVERY)
def test_slopes_against_central_differences_and_many_points(loss, d):
    w = np.random.default_rng(4).normal(size=(2, 3, d))
    assert (loss.value(w).shape, loss.gradient(w).shape) == ((2, 3), (2, 3, d))
    for i in np.ndindex(2, 3):
        assert_close(loss.gradient(w[i]), slope_of(loss.value, w[i]))
        assert_close(loss.value(w)[i], loss.value(w[i]), 1e-12)
        assert_close(loss.gradient(w)[i], loss.gradient(w[i]), 1e-12)
        if hasattr(loss, "hessian"):
            assert_close(loss.hessian(w)[i], slope_of(loss.gradient, w[i]))
    assert np.isnan(loss.value(np.full(d, np.nan)))  # a run that has diverged has no loss, and nothing is raised


@pytest.mark.parametrize(("loss", "d"), ON_DATA.values(), ids=ON_DATA)
def test_a_batch_is_the_loss_of_its_rows_alone(loss, d):
    w, batches = np.random.default_rng(11).normal(size=(2, d)), [[7, 2, 2], [0, 5, 11]]
    sizes = {"hidden": 5, "classes": 4} if loss is NETWORK else {}
    alone = [type(loss)(loss.X[rows], loss.y[rows], **sizes) for rows in batches]
    for k, rows in enumerate(batches):
        assert_close(loss.gradient(w[0], rows), alone[k].gradient(w[0]), 1e-12)
        assert_close(loss.gradient(w[0], batches)[k], alone[k].gradient(w[0]), 1e-12)
        assert_close(loss.gradient(w, batches)[k], alone[k].gradient(w[k]), 1e-12)


# Columns of other sizes, columns that depend on each other, more columns than rows.
HARD = [(losses.with_intercept(BIRDS.flipper_mm), BIRDS.mass_kg), (np.hstack([X, 2 * X]), LABELS), (X[:2], [1.0, 2.0])]


@pytest.mark.parametrize(("inputs", "y"), HARD)
def test_the_squared_error_loses_no_digits(inputs, y):
    loss = LinearRegression(inputs, y)
    for distance in 0, 1e-8, 1, 1e4:
        w = loss.least_squares() + distance * np.random.default_rng(2).normal(size=(50, inputs.shape[1]))
        expected = np.mean((w @ inputs.T - y) ** 2, axis=-1)
        np.testing.assert_allclose(loss.value(w), expected, rtol=1e-13, atol=1e-18)
    np.testing.assert_allclose(loss.gradient(loss.least_squares()), 0, atol=1e-14 * np.linalg.norm(inputs))


def test_far_out_nothing_overflows():
    loss = LogisticRegression([[1.0], [-1.0]], [1, 1])
    assert (loss.value([1000.0]), loss.gradient([1000.0]), loss.hessian([1000.0])) == (500, 0.5, 0)
    loss = SoftmaxNetwork([[1.0], [-1.0]], [0, 1], hidden=1, classes=2)
    w = np.array([50.0, 0.0, -1e4, 1e4, 0.0, 0.0])
    assert loss.value(w) == 2e4  # both images read as the other one, with logits 20,000 apart
    assert np.isfinite(loss.gradient(w)).all()


def test_starts_are_scaled():
    w = SoftmaxNetwork(np.ones((1, 400)), [0], hidden=100).initial(np.random.default_rng(14))
    first, biases, second, last = np.split(w, [40_000, 40_100, 41_100])
    assert [20 * first.std(), 10 * second.std()] == pytest.approx([1, 1], rel=0.08)
    w = TanhNetwork([0.0], [0.0], hidden=10_000).initial(np.random.default_rng(0))
    a, b, c, e = np.split(w, [10_000, 20_000, 30_000])
    assert [a.std(), 100 * c.std()] == pytest.approx([1, 1], abs=0.03)
    assert not np.any([*biases, *last, *b, *e])


def test_sharpness_aware_looks_rho_uphill_with_the_same_batch():
    w, batch = np.random.default_rng(3).normal(size=(2, NETWORK.d)), [0, 5, 7]
    g = NETWORK.gradient(w, batch)
    uphill = w + 0.3 * g / np.linalg.norm(g, axis=-1)[:, None]
    np.testing.assert_allclose(losses.SharpnessAware(NETWORK, 0.3).gradient(w, batch), NETWORK.gradient(uphill, batch))
    np.testing.assert_array_equal(losses.SharpnessAware(NETWORK, 0.0).gradient(w), NETWORK.gradient(w))
    np.testing.assert_array_equal(losses.SharpnessAware(product, 0.5).gradient([0.0, 0.0]), [0.0, 0.0])  # level
    assert losses.SharpnessAware(NETWORK, 0.3).value(w[0]) == NETWORK.value(w[0])
