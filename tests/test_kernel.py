"""Live figures in a real kernel: memory after thousands of moves, and what a cell that is run again leaves."""

import nbformat
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
    scene.show(descend(landscapes.ravine, [-2.5, 1.5], learning_rate=learning_rate, steps=steps))
    return f"{steps} steps at {learning_rate}"
"""
MEMORY = """
import asyncio, gc, psutil
from gd_helpers.live import ahead
ahead.BUDGET, ahead.REST = 0.02, 0.005
async def moves(count):
    for move in range(count):
        explore.set(learning_rate=rates[move % 40], steps=20 + move % 70)
        explore.picture.places = [move % 40, 20 + move % 60]  # a hand
        if move % 20 == 0:
            await asyncio.sleep(0.04)  # it is looked ahead
    gc.collect()
    return psutil.Process().memory_info().rss
rates = explore.controls["learning_rate"].numbers
before = await moves(100)
print(round((await moves(1000) - before) / 1e6, 1), len(explore.ahead.sent) > 100)
"""


AGAIN = """
from gd_helpers.live import choice, play, point
figures_here = []
for k in range(2):
    scene = figures.DescentScene(landscapes.ravine, steps=100)
    @live(scene, start=point(-2.5, 1.5), rate=log_slider(0.01, 0.3, 0.05, marks={"here": 0.1}), steps=play(0, 9, 3),
          mode=choice(["a", "b"]))
    def several(start, rate, steps, mode):
        yield "working"
        return f"{k}"
    figures_here.append(several)
"""
ALIVE = """
several.set(steps=4)
figures_here[0].set(steps=5)
print(figures_here[0].picture.places, len(get_ipython().kernel.comm_manager.comms))
"""


def run(*sources):
    """Run cells in a kernel; returns the text of each cell's outputs."""
    book = new_notebook(cells=[new_code_cell(source) for source in sources])
    NotebookClient(book, timeout=120, kernel_name="python3").execute()
    outputs = [cell.outputs for cell in nbformat.from_dict(book).cells]
    return ["".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell) for cell in outputs]


def test_two_thousand_moves_leave_the_kernel_within_five_megabytes():
    _, told = run(SETUP, MEMORY)
    grown, looked_ahead = told.split()
    assert float(grown) < 5
    assert looked_ahead == "True"


def test_a_cell_run_again_keeps_all_figures_of_its_last_run_and_nothing_else():
    alive = run(SETUP, *[AGAIN] * 2, ALIVE, *[AGAIN] * 4, ALIVE)
    assert alive[3] == alive[-1]
    assert alive[-1].strip() == "[21, 5, 0] 3"  # this cell's two and the one of the cell before
