"""How long the lessons take, by a rule of thumb: ``python tests/reckoning.py``.

Reading goes at 180 words a minute and at 12 lines of code, where code is not folded; a live figure takes two minutes,
a prediction one and an exercise five. What stands under a heading that is stored folded is *further on*, and not on the
route. Lessons, README and TEACHING.md take their minutes from here; ``test_repository.py`` compares them.
"""

import re
from collections import Counter
from pathlib import Path

import nbformat

MINUTES = {"words": 1 / 180, "lines": 1 / 12, "figures": 2, "predictions": 1, "exercises": 5}


def sections(book):
    """Yield the cells of the route as one list, and then those of each section further on, with its heading first."""
    route, further, level = [], [], 0
    for cell in book.cells:
        heading = re.match(r"(#+) ", cell.source) if cell.cell_type == "markdown" else None
        if heading and (not level or len(heading[1]) <= level):
            level = len(heading[1]) if cell.metadata.get("jp-MarkdownHeadingCollapsed") else 0
            further += [[]] if level else []
        (further[-1] if level else route).append(cell)
    return [route, *further]


def counts(cells) -> Counter:
    """Return how much of each kind there is to read, to move and to do."""
    total = Counter()
    for cell in cells:
        if cell.cell_type == "markdown":
            total["words"] += len(cell.source.split())
            continue
        if not cell.metadata.get("jupyter", {}).get("source_hidden"):
            total["lines"] += sum(1 for line in cell.source.splitlines() if line.strip())
        for kind, call in ("figures", "@live"), ("predictions", r".*\bpredict"), ("exercises", "check"):
            total[kind] += len(re.findall(rf"^{call}\(", cell.source, flags=re.M))
    return total


def minutes(*sections) -> int:
    """Return how many minutes so many cells take."""
    return round(sum(MINUTES[kind] * number for cells in sections for kind, number in counts(cells).items()))


if __name__ == "__main__":
    for path in sorted((Path(__file__).parent.parent / "notebooks").glob("0*.ipynb")):
        route, *further = found = sections(nbformat.read(path, as_version=4))
        print(f"{path.stem}: {minutes(route)} minutes along the route, {minutes(*found)} in all")
        for cells in found:
            what = "the route" if cells is route else cells[0].source.splitlines()[0].lstrip("# ")
            print(f"  {minutes(cells):3}  {what}: {', '.join(f'{n} {kind}' for kind, n in counts(cells).items() if n)}")
