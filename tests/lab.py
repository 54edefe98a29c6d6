"""A private JupyterLab and a headless Chromium to drive it with, for the browser tests and the benchmark.

Everything the server and the browser write goes into a temporary folder. The notebooks are copies, so that what a
test types is not saved into the repository.
"""

import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
PATIENCE = 30_000  # ms for anything in a page
# For each lesson its live figures, by the name of the learner's function.
FIGURES = {
    path.name: re.findall(r"@live\((?:.|\\n|\n)*?def (\w+)", path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
}
_numbers = itertools.count(1)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Without these Chromium tries to reach its maker's servers at every start.
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-quic"]  # fmt: skip


def chromium() -> str | None:
    """Return the path of an installed Chromium, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextlib.contextmanager
def served(folder: Path, *, enable_extension=True):
    """Serve copies of the lessons from ``folder``; yields the server's address."""
    work = folder / "work"
    for name in ("notebooks", "gd_helpers"):
        shutil.copytree(ROOT / name, work / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    news = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    private = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")} | {
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
    }
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", "--port=0",
               "--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True",
               "--JupyterNotebookApp.expose_app_in_browser=True",
               f"--ServerApp.root_dir={work}", "--allow-root"]  # fmt: skip
    if not enable_extension:
        command.append("--ServerApp.jpserver_extensions={'gd_helpers.server': False}")
    log = (folder / "server.log").open("w")
    server = subprocess.Popen(command, env=os.environ | private, stdout=log, stderr=log, cwd=work)
    try:
        yield _address(folder / "runtime", server)
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _address(runtime: Path, server, patience=60):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline and server.poll() is None:
        for file in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(ValueError):  # it may be half written
                return json.loads(file.read_text())["url"]
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{(runtime.parent / 'server.log').read_text()[-2000:]}")


@contextlib.contextmanager
def browser():
    """Start Chromium; yields Playwright's browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        try:
            yield chrome
        finally:
            chrome.close()


class Lesson:
    """A lesson, open in JupyterLab or in Notebook, in a page of its own.

    Attributes:
        page: Playwright's page.
        problems: console errors, page errors and requests to other hosts than this one.
    """

    def __init__(self, chrome, address, name, width=1280, height=900, in_notebook=False, **options):
        self.problems = []
        self.page = chrome.new_page(viewport={"width": width, "height": height}, **options)
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on("request", self._request)
        self.page.goto(self.url(address, name, in_notebook))
        self.wait_until_open()

    def url(self, address, name, in_notebook):
        """Return where a lesson is opened."""
        workspace = f"{next(_numbers)}"  # its own, or the tabs of the lessons before would be open too
        opened_in = "notebooks" if in_notebook else f"lab/workspaces/{workspace}/tree"
        return f"{address}{opened_in}/notebooks/{name}"

    def wait_until_open(self):
        """Wait until the lesson is shown and its kernel is ready."""
        self.page.wait_for_function("window.jupyterapp?.shell.currentWidget?.context?.isReady")
        self.page.wait_for_function(
            "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status === 'idle'"
        )

    def _console(self, message):
        if message.type == "error":
            self.problems.append(f"console: {message.text} {message.location.get('url', '')}")

    def _request(self, request):
        if not request.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")):
            self.problems.append(f"request: {request.url}")

    def command(self, name):
        """Run one of JupyterLab's commands and wait for its end."""
        self.page.evaluate("name => window.jupyterapp.commands.execute(name).then(() => null)", name)

    def run_all(self):
        """Run every cell; returns the messages of the cells that raised."""
        self.command("notebook:run-all-cells")
        return self.page.evaluate(
            """() => window.jupyterapp.shell.currentWidget.content.widgets
                .filter(cell => cell.model.type === 'code')
                .flatMap(cell => cell.model.outputs.toJSON())
                .filter(output => output.output_type === 'error')
                .map(output => `${output.ename}: ${output.evalue}`)"""
        )

    def cell(self, containing):
        """Scroll to the first cell whose source contains a text; returns its locator."""
        index = self.page.evaluate(
            """text => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                const index = notebook.widgets.findIndex(c => c.model.sharedModel.getSource().includes(text));
                notebook.activeCellIndex = index;
                return notebook.scrollToItem(index, 'smart').then(() => index);
            }""",
            containing,
        )
        assert index >= 0, f"no cell contains {containing!r}"
        cell = self.page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')
        cell.locator(".jp-OutputArea-output").first.scroll_into_view_if_needed()
        return cell

    def cells(self):
        """Return the type and the source of every cell, and which one is active."""
        return self.page.evaluate(
            """() => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                return [notebook.activeCellIndex,
                        notebook.widgets.map(cell => [cell.model.type, cell.model.sharedModel.getSource()])];
            }"""
        )

    def lines(self, containing):
        """Return every line of code in the lesson that contains a text."""
        code = [source for kind, source in self.cells()[1] if kind == "code"]
        return [line for line in "\n".join(code).split("\n") if containing in line]

    def ask_kernel(self, code):
        """Run code in the lesson's kernel, unseen; returns what it printed, or what went wrong."""
        return self.page.evaluate(
            """async code => {
                const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
                const future = kernel.requestExecute({ code, store_history: false });
                let told = "";
                future.onIOPub = ({ content }) => { told += content.text ?? content.traceback?.join("\\n") ?? ""; };
                await future.done;
                return told;
            }""",
            code,
        )

    def type_and_run(self, containing, answer):
        """Replace what stands above the ``check(...)`` line of a cell by typing, and run the cell."""
        cell = self.cell(containing)
        editor = cell.locator(".cm-content")
        call = next(line for line in editor.inner_text().splitlines() if line.startswith("check("))
        editor.click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(f"{answer}\n\n{call}")
        self.page.keyboard.press("Control+Enter")

    def figure(self, function):
        """Return the live figure that moves when the learner's ``function`` is called."""
        return LiveFigure(self, function, self.cell(f"def {function}("))

    def close(self):
        """Close the page, and the kernel with it, without saving."""
        self.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.close()


