"""The losses: reference values, slopes against central differences, mini-batches, messages for bad input."""

import numpy as np
import pytest

from gd_helpers.data import digits, penguins, standardise
from gd_helpers.descent import descend, minibatches
from gd_helpers.losses import (
    LinearRegression,
    LogisticRegression,
    ProductLoss,
    SharpnessAware,
    SoftmaxNetwork,
    TanhNetwork,
    with_intercept,
)

BIRDS = penguins()
FLIPPERS = {
    "raw": BIRDS.flipper_mm,
    "centred": BIRDS.flipper_mm - BIRDS.flipper_mm.mean(),
    "standardised": standardise(BIRDS.flipper_mm),
}


def penguin_loss(scaling):
    return LinearRegression(with_intercept(FLIPPERS[scaling]), BIRDS.mass_kg)


def small_data(d=3, classes=None):
    rng = np.random.default_rng(1)
    X = rng.normal(size=(12, d))
    return X, rng.normal(size=12) if classes is None else np.arange(12) % classes


def small_losses():
    return {
        "linear": (LinearRegression(*small_data()), 3),
        "logistic": (LogisticRegression(*small_data(classes=2)), 3),
        "network": (SoftmaxNetwork(*small_data(classes=4), hidden=5, classes=4), 44),
    }


on_data = pytest.mark.parametrize(("loss", "d"), small_losses().values(), ids=small_losses().keys())
without_batches = {"product": (ProductLoss(), 2), "tanh network": (TanhNetwork(*small_data()[0].T[:2], hidden=4), 13)}
everywhere = pytest.mark.parametrize(
    ("loss", "d"), [*small_losses().values(), *without_batches.values()], ids=[*small_losses(), *without_batches]
)
with_hessian = pytest.mark.parametrize(
    ("loss", "d"),
    [small_losses()["linear"], small_losses()["logistic"], (ProductLoss(), 2)],
    ids=["linear", "logistic", "product"],
)


def central_differences(function, w, h=1e-5):
    """The slope of ``function`` along each coordinate, of shape ``(d, ...)``."""
    return np.array([(function(w + e) - function(w - e)) / (2 * h) for e in h * np.eye(len(w))])


def assert_close(got, wanted, relative=1e-6):
    """Compare by the length of the difference: an element that is zero has no relative error of its own."""
    assert np.linalg.norm(got - wanted) <= relative * np.linalg.norm(wanted)


# Reference values, measured beforehand on the same files; the tolerance is the last digit that was printed.


@pytest.mark.parametrize(
    ("scaling", "eigenvalues", "condition", "largest_rate"),
    [
        ("raw", [9.72036e-3, 8.11301e4], 8.3464e6, 2.46518e-5),
        ("centred", [2, 394.307], 197.154, 5.07219e-3),
        ("standardised", [2, 2], 1, 1),
    ],
)
def test_curvature_of_the_penguin_loss(scaling, eigenvalues, condition, largest_rate):
    low, high = np.linalg.eigvalsh(penguin_loss(scaling).hessian())
    np.testing.assert_allclose([low, high], eigenvalues, rtol=1e-5)
    np.testing.assert_allclose(high / low, condition, rtol=1e-5)
    np.testing.assert_allclose(2 / high, largest_rate, rtol=1e-5)


@pytest.mark.parametrize(
    ("scaling", "slope", "digit", "intercept"),
    [("raw", 0.0496856, 1e-7, -5.780831), ("standardised", 0.697642, 1e-6, 4.201754)],
)
def test_least_squares_on_penguins(scaling, slope, digit, intercept):
    loss = penguin_loss(scaling)
    best = loss.least_squares()
    assert best == pytest.approx([slope, intercept], rel=0, abs=1e-6)
    assert best[0] == pytest.approx(slope, rel=0, abs=digit)
    assert loss.value(best) == pytest.approx(0.154546, rel=0, abs=1e-6)


@pytest.mark.parametrize("scaling", FLIPPERS)
def test_value_is_the_mean_squared_error_to_the_last_digits(scaling):
    loss = penguin_loss(scaling)
    for distance in 0, 1e-8, 1e-4, 1, 1e4:
        w = loss.least_squares() + distance * np.random.default_rng(2).normal(size=(50, 2))
        plain = np.mean((w @ loss.X.T - loss.y) ** 2, axis=-1)
        np.testing.assert_allclose(loss.value(w), plain, rtol=1e-13)


def test_value_where_the_columns_depend_on_each_other_or_outnumber_the_rows():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(6, 1))
    for X in np.hstack([x, 2 * x]), rng.normal(size=(6, 9)):
        loss = LinearRegression(X, rng.normal(size=6))
        w = rng.normal(size=X.shape[1])
        np.testing.assert_allclose(loss.value(w), np.mean((X @ w - loss.y) ** 2), rtol=1e-12)
        np.testing.assert_allclose(loss.gradient(loss.least_squares()), 0, atol=1e-12)


