"""The predict step: commit to an answer, run the experiment, compare with what was measured.

``predict`` shows a question; ``Prediction.reveal``, in a later cell, shows the measured outcome. A learner may run
all cells first: the live outcome stays covered until she asks to see it, and till then her answer may be changed. The
page keeps it with the notebook (``card.js``), so it outlives the kernel. What a cell stores (``text/plain`` and
``text/html``) never depends on what was answered.
"""

import contextlib
import re
from collections.abc import Callable, Mapping
from html import escape
from numbers import Real
from pathlib import Path

import anywidget
import numpy as np
import traitlets
from IPython.display import display

from gd_helpers.checks import as_iterator, as_number, as_table, check_truth
from gd_helpers.checks import said as quoted
from gd_helpers.output import Shown, rounded

# How it is spoken of a prediction; and of a verdict, where nothing is measured and to differ is no mistake.
_WORDS = {
    "prediction": ("Predict:", "make your prediction above", "Show what was measured", "Measured", "Yes",
                   {True: "✓ as predicted", False: "✗ a surprise"}),
    "verdict": ("Your verdict:", "give your verdict above", "Show how it is judged here", "Judged here", "Judged alike",
                {True: "judged alike", False: "judged otherwise"}),
}  # fmt: skip

# The predictions of this kernel by question, in the order of asking; and whom to call when one changes.
asked: dict[str, "Prediction"] = {}
listeners: list[Callable[[], None]] = []


def predict(question: str, options=None, *, number: tuple | None = None, verdict: bool = False) -> "Prediction":
    """Ask for a prediction and show the question; returns at once, so Run All is never held up.

    Asking the same question again (a cell that is run twice) brings back the same prediction with its answer.
    A ValueError refuses an empty question, and what is not exactly one of two or more options and a range.

    Args:
        question: the question, in one sentence; it is also the key under which the answer is kept.
        options: the answers to choose from; or a mapping from each answer to the number that it stands for, such as
            ``{"it halves": 1 / 2}``, or to the numbers of its small sketch.
        number: instead of options, the range (low, high), with 0 <= low < high, that a number may lie in.
        verdict: whether the learner is asked for a judgement, on which one may differ, not to foretell a measurement.
            Then no word calls it a prediction, or an answer other than ``reveal`` gives a mistake.

    >>> guess = predict("How many steps to the bottom?", number=(1, 1000))
    Predict: How many steps to the bottom?
      a number from 1 to 1,000
    >>> guess.reveal(36, because="each step keeps 0.9 of the distance")
    How many steps to the bottom?
    Measured: 36, because each step keeps 0.9 of the distance.
    """
    new = Prediction(question, options, number, verdict)
    old = asked.get(question, new)
    if old is new or old._form != new._form:
        asked[question] = new
        new._refresh()
    for spare in {old, new} - {asked[question]}:  # or its cards would stay in memory
        spare.asks.close()
        spare.tells.close()
    display(asked[question].as_question())
    return asked[question]


class Card(anywidget.AnyWidget):
    """What a prediction shows in a cell: its question, or what was measured, with a button."""

    # As text: were these paths, a watcher of the files would keep every card.
    _esm, _css = (Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("card.js", "card.css"))
    layout = traitlets.Any().tag(sync=True)  # none: it would be a widget model of its own
    question = traitlets.Unicode(help="the question that it asks, or none").tag(sync=True)
    options = traitlets.List(help="the answers to choose from").tag(sync=True)
    range = traitlets.Unicode(help="or what may be typed").tag(sync=True)
    shown = traitlets.Dict(help="its head, its note, its button, the answer, whether that is fixed").tag(sync=True)
    record = traitlets.Dict(help="what the page is to keep").tag(sync=True)


