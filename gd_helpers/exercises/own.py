"""An exercise of one's own, in a cell of one's own lesson: ``own_exercise``, a decorator for its right answer.

The exercises of the course stand in modules beside this one, where learners do not look; what is written in a
notebook, they can read.
"""

import inspect

from gd_helpers.exercises.exercise import Exercise, all_exercises
from gd_helpers.exercises.judging import judge

# Those that were made in this kernel: ``find_exercise`` and ``exercises_of`` find them here.
EXERCISES: list[Exercise] = []


def own_exercise(number: str, name: str, *, task: str, cases, wrong=None, hints=(), why: str = "Well done."):
    """Decorate a right answer, so that ``check``, ``hint``, ``solution`` and ``summary`` know the exercise.

    Args:
        number: lesson and place, with a lesson that the course does not have, such as "own.1".
        name: what the learner's function is to be called; the exercise goes by this name, too.
        task: the task in one line.
        cases: the inputs to try, each a tuple of arguments.
        wrong: likely wrong answers, each with what to say to it: an expression in the answer's parameters, or a slip
            in the answer, such as ``{"2 * w": "That is twice.", "w / 2 -> w / 3": "That is a third."}``.
        hints: from a nudge to nearly the answer; the task, if there are none.
        why: what is said to a right answer.

    Raises:
        ValueError: if the course has an exercise of that number, there is no case, the answer fails on one, or what
            should be wrong is right on all.

    >>> @own_exercise("own.9", "halve", task="Return half of `w`.", cases=[(3.0,)], wrong={"2 * w": "That is twice."})
    ... def answer(w):
    ...     return w / 2
    >>> from gd_helpers.exercises import check
    >>> check("own.9", lambda w: 2 * w)
    Not yet. That is twice.
    >>> EXERCISES.clear()
    """
    if not (isinstance(number, str) and isinstance(name, str) and name.isidentifier()):
        raise ValueError(f"number and name must be such as 'own.1' and 'share_left', but got {number!r} and {name!r}")
    number, cases = number.lower(), tuple(cases)
    if not cases or not all(isinstance(case, tuple) for case in cases):
        raise ValueError(f"cases must be one or more tuples of arguments, such as [(3.0,)], but got {cases!r}")
    taken = [one for one in all_exercises() if one not in EXERCISES and one.number == number]
    if taken:
        raise ValueError(f"number must be new, but {number} is the course's own ({taken[0].name})")

    def remember(answer):
        answer.__name__ = name
        stub = f"def {name}{inspect.signature(answer)}:\n    return ..."
        told = dict(wrong or {}), tuple(hints) or (task,)
        new = Exercise(number, name.lower(), task, stub, answer, cases, *told, why)
        if (verdict := judge(new, answer)).status != "right":
            raise ValueError(f"the decorated answer must be right on all cases, but: {verdict}")
        for version in new.wrong:
            if judge(new, new.version(version)).status == "right":
                raise ValueError(f"wrong must be wrong on some case, but {version!r} gives what the answer gives")
        EXERCISES[:] = [one for one in EXERCISES if one.number != number] + [new]  # a cell may be run twice
        return answer

    return remember
