"""Run every lesson from top to bottom and store its outputs: ``python tests/store_outputs.py [NOTEBOOK ...]``.

What is stored is what a reader without a kernel sees and what nbval compares: texts and pictures. Widget views are
left out, because without a kernel they would show an error in the picture's place; so is all metadata that would
differ from one machine to the next. The rest is as JupyterLab writes it, so that opening a lesson changes nothing. A
cell that JupyterLab folds gets the tag that folds it elsewhere, ``hide-input``. The README's pictures are made in the
same run: of figures set to a telling place, each with the sentence that the figure says there.
"""

import base64
import io
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image
from PIL.PngImagePlugin import PngInfo

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
KEPT = ("jupyter", "jp-MarkdownHeadingCollapsed")  # the last one folds what stands under a heading
# For the README, by lesson: the name of each picture, and its figure set to a telling place.
TELLING = {
    "01_intuition": {
        "top": "explore.set(learning_rate=0.18, steps=12)",
        "01_intuition": "for place in (-3.9, 1.9), (-3.4, 1.5), (-2.9, 1.2), (-2.55, 1):\n"
        "    feel_the_ground.set(position=place)",
    },
    "02_learning_rate": {"02_learning_rate": "magnify"},
    "03_variants": {"03_variants": "read_digits.set(learning_rate=0.1, batch_size=64)"},
    "04_refinements": {"04_refinements": "race"},
    "05_minima_and_saddles": {"05_minima_and_saddles": "basin_map.set(rule='momentum', learning_rate=0.01)"},
    "06_flat_and_sharp": {"06_flat_and_sharp": "leave_the_sharp_well.set(batch_size=4, step=150)"},
}
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
    telling = TELLING.get(path.stem, {})
    moves = [(re.search(r"\w+(?=\.set)|\w+$", code)[0], code) for code in telling.values()]
    book.cells += [nbformat.v4.new_code_cell(f"{code}\n{figure}") for figure, code in moves]
    NotebookClient(book, timeout=120, resources=here, coalesce_streams=True).execute()
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    del book.metadata.language_info["version"]  # as the page's extension does
    book.metadata = {"kernelspec": kernel, "language_info": book.metadata.language_info}
    for cell in book.cells:
        cell.metadata = {key: value for key, value in cell.metadata.items() if key in KEPT}
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            cell.metadata["tags"] = ["hide-input"]
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(WIDGET_VIEW, None)
            data |= {kind: smaller(data[kind]) for kind in data.keys() & {"image/png"}}
            if "metadata" in output:
                output.metadata = {}
    book.cells, made = book.cells[: -len(telling) or None], book.cells[len(book.cells) - len(telling) :]
    for name, cell in zip(telling, made, strict=True):
        ((data,), said) = [one.data for one in cell.outputs], PngInfo()
        said.add_itxt("Description", data["text/plain"].partition("\n")[2])
        picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
        picture.save(NOTEBOOKS / "images" / f"{name}.png", optimize=True, pnginfo=said)
    nbformat.write(book, path)
    print("stored", path.name)


if __name__ == "__main__":
    for path in [Path(name) for name in sys.argv[1:]] or sorted(NOTEBOOKS.glob("*.ipynb")):
        store(path)
