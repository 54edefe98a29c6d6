"""The architecture: maths below, pictures above, arrows one way; the maths loads no more than NumPy."""

import ast
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "gd_helpers"

# From the bottom up: a module may import from its own room and from those below it. A folder is placed as a whole.
LAYERS = (
    {"__init__", "checks"},
    {"landscapes", "losses", "data", "rules", "schedules", "descent", "curvature", "critical_points"}
    | {"small_networks", "experiments"},
    {"output"},
    {"figures", "live", "exercises"},
)
# The wings do not know each other: what they share is below them.
WINGS = LAYERS[-1]
# What a room may import beside the standard library and the package; the rooms of the first two layers: NumPy alone.
# PIL (Pillow) comes with matplotlib, which writes its own pictures with it. `server` imports nothing and nothing
# imports it: Jupyter Server loads it, where there is one, not a notebook.
WIDGETS = {"numpy", "ipywidgets", "anywidget", "traitlets", "IPython"}
LIBRARIES = {"output": WIDGETS, "exercises": WIDGETS | {"nbclient", "nbformat"}, "server": set()}
LIBRARIES["figures"] = {"numpy", "matplotlib"}
LIBRARIES["live"] = WIDGETS | {"matplotlib", "PIL", "threadpoolctl"}

MODULES = {".".join(path.relative_to(PACKAGE).with_suffix("").parts): path for path in PACKAGE.rglob("*.py")}


def imports_of(module):
    """The rooms of the package, and the top-level names of other packages, that a module imports anywhere in it."""
    nodes = list(ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    names += [f"{node.module}.{alias.name}" for node in froms for alias in node.names]
    parts = [name.split(".") for name in names]
    return {rest[0] for top, *rest in parts if top == "gd_helpers" and rest}, {top for top, *_ in parts}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_arrows_run_one_way(module):
    room = module.split(".")[0]
    assert room in set().union({"server"}, *LAYERS), f"place {module} in LAYERS"
    below = [] if room == "server" else LAYERS[: 1 + next(i for i, layer in enumerate(LAYERS) if room in layer)]
    inside, outside = imports_of(module)
    upwards = inside - {room} - (set().union(*below) - (WINGS if room in WINGS else set()))
    assert not upwards, f"{module} imports {sorted(upwards)}, which stand above it or beside it"
    foreign = outside - {"gd_helpers"} - sys.stdlib_module_names - LIBRARIES.get(room, {"numpy"})
    assert not foreign, f"{module} imports {sorted(foreign)}, which its room does without"


def test_no_name_has_two_senses():
    """The exercises aside: theirs are called as what they are like."""
    text = "\n".join(path.read_text(encoding="utf-8") for name, path in MODULES.items() if "exercises" not in name)
    names = re.findall(r"^(?:def |class )?([A-Za-z]\w*)(?=[(:]| = )", text, flags=re.M)
    assert [name for name, times in Counter(names).items() if times > 1] == []
