"""Whatever is thrown at it, the package answers rightly or says by name what is wrong: no accident, no silent nan."""

import math
import warnings
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.figure import Figure

from gd_helpers import critical_points, curvature, data, experiments, landscapes, losses, rules, schedules
from gd_helpers import small_networks as networks
from gd_helpers.descent import descend, descend_in_pieces, minibatches
from gd_helpers.exercises.predictions import Prediction
from gd_helpers.live import choice, live, log_slider, play, point, powers_of_two, slider, switch, verdicts
from gd_helpers.output import table, with_progress

X, Y = np.arange(8.0).reshape(4, 2) % 3, np.array([0.0, 1.0, 1.0, 0.0])
W, H, RNG = [1.0, -2.0], np.diag([1.0, 3.0]), np.random.default_rng(0)
RUN = {"loss": landscapes.ravine, "start": W, "learning_rate": 0.1, "steps": 3}
LINEAR, NETWORK = losses.LinearRegression(X, Y), losses.SoftmaxNetwork(X, Y, hidden=2, classes=2)
W_NETWORK = np.zeros(NETWORK.d)
CURVE = losses.TanhNetwork(Y, Y, hidden=2)
TRIAL = experiments.DigitsTrial(data.digits(), seed=0)
TRAINING = {"batch_size": 100, "learning_rate": 0.1, "epochs": 2, "rho": 0.1, "rule": None}
OPTIONS = ["up", "down"]


class NoNumbers:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("there are none")


CONTROLS = {"slider": slider(0, 9, 3), "rate": log_slider(0.1, 1, 0.5), "on": switch(), "one": choice(OPTIONS),
            "place": point(1.0, 2.0)}  # fmt: skip
SHOWN = live(Figure().subplots(), **CONTROLS)(lambda **values: None)


def put(**values):
    SHOWN.set(**values)
    assert all(np.array_equal(SHOWN.value[name], value) for name, value in values.items())  # this very value
    return list(values.values())


def show(scene, control):
    live(scene, control=control)(lambda control: None)


def a_point(coordinates):
    return point(coordinates).value


