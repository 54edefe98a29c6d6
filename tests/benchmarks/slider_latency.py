"""How long from the key press on a slider to the changed picture? ``python tests/benchmarks/slider_latency.py``.

Measured in a real browser (Chromium, headless) on a private JupyterLab, against the bare round trip (a slider that
changes a label), against the same figure made with ``interact``, and against its web page. Milliseconds depend on the
machine and what else it does: compare the ratios, which are taken in rounds (A B C A B C ...), so noise hits all alike.

The clock starts at the time stamp of the ``keydown`` event and is read twice (``watch.js``). The picture is *changed*
when the page's document holds the new one: text and SVG at the first change, an inline image when it is decoded. It is
*shown* when the browser has drawn its next frame after that. In favour of ``interact`` its notebook has nothing else,
and no sentence under the picture. At the end an arrow key is held for three seconds, and the pictures are counted.

A slider under the hand keeps the browser drawing, 60 frames a second, and what the kernel sends waits for the frame
that is due (Chromium puts off messages after a key press until it has drawn). So the pages draw all the time here and
the keys come at any moment between two frames. ``--remote 50`` holds back all that passes to and from the server for
50 ms each way. What a figure looks ahead is drawn before the kernel answers; it is counted in the bytes (of all
websocket messages of the page, both ways; the median move's), and in the kernel's time for a move.

All figures of the lessons are measured that are not generators, by their first slider; those without one, by arrow keys
in the picture, or whatever they have. With ``--slow 60`` each call of a figure's function takes 60 ms of the processor
more, and a key is pressed four times a second.
"""

import argparse
import asyncio
import contextlib
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import nbformat
import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import lab  # noqa: E402
from test_pages import awake, served  # noqa: E402

lab.PATIENCE = 200_000  # many lessons are opened, one after another


class Figure(NamedTuple):
    """A figure to measure: where it is, which slider moves it, and what changes in the page."""

    name: str
    notebook: str
    function: str
    picture: str = "svg.gd-moving"
    how: str = "elements"
    prompt: bool = True  # with the package's server setting
    slider: str = ""  # its name, or else the first of what can be moved by keys


LESSONS = [Figure(f"lesson {book[1]}: {name}", book, name) for book, names in lab.FIGURES.items() for name in names]
EXPLORE = next(figure for figure in LESSONS if figure.function == "explore")

HELD = EXPLORE._replace(slider="steps")  # has places enough to hold a key
BARE = Figure("bare slider to label", "bare.ipynb", "relabel", ".answer")
SLOW = BARE._replace(name="  without the server setting", prompt=False)
INTERACT = Figure("interact + inline", "inline.ipynb", "explore", ".widget-output", "image")
WEB = EXPLORE._replace(name="lesson 1: explore, as a web page", notebook="01_intuition.html")
FIGURES = [BARE, *LESSONS, INTERACT, WEB, SLOW]
ROUNDS, MOVES = 2, 13
# Moves at the start of each round that do not count. After a rest TCP acknowledges the first dozen messages at once,
# as it will not do while a slider is dragged: the server setting would look useless.
WARM_UP = 5
QUIET = 25  # ms without a message, after which a move is over; short, as a hand moves on
FRAME = 1 / 60  # s
PRESSES = 0.25  # s from one key press to the next, with --slow
MOVABLE = [".noUi-handle", ".gd-control input[type=range]", ".gd-target", ".gd-control select",
           ".gd-control input[type=checkbox]"]  # fmt: skip
# Each call of a figure's function takes so much more of the processor.
SLOWER = """
import inspect, time
def slower(function):
    def slow(**values):
        end = time.process_time() + {seconds}
        while time.process_time() < end:
            pass
        return function(**values)
    return slow
print(not inspect.isgeneratorfunction({function}.function))
{function}.function = slower({function}.function)
"""
WAYS = "framesent", "framereceived"
IDLE = f"{lab.NOTEBOOK}.sessionContext.session.kernel.status === 'idle'"


