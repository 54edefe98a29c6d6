"""Look through a folder of handed-in notebooks: ``python -m gd_helpers.exercises.handed_in FOLDER``.

For each notebook it prints how many predictions were recorded, as its summary shows them, and which exercises are
done. For these the notebook is run from top to bottom, in a kernel of its own; no stored output is believed. At the end
it names the files that are no notebooks.

**This runs the learners' code on your computer, with all that you may do there.** Nothing keeps that code from reading
or deleting files. So run it only on what you would open and run yourself, or where there is nothing to lose: in a
container, or under an account made for it. And a notebook that is out to deceive can change what judges it: this saves
you work, it is no invigilator.
"""

import logging
import os
import re
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile
from pathlib import Path

import nbformat
from IPython.display import display
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from gd_helpers.exercises import checking
from gd_helpers.exercises.exercise import all_exercises

PATIENCE = 60  # seconds for each cell; ``check`` itself stops most of what never ends after three

NOTEBOOK = re.compile(r"\.ipynb(\.json|\.txt)?$", re.IGNORECASE)  # what browsers and mail programs make of a name
# The judge's own modules come before any `numpy.py` beside the notebook. What is left of exit and quit ends no kernel.
FIRST = """import sys
places, sys.path[:] = sys.path[:], [place for place in sys.path if place]
import gd_helpers.exercises.handed_in, gd_helpers.live
sys.path[:] = places
del exit, quit, places, sys, gd_helpers"""
LAST = "from gd_helpers.exercises.handed_in import tell; tell()"


def main(folder):
    """Print a report on each notebook below ``folder``."""
    if not Path(folder).is_dir():
        raise SystemExit(f"FOLDER must be a folder with notebooks, but got {folder}")
    files = [one for one in sorted(Path(folder).rglob("*")) if one.is_file() and ".ipynb_checkpoints" not in one.parts]
    paths = [path for path in files if NOTEBOOK.search(path.name)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, lines in zip(paths, pool.map(report, paths), strict=True):
            print("\n  ".join([str(path.relative_to(folder)), *lines]), flush=True)
    print(f"notebooks: {len(paths)}. Predictions as saved in the notebooks; exercises judged anew.")
    if others := [str(path.relative_to(folder)) for path in files if path not in paths]:
        print(f"not read, as they are no notebooks by their names: {', '.join(others)}")


def report(path, patience=PATIENCE) -> list[str]:
    """What is to be said about one notebook, line by line."""
    try:
        book = nbformat.reads(Path(path).read_text(encoding="utf-8-sig"), as_version=4)
        made, asked = predictions_in(book)
    except Exception as problem:  # there are many ways to be no notebook
        return [f"cannot be read as a notebook: {_in_a_line(problem)}"]
    lines = [f"predictions recorded: {made} of {asked}" if asked else "predictions: no summary in this notebook"]
    try:
        verdicts, numbers = run(book, Path(path).parent, patience)
    except Exception as problem:
        return [*lines, f"exercises: not judged: {_in_a_line(problem)}"]
    stopped = [(cell, output) for cell in book.cells for output in cell.get("outputs", []) if "ename" in output]
    for cell, error in stopped:  # what it was to check may have been left out
        for name in re.findall(r"""\bcheck\(\s*["'](.+?)["']""", cell.source):
            number = numbers.get(name.strip().lower())
            if number and verdicts.get(number, "Not tried").startswith("Not tried"):
                told = re.sub(r"\(\d+\.py, ", "(", _in_a_line(error.evalue))
                verdicts[number] = f"Not yet. Its cell stops with {error.ename}: {told}"
    done = sum(said.startswith("Right.") for said in verdicts.values())
    lines.append(f"exercises done: {done} of {len(verdicts)}")
    lines += [f"  {number}: {said.splitlines()[0]}" for number, said in sorted(verdicts.items())]
    errors = ", ".join(sorted({error.ename for _, error in stopped}))
    return lines + ([f"cells that stopped: {len(stopped)} ({errors})"] if stopped else [])


def _in_a_line(problem):
    return " ".join(str(problem).split())[:200]


def predictions_in(book) -> tuple[int, int]:
    """How many predictions and verdicts are recorded in a notebook, and of how many that its last summary shows."""
    kept = dict(book.metadata.get("gd_helpers", {}))  # by the page: it outlives the kernel, as no output does
    made = asked = 0
    for output in [output for cell in book.cells for output in cell.get("outputs", [])]:
        head, *rows = output.get("data", {}).get("text/plain", "").splitlines() or [""]
        if re.fullmatch("Prediction +You said +Measured", head):
            at = head.index("You said")
            rows = [(row[:at].strip(), row[at:].split("  ")[0]) for row in rows]
            rows = takewhile(lambda row: row[0] != "Exercise" or not row[1].endswith(" done"), rows)
            rows = [row for row in rows if row != ("Verdict", "You said")]
            made = sum(answer != "-" or bool(kept.get(question, {}).get("said")) for question, answer in rows)
            asked = len(rows)
    return made, asked


def run(book, folder, patience=PATIENCE) -> list[dict[str, str]]:
    """Run a notebook in a kernel of its own; return what ``tell`` tells there."""
    book.cells = [nbformat.v4.new_code_cell(FIRST), *book.cells, nbformat.v4.new_code_cell(LAST)]
    client = NotebookClient(
        book, timeout=patience, interrupt_on_timeout=True, allow_errors=True, kernel_name="python3",
        error_on_timeout={"ename": "KeyboardInterrupt", "evalue": "", "traceback": []},
        raise_on_iopub_timeout=True, iopub_timeout=max(4, patience // 6),  # how long an interruption may take
        resources={"metadata": {"path": folder}},
    )  # fmt: skip
    try:
        client.execute(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except DeadKernelError:
        raise RuntimeError("the code ended Python itself") from None
    except CellTimeoutError:
        raise RuntimeError("the code cannot be stopped") from None
    for output in book.cells[-1].outputs:
        if "application/json" in output.get("data", {}):
            return output.data["application/json"]
    raise RuntimeError("the code keeps the judge from telling what it found")


def tell() -> None:
    """Show what ``check`` said last of each exercise that it, or a summary, knows of; and the number for each name."""
    numbers = {exercise.number for exercises in checking.summaries for exercise in exercises} | {*checking.verdicts}
    said = {number: str(checking.verdicts.get(number, "Not tried yet.")) for number in numbers}
    names = {name.lower(): one.number for one in all_exercises() for name in (one.name, one.number)}
    display({"application/json": [said, names]}, raw=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m gd_helpers.exercises.handed_in FOLDER")
    sys.stdout.reconfigure(errors="backslashreplace")  # a console need not know all letters of a file's name
    warnings.simplefilter("ignore")
    logging.disable()  # what is to be said stands in the report
    main(sys.argv[1])