class Prediction:
    """One question, the learner's answer and the measured outcome; make it with ``predict``.

    ``answer`` and ``outcome`` are None until they are recorded and revealed; ``said`` is the answer as it was typed. It
    may be changed until the outcome is ``seen``, which can be asked for without an answer, too. ``kept`` says whether
    the page keeps it with the notebook.
    """

    def __init__(self, question, options=None, number=None, verdict=False):
        if not isinstance(question, str) or not question.strip():
            raise ValueError(f"question must be a sentence, but got {quoted(question)}")
        if (options is None) == (number is None):
            raise ValueError("predict wants either options to choose from or number=(low, high)")
        self.question = question
        self.options = None if options is None else _as_options(options)
        self.number = None if number is None else _as_range(number)
        check_truth("verdict", verdict)
        self.kind = "verdict" if verdict else "prediction"
        self._ask, self._please, self._show, self._how, self._alike, self._marks = _WORDS[self.kind]
        self._values, self._sketches = None, ""
        if isinstance(options, Mapping) and all(isinstance(value, Real) for value in options.values()):
            numbers = (as_number(f"options[{quoted(name)}]", options[name], single=True) for name in options)
            self._values = dict(zip(self.options, numbers, strict=True))
            if len(set(self._values.values())) < len(options):
                raise ValueError(f"options must stand for different finite numbers, but got {quoted(options)}")
        elif isinstance(options, Mapping):
            figures = "".join(_sketch(str(name), values) for name, values in options.items())
            self._sketches = f'<div style="display: flex; flex-wrap: wrap; gap: 1em">{figures}</div>'
        self._form = self.options, self.number, self._values, self.kind
        self.answer, self.said, self.outcome, self.seen, self.kept, self._warning = None, "", None, False, False, ""
        self._holds, self._because, self._within, self._measured = True, "", 1.0, Shown("", "")
        self.asks = Card(question=question, options=self.options or [], range=_range_in_words(self.number))
        self.asks.on_msg(self._told)
        self.tells = Card()
        self.tells.on_msg(self._look)

    def reveal(self, outcome, *, because: str, holds: bool = True, measured="", within: float = 1.5) -> None:
        """Show what was measured beside the answer; live, it stays covered until the learner asks to see it.

        A ValueError names an argument that cannot be what it is below.

        Args:
            outcome: the answer that the measurement gives: one of the options, or a finite number, at least 0 if one
                was asked for. Where the options stand for numbers, the one nearest to a number is the outcome.
            because: why it came out so: the end of a sentence that begins with "because".
            holds: whether the measurement really gives this outcome. Where it does not (the learner changed a
                number), neither the outcome nor the reason is claimed: only what was measured is shown.
            measured: the numbers behind it, a text or a ``table``; covered as the outcome is.
            within: a predicted number is right if it is at most this factor, 1 or more, too large or too small.
        """
        if not isinstance(because, str) or not because.strip(" ."):
            raise ValueError(f"because must be the end of a sentence, but got {quoted(because)}")
        if as_number("within", within, single=True) < 1:
            raise ValueError(f"within must be a factor, 1 or more, but got {quoted(within)}")
        check_truth("holds", holds)
        if not isinstance(measured, Shown):
            text = str(measured)
            measured = Shown(text, f"<pre>{escape(text)}</pre>" if text else "")
        self.outcome, self._holds = self._as_outcome(outcome), bool(holds)
        self._because, self._within, self._measured = because.rstrip("."), within, measured
        self._refresh()
        text = "\n".join(filter(None, [self.question, measured.text, self._said()]))
        folded = f"<summary>{self._please[0].upper()}{self._please[1:]}, then open this</summary>"
        inner = f"{measured.html}<p>{escape(self._said())}</p>"
        display(Shown(text, f"<p>{escape(self.question)}</p><details>{folded}{inner}</details>", self.tells))

    def _as_outcome(self, outcome):
        if self.options and (isinstance(outcome, str) or not self._values):
            if str(outcome) not in self.options:
                raise ValueError(f"outcome must be one of {quoted(list(self.options))}, but got {quoted(outcome)}")
            return str(outcome)
        outcome = as_number("outcome", outcome, "" if self._values else "at least 0", single=True)
        if not self._values:
            return outcome
        as_ratio = outcome > 0 and min(self._values.values()) > 0  # between 1/4 and 1, a half is the middle
        scale = np.log if as_ratio else float
        return min(self._values, key=lambda name: abs(scale(self._values[name]) - scale(outcome)))

    def _said(self):
        if not self._holds:
            return "This run came out otherwise than it does with the numbers that this lesson was written for."
        return f"{self._how}: {_outcome_in_words(self.outcome)}, because {self._because}."

    @property
    def open(self) -> bool:
        """Whether the outcome stands there: it is measured, and was asked for."""
        return self.outcome is not None and self.seen

    @property
    def right(self) -> bool | None:
        """Whether the answer fits the outcome; None while one of them is missing."""
        if self.answer is None or self.outcome is None or not self._holds:
            return None
        if self.options or 0 in (self.answer, self.outcome):
            return self.answer == self.outcome
        return max(self.answer / self.outcome, self.outcome / self.answer) <= self._within

    @property
    def told(self) -> str:
        """The outcome in a word or two, for a table: a dash while it may not be seen."""
        return "-" if not self.open else _outcome_in_words(self.outcome) if self._holds else "otherwise"

    @property
    def mark(self) -> str:
        """How the answer compares with an outcome that was seen, for a table."""
        if self.number and self.right and self.open:
            return f"✓ within a factor of {self._within:g}"
        return self._marks.get(self.right, "") if self.open else ""

    @property
    def comparison(self) -> str:
        """The answer beside the outcome and why, in one sentence."""
        if self.answer is None:
            return self._said()
        if not self.right:
            return f"You said {self.said}. {self._said()}"
        near = f"you said {self.said}, measured: {_outcome_in_words(self.outcome)}, within a factor of {self._within:g}"
        return f"{self._alike}: {self.said if self.options else near}, because {self._because}."

    def as_question(self) -> Shown:
        """The question as a cell shows it: with its choices, live or fixed."""
        choices = self.options or [_range_in_words(self.number)]
        mark = "( ) " if self.options else ""
        text = "\n".join([f"{self._ask} {self.question}", *(f"  {mark}{choice}" for choice in choices)])
        below = self._sketches or "<ul>" + "".join(f"<li>{escape(c)}</li>" for c in choices) + "</ul>"
        return Shown(text, f"<p><b>{self._ask}</b> {escape(self.question)}</p>{below}", self.asks)

    def _told(self, card, content, buffers):
        """A message from the question's card: what is to be recorded, or what the page kept of an earlier kernel."""
        kept, self._warning = content.get("kept"), ""
        self.kept = self.kept or "kept" in content
        try:
            if "said" in content and not self.seen:
                self._record(content["said"])
            elif isinstance(kept, Mapping) and self.answer is None and not self.seen:
                self.seen = kept.get("seen") is True
                self._record(str(kept.get("said")))
        except ValueError as problem:
            self._warning = "" if "kept" in content else f"Not recorded: {problem}"
        self._refresh()
        card.send({})  # it is no longer waiting, even where nothing has changed

    def _record(self, said):
        if self.options and said not in self.options:
            raise ValueError(f"{quoted(said)} is not one of the answers.")
        self.answer = said if self.options else _as_number(said, self.number)
        self.said = said if self.options else said.strip()  # by an option's own letters it is known again

    def _look(self, *message):
        self.seen = True
        self._refresh()

    def _refresh(self):
        """Bring both cards in line with the state, after each change, whichever came first, and tell of it."""
        said = self.answer is not None
        recorded = f"Recorded: {self.said}." + ("" if self.kept else " A restart of the kernel forgets it.")
        note = self._warning or (recorded if said else f"Shown without a {self.kind}." if self.open else "")
        covered = f". You said {self.said}, and may still change it above." if said else f": {self._please}."
        below = f"{self._measured.html}<p>{escape(self.comparison)}</p>" if self.open else escape(f"Covered{covered}")
        record, show = f"{'Change' if said else 'Record'} my {self.kind}", self._show if said else "Show it anyway"
        buttons = ("", "") if self.open else (record, show)
        head = f"<b>{self._ask}</b> {escape(self.question)}{self._sketches}"
        self.asks.shown = dict(head=head, note=escape(note), button=buttons[0], said=self.said, fixed=self.open)
        self.tells.shown = dict(head=escape(self.question), note=below, button=buttons[1])
        if said or self.seen:
            self.asks.record = {"said": self.said, "seen": self.seen}
        for listener in listeners:
            listener()


