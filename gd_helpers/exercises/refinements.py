"""Lesson 4's exercises: write momentum, mend Adam, make AdamW of Adam with L2, choose a schedule."""

import numpy as np

from gd_helpers.exercises.exercise import Exercise


def bowl(w):
    return 2 * w


def ravine(w):
    return w * np.array([1.0, 10.0])


def double_well(w):
    return w**3 - w


def nearly_flat(w):
    return 1e-4 * w


# --- 4.1 ----------------------------------------------------------------------------------------------------
def with_momentum(gradient, start, learning_rate, beta, steps):
    """Remember: v is beta times what it was, plus the gradient; then step along v."""
    w, v = start, 0 * start
    for _ in range(steps):
        v = beta * v + gradient(w)
        w = w - learning_rate * v
    return w


def _momentum(refresh=lambda v, g, rate, beta: beta * v + g, step=lambda v, g, rate, beta: rate * v):
    """Return a version that makes the new v with ``refresh``, or takes off w what ``step`` makes of it."""

    def version(gradient, start, learning_rate, beta, steps):
        w, v = start, 0 * start
        for _ in range(steps):
            g = gradient(w)
            v = refresh(v, g, learning_rate, beta)
            w = w - step(v, g, learning_rate, beta)
        return w

    return version


def steps_too_early(gradient, start, learning_rate, beta, steps):
    w, v = start, 0 * start
    for _ in range(steps):
        w, v = w - learning_rate * v, beta * v + gradient(w)
    return w


def steps_once(gradient, start, learning_rate, beta, steps):
    v = 0 * start
    for _ in range(steps):
        v = beta * v + gradient(start)
    return start - learning_rate * v


def leaves_at_once(gradient, start, learning_rate, beta, steps):
    return with_momentum(gradient, start, learning_rate, beta, 1) if steps else None


def whole_path(gradient, start, learning_rate, beta, steps):
    return np.array([with_momentum(gradient, start, learning_rate, beta, n) for n in range(steps + 1)])


def momentum_in_place(gradient, start, learning_rate, beta, steps):
    w, v = start, 0 * start
    for _ in range(steps):
        v = beta * v + gradient(w)
        w -= learning_rate * v
    return w


WRITE_MOMENTUM = Exercise(
    number="4.1",
    name="write momentum",
    task="Keep a velocity v (beta times what it was, plus the gradient), step along it, and return the last w.",
    stub="""\
def with_momentum(gradient, start, learning_rate, beta, steps):
    w, v = start, 0 * start
    for _ in range(steps):
        g = gradient(w)
        # two lines: refresh v, then step along it
    return ...  # the last w""",
    solution=with_momentum,
    cases=(
        (bowl, np.array([4.0]), 0.1, 0.5, 3),
        (ravine, np.array([-2.5, 1.5]), 0.05, 0.9, 20),
        (double_well, np.array([0.3, -1.4]), 0.1, 0.7, 7),
        (ravine, np.array([1.0, 1.0]), 0.1, 0.0, 5),  # beta 0 is plain descent
        (bowl, np.array([1.0, -2.0]), 0.1, 0.9, 1),
        (bowl, np.array([1.0, -2.0]), 0.1, 0.9, 0),  # no step: stay
    ),
    wrong=(
        (
            _momentum(step=lambda v, g, rate, beta: -rate * v),
            "The sign is flipped, in the step or in v: v adds up gradients, which point uphill, so the step is minus.",
        ),
        (
            _momentum(refresh=lambda v, g, rate, beta: g - beta * v),
            "Your v works against itself: what is remembered is added, `beta * v + g`, not taken off.",
        ),
        (
            _momentum(step=lambda v, g, rate, beta: rate * (beta * v + g)),
            "You applied beta twice, once in v and once more in the step. That is Nesterov's rule, a good one; "
            "wanted is the heavy ball, whose step is v alone.",
        ),
        (
            _momentum(step=lambda v, g, rate, beta: rate * (beta * v + v)),
            "You applied the momentum twice: v remembers already, so the step is `learning_rate * v` and no more.",
        ),
        (
            _momentum(refresh=lambda v, g, rate, beta: beta * v + rate * g),
            "The learning rate is applied twice, in v and in the step: leave it out of v.",
        ),
        (
            _momentum(refresh=lambda v, g, rate, beta: beta * v + (1 - beta) * g),
            "You weighed the gradient by 1 - beta. Some do, and their steps are that much shorter; here, as in "
            "PyTorch, v takes the gradient whole.",
        ),
        (_momentum(refresh=lambda v, g, rate, beta: v + g), "Nothing is ever forgotten: multiply the old v by beta."),
        (
            _momentum(refresh=lambda v, g, rate, beta: v + beta * g),
            "Beta stands at the gradient; it belongs to the old v.",
        ),
        (
            _momentum(refresh=lambda v, g, rate, beta: beta * (v + g)),
            "Your v lets the new gradient fade as well: beta multiplies the old v alone.",
        ),
        (_momentum(step=lambda v, g, rate, beta: v), "You forgot the learning rate: the step is `learning_rate * v`."),
        (
            steps_once,
            "You step only once, after the loop: both lines belong inside it, so indent the second like the first.",
        ),
        (leaves_at_once, "You stop after one step: `return` inside the loop leaves at once, so indent it less."),
        (whole_path, "You returned the whole path: here only the last w is wanted."),
        (
            _momentum(step=lambda v, g, rate, beta: rate * g),
            "That is plain descent: v is not used, or it starts again at zero in every step.",
        ),
        (steps_too_early, "Nearly: you step along the old v. Refresh v first, then step."),
        (
            momentum_in_place,
            "The end is right, but `-=` also moved the caller's `start`: write `w = w - ...`, which makes a new array.",
        ),
    ),
    hints=(
        "v is a memory: each step it fades a little, and the new gradient is added.",
        "Fading is `beta * v`. Then the step is the one you know, with v in the gradient's place.",
        "`v = beta * v + g`, then `w = w - learning_rate * v`; at the end `return w`.",
    ),
    why="Two lines, and on a ravine of condition number k they save a factor of about the root of k.",
)


