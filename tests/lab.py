"""A private JupyterLab and a headless Chromium to drive it with, for the browser tests and the benchmark.

It serves copies of the notebooks from a temporary folder: what a test types is not saved into the repository.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from jupyter_server.serverapp import list_running_servers

ROOT = Path(__file__).parent.parent
PATIENCE = 30_000  # ms for anything in a page
SOURCES = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))}
# For each lesson its live figures, by the name of the learner's function.
FIGURES = {name: re.findall(r"@live\((?:.|\\n|\n)*?def (\w+)", source) for name, source in SOURCES.items()}
# Without these Chromium tries to reach its maker's servers at every start.
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-quic"]  # fmt: skip
# By name, and where macOS and Windows keep it.
CHROMES = ["chromium", "chromium-browser", "google-chrome", "chrome",
           "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
           r"C:\Program Files\Google\Chrome\Application\chrome.exe"]  # fmt: skip
NOTEBOOK = "window.jupyterapp.shell.currentWidget"


def chromium() -> str | None:
    """Return the path of an installed Chromium, or None."""
    return next(filter(None, map(shutil.which, CHROMES)), None)


@contextlib.contextmanager
def served(folder: Path, *, enable_extension=True):
    """Serve copies of the lessons from ``folder``; yields the server's address."""
    work = folder / "work"
    for name in ("notebooks", "gd_helpers"):
        shutil.copytree(ROOT / name, work / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    news = folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "false", "checkForUpdates": false}')
    private = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    private |= {"IPYTHONDIR": str(folder / "ipython"), "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings")}
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root",
               "--IdentityProvider.token=", "--LabApp.expose_app_in_browser=True",
               "--JupyterNotebookApp.expose_app_in_browser=True", f"--ServerApp.root_dir={work}",
               f"--ServerApp.jpserver_extensions={{'gd_helpers.server': {enable_extension}}}"]  # fmt: skip
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, env=os.environ | private, stdout=log, stderr=log, cwd=work)
        try:
            running = []
            for _ in range(600):
                with contextlib.suppress(ValueError):  # what the server says of itself may be half written
                    running = running or list(list_running_servers(folder / "runtime"))
                time.sleep(0 if running else 0.1)
            assert running, f"JupyterLab did not start:\n{(folder / 'server.log').read_text(errors='replace')[-2000:]}"
            yield running[0]["url"]
        finally:
            server.terminate()
            server.wait(20)


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


def in_lab(address, name):
    """Return where a lesson is opened, in a workspace of its own, or the tabs of the others would be open too."""
    return f"{address}lab/workspaces/{name[:2]}/tree/notebooks/{name}"


def new_page(chrome, patience=None, **options):
    """Open a page; returns it, its errors, and the addresses that it asks of other hosts."""
    errors, elsewhere, here = [], [], ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
    page = chrome.new_page(**{"viewport": {"width": 1280, "height": 900}} | options)
    page.set_default_timeout(patience or PATIENCE)
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda to: None if to.url.startswith(here) else elsewhere.append(to.url))
    return page, errors, elsewhere


