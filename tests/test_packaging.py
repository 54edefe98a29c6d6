"""What importing the package loads, and the Jupyter Server extension that installing it enables."""

import functools
import json
import logging
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from jupyter_server.services.contents.filemanager import FileContentsManager
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from test_repository import code_of, every_lesson
from tornado.websocket import WebSocketHandler

from gd_helpers import server

ROOT = Path(__file__).parents[1]
SETTING = "kernel_websocket_connection_class"
ENABLED = "etc/jupyter/jupyter_server_config.d/gd_helpers.json"


@functools.cache
def loaded_by(code):
    """The modules that are there after running code in a Python of its own."""
    code += "\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return set(json.loads(ran.stdout))


def test_the_package_itself_loads_nothing():
    assert loaded_by("import gd_helpers") - loaded_by("") == {"gd_helpers"}


@every_lesson
def test_a_lesson_loads_little_beyond_matplotlib_and_ipywidgets(name):
    """And not pyplot, which takes longer to load than all else here but is not needed."""
    loaded = loaded_by(code_of(name)[0].source)
    assert "matplotlib.pyplot" not in loaded
    # contourpy is matplotlib's own, and loaded by the first contour map.
    extra = loaded - loaded_by("import contourpy, matplotlib.pyplot, ipywidgets") - set(sys.stdlib_module_names)
    extra = {name for name in extra if not any(part in name for part in (".", "mypyc", "cython"))}
    assert extra <= {"gd_helpers", "anywidget", "psygnal", "threadpoolctl", "typing_extensions", "_pytest"}, extra


def test_jupyter_finds_the_extension():
    assert server._jupyter_server_extension_points() == [{"module": "gd_helpers.server"}]
    enabled = json.loads((ROOT / "gd_helpers" / "server.json").read_text())
    assert enabled == {"ServerApp": {"jpserver_extensions": {"gd_helpers.server": True}}}


def test_installing_the_package_enables_the_extension():
    try:
        installed = distribution("gd-helpers")
    except PackageNotFoundError:
        pytest.skip("gd_helpers is on the path here, but not installed")
    assert [file for file in installed.files if str(file).endswith(ENABLED)]
    assert (Path(sys.prefix) / ENABLED).read_text() == (ROOT / "gd_helpers" / "server.json").read_text()


@pytest.mark.slow
def test_a_wheel_enables_the_extension_too(tmp_path):
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    files = zipfile.ZipFile(wheel).namelist()
    assert [name for name in files if name.endswith(f".data/data/{ENABLED}")]
    needed = "live/live.js", "live/controls.js", "live/live.css", "data/penguins.csv"
    assert {f"gd_helpers/{name}" for name in needed} <= set(files)
    assert {name.partition("/")[0].partition("-")[0] for name in files} == {"gd_helpers"}


class Connection:  # as Jupyter Server makes one for each browser tab that talks to a kernel
    def __init__(self, handler, log=None):
        self.websocket_handler, self.log = handler, log

    def connect(self):
        self.websocket_handler.calls.append("connect")
        return "connected"


def warned(caplog):
    """The warnings in the log, without what caused them."""
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    return [record.getMessage().partition(" (")[0] for record in caplog.records]


def loaded(settings, contents=None):
    """Load the extension into a server with these settings."""
    web_app, log = SimpleNamespace(settings=settings), logging.getLogger("app")
    server._load_jupyter_server_extension(SimpleNamespace(web_app=web_app, log=log, contents_manager=contents))
    return settings


def test_messages_are_sent_at_once_from_the_start_of_a_connection(caplog):
    connection, calls = loaded({SETTING: Connection})[SETTING], []
    handler = SimpleNamespace(calls=calls, set_nodelay=lambda value: calls.append(f"set_nodelay({value})"))
    assert connection(handler).connect() == "connected"
    assert calls == ["set_nodelay(True)", "connect"]
    caplog.clear()
    assert connection(SimpleNamespace(calls=calls), logging.getLogger("connection")).connect() == "connected"
    assert warned(caplog) == ["gd_helpers: could not switch Nagle's algorithm off"]


@pytest.mark.parametrize("settings", [{}, {SETTING: None}, None], ids=["no setting", "no class", "nothing"])
def test_a_server_that_is_made_differently_still_starts(settings, caplog):
    before = dict(settings or {})
    assert (loaded(settings) or {}) == before
    assert warned(caplog) == [
        "gd_helpers: sliders will lag a little, as Nagle's algorithm stays on",
        "gd_helpers: saved figures will show an error until they are run again",
    ]


def test_jupyter_server_is_made_the_way_the_extension_expects():
    """If this fails, sliders still work but lag: server.py needs a new way to reach the websocket."""
    prompt = server._prompt(ZMQChannelsWebsocketConnection)
    assert "connect" in vars(ZMQChannelsWebsocketConnection)
    assert issubclass(prompt, ZMQChannelsWebsocketConnection)
    assert prompt.websocket_handler is ZMQChannelsWebsocketConnection.websocket_handler
    assert callable(WebSocketHandler.set_nodelay)


FIGURE, QUESTION, VIEW = ({server.WIDGET_VIEW, "text/plain", *more} for more in (["image/png"], ["text/html"], []))
OURS = "from gd_helpers.live import live"


@pytest.mark.parametrize(
    ("source", "shown", "kept"),
    [
        (OURS, [FIGURE, QUESTION], [{"image/png", "text/plain"}, {"text/html", "text/plain"}]),
        (OURS, [FIGURE, VIEW], [{"image/png", "text/plain"}, VIEW]),
        ("import another_package", [FIGURE], [FIGURE]),
    ],
)
def test_a_saved_lesson_holds_pictures_and_texts_in_place_of_views_that_end_with_the_kernel(
    tmp_path, source, shown, kept
):
    contents = FileContentsManager(root_dir=str(tmp_path))
    loaded({SETTING: Connection}, contents)
    outputs = [nbformat.v4.new_output("display_data", data=dict.fromkeys(kinds, "...")) for kinds in shown]
    cell = nbformat.v4.new_code_cell(source, outputs=outputs)
    book = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}})
    contents.save({"type": "notebook", "format": "json", "content": book}, "lesson.ipynb")
    book = nbformat.read(tmp_path / "lesson.ipynb", as_version=4)
    assert [set(output.data) for output in book.cells[0].outputs] == kept
    assert ("widgets" in book.metadata) == any(server.WIDGET_VIEW in kinds for kinds in kept)  # it still needs them


@pytest.mark.parametrize("content", [None, {}, {"cells": 3}, {"cells": [{"cell_type": "code"}]}, "text"])
def test_whatever_is_saved_the_hook_does_not_stand_in_its_way(content, caplog):
    model = {"type": "notebook", "content": content}
    server._leave_views_out(model=model, path="x.ipynb", contents_manager=SimpleNamespace(log=logging.getLogger("app")))
    assert model == {"type": "notebook", "content": content}
    assert [record.levelname for record in caplog.records] == (["WARNING"] if content else [])
