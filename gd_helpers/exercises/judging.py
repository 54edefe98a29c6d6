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
    misfit = _misfit(exercise, answer)
    if misfit:
        return Verdict("not yet", misfit)
    got, problem = _try(exercise, answer, seconds)
    if isinstance(problem, _TooLong):
        said = f"Stopped after {seconds:g} seconds: your code was still running. Does its loop ever end?"
        return Verdict("not yet", *_with_line(said, problem, answer))
    if isinstance(problem, NotImplementedError):
        return Verdict("not tried", exercise.task)
    wanted, _ = _try(exercise, exercise.solution)
    got = [_unpacked(one, other) for one, other in zip(got, wanted, strict=False)]
    if problem is None and _agree(got, wanted):
        return Verdict("right", exercise.why)
    if not got or not _agree(got, wanted[: len(got)]):
        if _does_the_same(exercise, _from_stub(exercise), got, problem):
            return Verdict("not tried", exercise.task)
        for version, message in exercise.wrong:
            if _does_the_same(exercise, version, got, problem):
                return Verdict("not yet", message)
    if problem is not None:
        return Verdict("not yet", *_what_went_wrong(exercise, problem, answer, exercise.cases[len(got)]))
    if "rng" in _names(exercise) and not _agree(got, _try(exercise, answer, seconds)[0]):
        return Verdict(
            "not yet",
            "The same generator twice gives two different results: take all random numbers from `rng`, "
            "none from `np.random`.",
        )
    return Verdict("not yet", _first_difference(exercise, got, wanted))


class _Outcome(NamedTuple):
    result: Any
    changed: tuple[str, ...]  # the names of the inputs that were modified in place
    printed: bool = False


class _TooLong(BaseException):
    """Not an Exception, so that ``except Exception`` in the learner's code does not catch it."""


class _Waits(RuntimeError):
    """The answer asks a person for input, which nobody is there to give."""


def _try(exercise, answer, seconds=float("inf")):
    """Run an answer on each case. Return the outcomes up to the first problem, and the problem or None."""
    outcomes, deadline = [], time.process_time() + seconds
    use = exercise.use or (lambda answer, *case: answer(*case))
    with np.errstate(all="ignore"), _without_waiting(answer):
        for case in exercise.cases:
            given, printed = copy.deepcopy(case), io.StringIO()  # not shown: it would be printed once a case
            try:
                with contextlib.redirect_stdout(printed):
                    result = _call_until(deadline, use, answer, given)
            except (Exception, _TooLong, SystemExit) as problem:
                return outcomes, problem
            pairs = zip(_names(exercise), case, given, strict=True)
            changed = tuple(name for name, before, after in pairs if _was_changed(before, after))
            outcomes.append(_Outcome(_plain(result), changed, bool(printed.getvalue())))
    return outcomes, None


@contextlib.contextmanager
def _without_waiting(answer):
    """Meanwhile ``input`` and ``exit`` raise and ``sleep`` returns at once: the kernel must not wait, or end."""

    def no_input(*prompt):
        raise _Waits

    swaps = {"input": no_input, "exit": sys.exit, "quit": sys.exit}
    scope = getattr(answer, "__globals__", {})
    before = {name: scope[name] for name in swaps if name in scope}
    before |= {name: thing for name, thing in scope.items() if thing is time.sleep}
    with mock.patch.multiple(builtins, create=True, **swaps), mock.patch.object(time, "sleep", return_value=None):
        scope.update({name: swaps.get(name, time.sleep) for name in before})
        try:
            yield
        finally:
            scope.update(before)


def _call_until(deadline, use, answer, case):
    """Call with a trace function that looks at the clock at each line: this needs no thread and no signal."""
    if deadline == float("inf"):
        return use(answer, *case)

    def trace(frame, event, argument):
        late = time.process_time() - deadline
        frame.f_trace_opcodes = late > 0 or _spins(
            frame.f_code
        )  # many times as slow as lines, so only where it must be
        # At the end of a loop's round, and a second later anywhere: some code that never ends has no loop of its own.
        if late > 1 or (late > 0 and event == "opcode" and _goes_back(frame)):
            raise _TooLong
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        return use(answer, *case)
    finally:
        sys.settrace(previous)


