"""The predict step: whichever cell runs first, the outcome stays covered until the learner has committed."""

import re
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


def answer(prediction, said):
    prediction.asks._handle_custom_msg({"said": said}, [])  # as the page does


def look(prediction):
    prediction.tells._handle_custom_msg({}, [])


def result(prediction):
    """What the reveal cell says, without its tags; and on its button."""
    shown = prediction.tells.shown
    return re.sub("<[^>]+>", "", unescape(shown["note"])), shown["button"]


def state(prediction):
    """The note below a question, whether its answer is fixed, and what its button says."""
    shown = prediction.asks.shown
    return unescape(shown["note"]), shown["fixed"], shown["button"]


FORGETS = " A restart of the kernel forgets it."


def test_an_answer_may_be_changed_until_the_outcome_is_seen(which):
    for said in "0.05", "0.15":
        answer(which, said)
        assert state(which) == (f"Recorded: {said}.{FORGETS}", False, "Change my prediction")
    assert result(which) == ("Covered. You said 0.15, and may still change it above.", "Show what was measured")
    which.reveal("0.21", measured=table([(0.21, 23000)], "rate", "loss"), because=BECAUSE)
    answer(which, "0.21")
    assert (which.right, which.mark, which.told) == (True, "", "-")
    assert result(which)[0] == "Covered. You said 0.21, and may still change it above."
    look(which)
    assert result(which)[0].endswith(f"23,000Yes: 0.21, because {BECAUSE}.")
    answer(which, "0.05")
    assert (which.answer, state(which)) == ("0.21", (f"Recorded: 0.21.{FORGETS}", True, ""))
    which.reveal("0.15", because="the surface has changed")  # that cell is run again
    assert result(which) == ("You said 0.21. Measured: 0.15, because the surface has changed.", "")


def test_no_answer_but_show_it_anyway(which):
    which.reveal("0.21", because=BECAUSE)
    assert result(which) == (COVERED, "Show it anyway")
    look(which)
    assert result(which) == (f"Measured: 0.21, because {BECAUSE}.", "")
    answer(which, "0.21")  # too late to be counted
    assert (which.answer, which.right, state(which)[0]) == (None, None, "Shown without a prediction.")


def test_a_verdict_is_no_prediction_and_to_differ_no_mistake():
    for said, told, mark in (
        ("for", "Judged alike: for, because so.", "judged alike"),
        ("against", "You said against. Judged here: for, because so.", "judged otherwise"),
    ):
        worth = predict(f"Exhibit 1, {said}?", ["for", "against"], verdict=True)
        assert result(worth)[0] == "Covered: give your verdict above."
        worth.reveal("for", because="so")
        answer(worth, said)
        look(worth)
        assert (result(worth)[0], worth.mark) == (told, mark)
        assert "redict" not in str([worth.asks.shown, worth.tells.shown, worth.as_question().text])


def test_what_the_page_has_kept_comes_back_and_is_never_overwritten_by_nothing(which):
    def asked_again(kept, said="0.05"):
        predictions.asked.clear()
        again = predict(QUESTION, RATES) if said in RATES else predict("How many?", number=(0, 1e6))
        assert again.asks.record == {}  # what is kept is not touched
        again.asks._handle_custom_msg({"kept": kept}, [])
        return again

    answer(which, "0.05")
    assert asked_again(which.asks.record).answer == "0.05"
    again = asked_again(which.asks.record)
    assert (state(again)[0], again.seen) == ("Recorded: 0.05.", False)
    again.reveal("0.21", because=BECAUSE)
    look(again)
    assert asked_again(again.asks.record).seen
    assert asked_again({"said": "31250", "seen": False}, "31250").asks.record == {"said": "31250", "seen": False}
    answer(padded := predict("Which?", [" a", "b"]), " a")
    assert padded.asks.record == {"said": " a", "seen": False}
    for kept in None, {}, {"said": "none of them"}, {"said": None, "seen": 3}, 5:
        again = asked_again(kept)
        assert (again.answer, again.seen, state(again)) == (None, False, ("", False, "Record my prediction"))
    answer(again, "0.21")
    again.asks._handle_custom_msg({"kept": {"said": "0.05", "seen": True}}, [])
    assert (again.answer, again.seen) == ("0.21", False)  # it came too late


