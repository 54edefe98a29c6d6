"""The repository as a newcomer meets it: commands, links, ranges of versions, the form and words of the notebooks."""

import ast
import dis
import inspect
import itertools
import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from packaging.requirements import Requirement
from PIL import Image

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SITE = re.search(r"^.* -m venv .* pages/build.py .*$", CONTRIBUTING, flags=re.M)[0]
BUILD = SITE.partition(" && build/env/bin/python -m pip install build/wheels/")[0]  # of the browser-only edition
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BOOKS = {path.stem: nbformat.read(path, as_version=4) for path in LESSONS}

every_lesson = pytest.mark.parametrize("name", BOOKS)


def text_of(output):
    """Everything in a stored output that is text: what nbval compares."""
    shown = output.get("data", {"text/plain": output.get("text", "")})  # a stream has no more than its text
    return [content for kind, content in shown.items() if kind.startswith("text/")]


def code_of(name):
    return [cell for cell in BOOKS[name].cells if cell.cell_type == "code"]


@pytest.mark.parametrize(("i", "ending"), [(0, "01_intuition.ipynb"), (1, "-m pytest -n 2")])
def test_each_command_is_one_line_that_sets_up_everything_itself_and_windows_has_the_same(i, ending):
    command, on_windows = (re.findall(rf"^```{shell}\n(.*)\n```", README, re.M)[i] for shell in ("bash", "powershell"))
    assert command.startswith("python3 -m venv .venv && .venv/bin/python -m pip install -r ")
    assert command.endswith(ending)
    for name in re.findall(r"-r (\S+)|(\S+\.ipynb)", command):
        assert (ROOT / "".join(name)).is_file(), name
    # By default the Lab shows the folder of the lesson only, and links to the package's files lead nowhere.
    assert i == 1 or " lab --notebook-dir=. notebooks" in command
    on_windows = on_windows.replace("\\", "/").replace("/Scripts/", "/bin/").replace("; ", " && ")
    assert on_windows.replace("py ", "python3 ", 1) == command


def test_github_runs_the_documented_commands_and_tests_on_the_oldest_and_the_newest_python_of_the_table():
    assert f"      - run: {SITE}\n" in (ROOT / ".github/workflows/pages.yml").read_text(encoding="utf-8")
    workflow = (ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8")
    commands = [re.findall(rf"^```{shell}\n(.*)\n```", README, re.M)[1] for shell in ("powershell", "bash")]
    assert re.findall(r"^      - run: (.*)$", workflow, re.M) == [".ci/run", *commands]
    rows = re.findall(r"^\| `(3\.\d+)` \|", CONTRIBUTING, re.M)
    ends = sorted(rows, key=lambda row: int(row[2:]))[:: len(rows) - 1]
    assert set(re.findall(r"python: \[(.*)\]", workflow)) == {", ".join(f'"{row}"' for row in ends)}


def test_the_readme_lists_every_lesson_with_a_picture_and_sends_binder_to_one():
    for name in [name for name in BOOKS if name[0].isdigit()]:  # the others are for teachers
        assert f"](notebooks/{name}.ipynb)" in README
        assert f"](notebooks/images/{name}.png)" in README
    for words, picture in re.findall(r"!\[([^]]*)\]\((notebooks/images/\w+\.png)\)", README):
        assert Image.open(ROOT / picture).text["Description"] in words  # what the figure says where it stands
    (path,) = re.findall(r"https://mybinder\.org/v2/gh/[^)\s]+\?urlpath=lab/tree/([^)\s]+)", README)
    assert (ROOT / path).is_file()


def prose():
    """Each text that a reader sees: its name, its text, the folder that its links start from."""
    for path in [*ROOT.glob("*.md"), *(ROOT / "gd_helpers").rglob("*.md"), *(ROOT / "notebooks").glob("*.md")]:
        yield path.name, path.read_text(encoding="utf-8"), path.parent
    for path, book in zip(LESSONS, BOOKS.values(), strict=True):
        for cell in book.cells:
            for text in [cell.source, *(text for output in cell.get("outputs", []) for text in text_of(output))]:
                yield path.name, text, path.parent


def test_relative_links_lead_to_a_file_and_in_a_lesson_to_a_heading_and_nothing_is_loaded_from_elsewhere():
    """As JupyterLab names headings: their words, with hyphens between them."""
    found = 0
    for name, text, folder in prose():
        assert not re.search(r"!\[[^]]*\]\(\w+:|<(img|script|iframe|link)\b", text), name
        for target in re.findall(r"\]\(((?!https://)[^)\s]+)\)", text):
            file, _, part = target.partition("#")
            found += 1
            assert (folder / file).exists(), f"{name}: {target}"
            if part and (book := BOOKS.get(Path(file or name).stem)):
                cells = "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
                headings = re.findall(r"^#+ (.+)$", cells.replace("-", " "), flags=re.M)
                assert unquote(part).replace("-", " ") in headings, f"{name}: {target}"
    assert found > 5


# Written so that this file does not find itself.
MACHINE = re.compile(r"/(?:home|root|tmp|Users|work)/\w|[A-Z]:\\(?:Users)")


def test_no_path_of_a_machine_in_any_file():
    texts = [(name, text) for name, text, _ in prose()]
    files = [path for folder in ("gd_helpers", "tests", "binder", ".ci") for path in (ROOT / folder).rglob("*")]
    code = [path for path in files if path.suffix in (".py", ".js", ".css", ".json", ".txt", "") and path.is_file()]
    texts += [(str(path), path.read_text(encoding="utf-8")) for path in code]
    assert [(name, match[0]) for name, text in texts if (match := MACHINE.search(text))] == []


def lines(name):
    return [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if not line.startswith(("#", "-r"))]


def test_every_requirement_has_a_lower_bound_and_a_reason():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    wanted += lines("requirements.txt") + lines("tests/requirements.txt") + lines("binder/requirements.txt")
    for requirement in [Requirement(line) for line in wanted if line != "-e ."]:
        assert {specifier.operator for specifier in requirement.specifier} == {">="}, f"{requirement}: a range, no pin"
        assert re.search(rf"^\| {requirement.name} +\| \w", CONTRIBUTING, flags=re.M), requirement.name


def test_binder_gets_the_package_and_a_kernel_that_loses_no_requests_and_the_rest_of_jupyter_is_left_alone():
    """See "Binder" in CONTRIBUTING.md."""
    assert {path.name for path in (ROOT / "binder").iterdir()} == {"requirements.txt", "runtime.txt"}
    # Binder understands major.minor only, and without this file takes one that is too old.
    assert lines("binder/runtime.txt") == ["python-3.12"]
    kernel, package = lines("binder/requirements.txt")
    assert package == "-e ."
    assert kernel in lines("requirements.txt")
    assert Requirement(kernel).name == "ipykernel"
    assert not list(Requirement(kernel).specifier.filter(["7.0.0", "7.0.1", "7.1.0", "7.2.0", "7.3.0"]))


@every_lesson
def test_a_lesson_is_stored_from_one_clean_run_with_figures_as_picture_and_text(name):
    book, cells = BOOKS[name], code_of(name)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not {"widgets", "gd_helpers"} & {*book.metadata}  # some viewers refuse the one; the other keeps answers
    for cell in cells:
        assert "NBVAL" not in cell.source.upper()  # no mark that would keep nbval from comparing
        assert not [tag for tag in cell.metadata.get("tags", []) if "nbval" in tag or tag == "raises-exception"]
        for output in cell.outputs:
            assert output.get("name", "stdout") == "stdout", output
            assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
    for cell in book.cells:  # what JupyterLab folds is folded elsewhere
        folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        assert ("hide-input" in cell.metadata.get("tags", [])) == folded, cell.source
    prose = "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
    assert re.findall('^##+ .*[?:,."“”].*$', prose, flags=re.M) == []  # tools differ in what a link calls these
    live = [cell.outputs for cell in cells if re.search(r"^@live\(", cell.source, flags=re.M)]
    assert live
    for outputs in live:
        (shown,) = [output.data for output in outputs if output.output_type == "display_data"]
        assert set(shown) == {"image/png", "text/plain"}


@every_lesson
def test_cells_are_short_and_plain_and_imports_stand_in_the_first(name):
    for i, source in enumerate(cell.source for cell in code_of(name)):
        assert len(source.splitlines()) <= 15, source
        assert not source.rstrip().endswith(";"), source
        imports = any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(ast.parse(source)))
        assert imports == (i == 0), source


