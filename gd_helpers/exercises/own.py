"""An exercise of one's own, in a cell of one's own lesson: ``own_exercise``, a decorator for its right answer.

The exercises of the course stand in modules beside this one, where learners do not look; what is written in a
notebook, they can read.
"""

import inspect
import keyword
import re
from collections.abc import Mapping

from gd_helpers.checks import said
from gd_helpers.exercises.exercise import EXERCISES, Exercise, all_exercises
from gd_helpers.exercises.judging import judge, known, not_compared


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

    A ValueError says if the course has an exercise of that number, there is no case, the answer fails on one or gives
    what cannot be compared (a set, a date), what should be wrong is right on all, or something is no text that should
    be one.

    >>> @own_exercise("own.9", "halve", task="Return half of `w`.", cases=[(3.0,)], wrong={"2 * w": "That is twice."})
    ... def answer(w):
    ...     return w / 2
    >>> from gd_helpers.exercises import check
    >>> check("own.9", lambda w: 2 * w)
    Not yet. That is twice.
    >>> del EXERCISES["own.9"]
    """
    named = isinstance(number, str) and re.fullmatch(r"\S+\.\S+", number) and isinstance(name, str)
    if not named or not name.isidentifier() or keyword.iskeyword(name):
        got = f"{said(number)} and {said(name)}"
        raise ValueError(f"number and name must be such as 'own.1' and 'share_left', but got {got}")
    wrong, number = wrong or {}, number.lower()
    mistakes = [*wrong, *wrong.values()] if isinstance(wrong, Mapping) else None
    for argument, wanted, given, texts in (
        ("task", "a text", task, [task]),
        ("why", "a text", why, [why]),
        ("hints", "a list of texts", hints, hints),
        ("wrong", "a dictionary of texts, such as {'2 * w': 'That is twice.'}", wrong, mistakes),
    ):
        if not isinstance(texts, list | tuple) or not all(isinstance(text, str) and text.strip() for text in texts):
            raise ValueError(f"{argument} must be {wanted}, but got {said(given)}")
    if not (isinstance(cases, list | tuple) and cases and all(isinstance(case, tuple) for case in cases)):
        raise ValueError(f"cases must be a list of tuples of arguments, such as [(3.0,)], but got {said(cases)}")
    taken = {one.number: one.name for one in all_exercises() if one.solution.__module__.startswith("gd_helpers.")}
    if number in taken:
        raise ValueError(f"number must be new, but {number} is the course's own ({taken[number]})")

    def remember(answer):
        if not inspect.isfunction(answer):
            raise ValueError(f"own_exercise must decorate a function, but got {said(answer)}")
        answer.__name__ = name
        new = Exercise(number, name, task, answer, tuple(cases), dict(wrong), tuple(hints) or (task,), why)
        for one in inspect.signature(answer).parameters.values():
            if one.kind is one.KEYWORD_ONLY and one.default is one.empty:
                raise ValueError(f"the decorated answer must take its arguments by place, but {one.name} only by name")
        if (verdict := judge(new, answer)).status != "right":
            raise ValueError(f"the decorated answer must be right on all cases, but: {verdict}")
        if judge(new, lambda *case: None).status == "right":
            raise ValueError("the decorated answer must return something: does it end with `return`?")
        if strange := next(filter(None, (not_compared(outcome.result) for outcome in known(new, answer)[0])), ""):
            raise ValueError(f"the decorated answer must return numbers or texts, which can be compared, not {strange}")
        for version in new.wrong:
            if judge(new, new.version(version)).status == "right":
                raise ValueError(f"wrong must be wrong on some case, but {said(version)} gives what the answer gives")
        EXERCISES[number] = new
        return answer

    return remember
