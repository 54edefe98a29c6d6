"""The predict step: commit to an answer, run the experiment, compare with what was measured.

``predict`` shows a question; ``Prediction.reveal``, in a later cell, shows the measured outcome. A
learner may run all cells first: the live reveal stays covered until an answer is recorded (or the learner
asks to see it anyway). What is stored in the notebook (``text/plain`` and ``text/html``) never depends on
what the learner answered.
"""

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from html import escape
from numbers import Real

import ipywidgets as widgets
import numpy as np
from IPython.display import display

from gd_helpers.checks import as_number, as_table
from gd_helpers.output import Shown

# The predictions of this kernel by question, in the order of asking; and whom to call when one changes.
asked: dict[str, "Prediction"] = {}
listeners: list[Callable[[], None]] = []


def predict(
    question: str,
    options: Sequence | Mapping[str, Sequence[float]] | None = None,
    *,
    number: tuple[float, float] | None = None,
) -> "Prediction":
    """Ask for a prediction and show the question; returns at once, so Run All is never held up.

    Asking the same question again (a cell that is run twice) brings back the same prediction with its answer.
    A ValueError refuses an empty question, and what is not exactly one of two or more options and a range.

    Args:
        question: the question, in one sentence; it is also the key under which the answer is kept.
        options: the answers to choose from; or a mapping from each answer to the number that it stands for, such as
            ``{"it halves": 1 / 2}``, or to the numbers of its small sketch.
        number: instead of options, the range (low, high), with 0 < low < high, that a number may lie in.

    >>> guess = predict("How many steps to the bottom?", number=(1, 1000))
    Predict: How many steps to the bottom?
      a number from 1 to 1,000
    >>> guess.reveal(36, because="each step keeps 0.9 of the distance")
    How many steps to the bottom?
    Measured: 36, because each step keeps 0.9 of the distance.
    """
    new = Prediction(question, options, number)
    old = asked.get(question)
    if old is None or (old.options, old.number, old._values) != (new.options, new.number, new._values):
        asked[question] = old = new
        new._refresh()
    display(old.as_question())
    return old


