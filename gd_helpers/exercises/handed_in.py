"""Look through a folder of handed-in notebooks: ``python -m gd_helpers.exercises.handed_in FOLDER``.

For each notebook it prints how many predictions were recorded, as its summary shows them, and which exercises are
done. For these the notebook is run from top to bottom, in a kernel of its own; no stored output is believed.

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
from nbclient.exceptions import DeadKernelError

from gd_helpers.exercises import checking

PATIENCE = 60  # seconds for each cell; ``check`` itself stops most of what never ends after three

FIRST = "del exit, quit  # what is left of them ends no kernel"
LAST = "from gd_helpers.exercises.handed_in import tell; tell()"


def main(folder):
    """Print a report on each notebook below ``folder``."""
    if not Path(folder).is_dir():
        raise SystemExit(f"FOLDER must be a folder with notebooks, but got {folder}")
    paths = [path for path in sorted(Path(folder).rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, lines in zip(paths, pool.map(report, paths), strict=True):
            print("\n  ".join([str(path.relative_to(folder)), *lines]), flush=True)
    print(f"notebooks: {len(paths)}. Predictions as saved in the notebooks; exercises judged anew.")


def report(path, patience=PATIENCE) -> list[str]:
    """What is to be said about one notebook, line by line."""
    try:
        book = nbformat.reads(Path(path).read_text(encoding="utf-8-sig"), as_version=4)
        made, asked = predictions_in(book)
    except Exception as problem:  # there are many ways to be no notebook
        return [f"cannot be read as a notebook: {_in_a_line(problem)}"]
    lines = [f"predictions recorded: {made} of {asked}" if asked else "predictions: no summary in this notebook"]
    try:
        verdicts = run(book, Path(path).parent, patience)
    except Exception as problem:
        return [*lines, f"exercises: not judged: {_in_a_line(problem)}"]
    done = sum(said.startswith("Right.") for said in verdicts.values())
    lines.append(f"exercises done: {done} of {len(verdicts)}")
    lines += [f"  {number}: {said.splitlines()[0]}" for number, said in sorted(verdicts.items())]
    errors = [output.ename for cell in book.cells for output in cell.get("outputs", []) if "ename" in output]
    return lines + ([f"cells that stopped: {len(errors)} ({', '.join(sorted(set(errors)))})"] if errors else [])


def _in_a_line(problem):
    return " ".join(str(problem).split())[:200]


def predictions_in(book) -> tuple[int, int]:
    """How many predictions and verdicts are recorded in a notebook, and of how many that its last summary shows."""
    kept = dict(book.metadata.get("gd_helpers", {}))  # by the page: it outlives the kernel, as no output does
    made = asked = 0
    for output in [output for cell in book.cells for output in cell.get("outputs", [])]:
        head, *rows = output.get("data", {}).get("text/plain", "").splitlines() or [""]
        if re.fullmatch("Prediction +You said +Measured", head):
            rows = takewhile(lambda row: not row.startswith("Exercise "), rows)
            rows = [
                (row[: head.index("You said")].strip(), row[head.index("You said") :].split("  ")[0]) for row in rows
            ]
            rows = [row for row in rows if row != ("Verdict", "You said")]
            made = sum(answer != "-" or bool(kept.get(question, {}).get("said")) for question, answer in rows)
            asked = len(rows)
    return made, asked


def run(book, folder, patience=PATIENCE) -> dict[str, str]:
    """Run a notebook in a kernel of its own; return what ``check`` said last of each exercise."""
    book.cells = [nbformat.v4.new_code_cell(FIRST), *book.cells, nbformat.v4.new_code_cell(LAST)]
    stopped = {"ename": "KeyboardInterrupt", "evalue": "", "traceback": []}
    client = NotebookClient(
        book, timeout=patience, interrupt_on_timeout=True, error_on_timeout=stopped, allow_errors=True,
        on_cell_error=_give_up, kernel_name="python3", resources={"metadata": {"path": folder}},
    )  # fmt: skip
    try:
        client.execute(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except DeadKernelError:
        raise RuntimeError("the code ended Python itself") from None
    return book.cells[-1].outputs[0].data["application/json"]


def _give_up(cell, **details):
    """After an error in a cell: if none is shown, its time was up, and the interruption did not help."""
    if not any("ename" in output for output in cell.outputs):
        raise TimeoutError("the code cannot be stopped")


def tell() -> None:
    """Show what ``check`` said last in this kernel of each exercise that it, or a summary, knows of."""
    numbers = {exercise.number for exercises in checking.summaries for exercise in exercises} | {*checking.verdicts}
    said = {number: str(checking.verdicts.get(number, "Not tried yet.")) for number in numbers}
    display({"application/json": said}, raw=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m gd_helpers.exercises.handed_in FOLDER")
    sys.stdout.reconfigure(errors="backslashreplace")  # a console need not know all letters of a file's name
    warnings.simplefilter("ignore")
    logging.disable()  # what is to be said stands in the report
    main(sys.argv[1])
