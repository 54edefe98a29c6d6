"""How long a lesson's imports take, against importing matplotlib.pyplot and ipywidgets themselves.

``python tests/benchmarks/import_time.py [ROUNDS]``: each import runs in a Python of its own, in turn, and the quickest
rounds are compared, being those that other programs disturbed least. Ratios travel from one computer to another;
milliseconds do not.
"""

import os
import subprocess
import sys
from pathlib import Path

import nbformat

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
REFERENCE = "import matplotlib.pyplot, ipywidgets"
TIMED = """
from time import perf_counter
start = perf_counter()
{}
print(perf_counter() - start)
"""


def first_cell(path):
    """Return the source of a lesson's first code cell, where all its imports are."""
    return next(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")


def seconds(code):
    """Return how long code takes in a Python of its own, not counting the start of Python."""
    command = [sys.executable, "-c", TIMED.format(code)]
    cached = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}  # else our modules alone would be compiled each time
    return float(subprocess.run(command, env=cached, capture_output=True, text=True, check=True).stdout.split()[-1])


def main(rounds):
    """Print the table."""
    imports = {REFERENCE: REFERENCE, "import gd_helpers": "import gd_helpers"}
    imports |= {f"all imports of {path.name}": first_cell(path) for path in LESSONS}
    times = {name: [] for name in imports}
    for _ in range(rounds):
        for name, code in imports.items():
            times[name].append(seconds(code))
    for name, taken in times.items():
        print(f"{name:45} {1000 * min(taken):6.0f} ms {min(taken) / min(times[REFERENCE]):6.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