class Prediction:
    """One question, the learner's answer and the measured outcome; make it with ``predict``.

    ``answer`` and ``outcome`` are None until they are recorded and revealed; the answer may be changed until the
    outcome is seen. ``looked`` says whether the outcome was asked for without an answer.
    """

    def __init__(self, question, options=None, number=None):
        if not isinstance(question, str) or not question.strip():
            raise ValueError(f"question must be a sentence, but got {question!r}")
        if (options is None) == (number is None):
            raise ValueError("predict wants either options to choose from or number=(low, high)")
        self.question = question
        self.options = None if options is None else _as_options(options)
        self.number = None if number is None else _as_range(number)
        self._values, self._sketches = None, ""
        if isinstance(options, Mapping) and all(isinstance(value, Real) for value in options.values()):
            self._values = {
                str(name): as_number(f"options[{name!r}]", value, single=True) for name, value in options.items()
            }
            if len(set(self._values.values())) < len(options):
                raise ValueError(f"options must stand for different finite numbers, but got {options!r}")
        elif isinstance(options, Mapping):
            figures = "".join(_sketch(str(name), values) for name, values in options.items())
            self._sketches = f'<div style="display: flex; flex-wrap: wrap; gap: 1em">{figures}</div>'
        self.answer, self.outcome, self.looked = None, None, False
        self._holds, self._because, self._within, self._measured = True, "", 1.0, Shown("", "")
        self._make_widgets()
        self._refresh()

    def reveal(self, outcome, *, because: str, holds: bool = True, measured="", within: float = 1.5) -> None:
        """Show what was measured beside the answer; live, it stays covered until there is an answer.

        A ValueError names an argument that cannot be what it is below.

        Args:
            outcome: the answer that the measurement gives: one of the options, or a finite number, above 0 if one was
                asked for. Where the options stand for numbers, the one nearest to a number is the outcome.
            because: why it came out so: the end of a sentence that begins with "because".
            holds: whether the measurement really gives this outcome. Where it does not (the learner changed a
                number), neither the outcome nor the reason is claimed: only what was measured is shown.
            measured: the numbers behind it, a text or a ``table``; covered until there is an answer, too.
            within: a predicted number is right if it is at most this factor, 1 or more, too large or too small.
        """
        if not isinstance(because, str) or not because.strip(" ."):
            raise ValueError(f"because must be the end of a sentence, but got {because!r}")
        if as_number("within", within, single=True) < 1:
            raise ValueError(f"within must be a factor, 1 or more, but got {within!r}")
        if not isinstance(measured, Shown):
            measured = Shown(str(measured), f"<pre>{escape(str(measured))}</pre>" if measured else "")
        self.outcome, self._holds = self._as_outcome(outcome), bool(holds)
        self._because, self._within, self._measured = because.rstrip("."), within, measured
        self._refresh()
        text = "\n".join(filter(None, [self.question, measured.text, self._said()]))
        folded = "<summary>Make your prediction above, then open this</summary>"
        inner = f"{measured.html}<p>{escape(self._said())}</p>"
        display(Shown(text, f"<p>{escape(self.question)}</p><details>{folded}{inner}</details>", self.reveal_view))

    def _as_outcome(self, outcome):
        if self.options and (isinstance(outcome, str) or not self._values):
            if str(outcome) not in self.options:
                raise ValueError(f"outcome must be one of {', '.join(self.options)}, but got {outcome!r}")
            return str(outcome)
        outcome = as_number("outcome", outcome, "" if self._values else "above 0", single=True)
        if not self._values:
            return outcome
        as_ratio = outcome > 0 and min(self._values.values()) > 0  # between 1/4 and 1, a half is the middle
        scale = np.log if as_ratio else float
        return min(self._values, key=lambda name: abs(scale(self._values[name]) - scale(outcome)))

    def _said(self):
        if not self._holds:
            return "This run came out otherwise than it does with the numbers that this lesson was written for."
        return f"Measured: {as_words(self.outcome)}, because {self._because}."

    @property
    def open(self) -> bool:
        """Whether the outcome may be seen: it is measured, and answered or asked for without an answer."""
        return self.outcome is not None and (self.answer is not None or self.looked)

    @property
    def right(self) -> bool | None:
        """Whether the answer fits the outcome; None while one of them is missing."""
        if self.answer is None or self.outcome is None or not self._holds:
            return None
        if self.options:
            return self.answer == self.outcome
        return max(self.answer / self.outcome, self.outcome / self.answer) <= self._within

    @property
    def told(self) -> str:
        """The outcome in a word or two, for a table: a dash while it may not be seen."""
        return "-" if not self.open else as_words(self.outcome) if self._holds else "otherwise"

    @property
    def comparison(self) -> str:
        """The answer beside the outcome and why, in one sentence."""
        if self.answer is None:
            return self._said()
        said, measured = as_words(self.answer), f"measured: {as_words(self.outcome)}"
        if not self._holds:
            return f"You said {said}. {self._said()}"
        if not self.right:
            return f"You said {said}, {measured}, because {self._because}."
        within = "" if self.options else f"you said {said}, {measured}, within a factor of {self._within:g}"
        return f"Yes: {within or said}, because {self._because}."

    def as_question(self) -> Shown:
        """The question as a cell shows it: with its choices, live or fixed."""
        choices = self.options or [_range_in_words(self.number)]
        mark = "( ) " if self.options else ""
        text = "\n".join([f"Predict: {self.question}", *(f"  {mark}{choice}" for choice in choices)])
        below = self._sketches or "<ul>" + "".join(f"<li>{escape(c)}</li>" for c in choices) + "</ul>"
        return Shown(text, f"<p><b>Predict:</b> {escape(self.question)}</p>{below}", self.question_view)

    def _make_widgets(self):
        left = {"width": "auto", "align_self": "flex-start"}
        how = {"description": "I predict:", "style": {"description_width": "initial"}, "tooltip": self.question}
        if self.options:
            self.input = widgets.RadioButtons(options=self.options, value=None, layout={"width": "auto"}, **how)
        else:
            self.input = widgets.Text(placeholder=_range_in_words(self.number), **how)
        self.commit = widgets.Button(description="Record my prediction", layout=left)
        self.anyway = widgets.Button(description="Show it anyway", layout=left)
        self.note, self.result = widgets.HTML(), widgets.HTML()
        head = widgets.HTML(f"<b>Predict:</b> {escape(self.question)}{self._sketches}")
        self.question_view = widgets.VBox([head, self.input, self.commit, self.note])
        self.reveal_view = widgets.VBox([widgets.HTML(escape(self.question)), self.result, self.anyway])
        self.input.observe(lambda change: self._refresh(), "value")
        self.commit.on_click(self._record)
        self.anyway.on_click(self._look)

    def _record(self, button):
        if self.open:
            return
        answer = self.input.value if self.options else _as_number(self.input.value, self.number)
        if answer is None:
            wanted = "one of the answers" if self.options else _range_in_words(self.number)
            self.note.value = _status(f"Not recorded: {self.input.value!r} is not {wanted}.")
            return
        self.answer = answer
        self._refresh()

    def _look(self, button):
        self.looked = True
        self._refresh()

    def _refresh(self):
        """Bring every widget in line with the state, after each change, whichever came first, and tell of it."""
        self.input.disabled = self.open
        self.commit.disabled = self.open or not self.input.value
        self.commit.description = "Record my prediction" if self.answer is None else "Change my prediction"
        if self.answer is not None:
            self.note.value = _status(f"Recorded: {as_words(self.answer)}. What was measured stands below.")
        elif self.looked:
            self.note.value = _status("Shown without a prediction.")
        self.anyway.layout.display = "none" if self.open else None
        covered = _status("Covered: make your prediction above.")
        self.result.value = self._measured.html + _status(self.comparison) if self.open else covered
        for listener in listeners:
            listener()