def test_descent_on_standardised_penguins_reaches_least_squares():
    loss = penguin_loss("standardised")
    run = descend(loss, [0.0, 0.0], learning_rate=0.1, steps=200)
    np.testing.assert_allclose(run.end, loss.least_squares(), rtol=1e-12)
    assert (np.diff(run.losses) <= 0).all()


@pytest.mark.parametrize(("times", "diverges"), [(0.999, False), (1.001, True)])
@pytest.mark.parametrize("scaling", FLIPPERS)
def test_the_largest_stable_rate_is_two_over_the_largest_curvature(scaling, times, diverges):
    loss = penguin_loss(scaling)
    rate = times * 2 / np.linalg.eigvalsh(loss.hessian())[-1]
    start = loss.least_squares() + 1
    run = descend(loss, start, learning_rate=rate, steps=2000)
    assert (run.loss > run.losses[0]) == diverges


# Slopes and curvatures


@everywhere
def test_gradient_against_central_differences(loss, d):
    for w in np.random.default_rng(4).normal(size=(5, d)):
        assert_close(loss.gradient(w), central_differences(loss.value, w))


@with_hessian
def test_hessian_against_central_differences(loss, d):
    for w in np.random.default_rng(5).normal(size=(5, d)):
        assert_close(loss.hessian(w), central_differences(loss.gradient, w))


def test_digits_gradient_against_central_differences():
    images = digits()
    loss = SoftmaxNetwork(images.train_X[:50], images.train_y[:50])
    assert loss.d == 1210
    w = loss.initial(np.random.default_rng(6))
    assert_close(loss.gradient(w), central_differences(loss.value, w))


def test_product_loss_has_the_sharpness_of_its_source():
    for u in 0.5, 1.0, 3.0:
        w = np.array([u, 1 / u])
        assert ProductLoss().value(w) == pytest.approx(0, abs=1e-30)
        np.testing.assert_allclose(
            np.linalg.eigvalsh(ProductLoss().hessian(w)), [0, u**2 + u**-2], atol=1e-12, rtol=1e-12
        )
    np.testing.assert_array_equal(np.linalg.eigvalsh(ProductLoss().hessian([0.0, 0.0])), [-1, 1])


# Broadcasting


@everywhere
def test_value_and_gradient_broadcast(loss, d):
    w = np.random.default_rng(7).normal(size=(2, 3, d))
    assert loss.value(w).shape == (2, 3)
    assert loss.gradient(w).shape == (2, 3, d)
    for i in np.ndindex(2, 3):
        np.testing.assert_allclose(loss.value(w)[i], loss.value(w[i]), rtol=1e-12)
        np.testing.assert_allclose(loss.gradient(w)[i], loss.gradient(w[i]), rtol=1e-12, atol=1e-15)


@with_hessian
def test_hessian_broadcasts(loss, d):
    w = np.random.default_rng(8).normal(size=(2, 3, d))
    assert loss.hessian(w).shape == (2, 3, d, d)
    np.testing.assert_allclose(loss.hessian(w)[1, 2], loss.hessian(w[1, 2]), rtol=1e-12)


def test_network_answers_broadcast():
    loss = SoftmaxNetwork(*small_data(classes=4), hidden=5, classes=4)
    w = np.random.default_rng(9).normal(size=(2, 3, loss.d))
    assert loss.predict(w, loss.X).shape == (2, 3, 12)
    accuracy = loss.accuracy(w, loss.X, loss.y)
    assert accuracy.shape == (2, 3)
    assert accuracy[1, 2] == loss.accuracy(w[1, 2], loss.X, loss.y) == np.mean(loss.predict(w[1, 2], loss.X) == loss.y)


# Mini-batches


@on_data
def test_a_batch_of_all_rows_is_the_full_batch(loss, d):
    w = np.random.default_rng(10).normal(size=d)
    assert_close(loss.gradient(w, np.arange(12)[::-1]), loss.gradient(w), 1e-12)


@on_data
def test_a_batch_is_the_loss_of_its_rows_alone(loss, d):
    w = np.random.default_rng(11).normal(size=d)
    rows = [7, 2, 2]
    arguments = {"hidden": loss.hidden, "classes": loss.classes} if isinstance(loss, SoftmaxNetwork) else {}
    alone = type(loss)(loss.X[rows], loss.y[rows], **arguments)
    assert_close(loss.gradient(w, rows), alone.gradient(w), 1e-12)


@on_data
def test_the_equal_batches_of_an_epoch_average_to_the_full_gradient(loss, d):
    w = np.random.default_rng(12).normal(size=d)
    batches = minibatches(12, 4, np.random.default_rng(13))
    mean = np.mean([loss.gradient(w, next(batches)) for _ in range(3)], axis=0)
    assert_close(mean, loss.gradient(w), 1e-12)


# Logistic regression and the network


def test_logistic_regression_does_not_overflow():
    loss = LogisticRegression([[1.0], [-1.0]], [1, 1])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert loss.value([1000.0]) == 500  # nothing for the first, 1000 for the second
        assert loss.gradient([1000.0]) == 0.5
        assert loss.hessian([1000.0]) == 0


