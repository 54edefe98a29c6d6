"""An exercise of one's own, in a cell of one's own lesson: ``own_exercise``, a decorator for its right answer.

The exercises of the course stand in modules beside this one, where learners do not look; what is written in a
notebook, they can read.
"""

import inspect

from gd_helpers.exercises.exercise import Exercise, all_exercises

# Those that were made in this kernel: ``find_exercise`` and ``exercises_of`` find them here.
EXERCISES: list[Exercise] = []


def own_exercise(number: str, name: str, *, task: str, cases, wrong=None, hints=(), why: str = "Well done."):
    """Decorate a right answer, so that ``check``, ``hint``, ``solution`` and ``summary`` know the exercise.

    Args:
        number: lesson and place, with a lesson that the course does not have, such as "own.1".
        name: what the learner's function is to be called; the exercise goes by this name, too.
        task: the task in one line.
        cases: the inputs to try, each a tuple of arguments.
        wrong: likely wrong answers, each with what to say to it: an expression in the answer's parameters, such as
            ``{"w + rate": "You added it."}``.
        hints: from a nudge to nearly the answer; the task, if there are none.
        why: what is said to a right answer.

    Raises:
        ValueError: if the course has an exercise of that number or name, or there is no case.

    >>> @own_exercise("own.9", "halve", task="Return half of `w`.", cases=[(3.0,)], wrong={"2 * w": "That is twice."})
    ... def answer(w):
    ...     return w / 2
    >>> from gd_helpers.exercises import check
    >>> check("own.9", lambda w: 2 * w)
    Not yet. That is twice.
    >>> EXERCISES.clear()
    """
    cases, number, name = tuple(cases), number.lower(), name.lower()
    if not cases or not all(isinstance(case, tuple) for case in cases):
        raise ValueError(f"cases must be one or more tuples of arguments, such as [(3.0,)], but got {cases!r}")
    taken = [one for one in all_exercises() if one not in EXERCISES and (one.number == number or one.name == name)]
    if taken:
        raise ValueError(f"number and name must be new, but the course has {taken[0].number} ({taken[0].name})")

    def remember(answer):
        answer.__name__ = name
        stub = f"def {name}{inspect.signature(answer)}:\n    return ..."
        new = Exercise(
            number, name, task, stub, answer, cases, tuple((wrong or {}).items()), tuple(hints) or (task,), why
        )
        EXERCISES[:] = [one for one in EXERCISES if one.number != number] + [new]  # a cell may be run twice
        return answer

    return remember
