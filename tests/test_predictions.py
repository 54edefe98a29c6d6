"""The predict step: whichever cell runs first, the outcome stays covered until the learner has committed."""

from functools import partial
from html import unescape

import numpy as np
import pytest

from gd_helpers.exercises import predict, predictions
from gd_helpers.output import table

QUESTION, RATES = "Which rate makes the ball climb?", ["0.05", "0.15", "0.21"]
BECAUSE = "its 0.21 x 10 = 2.1 is above 2"
COVERED = "Covered: make your prediction above."


@pytest.fixture(autouse=True)
def shown(monkeypatch):
    """Each test begins with nothing asked, and collects what is displayed."""
    monkeypatch.setattr(predictions, "asked", {})
    made = []
    monkeypatch.setattr(predictions, "display", made.append)
    return made


@pytest.fixture
def which():
    return predict(QUESTION, RATES)


def answer(prediction, value):
    prediction.input.value = value
    prediction.commit.click()


def result(prediction):
    """What the reveal cell says, without its tags; whether its button can be seen."""
    text = prediction.result.value.removeprefix('<div role="status">').removesuffix("</div>")
    return text, prediction.anyway.layout.display != "none"


def test_answer_then_reveal(which):
    assert (which.commit.disabled, which.commit.description) == (True, "Record my prediction")  # nothing is chosen yet
    answer(which, "0.05")
    assert which.commit.description == "Change my prediction"
    answer(which, "0.21")  # it may be changed until the outcome is seen
    assert result(which) == (COVERED, True)
    which.reveal("0.21", because=BECAUSE)
    assert result(which) == (f"Yes: 0.21, because {BECAUSE}.", False)
    answer(which, "0.15")
    assert (which.answer, which.input.disabled, which.commit.disabled) == ("0.21", True, True)
    which.reveal("0.15", because="the surface has changed")  # that cell is run again
    assert result(which)[0] == "You said 0.21, measured: 0.15, because the surface has changed."


def test_reveal_then_answer_as_after_run_all(which):
    which.reveal("0.21", measured=table([(0.21, 23000)], "rate", "loss"), because=BECAUSE)
    which.commit.click()
    which.input.value = "0.05"
    assert (which.answer, result(which)) == (None, (COVERED, True))  # chosen is not yet recorded
    which.commit.click()
    assert result(which)[0].endswith(f"You said 0.05, measured: 0.21, because {BECAUSE}.")
    assert "23,000" in which.result.value
    assert (which.answer, which.right) == ("0.05", False)


def test_no_answer_but_show_it_anyway(which):
    which.reveal("0.21", because=BECAUSE)
    which.anyway.click()
    assert result(which) == (f"Measured: 0.21, because {BECAUSE}.", False)
    answer(which, "0.21")  # too late to be counted
    assert (which.answer, which.right) == (None, None)


def test_a_number_that_is_none_is_refused_not_recorded():
    how_many = predict("How many?", number=(1, 1000))
    for typed in "abc", "5000", "0", "-3", "nan", "1e9", "1,2,3", "0,125":
        answer(how_many, typed)
        assert how_many.answer is None
        assert f"'{typed}' is not a number from 1 to 1,000" in unescape(how_many.note.value)
    for text, number in ("1,000", 1000), ("2,5", 2.5), (" 1 000.0", 1000):
        answer(how_many, text)
        assert how_many.answer == number


def test_where_the_run_came_out_otherwise_nothing_is_claimed(which, shown):
    which.reveal("0.21", holds=False, measured="the loss fell", because=BECAUSE)
    answer(which, "0.21")
    assert (which.right, which.told) == (None, "otherwise")
    assert "the loss fell" in result(which)[0]
    for text in result(which)[0], repr(shown[-1]):
        assert "came out otherwise" in text
        assert BECAUSE not in text


