"""Handed-in notebooks: exercises are judged anew, whatever the notebook claims and however its code behaves."""

import re

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output, writes

from gd_helpers.exercises.exercise import exercises_of
from gd_helpers.exercises.handed_in import main, report

IMPORTS = "import numpy as np\nfrom gd_helpers.exercises import check, exercise, summary"
RIGHT, LOOP, LINE = [f"{one.source}\n\ncheck('{one.number}', {one.solution.__name__})" for one in exercises_of(1)]
WRONG = RIGHT.replace("w - learning", "w + learning")
SUMMARY = """Prediction                        You said        Measured
Where will a step be longest?     the same there  where it is steep  ✗ a surprise
Exercise your mind: which sign?   '-'             +                  ✗ a surprise
What will it do with 0.21?        -               -
Verdict                           You said        Judged here
What is it worth?                 -               -
What else?                        -               -
Exercise                          3 of 3 done"""


def hand_in(folder, *sources, shown=(), name="01_intuition.ipynb"):
    """Write a notebook with these code cells, whose last one shows the given texts; returns its path."""
    cells = [new_code_cell(source) for source in (IMPORTS, *sources)]
    cells[-1].outputs = [new_output("display_data", {"text/plain": text}) for text in shown]
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    kept = {"What is it worth?": {"said": "nothing", "seen": False}, "What else?": {"said": "", "seen": True}}
    path.write_text(writes(new_notebook(cells=cells, metadata={"gd_helpers": kept})), encoding="utf-8")
    return path


def test_answers_are_judged_anew_whatever_is_stored_and_whatever_else_stands_there(tmp_path):
    cells = [
        "%matplotlib inline\nfiles = !ls\nimport asyncio\nfactor = await asyncio.sleep(0, 1)",
        RIGHT.replace("learning_rate *", "factor * learning_rate *"),
        WRONG,  # once right is right
        "import time\ntime.sleep(1000)",
        "exit()",
        "quit()",
        "input('how much? ')",
        "import io, sys\nsys.stdout = io.StringIO()\nsys.exit()",
        "print('Right.'))",
        LOOP.replace("    return", "    input()\n    return"),
        "check('9.9', descend_by_hand)",
        "@exercise('own.1 halve', task='Halve.', cases=[(3.0,)])\ndef halve(w):\n    return w / 2",
        "check('halve', lambda w: w / 3)",
        "check = lambda *anything: print('Right. It is.')",
        LINE,
        "summary(1)",
    ]
    lines = report(hand_in(tmp_path, *cells, shown=["Right. This line is the whole.", SUMMARY]), patience=15)
    assert [line.strip() for line in lines] == [
        "predictions recorded: 3 of 5",
        "exercises done: 1 of 4",
        f"1.1: Right. {exercises_of(1)[0].why}",
        "1.2: Not yet. Your code waits for `input()`, and nobody is there to answer: use what the function is given.",
        "1.3: Not tried yet.",
        "own.1: Not yet. For w = 3 your code gives 1; wanted is 1.5.",
        "cells that stopped: 7 (KeyboardInterrupt, NameError, StdinNotImplementedError, SyntaxError, SystemExit, "
        "ValueError)",
    ]


HOPELESS = {
    "import os\nos._exit(0)": "the code ended Python itself",
    "import time\nwhile True:\n    try: time.sleep(1000)\n    except: pass": "the code cannot be stopped",
}


@pytest.mark.parametrize(("source", "said"), HOPELESS.items())
def test_where_nothing_can_be_judged_that_is_said(source, said, tmp_path):
    lines = report(hand_in(tmp_path, source, RIGHT), patience=1)
    assert lines == ["predictions: no summary in this notebook", f"exercises: not judged: {said}"]


def test_what_stands_in_the_way_is_stepped_over_or_named(tmp_path):
    (tmp_path / "numpy.py").write_text("raise OSError")
    quiet = "get_ipython().showtraceback = lambda *anything, **more: None"
    assert report(hand_in(tmp_path, quiet, "1 / 0", RIGHT))[1] == "exercises done: 1 of 1"
    lines = report(hand_in(tmp_path, "del check", LOOP, RIGHT.replace("return", "retrun"), LINE))
    assert lines[1:4] == [
        "exercises done: 0 of 3",
        "  1.1: Not yet. Its cell stops with SyntaxError: invalid syntax (line 3)",
        "  1.2: Not yet. Its cell stops with NameError: name 'check' is not defined",
    ]


def test_a_file_that_is_no_notebook_is_named_as_is_no_folder_and_the_others_are_read(tmp_path, capsys):
    none = [b"", b"no notebook", b"[]", b"{}", b'{"cells": 3}', b'{"cells": [3]}', b"[" * 100_000, b"\xff\x00"]
    for number, content in enumerate(none):
        (tmp_path / f"{number}.ipynb").write_bytes(content)
    for name in "b.ipynb", "C.IPYNB", "d.ipynb.json", "e.ipynb.txt", "f.zip":
        hand_in(tmp_path / "b", RIGHT, name=name)
    hand_in(tmp_path / ".ipynb_checkpoints", WRONG, name="b.ipynb")
    main(tmp_path)
    said = re.sub("(cannot be read as a notebook: ).+", r"\1...", capsys.readouterr().out)
    refused = [f"{number}.ipynb\n  cannot be read as a notebook: ...\n" for number in range(len(none))]
    *judged, counted, others = said.removeprefix("".join(refused)).splitlines()
    assert judged[::4] == ["b/C.IPYNB", "b/b.ipynb", "b/d.ipynb.json", "b/e.ipynb.txt"]
    assert judged[2::4] == ["  exercises done: 1 of 1"] * 4
    assert counted.startswith("notebooks: 12. ")
    assert others == "not read, as they are no notebooks by their names: b/f.zip"
    with pytest.raises(SystemExit, match="FOLDER must be a folder"):
        main(tmp_path / "nowhere")
