"""What TEACHING.md names exists."""

import re

import pytest
from reckoning import counts, minutes, sections
from test_repository import BOOKS, README, ROOT, code_of, text_of

from gd_helpers.exercises.exercise import exercises_of

TEXT = (ROOT / "notebooks" / "TEACHING.md").read_text(encoding="utf-8")
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


@pytest.mark.parametrize("name", NAMES.values())
def test_a_lesson_and_its_route_take_as_long_as_is_said_wherever_it_is_said(name):
    """By the rule of thumb in reckoning.py."""
    route, *further = found = sections(BOOKS[name])
    along, whole = minutes(route), minutes(*found)
    assert along <= 45
    assert counts(route)["exercises"] == 2
    assert counts(BOOKS[name].cells)["words"] <= 3000
    said = f"about {along} minutes along the route and {whole} with everything that is marked *further on*"
    assert said in BOOKS[name].cells[0].source
    said = rf"^\d\. .*{name}\.ipynb\) \({along} minutes along the route, {whole} in all\)"
    assert re.search(said, README, flags=re.M)
    assert f"*45 minutes:* the route, {along} minutes for one who reads alone.\n" in PAGES[name[1]]
    prose = [cell for cell in BOOKS[name].cells if cell.cell_type == "markdown"]
    marks = [(cell, re.search(r"^\*Further on, (\d+) minutes?\b", cell.source, flags=re.M)) for cell in prose]
    assert [(cell, int(mark[1])) for cell, mark in marks if mark] == [(cells[0], minutes(cells)) for cells in further]
