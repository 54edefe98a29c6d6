"""Judge an answer to an exercise: run it on every case and compare what it does with the solution.

The learner's code runs in the learner's own kernel, so an error is caught and shown with its line, and what never
ends, or never has enough memory, is stopped, without threads, subprocesses or signals.
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
from math import inf
from numbers import Number
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

try:
    import psutil
except ImportError:  # in the browser
    psutil = None

from gd_helpers.checks import as_number, said, takes

MOST_MEMORY = 200  # MB that an answer may collect
OFTEN = 0.003  # s between two looks at the clock and the memory
MOST_NUMBERS = 2_000  # in a result that is compared; in an array a hundred times as many


@dataclass(frozen=True)
class Verdict:
    """What is said about an answer."""

    status: str  # "right", "not yet" or "not tried"
    message: str
    line: str = ""  # of the learner's code, where it failed

    def __str__(self) -> str:
        words = {"right": "Right.", "not yet": "Not yet.", "not tried": "Not tried yet."}[self.status]
        return f"{words} {self.message}" + (f"\n    {self.line}" if self.line else "")


def judge(exercise, answer, *, seconds: float = 3.0) -> Verdict:
    """Say how an answer does on an exercise, showing nothing and recording nothing."""
    seconds = as_number("seconds", seconds, "above 0", single=True)
    if misfit := _cannot_be_tried(exercise, answer):
        return _not_yet(misfit)
    got, problem = _try(exercise, answer, seconds)
    if isinstance(problem, _Stopped):
        return _not_yet(f"Stopped {problem} Does its loop ever end?", problem)
    if isinstance(problem, NotImplementedError):
        return Verdict("not tried", exercise.task)
    wanted, _ = known(exercise, exercise.solution)
    got = list(map(_unpacked, got, wanted))
    if problem is None and _agree(got, wanted):
        return Verdict("right", exercise.why)
    if not got or not _agree(got, wanted):
        if _does_the_same(exercise, exercise.stub, got, problem):
            begun = "..." in exercise.stub and _reads(answer) - _reads(exercise.version(exercise.stub))
            return _not_yet(_DOTS) if begun else Verdict("not tried", exercise.task)
        fits = {words for version, words in exercise.wrong.items() if _does_the_same(exercise, version, got, problem)}
        if len(fits) == 1:  # of several mistakes that would do the same nobody knows which it was
            return _not_yet(*fits)
    again = list(map(_unpacked, _try(exercise, answer, seconds)[0], wanted))
    if len(again) != len(got) or not _agree(got, again):
        return _not_yet(_STATE)
    if problem is not None:
        return _what_went_wrong(exercise, problem, len(got))
    return _not_yet(_first_difference(exercise, got, wanted))


def _not_yet(words, problem=None):
    """The verdict, with the line where the problem came up, if that is in the learner's cell."""
    lines = problem.after[-1] if problem else []
    if not lines:
        return Verdict("not yet", words)
    return Verdict("not yet", f"{words} Line {lines[-1].lineno} of your cell:", lines[-1].line)


_STATE = (
    "The same input twice gives two different results: your function must keep nothing from one call to the next (in "
    "a variable from outside, or a list as default value), and take random numbers from nowhere but what it is given."
)
_NOTHING = {  # by whether it printed something
    True: "Your function prints something, but returns nothing: write `return` in place of `print`.",
    False: "Your function returns nothing: does it end with `return`?",
}
_DOTS = "Something is written already, but `...` still stands where your function returns: put the result there."


class _Outcome(NamedTuple):
    result: Any
    changed: tuple[str, ...]  # the names of the inputs that were modified in place
    printed: bool


class _Stopped(BaseException):
    """Not an Exception, so that ``except Exception`` in the learner's code does not catch it."""


