"""A Jupyter Server extension: it makes sliders prompt, and keeps saved lessons readable.

Prompt: by default TCP holds a small message back until the one before it is acknowledged (Nagle's algorithm, RFC 896),
and the other side delays its acknowledgements: together that is about half of the time between a slider's move and its
picture. tornado can switch it off with ``set_nodelay(True)`` but Jupyter Server does not.

Readable: a figure's output is a picture, a text and a view of a widget, which ends with its kernel and is then shown as
an error in the picture's place. So the views are left out of what is saved. ``server.json`` enables this extension.
"""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def _jupyter_server_extension_points():
    return [{"module": "gd_helpers.server"}]


def _load_jupyter_server_extension(app):
    """Called by Jupyter Server at its start. Whatever goes wrong here, the server must still start."""
    try:
        settings = app.web_app.settings
        settings["kernel_websocket_connection_class"] = _prompt(settings["kernel_websocket_connection_class"])
    except Exception as error:
        app.log.warning("gd_helpers: sliders will lag a little, as Nagle's algorithm stays on (%r)", error)
    try:
        app.contents_manager.register_pre_save_hook(_leave_views_out)
    except Exception as error:
        app.log.warning("gd_helpers: saved figures will show an error until they are run again (%r)", error)


def _leave_views_out(model, contents_manager, **place):
    """Take the widget views of the course's own outputs out of a notebook about to be saved; others' stay."""
    try:
        if model["type"] != "notebook" or not model.get("content"):
            return
        cells = [cell for cell in model["content"]["cells"] if cell["cell_type"] == "code"]
        if not any("gd_helpers" in "".join(cell["source"]) for cell in cells):
            return
        shown = [output["data"] for cell in cells for output in cell["outputs"] if "data" in output]
        viewed = [data for data in shown if WIDGET_VIEW in data]
        readable = [data for data in viewed if "image/png" in data or "text/html" in data]
        for data in readable:
            del data[WIDGET_VIEW]
        if readable and len(readable) == len(viewed):
            model["content"]["metadata"].pop("widgets", None)
    except Exception as error:
        contents_manager.log.warning("gd_helpers: a notebook is saved as it is, with its widget views (%r)", error)


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
