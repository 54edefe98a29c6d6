"""Lesson 4's exercises: write momentum, mend Adam, make AdamW of Adam with L2, choose a schedule."""

import numpy as np

from gd_helpers.exercises.exercise import exercise
from gd_helpers.exercises.intuition import DESCENTS, FAR_APART, askew, bowl, double_well, ravine

_ADAMS = (
    (bowl, np.array([4.0]), 0.1, 1),  # the first step is the learning rate
    (ravine, np.array([-2.5, 1.5]), 0.1, 10),
    (askew, np.array([-2.5, 1.5]), 0.01, 60),
    (bowl, FAR_APART, 1e-7, 4),  # so small a gradient shows where epsilon stands
    (double_well, np.array([0.3, -1.4, 0.0]), 1e-6, 25),
    (bowl, np.array([1.0, 2.0, -1.0]), 0.01, 0),  # no step: stay
)


@exercise(
    "4.1 write momentum",
    task="Keep a velocity v (beta times what it was, plus the gradient), step along it, and return the last w.",
    stub="[gradient, start, steps] and ...",
    cases=[(*case, beta, steps) for beta in (0.9, 0.5, 0.0) for *case, steps in DESCENTS],  # 0 is plain descent
    wrong={
        "v = beta * v + gradient(w)\n        w = w - learning_rate * v -> "
        "w, v = w - learning_rate * v, beta * v + gradient(w)": "You step along the old v: refresh v first.",
        "w - -> w +": "The sign is flipped, in the step or in v: v adds up gradients, so the step is minus.",
        "learning_rate * v -> learning_rate * (gradient(w) + beta * v)": "You applied beta twice, once in v and once "
        "more in the step. That is Nesterov's rule, a good one; wanted is the heavy ball, whose step is v alone.",
        "+ gradient -> + learning_rate * gradient": "The rate is applied twice, in v and the step: leave it out of v.",
        "+ gradient(w) -> + (1 - beta) * gradient(w)": "You weighed the gradient by 1 - beta. Some do, and their steps "
        "are that much shorter; here, as in PyTorch, v takes the gradient whole.",
        "beta * v -> v": "Nothing is ever forgotten: multiply the old v by beta.",
        "learning_rate * v -> v": "You forgot the learning rate: the step is `learning_rate * v`.",
        "rate * v -> rate * gradient(w)": "That is plain descent: v is not used, or starts at zero in every step.",
    },
    hints=(
        "v is a memory: each step it fades a little, and the new gradient is added.",
        "Fading is `beta * v`. Then the step is the one you know, with v in the gradient's place.",
        "`v = beta * v + g`, then `w = w - learning_rate * v`; at the end `return w`.",
    ),
    why="Two lines; with the best rate and beta they save a factor of about the root of k on a bowl of condition k.",
)
def with_momentum(gradient, start, learning_rate, beta, steps):
    """Remember: v is beta times what it was, plus the gradient; then step along v."""
    w, v = start, 0 * start
    for _ in range(steps):
        v = beta * v + gradient(w)
        w = w - learning_rate * v
    return w


@exercise(
    "4.2 mend Adam",
    task="Something is missing from this Adam: its first step is 3.16 times too long. Find it and put it in.",
    stub="m_hat / (np.sqrt(s_hat) -> m / (np.sqrt(s)",
    cases=_ADAMS,
    wrong={
        "s / (1 - beta2**t) -> s": "You corrected m alone, and now the first step is far too long: s starts at zero as "
        "well.",
        "m / (1 - beta1**t) -> m": "You corrected s alone: now the first step is ten times too short. Correct m, too.",
        "_hat -> ": "You corrected m and s themselves, again and again: name the corrected ones m_hat and s_hat.",
        "**t -> ": "You divide by 1 - beta always, which is right at the first step only: it is `beta**t`.",
        "**t ->  * t": "You multiplied beta by t: it is a power, `beta**t`.",
        " / (1 - beta ->  * (1 - beta": "You multiply where you should divide: the averages are too small.",
        "(s_hat) + eps -> (s_hat + eps)": "The correction is right, but add epsilon after the root, not inside it.",
    },
    hints=(
        "m and s start at zero. After one step, by which factor is m smaller than the gradient? And s than its square?",
        "By 1 - beta1 and 1 - beta2; after t steps by 1 - beta1**t and 1 - beta2**t. Divide it away.",
        "`m_hat = m / (1 - beta1**t)`, `s_hat = s / (1 - beta2**t)`, and the step uses these two.",
    ),
    why="Adam's first step is now the learning rate in every coordinate, however large the gradient is.",
)
def mended_adam(gradient, start, learning_rate, steps):
    """The averages start at zero and are too small at first; dividing by 1 - beta**t puts that right."""
    beta1, beta2, eps = 0.9, 0.999, 1e-8
    w, m, s = start, 0 * start, 0 * start
    for t in range(1, steps + 1):
        g = gradient(w)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        s_hat = s / (1 - beta2**t)
        w = w - learning_rate * m_hat / (np.sqrt(s_hat) + eps)
    return w


