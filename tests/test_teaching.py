"""What TEACHING.md names exists, and the lesson of one's own can be solved."""

import re
from pathlib import Path

import numpy as np
import pytest
from test_repository import BOOKS, text_of

from gd_helpers.exercises import check, own, own_exercise
from gd_helpers.exercises.exercise import exercises_of, find_exercise
from gd_helpers.exercises.judging import judge

TEXT = (Path(__file__).parents[1] / "notebooks" / "TEACHING.md").read_text(encoding="utf-8")
LESSONS = dict(re.findall(r"^## Lesson (\d): .*\n((?:(?!^## ).*\n)*)", TEXT, flags=re.M))
PARTS = ["*At the end*", "*45 minutes:*", "*90 minutes:*", "*What wrong answers tell", "*Project:*", "*To discuss:*"]
PARTS += ["*For an exam:*", "*Can be skipped:*"]
every_lesson = pytest.mark.parametrize("number", LESSONS)


def book(number):
    """The cells of a lesson."""
    (name,) = [name for name in BOOKS if name.startswith(f"0{number}_")]
    return BOOKS[name].cells


def said_in(number):
    """Everything that a lesson says: its cells, what they print, and what its exercises answer."""
    texts = [cell.source for cell in book(number)]
    texts += ["\n".join(text_of(output)) for cell in book(number) for output in cell.get("outputs", [])]
    texts += [message for exercise in exercises_of(number) for message in exercise.wrong.values()]
    return "\n".join(texts)


def test_every_lesson_has_its_page():
    assert list(LESSONS) == sorted(name[1] for name in BOOKS if name[0].isdigit())
    for page in LESSONS.values():
        for part in PARTS:
            assert part in page
        discussion, exam = page.split("*To discuss:*")[1].split("*For an exam:*")
        assert len(re.findall(r"^\d\. .*\(.+\)$", discussion, flags=re.M)) == 3
        assert len(re.findall(r"^\d\. .*\(.+\)$", exam, flags=re.M)) == 2


@every_lesson
def test_headings_that_are_named_exist(number):
    text = "\n".join(cell.source for cell in book(number) if cell.cell_type == "markdown")
    headings = re.findall(r"^#+ (.+)$", text, flags=re.M)
    named = re.findall(r"\*\*(.+?)\*\*", LESSONS[number])
    assert named
    assert [name for name in named if not any(heading.startswith(name) for heading in headings)] == []


@every_lesson
def test_figures_predictions_exercises_and_numbers_that_are_named_exist(number):
    said, page = said_in(number), re.sub(r'"[^"]*"', "", LESSONS[number])
    code = "\n".join(cell.source for cell in book(number) if cell.cell_type == "code")
    exist = set(re.findall(r"^def (\w+)|^(\w+) = ", code, flags=re.M))
    exist = {name for pair in exist for name in pair} | {exercise.number for exercise in exercises_of(number)}
    named = set(re.findall(r"`([^`]+)`", page))
    words = {name for name in named if re.fullmatch(r"[a-z_]+|\d\.\d", name) and name in exist}
    assert len(words) > 10
    missing = [name for name in named - words if re.fullmatch(r"[a-z_]+", name) or name not in said]
    assert missing == []


@every_lesson
def test_wrong_answers_that_are_quoted_exist(number):
    said = said_in(number)
    part = LESSONS[number].split("*What wrong answers tell")[1].split("*Project:*")[0]
    quoted = re.findall(r'"([^"]+)"', part)
    assert len(quoted) >= 4
    assert [text for text in quoted if text not in said] == []


@pytest.fixture
def registry(monkeypatch):
    monkeypatch.setattr(own, "EXERCISES", [])


def test_the_lesson_of_ones_own_judges_right_and_wrong(registry):
    code = [cell.source for cell in BOOKS["own_lesson"].cells if cell.cell_type == "code"]
    (definition,) = [source for source in code if source.startswith("@own_exercise(")]
    exec(definition, {"own_exercise": own_exercise})
    exercise = find_exercise("own.1")
    assert judge(exercise, lambda w, learning_rate: 1 - learning_rate * w**2).status == "right"
    assert judge(exercise, lambda w, learning_rate: ...).status == "not tried"
    ((version, message),) = exercise.wrong.items()
    assert judge(exercise, exercise.version(version)).message == message


def test_an_exercise_of_ones_own_that_is_defined_again_takes_the_place_of_the_first(registry, capsys):
    for right in (lambda w: 2 * w, lambda w: 3 * w):
        own_exercise("own.1", "times", task="Multiply.", cases=[(1.0,)])(right)
    check("times", lambda w: 3 * w)
    assert capsys.readouterr().out == "Right. Well done.\n"
    assert [exercise.hints for exercise in own.EXERCISES] == [("Multiply.",)]


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"number": "1.1"}, "number must be new"),
        ({"number": 7.1}, "number and name must be such as"),
        ({"name": "share left"}, "number and name must be such as"),
        ({"cases": []}, "cases must be"),
        ({"cases": [3.0]}, "cases must be"),
        ({"cases": np.array([3.0])}, "cases must be"),
        ({"cases": [("3",)]}, "the decorated answer must be right on all cases, but: Not yet. Your code stops"),
        ({"wrong": {"w + w": "No."}}, "wrong must be wrong on some case, but 'w \\+ w' gives"),
    ],
)
def test_what_cannot_be_an_exercise_of_ones_own_is_a_value_error(changed, complaint, registry):
    with pytest.raises(ValueError, match=complaint):
        own_exercise(**{"number": "own.1", "name": "twice", "task": "Double.", "cases": [(1.0,)]} | changed)(
            lambda w: w * 2.0
        )
    assert own.EXERCISES == []