# --- 4.2 ----------------------------------------------------------------------------------------------------
def mended_adam(gradient, start, learning_rate, steps):
    """The averages start at zero and are too small at first; dividing by 1 - beta**t puts that right."""
    beta1, beta2, eps = 0.9, 0.999, 1e-8
    w, m, v = start, 0 * start, 0 * start
    for t in range(1, steps + 1):
        g = gradient(w)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        w = w - learning_rate * m_hat / (np.sqrt(v_hat) + eps)
    return w


def _adam(step):
    """Return a version of Adam whose direction is ``step(m, v, t)``."""

    def version(gradient, start, learning_rate, steps):
        w, m, v = start, 0 * start, 0 * start
        for t in range(1, steps + 1):
            g = gradient(w)
            m, v = 0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g**2
            w = w - learning_rate * step(m, v, t)
        return w

    return version


def _hats(m, v, t):
    return m / (1 - 0.9**t), v / (1 - 0.999**t)


def _divide(pair):
    m, v = pair
    return m / (np.sqrt(v) + 1e-8)


def _kept(v_too):
    """Return a version that puts the corrected m back into the memory, and the corrected v if ``v_too``."""

    def version(gradient, start, learning_rate, steps):
        w, m, v = start, 0 * start, 0 * start
        for t in range(1, steps + 1):
            g = gradient(w)
            m, v_hat = _hats(0.9 * m + (1 - 0.9) * g, 0.999 * v + (1 - 0.999) * g**2, t)
            v = v_hat if v_too else 0.999 * v + (1 - 0.999) * g**2
            w = w - learning_rate * _divide((m, v_hat))
        return w

    return version


def corrected_by_the_last_step(gradient, start, learning_rate, steps):
    def step(m, v, t):
        return _divide(_hats(m, v, steps))

    return _adam(step)(gradient, start, learning_rate, steps)


def short_form(m, v, t):
    return np.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m / (np.sqrt(v) + 1e-8)


def eps_inside(m, v, t):
    m, v = _hats(m, v, t)
    return m / np.sqrt(v + 1e-8)


def no_root(m, v, t):
    m, v = _hats(m, v, t)
    return m / (v + 1e-8)


_KEPT = (
    "You put the corrected averages back into the memories, where they are corrected again and again: "
    "give them names of their own, m_hat and v_hat."
)
_FIRST_STEP_ONLY = (
    "You divide every step by the excess of the first: how much is missing from m and v changes with t, so correct "
    "each of them."
)