def _try(exercise, answer, seconds=inf):
    """Run an answer on each case. Return the outcomes up to the first problem, and the problem or None."""
    outcomes, watch, cell = [], _Watch(seconds), getattr(getattr(answer, "__code__", None), "co_filename", None)
    use, returned = exercise.use or (lambda answer, *case: answer(*case)), []

    def watched(*given):
        returned[:] = [answer(*given)]
        return returned[0]

    with np.errstate(all="ignore"), _without_waiting(answer, watch):
        for case in exercise.cases:
            given, printed = copy.deepcopy(case), io.StringIO()  # not shown: it would be printed once a case
            try:
                with contextlib.redirect_stdout(printed):
                    result = watch.call(lambda given=given: _comparable(use(watched, *given)))
            except KeyboardInterrupt:  # the learner's own
                raise
            except BaseException as problem:  # SystemExit, _Stopped, and whatever else the answer raises
                lines = [frame for frame in traceback.extract_tb(problem.__traceback__) if frame.filename == cell]
                problem.after = returned, bool(printed.getvalue()), lines  # the learner's own, the innermost last
                problem.__context__ = problem.__cause__ = problem.__traceback__ = None  # they keep all it has
                return outcomes, problem
            pairs = zip(_names(exercise), case, given, strict=False)  # there may be default values
            changed = tuple(name for name, old, new in pairs if not _same(_comparable(old), _comparable(new)))
            outcomes.append(_Outcome(result, changed, bool(printed.getvalue())))
    return outcomes, None


@lru_cache(None)
def known(exercise, version):
    """What the solution, the stub or a wrong version does, which is the same each time: outcomes and problem."""
    return _try(exercise, exercise.version(version) if isinstance(version, str) else version)


@contextlib.contextmanager
def _without_waiting(answer, watch):
    """Meanwhile ``input`` and ``exit`` raise and ``sleep`` returns at once: the kernel must not wait, or end."""
    swaps = {"input": mock.Mock(side_effect=EOFError), "exit": sys.exit, "quit": sys.exit}
    scope = getattr(answer, "__globals__", {})  # a notebook has its own ``exit``
    before = {name: thing for name, thing in scope.items() if name in swaps or thing is time.sleep}
    swapped = mock.patch.multiple(builtins, create=True, __import__=watch.imported, **swaps)
    with swapped, mock.patch.object(time, "sleep", return_value=None):
        scope.update({name: swaps.get(name, time.sleep) for name in before})
        try:
            yield
        finally:
            scope.update(before)


class _Watch:
    """Stops what it calls after so many seconds, or when it collects too much memory: a trace function looks."""

    def __init__(self, seconds):
        self.seconds, self.deadline, self.most = seconds, time.process_time() + seconds, _memory() + MOST_MEMORY
        self.looked, self.over = time.perf_counter(), False
        self._import = builtins.__import__

    def imported(self, *module, **options):
        """Import a module while nobody watches: of a large one the first time takes seconds."""
        before, began, held = sys.gettrace(), time.process_time(), _memory()
        sys.settrace(None)
        try:
            return self._import(*module, **options)
        finally:
            sys.settrace(before)
            if before:  # else it is imported by another one
                self.deadline += time.process_time() - began
                self.most += _memory() - held

    def call(self, function):
        before = sys.gettrace()
        if self.seconds < inf:
            sys.settrace(self.trace)
        try:
            return function()
        finally:
            sys.settrace(before)

    def trace(self, frame, event, argument):
        """What Python calls at each line; and at each step of it where it must, which is many times as slow."""
        code = frame.f_code
        if event == "call":
            if code.co_filename == __file__:
                return None
            frame.f_trace_opcodes = _spins(code)
        if self.over or time.perf_counter() - self.looked >= OFTEN:  # a look takes as long as many a quick line
            late, much = time.process_time() - self.deadline, _memory() - self.most
            self.looked, self.over = time.perf_counter(), max(late, much) > 0
        if self.over:
            frame.f_trace_opcodes = True
            # Where no ``except:`` of the loop catches it: as it goes back to its start, or if there is none. And a
            # second later anywhere: some endless code has no loop of its own.
            back = event == "opcode" and "BACKWARD" in dis.opname[code.co_code[frame.f_lasti]]
            if back or late > 1 or not code.co_exceptiontable:
                after = f"after {self.seconds:g} seconds: your code was still running."
                raise _Stopped(f"at {MOST_MEMORY} MB: your code was still collecting." if much > 0 else after)
        return self.trace


