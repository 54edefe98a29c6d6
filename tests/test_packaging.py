"""What importing the package loads, and the Jupyter Server extension that installing it enables."""

import json
import logging
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from test_repository import BOOKS, ROOT, code_of
from tornado.websocket import WebSocketHandler

from gd_helpers import server

SETTING = "kernel_websocket_connection_class"
ENABLED = "etc/jupyter/jupyter_server_config.d/gd_helpers.json"


def loaded_by(code):
    """The modules that are there after running code in a Python of its own, whose home folder cannot be written."""
    code += "\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    home = {name: value for name, value in os.environ.items() if "XDG" not in name} | {"HOME": os.devnull}
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=home, capture_output=True, text=True, check=True)
    assert ran.stderr == ""  # nothing in red
    return set(json.loads(ran.stdout))


def test_the_package_itself_loads_nothing_and_the_lessons_nothing_slow_that_they_do_without():
    assert loaded_by("import gd_helpers") - loaded_by("") == {"gd_helpers"}
    loaded = loaded_by("\n".join(code_of(name)[0].source for name in BOOKS))
    assert not loaded & {"matplotlib.pyplot", "nbclient", "nbformat", "scipy", "pandas"}


def test_installing_the_package_enables_its_extensions():
    assert server._jupyter_server_extension_points() == [{"module": "gd_helpers.server"}]
    enabled = (ROOT / "gd_helpers" / "server.json").read_text()
    assert json.loads(enabled) == {"ServerApp": {"jpserver_extensions": {"gd_helpers.server": True}}}
    try:
        installed = distribution("gd-helpers").files
    except PackageNotFoundError:
        pytest.skip("gd_helpers is on the path here, but not installed")
    assert (Path(sys.prefix) / ENABLED).read_text() == enabled
    # Before 3.13 Python reads such a file in the locale's encoding, and the course's folder may be called "Übung".
    assert not [file for file in installed if file.suffix == ".pth" and str(ROOT) in file.read_text()]
    for name in ("package.json", "extension.js"):  # if one differs, it was changed: install the package anew
        copy = Path(sys.prefix) / "share/jupyter/labextensions/gd-helpers" / name
        assert copy.read_text() == (ROOT / "gd_helpers" / "labextension" / name).read_text()


LOG = logging.getLogger("server")


class Connection:  # as Jupyter Server makes one for each browser tab that talks to a kernel
    log = LOG

    def __init__(self, handler):
        self.websocket_handler = handler

    def connect(self):
        return "connected"


def loaded(settings):
    """Load the extension into a server with these settings."""
    app = SimpleNamespace(web_app=SimpleNamespace(settings=settings), log=LOG)
    server._load_jupyter_server_extension(app)
    return settings


def test_messages_are_sent_at_once():
    """If this fails, sliders still work but lag: server.py needs a new way to reach the websocket."""
    calls = []
    connection = loaded({SETTING: Connection})[SETTING](SimpleNamespace(set_nodelay=calls.append))
    assert (connection.connect(), calls) == ("connected", [True])
    assert callable(ZMQChannelsWebsocketConnection.connect)
    assert issubclass(ZMQChannelsWebsocketConnection.websocket_handler.klass, WebSocketHandler)
    assert callable(WebSocketHandler.set_nodelay)


def test_whatever_goes_wrong_is_logged_and_the_server_starts(caplog):
    assert loaded({}) == {}  # a server that is made differently
    assert loaded({SETTING: Connection})[SETTING](None).connect() == "connected"
    assert [record.getMessage().partition(" (")[0] for record in caplog.records] == [
        "gd_helpers: sliders will lag a little, as Nagle's algorithm stays on",
        "gd_helpers: could not switch Nagle's algorithm off",
    ]