def main():
    """Measure, and print a table and what it says about the goals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--remote", type=float, default=0, metavar="MS", help="milliseconds of network each way")
    parser.add_argument("--slow", type=float, default=0, metavar="MS", help="more processor for each picture")
    parser.add_argument("--only", default="", metavar="WORDS", help="the bare slider, and what has these in its name")
    options = parser.parse_args()
    figures = [figure for figure in FIGURES if options.only in figure.name or figure in (BARE, SLOW)]
    if options.remote or options.slow:
        figures = [figure for figure in figures if figure is not WEB]  # which has no kernel
    os.environ["PYTHONPATH"] = str(lab.ROOT)  # this package, whichever one is installed
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        addresses = {}
        for prompt in (True, False):
            address = stack.enter_context(lab.served(folder / str(prompt), enable_extension=prompt))
            addresses[prompt] = stack.enter_context(delayed(address, options.remote / 1000))
            write_notebooks(folder / str(prompt) / "work" / "notebooks")
        chrome = stack.enter_context(lab.browser())
        places = {(figure.notebook, figure.prompt): None for figure in figures if figure is not WEB}
        pages = {(name, prompt): Page(chrome, addresses[prompt], name) for name, prompt in places}
        if WEB in figures:
            build = [sys.executable, lab.ROOT / "pages/build.py", folder / "site", "01_intuition.ipynb"]
            subprocess.run(build, check=True, capture_output=True)
            pages[WEB.notebook, WEB.prompt] = WebPage(chrome, stack.enter_context(served(folder / "site")))
        quiet = QUIET + 3 * options.remote
        figures = [figure for figure in figures if pages[figure.notebook, figure.prompt].prepare(figure, options.slow)]
        movers = {figure: Mover(pages[figure.notebook, figure.prompt], figure, quiet) for figure in figures}
        results = {figure: [] for figure in figures}
        for _ in range(ROUNDS):
            for figure, mover in movers.items():
                results[figure].append(mover.moves(PRESSES if options.slow else 0))
        explore = movers.get(EXPLORE)
        held = explore and not options.slow and Mover(explore.page, HELD, quiet).held()
        able = {one: mover.page.ask_kernel(f"print({one.function}.ahead.able)") for one, mover in movers.items()}
        ahead = {figure for figure in LESSONS if able.get(figure) == "True"}
    report(results, ahead, held, options)


def write_notebooks(folder):
    """Add the rivals to the copies of the lessons."""
    for name, code in RIVALS.items():
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (LONG_RUN, code)])
        book.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
        nbformat.write(book, folder / name)


@contextlib.contextmanager
def delayed(address, seconds):
    """Hold back all that passes to and from a server for some seconds each way; yields the address to use instead."""
    if not seconds:
        yield address
        return
    parts, loop = urlsplit(address), asyncio.new_event_loop()

    async def pump(reader, writer):
        with contextlib.suppress(OSError):
            while chunk := await reader.read(1 << 16):
                loop.call_later(seconds, writer.write, chunk)
        loop.call_later(seconds, writer.close)

    async def connect(reader, writer):
        far_reader, far_writer = await asyncio.open_connection(parts.hostname, parts.port)
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    proxy = loop.run_until_complete(asyncio.start_server(connect, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"{parts.scheme}://127.0.0.1:{proxy.sockets[0].getsockname()[1]}{parts.path}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


class Page(lab.Lesson):
    """A notebook that has run, with the payloads of its websockets counted in ``bytes``."""

    def __init__(self, chrome, address, notebook):
        self.bytes = 0
        self.page, *_ = lab.new_page(chrome)
        self.page.on("websocket", lambda socket: [socket.on(way, self._count) for way in WAYS])
        self.open(lab.in_lab(address, notebook))
        if problems := self.run_all():
            raise RuntimeError(f"{notebook} does not run: {problems}")
        self.page.evaluate((HERE / "watch.js").read_text())

    def _count(self, message):
        self.bytes += len(message)

    def prepare(self, figure, slow):
        """Make a lesson's figure slower, by milliseconds; returns whether it is to be measured."""
        if figure not in LESSONS:
            return True
        return self.ask_kernel(SLOWER.format(function=figure.function, seconds=slow / 1000)) == "True"

    def settle(self, quiet):
        """Wait until the kernel is idle and no more messages come, so that no move pays for the one before it."""
        seen = None
        while seen != self.bytes or not self.page.evaluate(IDLE):
            seen = self.bytes
            self.page.wait_for_timeout(quiet)


class WebPage(Page):
    """The web page of lesson 1, which has no kernel."""

    def __init__(self, chrome, address):
        self.bytes = 0
        self.page, *_ = lab.new_page(chrome)
        self.page.goto(f"{address}notebooks/{WEB.notebook}")
        self.page.evaluate((HERE / "watch.js").read_text())

    def cell(self, containing):
        return awake(self.page, WEB.function)

    def ask_kernel(self, code):
        return "0"

    def settle(self, quiet):
        self.page.wait_for_timeout(6 * quiet)


