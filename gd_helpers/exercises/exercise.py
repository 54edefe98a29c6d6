"""What an exercise is, how one is made, and where to find each."""

import importlib
import inspect
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gd_helpers.checks import said
from gd_helpers.exercises.judging import judge, known, not_compared

# The modules with exercises: a new one is found when it is named here, and then the tests hold it to its own words.
MODULES = ("intuition", "learning_rate", "variants", "refinements", "minima_and_saddles", "flat_and_sharp")


@dataclass(frozen=True, eq=False)
class Exercise:
    """Something for the learner to write, and all that is needed to judge it: what ``exercise`` was given.

    An answer is right if it gives what ``solution`` gives on every case and leaves its inputs alone. If it does
    the same as a wrong version on every case, the learner gets its message.
    """

    number: str
    name: str
    task: str
    solution: Callable
    cases: Sequence[tuple]
    wrong: Mapping[str, str]
    hints: Sequence[str]
    why: str
    stub: str
    use: Callable | None

    @property
    def source(self) -> str:
        """The solution as it is written, without its decorators; nothing for a ``lambda``."""
        lines = textwrap.dedent(inspect.getsource(self.solution))
        _, head, body = f"\n{lines}".rpartition("\ndef ")
        return f"def {body.strip()}" if head else ""

    def version(self, text: str, role: str = "wrong") -> Callable:
        """Return a wrong version, or the stub, as a function; a ValueError says if it is none that Python can read.

        >>> find_exercise("1.1").version("w - learning_rate -> w + learning_rate")(3.0, 4.0, 0.5)
        5.0
        """
        piece, slips, instead = text.partition(" -> ")
        source = f"def version({', '.join(inspect.signature(self.solution).parameters)}): return {text}"
        if slips:
            if piece not in self.source:
                raise ValueError(f"{role} must begin with a piece of the solution, a `def`, but got {said(text)}")
            source = self.source.replace(piece, instead)
        around = {**self.solution.__globals__, self.solution.__name__: self.solution}  # a learner's has that name, too
        try:
            exec(source, around, names := {})
        except SyntaxError as error:
            raise ValueError(f"{role} must be Python, but got {said(text)}: {error.msg}") from None
        (version,) = names.values()
        version.__defaults__ = version.__defaults__ or self.solution.__defaults__
        return version


EXERCISES: dict[str, Exercise] = {}  # by number


def exercise(title: str, *, task: str, cases, wrong=None, hints=(), why="Well done.", stub="...", use=None) -> Callable:
    """Decorate a right answer, so that ``check``, ``hint``, ``solution`` and ``summary`` know the exercise.

    The decorated function has the name that the learner's is to have, and its docstring is for the learner. Outside the
    course's own modules, which their tests hold to all this, a ValueError says if the course has an exercise of that
    number or name, there is no case, the answer fails on one or gives what cannot be compared (a set, a date), what
    should be wrong is right on all, or something is no text that should be one.

    Args:
        title: number and name. The number is lesson and place, with a lesson that the course does not have, such as
            "own.1"; the name is the task in two or three words.
        task: the task in one line.
        cases: the inputs to try, each a tuple of arguments: several surfaces, shapes and edge cases.
        wrong: likely wrong versions, each with what to say to it. A version is the expression that it would return,
            in the answer's parameters and the names around it, such as ``"2 * w"``; or a slip in the answer,
            ``"piece -> what stands in its place"``.
        hints: from a nudge to nearly the answer; the task, if there are none.
        why: one sentence on why it matters, said to a right answer.
        stub: the version that the learner's cell starts from: an answer that does the same is "not tried yet".
        use: for answers that are not simply called and compared (random batches, say): ``use(answer, *case)`` is.

    >>> @exercise("own.9 one half", task="Return half of `w`.", cases=[(3.0,)], wrong={"2 * w": "That is twice."})
    ... def halve(w):
    ...     return w / 2
    >>> from gd_helpers.exercises import check
    >>> check("own.9", lambda w: 2 * w)
    Not yet. That is twice.
    >>> del EXERCISES["own.9"]
    """

    def keep(solution):
        number, _, name = title.partition(" ") if isinstance(title, str) else (said(title), "", "")
        parts = task, solution, cases, {} if wrong is None else wrong, hints, why, stub, use
        new = Exercise(number.lower(), name.strip(), *parts)
        if not _is_of_the_course(solution):
            _check_parts(new)
            _check_answers(new)
        EXERCISES[new.number] = new
        return solution

    return keep


