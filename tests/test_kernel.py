"""Live figures in a real kernel: memory after thousands of moves, storms, and errors, as nbval sees them."""

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

SETUP = """
from gd_helpers import landscapes
from gd_helpers.figures import intuition as figures
from gd_helpers.descent import descend
from gd_helpers.live import live, log_slider, slider
scene = figures.DescentScene(landscapes.ravine, steps=100)

@live(scene, learning_rate=log_slider(0.01, 0.3, 0.05), steps=slider(0, 100, 40))
def explore(learning_rate, steps):
    if steps == 13:
        raise RuntimeError("thirteen steps bring bad luck")
    scene.show(descend(landscapes.ravine, [-2.5, 1.5], learning_rate=learning_rate, steps=steps))
    return f"{steps} steps at {learning_rate}"
"""
MEMORY = """
import gc, psutil
process = psutil.Process()
def moves(count):
    for move in range(count):
        explore.set(learning_rate=explore._controls["learning_rate"].numbers[move % 40], steps=20 + move % 70)
    gc.collect()
    return process.memory_info().rss
before = moves(100)
print(round((moves(2000) - before) / 1e6, 1))
"""


def run(*sources):
    """Run cells in a kernel; returns the text of each cell's outputs."""
    book = new_notebook(cells=[new_code_cell(source) for source in sources])
    NotebookClient(book, timeout=120, kernel_name="python3").execute()
    outputs = [cell.outputs for cell in nbformat.from_dict(book).cells]
    return ["".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell) for cell in outputs]


def test_two_thousand_moves_leave_the_kernel_within_five_megabytes():
    _, grown = run(SETUP, MEMORY)
    assert float(grown) < 5


def test_three_hundred_moves_end_on_the_last_value():
    storm = "for move in range(300):\n    explore.set(steps=20 + move % 70)\nprint(explore.verdict)"
    assert run(SETUP, storm)[1].strip() == "39 steps at 0.05"


@pytest.mark.parametrize("first", [13, 40])
def test_an_error_is_shown_where_nbval_sees_it_and_the_next_move_recovers(first):
    figure = SETUP.replace("slider(0, 100, 40)", f"slider(0, 100, {first})")
    moves = [f"explore.set(steps={steps})\nprint(explore.verdict)" for steps in (13, 5)]
    shown, after, good = run(figure, *moves)
    assert ("RuntimeError: thirteen steps bring bad luck" in shown) == (first == 13)
    assert after.strip() == "RuntimeError: thirteen steps bring bad luck"
    assert good.strip() == "5 steps at 0.05"
