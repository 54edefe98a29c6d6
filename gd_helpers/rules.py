"""Update rules: what to do with a gradient before taking the step.

A rule is a pair of pure functions, as in optax and in ``jax.example_libraries.optimizers``:

* ``init(w) -> state`` makes the rule's memory for parameters ``w`` of shape ``(..., d)``;
* ``update(gradient, state, w) -> (direction, state)`` turns a gradient of the same shape into a direction.

The minus sign and the learning rate live in the loop (``descent.py``): a rule answers one question only, *which way?*

Formulas write ``g`` for the gradient; memories start at zero; ``eps`` stands outside the root; conventions are
PyTorch's. Rules work coordinate by coordinate, so one call serves any number of runs. A setting is a number, or an
array of shape ``(..., 1)`` that gives each run its own; a ValueError names one that is out of its range.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from gd_helpers.checks import as_number, as_points, check_generator, check_truth, said, takes


class Rule(NamedTuple):
    """An update rule: the pair of functions that the head of this module describes."""

    init: Callable
    update: Callable


def sgd() -> Rule:
    """Plain (stochastic) gradient descent: the direction is the gradient itself.

    Source: Robbins & Monro (1951), "A Stochastic Approximation Method"; Cauchy (1847) for the full gradient.

    >>> sgd().update(np.array([3.0, -1.0]), (), np.zeros(2))[0].tolist()
    [3.0, -1.0]
    """
    return Rule(lambda w: (), lambda gradient, state, w: (gradient, state))


def momentum(beta=0.9) -> Rule:
    """Heavy ball: ``v := beta v + g``, direction ``v``.

    Source: Polyak (1964), "Some methods of speeding up the convergence of iteration methods", who keeps the rate inside
    the memory. Others weigh the gradient by ``1 - beta``, which makes every step that much shorter.

    >>> momentum(0.5).update(np.array([1.0]), np.array([1.0]), np.zeros(1))[0].tolist()
    [1.5]
    """
    beta = as_number("beta", beta, "at least 0 and below 1")

    def update(gradient, v, w):
        v = beta * v + gradient
        return v, v

    return Rule(np.zeros_like, update)


def nesterov(beta=0.9) -> Rule:
    """Momentum that looks ahead: ``v := beta v + g``, direction ``g + beta v``.

    Source: Nesterov (1983), "A method for solving the convex programming problem with convergence rate O(1/k^2)", where
    ``beta`` grows step by step, in the form of Sutskever et al. (2013), "On the importance of initialization and
    momentum in deep learning". They measure the gradient ahead of ``w``; here, as in PyTorch, ``w`` is the point ahead.

    >>> nesterov(0.5).update(np.array([1.0]), np.zeros(1), np.zeros(1))[0].tolist()
    [1.5]
    """
    beta = as_number("beta", beta, "at least 0 and below 1")

    def update(gradient, v, w):
        v = beta * v + gradient
        return gradient + beta * v, v

    return Rule(np.zeros_like, update)


def adagrad(eps=1e-10) -> Rule:
    """Divide by the root of all squares so far: ``s := s + g^2``, direction ``g / (sqrt(s) + eps)``.

    Source: Duchi, Hazan & Singer (2011), "Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization" (its diagonal form).

    >>> adagrad().update(np.array([100.0, -0.01]), np.zeros(2), np.zeros(2))[0].round(6).tolist()
    [1.0, -1.0]
    """
    eps = as_number("eps", eps, "above 0")

    def update(gradient, s, w):
        s = s + np.square(gradient)
        return gradient / (np.sqrt(s) + eps), s

    return Rule(np.zeros_like, update)


def rmsprop(beta=0.99, eps=1e-8) -> Rule:
    """Divide by the recent size: ``s := beta s + (1 - beta) g^2``, direction ``g / (sqrt(s) + eps)``.

    Source: Tieleman & Hinton (2012), "Lecture 6.5: rmsprop", Neural Networks for Machine Learning, who use 0.9 for
    ``beta`` (PyTorch's ``alpha``). Not centred: the mean is not taken off.

    >>> rmsprop(0.75).update(np.array([100.0, -0.01]), np.zeros(2), np.zeros(2))[0].round(4).tolist()
    [2.0, -2.0]
    """
    beta = as_number("beta", beta, "at least 0 and below 1")
    eps = as_number("eps", eps, "above 0")

    def update(gradient, s, w):
        s = beta * s + (1 - beta) * np.square(gradient)
        return gradient / (np.sqrt(s) + eps), s

    return Rule(np.zeros_like, update)


def adam(beta1=0.9, beta2=0.999, eps=1e-8, *, bias_correction=True) -> Rule:
    """Momentum over recent size: ``m_hat / (sqrt(v_hat) + eps)``.

    ``m := beta1 m + (1 - beta1) g`` and ``v := beta2 v + (1 - beta2) g^2`` start at zero and are too small at first.
    ``bias_correction`` mends it at step ``t``, from 1 on: ``m_hat = m / (1 - beta1^t)``, ``v_hat = v / (1 - beta2^t)``.

    Source: Kingma & Ba (2015), "Adam: A Method for Stochastic Optimization", Algorithm 1.

    >>> rule, w = adam(), np.zeros(2)
    >>> rule.update(np.array([100.0, -0.01]), rule.init(w), w)[0].round(5).tolist()
    [1.0, -1.0]
    """
    beta1 = as_number("beta1", beta1, "at least 0 and below 1")
    beta2 = as_number("beta2", beta2, "at least 0 and below 1")
    eps = as_number("eps", eps, "above 0")
    check_truth("bias_correction", bias_correction)

    def update(gradient, state, w):
        m, v, t = state
        t = t + 1
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * np.square(gradient)
        m_hat, v_hat = (m / (1 - beta1**t), v / (1 - beta2**t)) if bias_correction else (m, v)
        return m_hat / (np.sqrt(v_hat) + eps), (m, v, t)

    return Rule(lambda w: (np.zeros_like(w), np.zeros_like(w), 0), update)


def recent_squares(gradients, beta2=0.999, *, bias_correction=True) -> np.ndarray:
    """Adam's memory ``v`` of squared gradients ``(n, ..., d)`` after each step, with its correction or without.

    >>> recent_squares([[2.0], [2.0]], 0.5).tolist(), recent_squares([[2.0]], 0.5, bias_correction=False).tolist()
    ([[4.0], [4.0]], [[2.0]])
    """
    gradients = as_points("gradients", gradients)
    beta2 = as_number("beta2", beta2, "at least 0 and below 1", single=True)
    rule, after = adam(beta2=beta2, bias_correction=bias_correction), []
    m, v, t = rule.init(np.zeros(gradients.shape[1:]))
    with np.errstate(all="ignore"):  # where a run diverged, squares may be too large for a float
        for gradient in gradients:
            _, (m, v, t) = rule.update(gradient, (m, v, t), gradient)
            after.append(v / (1 - beta2**t) if bias_correction else v)
    return np.array(after)


def weight_decay(decay=0.01) -> Rule:
    """Pull every parameter towards zero: the direction so far plus ``decay w``.

    Before a rule in a chain this is the gradient of the penalty ``decay/2 |w|^2`` (L2); after it, decoupled decay.

    Source: Krogh & Hertz (1992), "A Simple Weight Decay Can Improve Generalization".

    >>> weight_decay(0.5).update(np.array([1.0]), (), np.array([10.0]))[0].tolist()
    [6.0]
    """
    decay = as_number("decay", decay, "at least 0")
    return Rule(lambda w: (), lambda direction, state, w: (direction + decay * w, state))


def adamw(decay=0.01, **adam_settings) -> Rule:
    """Adam, then weight decay: the decay is not divided by the gradient's size.

    Source: Loshchilov & Hutter (2019), "Decoupled Weight Decay Regularization", Algorithm 2. There the decay is
    multiplied by the schedule alone; here, as in PyTorch, by the whole learning rate.

    >>> rule, w = adamw(0.5), np.array([10.0])
    >>> rule.update(np.array([100.0]), rule.init(w), w)[0].round(6).tolist()
    [6.0]
    """
    return chain(adam(**adam_settings), weight_decay(decay))


def adam_l2(decay=0.01, **adam_settings) -> Rule:
    """Weight decay, then Adam, which divides the decay by the gradient's size along with everything else.

    Source: Loshchilov & Hutter (2019), Algorithm 2 (the variant with L2 regularisation).

    >>> rule, w = adam_l2(0.5), np.array([10.0])
    >>> rule.update(np.array([100.0]), rule.init(w), w)[0].round(6).tolist()
    [1.0]
    """
    return chain(weight_decay(decay), adam(**adam_settings))


def noise(scale, rng: np.random.Generator) -> Rule:
    """Add Gaussian noise of standard deviation ``scale`` to each coordinate of each run's direction, at every step.

    The one rule that is not pure: ``update`` moves ``rng`` on. For the same run again make it again, of the same seed.

    Source: Ge et al. (2015), "Escaping From Saddle Points", who draw theirs from a sphere.

    >>> noise(0.1, np.random.default_rng(0)).update(np.zeros(2), (), np.zeros(2))[0].round(3).tolist()
    [0.013, -0.013]
    """
    scale = as_number("scale", scale, "at least 0")
    check_generator(rng)
    return Rule(lambda w: (), lambda direction, state, w: (direction + scale * rng.standard_normal(w.shape), state))


def chain(*rules: Rule) -> Rule:
    """Join rules: each works on the direction that the one before it returned.

    The order matters: ``adamw`` and ``adam_l2`` differ in nothing else.

    >>> rule, w = chain(weight_decay(0.5), weight_decay(1.0)), np.array([10.0])
    >>> rule.update(np.array([100.0]), rule.init(w), w)[0].tolist()
    [115.0]
    """
    _check_rules(rules)

    def update(direction, states, w):
        new_states = []
        for rule, state in zip(rules, states, strict=True):
            direction, state = rule.update(direction, state, w)
            new_states.append(state)
        return direction, tuple(new_states)

    return Rule(lambda w: tuple(rule.init(w) for rule in rules), update)


def side_by_side(*rules: Rule) -> Rule:
    """Give each run a rule of its own: one descent then runs them all, in one loop.

    When the descent begins, a ``w`` whose first axis is not as long as there are rules is refused.

    >>> from gd_helpers.descent import descend
    >>> from gd_helpers.landscapes import bowl
    >>> both = side_by_side(sgd(), momentum(0.5))
    >>> descend(bowl(1.0), [[1.0], [1.0]], learning_rate=0.5, steps=2, rule=both).path[..., 0].tolist()
    [[1.0, 1.0], [0.5, 0.5], [0.25, 0.0]]
    """
    _check_rules(rules)

    def init(w):
        if w.ndim < 2 or len(w) != len(rules):
            raise ValueError(f"start must have one run for each of {len(rules)} rules, but got shape {w.shape}")
        return [rule.init(one) for rule, one in zip(rules, w, strict=True)]

    def update(gradient, states, w):
        directions, new_states = np.empty(np.shape(gradient)), []
        for i, rule in enumerate(rules):
            directions[i], state = rule.update(gradient[i], states[i], w[i])
            new_states.append(state)
        return directions, new_states

    return Rule(init, update)


def as_schedule(learning_rate, called="learning_rate") -> Callable:
    """Turn a learning rate, be it a number, an array or a schedule, into a schedule: ``step -> rate``.

    A rate that is negative or not finite is refused; that of a schedule at the step where it happens.

    >>> as_schedule(0.1)(7), as_schedule(lambda step: 1 / (step + 1))(4)
    (0.1, 0.2)
    """
    if not callable(learning_rate):
        rate = as_number(called, learning_rate, "at least 0")
        return lambda step: rate
    if not takes(learning_rate, 0):
        raise ValueError(f"{called} must be a function of one number, the step, but got {said(learning_rate)}")
    return lambda step: as_number(f"{called} at step {step}", learning_rate(step), "at least 0")


def _check_rules(rules):
    for rule in rules:
        if not isinstance(rule, Rule):
            raise ValueError(f"rules must be update rules such as sgd(), but got {said(rule)}")
