"""How often does a kernel go dead under Run All? ``python tests/benchmarks/run_all_openings.py --times 30``.

Opens a lesson in a headless Chromium, with a new kernel each time, runs all of its cells, and counts the openings in
which a cell never ran. *Dead* is not slow: Jupyter Server says that the kernel is idle, nothing has passed between
them for ``PATIENCE`` seconds, and cells still wait. A cell that works keeps its kernel busy, however long it takes.

It measures the environment of the Python that runs it, so compare environments by running it in each.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).parent.parent))

import lab

PATIENCE = 15  # s
START = """() => {
    window.allRan = false;
    window.jupyterapp.commands.execute("notebook:run-all-cells").then(() => { window.allRan = true; });
}"""
WAITING = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === 'code' && cell.node.querySelector('.jp-InputPrompt')?.innerText.includes('*'))
    .length"""


def main():
    """Open, run, count, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lesson", default="04_refinements")
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--no-extension", action="store_true", help="without the package's server extension")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = str(lab.ROOT)  # this package, whichever one is installed
    print(*(f"{name} {version(name)}" for name in ("jupyterlab", "ipykernel", "jupyter_server")), sep=", ")
    dead = []
    with (
        tempfile.TemporaryDirectory() as folder,
        lab.served(Path(folder), enable_extension=not options.no_extension) as address,
        lab.browser() as chrome,
    ):
        for number in range(1, options.times + 1):
            lesson = lab.Lesson(chrome, address, f"{options.lesson}.ipynb")
            started = time.monotonic()
            dead.append(goes_dead(lesson, address))
            said = f"DEAD, {lesson.page.evaluate(WAITING)} cells wait" if dead[-1] else "ran"
            print(f"{number:3}: {said} after {time.monotonic() - started:.0f} s", flush=True)
            lesson.close()
    print(f"dead: {sum(dead)} of {len(dead)}")


def goes_dead(lesson, address):
    """Run all cells; returns False once all have run, True once the kernel rests while cells wait."""
    lesson.page.evaluate(START)
    rests_since = None
    while not lesson.page.evaluate("window.allRan"):
        lesson.page.wait_for_timeout(200)
        with urlopen(f"{address}api/kernels") as answer:
            kernel = max(json.load(answer), key=lambda kernel: kernel["last_activity"])
        silent = time.time() - datetime.fromisoformat(kernel["last_activity"]).timestamp()
        rests = kernel["execution_state"] == "idle" and silent > PATIENCE / 2
        rests_since = (rests_since or time.monotonic()) if rests else None
        if rests_since and time.monotonic() - rests_since > PATIENCE / 2:
            return True
    return False


if __name__ == "__main__":
    main()
