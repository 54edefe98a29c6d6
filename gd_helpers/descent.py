"""THE loop: measure the slope, step downhill, repeat.

Everything runs through ``walk``, whose lines are those of lesson 1; ``descend`` checks what goes in and keeps the path.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count, islice

import numpy as np

from gd_helpers import checks
from gd_helpers.rules import Rule, as_schedule, sgd

# A run counts as diverged once a parameter is further out than this: far beyond every picture and every minimum.
FAR = 1e6
AT_ONCE = 100_000  # numbers of the path that are looked at together; point by point takes longer than the descent


@dataclass(frozen=True, eq=False)
class Run:
    """What a descent left behind.

    Attributes:
        path: the parameters, of shape ``(recorded, ..., d)``; ``path[0]`` is the start.
        losses: the loss at each point of the path, of shape ``(recorded, ...)``.
        steps: the step number of each point of the path, of shape ``(recorded,)``; ``steps[0]`` is 0.
        diverged_at: the first step, kept or not, at which a run was no longer finite, or further out than ``FAR``.
            For a single run an int, or None if that never happened; for many runs an int array of shape ``(...)``
            with -1 for never.
    """

    path: np.ndarray
    losses: np.ndarray
    steps: np.ndarray
    diverged_at: int | np.ndarray | None

    @property
    def end(self) -> np.ndarray:
        """The parameters after the last step, of shape ``(..., d)``."""
        return self.path[-1].copy()

    @property
    def loss(self):
        """The loss after the last step, of shape ``(...)``."""
        return self.losses[-1].copy()


def walk(loss, w, rate, steps, rule, batches) -> Iterator[np.ndarray]:
    """THE loop: yield the parameters after each step, of the shape of ``w``. The arguments are those of ``descend``."""
    state = rule.init(w)
    for t in range(steps):
        gradient = loss.gradient(w) if batches is None else loss.gradient(w, _next_batch(batches, t, steps))
        direction, state = rule.update(gradient, state, w)
        w = w - rate(t) * direction
        yield w


def descend(loss, start, *, learning_rate, steps, rule=None, batches=None, record_every=1) -> Run:
    """Run gradient descent: ``w := w - learning_rate * direction``, ``steps`` times.

    Source: Cauchy (1847), "Methode generale pour la resolution des systemes d'equations simultanees".

    Args:
        loss: anything with ``value(w)`` and ``gradient(w)``; with ``batches`` also ``gradient(w, batch)``. For one
            run it is enough that both take one point of shape ``(d,)``; for many they take ``(..., d)``.
        start: where to begin, of shape ``(d,)`` for one run or ``(..., d)`` for many at once.
        learning_rate: a number, an array that broadcasts against ``start`` (shape ``(..., 1)`` gives each run its
            own rate, ``(d,)`` each coordinate its own), or a schedule: a function from the step (0, 1, 2, ...) to
            any of these.
        steps: how many steps to take, 0 or more.
        rule: an update rule from ``rules.py``; plain gradient descent if none is given.
        batches: an iterable of index arrays, one a step, such as ``minibatches(n, batch_size, rng)``. None means
            the full batch at every step.
        record_every: keep every so many-th point of the path; the start and the end are always kept.

    Returns:
        A ``Run``. A run that diverges is a result, not an accident: no warning, no exception. An argument that does not
        fit is refused with a ValueError, which names it, what it was and what is wanted.

    >>> from gd_helpers.landscapes import bowl
    >>> run = descend(bowl(2.0), start=[1.0], learning_rate=0.25, steps=3)
    >>> run.path[:, 0].tolist()
    [1.0, 0.5, 0.25, 0.125]
    """
    settings = {"learning_rate": learning_rate, "steps": steps, "rule": rule, "batches": batches}
    *_, run = descend_in_pieces(loss, start, **settings, record_every=record_every, piece=None)
    return run


def descend_in_pieces(
    loss, start, *, learning_rate, steps, rule=None, batches=None, record_every=1, piece=400
) -> Iterator[Run]:
    """Descend as ``descend`` does, but yield the ``Run`` so far every ``piece`` steps, so that it can be watched.

    The last run yielded is the one that ``descend`` returns. ``piece`` is rounded down to a whole number of recorded
    points; None means all steps in one piece. All else is as at ``descend``.

    >>> from gd_helpers.landscapes import bowl
    >>> runs = descend_in_pieces(bowl(2.0), [1.0], learning_rate=0.25, steps=5, piece=2)
    >>> [(int(run.steps[-1]), float(run.end[0])) for run in runs]
    [(2, 0.25), (4, 0.0625), (5, 0.03125)]
    """
    schedule = as_schedule(learning_rate)
    first_rate = schedule(0)
    w = _as_start(start, first_rate)
    rate = _keeping_shape(w.shape, schedule, first_rate) if callable(learning_rate) else schedule
    if batches is None:
        checks.check_methods("loss", loss, "value", "gradient")
    else:
        batches = checks.as_iterator("batches", batches, "index arrays such as minibatches(n, batch_size, rng)")
        checks.check_methods("loss", loss, "value")
        checks.check_samples(loss)
    loss = as_loss_at("start", w, loss)
    steps = checks.as_whole_number("steps", steps, at_least=0)
    record_every = checks.as_whole_number("record_every", record_every, at_least=1)
    if not isinstance(rule, Rule | None):
        raise ValueError(f"rule must be an update rule such as sgd(), but got {checks.said(rule)}")
    checks.check_size("steps or start", steps // record_every, w.size)
    piece = steps + record_every if piece is None else checks.as_whole_number("piece", piece, at_least=1)
    piece = max(piece, record_every) // record_every * record_every
    points = chain([w], walk(loss, w, rate, steps, sgd() if rule is None else _careful(rule), batches))
    return _recorded(points, loss, w, steps, {steps, *range(piece, steps, piece)}, record_every)


def _recorded(points, loss, start, steps, ends, record_every):
    """Yield the ``Run`` so far at each of the ``ends``, with every so many-th of the points of a descent."""
    path, losses, diverged_at, t = [], [], np.full(start.shape[:-1], -1), 0
    at_once = max(AT_ONCE // max(start.size, 1), 1)
    for end in sorted(ends.union(range(at_once - 1, steps, at_once))):
        numbers = np.arange(t, end + 1)
        with np.errstate(all="ignore"):  # numbers that overflow are recorded in the Run, not warned about
            some = np.array(list(islice(points, len(numbers))))
            outside = ~(np.abs(some) <= FAR).all(axis=-1)  # kept or not, a point counts; nan is outside
            found = (diverged_at < 0) & outside.any(axis=0)
            diverged_at = np.where(found, t + outside.argmax(axis=0), diverged_at)
            kept = some[(numbers % record_every == 0) | (numbers == steps)]
            if len(kept):
                path.append(kept)
                losses.append(np.asarray(loss.value(kept)))
        t = end + 1
        if end in ends:
            recorded = np.union1d(np.arange(0, t, record_every), end)
            when = diverged_at if diverged_at.ndim else (None if diverged_at < 0 else int(diverged_at))
            yield Run(np.concatenate(path), np.concatenate(losses), recorded, when)


def as_loss_at(name, w, loss):
    """Return the methods of ``loss`` as ``as_loss`` does, if ``w``, the argument of that name, fits it."""
    with np.errstate(all="ignore"):
        try:
            checks.as_loss(loss).value(w)
        except ValueError as problem:
            raise ValueError(f"{name} and loss must fit each other, but {problem}") from None
    return checks.as_loss(loss, fits=True)


def minibatches(n: int, batch_size: int, rng: np.random.Generator, *, replace: bool = False) -> Iterator[np.ndarray]:
    """Yield index arrays into ``n`` samples for ever, ``batch_size`` of them at a time.

    Without replacement (the usual way) the samples are reshuffled at the start of each epoch and every one of them
    is used exactly once an epoch; the last batch is shorter where ``batch_size`` does not divide ``n``. With
    ``replace=True`` every batch is drawn afresh from all samples.

    >>> batches = minibatches(5, 2, np.random.default_rng(0))
    >>> epoch = [next(batches) for _ in range(3)]
    >>> [len(batch) for batch in epoch], sorted(np.concatenate(epoch).tolist())
    ([2, 2, 1], [0, 1, 2, 3, 4])
    """
    n = checks.as_whole_number("n", n, at_least=1)
    batch_size = checks.as_whole_number("batch_size", batch_size, at_least=1, at_most=n)
    checks.check_generator(rng)
    checks.check_truth("replace", replace)
    if replace:
        return (rng.integers(n, size=batch_size) for _ in count())
    orders = (rng.permutation(n) for _ in count())
    return (order[first : first + batch_size] for order in orders for first in range(0, n, batch_size))


def _as_start(start, first_rate) -> np.ndarray:
    """Return ``start`` as floats, of the shape that it takes together with the learning rate."""
    w = checks.as_points("start", start, finite=True)
    with suppress(ValueError):
        shape = np.broadcast_shapes(w.shape, np.shape(first_rate))
        if shape[-1] == w.shape[-1]:
            return np.array(np.broadcast_to(w, shape))
    raise ValueError(
        f"learning_rate of shape {np.shape(first_rate)} does not fit start of shape {w.shape}: "
        "for many runs give it shape (..., 1), for a rate a coordinate shape (d,)"
    )


def _keeping_shape(shape, schedule, first_rate):
    """The schedule, which has been asked for its first rate: the later ones must fit the runs as that did."""

    def rate(t):
        rate = schedule(t) if t else first_rate
        if np.shape(rate) != np.shape(first_rate):
            checks.check_broadcast(start=np.empty(shape), learning_rate=rate)
            if (got := np.broadcast_shapes(shape, np.shape(rate))) != shape:
                raise _misfit(shape, f"got shape {got} at step {t + 1}")
        return rate

    return rate


def _careful(rule):
    """The rule with copies of ``w`` for it to work on, and its answers checked: somebody may have written it."""

    def update(gradient, state, w):
        try:
            answer = rule.update(gradient, state, w.copy())
        except ValueError as problem:
            if "could not be broadcast" in str(problem):
                raise _misfit(w.shape, problem) from None
            raise
        if type(answer) is not tuple or len(answer) != 2:
            raise TypeError(f"update of rule must return (direction, state), but got {checks.said(answer)}")
        direction = checks.as_floats("direction of rule", answer[0])
        if direction.shape != w.shape:
            raise _misfit(w.shape, f"got a direction of shape {direction.shape}")
        return direction, answer[1]

    return Rule(lambda w: rule.init(w.copy()), update)


def _misfit(shape, what):
    return ValueError(f"rule and learning_rate must keep the shape of start, {shape}, but {what}")


def _next_batch(batches, t, steps):
    batch = next(batches, batches)
    if batch is None:  # which a loss would take for all of its samples
        raise ValueError(f"batches must be row numbers, but got None after {t} of {steps} steps")
    if batch is batches:
        raise ValueError(f"batches ended after {t} of {steps} steps: give at least one batch a step")
    return batch
