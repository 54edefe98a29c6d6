"""Judge an answer to an exercise: run it on every case and compare what it does with the solution.

The learner's code runs in the learner's own kernel, so an error is caught and shown with its line, and an
endless loop is stopped, without threads, subprocesses or signals.
"""

import builtins
import contextlib
import copy
import dis
import inspect
import io
import sys
import time
import traceback
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from gd_helpers.checks import as_number
from gd_helpers.exercises.exercise import Exercise


@dataclass(frozen=True)
class Verdict:
    """What is said about an answer.

    ``status`` is "right", "not yet" or "not tried"; ``line`` quotes the learner's code where it failed.
    """

    status: str
    message: str
    line: str = ""

    def __str__(self) -> str:
        words = {"right": "Right.", "not yet": "Not yet.", "not tried": "Not tried yet."}[self.status]
        return f"{words} {self.message}" + (f"\n    {self.line}" if self.line else "")


def judge(exercise: Exercise, answer, *, seconds: float = 3.0) -> Verdict:
    """Say how an answer does on an exercise, showing nothing and recording nothing."""
    seconds = as_number("seconds", seconds, "above 0", single=True)
    if misfit := _misfit(exercise, answer):
        return Verdict("not yet", misfit)
    got, problem = _try(exercise, answer, seconds)
    if isinstance(problem, _TooLong):
        stopped = f"Stopped after {seconds:g} seconds: your code was still running. Does its loop ever end?"
        return Verdict("not yet", *_with_line(stopped, problem, answer))
    if isinstance(problem, NotImplementedError):
        return Verdict("not tried", exercise.task)
    wanted, _ = _known(exercise, exercise.solution)
    got = [_unpacked(one, other) for one, other in zip(got, wanted, strict=False)]
    if problem is None and _agree(got, wanted):
        return Verdict("right", exercise.why)
    if not got or not _agree(got, wanted):
        if _does_the_same(exercise, exercise.stub, got, problem):
            return Verdict("not tried", exercise.task)
        for version, message in exercise.wrong.items():
            if _does_the_same(exercise, version, got, problem):
                return Verdict("not yet", message)
    again = list(map(_unpacked, _try(exercise, answer, seconds)[0], wanted))
    if len(again) != len(got) or not _agree(got, again):
        return Verdict("not yet", _STATE)
    if problem is not None:
        return Verdict("not yet", *_what_went_wrong(exercise, problem, answer, len(got)))
    return Verdict("not yet", _first_difference(exercise, got, wanted))


_STATE = (
    "The same input twice gives two different results: your function must keep nothing from one call to the next (in "
    "a variable from outside, or a list as default value), and take random numbers from nowhere but what it is given."
)


class _Outcome(NamedTuple):
    result: Any
    changed: tuple[str, ...]  # the names of the inputs that were modified in place
    printed: bool


class _TooLong(BaseException):
    """Not an Exception, so that ``except Exception`` in the learner's code does not catch it."""


class _Waits(RuntimeError):
    """The answer asks a person for input, which nobody is there to give."""


def _try(exercise, answer, seconds=float("inf")):
    """Run an answer on each case. Return the outcomes up to the first problem, and the problem or None."""
    outcomes, deadline = [], time.process_time() + seconds
    use, returned = exercise.use or (lambda answer, *case: answer(*case)), []

    def watched(*given):
        returned[:] = [answer(*given)]
        return returned[0]

    with np.errstate(all="ignore"), _without_waiting(answer):
        for case in exercise.cases:
            given, printed = copy.deepcopy(case), io.StringIO()  # not shown: it would be printed once a case
            try:
                with contextlib.redirect_stdout(printed):
                    result = _plain(_call_until(deadline, use, watched, given))
            except KeyboardInterrupt:  # the learner's own
                raise
            except BaseException as problem:  # SystemExit, _TooLong, and whatever else the answer raises
                problem.after = returned, bool(printed.getvalue())
                return outcomes, problem
            pairs = zip(_names(exercise), case, given, strict=False)  # there may be default values
            pairs = [(name, old, new) for name, old, new in pairs if isinstance(old, np.ndarray | list)]
            changed = tuple(name for name, old, new in pairs if not np.array_equal(old, new))
            outcomes.append(_Outcome(result, changed, bool(printed.getvalue())))
    return outcomes, None


@lru_cache(None)
def _known(exercise, version):
    """What the solution, the stub or a wrong version does, which is the same each time."""
    return _try(exercise, exercise.version(version) if isinstance(version, str) else version)


@contextlib.contextmanager
def _without_waiting(answer):
    """Meanwhile ``input`` and ``exit`` raise and ``sleep`` returns at once: the kernel must not wait, or end."""

    def no_input(*prompt):
        raise _Waits

    swaps = {"input": no_input, "exit": sys.exit, "quit": sys.exit}
    scope = getattr(answer, "__globals__", {})  # a notebook has its own ``exit``
    before = {name: thing for name, thing in scope.items() if name in swaps or thing is time.sleep}
    with mock.patch.multiple(builtins, create=True, **swaps), mock.patch.object(time, "sleep", return_value=None):
        scope.update({name: swaps.get(name, time.sleep) for name in before})
        try:
            yield
        finally:
            scope.update(before)


