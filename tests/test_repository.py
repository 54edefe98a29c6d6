"""The repository as a newcomer meets it: commands, links, ranges of versions, the form of the notebooks."""

import ast
import dis
import inspect
import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BOOKS = {path.stem: nbformat.read(path, as_version=4) for path in LESSONS}
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "gd_helpers").rglob("*.md")),
             *(ROOT / "notebooks").glob("*.md")]  # fmt: skip

NUMBERED = [name for name in BOOKS if name[0].isdigit()]  # the others are for teachers

every_lesson = pytest.mark.parametrize("name", BOOKS)


def text_of(output):
    """Everything in a stored output that is text: what nbval compares."""
    return [output.text] if output.output_type == "stream" else [
        content for kind, content in output.get("data", {}).items() if kind.startswith("text/")
    ]  # fmt: skip


def code_of(name):
    return [cell for cell in BOOKS[name].cells if cell.cell_type == "code"]


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.M | re.S)


@pytest.mark.parametrize(("i", "ending"), [(0, "01_intuition.ipynb\n"), (1, "-m pytest -n 2\n")])
def test_each_command_is_one_line_that_sets_up_everything_itself(i, ending):
    command = blocks("bash")[i]
    assert command.count("\n") == 1
    assert command.endswith(ending)
    assert re.search(r" -m venv \.venv\b", command)
    assert ".venv/bin/python -m pip install -r " in command
    for name in re.findall(r"-r (\S+)", command) + re.findall(r"\S+\.ipynb", command):
        assert (ROOT / name).is_file(), name
    # By default the Lab shows the folder of the lesson only, and links to the package's files lead nowhere.
    assert i == 1 or " lab --notebook-dir=. notebooks" in command


def test_the_windows_commands_do_the_same_as_the_others():
    def plain(command):
        command = command.replace("\\", "/").replace("/Scripts/", "/bin/").replace("; ", " && ")
        return re.sub(r"^(py|python3) ", "", command)

    assert list(map(plain, blocks("powershell"))) == list(map(plain, blocks("bash")))


def test_github_pages_gets_what_the_documented_command_builds():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^(.* -m venv .* lite build .*)$", text, flags=re.M)
    assert f"      - run: {command}\n" in (ROOT / ".github/workflows/pages.yml").read_text()


@pytest.mark.parametrize("name", NUMBERED)
def test_the_readme_lists_every_lesson_with_a_picture(name):
    assert f"](notebooks/{name}.ipynb)" in README
    assert f"](notebooks/images/{name}.png)" in README


def test_the_binder_link_opens_a_lesson_that_exists():
    (path,) = re.findall(r"https://mybinder\.org/v2/gh/[^)\s]+\?urlpath=lab/tree/([^)\s]+)", README)
    assert (ROOT / path).is_file()


def prose():
    """Each text that a reader sees: its name, its text, the folder that its links start from."""
    for path in DOCUMENTS:
        yield path.name, path.read_text(encoding="utf-8"), path.parent
    for path, book in zip(LESSONS, BOOKS.values(), strict=True):
        for cell in book.cells:
            yield path.name, cell.source, path.parent
            for output in cell.get("outputs", []):
                yield path.name, "\n".join(text_of(output)), path.parent


def test_relative_links_lead_to_a_file_and_in_a_lesson_to_a_heading():
    """As JupyterLab names headings: their words, with hyphens between them."""
    found = 0
    for name, text, folder in prose():
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            file, _, part = target.partition("#")
            if target.startswith("https://"):
                continue
            found += 1
            assert (folder / file).exists(), f"{name}: {target}"
            if part and (book := BOOKS.get(Path(file or name).stem)):
                cells = "\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
                headings = re.findall(r"^#+ (.+)$", cells.replace("-", " "), flags=re.M)
                assert unquote(part).replace("-", " ") in headings, f"{name}: {target}"
    assert found > 5


def test_nothing_is_loaded_from_elsewhere():
    for name, text, _ in prose():
        assert not re.search(r"!\[[^]]*\]\(\w+:|<(img|script|iframe|link)\b", text), name


# Written so that this file does not find itself.
MACHINE = re.compile(r"/(?:home|root|tmp|Users|work)/\w|[A-Z]:\\(?:Users)")