def _status(text):
    return f'<div role="status">{escape(text)}</div>'  # a screen reader says it when it changes


def _as_number(text, bounds):
    """The number that was typed, or None if it is none or out of bounds. A comma parts thousands, or is a point."""
    text = text.replace(" ", "")
    thousands = re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d*)?", text)
    try:
        number = float(text.replace(",", "" if thousands else "."))
    except ValueError:
        return None
    return number if bounds[0] <= number <= bounds[1] else None


def as_words(answer):
    return answer if isinstance(answer, str) else f"{answer:.4g}"


def _range_in_words(number):
    return "a number from {:,.10g} to {:,.10g}".format(*number)


def _as_options(options):
    ordered = np.iterable(options) and not isinstance(options, str | bytes | set)
    names = tuple(str(option) for option in options) if ordered else ()
    if len(names) < 2 or len(set(names)) < len(names) or not all(map(str.strip, names)):
        raise ValueError(f"options must be two or more different answers, but got {options!r}")
    return names


def _as_range(number):
    with contextlib.suppress(TypeError, ValueError):
        low, high = (as_number("number", bound, single=True) for bound in number)
        if 0 < low < high:
            return low, high
    raise ValueError(f"number must be (low, high) with 0 < low < high, but got {number!r}")


def _sketch(name, values):
    """Draw numbers as a small line in the text's own colour, with its name below."""
    y = as_table(f"options[{name!r}]", values, "(n,)")
    x = np.linspace(4, 116, y.size)
    y = 4 + 52 * (y.max() - y) / (np.ptp(y) or 1.0)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    line = f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2"/>'
    svg = f'<svg role="img" aria-label="{escape(name)}" width="120" height="60">{line}</svg>'
    return f'<figure style="margin: 0">{svg}<figcaption>{escape(name)}</figcaption></figure>'
