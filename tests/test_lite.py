"""The browser-only edition: the documented command builds it, its lock holds, and the lessons open and are kept.

Pyodide's files come from ``GD_PYODIDE``, a folder with its full release unpacked. Without that they come from npm,
which has Python itself but no NumPy and no matplotlib: what needs those is skipped.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import threading
import tomllib
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import lab
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from packaging.requirements import Requirement
from test_browser_hand import VIEW
from test_packaging import ENABLED
from test_repository import BOOKS, BUILD, ROOT

from gd_helpers.exercises.exercise import exercises_of

PYODIDE = os.environ.get("GD_PYODIDE")
# The full release has these as compiled wheels; no registry has them for a browser.
COMPILED = ["numpy", "matplotlib", "contourpy", "kiwisolver", "pillow"]
pytestmark = pytest.mark.slow


def lacking(what):
    (pytest.fail if os.environ.get("GD_REQUIRE_LITE") else pytest.skip)(what)


def run(command, folder, **variables):
    """Run a command in a shell; returns what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables
    done = subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    return done.stdout.strip()


def newer_python():
    """A Python that Pyodide's tools can be installed on; one that pyenv has will do."""
    for version in ("3.14", "3.13", "3.12"):
        with contextlib.suppress(AssertionError):
            return run(f"python{version} -c 'import sys; print(sys.executable)'", ROOT, PYENV_VERSION=version)
    return lacking("no Python 3.12 or newer found, which the tools that build the site need")


@contextlib.contextmanager
def served(folder):
    """Serve a folder to this machine; yields the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder)) as server:
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
    run(f"tar --extract --strip-components=1 --file $(npm pack --silent pyodide@{version})", folder)
    lock = json.loads((folder / "pyodide-lock.json").read_text())
    # Everything else is pure Python, and is found where the wheel's other requirements are found.
    lock["packages"] = {name: lock["packages"][name] for name in COMPILED}
    for package in lock["packages"].values():
        path, (name, version, tag) = folder / package["file_name"], package["file_name"][:-4].split("-", 2)
        needs = "".join(f"Requires-Dist: {needed}\n" for needed in package["depends"])
        with zipfile.ZipFile(path, "w") as wheel:
            told = f"{name}-{version}.dist-info"
            wheel.writestr(f"{told}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
            wheel.writestr(f"{told}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n")
            wheel.writestr(f"{told}/RECORD", "")
        package["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "pyodide-lock.json").write_text(json.dumps(lock))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder `build` that the documented command makes, with Pyodide's files in the site."""
    copy = tmp_path_factory.mktemp("lite") / "repository"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "build", "static", "__pycache__"))
    prepare, build = BUILD.replace("python3 ", f"{newer_python()} ", 1).split(" && (cd build && ")
    run(prepare, copy)
    pyodide, version = copy / "lite/static/pyodide", "jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION"
    fetch_pyodide(pyodide, run(f"build/env/bin/python -c 'from {version}; print(PYODIDE_VERSION)'", copy))
    with served(pyodide) as address:
        run(f"{build.removesuffix(')')} --pyodide-lock-url {address}pyodide-lock.json", copy / "build")
    lock = copy / "build/site/run/static/pyodide-lock/pyodide-lock.json"
    lock.write_text(lock.read_text().replace(address, "../pyodide/"))
    return copy / "build"


def below(top):
    found = {path.relative_to(top) for path in top.rglob("*") if path.is_file()}
    return {path for path in found if not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)}


def test_the_wheel_has_every_file_of_the_package_and_enables_the_extension(built):
    (wheel,) = built.glob("wheels/*.whl")
    files = set(zipfile.ZipFile(wheel).namelist())
    assert {f"gd_helpers/{path}" for path in below(ROOT / "gd_helpers") if path.name != "server.json"} <= files
    assert [name for name in files if name.endswith(f".data/data/{ENABLED}")]
    assert {name.partition("/")[0].partition("-")[0] for name in files} == {"gd_helpers"}