class Mover:
    """Moves the slider of a figure and measures."""

    def __init__(self, page, figure, quiet):
        self.page, self.figure, self._quiet, self._key, self._moves = page, figure, quiet, "ArrowRight", 7
        self._random = np.random.default_rng(0)

    def moves(self, pause):
        """Move the slider step by step, and back from its end; ``pause`` is the seconds between presses, 0 until quiet.

        Returns the milliseconds until the picture was changed and until it was shown and the bytes of each move, of
        shape (MOVES, 3), and the mean milliseconds of the kernel's processor for a move.
        """
        self._take_hold()
        self.page.page.evaluate("latency.keepDrawing(true)")
        for _ in range(WARM_UP):
            self._move(pause)
        kernel = self._kernel_time()
        moves = [self._move(pause) for _ in range(MOVES)]
        self.page.page.evaluate("latency.keepDrawing(false)")
        return np.array(moves), (self._kernel_time() - kernel) / MOVES

    def held(self, seconds=3):
        """Hold an arrow key, which repeats 30 times a second; returns the pictures shown in a second."""
        self._take_hold()
        self.page.page.keyboard.press("Home")
        self.page.page.keyboard.press("ArrowRight")
        self.page.settle(20 * self._quiet)  # as long as a key rests before it repeats
        self._picture.evaluate_all("nodes => latency.count(nodes)")
        began = time.perf_counter()
        for press in range(30 * seconds):
            time.sleep(max(0, began + press / 30 - time.perf_counter()))
            self.page.page.keyboard.down("ArrowRight")
        self.page.page.keyboard.up("ArrowRight")
        return self.page.page.evaluate("latency.counted()") / seconds

    def _take_hold(self):
        self.page.page.bring_to_front()
        cell = self.page.cell(f"def {self.figure.function}(")
        named = [cell.get_by_label(self.figure.slider, exact=True)] if self.figure.slider else []
        self._handle = next(one.first for one in named or map(cell.locator, MOVABLE) if one.count())
        self._picture = cell.locator(self.figure.picture)
        self._picture.first.wait_for(state="attached")
        self._handle.focus()
        self.page.settle(self._quiet)

    def _kernel_time(self):
        return float(self.page.ask_kernel("import time; print(1000 * time.process_time())"))

    def _move(self, pause):
        now, low, high = self._handle.evaluate(
            """handle => handle.type === "range" ? [handle.value, handle.min, handle.max]
                : handle.type === "select-one" ? [String(handle.selectedIndex), "0", String(handle.length - 1)]
                : ["now", "min", "max"].map(what => handle.getAttribute(`aria-value${what}`) ?? handle.type ?? "")"""
        )
        self._moves += 1
        if not now:  # the picture itself: a few presses to each side
            self._key = "ArrowRight" if self._moves // 8 % 2 else "ArrowLeft"
        elif now == "checkbox":
            self._key = "Space"
        else:
            self._key = {high: "ArrowLeft", low: "ArrowRight"}.get(now, self._key)
        before = self.page.bytes
        self._picture.evaluate_all("(nodes, how) => latency.arm(how, nodes)", self.figure.how)
        time.sleep(self._random.uniform(0, FRAME))
        pressed = time.perf_counter()
        self.page.page.keyboard.press(self._key)
        milliseconds = self.page.page.evaluate("latency.next")
        if pause:
            self.page.page.wait_for_timeout(1000 * max(0, pressed + pause - time.perf_counter()))
        else:
            self.page.settle(self._quiet)
        return *milliseconds, self.page.bytes - before


