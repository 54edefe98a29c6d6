"""Look through a folder of handed-in notebooks: ``python -m gd_helpers.exercises.handed_in FOLDER``.

For each notebook it prints how many predictions were recorded, as its summary shows them, and which exercises are
done. The exercises are judged anew, from the notebook's code; no stored output is believed.

**This runs the learners' code on your computer, with all that you may do there.** For each answer it runs only the
statements that set what the answer needs, in a process of its own, which is stopped when it takes too long. But
nothing keeps that code from reading or deleting files. So run it only on what you would open and run yourself, or
where there is nothing to lose: in a container, or under an account made for it. And an answer that is out to deceive
can reach what judges it: this saves you work, it is no invigilator.
"""

import ast
import asyncio
import contextlib
import dis
import inspect
import io
import json
import linecache
import os
import re
import subprocess
import sys
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gd_helpers.exercises.exercise import exercises_of, find_exercise
from gd_helpers.exercises.judging import judge

PATIENCE = 60  # seconds on the clock for each answer; ``check`` itself stops most of what never ends after three


def main(folder, patience=PATIENCE):
    """Print a report on each notebook below ``folder``."""
    if not Path(folder).is_dir():
        raise SystemExit(f"FOLDER must be a folder with notebooks, but got {folder}")
    paths = [path for path in sorted(Path(folder).rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts]
    for path in paths:
        print("\n".join([str(path.relative_to(folder)), *(f"  {line}" for line in report(path, patience))]), flush=True)
    print(
        f"{len(paths)} notebook{'s' * (len(paths) != 1)}. Predictions as saved in the notebooks; exercises judged anew."
    )


def report(path, patience=PATIENCE) -> list[str]:
    """What is to be said about one notebook, line by line."""
    try:
        cells = code_of(path)
    except (OSError, ValueError) as error:
        return [f"cannot be read as a notebook: {error}"]
    made, asked = predictions_in(path)
    lines = [f"predictions recorded: {made} of {asked}" if asked else "predictions: no summary in this notebook"]
    numbers = [number for source in cells for number, _ in calls_in(source)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = pool.map(lambda place: judged(path, place, patience), range(len(numbers)))
    best = {}
    for number, said in zip(numbers, verdicts, strict=True):
        if best.get(number, "").partition(" ")[0] != "Right.":  # a right answer stays right
            best[number] = said
    done = sum(said.startswith("Right.") for said in best.values())
    asked = sum(not said.startswith("not judged") for said in best.values())
    lines.append(f"exercises done: {done} of {max(asked, _in_lesson(best))}")
    lines += [f"  {number}: {said.splitlines()[0]}" for number, said in sorted(best.items())]
    broken = sum(_parsed(source) is None for source in cells)
    return lines + ([f"  cells that Python cannot read: {broken}"] if broken else [])


def _in_lesson(numbers):
    """How many exercises the lesson has that most of these belong to."""
    lessons = Counter(number.partition(".")[0] for number in numbers).most_common(1)
    with contextlib.suppress(ValueError):
        return len(exercises_of(lessons[0][0])) if lessons else 0
    return 0


# --- what is in the file


def code_of(path) -> list[str]:
    """The sources of a notebook's code cells.

    Raises:
        ValueError: if the file is no notebook.
    """
    return [_text(cell.get("source", "")) for cell in _cells(path) if cell.get("cell_type") == "code"]


def predictions_in(path) -> tuple[int, int]:
    """How many predictions the last summary in a notebook shows as made, and of how many."""
    made = asked = 0
    for cell in _cells(path):
        for output in cell.get("outputs", []) if isinstance(cell.get("outputs"), list) else []:
            data = output.get("data", {}) if isinstance(output, dict) else {}
            rows = _text(data.get("text/plain", "") if isinstance(data, dict) else "").splitlines()
            if not (rows and re.match(r"Prediction +You said +Measured$", rows[0])):
                continue
            until = next((i for i, row in enumerate(rows) if row.startswith("Exercise ")), len(rows))
            answers = [row[rows[0].index("You said") :].split("  ")[0].strip() for row in rows[1:until]]
            made, asked = sum(answer not in ("-", "") for answer in answers), len(answers)
    return made, asked


def _cells(path):
    try:
        book = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    cells = book.get("cells") if isinstance(book, dict) else None
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise ValueError("it has no list of cells")
    return cells


def _text(source):
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def _parsed(source):
    """The tree of a cell, if need be without what only IPython understands; None if Python cannot read it."""
    plain = re.sub(r"(=[ \t]*)[%!].*$", r"\1None", source, flags=re.M)  # files = !ls
    for text in source, re.sub(r"^[ \t]*[%!?].*$|^.*\?\s*$", "", plain, flags=re.M):
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            with warnings.catch_warnings(action="ignore"):
                tree = ast.parse(text)
                compile(tree, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)  # finds more than parsing does
            return tree
    return None


def calls_in(source) -> list[tuple[str, ast.expr]]:
    """The number of the exercise and the answer of each ``check(...)`` in a cell.

    >>> [number for number, _ in calls_in('check("1.1", step)')]
    ['1.1']
    """
    found = []
    for node in ast.walk(_parsed(source) or ast.Module([], [])):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "check":
            given = dict(zip(("name", "answer"), node.args, strict=False)) | {k.arg: k.value for k in node.keywords}
            if isinstance(given.get("name"), ast.Constant) and "answer" in given:
                found.append((_number(given["name"].value), given["answer"]))
    return found


def _number(name):
    """The number of the exercise that goes by this name; the name itself, where the course has none."""
    try:
        return find_exercise(name).number
    except ValueError:
        return str(name)


# --- judging it, in a process of its own


def judged(path, place, patience=PATIENCE) -> str:
    """The verdict on a notebook's answer number ``place``, found in a process that the answer may end or block."""
    command = [sys.executable, "-m", "gd_helpers.exercises.handed_in", "--judge", str(Path(path).resolve()), str(place)]
    quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdout": subprocess.PIPE}
    try:
        said = subprocess.run(command, timeout=patience, **quiet).stdout.decode("utf-8", "replace").strip()
    except subprocess.TimeoutExpired:
        return f"Not yet. Stopped after {patience:g} seconds: the code was still running."
    return said or "Not yet. The code ended Python itself."


def _judge(path, place):
    """In a process of its own: print the verdict on one answer."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")  # the learner's code may print: that goes nowhere
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.chdir(Path(path).parent)  # where a notebook's code is at home
    statements, answers = [], []
    for cell, source in enumerate(code_of(path)):
        name = f"<cell {cell}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)  # to quote a line
        tree = _parsed(source) or ast.Module([], [])
        answers += [(number, answer, cell) for number, answer in calls_in(source)]
        statements += [_Statement(node, name, cell) for node in tree.body]
    print(_verdict(*answers[place], statements), file=out, flush=True)


class _Statement:
    """A statement at the top of a cell: the names that it sets or changes, and those that it or its functions read."""

    def __init__(self, node, name, cell):
        self.cell, self.sets, self.reads = cell, set(), set()
        self.code = compile(ast.Module([node], []), name, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        self._look(self.code, top=True)
        inside = [] if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) else ast.walk(node)
        changed = [part for part in inside if isinstance(getattr(part, "ctx", None), ast.Store)]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            changed.append(node.value.func)  # rates.append(0.1)
        self.sets |= {_root(part) for part in changed if isinstance(part, ast.Attribute | ast.Subscript)}
        self.sets_any = isinstance(node, ast.ImportFrom) and node.names[0].name == "*"

    def _look(self, code, top):
        for step in dis.get_instructions(code):
            if step.opname in ("STORE_NAME", "STORE_GLOBAL") and (top or step.opname == "STORE_GLOBAL"):
                self.sets.add(step.argval)
            elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"):
                self.reads.add(step.argval)
        for inner in filter(inspect.iscode, code.co_consts):
            self._look(inner, top=False)


def _root(part):
    """The name that an attribute or an entry belongs to: ``a`` of ``a.b[0].c``."""
    while isinstance(part, ast.Attribute | ast.Subscript):
        part = part.value
    return part.id if isinstance(part, ast.Name) else None


def _needed(expression, cell, statements):
    """The statements that an answer in a cell needs: those that set its names, and the names that these read."""
    wanted = [node.id for node in ast.walk(expression) if isinstance(node, ast.Name)]
    seen, needed = set(), set()
    while wanted:
        name = wanted.pop()
        if name not in seen:
            seen.add(name)
            setters = [i for i, one in enumerate(statements) if name in one.sets or one.sets_any]
            above = [i for i in setters if statements[i].cell <= cell]
            for i in above or setters:  # a cell further down may have been run first
                needed.add(i)
                wanted += statements[i].reads
    return [statements[i] for i in sorted(needed)]


def _verdict(number, answer, cell, statements):
    """What ``check`` would say about an answer."""
    try:
        exercise = find_exercise(number)
    except ValueError:
        return "not judged: the course has no such exercise"
    names = {"__name__": "__main__"}
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):
            for one in _needed(answer, cell, statements):
                if inspect.iscoroutine(waiting := eval(one.code, names)):  # ``await`` outside a function
                    asyncio.run(waiting)
            given = eval(compile(ast.Expression(answer), "<answer>", "eval"), names)
            return str(judge(exercise, given))
    except BaseException as problem:  # sys.exit(), too
        return f"Not yet. The code stops with {type(problem).__name__}: {problem}".removesuffix(": ")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--judge"]:
        _judge(sys.argv[2], int(sys.argv[3]))
    elif len(sys.argv) == 2:
        sys.stdout.reconfigure(errors="backslashreplace")  # a console need not know all letters of a file's name
        main(sys.argv[1])
    else:
        raise SystemExit("usage: python -m gd_helpers.exercises.handed_in FOLDER")
