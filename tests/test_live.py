"""Live figures, moved from code: what is shown, errors, storms of moves, memory. The browser's part: test_browser."""

import asyncio
import gc
import tracemalloc

import numpy as np
import pytest
from matplotlib.figure import Figure

from gd_helpers.live import choice, live, log_slider, play, point, slider, switch
from gd_helpers.live.controls import GridSlider


@pytest.fixture
def scene():
    """A figure with one moving line."""
    figure = Figure(figsize=(4, 2), dpi=200)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 10), ylim=(0, 100))
    axes.plot([], [], "o", animated=True)
    return figure


def move(figure, x, y):
    """Move the line of ``scene``."""
    figure.axes[0].lines[0].set_data([x], [y])


def parabola(figure):
    """A live figure of x -> x squared."""

    @live(figure, x=slider(0, 10, 3))
    def explore(x):
        move(figure, x, x**2)
        return f"height {x**2}"

    return explore


def test_a_move_from_code_moves_the_control_the_picture_and_the_words(scene):
    explore = parabola(scene)
    before = explore._picture.moves
    explore.set(x=5)
    assert explore.value == {"x": 5}
    assert explore.verdict == "height 25"
    assert explore._picture.moves != before
    assert explore._picture.moves[-1]["d"] == "m800+600z"


def test_a_hand_on_the_slider_does_the_same(scene):
    explore = parabola(scene)
    explore.widget.children[0].children[0].value = 7
    assert explore.verdict == "height 49"


def test_the_output_is_a_picture_and_a_text_that_never_changes(scene):
    explore = parabola(scene)
    one, two = explore._repr_mimebundle_(), explore._repr_mimebundle_()
    assert one["text/plain"] == two["text/plain"] == "x = 3\nheight 9"
    assert one["image/png"].startswith("iVBORw0KGgo")
    assert "application/vnd.jupyter.widget-view+json" in one


def test_the_background_is_drawn_without_what_moves_and_only_once(scene):
    explore = parabola(scene)
    background = explore._picture.background
    explore.set(x=9)
    explore.png()
    explore.set(x=1)
    assert explore._picture.background is background
    scene.axes[0].axhline(50)
    explore.set(x=2)
    assert explore._picture.background != background


def test_an_error_is_shown_and_the_next_good_move_clears_it(scene):
    @live(scene, x=slider(0, 10, 0))
    def explore(x):
        if x == 5:
            raise RuntimeError("five is right out")
        return "fine"

    explore.set(x=5)
    assert explore._picture.failed
    assert explore.verdict == "RuntimeError: five is right out"
    assert "five is right out" in repr(explore)
    explore.set(x=6)
    assert not explore._picture.failed
    assert explore.verdict == "fine"


def test_a_storm_of_moves_ends_on_the_last(scene):
    explore = parabola(scene)
    for move in range(300):
        explore.set(x=move % 11)
    assert explore.verdict == "height 4"  # 299 % 11 is 2
    assert explore.value == {"x": 2}


def test_two_thousand_moves_leave_memory_where_it_was(scene):
    explore = parabola(scene)
    rng = np.random.default_rng(0)

    def moves(count):
        for x in rng.integers(0, 11, size=count).tolist():
            explore.set(x=x)
        gc.collect()

    tracemalloc.start()
    try:
        moves(100)
        before = tracemalloc.get_traced_memory()[0]
        moves(2000)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert grown < 5e6


def test_several_controls_set_at_once_call_the_function_once(scene):
    calls = []

    @live(scene, a=slider(0, 9, 1), b=slider(0.0, 1.0, 0.5), mode=choice(["x", "y"]), on=switch())
    def explore(a, b, mode, on):
        calls.append((a, b, mode, on))

    explore.set(a=2, b=0.25, mode="y", on=True)
    assert calls == [(1, 0.5, "x", False), (2, 0.25, "y", True)]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"y": 1}, "no control 'y', only x, rate, mode"),
        ({"x": 11}, "x must be between 0 and 10, but got 11"),
        ({"rate": 0.5}, "rate must be between 0.001 and 0.3, but got 0.5"),
        ({"mode": "z"}, r"mode must be one of \['a', 'b'\], but got 'z'"),
    ],
)
def test_a_value_that_does_not_fit_is_named(scene, values, message):
    explore = live(scene, x=slider(0, 10, 1), rate=log_slider(0.001, 0.3, 0.1), mode=choice(["a", "b"]))(
        lambda **settings: None
    )
    with pytest.raises(ValueError, match=message):
        explore.set(**values)