def names_of(code):
    """The names that a cell reads from other cells, or that its functions read later, and those that it sets."""
    read, written = set(), set()
    for instruction in dis.get_instructions(code):
        if instruction.opname == "STORE_NAME":
            written.add(instruction.argval)
        elif instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL") and instruction.argval not in written:
            read.add(instruction.argval)
    for inner in filter(inspect.iscode, code.co_consts):
        at_once = inner.co_name in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
        read |= names_of(inner)[0] - (written if at_once else set())
    return read, written


@every_lesson
def test_each_cell_can_be_run_again_after_all_the_others(name):
    """A learner changes a number somewhere and runs that cell: the names that it reads must still mean the same."""
    cells = [names_of(compile(cell.source, "cell", "exec")) for cell in code_of(name)]
    for k, (names, _) in enumerate(cells):
        for read in names:
            setters = [i for i, (_, written) in enumerate(cells) if read in written]
            assert len(setters) <= 1, f"code cell {k} reads {read}, which is set in {setters}"


def telling(text):
    """The words that tell something, without their endings."""
    return {word.rstrip("s") for word in re.findall(r"[a-z]{5,}|\d+(?:\.\d+)?", text.lower())}


@every_lesson
def test_a_covered_answer_is_not_told_on_the_same_screen(name):
    """Down to the next thing to do few words of the outcome and its reason are repeated: two, or below two in five."""
    for i, cell in enumerate(BOOKS[name].cells):
        below = itertools.takewhile(lambda one: one.cell_type == "markdown", BOOKS[name].cells[i + 1 :])
        prose = telling("\n".join(one.source for one in below))
        for text in [text for output in cell.get("outputs", []) for text in text_of(output)]:
            question, *outcome = re.split(r"\n(?:.*\n)*(?:Measured|Judged here): ", text)
            told = telling("".join(outcome)) - telling(question)
            assert len(told & prose) < max(3, 0.4 * len(told)), f"{text} {sorted(told & prose)}"


# In bold for another reason than to explain them, or words of every day that get a narrower sense there.
EVERYDAY = """slope, line, point, bounces, explodes, largest, it takes, time, floor, update, step, rules, update rule,
neural network, saddle, chain, generalise, flat, open, true, half true, nesterov, measured here, beside the point"""


def test_a_term_is_in_bold_and_explained_where_it_is_first_used():
    cells = [cell for name in sorted(BOOKS) for cell in BOOKS[name].cells if cell.cell_type == "markdown"]
    course = "\n".join(cell.source for cell in cells if not cell.source.startswith("## Sources")).lower()
    for term in set(re.findall(r"\*\*([a-z][a-z' -]+)\*\*", course)) - set(re.split(r",\s", EVERYDAY)):
        used = re.search(rf"(..)\b{term.removesuffix('s')}s?\b.*", course)
        assert used[1] == "**", f"{term}: {used[0]}"