MEND_ADAM = Exercise(
    number="4.2",
    name="mend Adam",
    task="Something is missing from this Adam: its first step is 3.16 times too long. Find it and put it in.",
    stub="""\
def mended_adam(gradient, start, learning_rate, steps):
    beta1, beta2, eps = 0.9, 0.999, 1e-8
    w, m, v = start, 0 * start, 0 * start
    for t in range(1, steps + 1):
        g = gradient(w)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        w = w - learning_rate * m / (np.sqrt(v) + eps)
    return w""",
    solution=mended_adam,
    cases=(
        (bowl, np.array([4.0]), 0.1, 1),  # the first step is the learning rate
        (ravine, np.array([-2.5, 1.5]), 0.1, 10),
        (double_well, np.array([0.3, -1.4]), 0.05, 25),
        (nearly_flat, np.array([1.0, -2.0]), 0.01, 5),  # so small a gradient shows where epsilon stands
        (bowl, np.array([1.0, 2.0, -1.0]), 0.01, 0),  # no step: stay
    ),
    wrong=(
        (
            _adam(lambda m, v, t: _divide((_hats(m, v, t)[0], v))),
            "You corrected m alone, and now the first step is far too long: v starts at zero as well.",
        ),
        (
            _adam(lambda m, v, t: _divide((m, _hats(m, v, t)[1]))),
            "You corrected v alone, and now the first step is ten times too short: m starts at zero as well.",
        ),
        (
            _adam(eps_inside),
            "The correction is right, but epsilon slipped inside the root: it is added after the root is taken.",
        ),
        (
            _adam(lambda m, v, t: -_divide(_hats(m, v, t))),
            "The correction is right, but the sign of the step flipped: downhill is minus.",
        ),
        (_adam(no_root), "The correction is right, but the root of v got lost: v holds squares."),
        (_kept(v_too=True), _KEPT),
        (_kept(v_too=False), _KEPT),
        (
            _adam(short_form),
            "Nearly: this is the paper's shorter form, in which epsilon weighs more at first, and small gradients "
            "feel it. Correct v itself, and then take the root.",
        ),
        (_adam(lambda m, v, t: _divide((m, v)) / 3.16), _FIRST_STEP_ONLY),
        (_adam(lambda m, v, t: _divide((m, v)) / np.sqrt(10)), _FIRST_STEP_ONLY),
        (
            corrected_by_the_last_step,
            "You correct every step as if it were the last: it is `beta**t`, with the step that you are at.",
        ),
        (
            _adam(lambda m, v, t: _divide((m / (1 - 0.9 * t), v / (1 - 0.999 * t)))),
            "You multiplied beta by t: it is a power, `beta**t`.",
        ),
        (
            _adam(lambda m, v, t: _divide(_hats(m, v, t - 1))),
            "Nearly: t is one too small, so that the first step divides by 0. The loop already counts from 1.",
        ),
        (
            _adam(lambda m, v, t: _divide((m / (1 - 0.9), v / (1 - 0.999)))),
            "You divide by 1 - beta always, which is right at the first step only: a power is missing, `beta**t`.",
        ),
        (
            _adam(lambda m, v, t: _divide((m / (1 - 0.999**t), v / (1 - 0.9**t)))),
            "You swapped the betas: m is corrected with beta1, v with beta2.",
        ),
        (
            _adam(lambda m, v, t: _divide((m * (1 - 0.9**t), v * (1 - 0.999**t)))),
            "You multiply where you should divide: the averages are too small, and must become larger.",
        ),
        (
            _adam(lambda m, v, t: _divide(_hats(m, v, t + 1))),
            "Nearly: t is one too large. At the first step it is 1, and the loop already counts like that.",
        ),
    ),
    hints=(
        "m and v start at zero. After one step, by which factor is m smaller than the gradient? And v than its square?",
        "By 1 - beta1 and 1 - beta2; after t steps by 1 - beta1**t and 1 - beta2**t. Divide it away.",
        "`m_hat = m / (1 - beta1**t)`, `v_hat = v / (1 - beta2**t)`, and the step uses these two.",
    ),
    why="Adam's first step is now exactly the learning rate in every coordinate, whatever the gradient's size.",
)


