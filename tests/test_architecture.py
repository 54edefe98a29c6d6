"""The architecture is that of CONTRIBUTING.md's first table: arrows run from its bottom to its top, never back."""

import ast
import re
import sys
from collections import Counter

import pytest
from test_repository import CONTRIBUTING, ROOT

MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts[1:]): path for path in ROOT.glob("gd_helpers/**/*.py")}

# For each module or folder in the table what of the package it may import, and which other packages.
ALLOWED, above = {"__init__": (set(), set())}, set()
for rooms, libraries in re.findall(r"^\| (`.*?) \| .* \| (.*) \|$", CONTRIBUTING.split("To change something")[0], re.M):
    here = set(re.findall(r"\w+", rooms))
    inside = set() if "nothing" in libraries else above | here
    ALLOWED |= dict.fromkeys(here, (inside, set(re.findall(r"\w+", libraries.lower()))))
    above = above if "/" in rooms else above | here  # the wings, which are folders, do not know each other


def imports_of(module):
    """The rooms of the package, and the top-level names of other packages, that a module imports anywhere in it."""
    nodes = list(ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    names += [f"{node.module}.{alias.name}" for node in froms for alias in node.names]
    parts = [name.split(".") for name in names]
    return {rest[0] for top, *rest in parts if top == "gd_helpers" and rest}, {top for top, *_ in parts}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_what_the_table_allows_it(module):
    room = module.split(".")[0]
    assert room in ALLOWED, f"place {room} in the first table of CONTRIBUTING.md"
    (rooms, libraries), (inside, outside) = ALLOWED[room], imports_of(module)
    assert inside <= rooms, f"{module} imports {sorted(inside - rooms)}, which stand below it or beside it"
    foreign = {name for name in outside - {"gd_helpers"} - sys.stdlib_module_names if name.lower() not in libraries}
    assert not foreign, f"{module} imports {sorted(foreign)}, which its row in CONTRIBUTING.md does without"


def test_no_name_has_two_senses():
    """No public one, the exercises aside (theirs are called as what they are like), and none that begins with `_`."""
    texts = {name: path.read_text(encoding="utf-8") for name, path in MODULES.items()}
    public = re.compile(r"^(?:def |class )?([A-Za-z]\w*)(?=[(:]| = )", flags=re.M)
    names = [name for module, text in texts.items() if "exercises" not in module for name in public.findall(text)]
    private = re.compile(r"^ *(?:def|class) (_[a-z]\w*[a-z])\b", flags=re.M)
    names += [name for text in texts.values() for name in set(private.findall(text))]  # of two classes there it is one
    assert [name for name, times in Counter(names).items() if times > 1] == []
