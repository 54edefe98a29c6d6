"""The lessons with the last bit shaken: what they print must not hang on it, for on another processor it is another.

Whatever a loss or NumPy's linear algebra returns is multiplied by 1 plus or minus 1e-15; then nbval compares every
text with what is stored, as strictly as ever. Takes as long as all lessons take: see "How to test" in CONTRIBUTING.md.
"""

import os
import subprocess
import sys

import nbformat
import numpy as np
import pytest
from test_repository import BOOKS, ROOT

from gd_helpers import checks, landscapes, losses, small_networks
from gd_helpers.descent import descend

pytestmark = pytest.mark.slow
SHAKEN = ["eigh", "eigvalsh", "inv", "lstsq", "norm", "pinv", "qr", "solve", "svd"]


def shake(seed):
    """Shake what the maths returns in this process from now on."""
    rng = np.random.default_rng(seed)

    def shaken(answer):
        if isinstance(answer, tuple):
            return type(answer)(*map(shaken, answer)) if hasattr(answer, "_fields") else tuple(map(shaken, answer))
        if np.asarray(answer).dtype.kind != "f":
            return answer
        return answer * (1 + 1e-15 * rng.choice([-1.0, 1.0], np.shape(answer)))

    def shaking(function):
        return lambda *given, **named: shaken(function(*given, **named))

    checks._ask = shaking(checks._ask)  # of losses that a lesson or a learner has written
    for module in landscapes, losses, small_networks:
        for kind in [thing for thing in vars(module).values() if "ours" in getattr(thing, "__dict__", {})]:
            for name in vars(kind).keys() & checks.METHODS:
                setattr(kind, name, np.errstate(all="ignore")(shaking(getattr(kind, name).__wrapped__)))
    for name in SHAKEN:
        setattr(np.linalg, name, shaking(getattr(np.linalg, name)))


def compared(notebook, seed, folder):
    """Run nbval over a notebook whose kernel shakes; IPython runs what is in such a folder before the first cell."""
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    here = [str(ROOT / "tests"), str(ROOT)]
    shake_it = f"import sys\nsys.path[:0] = {here}\nfrom test_shaken import shake\nshake({seed})"
    (startup / "shake.py").write_text(shake_it)
    settings = ["-q", "--nbval-cell-timeout=300", "-c", ROOT / "pyproject.toml"]
    command, shaken = [sys.executable, "-m", "pytest", notebook, *settings], os.environ | {"IPYTHONDIR": str(folder)}
    ran = subprocess.run(command, cwd=ROOT, env=shaken, capture_output=True, text=True)
    return ran.returncode, ran.stdout


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", BOOKS)
def test_no_text_of_a_lesson_hangs_on_the_last_bit(name, seed, tmp_path):
    code, said = compared(ROOT / "notebooks" / f"{name}.ipynb", seed, tmp_path)
    assert code == 0, said


def test_a_number_that_does_is_found(tmp_path):
    """Beyond the border a run multiplies the last bit until it is all that is left."""
    source = "from gd_helpers import descent, landscapes\n"
    run = "descend(landscapes.double_well, [0.3, 0.0], learning_rate=[1.9, 0.1], steps=500).loss"
    cell = nbformat.v4.new_code_cell(f"{source}round(float(descent.{run}), 3)", execution_count=1)
    stored = repr(round(float(eval(run, {"descend": descend, "landscapes": landscapes})), 3))
    cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": stored}, execution_count=1)]
    book = nbformat.v4.new_notebook(cells=[cell], metadata=BOOKS["01_intuition"].metadata)
    nbformat.write(book, tmp_path / "chaotic.ipynb")
    code, said = compared(tmp_path / "chaotic.ipynb", 0, tmp_path / "kernel")
    assert code == 1, said
    assert stored in said
