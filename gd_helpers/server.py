"""A Jupyter Server extension that makes sliders prompt; ``server.json`` enables it.

By default TCP holds a small message back until the one before it is acknowledged (Nagle's algorithm, RFC 896), and the
other side delays its acknowledgements: together that is about half of the time between a slider's move and its picture.
tornado can switch it off with ``set_nodelay(True)`` but Jupyter Server does not.
"""


def _jupyter_server_extension_points():
    return [{"module": "gd_helpers.server"}]


def _load_jupyter_server_extension(app):
    """Called by Jupyter Server at its start. Whatever goes wrong here, the server must still start."""
    try:
        settings = app.web_app.settings
        settings["kernel_websocket_connection_class"] = _prompt(settings["kernel_websocket_connection_class"])
    except Exception as error:
        app.log.warning("gd_helpers: sliders will lag a little, as Nagle's algorithm stays on (%r)", error)


def _prompt(connection_class):
    """Return a subclass that sends each message at once."""

    class PromptConnection(connection_class):
        def connect(self):
            try:
                self.websocket_handler.set_nodelay(True)
            except Exception as error:
                self.log.warning("gd_helpers: could not switch Nagle's algorithm off (%r)", error)
            return super().connect()

    return PromptConnection