def test_options_that_stand_for_numbers():
    ratios, shares = {"it halves": 1 / 2, "it quarters": 1 / 4}, {"none": 0.0, "half": 0.5, "most": 0.9}
    for worth, measured, nearest in (
        (ratios, 0.5, "it halves"), (ratios, 0.36, "it halves"), (ratios, 0.3, "it quarters"),  # by their ratio
        (shares, 0.1, "none"), (ratios, 0, "it quarters"),  # by their difference
        ([0.1, 0.2], 0.2, "0.2"),
    ):  # fmt: skip
        what = predict("And then?", worth)
        what.reveal(measured, within=1, because="so")
        assert what.outcome == nearest


def test_number_is_right_within_a_factor():
    for said, measured, right in (40, 60, True), (40, 27, True), (40, 61, False), (40, 26, False), (1, 1000, False):
        guess = predict(f"How many steps, if not {measured}?", number=(1, 1000))
        answer(guess, str(said))
        guess.reveal(measured, because="so")
        assert guess.right is right
        told = f"Yes: you said {said}" if right else f"You said {said}"
        assert result(guess)[0].startswith(f"{told}, measured: {measured}, {'within' if right else 'because'}")


def test_sketches_are_drawn_from_the_numbers(shown):
    predict("Which picture?", {"falls": [3, 2, 1], "stays": [1, 1], "climbs & leaps": [0.0, 1.0, 4.0]})
    bundle = shown[0]._repr_mimebundle_()
    assert bundle["text/html"].count("<svg role") == 3
    assert 'aria-label="climbs &amp; leaps"' in bundle["text/html"]
    assert 'points="4.0,4.0 60.0,30.0 116.0,56.0"' in bundle["text/html"]


def test_what_is_stored_does_not_depend_on_the_learner_and_spoils_nothing(shown):
    def stored():
        predict(QUESTION, RATES).reveal("0.21", because=BECAUSE)
        return [(cell.text, cell.html) for cell in shown[-2:]]

    unanswered = stored()
    answer(predictions.asked[QUESTION], "0.05")
    assert stored() == unanswered
    assert predict(QUESTION, RATES).answer == "0.05"  # the cell that is run again keeps it, and makes no new views
    assert len({cell.widget.model_id for cell in shown}) == 2
    assert predict(QUESTION, [*RATES, "none"]).answer is None  # other options are another question
    predict(QUESTION, RATES).anyway.click()
    assert stored() == unanswered
    before, inside = unanswered[1][1].split("<details>")
    assert "0.21" not in before
    assert "Measured: 0.21" in inside


def revealed(outcome=5, because="of this", within=1.5):
    predict("How many?", number=(1, 9)).reveal(outcome, because=because, within=within)


REFUSED = [
    (lambda: predict("  ", RATES), "question must be"),
    (lambda: predict("How many?"), "either options"),
    (lambda: predict("How many?", RATES, number=(1, 2)), "either options"),
    *[(partial(predict, "Which?", wrong), "options must be") for wrong in (["one"], ["a", "a"], "0.05", ["", "b"])],
    *[(partial(predict, "Which?", {"a": wrong, "b": [1, 2]}), r"options\['a'\] must be") for wrong in ("b", None, 1)],
    (lambda: predict("Which?", {"a": 1, "b": np.nan}), r"options\['b'\] must be a finite number"),
    (lambda: predict("Which?", {"a": 1, "b": 1}), "options must stand for different finite numbers"),
    *[(partial(predict, "How many?", number=wrong), "number must be") for wrong in ((0, 10), (10, 1), (1, np.inf), 7)],
    *[(partial(revealed, wrong), "outcome must be") for wrong in (np.inf, 0, "a", None, [1, 2])],
    *[(partial(revealed, within=wrong), "within must be") for wrong in (0.5, "a")],
    *[(partial(revealed, because=wrong), "because must be") for wrong in (None, " .")],
    (lambda: predict(QUESTION, RATES).reveal("0.3", because="so"), r"outcome must be one of 0\.05, 0\.15, 0\.21"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_asked_or_revealed_is_a_value_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