# Every public callable of the maths, and what the learner's cells call besides, with arguments that are right.
CALLS = {
    descend: RUN | {"rule": None, "batches": None, "record_every": 1},
    descend_in_pieces: RUN | {"record_every": 1, "piece": 2},
    minibatches: {"n": 5, "batch_size": 2, "rng": RNG, "replace": False}, rules.momentum: {"beta": 0.9},
    rules.nesterov: {"beta": 0.9}, rules.adagrad: {"eps": 1e-8}, rules.rmsprop: {"beta": 0.9, "eps": 1e-8},
    rules.adam: {"beta1": 0.9, "beta2": 0.9, "eps": 1e-8, "bias_correction": True},
    rules.adamw: {"decay": 0.1}, rules.adam_l2: {"decay": 0.1},
    rules.weight_decay: {"decay": 0.1}, rules.clip: {"max_norm": 1.0}, rules.noise: {"scale": 0.1, "rng": RNG},
    rules.recent_squares: {"gradients": X, "beta2": 0.9, "bias_correction": True},
    rules.as_schedule: {"learning_rate": 0.1},
    schedules.constant: {"rate": 0.1}, schedules.step_decay: {"rate": 0.1, "every": 2, "factor": 0.5},
    schedules.exponential: {"rate": 0.1, "factor": 2.0}, schedules.cosine: {"rate": 0.1, "steps": 5, "end": 0.0},
    schedules.warmup: {"rate": 0.1, "steps": 5}, landscapes.bowl: {"curvatures": 1.0},
    landscapes.by_name: {"name": "ravine"}, landscapes.ravine.value: {"w": W}, landscapes.ravine.gradient: {"w": W},
    landscapes.ravine.hessian: {"w": W}, landscapes.ravine.turned: {"degrees": 30.0},
    losses.LinearRegression: {"X": X, "y": Y}, losses.LogisticRegression: {"X": X, "y": Y},
    losses.SoftmaxNetwork: {"X": X, "y": Y, "hidden": 2, "classes": 2}, losses.with_intercept: {"x": Y},
    LINEAR.value: {"w": W}, LINEAR.gradient: {"w": W, "batch": [0, 2]}, LINEAR.hessian: {"w": W},
    NETWORK.value: {"w": W_NETWORK}, NETWORK.gradient: {"w": W_NETWORK, "batch": [0, 2]},
    NETWORK.predict: {"w": W_NETWORK, "X": X}, NETWORK.accuracy: {"w": W_NETWORK, "X": X, "y": Y},
    NETWORK.initial: {"rng": RNG}, losses.ProductLoss().value: {"w": W}, losses.ProductLoss().hessian: {"w": W},
    losses.TanhNetwork: {"x": Y, "y": Y, "hidden": 2}, CURVE.value: {"w": np.zeros(7)},
    CURVE.gradient: {"w": np.zeros(7)}, CURVE.initial: {"rng": RNG},
    losses.SharpnessAware: {"loss": NETWORK, "rho": 0.1},
    losses.SharpnessAware(NETWORK, 0.1).gradient: {"w": W_NETWORK, "batch": [0, 2]},
    networks.LinearNetwork: {"X": X, "Y": X, "hidden": [2]}, networks.Neuron: {"X": X, "y": Y},
    networks.Neuron(X, Y).value: {"w": W}, networks.contradictions: {"d": 2}, data.standardise: {"x": Y},
    curvature.hessian: {"loss": landscapes.ravine, "w": W},
    curvature.sharpness: {"loss": landscapes.ravine, "w": W, "dense": False, "tolerance": 1e-6, "max_steps": 50},
    curvature.condition_number: {"hessian": H}, curvature.stable_rate: {"hessian": H},
    curvature.best_rate: {"hessian": H}, curvature.contraction: {"hessian": H},
    curvature.classify: {"hessian": H, "tolerance": 1e-6},
    curvature.heavy_ball_factor: {"rate_times_h": 1.0, "beta": 0.5}, critical_points.steps_to_leave: {"heights": Y},
    critical_points.random_symmetric: {"n": 2, "count": 2, "rng": RNG},
    critical_points.positive_definite_fraction: {"n": 2, "samples": 5, "rng": RNG},
    critical_points.goe_asymptote: {"n": 2}, critical_points.RandomField: {"d": 2, "rng": RNG, "waves": 5},
    critical_points.RandomField(2, RNG, 5).value: {"w": W},
    critical_points.kac_rice: {"d": 2, "samples": 5, "rng": RNG},
    experiments.best_of_grid: {"grid": [1.0, 2.0, 3.0], "losses": [1.0, 0.0, 1.0]},
    experiments.mean_with_error: {"samples": Y},
    slider: {"low": 0.0, "high": 1.0, "value": 0.5, "step": 0.1, "marks": {"here": 0.5}},
    log_slider: {"low": 0.1, "high": 1.0, "value": 0.5, "steps_per_decade": 3, "marks": {"here": 0.5}},
    powers_of_two: {"high": 8, "value": 4},
    choice: {"options": OPTIONS},
    switch: {"value": True},
    play: {"low": 0, "high": 9, "value": 3, "interval": 80},
    a_point: {"coordinates": 1.0},
    show: {"scene": Figure(), "control": slider(0, 9, 3)},
    put: {"slider": 4, "rate": 0.3, "on": True, "one": "down", "place": (2.0, 3.0)},
    experiments.DigitsTrial: {"images": data.digits(), "seed": 0, "wrong_labels": 0}, TRIAL.train: TRAINING,
    TRIAL.accuracy: {"w": TRIAL.start}, verdicts.describe_slope: {"gradient": W},
    verdicts.describe_ground: {"landscape": landscapes.double_well, "place": W},
    verdicts.regime: {"learning_rate": 0.1, "curvature": 10.0}, verdicts.describe: {"run": descend(**RUN)},
    verdicts.describe_step: {"w": [1.0], "learning_rate": 0.1, "slope": [2.0]},
    verdicts.ranking: {"losses": {"plain": 1.0}},
    critical_points.critical_points: {"loss": landscapes.double_well, "starts": [W], "max_steps": 5,
      "longest_step": 1.0},
    NETWORK.matched: {"w": W_NETWORK, "to": W_NETWORK}, losses.ProductLoss().gradient: {"w": W},
    losses.SharpnessAware(landscapes.ravine, 0.1).value: {"w": W}, networks.Neuron(X, Y).hessian: {"w": W},
    critical_points.RandomField(2, RNG, 5).hessian: {"w": W}, TRIAL.training: TRAINING | {"points": 1, "piece": 100},
    TRIAL.until: {"loss": 5.0} | TRAINING, TRIAL.measure: {"w": TRIAL.start}, table: {"rows": [(1, 2.0)], "digits": 3},
    data.penguins: {"path": data.FOLDER / "penguins.csv"},
}  # fmt: skip
HOSTILE = {
    "None": None, "a text": "a", "bytes": b"1", "nothing": [], "a dictionary": {}, "an object": object(),
    "a function": lambda *anything: None, "a class": int, "nan": math.nan, "infinity": math.inf, "negative": -1,
    "a fraction of one": 2.5, "True": True, "complex": 0.1 + 1j, "too large for a float": 10**400,
    "too long to write down": 10**5000,
    "a fraction": Fraction(1, 2), "a decimal": Decimal("0.5"), "no time": np.datetime64("NaT", "s"),
    "masked": np.ma.array([1.0, -999.0], mask=[False, True]), "masked in a list": [np.ma.masked, 1.0],
    "of two lengths": [[1.0], [1.0, 2.0]], "an array of texts": np.array(["a", "b"]),
    "an array of nothing": np.zeros((0, 2)), "a cube": np.ones((2, 3, 4)), "nan in an array": np.array([np.nan, 1.0]),
    "a complex array": np.array([1j, 1.0]), "a column": [[1.0], [2.0]], "a seed": 42, "huge": np.array([1e308, -1e308]),
    "denormal": np.array([1e-320, 0.0]), "small integers": np.array([100, -100], dtype=np.int8),
    "half precision": np.array([6e4, 1.0], dtype=np.float16), "too many": 10**9, "digits as text": ["1", "2"],
    "yes and no": np.array([True, False]), "numbers one by one": (x for x in W), "a set": {1.0, 2.0},
    "a path": "nowhere.csv", "itself": [[...]], "a duration": np.timedelta64(3, "s"), "in a box": np.array(0.5),
    "durations": np.array([1, 2], dtype="m8[s]"), "few bits": np.uint8(100), "no array": NoNumbers(),
    "a long path": "a" * 999,
    "a class of losses": losses.ProductLoss, "a generator of numbers": np.random.RandomState(0), "-128": np.int8(-128),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.__module__.rpartition('.')[2]}.{call.__qualname__}")
