"""Handed-in notebooks: exercises are judged anew, whatever the notebook claims and however its code behaves."""

import json

import pytest

from gd_helpers.exercises.handed_in import calls_in, main, report

RIGHT = "def step(w, gradient, learning_rate):\n    return w - learning_rate * gradient\n\ncheck('1.1', step)"
WRONG = RIGHT.replace("w - learning", "w + learning")
IMPORTS = "import numpy as np\nfrom gd_helpers.exercises import check, summary"
SUMMARY = """Prediction                        You said        Measured
Where will a step be longest?     the same there  where it is steep  ✗ a surprise
What will it do with 0.21?        -               -
Exercise                          3 of 3 done
1.1 write the update              ✓ done"""


def hand_in(folder, *sources, shown=(), name="01_intuition.ipynb"):
    """Write a notebook with these code cells, whose last one shows the given texts; returns its path."""
    cells = [{"cell_type": "code", "source": source.splitlines(True), "outputs": []} for source in (IMPORTS, *sources)]
    cells[-1]["outputs"] = [{"output_type": "display_data", "data": {"text/plain": text}} for text in shown]
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}), encoding="utf-8")
    return path


def reported(folder, *sources, shown=(), **options):
    """The report on a notebook: what it says, by what it says it of, such as "1.1" or "exercises done"."""
    lines = report(hand_in(folder, *sources, shown=shown), **options)
    return dict(line.strip().split(": ", 1) for line in lines)


def test_right_answers_are_right_and_wrong_ones_are_told_their_mistake_whatever_is_stored(tmp_path):
    said = reported(tmp_path, RIGHT)
    assert said["1.1"].startswith("Right. ")
    assert said["exercises done"] == "1 of 3"
    assert said["predictions"] == "no summary in this notebook"
    said = reported(tmp_path, WRONG, "summary(1)", shown=["Right. This line is the whole.", SUMMARY])
    assert said["1.1"].startswith("Not yet. You added the step")
    assert said["exercises done"] == "0 of 3"
    assert said["predictions recorded"] == "1 of 2"
    said = reported(tmp_path, RIGHT.replace("w - learning_rate * gradient", "..."))
    assert said["1.1"].startswith("Not tried yet. ")


TRICKS = [
    "print('Right. It is.')",
    "check = lambda *anything: print('Right.')",
    "from gd_helpers.exercises import judging\njudging._agree = lambda *anything: True",
    "import os\nos._exit(0)",
    "raise SystemExit",
    "while True: pass",
    "summary = 1 / 0",
]


@pytest.mark.parametrize(("answer", "expected"), [(WRONG, "Not yet. You added the step"), (RIGHT, "Right. ")])
def test_what_an_answer_does_not_need_is_not_run(answer, expected, tmp_path):
    assert reported(tmp_path, *TRICKS, answer)["1.1"].startswith(expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("import sys; sys.exit()", "Not yet. Your code calls `exit()`"),
        ("import os; os._exit(0)", "Not yet. The code ended Python itself."),
        ("print('Right. It is.')", "Not yet. You added the step"),
    ],
)
def test_however_an_answer_behaves_the_next_one_is_judged(line, expected, tmp_path):
    first = WRONG.replace("    return", f"    {line}\n    return")
    said = reported(tmp_path, first, RIGHT.replace("1.1", "1.2"))
    assert said["1.1"].startswith(expected)
    assert said["1.2"].startswith("Not yet. Your function takes")


def test_what_never_ends_outside_a_function_is_stopped(tmp_path):
    answer = RIGHT.replace("learning_rate * g", "rate * g")
    said = reported(tmp_path, "for rate in iter(int, 1): rate", answer, patience=4)
    assert said["1.1"].startswith("Not yet. Stopped after 4 seconds")


HELPER = "factor = 1\ndef scaled(rate, slope):\n    return factor * rate * slope"
SCALED = RIGHT.replace("learning_rate * gradient\n", "scaled(learning_rate, gradient)\n")
BY_AND_BY = (
    "from math import *\nfactors, files = {}, []\nfiles = !ls\nfactors['it'] = [exp(0)]\nfactors['it'].append(-1)"
)


@pytest.mark.parametrize(
    "sources",
    [
        (HELPER, SCALED),
        (SCALED, HELPER),  # it was written further down, and run first
        ("%matplotlib inline\n!ls\nnp?\n" + SCALED, HELPER),
        (HELPER, SCALED, HELPER.replace("1", "2")),  # what stands below came later
        (RIGHT, WRONG),  # once right is right
        (BY_AND_BY, RIGHT.replace("learning_rate *", "factors['it'][-2] * learning_rate *")),
        (
            "import asyncio\nfactor = await asyncio.sleep(0, 1)",
            RIGHT.replace("learning_rate *", "factor * learning_rate *"),
        ),
        (RIGHT.replace("learning_rate *", "(10 * learning_rate\n    % 100) / 10 *"),),  # no magic, this one
    ],
)
def test_an_answer_may_use_what_other_cells_define(sources, tmp_path):
    assert reported(tmp_path, *sources)["1.1"].startswith("Right. ")


def test_what_cannot_be_judged_spoils_only_itself(tmp_path):
    unreadable = "def line_gradients(x, y:\n    return\n\ncheck('1.3', line_gradients)"
    said = reported(tmp_path, RIGHT, unreadable, "return", RIGHT.replace("1.1", "own.1"))
    assert said["1.1"].startswith("Right. ")
    assert said["cells that Python cannot read"] == "2"
    assert said["own.1"] == "not judged: the course has no such exercise"


def test_calls_are_found_however_they_are_written():
    found = calls_in("check('write the update', f); check(name='1.2', answer=g)")
    assert [number for number, _ in found] == ["1.1", "1.2"]
    assert calls_in("# check('1.1', f)\n'check(1.1)'; check('1.1'); other.check('1.1', f)") == []
    assert calls_in("check(") == []


NO_NOTEBOOKS = [b"", b"no notebook", b"[]", b"{}", b'{"cells": 3}', b'{"cells": [3]}', b"[" * 100_000, b"\xff\x00"]


def test_a_file_that_is_no_notebook_is_named_and_the_others_are_read(tmp_path, capsys):
    for number, content in enumerate(NO_NOTEBOOKS):
        (tmp_path / f"{number}.ipynb").write_bytes(content)
    hand_in(tmp_path, RIGHT, name="b.ipynb")
    hand_in(tmp_path / ".ipynb_checkpoints", WRONG, name="b.ipynb")
    main(tmp_path)
    lines = capsys.readouterr().out.splitlines()
    assert lines[: 2 * len(NO_NOTEBOOKS) : 2] == [f"{number}.ipynb" for number in range(len(NO_NOTEBOOKS))]
    for line in lines[1 : 2 * len(NO_NOTEBOOKS) : 2]:
        assert line.startswith("  cannot be read as a notebook: ")
    assert lines[2 * len(NO_NOTEBOOKS)] == "b.ipynb"
    assert lines[-1].startswith("9 notebooks.")


def test_the_folder_must_be_one(tmp_path):
    with pytest.raises(SystemExit, match="FOLDER must be a folder"):
        main(tmp_path / "nowhere")