def test_a_network_of_two_classes_without_hidden_signal_is_logistic_regression():
    """With one hidden unit in its linear range, softmax over two classes is the sigmoid of the difference."""
    X, y = small_data(classes=2)
    w1, tiny = np.array([0.3, -0.2, 0.5]), 1e-6
    w = np.concatenate([tiny * w1, [0], [0, 1 / tiny], [0, 0]])  # W1, b1, W2, b2
    network = SoftmaxNetwork(X, y, hidden=1, classes=2)
    assert network.value(w) == pytest.approx(LogisticRegression(X, y).value(w1), rel=1e-9)


def test_the_network_does_not_overflow():
    loss = SoftmaxNetwork([[1.0], [-1.0]], [0, 1], hidden=1, classes=2)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        w = np.array([50.0, 0.0, -1e4, 1e4, 0.0, 0.0])
        assert loss.value(w) == 2e4  # both images read as the other one, with logits 20,000 apart
        assert np.isfinite(loss.gradient(w)).all()


def test_a_network_that_has_diverged_answers_without_an_exception():
    loss = SoftmaxNetwork(*small_data(classes=4), hidden=5, classes=4)
    assert np.isnan(loss.value(np.full(loss.d, np.nan)))
    assert np.isnan(LinearRegression(*small_data()).value(np.full(3, np.nan)))


def test_initial_parameters_are_scaled_and_seeded():
    loss = SoftmaxNetwork(np.ones((1, 400)), [0], hidden=100)
    w = loss.initial(np.random.default_rng(14))
    first, biases, second = w[:40_000], w[40_000:40_100], w[40_100:41_100]
    assert first.std() == pytest.approx(400**-0.5, rel=0.02)
    assert second.std() == pytest.approx(100**-0.5, rel=0.08)
    assert not biases.any()
    assert not w[41_100:].any()
    np.testing.assert_array_equal(w, loss.initial(np.random.default_rng(14)))
    assert (w != loss.initial(np.random.default_rng(15))).any()


def test_the_digits_network_learns_to_read_and_does_so_again_from_the_same_seed():
    images = digits()
    loss = SoftmaxNetwork(images.train_X, images.train_y)

    def train(epochs):
        rng = np.random.default_rng(0)
        start, steps = loss.initial(rng), epochs * 47
        batches = minibatches(1500, 32, rng)
        return descend(loss, start, learning_rate=0.3, steps=steps, batches=batches, record_every=steps)

    run = train(30)
    assert loss.accuracy(run.end, images.test_X, images.test_y) >= 0.97
    assert 0.03 < run.loss < 0.045
    np.testing.assert_array_equal(train(3).end, train(3).end)


# Bad input

X, Y = [[1.0], [2.0]], [0, 1]


def test_with_intercept():
    np.testing.assert_array_equal(with_intercept([[1, 2], [3, 4]]), [[1, 2, 1], [3, 4, 1]])
    with pytest.raises(ValueError, match="x must be of shape"):
        with_intercept(3.0)


def test_tanh_network_value_by_hand_and_start():
    loss = TanhNetwork([0.0, 2.0], [1.0, 0.0], hidden=1)
    w = [0.5, 0.0, 3.0, -1.0]  # f(x) = 3 tanh(x / 2) - 1
    assert loss.value(w) == pytest.approx(((-2) ** 2 + (3 * np.tanh(1) - 1) ** 2) / 4)
    many = TanhNetwork([0.0, 1.0], [0.0, 1.0], hidden=10_000)
    a, b, c, e = np.split(many.initial(np.random.default_rng(0)), [10_000, 20_000, 30_000])
    assert [a.std(), c.std() * 100] == pytest.approx([1, 1], abs=0.03)
    assert not np.concatenate([b, e]).any()


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: TanhNetwork([1.0], [1.0, 2.0]), "x and y must be"),
        (lambda: TanhNetwork([1.0], [1.0], hidden=0), "hidden must be"),
        (lambda: TanhNetwork([1.0], [1.0], hidden=2).value([1.0]), r"w must be of shape \(..., 7\)"),
        (lambda: SharpnessAware(ProductLoss(), -0.1), "rho must be"),
    ],
)
def test_messages_of_the_networks_of_lesson_6(make, named):
    with pytest.raises(ValueError, match=named):
        make()


def test_sharpness_aware_looks_rho_uphill_with_the_same_batch():
    network, d = small_losses()["network"]
    rng = np.random.default_rng(3)
    w, batch = rng.normal(size=(2, d)), [0, 5, 7]
    g = network.gradient(w, batch)
    uphill = w + 0.3 * g / np.linalg.norm(g, axis=-1)[:, None]
    np.testing.assert_allclose(SharpnessAware(network, 0.3).gradient(w, batch), network.gradient(uphill, batch))
    np.testing.assert_array_equal(SharpnessAware(network, 0.0).gradient(w), network.gradient(w))
    np.testing.assert_array_equal(SharpnessAware(ProductLoss(), 0.5).gradient([0.0, 0.0]), [0.0, 0.0])  # level
    assert SharpnessAware(network, 0.3).value(w[0]) == network.value(w[0])