def _call_until(deadline, use, answer, case):
    """Call with a trace function that looks at the clock now and then: this needs no thread and no signal."""
    if deadline == float("inf"):
        return use(answer, *case)
    events, late = 0, 0.0

    def trace(frame, event, argument):
        nonlocal events, late
        if event == "call":
            frame.f_trace_opcodes = _spins(frame.f_code)  # many times as slow as lines, so only where it must be
        events += 1
        if late > 0 or events % 20 == 0:  # a look takes as long as many a quick line
            late = time.process_time() - deadline
        if late > 0:
            frame.f_trace_opcodes = True
            # Where a loop goes back to its start, as no ``except:`` in it catches there; and a second later anywhere:
            # some endless code has no loop of its own.
            if late > 1 or (event == "opcode" and "BACKWARD" in dis.opname[frame.f_code.co_code[frame.f_lasti]]):
                raise _TooLong
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        return use(answer, *case)
    finally:
        sys.settrace(previous)


@lru_cache
def _spins(code):
    """Whether there is a jump to itself, as in ``while True: pass``, which never comes to a new line."""
    steps = [step for step in dis.get_instructions(code) if "BACKWARD" in step.opname]
    return any(step.argval in (step.offset, step.offset - 2) for step in steps)


# What is compared -------------------------------------------------------------------------------------------
class _Other(str):
    """A result that is neither numbers nor a text: what it is, in words."""


_OTHERS = {
    "ellipsis": "a value not written yet (`...`)",
    "generator": "a generator (`yield` in place of `return`, or `( )` in place of `[ ]`?)",
    "function": "a function (are the brackets of a call missing?)",
}


def _plain(value):
    """Return a result in one of few forms: None, a text, an array of floats, or a tuple, list or dict of these."""
    if value is None or isinstance(value, _Other):
        return value
    if isinstance(value, str):
        return str(value)
    if type(value) is dict:
        return {key: _plain(entry) for key, entry in value.items()}
    if type(value) in (tuple, list):
        return type(value)(map(_plain, value))
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        array = np.asarray(value)
        if array.dtype.kind == "U" and array.ndim == 0:  # from ``np.where``
            return str(array)
        if array.dtype.kind in "biuO":
            array = array.astype(float)
        if array.dtype.kind == "f":
            return array.copy()
    if isinstance(value, np.ndarray):
        return _Other("an array, but not of real numbers")
    name = type(value).__name__
    return _Other(_OTHERS.get(name, f"a value of type {name}"))


def _unpacked(outcome, wanted):
    """The outcome, with a list or an array as a tuple where a tuple is wanted: they unpack alike."""
    result = outcome.result
    if isinstance(wanted.result, tuple) and isinstance(result, list | np.ndarray) and getattr(result, "ndim", 1):
        return outcome._replace(result=tuple(map(_plain, result)))
    return outcome


def _agree(got, wanted):
    """Whether two lists of outcomes are the same as far as both go."""
    pairs = zip(got, wanted, strict=False)
    return all(one.changed == other.changed and _same(one.result, other.result) for one, other in pairs)