class LiveFigure:
    """A live figure in the page: its sliders, its play button, the panel to aim in, what moves, its words."""

    def __init__(self, lesson, function, cell):
        self.lesson, self.function, self.page, self.cell = lesson, function, lesson.page, cell
        self.svg = cell.locator("svg.gd-moving")
        self.handles = cell.locator(".gd-control input[type=range]")
        self.play = cell.locator(".gd-control button").first
        self.aim = cell.locator(".gd-target").first
        self.svg.wait_for()

    def state(self):
        """Return everything that moves, as the browser shows it now: images by what is in them."""
        return self.svg.evaluate("""async svg => {
            const read = async image => new Uint8Array(await (await fetch(image.href.baseVal)).arrayBuffer()).join();
            const images = [...svg.querySelectorAll("image[href^=blob]")].map(image => read(image).catch(() => ""));
            return svg.innerHTML.replace(/blob:[^"]+/g, "") + (await Promise.all(images)).join("; ");
        }""")

    def words(self):
        return self.cell.locator(".gd-words").inner_text()

    def label(self):
        """Return what a screen reader says."""
        return self.svg.get_attribute("aria-label")

    def control(self, name):
        return self.cell.get_by_label(name, exact=True)

    def settled(self):
        """Return what moves once it stands: the kernel is no longer at work, and a while later all is as it was."""
        state = None
        for _ in range(200):
            if not self.at_work() and state == (state := self.state()):
                return state
            self.page.wait_for_timeout(150)
        raise AssertionError(f"{self.function} does not come to rest")

    def at_work(self):
        """Whether the kernel is still working out the picture."""
        task = f"{self.function}.task"
        return self.lesson.ask_kernel(f"print(bool({task} and not {task}.done()))").strip() == "True"

    def moves_when(self, action):
        """Do something, then wait until the picture is another one; returns whether that happened."""
        before = self.state()
        action()
        for _ in range(100):
            if self.state() != before:
                return True
            self.page.wait_for_timeout(50)
        return False