def test_every_argument_is_answered_rightly_or_refused_by_name(call):
    for name, right in CALLS[call].items():
        for kind, value in HOSTILE.items():
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                answer, refusal = None, None
                try:
                    answer = called(call, CALLS[call] | {name: value})
                except (ValueError, TypeError) as error:
                    refusal = str(error)
            if refusal is None:
                assert harmless(answer, value), f"{name} = {kind} in place of {right!r} gives {answer!r}"
            else:
                crowded = kind == "too many" and refusal.startswith("step must be larger")  # between low and high
                assert crowded or name in refusal, f"{name} = {kind}: {refusal}"
                assert len(refusal) < 400, f"{name} = {kind}: a message of {len(refusal)} characters"


def called(call, arguments):
    if call is landscapes.bowl:
        return call(arguments["curvatures"]).value([1.0])
    if call is table:
        return call(arguments["rows"], "one", "two", digits=arguments["digits"])
    answer = call(**arguments)
    return next(answer) if hasattr(answer, "__next__") else answer


def harmless(answer, value):
    """Whether an answer is no accident: real numbers, and nan only where something like it was put in."""
    answer = getattr(answer, "path", "None" if answer is None else answer)
    try:
        numbers = np.asarray(answer, dtype=complex)
    except (TypeError, ValueError):
        return True  # no number at all: a rule, a schedule, a loss
    finite = not isinstance(value, float | np.ndarray) or (abs(np.asarray(value, dtype=complex)) < 1e150).all()
    return not numbers.imag.any() and (np.isfinite(numbers).all() or not finite)