def _memory():
    """How many MB this process takes; in the browser nobody can say, and there Python itself is given no more."""
    return psutil.Process().memory_info().rss / 1e6 if psutil else 0.0


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
    "MaskedArray": "a masked array",
    "MaskedConstant": "a masked value",
}


def _comparable(value, room=MOST_NUMBERS):
    """Return a result in one of few forms: None, a text, an array of floats, or a tuple, list or dict of these."""
    kind = type(value).__name__
    if value is None or isinstance(value, _Other):
        return value
    if isinstance(value, str):
        return str.__str__(value)  # of an Enum, too, what it stands for
    if kind in _OTHERS:
        return _Other(_OTHERS[kind])
    if type(value) in (tuple, list, dict):
        if len(value) > room:
            return _Other(f"a {kind} of {len(value):,}")
        room //= max(1, len(value))
        if type(value) is dict:
            return {key: _comparable(entry, room) for key, entry in value.items()}
        return type(value)(_comparable(entry, room) for entry in value)
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        array = np.asarray(value)
        if array.dtype.kind == "c":
            array = np.real_if_close(array)  # a number with no imaginary part is real
        if array.size > 100 * MOST_NUMBERS:
            return _Other(f"an array of shape {array.shape}")
        if array.dtype.kind == "U" and array.ndim == 0:  # from ``np.where``
            return str(array)
        if array.dtype.kind in "biu" or (array.dtype.kind == "O" and all(isinstance(x, Number) for x in array.flat)):
            array = array.astype(float)
        if array.dtype.kind == "f" and array.itemsize > 2:
            return array.copy()
        if array.ndim or array.dtype.kind in "fc":
            return _Other(f"numbers of the kind {array.dtype}, not float64")
    return _Other(f"a value of type {kind}")


def _parts(result):
    """What a tuple, a list or a dictionary holds, by its places; nothing for any other result."""
    return dict(enumerate(result)) if isinstance(result, tuple | list) else result if isinstance(result, dict) else {}


def not_compared(result):
    """Say what there is in a result that cannot be compared, such as a set or a date."""
    if isinstance(result, _Other):
        return str(result)
    return next(filter(None, map(not_compared, _parts(result).values())), "")


def _unpacked(outcome, wanted):
    """The outcome, with a list or an array as a tuple where a tuple is wanted: they unpack alike."""
    result, right = outcome.result, wanted.result
    if isinstance(right, tuple) and isinstance(result, list | np.ndarray) and _kind(result) != "a number":
        return outcome._replace(result=tuple(map(_comparable, result))) if len(result) == len(right) else outcome
    return outcome


def _agree(got, wanted):
    """Whether two lists of outcomes are the same as far as both go."""
    pairs = zip(got, wanted, strict=False)
    return all(one.changed == other.changed and _same(one.result, other.result) for one, other in pairs)


def _same(one, other):
    if _kind(one) != _kind(other):
        return False
    if isinstance(one, tuple | list | dict):
        return next(_differences(one, other), None) is None
    if isinstance(one, np.ndarray):
        single = min(one.itemsize, other.itemsize) < 8
        rtol, atol = (1e-3, 1e-6) if single else (3e-6, 1e-12)  # enough for constants of single precision
        with np.errstate(all="ignore"):
            near = np.abs(one - other) <= atol + rtol * np.abs(other)
            near &= (one != np.rint(one)) | (other != np.rint(other)) | (np.abs(other) > 1e9)  # 7 is not nearly 8
            return bool((near | (one == other) | (np.isnan(one) & np.isnan(other))).all())
    return one == other


