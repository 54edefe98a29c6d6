"""Live figures in a real kernel: memory after thousands of moves, and what a cell that is run again leaves."""

import nbformat
from nbclient import NotebookClient

SETUP = """
import asyncio, gc, psutil
from gd_helpers import landscapes
from gd_helpers.figures import intuition as figures
from gd_helpers.descent import descend
from gd_helpers.live import ahead, choice, live, log_slider, play, point, slider
from gd_helpers.exercises import predict
from anywidget import AnyWidget
"""
FIGURES = """
predict("Where to?", ["up", "down"])
here = []
for k in range(2):
    scene = figures.DescentScene(landscapes.ravine, steps=100)
    @live(scene, start=point(-2.5, 1.5), rate=log_slider(0.01, 0.3, 0.05, marks={"here": 0.1}), steps=play(0, 100, 40),
          mode=choice(["a", "b"]))
    def explore(start, rate, steps, mode):
        steps or exit()
        scene.show(descend(landscapes.ravine, start, learning_rate=rate, steps=steps))
        return f"{steps} steps at {rate}"
    here.append(explore)
"""
ALIVE = """
explore.set(steps=0)
failed, ends = explore.picture.failed, get_ipython().exit_now
explore.set(steps=4)
here[0].set(steps=5)
gc.collect()
widgets = sum(isinstance(thing, AnyWidget) for thing in gc.get_objects())
print(here[0].picture.places, len(get_ipython().kernel.comm_manager.comms), widgets, failed, ends)
"""
MEMORY = """
ahead.BUDGET, ahead.REST = 0.02, 0.005
async def moves(count):
    for move in range(count):
        explore.set(rate=rates[move % 40], steps=20 + move % 70)
        explore.picture.places = [move % 40, 20 + move % 60, 0]  # a hand
        if move % 20 == 0:
            await asyncio.sleep(0.04)  # it is looked ahead
    gc.collect()
    return psutil.Process().memory_info().rss
rates = explore.controls["rate"].options
before = await moves(100)
print(round((await moves(1000) - before) / 1e6, 1), len(explore.ahead.sent) > 100)
"""


def test_two_thousand_moves_leave_memory_and_a_cell_run_again_its_last_figures_as_they_were():
    book = nbformat.v4.new_notebook()
    book.cells = [nbformat.v4.new_code_cell(c) for c in [SETUP, *[FIGURES] * 2, ALIVE, *[FIGURES] * 4, ALIVE, MEMORY]]
    NotebookClient(book, timeout=120, kernel_name="python3").execute()
    first, alive, (grown, looked_ahead) = (book.cells[i].outputs[0].text.split() for i in (3, -2, -1))
    assert first == alive == ["[21,", "5,", "0]", "4", "4", "True", "False"]  # the two of the last run, and two cards
    assert float(grown) < 5
    assert looked_ahead == "True"