def test_no_path_of_a_machine_in_any_file():
    texts = {f"{name} ({number})": text for number, (name, text, _) in enumerate(prose())}
    for folder in ("gd_helpers", "tests", "binder", ".ci"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".py", ".js", ".css", ".json", ".txt", ""):
                texts[str(path)] = path.read_text(encoding="utf-8") if path.is_file() else ""
    found = [(name, match[0]) for name, text in texts.items() if (match := MACHINE.search(text))]
    assert found == []


def requirements():
    yield from tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    for name in ("requirements.txt", "tests/requirements.txt", "binder/requirements.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if line and not line.startswith(("#", "-")):
                yield line


@pytest.mark.parametrize("line", list(requirements()))
def test_every_requirement_has_a_lower_bound_and_a_reason(line):
    operators = {specifier.operator for specifier in Requirement(line).specifier}
    assert ">=" in operators
    assert not operators & {"==", "==="}, "a range, not a pin"
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| {re.escape(Requirement(line).name)} +\|", text, flags=re.M)


def test_contributing_places_every_module():
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("### Why")[0]
    modules = {path.stem for path in (ROOT / "gd_helpers").glob("*.py")} - {"__init__"}
    packages = {path.parent.name for path in (ROOT / "gd_helpers").glob("*/__init__.py")}
    assert {name for name in modules | packages if f"`{name}`" not in table} == set()


@every_lesson
def test_a_lesson_is_stored_from_one_clean_run(name):
    book, cells = BOOKS[name], code_of(name)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert "widgets" not in book.metadata, "some viewers refuse such notebooks"
    for output in (output for cell in cells for output in cell.outputs):
        assert output.output_type in ("stream", "display_data", "execute_result"), output
        assert output.get("name", "stdout") == "stdout", output
        assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})


@every_lesson
def test_live_figures_are_stored_as_picture_and_text(name):
    live = [cell for cell in code_of(name) if re.search(r"^@live\(", cell.source, flags=re.M)]
    assert live
    for cell in live:
        (shown,) = [output.data for output in cell.outputs if output.output_type == "display_data"]
        assert set(shown) == {"image/png", "text/plain"}


@every_lesson
def test_texts_are_the_same_on_every_run(name):
    """No memory addresses, and no mark that would keep nbval from comparing."""
    for cell in code_of(name):
        assert "NBVAL" not in cell.source.upper()
        assert not [tag for tag in cell.metadata.get("tags", []) if "nbval" in tag or tag == "raises-exception"]
        texts = [text for output in cell.outputs for text in text_of(output)]
        assert not re.search(r"\b0x[0-9a-f]{6,}", "\n".join(texts))


@every_lesson
def test_cells_are_short_and_plain(name):
    first, *others = [cell.source for cell in code_of(name)]
    assert first.lstrip().startswith(("import", "from"))
    for source in (first, *others):
        assert len(source.splitlines()) <= 15, source
        assert not source.rstrip().endswith(";"), source
    for source in others:
        imports = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not imports, source


def names_of(cell):
    """The names that a cell reads before it sets them, those that its functions read later, and those that it sets."""
    now, later, written = set(), set(), set()

    def walk(code, read):
        for instruction in dis.get_instructions(code):
            name = instruction.argval
            if instruction.opname == "STORE_NAME":
                written.add(name)
            elif instruction.opname in ("LOAD_NAME", "LOAD_GLOBAL") and (read is later or name not in written):
                read.add(name)
        for inner in filter(inspect.iscode, code.co_consts):
            walk(inner, read if inner.co_name in ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>") else later)

    walk(compile(cell.source, "cell", "exec"), now)
    return now, later, written


@every_lesson
def test_each_cell_can_be_run_again_after_all_the_others(name):
    """A learner changes a number somewhere and runs that cell: the names that it reads must still mean the same."""
    cells = [names_of(cell) for cell in code_of(name)]
    for k, (now, later, _) in enumerate(cells):
        for read in now | later:
            setters = [i for i, (_, _, written) in enumerate(cells) if read in written]
            assert len(setters) <= 1, f"code cell {k} reads {read}, which is set in {setters}"
            assert read not in now or k not in setters, f"code cell {k} sets {read} anew from what it was"
