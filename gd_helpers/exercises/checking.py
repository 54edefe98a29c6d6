"""Checked exercises: ``check``, ``hint``, ``solution`` and, at a lesson's end, ``summary``.

What the exercises are is data, one module a lesson beside this file; how an answer is judged is in ``judging.py``.
This file shows the verdicts and remembers what the learner has done.
"""

import re
from html import escape

from IPython.display import display

from gd_helpers.exercises import predictions
from gd_helpers.exercises.exercise import Exercise, exercises_of, find_exercise
from gd_helpers.exercises.judging import Verdict, judge
from gd_helpers.output import Shown, html_table, table

# What the learner did in this kernel: each exercise's number with what was said last, and with the hints shown.
verdicts: dict[str, Verdict] = {}
hints_shown: dict[str, int] = {}
summaries: dict[tuple[Exercise, ...], tuple] = {}  # what each shows, and its place in the notebook

# Never colour alone: the mark and the words say the same. Colours: Okabe & Ito's, readable on light and dark.
_MARKS = {"right": ("#009e73", "✓ done"), "not yet": ("#d55e00", "✗ not yet"), "not tried": ("#0072b2", "○ not tried")}


def check(name: str, answer, *, seconds: float = 3.0) -> None:
    """Try the learner's answer on every case of an exercise and say in a sentence or two how it did.

    An answer that fails does not stop the notebook: an error is shown with its line, and code that still
    runs after ``seconds`` is stopped (but for a single call into compiled code, and for an endless loop that
    stands inside another one's bare ``except:``).

    Args:
        name: the exercise's number, such as "1.1", or its name; a ValueError lists those that there are.
        answer: what the learner wrote, usually a function.
        seconds: the time that all cases together may take.

    >>> check("1.1", lambda w, gradient, learning_rate: w + learning_rate * gradient)
    Not yet. You added the step, so the loss climbs: the gradient points uphill.
    """
    exercise = find_exercise(name)
    verdict = judge(exercise, answer, seconds=seconds)
    if _status(exercise) != "right" and verdict.status != "not tried":  # undo nothing that was done
        verdicts[exercise.number] = verdict
    _refresh_summaries()
    colour, state = _MARKS[verdict.status]
    mark = f'<span style="color: {colour}" aria-hidden="true">{state[0]}</span>'
    words, _, line = str(verdict).partition("\n")
    quoted = _as_code(line.strip()) if line else ""
    display(Shown(str(verdict), f"<p>{mark} {_with_code(words)}</p>{quoted}"))


def hint(name: str) -> None:
    """Show the next hint of an exercise; once all are shown, the last one again.

    >>> hint("1.1")
    Hint 1 of 3: The gradient points uphill. Which way do you want to go?
    """
    exercise = find_exercise(name)
    hints = exercise.hints or [exercise.task]
    shown = hints_shown[exercise.number] = min(hints_shown.get(exercise.number, 0) + 1, len(hints))
    text = f"Hint {shown} of {len(hints)}: {hints[shown - 1]}"
    display(Shown(text, f"<p>{_with_code(text)}</p>"))


def solution(name: str) -> None:
    """Show a right answer to an exercise, and in a sentence why it matters."""
    exercise = find_exercise(name)
    source, why = exercise.source, exercise.why
    display(Shown(f"{source}\n\n{why}", f"{_as_code(source)}<p>{_with_code(why)}</p>"))


def summary(lesson: int | str) -> None:
    """Show the predictions made so far against their outcomes, and which exercises of a lesson are done.

    Where a kernel runs, the table follows every later answer and check by itself, and so does what is saved with
    the notebook: a notebook that is handed in says what was predicted. A lesson without exercises is a ValueError.
    """
    exercises = exercises_of(lesson)
    shown = summaries[exercises][0] if exercises in summaries else Shown("", "", predictions.Card())
    _fill(shown, exercises)
    summaries[exercises] = shown, display(shown, display_id=True)


def _as_code(source):
    # Jupyter would break long lines anywhere, and with them the indentation: scroll instead.
    return f'<pre style="margin: 0.5em 1em; white-space: pre; overflow-x: auto">{escape(source)}</pre>'


def _with_code(text):
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text, quote=False))


def _status(exercise):
    return verdicts[exercise.number].status if exercise.number in verdicts else "not tried"


def _fill(summary, exercises):
    """Bring a summary in line with the state, in each of its forms."""
    rows, heads = [], []
    for kind, outcome in ("prediction", "Measured"), ("verdict", "Judged here"):
        asked = [one for one in predictions.asked.values() if one.kind == kind]
        if asked or kind == "prediction":
            heads.append(len(rows))
            rows.append((kind.capitalize(), "You said", outcome, ""))
        rows += [(one.question, {"": "-", "-": "'-'"}.get(one.said, one.said), one.told, one.mark) for one in asked]
    done = sum(_status(exercise) == "right" for exercise in exercises)
    rows.append(("Exercise", f"{done} of {len(exercises)} done", "", ""))
    rows += [(f"{one.number} {one.name}", _MARKS[_status(one)][1], "", "") for one in exercises]
    summary.text = table(rows[1:], *rows[0]).text
    heads.append(len(rows) - len(exercises) - 1)
    summary.html = html_table(rows, ["left"] * 4, heads, _with_code)
    summary.widget.shown = {"head": "", "note": summary.html, "button": ""}


def _refresh_summaries():
    for exercises, (shown, place) in summaries.items():
        before = shown.text
        _fill(shown, exercises)
        if shown.text != before:
            place.update(shown)


predictions.listeners.append(_refresh_summaries)