# --- 4.3 ----------------------------------------------------------------------------------------------------
def adam_with_decay(gradient, start, learning_rate, decay, steps):
    """AdamW: the gradient is left alone, and the decay goes straight to w, past Adam's division."""
    w, m, v = start, 0 * start, 0 * start
    for t in range(1, steps + 1):
        g = gradient(w)
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.999 * v + (1 - 0.999) * g**2
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        w = w - learning_rate * (m_hat / (np.sqrt(v_hat) + 1e-8) + decay * w)
    return w


def _decayed(step, in_m=0.0, in_v=0.0):
    """Return a version that adds parts of the decay to m or v, and whose step is ``step(w, m, v, rate, decay)``."""

    def version(gradient, start, learning_rate, decay, steps):
        w, m, v = start, 0 * start, 0 * start
        for t in range(1, steps + 1):
            g = gradient(w)
            m = 0.9 * m + (1 - 0.9) * (g + in_m * decay * w)
            v = 0.999 * v + (1 - 0.999) * (g + in_v * decay * w) ** 2
            w = step(w, *_hats(m, v, t), learning_rate, decay)
        return w

    return version


def decay_after(w, m, v, rate, decay):
    w = w - rate * _divide((m, v))
    return w - rate * decay * w


_DECOUPLED = _decayed(lambda w, m, v, rate, decay: w - rate * (_divide((m, v)) + decay * w))

MAKE_ADAMW = Exercise(
    number="4.3",
    name="make AdamW",
    task="This is Adam with L2. Move the decay so that it becomes AdamW.",
    stub="""\
def adam_with_decay(gradient, start, learning_rate, decay, steps):
    w, m, v = start, 0 * start, 0 * start
    for t in range(1, steps + 1):
        g = gradient(w) + decay * w
        m = 0.9 * m + (1 - 0.9) * g
        v = 0.999 * v + (1 - 0.999) * g**2
        m_hat, v_hat = m / (1 - 0.9**t), v / (1 - 0.999**t)
        w = w - learning_rate * m_hat / (np.sqrt(v_hat) + 1e-8)
    return w""",
    solution=adam_with_decay,
    cases=(
        (ravine, np.array([-2.5, 1.5]), 0.1, 0.1, 10),
        (bowl, np.array([4.0]), 0.1, 0.5, 1),
        (double_well, np.array([0.3, -1.4]), 0.05, 0.2, 25),
        (nearly_flat, np.array([1.0, -2.0]), 0.1, 0.3, 6),
        (ravine, np.array([1.0, 1.0]), 0.1, 0.0, 5),  # without decay both are Adam
        (bowl, np.array([1.0, 2.0]), 0.1, 0.1, 0),
    ),
    wrong=(
        (
            _decayed(lambda w, m, v, rate, decay: w - rate * _divide((m + decay * w, v))),
            "The decay is still divided by Adam's root, so noisy weights hardly decay: add it after the division.",
        ),
        (
            _decayed(lambda w, m, v, rate, decay: w - rate * (_divide((m, v)) + decay * w), in_m=1.0, in_v=1.0),
            "The decay is there twice, in the gradient and in the step: take it out of g.",
        ),
        (
            _decayed(lambda w, m, v, rate, decay: w - rate * _divide((m, v)), in_m=1.0),
            "You kept the decay out of v, but in m it is still divided by the root: it must go past the division.",
        ),
        (
            _decayed(lambda w, m, v, rate, decay: w - rate * (_divide((m, v)) - decay * w)),
            "The sign of the decay is flipped, so weights grow: it pulls towards zero, `- learning_rate * decay * w`.",
        ),
        (
            _decayed(lambda w, m, v, rate, decay: w - rate * _divide((m, v)) - decay * w),
            "Your decay leaves out the learning rate. (The paper multiplies it by the schedule alone; here, as in "
            "PyTorch, by the learning rate.)",
        ),
        (
            _decayed(lambda w, m, v, rate, decay: w - rate * _divide((m, v))),
            "Now the decay is gone altogether: this is plain Adam. Add it where w moves.",
        ),
        (
            _decayed(lambda w, m, v, rate, decay: w - rate * _divide((m, v)) + decay * w),
            "The sign of the decay is flipped, so weights grow, and the learning rate is missing from it: it pulls "
            "towards zero, `- learning_rate * decay * w`.",
        ),
        (
            _decayed(lambda w, m, v, rate, decay: w - rate * (_divide((m, v)) + decay)),
            "Your decay is the same for every weight: it is a share of the weight itself, `decay * w`.",
        ),
        (
            _decayed(decay_after),
            "Nearly: you decay the w that has already moved. Both parts of the step start from the same w.",
        ),
    ),
    hints=(
        "In g the decay is divided by the root of v_hat, like all of the gradient. Where would it not be?",
        "Take `decay * w` out of g, and let it act where w moves.",
        "`w = w - learning_rate * (m_hat / (np.sqrt(v_hat) + 1e-8) + decay * w)`",
    ),
    why="The place of one term decides whether a noisy weight decays as fast as a quiet one.",
)