def written(update):
    return rules.Rule(lambda w: (), update)


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
    assert curvature.sharpness(loss, w) == pytest.approx(curvature.sharpness(loss, w, dense=False)) == pytest.approx(10)
    found = critical_points.critical_points(loss, [w, -w, 2 * w])
    np.testing.assert_allclose(found.points, [[0, 0]], atol=1e-9)
    aware = losses.SharpnessAware(loss, 0.5)
    np.testing.assert_allclose(aware.gradient([1.0, 0.0]), [3.0, 0.0])
    np.testing.assert_allclose(descend(aware, [1.0, 0.0], learning_rate=0.1, steps=1).end, [0.7, 0.0])
    assert w.tolist() == [4.0, 1.0]


@pytest.mark.parametrize(
    "gradient", [lambda w: w / np.linalg.norm(w), lambda w: w - np.mean(w), lambda w: np.array([[2, 1], [0, 3]]) @ w]
)
def test_what_a_learner_wrote_for_one_point_does_not_mix_many(gradient):
    starts = np.arange(1.0, 13).reshape(3, 2, 2)
    run = descend(SimpleNamespace(value=one_by_one, gradient=gradient), starts, learning_rate=0.1, steps=1)
    for place in np.ndindex(3, 2):
        np.testing.assert_allclose(run.end[place], starts[place] - 0.1 * gradient(starts[place]))


def test_what_is_derived_from_a_loss_of_ours_is_checked_like_any_other():
    class Mine(losses.LinearRegression):
        def gradient(self, w):
            w *= 2
            return w.tolist()

    patched = losses.LinearRegression(X, Y)
    patched.gradient = Mine(X, Y).gradient
    for loss in Mine(X, Y), patched:
        np.testing.assert_allclose(descend(loss, W, learning_rate=0.25, steps=1).path, [W, np.divide(W, 2)])


def test_curvature_of_a_gradient_in_single_precision():
    loss = SimpleNamespace(gradient=lambda w: slopes(w).astype(np.float32))
    np.testing.assert_allclose(curvature.hessian(loss, [4.0, 1.0]), np.diag([2.0, 10.0]), atol=1e-3)