def test_a_number_is_shown_as_it_was_typed_and_what_is_none_or_doubtful_is_asked_back():
    how_many = predict("How many?", number=(0, 40_000))
    for typed in "abc", "50000", "", "-3", "nan", "1e9", "1,2,3", "1,00,000":
        answer(how_many, typed)
        assert how_many.answer is None
        assert state(how_many)[0] == f"Not recorded: {typed!r} is not a number from 0 to 40,000."
    for typed, readings in {"31.250": "31250 or 31.25", "10.000": "10000 or 10", "1,125": "1125 or 1.1250"}.items():
        answer(how_many, typed)
        assert how_many.answer is None
        assert f"does {typed} mean {readings}?" in state(how_many)[0]
    for typed, number in {"31250": 31250, "2,5": 2.5, " 1 000.0": 1000, "0": 0, "1.1250": 1.125, "0,125": 0.125,
                          "1,000.5": 1000.5, "1.000,5": 1000.5, "1’000": 1000, "1e3": 1000}.items():  # fmt: skip
        answer(how_many, typed)
        assert (how_many.answer, state(how_many)[0]) == (number, f"Recorded: {typed.strip()}.{FORGETS}")


def test_where_the_run_came_out_otherwise_nothing_is_claimed(which, shown):
    which.reveal("0.21", holds=False, measured="the loss fell", because=BECAUSE)
    answer(which, "0.21")
    look(which)
    assert (which.right, which.told, which.mark) == (None, "otherwise", "")
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
        what.reveal(measured, within=1, because="so", measured=np.array([0.1, measured]))
        assert what.outcome == nearest


def test_number_is_right_within_a_factor():
    wrong = [(40, 61), (40, 26), (1, 1000), (0, 1)]
    for said, measured in [(40, 60), (40, 27), (0, 0), *wrong]:
        guess = predict(f"How many steps, if not {measured}?", number=(0, 1000))
        answer(guess, str(said))
        guess.reveal(measured, because="so")
        look(guess)
        told = f"You said {said}. Measured: {measured}, because so."
        if right := (said, measured) not in wrong:
            told = f"Yes: you said {said}, measured: {measured}, within a factor of 1.5, because so."
        assert (guess.right, result(guess)[0]) == (right, told)


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
    look(predict(QUESTION, RATES))
    assert stored() == unanswered
    before, inside = unanswered[1][1].split("<details>")
    assert "0.21" not in before
    assert "Measured: 0.21" in inside


which_of, how_many = partial(predict, "Which?"), partial(predict, "How many?")
REFUSED = [
    (lambda: predict("  ", RATES), "question must be"),
    *[(wrong, "either options") for wrong in (how_many, partial(how_many, RATES, number=(1, 2)))],
    *[(partial(which_of, wrong), "options must be") for wrong in (["one"], ["a", "a"], ["", "b"], frozenset("ab"))],
    *[(partial(which_of, {"a": wrong, "b": [1, 2]}), r"options\['a'\] must be") for wrong in ("b", None, 1)],
    (lambda: which_of({"a": 1, "b": np.nan}), r"options\['b'\] must be a finite number"),
    (lambda: which_of({"a": 1, "b": 1}), "options must stand for different finite numbers"),
    *[(partial(how_many, number=wrong), "number must be") for wrong in ((-1, 10), (10, 1), (1, np.inf))],
    (lambda: how_many(number=(1, 9)).reveal(5, because="so", within=0.5), "within must be a factor, 1 or"),
    (lambda: which_of(RATES, verdict="no"), "verdict must be True or False"),
    (lambda: which_of(RATES).reveal("0.05", because=" ."), "because must be the end of a sentence"),
    (lambda: which_of(RATES).reveal("0.3", because="so"), r"outcome must be one of \['0\.05', '0\.15', '0\.21'\]"),
    (lambda: which_of([10**5 * "a", "b"]).reveal(10**5 * "c", because="so"), "^.{0,300}$"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_asked_or_revealed_is_a_value_error(call, message):
    with pytest.raises(ValueError, match=message):
        call()