def _plain(value):
    """A result without NumPy's wrapping: a single text or number as Python's own, numbers kept as objects as floats."""
    if isinstance(value, tuple | list):
        return type(value)(map(_plain, value)) if type(value) in (tuple, list) else value
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        with contextlib.suppress(TypeError, ValueError):
            value = value.astype(float)
    if isinstance(value, np.str_) or (isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind == "U"):
        return str(value)
    return value


def _unpacked(outcome, wanted):
    """The outcome, with a list or an array as a tuple where a tuple is wanted: they unpack alike."""
    if isinstance(wanted.result, tuple) and isinstance(outcome.result, list | np.ndarray) and np.ndim(outcome.result):
        return outcome._replace(result=tuple(outcome.result))
    return outcome


@lru_cache
def _spins(code):
    """Whether there is a jump to itself, as in ``while True: pass``, which never comes to a new line."""
    return any(
        "BACKWARD" in step.opname and step.argval in (step.offset, step.offset - 2)
        for step in dis.get_instructions(code)
    )


def _goes_back(frame):
    """Whether the next instruction leads back to the start of a loop: no ``except:`` inside the loop catches there."""
    return "BACKWARD" in dis.opname[frame.f_code.co_code[frame.f_lasti]]


def _does_the_same(exercise, version, got, problem):
    """Whether a version does what the answer did, up to the answer's first problem."""
    theirs, their_problem = _try(exercise, version)
    if not got:
        return repr(problem) == repr(their_problem)
    return len(theirs) >= len(got) and _agree(got, theirs[: len(got)])


def _misfit(exercise, answer):
    """Say why an answer cannot even be tried, or return None."""
    if not callable(exercise.solution):
        return None
    if not callable(answer):
        example = f'check("{exercise.number}", {exercise.solution.__name__})'
        return f"`check` wants your function itself, without brackets: `{example}`."
    wanted = inspect.signature(exercise.solution)
    try:
        takes = inspect.signature(answer)
    except ValueError:  # some built-in functions do not tell
        return None
    try:
        takes.bind(*wanted.parameters)
    except TypeError:
        return f"Your function takes `{takes}`; wanted is `{wanted}`, in this order."
    return None


def _from_stub(exercise):
    """Return what the stub defines, as the notebook's cell would."""
    names = {}
    exec(exercise.stub, {"np": np}, names)
    return list(names.values())[-1]


def _names(exercise):
    """The names of a case's inputs."""
    if exercise.use:
        return list(inspect.signature(exercise.use).parameters)[1:]
    return list(inspect.signature(exercise.solution).parameters)


def _was_changed(before, after):
    return isinstance(before, np.ndarray | list) and not np.array_equal(before, after)


def _agree(got, wanted):
    pairs = zip(got, wanted, strict=True)
    return all(one.changed == other.changed and _same(one.result, other.result) for one, other in pairs)


def _same(one, other):
    kind = _kind(one)
    if kind != _kind(other):
        return False
    if isinstance(one, tuple | list):
        return all(_same(a, b) for a, b in zip(one, other, strict=True))
    if kind.startswith("a value"):
        return one is other or (isinstance(one, str) and one == other)  # ... and whatever else is no number
    single = np.float32 in (getattr(one, "dtype", None), getattr(other, "dtype", None))
    rtol, atol = (1e-3, 1e-4) if single else (1e-6, 1e-10)
    return np.allclose(one, other, rtol=rtol, atol=atol, equal_nan=True)


def _kind(value):
    """Say in words what kind of thing was returned: type and shape."""
    if value is None:
        return "a value that is None"
    if value is ...:
        return "a value not written yet (`...`)"
    if isinstance(value, tuple):
        return f"a tuple ({', '.join(_kind(part) for part in value)})"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    try:
        if isinstance(value, str) or np.iscomplexobj(value):
            raise TypeError
        shape = np.asarray(value, dtype=float).shape
    except (TypeError, ValueError):
        return f"a value of type {type(value).__name__}"
    return f"an array of shape {shape}" if shape else "a number"