@pytest.mark.parametrize("shape", [(), (1, 2), (2, 1), (3,)])
def test_a_gradient_of_another_shape_is_refused(shape):
    loss = SimpleNamespace(value=one_by_one, gradient=lambda w: np.ones(shape))
    for call in lambda: descend(loss, W, learning_rate=0.1, steps=2), lambda: curvature.hessian(loss, W):
        with pytest.raises(ValueError, match=r"gradient\(w\) of loss must be of shape \(2,\) for w of shape"):
            call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: descend(**RUN | {"learning_rate": [0.1, 0.2, 0.3]}), "learning_rate of shape .3,. does not fit start"),
        (lambda: descend(**RUN | {"learning_rate": lambda t: -t}), "learning_rate at step 1 must be .* but got -1"),
        (lambda: descend(**RUN | {"rule": "sgd"}), "rule must be an update rule such as"),
        (lambda: descend(**RUN | {"batches": 3}), "batches must be index arrays"),
        (lambda: descend(**RUN | {"batches": [[0]] * 3}), "batches need a loss over samples"),
        (lambda: descend(**RUN | {"loss": LINEAR, "batches": [[0]]}), "batches ended after 1 of 3 steps"),
        (lambda: minibatches(5, 6, RNG), "batch_size must be a whole number from 1 to 5, but got 6"),
        (lambda: rules.chain("sgd"), "chain wants rules"),
        (lambda: rules.side_by_side(rules.sgd, 3), "side_by_side wants rules"),
        (
            lambda: descend(**RUN | {"rule": rules.side_by_side(rules.sgd(), rules.sgd())}),
            "start must have one run for each of 2",
        ),
        (lambda: landscapes.ravine.value([1.0]), r"w on ravine must be of shape \(\.\.\., 2\), but got shape \(1,\)"),
        (lambda: landscapes.ravine.shifted(1.0), "by must be 2 numbers"),
        (lambda: landscapes.bowl(2.0).turned(30), "only a surface of two dimensions can be turned"),
        (lambda: LINEAR.gradient(W, [4]), "batch must hold row numbers from 0 to 3, but got"),
        (lambda: LINEAR.gradient(W, [-1]), "batch must hold row numbers from 0 to 3, but got"),
        (lambda: LINEAR.gradient(W, np.zeros(4, dtype=bool)), "batch must be a list of one or more row numbers"),
        (lambda: LINEAR.gradient(W, [0.0, 1.0]), "batch must be a list of one or more row numbers"),
        (lambda: losses.LinearRegression(X, Y[:3]), "X and y must be of the same length"),
        (lambda: losses.LogisticRegression(X, Y + 1), "y must hold whole numbers from 0 to 1, but got 2"),
        (lambda: NETWORK.predict(W_NETWORK, X[:, :1]), "X must have 2 columns"),
        (lambda: networks.Neuron([[1.0]], [np.nan]), r"y must be finite, but y\[0\] is nan"),
        (lambda: data.standardise([[1, 2], [3, 2]]), "x must vary, but is constant in column 1"),
        (lambda: data.standardise([["1"]] + [[0.5]] * 20_000), r"x must be real numbers, but x\[0, 0\] is '1'"),
        (lambda: curvature.condition_number([[0.0, 1.0], [0.5, 0.0]]), "hessian must be symmetric"),
        (lambda: experiments.best_of_grid([1, 2, 3], [0, 1, 2]), "the lowest loss lies on the edge of the grid, at 1"),
        (lambda: experiments.best_of_grid([1, 2, 3], [np.nan] * 3), "losses must not all have diverged"),
        (lambda: verdicts.describe(descend(**RUN | {"start": [W, W]})), "run must be a single descent"),
        (
            lambda: descend(**RUN | {"rule": rules.momentum(np.ones((3, 1)) / 2)}),
            "rule and learning_rate must keep the sh",
        ),
        (
            lambda: descend(**RUN | {"start": [W, W], "rule": rules.momentum(np.ones((3, 1)) / 2)}),
            "rule and learning_ra",
        ),
        (
            lambda: descend(**RUN | {"learning_rate": lambda t: np.full((t + 1, 1), 0.1)}),
            "must keep the shape of start",
        ),
        (
            lambda: descend(**RUN | {"start": [W] * 3, "learning_rate": lambda t: 0.1 if t < 2 else [[0.1], [0.2]]}),
            "start and learning_rate must broadcast",
        ),
        (lambda: descend(**RUN | {"rule": written(lambda g, s, w: (1.0, s))}), "but got a direction of shape"),
        (
            lambda: descend(**RUN | {"loss": SimpleNamespace(value=one_by_one, gradient=lambda w: w + np.ones(3))}),
            r"^operands could not be broadcast",  # the learner's own mistake, in the learner's own line
        ),
        (lambda: descend(**RUN | {"start": [1.0]}), "start and loss must fit each other"),
        (lambda: losses.SharpnessAware(landscapes.ravine, 0.1).gradient(W, [0]), "batches need a loss over samples"),
        (
            lambda: curvature.hessian(SimpleNamespace(hessian=lambda w: np.ones(2)), W),
            r"hessian\(w\) of loss must be of",
        ),
        (
            lambda: curvature.hessian(SimpleNamespace(gradient=lambda w: w * np.nan), W),
            "loss must have a finite hessian",
        ),
        (lambda: critical_points.critical_points(landscapes.ravine, [[1.0]]), "starts and loss must fit each other"),
        (lambda: critical_points.random_symmetric(10**4, 10**4, RNG), "n or count must be smaller"),
        (lambda: critical_points.RandomField(10**5, RNG), "d or waves must be smaller"),
        (lambda: networks.contradictions(10**5), "d must be smaller"),
        (lambda: landscapes.bowl(1.0, extent=((1, 0),)), "extent must be .low, high. for each axis"),
        (lambda: schedules.cosine(0.1, steps=4)(-1), "step must be a finite number at least 0, but got -1"),
        (lambda: schedules.warmup(0.1, steps=4)(np.arange(3)), "step must be a finite number at least 0, but got arr"),
        (lambda: experiments.best_of_grid([1, 2, 3], [1, 0, 0]), "the lowest loss lies on the edge of the grid"),
        (lambda: NETWORK.gradient(W_NETWORK, np.ma.array([0, 1], mask=[0, 1])), "batch must have no masked entries"),
        (lambda: table([1, 2], "one"), "rows must have 1 entries, one for each column, but got 1"),
        (lambda: table([()]), "columns must be given, one for each entry of a row"),
        (lambda: table([(1, 2)], "one"), "rows must have 1 entries"),
        (lambda: losses.SoftmaxNetwork(X, Y, classes=10**8), "classes must be smaller"),
        (lambda: losses.TanhNetwork(Y, Y, hidden=10**8), "hidden must be smaller"),
        (lambda: losses.LinearRegression(np.eye(2) * 1e-320, [1, 1]), "X and y must be of sizes nearer to each other"),
        (lambda: networks.LinearNetwork(np.eye(40), np.eye(40), [40]).levels(), "X and Y must be smaller"),
        (lambda: descend(**RUN | {"start": np.ones((10**6, 2)), "steps": 100}), "steps or start must be smaller"),
        (lambda: curvature.hessian(landscapes.plateau, np.ones(20_000)), "w must be smaller"),
        (lambda: critical_points.critical_points(landscapes.plateau, np.ones((100, 2000))), "starts must be smaller"),
        (lambda: descend(**RUN | {"loss": losses.ProductLoss}), r"loss must be made by a call, ProductLoss\(...\)"),
        (lambda: schedules.cosine([0.1, 0.2], steps=4, end=[0, 0, 0]), "rate and end must broadcast"),
        (lambda: schedules.exponential([0.1, 0.2], factor=[1, 1, 1]), "rate and factor must broadcast"),
        (lambda: schedules.warmup(1.0, steps=5)(10**400), "step must be real numbers"),
        (
            lambda: descend(**RUN | {"rule": written(lambda g, s, w: ("up", s))}),
            "direction of rule must be real numbers",
        ),
        (lambda: log_slider(1e-200, 1e200, 1), "low and high must be closer"),
        (lambda: slider(Fraction(0), 9, 20), "value must be between 0 and 9"),
        (lambda: list(with_progress(3, "counting")), "items"),
        (lambda: Prediction("Where?", OPTIONS).reveal("left", because="so"), "outcome must be one of up, down"),
        (lambda: Prediction("Where?", number=(1, 9)).reveal(-1, because="so"), "outcome must be a finite number above"),
        (lambda: Prediction("Where?", {"a": 1, "b": 1}), "options must stand for different finite numbers"),
    ],
)
def test_what_does_not_fit_together_is_said(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("answer", [None, np.ones(2), (1, 2, 3)])
def test_a_rule_that_answers_anything_but_a_pair_is_refused(answer):
    with pytest.raises(TypeError, match=r"update of rule must return \(direction, state\), but got"):
        descend(**RUN | {"rule": written(lambda gradient, state, w: answer)})


def test_a_rule_that_writes_into_w_changes_nothing_but_its_answer():
    rule = rules.Rule(lambda w: w, lambda gradient, last, w: (gradient, np.copyto(last, 7) or np.copyto(w, 7) or last))
    np.testing.assert_array_equal(descend(**RUN | {"rule": rule}).path, descend(**RUN).path)


def test_a_rate_that_grows_beyond_all_numbers_makes_a_run_diverge():
    run = descend(**RUN | {"learning_rate": schedules.exponential(1e-3, factor=2.0), "steps": 1100})
    assert run.diverged_at


def test_a_schedule_is_asked_once_a_step():
    rates = iter([0.1, 0.2, 0.3])
    run = descend(**RUN | {"learning_rate": lambda t: next(rates)})
    np.testing.assert_array_equal(run.path, descend(**RUN | {"learning_rate": lambda t: [0.1, 0.2, 0.3][t]}).path)


def test_a_mask_of_rows_is_a_batch():
    np.testing.assert_array_equal(LINEAR.gradient(W, Y == 1), LINEAR.gradient(W, [1, 2]))


def test_a_loss_that_stops_being_a_number_is_said_to():
    log = SimpleNamespace(value=lambda w: np.log(w[..., 0]), gradient=lambda w: 1 / w)
    run = descend(log, [1.0], learning_rate=0.8, steps=2)
    assert verdicts.describe(run).startswith("From step 2 on the loss is no longer a finite number")


def test_numbers_of_small_types_do_not_overflow():
    g = np.array([100, -100], dtype=np.int8)
    for rule in rules.adagrad(), rules.rmsprop(), rules.adam(), rules.side_by_side(rules.adam(), rules.adam()):
        w = np.zeros((2, 2) if rule.init.__qualname__.startswith("side") else 2)
        expected, _ = rule.update(np.zeros_like(w) + g, rule.init(w), w)
        answer, _ = rule.update(np.zeros(w.shape, np.int8) + g, rule.init(w), w)
        np.testing.assert_array_equal(answer, expected)
    assert np.linalg.norm(rules.clip(1.0).update(np.array([3e200, 4e200]), (), W)[0]) == pytest.approx(1)
    assert schedules.step_decay(1.0, every=1, factor=10)(5000) == np.finfo(float).max
    assert schedules.exponential(0.0, factor=10)(5000) == 0


def test_what_is_returned_or_kept_does_not_change_with_what_was_given():
    rates = np.array([[0.1], [0.2]])
    schedule, rule, flat = schedules.constant(rates), rules.momentum(rates), rules.as_schedule(rates)
    run = descend(**RUN)
    many = descend(**RUN | {"start": [W, W]})
    rates[:], run.end[:], many.loss[:], schedule(0)[:], flat(0)[:], LINEAR.hessian(W)[:] = 0.9, 7, 7, 7, 7, 7
    for kept in LINEAR.X, TRIAL.start:
        with pytest.raises(ValueError, match="read-only"):
            kept += 1
    np.testing.assert_array_equal(schedule(0), [[0.1], [0.2]])
    np.testing.assert_array_equal(flat(0), [[0.1], [0.2]])
    np.testing.assert_allclose(rule.update(W, np.ones(2), W)[0], [[1.1, -1.9], [1.2, -1.8]])
    assert (run.path[-1] != 7).all()
    assert (many.losses != 7).all()


def test_a_network_that_has_diverged_reads_nothing_rightly():
    assert NETWORK.accuracy(W_NETWORK * np.nan, X, Y) == 0


@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS)
def test_no_control_takes_none(control):
    with pytest.raises(ValueError, match="value must be"):
        control.value = None


def test_steps_to_leave_count_both_sides_and_nan():
    assert critical_points.steps_to_leave([0.1, -0.9]) == critical_points.steps_to_leave([0.1, np.nan]) == 1


def test_means_are_said_to_the_digit_of_their_error():
    for samples, said in (([0.1] * 3, "0.1 +- 0"), ([0.9, 1.092], "1.0 +- 0.1"), ([1.0, 2.0], "1.5 +- 0.5")):
        assert str(experiments.mean_with_error(samples)) == said