class Lesson:
    """A lesson, open in a page of its own."""

    def __init__(self, chrome, url, patience=None, **options):
        self.page, self.errors, self.elsewhere = new_page(chrome, patience, **options)
        self.open(url)

    def open(self, url):
        """Go there, and wait until the lesson is shown."""
        self.page.goto(url)
        self.wait_until_open()

    def wait_until_open(self):
        """Wait until the lesson is shown and its kernel is ready."""
        self.page.wait_for_function(f"{NOTEBOOK.replace('p.s', 'p?.s')}?.context?.isReady")
        self.page.wait_for_function(f"{NOTEBOOK}.sessionContext.session?.kernel?.status === 'idle'")

    def command(self, name, **arguments):
        """Run one of JupyterLab's commands and wait for its end."""
        run = "([name, arguments]) => window.jupyterapp.commands.execute(name, arguments).then(() => null)"
        self.page.evaluate(run, [name, arguments])

    def run_all(self):
        """Run every cell; returns the messages of the cells that raised."""
        self.command("notebook:run-all-cells")
        outputs = f"{NOTEBOOK}.content.widgets.flatMap(cell => cell.model.outputs?.toJSON() ?? [])"
        errors = self.page.evaluate(f"{outputs}.filter(output => output.output_type === 'error')")
        return [f"{error['ename']}: {error['evalue']}" for error in errors]

    def run_to(self, containing):
        """Run every cell down to the first whose source contains a text."""
        self.cell(containing)
        self.command("notebook:run-all-above")
        self.command("notebook:run-cell")

    def cell(self, containing):
        """Scroll to the first cell whose source contains a text; returns its locator."""
        index = next(i for i, source in enumerate(self.cells()[0]) if containing in source)
        if self.page.evaluate(f"{NOTEBOOK}.content.widgets[{index}].isHidden"):  # under a heading that starts folded
            self.command("notebook:expand-all-headings")
        self.page.evaluate(f"{NOTEBOOK}.content.activeCellIndex = {index}")
        self.page.evaluate(f"{NOTEBOOK}.content.scrollToItem({index}, 'smart')")
        cell = self.page.locator(f'.jp-Cell[data-windowed-list-index="{index}"]')
        cell.locator(".jp-OutputArea-output").first.scroll_into_view_if_needed()
        return cell

    def cells(self):
        """Return the source of every cell, and the number of the active one."""
        sources = f"{NOTEBOOK}.content.widgets.map(cell => cell.model.type + cell.model.sharedModel.getSource())"
        return self.page.evaluate(f"[{sources}, {NOTEBOOK}.content.activeCellIndex]")

    def stored(self, notebook):
        """Save a notebook from this page under another name; returns what is stored of it."""
        save = "contents.save('other.ipynb', { type: 'notebook', format: 'json', content })"
        read = "contents.get('other.ipynb', { content: true }).then(model => model.content)"
        contents = "const { contents } = window.jupyterapp.serviceManager;"
        return self.page.evaluate(f"async content => {{ {contents} await {save}; return {read}; }}", notebook)

    def ask_kernel(self, code):
        """Run code in the lesson's kernel, unseen; returns what it printed, or what went wrong."""
        ask = f"""async code => {{
            const kernel = {NOTEBOOK}.sessionContext.session.kernel;
            const future = kernel.requestExecute({{ code, store_history: false }});
            let told = "";
            future.onIOPub = ({{ content }}) => {{ told += content.text ?? content.traceback?.join("\\n") ?? ""; }};
            await future.done;
            return told.trim();
        }}"""
        return self.page.evaluate(ask, code)

    def until(self, come_true, times=100):
        """Look twenty times a second whether something has come true; returns whether it has in the end."""
        return any(come_true() or self.page.wait_for_timeout(50) for _ in range(times))

    def check(self, number, answer, said):
        """Type an answer above the last line of an exercise's cell, run it, and wait for what is said to it."""
        cell, keyboard = self.cell(f'check("{number}",'), self.page.keyboard
        cell.locator(".cm-content").click()
        keyboard.press("ControlOrMeta+End")
        keyboard.press("Home")
        keyboard.insert_text(f"{answer}\n\n")
        keyboard.press("Control+Enter")
        cell.get_by_text(said).first.wait_for()

    def predict(self, name):
        """Record the first option of a prediction, or the lowest number that it asks for, by keyboard."""
        asked = self.cell(f"{name} = predict(").locator(".gd-card")
        if asked.locator("input[type=radio]").count():
            asked.locator("input[type=radio]").first.focus()
            self.page.keyboard.press("Space")
        else:
            box = asked.get_by_placeholder("a number from")
            box.fill(re.search(r"from (\S+) to", box.get_attribute("placeholder"))[1])
        record = asked.get_by_role("button", name="Record my prediction")
        self.until(record.is_enabled)
        record.press("Enter")
        asked.get_by_text("Recorded:").wait_for()

    def figure(self, function):
        """Return the live figure that moves when the learner's ``function`` is called."""
        return LiveFigure(self, function, self.cell(f"def {function}("))

    def close(self):
        """Close the page, and the kernel with it, without saving."""
        self.page.evaluate(f"{NOTEBOOK}.sessionContext.shutdown()")
        self.page.close()


class LiveFigure:
    """A live figure in the page: its sliders, its play button, the panel to aim in, what moves, its words."""

    def __init__(self, lesson, function, cell):
        self.lesson, self.function, self.cell = lesson, function, cell
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

    def label(self):  # what a screen reader says
        return self.svg.get_attribute("aria-label")

    def control(self, name):
        return self.cell.get_by_label(name, exact=True)

    def settled(self):
        """Return what moves once it stands: the kernel is no longer at work, and a while later all is as it was."""
        state, task = None, f"{self.function}.task"
        for _ in range(200):
            resting = self.lesson.ask_kernel(f"print({task} is None or {task}.done())") == "True"
            if resting and state == (state := self.state()):
                return state
            self.lesson.page.wait_for_timeout(60)
        raise AssertionError(f"{self.function} does not come to rest")

    def moves_when(self, action):
        """Do something, then wait until the picture is another one; returns whether that happened."""
        before = self.state()
        action()
        return self.lesson.until(lambda: self.state() != before)