def test_a_slider_shows_exactly_the_value_that_is_computed_with(scene):
    rate = log_slider(0.001, 0.3, 0.05)
    explore = live(scene, rate=rate)(lambda rate: f"{rate}")
    for value in (0.21, 0.0123456, 0.001, 0.3):
        explore.set(rate=value)
        shown, computed_with = rate.options[rate.index]
        assert float(shown) == computed_with == explore.value["rate"] == pytest.approx(value, rel=0.005)
    assert rate.numbers == sorted(rate.numbers)
    assert isinstance(slider(0.0, 1.0, 0.5), GridSlider)


@pytest.mark.parametrize(
    "make", [lambda: slider(1, 1, 1), lambda: slider(0, 5, 6), lambda: log_slider(0, 1, 0.5), lambda: point(1, 2, 3)]
)
def test_controls_refuse_what_makes_no_sense(make):
    with pytest.raises(ValueError, match=r"must be|wants"):
        make()


def test_a_point_follows_a_click_and_is_moved_from_code(scene):
    explore = live(scene, start=point(1.0, 50.0))(lambda start: f"{start}")
    assert explore._picture.aim == [160, 400]
    assert explore._picture.target == [0, 0, 1600, 800]
    explore._picture.aim = [800, 200]  # what the browser sends after a click
    assert explore.value == {"start": (5.0, 75.0)}
    assert explore.verdict == "(5.0, 75.0)"
    explore.set(start=(2.0, 25.0))
    assert explore._picture.aim == [320, 600]
    assert explore.verdict == "(2.0, 25.0)"


def test_a_point_on_a_curve_has_one_coordinate(scene):
    explore = live(scene, w=point(1.0))(lambda w: f"{w}")
    explore._picture.aim = [800, 123]
    assert explore.value == {"w": (5.0,)}


def test_play_walks_its_slider(scene):
    steps = play(0, 20, 4)
    explore = live(scene, steps=steps)(lambda steps: f"{steps}")
    steps.slider.value = 9
    assert explore.verdict == "9"
    explore.set(steps=12)
    assert steps.slider.value == 12


def counting(scene, seen):
    """A live figure whose function works in three chunks."""

    @live(scene, n=slider(0, 100, 1))
    def count(n):
        for chunk in range(3):
            seen.append((n, chunk))
            yield f"{n}: {chunk + 1} of 3"
        return f"{n}: done"

    return count


def test_long_work_from_code_is_done_at_once(scene):
    count = counting(scene, [])
    assert count.verdict == "1: done"
    count.set(n=7)
    assert count.verdict == "7: done"


def test_long_work_by_hand_is_dropped_when_a_newer_value_comes(scene):
    seen = []
    count = counting(scene, seen)
    seen.clear()

    async def hand():
        count._controls["n"].value = 10
        await asyncio.sleep(0)  # the first chunk of 10 begins
        for n in (20, 30, 40):
            count._controls["n"].value = n
        await count._task

    asyncio.run(hand())
    assert count.verdict == "40: done"
    assert [entry for entry in seen if entry[0] != 40] == [(10, 0)]


def test_an_error_in_long_work_is_shown_too(scene):
    @live(scene, n=slider(0, 9, 0))
    def work(n):
        yield "begun"
        raise RuntimeError("half way")

    assert work.verdict == "RuntimeError: half way"


def test_closing_closes_every_widget(scene):
    explore = parabola(scene)
    explore.close()
    assert explore._picture.comm is None
    assert explore.widget.comm is None
