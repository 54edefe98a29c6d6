"""The loop and its contract: closed forms, broadcasting, schedules, divergence, batches, bad arguments."""

import itertools
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gd_helpers.descent import FAR, descend, minibatches
from gd_helpers.landscapes import bowl, himmelblau, ravine, rosenbrock
from gd_helpers.rules import Rule, chain, sgd

pytestmark = pytest.mark.filterwarnings("error")  # a run that diverges must not warn

ANY_SEED = st.integers(0, 2**32 - 1)


class Mean:
    """The loss of guessing one point ``w`` for all samples: half the mean squared distance to them."""

    def __init__(self, samples):
        self.samples = samples

    def value(self, w):
        return ((w[..., np.newaxis, :] - self.samples) ** 2).sum(axis=-1).mean(axis=-1) / 2

    def gradient(self, w, batch=slice(None)):
        return w - self.samples[batch].mean(axis=0)


@pytest.fixture
def mean():
    return Mean(np.random.default_rng(3).normal(size=(7, 2)))


# --- the path ---


@pytest.mark.parametrize(
    "lr", [0.0, 0.05, 0.1, 0.15, 0.2, 0.3], ids=["stays", "glides", "lands", "bounces", "for ever", "explodes"]
)
def test_on_a_quadratic_each_coordinate_shrinks_by_its_own_factor(lr):
    h, start, t = np.array([1.0, 4.0, 10.0]), np.array([2.0, -1.0, 0.5]), np.arange(31)
    run = descend(bowl(*h), start, learning_rate=lr, steps=30)
    expected = (1 - lr * h) ** t[:, np.newaxis] * start
    np.testing.assert_allclose(run.path, expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(run.losses, (h * expected**2).sum(axis=-1) / 2, rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(run.steps, t)


def test_it_is_the_loop_of_lesson_one():
    run = descend(rosenbrock, [-1.2, 1.0], learning_rate=0.001, steps=50)
    w = np.array([-1.2, 1.0])
    for _ in range(50):
        w = w - 0.001 * rosenbrock.gradient(w)
    np.testing.assert_array_equal(run.end, w)
    np.testing.assert_array_equal(run.path[-1], w)
    assert run.loss == run.losses[-1] == rosenbrock.value(w)


def test_no_steps_leave_the_start():
    run = descend(ravine, (-2.5, 1.5), learning_rate=0.1, steps=0)
    assert run.path.tolist() == [[-2.5, 1.5]]
    assert run.losses.tolist() == [14.375]
    assert run.steps.tolist() == [0]
    assert run.diverged_at is None


def test_start_is_copied_and_the_run_is_frozen():
    start = np.array([1.0, 2.0])
    run = descend(ravine, start, learning_rate=0.1, steps=2)
    assert start.tolist() == [1.0, 2.0]
    start[:] = 9.0
    assert run.path[0].tolist() == [1.0, 2.0]
    with pytest.raises(FrozenInstanceError):
        run.steps = None


@pytest.mark.parametrize(
    ("steps", "every", "recorded"),
    [(10, 3, [0, 3, 6, 9, 10]), (9, 3, [0, 3, 6, 9]), (2, 5, [0, 2]), (0, 5, [0]), (3, 1, [0, 1, 2, 3])],
)
def test_record_every_keeps_the_start_the_end_and_every_so_many_th_between(steps, every, recorded):
    full = descend(himmelblau, [0.0, 0.0], learning_rate=0.01, steps=steps)
    thin = descend(himmelblau, [0.0, 0.0], learning_rate=0.01, steps=steps, record_every=every)
    assert thin.steps.tolist() == recorded
    np.testing.assert_array_equal(thin.path, full.path[recorded])
    np.testing.assert_array_equal(thin.losses, full.losses[recorded])


# --- broadcasting ---


@settings(derandomize=True, deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 3), max_size=3), ANY_SEED)
def test_many_starts_at_once_are_many_single_runs(leading, seed):
    start = np.random.default_rng(seed).uniform(-4, 4, (*leading, 2))
    run = descend(himmelblau, start, learning_rate=0.01, steps=20)
    assert run.path.shape == (21, *leading, 2)
    assert run.losses.shape == (21, *leading)
    for i in np.ndindex(*leading):
        single = descend(himmelblau, start[i], learning_rate=0.01, steps=20)
        np.testing.assert_allclose(run.path[:, *i], single.path, rtol=1e-10)
        np.testing.assert_allclose(run.losses[:, *i], single.losses, rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize(
    ("start_shape", "rate_shape", "shape"),
    [
        ((2,), (5, 1), (5, 2)),  # a rate for each run, one start for all
        ((5, 2), (5, 1), (5, 2)),
        ((4, 1, 2), (3, 1), (4, 3, 2)),  # every start with every rate
        ((2,), (2,), (2,)),  # a rate for each coordinate
        ((5, 2), (2,), (5, 2)),
        ((2,), (4, 3, 2), (4, 3, 2)),  # a map of rate pairs
        ((2,), (1,), (2,)),
        ((2,), (), (2,)),
    ],
)
def test_rates_broadcast_against_starts(start_shape, rate_shape, shape):
    rng = np.random.default_rng(5)
    start, rate = rng.uniform(-2, 2, start_shape), rng.uniform(0.01, 0.15, rate_shape)
    run = descend(ravine, start, learning_rate=rate, steps=10)
    t = np.arange(11).reshape(-1, *[1] * len(shape))
    assert run.path.shape == (11, *shape)
    np.testing.assert_allclose(run.path, (1 - rate * [1.0, 10.0]) ** t * start, rtol=1e-11, atol=1e-14)


# --- schedules ---


def test_schedule_gives_step_t_its_own_rate():
    rates = [0.2, 0.1, 0.0, 0.4]
    run = descend(bowl(2.0), [1.0], learning_rate=rates.__getitem__, steps=4)
    np.testing.assert_allclose(run.path[:, 0], np.cumprod([1.0] + [1 - 2 * rate for rate in rates]), rtol=1e-14)


def test_schedule_may_return_a_rate_for_each_run():
    def schedule(t):
        return np.array([[0.1], [0.2]]) / (t + 1)

    run = descend(bowl(1.0), [1.0], learning_rate=schedule, steps=2)
    np.testing.assert_allclose(run.end, [[0.9 * 0.95], [0.8 * 0.9]], rtol=1e-14)


# --- divergence ---


def test_divergence_of_a_single_run_is_recorded():
    run = descend(bowl(1.0), [1.0], learning_rate=3.0, steps=25)  # the factor is -2, and 2^20 is the first beyond FAR
    assert 2**19 < FAR < 2**20
    assert run.diverged_at == 20
    assert isinstance(run.diverged_at, int)
    assert descend(bowl(1.0), [1.0], learning_rate=3.0, steps=19).diverged_at is None


def test_divergence_of_many_runs_is_recorded_for_each():
    run = descend(bowl(1.0), [1.0], learning_rate=np.array([[[0.1], [3.0]], [[5.0], [2.0]]]), steps=25)
    assert run.diverged_at.tolist() == [[-1, 20], [10, -1]]


@pytest.mark.parametrize("every", [1, 7, 100])
def test_divergence_is_noted_at_its_step_whichever_points_are_kept(every):
    def run(rate):
        return descend(bowl(1.0), [1.0], learning_rate=rate, steps=25, record_every=every)

    assert run(3.0).diverged_at == 20
    assert run(np.array([[3.0], [0.1], [5.0]])).diverged_at.tolist() == [20, -1, 10]


def test_a_run_that_comes_back_has_diverged_all_the_same():
    run = descend(bowl(1.0), [1.0], learning_rate=lambda t: [1e9, 1.0][t], steps=2, record_every=2)
    assert run.diverged_at == 1
    assert run.end.tolist() == [0.0]


def test_nan_out_of_the_blue_counts_as_diverged():
    class Broken(Mean):
        def gradient(self, w):
            return np.where(w < 0.5, np.nan, w)

    run = descend(Broken(np.zeros((1, 1))), [[1.0], [0.3], [9.0]], learning_rate=0.3, steps=4)
    assert run.diverged_at.tolist() == [3, 1, -1]


def test_start_beyond_the_picture_counts_as_diverged():
    assert descend(bowl(1.0), [2 * FAR], learning_rate=0.1, steps=3).diverged_at == 0


@pytest.mark.parametrize("loss", [rosenbrock, bowl(1.0, 10.0)], ids=["to nan", "to infinity"])
def test_numbers_that_overflow_neither_warn_nor_raise(loss):
    before = np.geterr()
    run = descend(loss, [-1.2, 1.0], learning_rate=1.0, steps=2000)
    assert not np.isfinite(run.end).all()
    assert not np.isfinite(run.loss)
    assert 0 < run.diverged_at < 10
    assert np.geterr() == before


# --- rules ---


def test_sgd_is_the_gradient_and_the_default():
    gradient = np.array([[3.0, -1.0]])
    direction, state = sgd().update(gradient, sgd().init(gradient), gradient)
    assert direction is gradient
    assert state == ()
    plain, named = (descend(ravine, [1.0, 1.0], learning_rate=0.1, steps=5, **rule) for rule in ({}, {"rule": sgd()}))
    np.testing.assert_array_equal(plain.path, named.path)


def test_rule_gets_gradient_state_and_parameters_and_its_state_is_handed_on():
    seen = []

    def update(gradient, state, w):
        seen.append((gradient.tolist(), state, w.tolist()))
        return gradient, state + 1

    descend(bowl(2.0), [1.0], learning_rate=0.25, steps=3, rule=Rule(init=lambda w: 10 * int(w[0]), update=update))
    assert seen == [([2.0], 10, [1.0]), ([1.0], 11, [0.5]), ([0.5], 12, [0.25])]


def test_chain_works_in_order_and_keeps_each_state_apart():
    def add_count(start):
        return Rule(init=lambda w: start, update=lambda direction, n, w: (direction + n, n + 1))

    double = Rule(init=lambda w: None, update=lambda direction, state, w: (2 * direction, state))
    rule = chain(add_count(1), double, add_count(100))
    state = rule.init(np.zeros(1))
    first, state = rule.update(np.array([5.0]), state, np.zeros(1))
    second, state = rule.update(np.array([5.0]), state, np.zeros(1))
    assert first.tolist() == [2 * (5 + 1) + 100]
    assert second.tolist() == [2 * (5 + 2) + 101]
    assert state == (3, None, 102)


def test_empty_chain_changes_nothing():
    direction, state = chain().update(np.array([5.0]), chain().init(np.zeros(1)), np.zeros(1))
    assert (direction.tolist(), state) == ([5.0], ())


# --- batches ---


def test_full_stochastic_and_mini_batch_runs_are_one_call_with_other_batches(mean):
    for batch_size in (7, 1, 3):
        batches = list(itertools.islice(minibatches(7, batch_size, np.random.default_rng(0)), 20))
        run = descend(mean, [0.0, 0.0], learning_rate=0.1, steps=20, batches=batches)
        w = np.zeros(2)
        for batch in batches:
            w = w - 0.1 * (w - mean.samples[batch].mean(axis=0))
        np.testing.assert_allclose(run.end, w, rtol=1e-13)
        np.testing.assert_allclose(run.losses, mean.value(run.path), rtol=1e-14)  # the loss on all samples


def test_batches_of_everything_are_full_batch_descent(mean):
    full = descend(mean, [3.0, 3.0], learning_rate=0.1, steps=20)
    batches = minibatches(7, 7, np.random.default_rng(0))
    np.testing.assert_allclose(
        descend(mean, [3.0, 3.0], learning_rate=0.1, steps=20, batches=batches).path, full.path, rtol=1e-13
    )
    np.testing.assert_allclose(full.end - mean.samples.mean(axis=0), 0.9**20 * (3 - mean.samples.mean(axis=0)))


def test_one_batch_is_taken_for_each_step(mean):
    batches = iter(range(7))
    descend(mean, [0.0, 0.0], learning_rate=0.1, steps=4, batches=([i] for i in batches))
    assert next(batches) == 4


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n))), ANY_SEED)
def test_every_epoch_uses_every_sample_exactly_once(sizes, seed):
    n, batch_size = sizes
    batches = minibatches(n, batch_size, np.random.default_rng(seed))
    for _ in range(3):
        epoch = list(itertools.islice(batches, -(-n // batch_size)))
        assert sorted(np.concatenate(epoch).tolist()) == list(range(n))
        assert all(len(batch) == batch_size for batch in epoch[:-1])
        assert len(epoch[-1]) == (n % batch_size or batch_size)


def test_epochs_are_shuffled_anew_and_a_seed_repeats_them():
    def first_epochs(seed):
        return [batch.tolist() for batch in itertools.islice(minibatches(50, 50, np.random.default_rng(seed)), 3)]

    one, two, three = first_epochs(0)
    assert one != two != three != one
    assert list(range(50)) not in (one, two, three)
    assert first_epochs(0) == [one, two, three]
    assert first_epochs(1) != [one, two, three]


def test_with_replacement_every_sample_is_as_likely_in_every_draw():
    batches = list(itertools.islice(minibatches(5, 4, np.random.default_rng(0), replace=True), 10_000))
    assert {batch.shape for batch in batches} == {(4,)}
    share = np.bincount(np.concatenate(batches), minlength=5) / 40_000
    np.testing.assert_allclose(share, 1 / 5, atol=4 * np.sqrt(0.2 * 0.8 / 40_000))  # four standard errors
    distinct = np.mean([len(set(batch.tolist())) == 4 for batch in batches])
    assert distinct == pytest.approx(4 / 5 * 3 / 5 * 2 / 5, abs=4 * np.sqrt(0.192 * 0.808 / 10_000))


def test_random_numbers_come_from_the_generator_alone():
    before = np.random.get_state()  # noqa: NPY002 (that it is left alone is the point)
    next(minibatches(5, 2, np.random.default_rng(0)))
    next(minibatches(5, 2, np.random.default_rng(0), replace=True))
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002


# --- bad arguments ---


def test_a_rate_must_not_stretch_a_start_to_another_dimension():
    with pytest.raises(ValueError, match=r"^learning_rate of shape \(2,\) does not fit start of shape \(1,\)"):
        descend(bowl(1.0), [1.0], learning_rate=[0.1, 0.2], steps=1)


def test_batches_that_end_too_early(mean):
    with pytest.raises(ValueError, match=r"^batches ended after 2 of 5 steps"):
        descend(mean, [0.0, 0.0], learning_rate=0.1, steps=5, batches=[[0], [1]])
