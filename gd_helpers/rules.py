"""Update rules: what to do with a gradient before taking the step.

A rule is a pair of pure functions, as in optax and in ``jax.example_libraries.optimizers``:

* ``init(w) -> state`` makes the rule's memory for parameters ``w`` of shape ``(..., d)``;
* ``update(gradient, state, w) -> (direction, state)`` turns a gradient of the same shape into a direction.

The minus sign and the learning rate live in the loop (``descent.py``) and nowhere else, so a rule answers one
question only: *which way?* Rules are joined with ``chain``, each one working on what the one before it returned.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


class Rule(NamedTuple):
    """An update rule: ``init(w) -> state`` and ``update(gradient, state, w) -> (direction, state)``."""

    init: Callable[[np.ndarray], Any]
    update: Callable[[np.ndarray, Any, np.ndarray], tuple[np.ndarray, Any]]


def sgd() -> Rule:
    """Plain (stochastic) gradient descent: the direction is the gradient itself.

    Source: Robbins & Monro (1951), "A Stochastic Approximation Method", eq. 7; Cauchy (1847) for the full gradient.

    >>> direction, _ = sgd().update(np.array([3.0, -1.0]), (), np.zeros(2))
    >>> direction.tolist()
    [3.0, -1.0]
    """
    return Rule(init=lambda w: (), update=lambda gradient, state, w: (gradient, state))


def chain(*rules: Rule) -> Rule:
    """Join rules: each works on the direction that the one before it returned. The order matters.

    >>> double = Rule(init=lambda w: (), update=lambda g, state, w: (2 * g, state))
    >>> add_one = Rule(init=lambda w: (), update=lambda g, state, w: (g + 1, state))
    >>> for rule in chain(double, add_one), chain(add_one, double):
    ...     direction, _ = rule.update(np.array([10.0]), rule.init(np.zeros(1)), np.zeros(1))
    ...     print(direction)
    [21.]
    [22.]
    """
    for rule in rules:
        if not isinstance(rule, Rule):
            raise ValueError(f"chain wants rules such as sgd(), but got {rule!r}")

    def init(w):
        return tuple(rule.init(w) for rule in rules)

    def update(direction, states, w):
        new_states = []
        for rule, state in zip(rules, states, strict=True):
            direction, state = rule.update(direction, state, w)
            new_states.append(state)
        return direction, tuple(new_states)

    return Rule(init, update)


def as_schedule(learning_rate) -> Callable[[int], Any]:
    """Turn a learning rate, be it a number, an array or a schedule, into a schedule: ``step -> rate``.

    This is the one place where the three become one. Every rate must be finite and not negative.

    Raises:
        ValueError: if a rate is negative or not finite; for a schedule, at the step where that happens.

    >>> as_schedule(0.1)(7)
    0.1
    >>> as_schedule(lambda step: 1 / (step + 1))(4)
    0.2
    """
    if not callable(learning_rate):
        rate = _checked_rate(learning_rate, "")
        return lambda step: rate
    return lambda step: _checked_rate(learning_rate(step), f" at step {step}")


def _checked_rate(rate, where):
    try:
        fits = np.isfinite(rate) & (np.asarray(rate) >= 0)
    except TypeError:
        fits = False
    if not np.all(fits):
        raise ValueError(f"learning_rate must be finite and not negative, but got {rate!r}{where}")
    return rate if np.ndim(rate) == 0 else np.asarray(rate, dtype=float)