def _differences(result, right):
    """Where two tuples, lists or dictionaries differ, and what stands there; in one of two it may be nothing."""
    one, other = _parts(result), _parts(right)
    for place in other | one:
        pair = [parts.get(place, _Other("nothing")) for parts in (one, other)]
        if not _same(*pair):
            yield place, *pair


def _kind(result):
    """Say in words what kind of thing was returned: type and shape."""
    if result is None:
        return "`None`"
    if isinstance(result, _Other):
        return str(result)
    if isinstance(result, tuple):
        return f"a tuple ({', '.join(map(_kind, result))})" if len(result) < 10 else f"a tuple of {len(result)}"
    if isinstance(result, list):
        return f"a list of {len(result)}"
    if isinstance(result, str | dict):
        return "a text" if isinstance(result, str) else "a dictionary"
    return f"an array of shape {result.shape}" if result.shape else "a number"


def _does_the_same(exercise, version, got, problem):
    """Whether a version does what the answer did, up to the answer's first problem."""
    theirs, their_problem = known(exercise, version)
    if not got:
        return None not in (problem, their_problem) and _name(problem) == _name(their_problem)
    return len(theirs) >= len(got) and _agree(got, theirs)


def _names(exercise):
    """The names of a case's inputs."""
    return list(inspect.signature(exercise.use or exercise.solution).parameters)[1 if exercise.use else 0 :]


def _reads(function):
    """Which of its arguments a function reads, by their places, as far as its code can be seen."""
    if not inspect.isfunction(function):
        return set()
    steps = dis.get_instructions(function)
    loads = [step.argval for step in steps if step.opname.startswith(("LOAD_FAST", "LOAD_CLOSURE", "LOAD_DEREF"))]
    names = {str(name) for load in loads for name in np.ravel(load)}  # from Python 3.13 on some load two at once
    return {place for place, name in enumerate(inspect.signature(function).parameters) if name in names}


# What is said -----------------------------------------------------------------------------------------------
def _cannot_be_tried(exercise, answer):
    """Say why an answer cannot even be tried, or return None."""
    if not callable(answer):
        example = f'check("{exercise.number}", {exercise.solution.__name__})'
        return f"`check` wants your function itself, without brackets: `{example}`."
    wanted = inspect.signature(exercise.solution)
    if not takes(answer, *(one for one in wanted.parameters.values() if one.kind is not one.KEYWORD_ONLY)):
        return f"Your function takes `{inspect.signature(answer)}`; wanted is `{wanted}`, in this order."
    return None


def _first_difference(exercise, got, wanted):
    """Say what is wrong with an answer that is no known mistake, from the first case that shows it."""
    i = next(i for i in range(len(got)) if not _agree(got[i : i + 1], wanted[i : i + 1]))
    result, right, where = got[i].result, wanted[i].result, _case_in_words(exercise, i)
    if got[i].changed:
        names, name = " and ".join(f"`{name}`" for name in got[i].changed), got[i].changed[0]
        as_this = f"as `-=` and `[0] = ...` do, even under another name: begin with `{name} = {name}.copy()`"
        return f"Your code changes its input {names} in place, {as_this}."
    if exercise.use:  # what is compared is not what the learner's function returned
        fails = "it is not what is asked"
        if _kind(result) != _kind(right):
            fails = f"it is {_kind(result)}, not {_kind(right)}"
        elif isinstance(right, dict):
            fails = f"this does not hold: {next(_differences(result, right))[0]}"
        return f"{where} {fails}. {exercise.task}"
    if result is None and any(one.result is not None for one in got):
        return f"{where} your function returns nothing: does each way through it end with `return`?"
    if result is None:
        return _NOTHING[got[i].printed]
    if isinstance(result, list | tuple):
        with contextlib.suppress(ValueError):  # of unequal rows there is no array
            if _same(_comparable(np.array(result)), right):
                kind = type(result).__name__
                return f"The numbers are right, but they stand in a plain {kind}: return `np.array(...)` of it."
    if _kind(result) != _kind(right):
        whose = f"{where} your" if i else "Your"
        return f"{whose} function returns {_kind(result)}; wanted is {_kind(right)}."
    return f"{where} your code gives {_in_contrast(result, right)}"


