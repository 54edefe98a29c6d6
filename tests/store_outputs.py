"""Run every lesson from top to bottom and store its outputs: ``python tests/store_outputs.py [NOTEBOOK ...]``.

What is stored is what a reader without a kernel sees and what nbval compares: texts and pictures. Widget views are
left out, because without a kernel they would show an error in the picture's place; so is all metadata that would
differ from one machine to the next.

The README's pictures come out of the same run: a cell with the tag ``picture`` gives its lesson's, and the one with
the tag ``picture-on-top`` the README's first.
"""

import base64
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def main(paths):
    """Re-run and store the notebooks at ``paths``, and their pictures for the README."""
    for path in paths:
        book = nbformat.read(path, as_version=4)
        NotebookClient(
            book, timeout=120, resources={"metadata": {"path": str(path.parent)}}, coalesce_streams=True
        ).execute()
        nbformat.write(tidied(book), path)
        store_pictures(book, {"picture": path.stem, "picture-on-top": "top"})
        print("stored", path.name)


def tidied(book):
    """Return the notebook with only what is worth storing."""
    book.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in book.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key in ("tags", "jupyter")}
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
            if "metadata" in output:
                output.metadata = {}
    return book


def store_pictures(book, names):
    """Write the picture of each cell that has one of the tags in ``names``, under the name that goes with the tag."""
    for cell in book.cells:
        for tag in cell.metadata.get("tags", []):
            (png,) = [out.data["image/png"] for out in cell.outputs if "image/png" in out.get("data", {})]
            (NOTEBOOKS / "images" / f"{names[tag]}.png").write_bytes(base64.b64decode(png))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb")))
