"""Binder understands what binder/ says, and lesson 1 runs in the environment that comes of it."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LESSON = "notebooks/01_intuition.ipynb"
# What Binder's image has installed before it looks into binder/: of that only the kernel is replaced.
OF_THE_IMAGE = ["jupyterlab==4.4.9", "notebook==7.4.7"]
KERNEL_OF_THE_IMAGE = "ipykernel==7.0.1"


def lines(name):
    return [line for line in (ROOT / "binder" / name).read_text().splitlines() if not line.startswith("#")]


def test_binder_gets_a_python_that_the_package_runs_on():
    # Binder understands major.minor only, and without this file takes one that is too old.
    assert lines("runtime.txt") == ["python-3.12"]


def test_binder_installs_the_package_and_a_kernel_that_loses_no_requests_and_leaves_the_rest_of_jupyter_alone():
    """See "Binder" in CONTRIBUTING.md, and tests/benchmarks/lost_requests.py."""
    kernel, package = lines("requirements.txt")
    assert package == "-e ."
    assert kernel in (ROOT / "requirements.txt").read_text().splitlines()
    assert {path.name for path in (ROOT / "binder").iterdir()} == {"requirements.txt", "runtime.txt"}
    kernel = Requirement(kernel)
    assert kernel.name == "ipykernel"
    assert not list(kernel.specifier.filter(["7.0.0", "7.0.1", "7.1.0", "7.2.0", "7.3.0"]))
    assert Version(version("ipykernel")) in kernel.specifier


@pytest.mark.skipif(shutil.which("jupyter-repo2docker") is None, reason="jupyter-repo2docker is not installed")
def test_repo2docker_understands_the_repository(tmp_path):
    command = ["jupyter-repo2docker", "--no-build", "--debug", str(ROOT)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "python=3.12" in said.stderr
    whole_repository = said.stdout.index("COPY --chown=0:0 src/ ${REPO_DIR}/")
    assert whole_repository < said.stdout.index('pip install --no-cache-dir -r "binder/requirements.txt"')


@pytest.mark.slow
def test_lesson_1_runs_in_binders_environment(tmp_path):
    """In a new environment with the image's Jupyter, installed from the top folder as Binder does it."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    python = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    copy = tmp_path / "repository"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*"))

    def run(*arguments):
        done = subprocess.run([python, *arguments], cwd=copy, env=clean, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("-m", "pip", "install", "--quiet", *OF_THE_IMAGE, KERNEL_OF_THE_IMAGE)
    run("-m", "pip", "install", "--quiet", "-r", "binder/requirements.txt")
    kept = run("-m", "pip", "freeze").splitlines()
    assert set(OF_THE_IMAGE) <= set(kept)
    assert KERNEL_OF_THE_IMAGE not in kept
    run("-c", "import gd_helpers.live")
    run("-m", "nbconvert", "--to", "notebook", "--execute", "--output", "run", LESSON)
    assert next(tmp_path.glob("env/etc/jupyter/jupyter_server_config.d/gd_helpers.json"))