def _in_contrast(result, right, where=""):
    """Say what a result is, and what is wanted, with so many digits that wherever they differ one can see it."""
    if _kind(result) != _kind(right):
        return f"{_kind(result)}{where}; wanted is {_kind(right)}."
    pairs = [pair for pair in zip(_single(result), _single(right), strict=False) if not _same(*pair)]
    for digits in (4, 6, 8, 10, 17):
        told, wanted = _in_words(result, digits), _in_words(right, digits)
        if told != wanted and all(_in_words(one, digits) != _in_words(other, digits) for one, other in pairs):
            return f"{told}{where}; wanted is {wanted}."
    if isinstance(result, str):
        return "another text than is wanted."
    if isinstance(result, np.ndarray):  # a large one: only where they are furthest apart for their size
        apart = np.nan_to_num(np.abs(result - right), nan=np.inf)
        place = np.unravel_index((apart / (np.abs(right) + 1e-4)).argmax(), apart.shape)
        pair = result[place], right[place]
    else:
        place, *pair = next(_differences(result, right))
    return _in_contrast(*pair, f" at {np.ravel(place).tolist()}")


def _case_in_words(exercise, i):
    pairs = zip(_names(exercise), exercise.cases[i], strict=False)
    return "For " + ", ".join(f"{name} = {_in_words(value)}" for name, value in pairs)


def _single(result):
    """The single numbers and texts of a result, one after another."""
    if isinstance(result, tuple | list):
        return [one for entry in result for one in _single(entry)]
    return list(result.flat) if isinstance(result, np.ndarray) else [result]


def _in_words(value, digits=4):
    if isinstance(value, tuple):
        return f"({', '.join(_in_words(entry, digits) for entry in value[:9])}{', ...' * (len(value) > 9)})"
    if isinstance(value, list | dict):
        return type(value).__name__ + _in_words(tuple(value.items() if isinstance(value, dict) else value), digits)
    if isinstance(value, str | int):
        return said(value)
    if callable(value):
        return getattr(value, "__name__", "").replace("_", " ").replace("<lambda>", "") or "a function"
    if np.ndim(value) == 0:
        return f"{float(value):.{digits}g}" if isinstance(_comparable(value), np.ndarray) else said(value)
    if np.size(value) > 9:
        return _kind(np.asarray(value))
    return " ".join(np.array2string(np.asarray(value), precision=digits, separator=", ").split()).replace("[ ", "[")


def _what_went_wrong(exercise, problem, i):
    """Say what was raised in the case ``i``."""
    if isinstance(problem, EOFError):
        return _not_yet("Your code waits for `input()`, and nobody is there to answer: use what the function is given.")
    if isinstance(problem, SystemExit):
        return _not_yet("Your code calls `exit()`, which would end everything: leave it out, and end with `return`.")
    returned, printed, lines = problem.after
    if exercise.use and returned and isinstance(problem, Exception) and not lines:
        if returned[0] is None:
            return _not_yet(_NOTHING[printed])
        kind = type(returned[0]).__name__
        unusable = f"{_OTHERS.get(kind, f'the `{kind}`')} that it returns cannot be used ({_name(problem)})"
        return _not_yet(f"Your function runs, but {unusable}. {exercise.task}")
    none = " (What changes a list or an array in place returns `None`: `append`, `sort`, `shuffle`.)"
    whose = f"{_case_in_words(exercise, i)} your" if i else "Your"
    told = f"{whose} code stops with {_name(problem)}."
    return _not_yet(told + none * ("'NoneType' object" in told), problem)


def _name(problem):
    """What was raised, in a line."""
    told = ""
    with contextlib.suppress(Exception):  # a learner's own error may fail to tell
        told = " ".join(str(problem).split())[:300]
    return f"{type(problem).__name__}: {told}".removesuffix(".").removesuffix(": ")