def _same(one, other):
    if _kind(one) != _kind(other):
        return False
    if isinstance(one, tuple | list):
        return all(map(_same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray):
        single = min(one.itemsize, other.itemsize) < 8
        rtol, atol = (1e-3, 1e-4) if single else (3e-6, 1e-10)  # enough for constants of single precision
        return np.allclose(one, other, rtol=rtol, atol=atol, equal_nan=True)
    return one == other


def _kind(result):
    """Say in words what kind of thing was returned: type and shape."""
    if result is None:
        return "`None`"
    if isinstance(result, _Other):
        return str(result)
    if isinstance(result, tuple):
        return f"a tuple ({', '.join(map(_kind, result))})"
    if isinstance(result, list):
        return f"a list of {len(result)}"
    if isinstance(result, str | dict):
        return "a text" if isinstance(result, str) else "a dictionary"
    return f"an array of shape {result.shape}" if result.shape else "a number"


def _does_the_same(exercise, version, got, problem):
    """Whether a version does what the answer did, up to the answer's first problem."""
    theirs, their_problem = _known(exercise, version)
    if not got:
        return None not in (problem, their_problem) and _name(problem) == _name(their_problem)
    return len(theirs) >= len(got) and _agree(got, theirs)


def _names(exercise):
    """The names of a case's inputs."""
    parameters = inspect.signature(exercise.use or exercise.solution).parameters
    return list(parameters)[1 if exercise.use else 0 :]


# What is said -----------------------------------------------------------------------------------------------
def _misfit(exercise, answer):
    """Say why an answer cannot even be tried, or return None."""
    if not callable(answer):
        example = f'check("{exercise.number}", {exercise.solution.__name__})'
        return f"`check` wants your function itself, without brackets: `{example}`."
    wanted = inspect.signature(exercise.solution)
    try:
        takes = inspect.signature(answer)
        takes.bind(*wanted.parameters)
    except ValueError:  # some built-in functions do not tell
        return None
    except TypeError:
        return f"Your function takes `{takes}`; wanted is `{wanted}`, in this order."
    return None


def _first_difference(exercise, got, wanted):
    """Say what is wrong with an answer that is no known mistake, from the first case that shows it."""
    i = next(i for i in range(len(got)) if not _agree(got[i : i + 1], wanted[i : i + 1]))
    result, right, where = got[i].result, wanted[i].result, f"For {_case_in_words(exercise, i)}"
    if got[i].changed:
        names, name = " and ".join(f"`{name}`" for name in got[i].changed), got[i].changed[0]
        as_this = f"as `-=` and `[0] = ...` do, even under another name: begin with `{name} = {name}.copy()`"
        return f"Your code changes its input {names} in place, {as_this}."
    if exercise.use:  # what is compared is not what the learner's function returned
        fails = "it is not what is asked"
        if _kind(result) != _kind(right):
            fails = f"it is {_kind(result)}, not {_kind(right)}"
        elif isinstance(right, dict):
            fails = f"this does not hold: {next(fact for fact in right if not _same(result[fact], right[fact]))}"
        return f"{where} {fails}. {exercise.task}"
    if result is None and any(one.result is not None for one in got):
        return f"{where} your function returns nothing: does each way through it end with `return`?"
    if result is None:
        return _nothing(got[i].printed)
    if isinstance(result, list | tuple):
        with contextlib.suppress(ValueError):  # of unequal rows there is no array
            if _same(_plain(np.array(result)), right):
                kind = type(result).__name__
                return f"The numbers are right, but they stand in a plain {kind}: return `np.array(...)` of it."
    if _kind(result) != _kind(right):
        return f"{_yours(exercise, i)} function returns {_kind(result)}; wanted is {_kind(right)}."
    if _in_words(result) == _in_words(right):
        return f"{where} {_where_they_differ(np.asarray(result, dtype=float), np.asarray(right, dtype=float))}"
    return f"{where} your code gives {_in_words(result)}; wanted is {_in_words(right)}."


def _nothing(printed):
    if printed:
        return "Your function prints something, but returns nothing: write `return` in place of `print`."
    return "Your function returns nothing: does it end with `return`?"


def _where_they_differ(result, right):
    """Say where two arrays, alike at first sight, are furthest apart for their size, and by how much."""
    apart = np.nan_to_num(np.abs(result - right), nan=np.inf)
    place = np.unravel_index((apart / (np.abs(right) + 1e-4)).argmax(), apart.shape)
    where = f" at {[int(i) for i in place]}" if place else ""
    return f"your code gives {result[place]:.10g}{where}; wanted is {right[place]:.10g} there, {apart[place]:.2g} away."


def _case_in_words(exercise, i):
    return ", ".join(f"{n} = {_in_words(value)}" for n, value in zip(_names(exercise), exercise.cases[i], strict=False))


def _yours(exercise, i):
    return f"For {_case_in_words(exercise, i)} your" if i else "Your"


def _in_words(value):
    if isinstance(value, tuple):
        return f"({', '.join(map(_in_words, value))})"
    if isinstance(value, str | int):
        return repr(value)
    if callable(value):
        return getattr(value, "__name__", "").replace("_", " ").replace("<lambda>", "") or "a function"
    if np.ndim(value) == 0:
        return f"{float(value):.4g}"
    if np.size(value) > 9:
        return _kind(np.asarray(value))
    return " ".join(np.array2string(np.asarray(value), precision=4, separator=", ").split()).replace("[ ", "[")


def _what_went_wrong(exercise, problem, answer, i):
    """Say what was raised in the case ``i``, with the learner's line if it went through one."""
    if isinstance(problem, _Waits):
        return ("Your code waits for `input()`, and nobody is there to answer: use what the function is given.",)
    if isinstance(problem, SystemExit):
        return ("Your code calls `exit()`, which would end everything: leave it out, and end with `return`.",)
    returned, printed = problem.after
    if exercise.use and returned and isinstance(problem, Exception) and not _lines_of(answer, problem):
        if returned[0] is None:
            return (_nothing(printed),)
        kind = type(returned[0]).__name__
        kind = _OTHERS.get(kind, f"the `{kind}`")
        return (f"Your function runs, but {kind} that it returns cannot be used ({_name(problem)}). {exercise.task}",)
    return _with_line(f"{_yours(exercise, i)} code stops with {_name(problem)}.", problem, answer)


def _name(problem):
    """What was raised, in a line."""
    return f"{type(problem).__name__}: {' '.join(str(problem).split())[:300]}".removesuffix(".").removesuffix(": ")


def _with_line(words, problem, answer):
    """Add where it happened, if that is in the learner's cell."""
    lines = _lines_of(answer, problem)
    return (f"{words} Line {lines[-1].lineno} of your cell:", lines[-1].line) if lines else (words,)


def _lines_of(answer, problem):
    """The lines of the learner's own cell that the problem went through, the innermost last."""
    cell = getattr(getattr(answer, "__code__", None), "co_filename", None)
    return [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == cell]
