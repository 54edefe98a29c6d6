"""Bad input is refused by name, and what learners write of their own is taken as it is meant: no silent nan."""

import math
import warnings
from functools import partial
from inspect import signature
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest

from gd_helpers import critical_points, curvature, data, experiments, landscapes, losses, rules, schedules
from gd_helpers import small_networks as networks
from gd_helpers.descent import descend, descend_in_pieces, minibatches
from gd_helpers.exercises import exercise, predict, predictions
from gd_helpers.exercises.exercise import EXERCISES, all_exercises
from gd_helpers.live import choice, log_slider, play, powers_of_two, slider, switch, verdicts
from gd_helpers.output import table, with_progress

X, Y = np.arange(8.0).reshape(4, 2) % 3, np.array([0.0, 1.0, 1.0, 0.0])
W, H, RNG = [1.0, -2.0], np.diag([1.0, 3.0]), np.random.default_rng(0)
RUN = {"loss": landscapes.ravine, "start": W, "learning_rate": 0.1, "steps": 3}
LINEAR, NETWORK = losses.LinearRegression(X, Y), losses.SoftmaxNetwork(X, Y, hidden=2, classes=2)
W_NETWORK = np.zeros(NETWORK.d)
AWARE, FIELD = losses.SharpnessAware(NETWORK, 0.1), critical_points.RandomField(2, RNG)
TRIAL = experiments.DigitsTrials(data.digits(), seeds=[0])
all_exercises()  # are loaded before one is tried and taken back, or they would be taken back with it


def a_bowl(curvatures):
    return landscapes.bowl(curvatures).value([1.0])


def a_table(rows, digits):
    return table(rows, "one", "two", digits=digits)


def an_exercise(title, task, cases, wrong, hints, why, stub):
    with mock.patch.dict(EXERCISES):
        exercise(title, task=task, cases=cases, wrong=wrong, hints=hints, why=why, stub=stub)(lambda w: w / 2)


def a_prediction(question, options, verdict, holds, because):
    with mock.patch.dict(predictions.asked):
        asked = predict(question, options, verdict=verdict)
        asked.reveal(asked.options[0], because=because, holds=holds)


def a_guess(number, outcome, within):
    with mock.patch.dict(predictions.asked):
        predict("How many?", number=number).reveal(outcome, because="so", within=within)


def is_public(thing, module):
    """Whether a module defines it for others to call: a function or a loss, and no named tuple."""
    mine = getattr(thing, "__module__", "") == module.__name__ and thing is not curvature.hessian_anywhere
    return mine and not thing.__name__.startswith("_") and not hasattr(thing, "_fields")