@exercise(
    "4.3 make AdamW",
    task="This is Adam with L2. Move the decay so that it becomes AdamW.",
    stub="adam_with_decay(lambda v: gradient(v) + decay * v, start, learning_rate, 0.0, steps)",
    cases=[(*case, decay, steps) for decay in (0.3, 0.0) for *case, steps in _ADAMS],  # without decay both are Adam
    wrong={
        "decay * w -> decay * w / (np.sqrt(s_hat) + 1e-8)": "Adam's root still divides the decay: add it afterwards.",
        "gradient(w) -> gradient(w) + decay * w": "The decay is there twice: in g and in the step. Take it out of g.",
        "+ decay * w -> - decay * w": "The sign of the decay is flipped, so weights grow: it pulls towards zero.",
        " + decay * w) -> ) - decay * w": "Your decay leaves out the learning rate. (The paper multiplies it by the "
        "schedule alone; here, as in PyTorch, by the learning rate.)",
        " + decay * w -> ": "Now the decay is gone altogether: this is plain Adam. Add it where w moves.",
        "decay * w -> decay": "Your decay is the same for every weight: it is a share of the weight, `decay * w`.",
        " + decay * w) -> )\n        w = w - learning_rate * decay * w": "Nearly: decay the old w, not the moved one.",
    },
    hints=(
        "In g the decay is divided by the root of s_hat, like all of the gradient. Where would it not be?",
        "Take `decay * w` out of g, and let it act where w moves.",
        "`w = w - learning_rate * (m_hat / (np.sqrt(s_hat) + 1e-8) + decay * w)`",
    ),
    why="The place of one term decides whether a noisy weight decays as fast as a quiet one.",
)
def adam_with_decay(gradient, start, learning_rate, decay, steps):
    """AdamW: the gradient is left alone, and the decay goes straight to w, past Adam's division."""
    w, m, s = start, 0 * start, 0 * start
    for t in range(1, steps + 1):
        g = gradient(w)
        m = 0.9 * m + (1 - 0.9) * g
        s = 0.999 * s + (1 - 0.999) * g**2
        m_hat, s_hat = m / (1 - 0.9**t), s / (1 - 0.999**t)
        w = w - learning_rate * (m_hat / (np.sqrt(s_hat) + 1e-8) + decay * w)
    return w


def how_it_went(schedule, steps, seed):
    """In noise, 400 times: was the rate never below 0, did all stay in sight, did they arrive, and come to rest?"""
    rng, curvature = np.random.default_rng(seed), np.array([1.0, 10.0])
    w, furthest = np.tile([-2.5, 1.5], (400, 1)), 0.0
    rates = [0.0 + np.real_if_close(schedule(step, steps)).item() for step in range(steps)]  # text is no number
    for rate in rates:
        w = w - rate * (curvature * w + rng.standard_normal(w.shape))
        furthest = max(furthest, np.abs(w).max())
    off_centre = (curvature * w.mean(axis=0) ** 2).sum() / 2
    spread = (curvature * w.var(axis=0)).sum() / 2
    stayed = bool(furthest < 100)
    return {
        "the rates are at least 0": min(rates) >= 0,
        "all balls stay in sight": stayed,
        "they arrive": stayed and off_centre < 0.01,
        "they come to rest": stayed and spread < 0.2 / np.sqrt(steps),
    }


@exercise(
    "4.4 choose a schedule",
    task="Return the rate of each step (0 to steps - 1) so that noisy descent reaches the bottom and comes to rest.",
    cases=((100, 0), (300, 1), (1000, 2)),
    wrong={
        "'0.1'": "Your rate is text: return the number itself, without quotation marks, `str` or an f-string.",
        "0.1": "It arrives, but never comes to rest: the rate stays large to the end, or drops at a stroke. Let it "
        "fall towards zero step by step.",
        "0.0005": "It does not arrive: the rate is too small, or falls too early. Stay large for longer.",
        "0.5 * (1 - step / steps)": "It explodes: the largest curvature is 10, so the rate must not stay above 2/10.",
        "0.1 * 0.99**step": "It comes to rest in the long runs, but not in the short one: let it depend on `steps`.",
        "0.1 * 0.9**step": "It stops on the way: the rate falls so early that the steps do not reach the bottom.",
        "1 / (step + 10)": "Nearly: only the short run does not arrive. Begin at a larger rate, or let it fall later.",
        "-0.1": "Your rate is below 0, or falls below it, and then it climbs: the minus sign is in the loop already.",
    },
    hints=(
        "Two wishes: large steps while there is far to go, small ones at the end. And never above 2/10.",
        "How much of the way is done? That is `step / steps`, from 0 to nearly 1.",
        "A straight line, `0.15 * (1 - step / steps)`, will do; so will half a cosine.",
    ),
    why="With the rate the noise goes to rest: that is what a falling rate is for.",
    use=how_it_went,
)
def rate_at(step, steps):
    """Half a cosine: large while there is far to go, next to nothing at the end."""
    return 0.15 * (1 + np.cos(np.pi * step / steps)) / 2
