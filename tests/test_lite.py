"""The browser-only edition: the documented command builds it, its lock holds, and the lessons open and are kept.

Pyodide's files come from ``GD_PYODIDE``, a folder with its full release unpacked. Without that they come from npm,
which has Python itself but no NumPy and no matplotlib: what needs those is skipped.
"""

import contextlib
import hashlib
import inspect
import json
import os
import re
import shutil
import subprocess
import textwrap
import threading
import tomllib
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import lab
import pytest
from packaging.requirements import Requirement

from gd_helpers.exercises.exercise import exercises_of

ROOT = Path(__file__).parents[1]
PYODIDE = os.environ.get("GD_PYODIDE")
COMMAND = re.search(r"^.* -m venv .* lite build .*$", (ROOT / "CONTRIBUTING.md").read_text(), flags=re.M)[0]
LESSON = "01_intuition.ipynb"
# The full release has these as compiled wheels; no registry has them for a browser.
COMPILED = ["numpy", "matplotlib", "contourpy", "kiwisolver", "pillow"]
pytestmark = pytest.mark.slow


def newer_python():
    """A Python that Pyodide's tools can be installed on; one that pyenv has will do."""
    for version in ("3.14", "3.13", "3.12"):
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            command = [f"python{version}", "-c", "import sys; print(sys.executable)"]
            environment = os.environ | {"PYENV_VERSION": version}
            return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    return lacking("no Python 3.12 or newer found, which the tools that build the site need")


def lacking(what):
    (pytest.fail if os.environ.get("GD_REQUIRE_LITE") else pytest.skip)(what)


def run(command, folder):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    return done.stdout


@contextlib.contextmanager
def served(folder):
    """Serve a folder to this machine; yields the address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def fetch_pyodide(folder, version):
    """Lay Pyodide's own files into a folder: the full release, or npm's with empty wheels where it has none."""
    if PYODIDE:
        shutil.copytree(PYODIDE, folder)
        return
    if shutil.which("npm") is None:
        lacking("npm is not installed, and GD_PYODIDE names no folder with Pyodide")
    folder.mkdir(parents=True)
    packed = run(f"npm pack --silent pyodide@{version}", folder).strip()
    run(f"tar --extract --strip-components=1 --file {packed}", folder)
    lock = json.loads((folder / "pyodide-lock.json").read_text())
    # Everything else is pure Python, and is found where the wheel's other requirements are found.
    lock["packages"] = {name: without_contents(folder, lock["packages"][name]) for name in COMPILED}
    (folder / "pyodide-lock.json").write_text(json.dumps(lock))


def without_contents(folder, package):
    """Write a wheel that says its name, its version and what it needs; returns its entry in the lock."""
    path, (name, version, tag) = folder / package["file_name"], package["file_name"][:-4].split("-", 2)
    needs = "".join(f"Requires-Dist: {needed}\n" for needed in package["depends"])
    with zipfile.ZipFile(path, "w") as wheel:
        told = f"{name}-{version}.dist-info"
        wheel.writestr(f"{told}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        wheel.writestr(f"{told}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")
        wheel.writestr(f"{told}/RECORD", "")
    return package | {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder that the documented command makes, with Pyodide's files in it."""
    copy = tmp_path_factory.mktemp("lite") / "repository"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "build", "static", "__pycache__"))
    prepare, build = COMMAND.replace("python3 ", f"{newer_python()} ", 1).split(" && (cd build && ")
    run(prepare, copy)
    version = "from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION; print(PYODIDE_VERSION)"
    pyodide = copy / "lite" / "static" / "pyodide"
    fetch_pyodide(pyodide, run(f'build/env/bin/python -c "{version}"', copy).strip())
    with served(pyodide) as address:
        run(f"{build.removesuffix(')')} --pyodide-lock-url {address}pyodide-lock.json", copy / "build")
    lock = copy / "build/site/static/pyodide-lock/pyodide-lock.json"
    lock.write_text(lock.read_text().replace(address, "../pyodide/"))
    return copy / "build/site"


