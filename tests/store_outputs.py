"""Run every lesson from top to bottom and store its outputs: ``python tests/store_outputs.py [NOTEBOOK ...]``.

What is stored is what a reader without a kernel sees and what nbval compares: texts and pictures. Widget views are
left out, because without a kernel they would show an error in the picture's place; so is all metadata that would
differ from one machine to the next. The rest is as JupyterLab writes it, so that opening a lesson changes nothing. A
cell that JupyterLab folds gets the tag that folds it elsewhere, ``hide-input``. A cell with the tag ``picture`` gives
its lesson's picture in the README, and the one with the tag ``picture-on-top`` the README's first.
"""

import base64
import io
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
KEPT = ("tags", "jupyter", "jp-MarkdownHeadingCollapsed")  # the last one folds what stands under a heading
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def smaller(png):
    """The same picture, in base64, in fewer bytes: nothing in it is transparent."""
    packed = io.BytesIO()
    Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB").save(packed, "png", optimize=True)
    return base64.b64encode(packed.getvalue()).decode()


def store(path):
    """Re-run and store the notebook at ``path``, and its pictures for the README."""
    book = nbformat.read(path, as_version=4)
    here = {"metadata": {"path": str(path.parent)}}
    NotebookClient(book, timeout=120, resources=here, coalesce_streams=True).execute()
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    del book.metadata.language_info["version"]  # as the page's extension does
    book.metadata = {"kernelspec": kernel, "language_info": book.metadata.language_info}
    for cell in book.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key in KEPT}
        tags = [tag for tag in cell.metadata.pop("tags", []) if tag != "hide-input"]
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata["tags"] = ["hide-input", *tags]
        elif tags:
            cell.metadata["tags"] = tags
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(WIDGET_VIEW, None)
            data |= {kind: smaller(data[kind]) for kind in data.keys() & {"image/png"}}
            if "metadata" in output:
                output.metadata = {}
        for tag in tags:
            (png,) = [out.data["image/png"] for out in cell.outputs if "image/png" in out.get("data", {})]
            name = {"picture": path.stem, "picture-on-top": "top"}[tag]
            (NOTEBOOKS / "images" / f"{name}.png").write_bytes(base64.b64decode(png))
    nbformat.write(book, path)
    print("stored", path.name)


if __name__ == "__main__":
    for path in [Path(name) for name in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb")):
        store(path)
