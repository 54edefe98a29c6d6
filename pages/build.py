"""Build the web pages: ``python pages/build.py SITE [NOTEBOOK ...]``, all lessons unless some are named.

A page shows its lesson as it is stored, and its figures move over pictures that are worked out here, beforehand. So
nothing but files has to be given out. ``pictures.py`` chooses the pictures, ``pages.js`` shows them.
"""

import base64
import contextlib
import io
import os
import re
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path

import nbformat
import pictures
from IPython.core.interactiveshell import InteractiveShell
from jinja2 import Environment, FileSystemLoader
from latex2mathml.converter import convert
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from gd_helpers.exercises import predictions
from gd_helpers.exercises.exercise import find_exercise
from gd_helpers.live.figure import Live
from gd_helpers.live.picture import Picture

HERE = Path(__file__).resolve().parent
NOTEBOOKS = HERE.parent / "notebooks"


def main(site, *names):
    """Write the index and the pages into a folder, one lesson in each process, the longest first."""
    site, books = Path(site).resolve(), names or sorted((path.name for path in NOTEBOOKS.glob("[0-9]*")), reverse=True)
    shutil.copytree(NOTEBOOKS, site / "notebooks", dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*"))
    shutil.copy(HERE / "pages.js", site)
    (site / "live.js").write_text(Picture._esm, encoding="utf-8")
    (site / "pages.css").write_text((HERE / "pages.css").read_text("utf-8") + str(Picture._css), encoding="utf-8")
    readme = (HERE.parent / "README.md").read_text(encoding="utf-8")
    what, lessons = readme.partition("**Learn.**")[0], re.search(r"## The lessons.*?(?=\n## )", readme, re.S)[0]
    write(site / "index.html", [{"html": to_html(what + lessons)}], root="", name="Gradient descent, by hand")
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), max_tasks_per_child=1) as pool:
        for told in pool.map(lesson, books, repeat(site)):
            print(told, flush=True)


def write(path, cells, **more):
    """Write a page of cells; its links lead to pages, and what may scroll is within reach of the keyboard."""
    page = Environment(loader=FileSystemLoader(HERE), trim_blocks=True, autoescape=True).get_template("page.html.j2")
    html = page.render(cells=cells, in_color=Highlight2HTML(), **more)
    html = re.sub(r'(href="[^":]*\d\d_\w+)\.ipynb(?=["#])(?!" download)', r"\1.html", html)
    html = re.sub(r'href="\.\./(gd_helpers/)', r'href="../run/edit/index.html?path=\1', html)
    html = re.sub("<table.*?</table>", r'<div class="wide" tabindex="0">\g<0></div>', html, flags=re.S)
    path.write_text(re.sub('<(pre|math)(?=>|[^>]* display="block")', r'<\1 tabindex="0"', html), encoding="utf-8")


def to_html(markdown) -> str:
    """Turn Markdown into HTML, and formulas into MathML, which needs neither a script nor another host."""
    renderer = IPythonRenderer(escape=False)
    renderer.inline_math = convert
    renderer.block_math = lambda formula: convert(formula, display="block")
    return MarkdownWithMath(renderer=renderer).render(markdown)


def lesson(name, site) -> str:
    """Write the page of a lesson and the pictures of its figures; returns what there is to tell of them."""
    book, folder = nbformat.read(NOTEBOOKS / name, as_version=4), site / "notebooks" / Path(name).stem
    folder.mkdir(exist_ok=True)
    os.chdir(NOTEBOOKS)
    shell, folded = InteractiveShell.instance(), []  # the levels of the headings under which the page is folded here
    for cell in book.cells:
        if cell.cell_type == "code":
            figures = iter(run(shell, cell.source))
            cell.shown = [output(one, figures, folder) for one in cell.outputs]
            cell.exercises = [find_exercise(number) for number in re.findall(r'check\("([^"]+)"', cell.source)]
            continue
        level = len(re.match("#*", cell.source)[0])
        ends = sum(0 < level <= above for above in folded)
        cell.html, folded = "</details>" * ends + to_html(cell.source), folded[: len(folded) - ends]
        if level and cell.metadata.get("jp-MarkdownHeadingCollapsed"):
            cell.html += "<details><summary>What stands under this heading</summary>"
            folded.append(level)
    write(folder.with_suffix(".html"), book.cells, root="../", name=folder.name, ends="</details>" * len(folded))
    figures = [one for cell in book.cells for one in cell.get("shown", []) if "figure" in one]
    return "\n".join(f"{one['figure']}: {one['note'] or 'Here it moves as with a kernel.'}" for one in figures)


def run(shell, source) -> list[Live]:
    """Run a cell unseen; returns the live figures that it made, in their order."""
    before = list(map(id, shell.user_ns.values()))
    with contextlib.redirect_stdout(io.StringIO()):
        shell.run_cell(source).raise_error()
    return list(
        {id(one): one for one in shell.user_ns.values() if isinstance(one, Live) and id(one) not in before}.values()
    )


def output(stored, figures, folder) -> dict:
    """What the template is to know of one output of a cell; of a figure the pictures are stored."""
    data = stored.get("data", {})
    text, html = data.get("text/plain", stored.get("text", "")), data.get("text/html")
    if "image/png" in data:
        live = next(figures)
        path = folder / f"{live.function.__name__}.png"
        path.write_bytes(png := base64.b64decode(data["image/png"]))
        size = [int.from_bytes(png[at : at + 4]) for at in (16, 20)]  # as PNG says it
        note, moves = pictures.store(live, kept := path.with_suffix(".pictures")), kept.exists()
        return {"figure": f"{folder.name}/{path.stem}", "text": text, "size": size, "note": note, "moves": moves}
    head = text.partition("\n")[0]
    asked = predictions.asked.get(head.partition(": ")[2])
    html = re.sub("<ul>.*</ul>", "", html) if asked and html else html  # the page has fields in place of this list
    return {"asked": asked, "html": html, "text": text, "revealed": head in predictions.asked and head}


if __name__ == "__main__":
    main(*sys.argv[1:])