def _as_number(text, bounds):
    """The number that was typed, with a comma or a point; a ValueError says why it cannot be recorded."""
    plain = re.sub(r"[\s'’]", "", text)
    if doubtful := re.fullmatch(r"([1-9]\d{0,2})[.,](\d{3})", plain):
        whole, rest = doubtful.groups()
        point = f"{whole}.{rest}0" if rest[-1] != "0" else f"{whole}.{rest}".rstrip("0").rstrip(".")
        raise ValueError(f"does {text.strip()} mean {whole}{rest} or {point}? Please type one of these.")
    for comma, point in (",.", ".,"):  # that of thousands, and that of decimals
        if re.fullmatch(rf"[1-9]\d{{0,2}}([{comma}]\d{{3}})+([{point}]\d*)?", plain):
            plain = plain.replace(comma, "")
    with contextlib.suppress(ValueError):
        number = float(plain.replace(",", "."))
        if bounds[0] <= number <= bounds[1]:
            return number
    raise ValueError(f"{quoted(text)} is not {_range_in_words(bounds)}.")


def _outcome_in_words(outcome):
    return outcome if isinstance(outcome, str) else f"{rounded(outcome, 4):.10g}"  # never 3.125e+04


def _range_in_words(number):
    return "a number from {:,.10g} to {:,.10g}".format(*number) if number else ""


def _as_options(options):
    wanted = "two or more different answers"
    names = tuple(map(str, as_iterator("options", options, wanted)))
    if isinstance(options, set | frozenset) or not 2 <= len(set(names)) == len(names) or not all(map(str.strip, names)):
        raise ValueError(f"options must be {wanted}, but got {quoted(options)}")
    return names


def _as_range(number):
    with contextlib.suppress(TypeError, ValueError):
        low, high = (as_number("number", bound, single=True) for bound in number)
        if 0 <= low < high:
            return low, high
    raise ValueError(f"number must be (low, high) with 0 <= low < high, but got {quoted(number)}")


def _sketch(name, values):
    """Draw numbers as a small line in the text's own colour, with its name below."""
    y = as_table(f"options[{quoted(name)}]", values, "(n,)")
    x = np.linspace(4, 116, y.size)
    y = 4 + 52 * (y.max() - y) / (np.ptp(y) or 1.0)
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    line = f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="2"/>'
    svg = f'<svg role="img" aria-label="{escape(name)}" width="120" height="60">{line}</svg>'
    return f'<figure style="margin: 0">{svg}<figcaption>{escape(name)}</figcaption></figure>'
