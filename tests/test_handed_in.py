"""Handed-in notebooks: exercises are judged anew, whatever the notebook claims and however its code behaves."""

import json
import re
import sys

import pytest

from gd_helpers.exercises import check, checking, predictions, summary
from gd_helpers.exercises.handed_in import calls_in, main, predictions_in, report

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


_last = [None, None, None]  # judging takes a process for each answer: once a notebook will do


def said(path, number="1.1", **options):
    """What is said about one exercise of a notebook."""
    if (path, path.read_text()) != _last[:2]:
        _last[:] = path, path.read_text(), report(path, **options)
    (line,) = [line.strip() for line in _last[2] if line.strip().startswith(f"{number}: ")]
    return line.removeprefix(f"{number}: ")


def test_right_answers_are_right_and_wrong_ones_are_told_their_mistake(tmp_path):
    path = hand_in(tmp_path, RIGHT)
    assert said(path).startswith("Right. ")
    assert "exercises done: 1 of 3" in report(path)
    path = hand_in(tmp_path, WRONG)
    assert said(path).startswith("Not yet. You added the step")
    assert "exercises done: 0 of 3" in report(path)
    assert said(hand_in(tmp_path, RIGHT.replace("w - learning_rate * gradient", "..."))).startswith("Not tried yet. ")


def test_stored_outputs_are_not_believed(tmp_path):
    path = hand_in(tmp_path, WRONG, "summary(1)", shown=["Right. This line is the whole.", SUMMARY])
    assert said(path).startswith("Not yet. ")
    assert "exercises done: 0 of 3" in report(path)


TRICKS = [
    "print('Right. It is.')",
    "check = lambda *anything: print('Right.')",
    "from gd_helpers.exercises import judging\njudging._agree = lambda *anything: True",
    "import os\nos._exit(0)",
    "raise SystemExit",
    "while True: pass",
    "summary = 1 / 0",
]


def test_what_an_answer_does_not_need_is_not_run(tmp_path):
    assert said(hand_in(tmp_path, *TRICKS, WRONG)).startswith("Not yet. You added the step")
    assert said(hand_in(tmp_path, *TRICKS, RIGHT)).startswith("Right. ")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("while True: pass", "Not yet. Stopped after "),
        ("import sys; sys.exit()", "Not yet. Your code calls `exit()`"),
        ("import os; os._exit(0)", "Not yet. The code ended Python itself."),
        ("print('Right. It is.')", "Not yet. You added the step"),
        ("return undefined", "Not yet. Your code stops with NameError"),
        ("input()", "Not yet. Your code waits for `input()`"),
    ],
)
def test_however_an_answer_behaves_the_next_one_is_judged(line, expected, tmp_path):
    path = hand_in(tmp_path, WRONG.replace("    return", f"    {line}\n    return"), RIGHT.replace("1.1", "1.2"))
    assert said(path).startswith(expected)
    assert said(path, "1.2").startswith("Not yet. Your function takes")


def test_what_never_ends_outside_a_function_is_stopped(tmp_path):
    path = hand_in(tmp_path, "for rate in iter(int, 1): rate", RIGHT.replace("learning_rate * g", "rate * g"))
    assert said(path, patience=4).startswith("Not yet. Stopped after 4 seconds")


def test_an_answer_may_use_what_other_cells_define(tmp_path):
    helper = "factor = 1\ndef scaled(rate, slope):\n    return factor * rate * slope"
    answer = RIGHT.replace("learning_rate * gradient\n", "scaled(learning_rate, gradient)\n")
    assert said(hand_in(tmp_path, helper, answer)).startswith("Right. ")
    assert said(hand_in(tmp_path, answer, helper)).startswith("Right. ")  # it was written further down, and run first
    assert said(hand_in(tmp_path, "%matplotlib inline\n!ls\nnp?\n" + answer, helper)).startswith("Right. ")


def test_a_cell_that_python_cannot_read_spoils_only_itself(tmp_path):
    lines = report(hand_in(tmp_path, RIGHT, "def line_gradients(x, y:\n    return\n\ncheck('1.3', line_gradients)"))
    assert "exercises done: 1 of 3" in lines
    assert "  cells that Python cannot read: 1" in lines


def test_an_exercise_that_the_course_does_not_have_is_not_judged(tmp_path):
    assert said(hand_in(tmp_path, RIGHT.replace("1.1", "own.1")), "own.1").startswith("not judged")


def test_calls_are_found_however_they_are_written():
    assert [number for number, _ in calls_in("check('write the update', f); check(name='1.2', answer=g)")] == [
        "1.1",
        "1.2",
    ]
    assert calls_in("# check('1.1', f)\n'check(1.1)'; check('1.1'); other.check('1.1', f)") == []
    assert calls_in("check(") == []


def test_predictions_are_read_from_the_last_summary(tmp_path):
    assert predictions_in(hand_in(tmp_path, "summary(1)", shown=[SUMMARY])) == (1, 2)
    assert "predictions recorded: 1 of 2" in report(hand_in(tmp_path, "summary(1)", shown=[SUMMARY]))
    assert "predictions: no summary in this notebook" in report(hand_in(tmp_path, RIGHT))


def test_what_a_summary_is_saved_with_follows_later_answers(monkeypatch):
    saved = []

    class Place:
        def update(self, one):
            saved.append(one._repr_mimebundle_()["text/plain"])

    for name in ("progress", "_summaries", "_displayed"):
        monkeypatch.setattr(checking, name, {})
    monkeypatch.setattr(predictions, "asked", {})
    monkeypatch.setattr(predictions, "listeners", [])
    monkeypatch.setattr(checking, "display", lambda one, display_id=None: Place())
    which = predictions.predict("Which way?", ["up", "down"])
    summary(1)
    which.reveal("down", because="the sign is minus")
    assert saved == []
    which.input.value = "up"
    which.commit.click()
    assert re.search(r"^Which way\? +up +down +✗ a surprise$", saved[-1], flags=re.M)
    check("1.1", lambda w, gradient, learning_rate: w - learning_rate * gradient)
    assert "1 of 3 done" in saved[-1]


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
    assert sys.modules["gd_helpers.exercises.handed_in"].__doc__.count("python -m gd_helpers.exercises.handed_in") == 1