def own_exercise(number, name, **parts):
    """Say what to write to whoever has a notebook from the time when this was a teacher's way to make an exercise."""
    raise ValueError(f'own_exercise is exercise now: write @exercise("{number} {name}", ...) above def {name}(...)')


def _is_of_the_course(solution):
    return getattr(solution, "__module__", "") in [f"{__package__}.{module}" for module in MODULES]


def _check_parts(new):
    """Raise a ValueError if something is no text that should be one, or is the course's own."""
    if not re.fullmatch(r"\S+\.\S+", new.number) or not new.name:
        got = said(f"{new.number} {new.name}")
        raise ValueError(f"title must be number and name, such as 'own.1 share left', but got {got}")
    wanted = {"hints": "a list of texts", "wrong": "a dictionary of texts, such as {'2 * w': 'That is twice.'}"}
    mistakes = [*new.wrong, *new.wrong.values()] if isinstance(new.wrong, Mapping) else None
    parts = {"task": [new.task], "why": [new.why], "stub": [new.stub], "hints": new.hints, "wrong": mistakes}
    for part, texts in parts.items():
        if not isinstance(texts, list | tuple) or not all(isinstance(text, str) and text.strip() for text in texts):
            raise ValueError(f"{part} must be {wanted.get(part, 'a text')}, but got {said(getattr(new, part))}")
    if not (isinstance(new.cases, list | tuple) and new.cases and all(isinstance(case, tuple) for case in new.cases)):
        raise ValueError(f"cases must be a list of tuples of arguments, such as [(3.0,)], but got {said(new.cases)}")
    if new.use is not None and not callable(new.use):
        raise ValueError(f"use must be a function of the answer and a case, but got {said(new.use)}")
    for one in filter(lambda one: _is_of_the_course(one.solution), all_exercises()):
        if new.number == one.number or new.name.lower() == one.name.lower():
            raise ValueError(f"title must be new, but {one.number} ({one.name}) is the course's own")


def _check_answers(new):
    """Raise a ValueError unless the answer is right on every case, and every wrong version is wrong on one."""
    if not inspect.isfunction(new.solution):
        raise ValueError(f"exercise must decorate a function, but got {said(new.solution)}")
    for one in inspect.signature(new.solution).parameters.values():
        if one.kind is one.KEYWORD_ONLY and one.default is one.empty:
            raise ValueError(f"the decorated answer must take its arguments by place, but {one.name} only by name")
    if (verdict := judge(new, new.solution)).status != "right":
        raise ValueError(f"the decorated answer must be right on all cases, but: {verdict}")
    if strange := next(filter(None, (not_compared(outcome.result) for outcome in known(new, new.solution)[0])), ""):
        raise ValueError(f"the decorated answer must return numbers or texts, which can be compared, not {strange}")
    for role, version in [("stub", new.stub), *(("wrong", version) for version in new.wrong)]:
        if judge(new, new.version(version, role)).status == "right":
            raise ValueError(f"{role} must be wrong on some case, but {said(version)} gives what the answer gives")
    if judge(new, lambda *case: None).status == "right":
        raise ValueError("the decorated answer must return something: does it end with `return`?")


def all_exercises() -> tuple[Exercise, ...]:
    """Every exercise of every lesson, in the order of the lessons."""
    for module in MODULES:
        importlib.import_module(f"{__package__}.{module}")
    return tuple(EXERCISES[number] for number in sorted(EXERCISES))


def find_exercise(name: str) -> Exercise:
    """Return the exercise with this number or name; if there is none, a ValueError lists those that there are.

    >>> find_exercise("1.1").name
    'write the update'
    """
    exercises = all_exercises()
    for one in exercises:
        if str(name).strip().lower() in (one.number, one.name.lower()):
            return one
    there_are = ", ".join(f"{one.number} ({one.name})" for one in exercises)
    raise ValueError(f"there is no exercise {said(name)}, but there are: {there_are}")


def exercises_of(lesson: int | str) -> tuple[Exercise, ...]:
    """Return the exercises of a lesson, named by its number, such as 1, "1" or "lesson 1"; a ValueError if it has none.

    >>> [exercise.number for exercise in exercises_of("lesson 1")]
    ['1.1', '1.2', '1.3']
    """
    wanted = str(lesson).lower().removeprefix("lesson").strip()
    found = tuple(e for e in all_exercises() if e.number.split(".")[0] == wanted)
    if not found:
        raise ValueError(f"lesson must be the number of a lesson with exercises, such as 1, but got {said(lesson)}")
    return found