# Every public callable of the maths, and what the learner's cells call besides ...
MODULES = rules, schedules, losses, networks, data, curvature, critical_points, experiments
CALLS = [thing for module in MODULES for thing in vars(module).values() if is_public(thing, module)]
CALLS += [
    descend, descend_in_pieces, minibatches, schedules.warmup(0.1, steps=5), a_bowl,
    landscapes.ravine.value, landscapes.ravine.gradient, landscapes.ravine.hessian, landscapes.ravine.turned,
    LINEAR.value, LINEAR.gradient, LINEAR.hessian, NETWORK.value, NETWORK.gradient, NETWORK.predict, NETWORK.accuracy,
    NETWORK.initial, NETWORK.matched, AWARE.gradient, FIELD.value, TRIAL.train, TRIAL.training,
    TRIAL.until, TRIAL.accuracy, TRIAL.measure, a_table, an_exercise, a_prediction, a_guess, with_progress, slider,
    log_slider, choice, switch, powers_of_two, play, verdicts.describe, verdicts.describe_slope, verdicts.ranking,
    verdicts.describe_ground, verdicts.describe_step, verdicts.regime,
]  # fmt: skip
# ... with right values for their arguments, and for those that mean something else by one of these names.
RIGHT = RUN | {
    "rule": None, "record_every": 1, "piece": 2, "n": 5, "batch_size": 2, "rng": RNG, "replace": False, "beta": 0.9,
    "beta1": 0.9, "beta2": 0.9, "eps": 1e-8, "bias_correction": True, "decay": 0.1, "scale": 0.1, "gradients": X,
    "rate": 0.1, "every": 2, "factor": 0.5, "end": 0.0, "step": 3, "curvatures": 1.0, "name": "ravine", "w": W, "to": W,
    "degrees": 30.0, "X": X, "Y": X, "x": Y, "y": Y, "hidden": 2, "classes": 2, "rho": 0.1, "d": 2, "batch": [0, 2],
    "tolerance": 1e-6, "hessian": H, "starts": [W], "heights": Y, "networks": [NETWORK],
    "longest_step": 1.0, "count": 2, "samples": 5, "max_steps": 50, "grid": [1.0, 2.0, 3.0], "losses": [1.0, 0.0, 1.0],
    "images": data.digits(), "seeds": [0], "wrong_labels": 0, "epochs": 2, "rows": [(1, 2.0)], "digits": 3,
    "low": 0.0, "high": 1.0, "value": 0.5, "marks": {"here": 0.5}, "options": ["up", "down"], "interval": 80,
    "first": 0.1, "then": 0.1, "at": 2, "items": [1, 2], "what": "counting", "run": descend(**RUN), "gradient": W,
    "landscape": landscapes.double_well, "place": W, "curvature": 10.0, "title": "own.1 halve", "task": "Halve.",
    "cases": [(3.0,)], "wrong": {"2 * w": "No."}, "hints": ["Half."], "why": "Half.", "stub": "...",
    "question": "Which?", "verdict": False, "holds": True, "because": "so", "number": (1, 9), "outcome": 5, "within": 2,
}  # fmt: skip
OTHERWISE = {
    networks.LinearNetwork: {"hidden": [2]}, losses.SharpnessAware: {"loss": NETWORK}, TRIAL.until: {"loss": 5.0},
    experiments.mean_with_error: {"samples": Y}, slider: {"step": 0.1}, switch: {"value": True},
    log_slider: {"low": 0.1}, play: {"low": 0, "high": 9, "value": 3}, powers_of_two: {"high": 8, "value": 4},
    choice: {"value": None}, verdicts.ranking: {"losses": {"a": 1}}, TRIAL.accuracy: {"w": TRIAL.start},
    verdicts.describe_step: {"w": [1.0], "slope": [2.0]}, TRIAL.measure: {"w": TRIAL.start},
}  # fmt: skip
for method in NETWORK.value, NETWORK.gradient, NETWORK.predict, NETWORK.accuracy, NETWORK.matched, AWARE.gradient:
    OTHERWISE[method] = {"w": W_NETWORK, "to": W_NETWORK}
BAD = {
    "None": None, "a text": "a", "digits as text": ["1", "2"], "nothing": [], "a dictionary": {}, "a function": print,
    "a class": rules.Rule, "nan": math.nan, "infinity": math.inf, "negative": -1, "a half": 2.5, "True": True,
    "complex": 0.1 + 1j, "huge": 1e12, "a seed": 42, "of two lengths": [[1.0], [1.0, 2.0]],
    "a cube": np.ones((2, 3, 4)), "nan in an array": np.array([np.nan, 1.0]), "no rows": np.zeros((0, 2)),
    "a column": [[1.0], [2.0]], "None among numbers": [1.0, None], "one by one": (x for x in W), "long": "a" * 999,
    "masked": np.ma.masked_equal([-999.0, 2.0], -999), "masked in a list": [np.ma.masked, 1.0],
    "nothing but a mask": np.ma.masked, "truths": [True, False], "a time": np.timedelta64(3),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.__module__.rpartition('.')[2]}.{call.__qualname__}")
def test_every_argument_is_answered_rightly_or_refused_by_name(call):
    values = RIGHT | OTHERWISE.get(call, {})
    arguments = {name: values[name] for name in signature(call).parameters if name in values}
    for name, right in arguments.items():
        for kind, value in BAD.items():
            answer, refusal = tried(call, arguments | {name: value})
            fine = name in refusal and len(refusal) < 400 if refusal else "mask" not in kind and harmless(answer, value)
            assert fine, f"{name} = {kind} in place of {right!r}: {refusal or answer!r}"


