"""How quick a figure is in its web page, beside the same with a kernel: ``python tests/benchmarks/page_latency.py``.

Both are lesson 1's ``explore``: an arrow key on the learning rate, at any moment between two frames, until the picture
is changed and until it is shown. Only what is measured in one run can be compared.
"""

import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import lab  # noqa: E402
from test_lite import served  # noqa: E402

LESSON, FIGURE, SLIDER = "01_intuition", "explore", "learning rate"
MOVES, REST = 60, 0.15  # moves of each, and s after each, so that none pays for the one before it
FRAMES = """new Promise((resolve) => {
    const at = [];
    const look = (now) => at.push(now) > 60 ? resolve((at[60] - at[0]) / 60) : requestAnimationFrame(look);
    requestAnimationFrame(look);
})"""


def main():
    """Measure both, by turns, and print what was measured."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        build = [sys.executable, lab.ROOT / "pages/build.py", folder / "site", f"{LESSON}.ipynb"]
        subprocess.run(build, check=True, capture_output=True)
        chrome = stack.enter_context(lab.browser())
        kernel = lab.Lesson(chrome, lab.in_lab(stack.enter_context(lab.served(folder)), f"{LESSON}.ipynb"))
        kernel.run_all()
        page = chrome.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{stack.enter_context(served(folder / 'site'))}notebooks/{LESSON}.html")
        figure = page.locator(f"figure[data-pictures$='/{FIGURE}.pictures']")
        figure.scroll_into_view_if_needed()
        page.locator(f"figure[data-pictures$='/{FIGURE}.pictures'][data-kept]").wait_for()
        both = {"with a kernel": (kernel.page, kernel.figure(FIGURE).cell), "as a web page": (page, figure)}
        for place, _ in both.values():
            place.evaluate((HERE / "watch.js").read_text())
        taken = {name: [] for name in both}
        for _ in range(3):
            for name, (place, shown) in both.items():
                taken[name] += moves(place, shown, MOVES // 3)
        frame = page.evaluate(FRAMES)
    print(f"{'milliseconds from key press to picture':40} changed  95 %   shown  95 %")
    for name, each in taken.items():
        (changed, shown), late = np.median(each, axis=0), np.percentile(each, 95, axis=0)
        print(f"{f'lesson 1: {FIGURE}, {name}':40} {changed:7.1f} {late[0]:5.1f} {shown:7.1f} {late[1]:5.1f}")
    goal = 2.2 * frame  # the frame itself, and 1.2 of them before it
    print(f"{'met    ' if shown <= goal else 'NOT MET'} shown within {goal:.1f} ms, 2.2 frames of {frame:.1f} ms")


def moves(page, figure, count):
    """Press an arrow key so many times; returns the milliseconds until the picture was changed, and shown, of each."""
    page.bring_to_front()
    slider, key, taken = figure.get_by_label(SLIDER, exact=True), "ArrowRight", []
    slider.focus()
    page.evaluate("latency.keepDrawing(true)")
    for _ in range(count):
        place, last = slider.evaluate("slider => [Number(slider.value), Number(slider.max)]")
        key = {0: "ArrowRight", last: "ArrowLeft"}.get(place, key)
        figure.locator("svg.gd-moving").evaluate_all("nodes => latency.arm('elements', nodes)")
        time.sleep(REST + random.uniform(0, 1 / 60))
        page.keyboard.press(key)
        taken.append(page.evaluate("latency.next"))
    page.evaluate("latency.keepDrawing(false)")
    return taken


if __name__ == "__main__":
    main()