def test_the_site_has_the_lessons_what_they_link_to_what_live_figures_need_and_no_other_file(built):
    files = built / "site/run/files"
    assert {path.name for path in files.iterdir()} == {"notebooks", "gd_helpers"}
    for folder in ("notebooks", "gd_helpers"):
        assert below(files / folder) == below(ROOT / folder)
    settings = json.loads((built / "site/run/jupyter-lite.json").read_text())["jupyter-config-data"]
    extensions = {extension["name"] for extension in settings["federated_extensions"]}
    assert {"@jupyter-widgets/jupyterlab-manager", "anywidget", "gd-helpers"} <= extensions


def test_the_lock_has_the_package_and_all_that_it_needs(built):
    packages = json.loads((built / "site/run/static/pyodide-lock/pyodide-lock.json").read_text())["packages"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(packages["gd-helpers"]["depends"]) == {Requirement(line).name for line in project["dependencies"]}
    assert {*packages["gd-helpers"]["depends"], *COMPILED} <= set(packages)
    fetched = {name for package in packages.values() for name in package["depends"]}
    assert not fetched & {"fonttools", "pytz", "prompt-toolkit"}  # a tenth of a first visit, and nothing uses them


@pytest.fixture
def opened(built, chrome):
    """Opens a lesson; without a name what the landing page opens. Python takes a while to start on a busy computer."""
    with served(built / "site/run") as address, contextlib.ExitStack() as pages:

        def open_lesson(name=None):
            url = f"{address}notebooks/index.html?path=notebooks/{name}.ipynb" if name else address
            return pages.enter_context(contextlib.closing(lab.Lesson(chrome, url, patience=120_000)))

        yield open_lesson


def test_the_landing_page_opens_lesson_1_with_python_in_the_page_keeps_what_is_written_and_fits_on_a_phone(opened):
    lesson = opened()
    assert lesson.page.evaluate(f"{lab.NOTEBOOK}.context.path") == "notebooks/01_intuition.ipynb"
    where = lesson.ask_kernel("import gd_helpers, sys; print(sys.platform, gd_helpers.__file__)")
    assert where.startswith("emscripten /lib/")
    lesson.cell('check("1.1",').locator(".cm-content").click()
    lesson.page.keyboard.press("ControlOrMeta+Home")
    lesson.page.keyboard.insert_text("# my own words\n")
    stored = f"window.jupyterapp.serviceManager.contents.get({lab.NOTEBOOK}.context.path, {{ content: true }})"
    assert lesson.until(lambda: "# my own words" in str(lesson.page.evaluate(stored)), times=1000)
    lesson.page.reload()
    lesson.wait_until_open()
    assert "# my own words" in str(lesson.cells())
    shown = [new_output("display_data", data=dict.fromkeys([VIEW, "image/png"], "..."))]
    book = lesson.stored(new_notebook(cells=[new_code_cell("import gd_helpers", outputs=shown)]))
    assert list(book["cells"][0]["outputs"][0]["data"]) == ["image/png"]
    assert lesson.stored({"cells": "damaged"}) == {"cells": "damaged"}  # saved as it is
    lesson.page.locator('[data-jp-item-name="interrupt"]').first.click()
    lesson.page.get_by_text("Here a running cell cannot be stopped.").wait_for()
    lesson.page.set_viewport_size({"width": 390, "height": 844})  # a phone
    assert lesson.page.locator(".jp-Cell .jp-RenderedHTMLCommon").first.bounding_box()["width"] > 300
    assert lesson.elsewhere == []


@pytest.mark.skipif(not PYODIDE, reason="GD_PYODIDE names no folder with Pyodide's full release: there is no NumPy")
@pytest.mark.parametrize("name", BOOKS)
def test_every_lesson_runs_whole_and_lesson_1_can_be_worked_through(name, opened):
    lesson = opened(name)
    assert lesson.run_all() == []
    if name == "01_intuition":
        figure = lesson.figure("explore")
        assert figure.moves_when(lambda: figure.handles.first.press("ArrowLeft"))
        lesson.predict("faster")
        exercise = exercises_of(1)[0]
        lesson.check(exercise.number, exercise.source, "Right")
    assert lesson.elsewhere == []