# --- 4.4 ----------------------------------------------------------------------------------------------------
def rate_at(step, steps):
    """Half a cosine: large while there is far to go, next to nothing at the end."""
    return 0.15 * (1 + np.cos(np.pi * step / steps)) / 2


def how_it_went(schedule, steps, seed):
    """Descend a ravine (curvatures 1 and 10) 400 times in noise.

    Was the rate never below 0? Did all stay in sight? Did they arrive? And come to rest?
    """
    rng, curvature = np.random.default_rng(seed), np.array([1.0, 10.0])
    w, furthest = np.tile([-2.5, 1.5], (400, 1)), 0.0
    rates = [float(schedule(step, steps)) for step in range(steps)]
    for rate in rates:
        w = w - rate * (curvature * w + rng.standard_normal(w.shape))
        furthest = max(furthest, np.abs(w).max())
    off_centre = (curvature * w.mean(axis=0) ** 2).sum() / 2
    spread = (curvature * w.var(axis=0)).sum() / 2
    stayed = bool(furthest < 100)
    return min(rates) >= 0, stayed, bool(stayed and off_centre < 0.01), bool(stayed and spread < 0.2 / np.sqrt(steps))


CHOOSE_A_SCHEDULE = Exercise(
    number="4.4",
    name="choose a schedule",
    task="Return the rate of each step (0 to steps - 1) so that noisy descent reaches the bottom and comes to rest.",
    stub="""\
def rate_at(step, steps):
    # a ravine with curvatures 1 and 10, and noise in every gradient
    return ...""",
    solution=rate_at,
    cases=((100, 0), (300, 1), (1000, 2)),
    wrong=(
        (
            lambda step, steps: 0.1,
            "It arrives, but never comes to rest: the rate is still large at the end, so the noise still shakes it. "
            "Let it fall towards zero.",
        ),
        (
            lambda step, steps: 0.0005,
            "It does not arrive: the rate is too small, or falls too early. Stay large for a good part of the steps.",
        ),
        (
            lambda step, steps: 0.5 * (1 - step / steps),
            "It explodes: the largest curvature is 10, so the rate must not stay above 2/10.",
        ),
        (
            lambda step, steps: 0.1 * 0.99**step,
            "It comes to rest in the long runs, but not in the short one: let the schedule depend on `steps` as well.",
        ),
        (
            lambda step, steps: 0.1 * 0.9**step,
            "It stops on the way: the rate falls so early that all steps together do not reach the bottom.",
        ),
        (
            lambda step, steps: 1 / (step + 10),
            "Nearly: only the short run does not arrive in time. Begin with a larger rate, or let it fall later: how "
            "early should depend on `steps`.",
        ),
        (lambda step, steps: -0.1, "Your rate is below 0, which climbs: the minus sign is in the loop already."),
        (
            lambda step, steps: 0.003,
            "It does not arrive in time in the shorter runs: one small rate for all steps is too slow there.",
        ),
    ),
    hints=(
        "Two wishes: large steps while there is far to go, small ones at the end. And never above 2/10.",
        "How much of the way is done? That is `step / steps`, from 0 to nearly 1.",
        "A straight line, `0.15 * (1 - step / steps)`, will do; so will half a cosine.",
    ),
    why="With the rate the noise goes to rest: that is what a falling rate is for.",
    use=how_it_went,
)

EXERCISES = (WRITE_MOMENTUM, MEND_ADAM, MAKE_ADAMW, CHOOSE_A_SCHEDULE)
