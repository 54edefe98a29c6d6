"""The predict step: commit to an answer, run the experiment, compare with what was measured.

``predict`` shows a question; ``Prediction.reveal``, in a later cell, shows the measured outcome. A
learner may run all cells first: the live reveal stays covered until an answer is recorded (or the learner
asks to see it anyway). What is stored in the notebook (``text/plain`` and ``text/html``) never depends on
what the learner answered.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape

import ipywidgets as widgets
import numpy as np
from IPython.display import display

# The predictions of this kernel by question, in the order of asking; and whom to call when one changes.
asked: dict[str, "Prediction"] = {}
listeners: list[Callable[[], None]] = []


class Shown:
    """What a cell shows: a live widget where a kernel runs, fixed text and HTML everywhere else."""

    def __init__(self, text: str, html: str, widget: widgets.Widget | None = None):
        self.text, self.html, self.widget = text, html, widget

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        bundle = {"text/plain": self.text, "text/html": self.html}
        if self.widget is not None:
            view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
            bundle["application/vnd.jupyter.widget-view+json"] = view
        return bundle


def predict(
    question: str,
    options: Sequence | Mapping[str, Sequence[float]] | None = None,
    *,
    number: tuple[float, float] | None = None,
) -> "Prediction":
    """Ask for a prediction and show the question; returns at once, so Run All is never held up.

    Asking the same question again (a cell that is run twice) brings back the same prediction with its answer.

    Args:
        question: the question, in one sentence; it is also the key under which the answer is kept.
        options: the answers to choose from, or a mapping from each answer to the numbers of its small sketch.
        number: instead of options, the range (low, high), with 0 < low < high, that a number may lie in.

    Raises:
        ValueError: if the question is empty, or there are not exactly one of two or more options and a range.

    >>> guess = predict("How many steps to the bottom?", number=(1, 1000))
    Predict: How many steps to the bottom?
      a number from 1 to 1,000
    >>> guess.reveal(36, because="each step keeps 0.9 of the distance")
    How many steps to the bottom? Measured: 36, because each step keeps 0.9 of the distance.
    """
    new = Prediction(question, options, number)
    old = asked.get(question)
    if old is None or (old.options, old.number) != (new.options, new.number):
        asked[question] = old = new
        _tell_listeners()
    display(old.as_question())
    return old


class Prediction:
    """One question, the learner's answer and the measured outcome; make it with ``predict``.

    Attributes:
        answer: the option or number that was recorded first; None before that. It never changes afterwards.
        outcome: what the notebook measured, or None before ``reveal``.
        looked: whether the outcome was asked for without an answer.
    """

    def __init__(self, question, options=None, number=None):
        if not isinstance(question, str) or not question.strip():
            raise ValueError(f"question must be a sentence, but got {question!r}")
        if (options is None) == (number is None):
            raise ValueError("predict wants either options to choose from or number=(low, high)")
        self.question = question
        self.options = None if options is None else _as_options(options)
        self.number = None if number is None else _as_range(number)
        self._sketches = _sketches(options) if isinstance(options, Mapping) else ""
        self.answer, self.outcome, self.looked = None, None, False
        self._because, self._within = "", 1.0
        self._make_widgets()
        self._refresh()

    def reveal(self, outcome, *, because: str, within: float = 1.5) -> None:
        """Show the measured outcome beside the answer; live, once there is an answer.

        Args:
            outcome: what the notebook computed: one of the options, or a number above 0.
            because: why it came out so: the end of a sentence that begins with "because".
            within: a predicted number is right if it is at most this factor too large or too small.

        Raises:
            ValueError: if the outcome is none of the options, or not a finite number above 0, or if
                ``within`` is below 1.
        """
        if self.options and str(outcome) not in self.options:
            raise ValueError(f"outcome must be one of {', '.join(self.options)}, but got {outcome!r}")
        if self.number and not (np.ndim(outcome) == 0 and np.isfinite(outcome) and outcome > 0):
            raise ValueError(f"outcome must be a finite number above 0, but got {outcome!r}")
        if not within >= 1:
            raise ValueError(f"within must be a factor, 1 or more, but got {within!r}")
        self.outcome = str(outcome) if self.options else float(outcome)
        self._because, self._within = because.rstrip("."), within
        self._changed()
        text = f"Measured: {as_words(self.outcome)}, because {self._because}."
        folded = "<summary>Make your prediction above, then open this</summary>"
        html = f"<p>{escape(self.question)}</p><details>{folded}<p>{escape(text)}</p></details>"
        display(Shown(f"{self.question} {text}", html, self.reveal_view))

    @property
    def open(self) -> bool:
        """Whether the outcome may be seen: it is measured, and answered or asked for without an answer."""
        return self.outcome is not None and (self.answer is not None or self.looked)

    @property
    def right(self) -> bool | None:
        """Whether the answer fits the outcome; None while one of them is missing."""
        if self.answer is None or self.outcome is None:
            return None
        if self.options:
            return self.answer == self.outcome
        return max(self.answer / self.outcome, self.outcome / self.answer) <= self._within

    @property
    def comparison(self) -> str:
        """The answer beside the outcome and why, in one sentence."""
        measured = f"measured: {as_words(self.outcome)}"
        if self.right is None:
            said = measured.capitalize()
        elif not self.right:
            said = f"You said {as_words(self.answer)}, {measured}"
        elif self.options:
            said = f"Yes: {self.outcome}"
        else:
            said = f"Yes: you said {as_words(self.answer)}, {measured}, within a factor of {self._within:g}"
        return f"{said}, because {self._because}."

    def as_question(self) -> Shown:
        """The question as a cell shows it: with its choices, live or fixed."""
        choices = self.options or [_range_in_words(self.number)]
        mark = "( ) " if self.options else ""
        text = "\n".join([f"Predict: {self.question}", *(f"  {mark}{choice}" for choice in choices)])
        below = self._sketches or "<ul>" + "".join(f"<li>{escape(c)}</li>" for c in choices) + "</ul>"
        return Shown(text, f"<p><b>Predict:</b> {escape(self.question)}</p>{below}", self.question_view)

    def _make_widgets(self):
        auto, style = {"width": "auto"}, {"description_width": "initial"}
        left = {"width": "auto", "align_self": "flex-start"}
        if self.options:
            self.input = widgets.RadioButtons(options=self.options, value=None, layout=auto)
        else:
            low, high = self.number
            self.input = widgets.BoundedFloatText(value=low, min=low, max=high, step=1)
        self.input.description, self.input.style = "I predict:", style
        self.input.tooltip = self.question
        self.commit = widgets.Button(description="Record my prediction", layout=left)
        self.anyway = widgets.Button(description="Show it anyway", layout=left)
        self.note, self.result = widgets.HTML(), widgets.HTML()
        head = widgets.HTML(f"<b>Predict:</b> {escape(self.question)}{self._sketches}")
        self.question_view = widgets.VBox([head, self.input, self.commit, self.note])
        self.reveal_view = widgets.VBox([self.result, self.anyway])
        self.input.observe(lambda change: self._refresh(), "value")
        self.commit.on_click(lambda button: self._record())
        self.anyway.on_click(lambda button: self._look())

    def _record(self):
        if self.answer is None and not self.looked and self.input.value is not None:
            self.answer = self.input.value
            self._changed()

    def _look(self):
        if self.answer is None:
            self.looked = True
            self._changed()

    def _changed(self):
        self._refresh()
        _tell_listeners()

    def _refresh(self):
        """Bring every widget in line with the state: called after each change, whichever came first."""
        locked = self.answer is not None or self.looked
        self.input.disabled = locked
        self.commit.disabled = locked or self.input.value is None
        if self.answer is not None:
            self.note.value = _status(f"Recorded: {as_words(self.answer)}. What was measured stands below.")
        elif self.looked:
            self.note.value = _status("Shown without a prediction.")
        self.anyway.layout.display = "none" if self.open else None
        self.result.value = _status(self.comparison if self.open else "Covered: make your prediction above.")


def _tell_listeners():
    for listener in listeners:
        listener()


def _status(text):
    return f'<div role="status">{escape(text)}</div>'  # a screen reader says it when it changes


def as_words(answer):
    return answer if isinstance(answer, str) else f"{answer:.4g}"


def _range_in_words(number):
    return "a number from {:,.10g} to {:,.10g}".format(*number)


def _as_options(options):
    names = tuple(str(option) for option in options)
    if isinstance(options, str) or len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"options must be two or more different answers, but got {options!r}")
    return names


def _as_range(number):
    try:
        low, high = (float(bound) for bound in number)
    except (TypeError, ValueError):
        low = high = 0.0
    if not 0 < low < high < np.inf:
        raise ValueError(f"number must be (low, high) with 0 < low < high, but got {number!r}")
    return low, high


def _sketches(options):
    figures = "".join(_sketch(str(name), values) for name, values in options.items())
    return f'<div style="display: flex; flex-wrap: wrap; gap: 1em">{figures}</div>'


def _sketch(name, values, width=120, height=60, margin=4):
    """Draw numbers as a small line in the text's own colour, with its name below."""
    y = np.asarray(values, dtype=float)
    if y.ndim != 1 or y.size < 2 or not np.isfinite(y).all():
        raise ValueError(f"options: the sketch {name!r} must be two or more finite numbers, but got {values!r}")
    x = np.linspace(margin, width - margin, y.size)
    y = margin + (height - 2 * margin) * (y.max() - y) / (np.ptp(y) or 1.0)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    line = f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2"/>'
    svg = f'<svg role="img" aria-label="{escape(name)}" width="{width}" height="{height}">{line}</svg>'
    return f'<figure style="margin: 0">{svg}<figcaption>{escape(name)}</figcaption></figure>'