def tried(call, arguments):
    """What a call answers, without any warning, or what its ValueError says."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            answer = call(**arguments)
            return next(answer, None) if hasattr(answer, "__next__") else answer, ""
    except ValueError as error:
        return None, str(error)


def harmless(answer, value):
    """Whether an answer is no accident: nan or infinity only where something like it was put in."""
    try:
        numbers = np.asarray(getattr(answer, "path", answer), dtype=float)
    except (TypeError, ValueError):
        return True  # no number at all: a rule, a schedule, a loss
    asked_for = isinstance(value, float | np.ndarray) and not (np.abs(value) < 1e150).all()
    return answer is None or asked_for or np.isfinite(numbers).all()


def one_by_one(w):
    return w[0] ** 2 + 5 * w[1] ** 2


def in_place(w):
    w *= [2.0, 10.0]
    return w


def slopes(w):
    return np.array([2 * w[0], 10 * w[1]])


BUFFER = np.zeros(2)
VALUES = one_by_one, lambda w: float(one_by_one(w)), lambda w: np.array([one_by_one(w)])
GRADIENTS = slopes, in_place, lambda w: slopes(w).tolist(), lambda w: np.copyto(BUFFER, slopes(w)) or BUFFER


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("gradient", GRADIENTS)
def test_a_loss_as_learners_write_it(value, gradient):
    """For one point, with numbers in place of arrays, lists for gradients, a gradient that overwrites what it gets."""
    loss, w = SimpleNamespace(value=value, gradient=gradient), np.array([4.0, 1.0])
    for steps in 0, 1, 2, 9:
        run = descend(loss, w, learning_rate=0.05, steps=steps)
        path = w * np.array([0.9, 0.5]) ** np.arange(steps + 1)[:, None]
        np.testing.assert_allclose(run.path, path)
        np.testing.assert_allclose(run.losses, path[:, 0] ** 2 + 5 * path[:, 1] ** 2)
    for starts in np.ones((2, 2)), np.ones((3, 2)):  # as many points as coordinates must not be taken for those
        run = descend(loss, starts * [[2.0, 1.0]], learning_rate=0.05, steps=1)
        np.testing.assert_allclose(run.losses, [[9.0] * len(starts), [4.49] * len(starts)])
        np.testing.assert_allclose(curvature.hessian(loss, starts), [np.diag([2.0, 10.0])] * len(starts), atol=1e-8)
    assert curvature.sharpness(loss, w) == pytest.approx(10)
    np.testing.assert_allclose(critical_points.critical_points(loss, [w, -w, 2 * w]).points, [[0, 0]], atol=1e-9)
    np.testing.assert_allclose(losses.SharpnessAware(loss, 0.5).gradient([1.0, 0.0]), [3.0, 0.0])
    assert w.tolist() == [4.0, 1.0]


def test_what_a_learner_wrote_for_one_point_does_not_mix_many():
    def gradient(w):
        return w / np.linalg.norm(w)

    starts = np.arange(1.0, 13).reshape(3, 2, 2)
    run = descend(SimpleNamespace(value=one_by_one, gradient=gradient), starts, learning_rate=0.1, steps=1)
    for place in np.ndindex(3, 2):
        np.testing.assert_allclose(run.end[place], starts[place] - 0.1 * gradient(starts[place]))


def test_what_stands_in_the_place_of_a_method_of_ours_is_checked_like_any_other():
    class Mine(losses.LinearRegression):
        def gradient(self, w):
            w *= 2
            return w.tolist()

    replaced = losses.LinearRegression(X, Y)
    replaced.gradient = np.ones_like
    for loss, end in (Mine(X, Y), np.divide(W, 2)), (replaced, np.subtract(W, 0.25)):
        np.testing.assert_allclose(descend(loss, W, learning_rate=0.25, steps=1).path, [W, end])


descent = partial(partial, descend, **RUN)  # with other settings, to be called later
written = partial(rules.Rule, lambda w: ())
with_methods = partial(SimpleNamespace, value=one_by_one)
GROWING, SHRINKING = (lambda t: np.full((t + 1, 1), 0.1)), (lambda t: 0.1 if t < 2 else [[0.1], [0.2]])
FORMULAS = {
    "f": lambda w: w**4 / 4, "df": lambda w: (w**3,), "d2f": lambda w: ((3 * w**2,),), "extent": ((-1.5, 1.5),),
    "start": (1.0,), "dimension": 1,
}  # fmt: skip
MISFITS = [
    ("df", lambda w: w**3), ("df", lambda w: (w**2,)), ("d2f", lambda w: (3 * w**2,)), ("d2f", lambda w: ((3 * w,),)),
    ("start", 1.0), *[("extent", wrong) for wrong in ((-1.5, 1.5), ((1, 0),), ((math.nan, 1),), ((-1, 1),) * 2)],
]  # fmt: skip
REFUSED = [
    (descent(learning_rate=[0.1, 0.2, 0.3]), "learning_rate of shape .3,. does not fit start"),
    (descent(learning_rate=lambda t: -t), "learning_rate at step 1 must be .* but got -1"),
    (descent(learning_rate=GROWING), "must keep the shape of start"),
    (descent(start=[W] * 3, learning_rate=SHRINKING), "start and learning_rate must broadcast"),
    (descent(rule=rules.side_by_side(rules.sgd(), rules.sgd())), "start must have one run for each of 2"),
    (descent(rule=rules.momentum(np.ones((3, 1)) / 2)), "rule and learning_rate must keep the sh"),
    (descent(rule=written(lambda g, s, w: (1.0, s))), "but got a direction of shape"),
    (descent(rule=written(lambda g, s, w: ("up", s))), "direction of rule must be real numbers"),
    (descent(batches=[[0]] * 3), "batches need a loss over samples"),
    (descent(loss=LINEAR, batches=[[0]]), "batches ended after 1 of 3 steps"),
    (descent(start=np.ones((10**6, 2)), steps=100), "steps or start must be smaller"),
    # the learner's own mistake, in the learner's own line
    (descent(loss=with_methods(gradient=lambda w: w + np.ones(3))), "^operands could not be broadcast"),
    (lambda: rules.side_by_side(rules.sgd, 3), "rules must be update rules"),
    (lambda: schedules.exponential([0.1, 0.2], factor=[1, 1, 1]), "rate and factor must broadcast"),
    (lambda: landscapes.ravine.shifted(1.0), r"by must be of shape \(2,\)"),
    (lambda: landscapes.bowl(2.0).turned(30), "only a surface of two dimensions can be turned"),
    *[(partial(LINEAR.gradient, W, [row]), "batch must hold row numbers from 0 to 3, but got") for row in (4, -1)],
    (lambda: losses.LinearRegression(X, Y[:3]), "X and y must be of the same length, but got 4 and 3 rows"),
    (lambda: losses.LogisticRegression(X, Y + 1), "y must hold whole numbers from 0 to 1, but got 2"),
    (lambda: networks.LinearNetwork(X, X).value(np.zeros(3)), r"w must be of shape \(\.\.\., 8\)"),
    (lambda: networks.Neuron([[1.0]], [np.nan]), r"y must be finite, but y\[0\] is nan"),
    (lambda: data.standardise([[1, 2], [3, 2]]), "x must vary, but is constant in column 1"),
    (lambda: losses.SharpnessAware(landscapes.ravine, 0.1).gradient(W, [0]), "batches need a loss over samples"),
    (lambda: curvature.condition_number([[0.0, 1.0], [0.5, 0.0]]), "hessian must be symmetric"),
    (lambda: curvature.hessian(with_methods(hessian=lambda w: np.ones(2)), W), r"hessian\(w\) of loss must be of"),
    (lambda: curvature.hessian(with_methods(gradient=lambda w: w * np.nan), W), "loss must have a finite hessian"),
    (lambda: curvature.hessian(landscapes.plateau, np.ones(20_000)), "w must be smaller"),
    (lambda: critical_points.random_symmetric(10**4, 10**4, RNG), "n or count must be smaller"),
    *[(partial(experiments.best_of_grid, [1, 2, 3], edge), "lies on the edge") for edge in ([0, 1, 2], [1, 0, 0])],
    (lambda: experiments.best_of_grid([1, 2, 3], [np.nan] * 3), "losses must not all have diverged"),
    (lambda: experiments.SideBySide([NETWORK, losses.SoftmaxNetwork(X, Y)]), "networks must be .* of one form"),
    (lambda: schedules.join(0.1, lambda step: -1, at=2)(3), "^then at step 1 must be a finite number at least 0"),
    (lambda: critical_points.kac_rice(10**5, 10, RNG), "d or samples must be smaller"),
    (descent(loss=LINEAR, batches=[[0], None]), "batches must be row numbers, but got None after 1 of 3 steps"),
    *[(partial(log_slider, *ends), "low|high") for ends in [(5e-324, 1, 0.1), (1, 1e308, 2), (1e-320, 1e-318, 1e-319)]],
    *[(partial(slider, *ends), "low must be below high, by") for ends in [(0.0, 5e-324, 0.0), (1.0, 1 + 3e-16, 1.0)]],
    *[(partial(landscapes.Landscape, "", "", **FORMULAS | {name: wrong}), f"^{name} must ") for name, wrong in MISFITS],
    (lambda: verdicts.describe(descend(**RUN | {"start": [W, W]})), "run must be a single descent"),
    (lambda: list(with_progress(minibatches(9, 2, RNG), "for ever")), "items must come to an end, but there are more"),
    *[(descent(loss=with_methods(gradient=lambda w, wrong=wrong: wrong)),
       r"gradient\(w\) of loss must be of shape \(2,\) for w of shape \(2,\), but got")
      for wrong in (1.0, [[1.0, 1.0]], [[1.0], [1.0]], [1.0, 1.0, 1.0])],
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_does_not_fit_together_is_said(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_rule_that_answers_anything_but_a_pair_is_refused():
    with pytest.raises(TypeError, match=r"update of rule must return \(direction, state\), but got"):
        descent(rule=written(lambda gradient, state, w: (1, 2, 3)))()


def test_a_rule_that_writes_into_w_changes_nothing_but_its_answer():
    rule = rules.Rule(lambda w: w, lambda gradient, last, w: (gradient, np.copyto(last, 7) or np.copyto(w, 7) or last))
    np.testing.assert_array_equal(descent(rule=rule)().path, descend(**RUN).path)


def test_what_is_returned_or_kept_does_not_change_with_what_was_given():
    rates, run = np.array([[0.1], [0.2]]), descent(start=[W, W])()
    schedule, rule = schedules.cosine(rates, steps=5), rules.momentum(rates)
    rates[:], run.end[:], run.loss[:] = 0.9, 7, 7
    for kept in LINEAR.X, TRIAL.start, landscapes.ravine.minima:
        with pytest.raises(ValueError, match="read-only"):
            kept += 1
    np.testing.assert_array_equal(schedule(0), [[0.1], [0.2]])
    np.testing.assert_allclose(rule.update(W, np.ones(2), W)[0], [[1.1, -1.9], [1.2, -1.8]])
    assert 7 not in [*run.path.ravel(), *run.losses.ravel()]


def test_what_is_no_longer_a_number_is_said_to_be_reads_nothing_rightly_and_has_left():
    assert descent(learning_rate=schedules.exponential(1e-3, factor=2.0), steps=1100)().diverged_at
    log = SimpleNamespace(value=lambda w: np.log(w[..., 0]), gradient=lambda w: 1 / w)
    told = verdicts.describe(descend(log, [1.0], learning_rate=0.8, steps=2))
    assert told.startswith("From step 2 on the loss is no longer a finite number")
    assert NETWORK.accuracy(W_NETWORK * np.nan, X, Y) == 0
    assert critical_points.steps_to_leave([0.1, -0.9]) == critical_points.steps_to_leave([0.1, np.nan]) == 1


def test_what_is_very_small_or_large_is_answered_rightly_and_what_was_not_recorded_is_not_spoken_of():
    for x, z in ([1e-200, 2e-200], [-1, 1]), ([0, 5e-324], [-1, 1]), ([3.3, 3.3000000000000003, 3.3], [-1, 2, -1]):
        np.testing.assert_allclose(data.standardise(x), np.divide(z, np.std(z)), atol=1e-15)
    far = landscapes.bowl(1.0, 10.0, extent=((-1e9, 1e9),) * 2).shifted(1e8, 0).turned(30)
    np.testing.assert_allclose(far.gradient(far.minima[0] + 1), far.hessian(far.minima[0]) @ [1, 1], rtol=1e-6)
    assert verdicts.ranking({"a": 2e9, "b": 1, "c": np.nan}) == "Lowest first: b 1, a 2e+09; c diverged."
    assert verdicts.describe_step([1.0], 1e308, [2.0]).endswith("1.00 - 1e+308 x (+2.00) = -inf.")
    told = verdicts.describe(descent(learning_rate=0.19, steps=8, record_every=2)())
    assert told.endswith("Of 4 that were recorded none ended above the one before.")


# At each of these errors one digit more stands there, or one less; the last is a mean half way between two numbers.
THRESHOLDS = [
    (0.5, 0.0095, "0.500 +- 0.009"), (0.5, 0.00995, "0.500 +- 0.010"), (0.5, 0.01, "0.500 +- 0.010"),
    (0.5, 0.0195, "0.500 +- 0.019"), (0.5, 0.01951, "0.50 +- 0.02"), (0.5, 0.0194, "0.500 +- 0.019"),
    (0.5, 0.095, "0.50 +- 0.10"), (0.5, 0.95, "0.5 +- 0.9"), (12.0, 1.0, "12.0 +- 1.0"),
    (25.0, 19.5, "25 +- 20"), (0.125, 0.05, "0.12 +- 0.05"),
]  # fmt: skip


@pytest.mark.parametrize(("mean", "error", "said"), THRESHOLDS)
def test_means_are_said_to_the_digit_of_their_error_which_no_last_bit_changes(mean, error, said):
    for up in (1 - 1e-15, 1, 1 + 1e-15):
        assert str(experiments.Mean(mean * up, error * up)) == said