def report(results, ahead, held, options):
    """Print the table, and each goal with whether it is met; ``ahead`` are the figures that look ahead."""
    moves = {figure: np.concatenate([each for each, _ in rounds]) for figure, rounds in results.items()}
    kernel = {figure: np.mean([each for _, each in rounds]) for figure, rounds in results.items()}
    median = {figure: np.nanmedian(each, axis=0) for figure, each in moves.items()}
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    title = "milliseconds from key press to picture"
    print(f"{title:40} changed  95 % ratio     shown  95 % ratio    bytes kernel moves")
    for figure, each in moves.items():
        late, ratio = np.nanpercentile(each, 95, axis=0), median[figure] / median[BARE]
        print(f"{figure.name + ' (not ahead)' * (figure in LESSONS and figure not in ahead):40}", end="")
        for i in range(2):
            print(f" {median[figure][i]:6.1f} {late[i]:5.1f} {ratio[i]:5.2f}  ", end=" ")
        print(f"{median[figure][2]:8,.0f} {kernel[figure]:6.1f} {np.isfinite(each[:, 0]).sum():5}")

    def goal(met, words):
        print(f"{'met    ' if met else 'NOT MET'} {words}")

    print()
    changed, shown, size = ({figure: each[i] for figure, each in median.items()} for i in range(3))
    most = 0.25 if options.remote else 0.65
    for lesson in sorted({figure.notebook for figure in ahead}):
        worst = max((figure for figure in ahead if figure.notebook == lesson), key=shown.get)
        ratio = shown[worst] / shown[BARE]
        goal(ratio <= most, f"{worst.name}: shown in {ratio:.2f} x {BARE.name} (goal: at most {most})")
    if ahead:
        most = max(ahead, key=size.get)
        goal(size[most] <= 5000, f"{most.name}: {size[most]:,.0f} bytes a move, the most of all (goal: at most 5,000)")
    if EXPLORE in results and (options.remote or options.slow):
        goal(changed[EXPLORE] <= 5, f"{EXPLORE.name}: changed after {changed[EXPLORE]:.1f} ms (goal: at most 5)")
    if held:
        goal(held >= 25, f"{HELD.name}: {held:.0f} pictures a second while a key is held (goal: at least 25)")
    if {INTERACT, EXPLORE} <= results.keys() and not options.slow:
        ratio = changed[INTERACT] / changed[EXPLORE]
        goal(ratio >= 6, f"{EXPLORE.name}: {ratio:.2f} x quicker than {INTERACT.name} (goal: at least 6)")
    if {WEB, EXPLORE} <= results.keys():
        ratio = shown[WEB] / shown[EXPLORE]
        goal(ratio <= 1.2, f"{WEB.name}: shown in {ratio:.2f} x the time with a kernel (goal: at most 1.2)")
    if not options.remote and not options.slow:
        ratio = changed[SLOW] / changed[BARE]
        goal(ratio >= 1.4, f"bare: {ratio:.2f} x quicker with the server setting than without (goal: at least 1.4)")


# Once a run took a second JupyterLab's toolbar says so, and rewrites that at every message from then on. Every lesson
# takes a second to run, so the others must too, or they would be spared this.
LONG_RUN = "import time\n\ntime.sleep(1.5)"

RIVALS = {
    "bare.ipynb": """\
import ipywidgets
from IPython.display import display

bare = ipywidgets.IntSlider(value=21, min=0, max=44, description="bare")
answer = ipywidgets.Label(_dom_classes=["answer"])

def relabel(change):
    answer.value = f"learning rate {change['new']}"

bare.observe(relabel, "value")
display(bare, answer)
""",
    # The same map, path and loss curve as lesson 1's figure.
    "inline.ipynb": """\
%matplotlib inline
import ipywidgets as widgets
import matplotlib.pyplot as plt
from gd_helpers.descent import descend
from gd_helpers.figures import base
from gd_helpers.landscapes import ravine
from gd_helpers.live.controls import log_slider

rates = [(f"{rate:g}", rate) for rate in log_slider(0.01, 0.3, 0.05).options]

def explore(learning_rate):
    run = descend(ravine, (-2.5, 1.5), learning_rate=learning_rate, steps=40)
    figure, (surface, loss) = plt.subplots(1, 2, figsize=(8, 3.7), width_ratios=[3, 2])
    base.contour(surface, ravine)
    loss.set(xlim=(-3, 103), ylim=(1e-7, 1e3), yscale="log", xlabel="step", title="loss, step by step")
    loss.grid()
    surface.plot(*run.path.T, "o-", color="black", markersize=3)
    surface.plot(*run.path[:1].T, "s", color="white", markeredgecolor="black", markersize=8)
    surface.plot(*run.path[-1:].T, "o", color="red", markersize=11)
    loss.plot(run.steps, run.losses)
    loss.plot(run.steps[-1:], run.losses[-1:], "o", color="red", markersize=9)
    plt.show()

widgets.interact(explore, learning_rate=widgets.SelectionSlider(options=rates, value=0.05))
""",
}

if __name__ == "__main__":
    main()