def _first_difference(exercise, got, wanted):
    """Say what is wrong with an answer that is no known mistake, from the first case that shows it."""
    mistakes = (i for i in range(len(got)) if not _agree(got[i : i + 1], wanted[i : i + 1]))
    i = next(mistakes)
    result, right = got[i].result, wanted[i].result
    case = zip(_names(exercise), exercise.cases[i], strict=True)
    given = ", ".join(f"{name} = {_in_words(value)}" for name, value in case)
    if exercise.use:  # what is compared is not what the learner's function returned
        return f"For {given} it is not what is asked. {exercise.task}"
    if got[i].changed:
        names = " and ".join(f"`{name}`" for name in got[i].changed)
        return f"Your code changes its input {names} in place: write `x = x - ...`, not `x -= ...`."
    if result is None and got[i].printed:
        return "Your function prints its result and returns nothing: write `return` in place of `print`."
    if result is None:
        return "Your function returns nothing: does it end with `return`?"
    if _kind(result) != _kind(right):
        if isinstance(result, list) and isinstance(right, np.ndarray) and _same(_as_array(result), right):
            return "The numbers are right, but they stand in a plain list: return `np.array(...)` of it."
        return f"Your function returns {_kind(result)}; wanted is {_kind(right)}."
    if _in_words(result) == _in_words(right):
        return f"For {given} {_where_they_differ(np.asarray(result, dtype=float), np.asarray(right, dtype=float))}"
    return f"For {given} your code gives {_in_words(result)}; wanted is {_in_words(right)}."


def _as_array(numbers):
    try:
        return np.array(numbers, dtype=float)
    except (TypeError, ValueError):
        return None


def _where_they_differ(result, right):
    """Say where two arrays, alike at first sight, are furthest apart, and by how much."""
    apart = np.nan_to_num(np.abs(result - right), nan=np.inf)
    place = np.unravel_index(apart.argmax(), apart.shape)
    where = f" at {[int(i) for i in place]}" if place else ""
    return f"your code gives {result[place]:.10g}{where}; wanted is {right[place]:.10g} there, {apart[place]:.2g} away."


def _in_words(value):
    if isinstance(value, tuple):
        return f"({', '.join(_in_words(part) for part in value)})"
    if isinstance(value, np.random.Generator):
        return "a random generator"
    if callable(value):
        return getattr(value, "__name__", "a function").replace("_", " ")
    if _kind(value) == "a number":
        return f"{float(value):.4g}"
    if np.size(value) > 9:
        return _kind(value)
    return " ".join(np.array2string(np.asarray(value), precision=4, separator=", ").split())


def _what_went_wrong(exercise, problem, answer, case):
    """Say it in words, with the learner's line if it went through one."""
    if isinstance(problem, _Waits):
        return ("Your code waits for `input()`, and nobody is there to answer: use what the function is given.",)
    if isinstance(problem, SystemExit):
        return ("Your code calls `exit()`, which would end everything: leave it out, and end with `return`.",)
    name = f"{type(problem).__name__}: {problem}"
    if exercise.use and not _lines_of(answer, problem):
        return (f"Your function runs, but what it returns cannot be used ({name}). {exercise.task}",)
    alone = [name for name, value in zip(_names(exercise), case, strict=True) if isinstance(value, np.floating)]
    told = f" Here `{alone[0]}` is a single number, not an array: your code must take both." if alone else ""
    return _with_line(f"Your code stops with {name}.{told}", problem, answer)


def _with_line(said, problem, answer):
    """Add where it happened, if that is in the learner's cell."""
    lines = _lines_of(answer, problem)
    return (f"{said} Line {lines[-1].lineno} of your cell:", lines[-1].line) if lines else (said,)


def _lines_of(answer, problem):
    """The lines of the learner's own cell that the problem went through, the innermost last."""
    cell = getattr(getattr(answer, "__code__", None), "co_filename", None)
    return [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == cell]
