"""What an exercise is, and where to find each: every lesson has a module beside this one, and ``exercise`` keeps it."""

import importlib
import inspect
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gd_helpers.checks import said

# The modules with exercises: a new one is found when it is named here, and then the tests hold it to its own words.
MODULES = ("intuition", "learning_rate", "variants", "refinements", "minima_and_saddles", "flat_and_sharp")


@dataclass(frozen=True, eq=False)
class Exercise:
    """Something for the learner to write, and all that is needed to judge it.

    An answer is right if it gives what ``solution`` gives on every case and leaves its inputs alone. If it does
    the same as a wrong version on every case, the learner gets its message.

    Attributes:
        number: lesson and place, such as "1.2".
        name: the task in two or three words, such as "write the update".
        task: the task in one line.
        solution: a right answer. Its source is what ``solution`` shows, so its docstring is for the learner.
        cases: the inputs to try, each a tuple of arguments: several surfaces, shapes and edge cases.
        wrong: likely wrong versions, each with the message that recognises the mistake. A version is the expression
            that it would return, in the solution's parameters and the names of its module, such as
            ``"w + learning_rate * gradient"``; or a slip in the solution, ``"piece -> what stands in its place"``.
        hints: from a nudge to nearly the answer.
        why: one sentence on why it matters.
        stub: the version that the notebook's cell starts from: an answer that does the same is "not tried yet".
        use: for answers that are not simply called and compared (random batches, say): ``use(answer, *case)`` is.
    """

    number: str
    name: str
    task: str
    solution: Any
    cases: tuple[tuple, ...]
    wrong: dict[str, str]
    hints: tuple[str, ...]
    why: str
    stub: str = "..."
    use: Callable | None = None

    @property
    def source(self) -> str:
        """The solution as it is written, under the name that the learner's function has, without its decorators."""
        lines = textwrap.dedent(inspect.getsource(self.solution))
        head = re.compile(r".*?^def \w+", flags=re.M | re.S)
        return head.sub(f"def {self.solution.__name__}", lines, count=1).strip()

    def version(self, text: str) -> Callable:
        """Return a wrong version as a function; a ValueError says if it is none that Python can read.

        >>> find_exercise("1.1").version("w - learning_rate -> w + learning_rate")(3.0, 4.0, 0.5)
        5.0
        """
        piece, slips, instead = text.partition(" -> ")
        source = f"def version({', '.join(inspect.signature(self.solution).parameters)}): return {text}"
        if slips:
            if piece not in self.source:
                raise ValueError(f"wrong must begin with a piece of the solution, a `def`, but got {said(text)}")
            source = self.source.replace(piece, instead)
        try:
            exec(source, self.solution.__globals__, names := {})
        except SyntaxError as error:
            raise ValueError(f"wrong must be Python, but got {said(text)}: {error.msg}") from None
        (version,) = names.values()
        version.__defaults__ = version.__defaults__ or self.solution.__defaults__
        return version


EXERCISES: dict[str, Exercise] = {}  # by number


def exercise(title: str, **parts) -> Callable:
    """Decorate the right answer to an exercise, "1.1 write the update"; its other ``parts`` are those of one."""

    def keep(solution):
        number, _, name = title.partition(" ")
        EXERCISES[number] = Exercise(number, name, solution=solution, **parts)
        return solution

    return keep


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
