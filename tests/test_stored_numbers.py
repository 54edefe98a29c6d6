"""Changing any one stored number makes nbval fail.

nbval runs a lesson and compares what comes out with what is stored; the suite does that for every lesson. Here
nbval's comparison is given, for every number that is stored, a copy in which that one number differs: so no number
hides where nbval does not look. One such copy goes through nbval from end to end.
"""

import copy
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

LESSONS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def with_other_numbers(text):
    """Yield copies of a text, in each of which the last digit of one number is another one."""
    for match in NUMBER.finditer(text):
        last = match.end() - 1
        yield text[:last] + str((int(text[last]) + 1) % 10) + text[last + 1 :]


def changed(cell):
    """Yield copies of a cell's stored outputs, in each of which one number is another one."""
    for place, output in enumerate(cell.outputs):
        holder = output if output.output_type == "stream" else output.data
        for kind in (key for key in holder if key.startswith("text")):
            for text in with_other_numbers(holder[kind]):
                outputs = copy.deepcopy(cell.outputs)
                (outputs[place] if output.output_type == "stream" else outputs[place].data)[kind] = text
                yield outputs


@pytest.fixture
def agree(request):
    """The comparison that nbval makes of two lists of outputs, with the settings that this suite runs it with."""
    file = IPyNbFile.from_parent(request.session, path=LESSONS[0])
    return IPyNbCell.from_parent(file, name="Cell", cell_num=0, cell=None, options={}).compare_outputs


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_nbval_sees_every_stored_number(path, agree):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    numbers = 0
    for cell in cells:
        assert agree(cell.outputs, copy.deepcopy(cell.outputs))
        for outputs in changed(cell):
            numbers += 1
            assert not agree(cell.outputs, outputs), outputs
    assert numbers > 10


def test_a_lesson_with_one_number_changed_fails(tmp_path):
    """The lesson up to its first stored number, which is made another one."""
    book = nbformat.read(LESSONS[0], as_version=4)
    first = next(place for place, cell in enumerate(book.cells) if cell.get("outputs"))
    book.cells = book.cells[: first + 1]
    nbformat.write(book, tmp_path / "as_stored.ipynb")
    book.cells[first].outputs = next(changed(book.cells[first]))
    nbformat.write(book, tmp_path / "changed.ipynb")
    options = ["--nbval", "--nbval-current-env", "-p", "no:cacheprovider", "--color=no", "-rf"]
    command = [sys.executable, "-m", "pytest", "-c", "none.ini", *options]
    (tmp_path / "none.ini").write_text("")
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    code_cells = sum(cell.cell_type == "code" for cell in book.cells)
    assert f"1 failed, {2 * code_cells - 1} passed" in ran.stdout, ran.stdout
    assert f"FAILED changed.ipynb::Cell {code_cells - 1}" in ran.stdout