def test_the_site_has_the_lessons_what_they_link_to_what_live_figures_need_and_no_other_file(site):
    def below(top):
        found = {path.relative_to(top) for path in top.rglob("*") if path.is_file()}
        return {path for path in found if not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)}

    assert {path.name for path in (site / "files").iterdir()} == {"notebooks", "gd_helpers"}
    for folder in ("notebooks", "gd_helpers"):
        assert below(site / "files" / folder) == below(ROOT / folder)
    settings = json.loads((site / "jupyter-lite.json").read_text())["jupyter-config-data"]
    assert {"@jupyter-widgets/jupyterlab-manager", "anywidget"} <= {e["name"] for e in settings["federated_extensions"]}


def test_the_lock_has_the_package_and_all_that_it_needs(site):
    folder = site / "static/pyodide-lock"
    packages = json.loads((folder / "pyodide-lock.json").read_text())["packages"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    course = packages["gd-helpers"]
    assert course["version"] == project["version"]
    assert "gd_helpers" in course["imports"]
    assert set(course["depends"]) == {Requirement(line).name for line in project["dependencies"]}
    settings = json.loads((site / "jupyter-lite.json").read_text())["jupyter-config-data"]["litePluginSettings"]
    needed = settings["@jupyterlite/pyodide-kernel-extension:kernel"]["loadPyodideOptions"]["packages"]
    for name in needed:  # which grows on the way
        package = packages[name.lower()]
        assert hashlib.sha256((folder / package["file_name"]).read_bytes()).hexdigest() == package["sha256"], name
        needed += [other for other in package["depends"] if other not in needed]
    assert set(COMPILED) <= set(needed)


class Lesson(lab.Lesson):
    """A lesson in the browser-only edition."""

    def url(self, address, name, in_notebook):
        """Return the address of the site for lesson 1, which it opens by itself; else of the lesson."""
        return address if name == LESSON else f"{address}lab/index.html?path=notebooks/{name}"

    def wait_until_open(self):
        """Wait until the lesson is shown and Python has started, which takes a while on a busy computer."""
        self.page.set_default_timeout(120_000)
        super().wait_until_open()

    def elsewhere(self):
        """Return the requests to other hosts."""
        return [problem for problem in self.problems if problem.startswith("request: ")]


@pytest.fixture
def lesson(site, chrome):
    with served(site) as address:
        lesson = Lesson(chrome, address, LESSON)
        yield lesson
        lesson.page.close()


def test_the_landing_page_opens_lesson_1_with_python_in_the_page(lesson):
    assert lesson.page.evaluate("window.jupyterapp.shell.currentWidget.context.path") == f"notebooks/{LESSON}"
    assert lesson.ask_kernel("import gd_helpers, sys; print(sys.platform, gd_helpers.__file__)").startswith(
        "emscripten /lib/"
    )
    assert lesson.elsewhere() == []


def test_reloading_the_page_keeps_what_was_written(lesson):
    editor = lesson.cell('check("1.1",').locator(".cm-content")
    editor.click()
    lesson.page.keyboard.press("ControlOrMeta+Home")
    lesson.page.keyboard.insert_text("# my own words\n")
    lesson.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")
    lesson.page.reload()
    lesson.wait_until_open()
    assert lesson.lines("# my own words") == ["# my own words"]


needs_numpy = pytest.mark.skipif(
    not PYODIDE, reason="GD_PYODIDE names no folder with Pyodide's full release, so there is no NumPy"
)


@needs_numpy
@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb")))
def test_every_lesson_runs_whole(name, site, chrome):
    with served(site) as address:
        lesson = Lesson(chrome, address, name)
        assert lesson.run_all() == []
        assert lesson.elsewhere() == []
        lesson.page.close()


@needs_numpy
def test_lesson_1_can_be_worked_through(lesson):
    assert lesson.run_all() == []
    figure = lesson.figure("grope")
    figure.handles.first.focus()
    assert figure.moves_when(lambda: figure.handles.first.press("ArrowLeft"))
    asked = lesson.cell(" = predict(").locator(".widget-vbox", has_text="Predict:")
    asked.locator("input[type=radio]").first.check()
    asked.get_by_role("button", name="Record my prediction").click()
    asked.get_by_text("Recorded:").wait_for()
    exercise = exercises_of(1)[0]
    call = f'check("{exercise.number}",'
    lesson.type_and_run(call, textwrap.dedent(inspect.getsource(exercise.solution)).strip())
    lesson.cell(call).get_by_text("Right").first.wait_for()
    assert lesson.elsewhere() == []
