"""What TEACHING.md names exists, and what an exercise of one's own can be."""

import re
from pathlib import Path

import pytest
from test_repository import BOOKS, code_of, text_of

from gd_helpers.exercises import check, own, own_exercise
from gd_helpers.exercises.exercise import exercises_of

TEXT = (Path(__file__).parents[1] / "notebooks" / "TEACHING.md").read_text(encoding="utf-8")
PAGES = dict(re.findall(r"^## Lesson (\d): .*\n((?:(?!^## ).*\n)*)", TEXT, flags=re.M))
NAMES = {name[1]: name for name in BOOKS if name[0].isdigit()}
PARTS = ["*At the end*", "*45 minutes:*", "*90 minutes:*", "*What wrong answers tell", "*Project:*", "*To discuss:*",
         "*For an exam:*", "*Can be skipped:*"]  # fmt: skip


@pytest.mark.parametrize("number", NAMES)
def test_every_lesson_has_its_page_and_what_is_named_there_exists(number):
    page, cells, exercises = PAGES[number], BOOKS[NAMES[number]].cells, exercises_of(number)
    assert [part for part in PARTS if part not in page] == []
    questions, exam = page.split("*To discuss:*")[1].split("*For an exam:*")
    assert [len(re.findall(r"^\d\. .*\(.+\)$", part, flags=re.M)) for part in (questions, exam)] == [3, 2]

    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    headings = "\n".join(re.findall(r"^#+ (.+)$", prose, flags=re.M))
    named = re.findall(r"\*\*(.+?)\*\*", page)
    assert named
    assert [name for name in named if not re.search(f"^{re.escape(name)}", headings, flags=re.M)] == []

    said = "\n".join(cell.source for cell in cells)
    said += "\n".join(text for cell in cells for output in cell.get("outputs", []) for text in text_of(output))
    said += "\n".join(message for exercise in exercises for message in exercise.wrong.values())
    quoted = re.findall(r'"([^"]+)"', page.split("*What wrong answers tell")[1].split("*Project:*")[0])
    assert len(quoted) >= 4
    assert [text for text in quoted if text not in said] == []

    code = "\n".join(cell.source for cell in code_of(NAMES[number]))
    exist = {*re.findall(r"^def (\w+)", code, flags=re.M), *re.findall(r"^(\w+) = ", code, flags=re.M)}
    exist |= {exercise.number for exercise in exercises}
    named = set(re.findall(r"`([^`]+)`", re.sub(r'"[^"]*"', "", page)))
    assert len(named & exist) > 10
    missing = [name for name in named - exist if re.fullmatch(r"[a-z_]+", name) or name not in said]
    assert missing == []


@pytest.fixture(autouse=True)
def registry(monkeypatch):
    monkeypatch.setattr(own, "EXERCISES", [])


def test_an_exercise_of_ones_own_that_is_defined_again_takes_the_place_of_the_first(capsys):
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
        ({"cases": [("3",)]}, "the decorated answer must be right on all cases, but: Not yet. Your code stops"),
        ({"wrong": {"w + w": "No."}}, "wrong must be wrong on some case, but 'w \\+ w' gives"),
    ],
)
def test_what_cannot_be_an_exercise_of_ones_own_is_a_value_error(changed, complaint):
    arguments = {"number": "own.1", "name": "twice", "task": "Double.", "cases": [(1.0,)]} | changed
    with pytest.raises(ValueError, match=complaint):
        own_exercise(**arguments)(lambda w: w * 2.0)
    assert own.EXERCISES == []
