"""Live figures, moved from code: what is shown, errors, storms of moves, memory. The browser's part: test_browser."""

import asyncio
import base64
import itertools
import sys
import threading

import ipywidgets as widgets
import matplotlib
import matplotlib.style
import numpy as np
import pytest
from matplotlib.figure import Figure
from threadpoolctl import threadpool_info

from gd_helpers import landscapes
from gd_helpers.figures import intuition
from gd_helpers.live import choice, live, log_slider, play, point, slider, switch, work


@pytest.fixture
def scene():
    """A figure with one moving line."""
    figure = Figure(figsize=(4, 2), dpi=200)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 10), ylim=(0, 100))
    axes.plot([], [], "o", animated=True)
    return figure


@pytest.fixture
def explore(scene):
    """A live figure of x -> x squared."""

    @live(scene, x=play(0, 10, 3, interval=50))
    def explore(x):
        scene.axes[0].lines[0].set_data([x], [x**2])
        return f"height {x**2}"

    return explore


def test_whoever_moves_the_control_the_picture_and_the_words_follow(explore):
    explore.set(x=5)
    assert explore.picture.places == [5]
    assert explore.picture.moves[-1]["d"] == "m800+600z"
    explore.picture.places = [7]  # what the browser sends
    assert explore.value == {"x": 7}
    assert explore.verdict == "height 49"
    explore.controls["x"].value = 2  # what a learner may write
    assert explore.picture.places == [2]
    assert explore.verdict == "height 4"


def test_the_browser_gets_the_whole_picture_when_it_is_made(request):
    """Were it sent piece by piece, a page that is busy just then would be left with a figure that cannot start."""
    made = []
    widgets.Widget.on_widget_constructed(lambda widget: made.append(widget.get_state()))
    try:
        request.getfixturevalue("explore")
    finally:
        widgets.Widget.on_widget_constructed(None)
    (state,) = [state for state in made if "moves" in state]
    assert state["words"] == "height 9"
    assert state["background"].startswith(b"\x89PNG")
    assert state["styles"]
    assert state["moves"]
    assert {"size", "units_per_pixel", "places", "printed"} <= set(state)
    assert [(control["name"], control["interval"]) for control in state["controls"]] == [("x", 50)]


def test_the_output_is_a_picture_and_a_text_and_its_background_is_drawn_only_once(scene, explore):
    background = explore.picture.background
    explore.set(x=9)
    shown = explore._repr_mimebundle_()
    assert base64.b64decode(shown["image/png"]) == explore.png() != background
    assert shown["text/plain"] == "x = 9\nheight 81"
    assert "application/vnd.jupyter.widget-view+json" in shown
    explore.set(x=1)
    assert explore.picture.background is background
    scene.axes[0].axhline(50)
    explore.set(x=2)
    assert explore.picture.background != background


def half_way():
    yield "begun"
    raise RuntimeError("half way")


@pytest.mark.parametrize(
    ("stop", "said"),
    [
        (lambda: 1 / 0, "ZeroDivisionError: division by zero"),
        (sys.exit, "SystemExit"),
        (lambda: sys.exit("that will do"), "SystemExit: that will do"),
        (half_way, "RuntimeError: half way"),
        (
            lambda: (words for words in itertools.repeat("still here")),
            "RuntimeError: stopped after 10,000 sentences on the way: does the loop come to an end?",
        ),
    ],
)
def test_an_error_is_shown_and_the_next_good_move_clears_it(scene, stop, said):
    explore = live(scene, x=slider(0, 9, 5))(lambda x: stop() if x == 5 else "fine")
    for _ in range(2):  # as soon as it is made, and after a move
        assert explore.picture.failed
        assert explore.verdict == said
        assert explore._repr_mimebundle_()["text/plain"].endswith(said)
        explore.picture.places = [6]
        assert not explore.picture.failed
        assert explore.verdict == "fine"
        explore.picture.places = [5]


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
def test_a_value_that_does_not_fit_is_named_and_nothing_moves(scene, values, message):
    explore = live(scene, x=slider(0, 10, 1), rate=log_slider(0.001, 0.3, 0.1), mode=choice(["a", "b"]))(
        lambda **settings: None
    )
    with pytest.raises(ValueError, match=message):
        explore.set(**{"x": 5} | values)
    assert explore.value == {"x": 1, "rate": 0.1, "mode": "a"}
    explore.picture._handle_custom_msg({"typed": 0, "number": 11}, [])  # beside the slider
    assert explore.picture.failed
    assert explore.verdict == "x must be between 0 and 10, but got 11"


def test_a_value_that_is_set_is_put_exactly(scene):
    @live(scene, rate=log_slider(0.001, 0.3, 0.05), n=slider(0, 10, 3), half=slider(0.0, 1.0, 0.5))
    def explore(rate, n, half):
        return f"{rate!r} {n!r} {half!r}"

    for value in (0.0501, 0.12345, 2 / 30, 0.001, 0.3):
        explore.set(rate=value, half=value, n=np.int64(4))
        assert explore.verdict == f"{value!r} 4 {value!r}"
        shown = explore.picture.controls[0]["words"][explore.picture.places[0]]
        assert float(shown) == pytest.approx(value, rel=1e-5)
    assert explore.picture.controls[0]["words"][-1] == "0.3"  # so `End` leads to the end


def test_round_numbers_are_places_on_every_slider():
    for named in (log_slider(0.003, 1.2, 0.05), slider(0.0, 1.5, 0.3), log_slider(0.01, 3.0, 0.3)):
        assert {0.1, 0.2, 0.5, 0.9, 1.0} <= set(named.numbers)
        assert named.numbers == sorted(set(named.numbers))
    assert log_slider(1, 10, 1, steps_per_decade=4).numbers == [1, 2, 3, 6, 10]
    assert 2 / 3 in log_slider(0.1, 1, 0.5, marks={"2/h": 2 / 3}).numbers
    assert slider(1000.0, 1001.0, 1000.5, step=0.1).numbers[3] == 1000.3
    assert slider(0.0, 1.0, 0.5, step=0.3).numbers == [0, 0.3, 0.5, 0.6, 0.9, 1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: slider(1, 1, 1), "low must be below high"),
        (lambda: slider(0, 5, 6), "value must be between 0 and 5, but got 6"),
        (lambda: slider(0, 10, 5, step=3), r"value must be one of \[0, 3, 6, 9\], but got 5"),
        (lambda: slider(0.0, 1.0, 0.5, step=3), "step must be above 0 and at most 1"),
        (lambda: slider(0.0, 1.0, 0.5, step=0), "step must be above 0 and at most 1"),
        (lambda: slider(0.0, 1.0, 0.5, marks={"there": 2}), r"marks\['there'\] must be between 0 and 1, but got 2"),
        (lambda: slider(0, 10**7, 5), "low and high must be closer, or step larger"),
        (lambda: slider(-1e308, 1e308, 0), "low and high must have numbers between them"),
        (lambda: choice(itertools.count()), "options must be at most 1,000"),
        (lambda: choice({"a": 1, "b": 1}), "options must be one or more that differ"),
        (lambda: log_slider(0, 1, 0.5), "low must be above 0"),
        (lambda: log_slider(1, 2, 1, steps_per_decade=0), "steps_per_decade must be a finite number above 0"),
        (lambda: choice(["a", "a"]), "options must be one or more that differ"),
        (lambda: choice(["a", "b"], "c"), r"value must be one of \['a', 'b'\], but got 'c'"),
        (lambda: play(0, 9, 0, interval=0), "interval must be a whole number, 1 or more"),
        (lambda: point(1, 2, 3), "point wants one or two coordinates"),
    ],
)
def test_controls_refuse_what_makes_no_sense(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("scene", "controls", "message"),
    [
        (Figure(), {"x": (0, 10)}, r"x must be a control such as slider\(0, 10, 3\), but got \(0, 10\)"),
        ("a figure", {}, "scene must be a figure"),
        (Figure(), {"y": switch()}, "the controls must be the arguments of f"),
        (Figure(), {}, "the controls must be the arguments of f"),
        (Figure(), {"x": point(1), "y": point(1)}, "only one of the controls can be a point"),
        (Figure(), {"x": point(1)}, "scene must have axes in which to choose x"),
    ],
)
def test_live_refuses_what_it_cannot_move(scene, controls, message):
    def f(x):
        return x

    with pytest.raises(ValueError, match=message):
        live(scene, **controls)(f)


def test_a_widget_from_ipywidgets_serves_too(scene):
    explore = live(scene, x=widgets.IntSlider(3, 0, 10))(lambda x: f"{x}")
    explore.controls["x"].value = 7
    assert explore.verdict == "7"
    with pytest.raises(ValueError, match="x cannot be 11; the nearest that it can be is 10"):
        explore.set(x=11)
    with pytest.raises(ValueError, match="x cannot be 'a'"):
        explore.set(x="a")
    assert explore.value == {"x": 7}


def test_a_point_follows_a_click_and_is_moved_from_code(scene):
    explore = live(scene, start=point(1.0, 50.0))(lambda start: f"{start}")
    assert explore.picture.aim == [160, 400]
    assert explore.picture.targets == [[0, 0, 1600, 800]]
    explore.picture.aim = [803, 201.1]  # what the browser sends after a click
    assert explore.value == {"start": (5.0188, 74.86)}  # with no more digits than a hand can tell apart
    assert explore.verdict == "(5.0188, 74.86)"
    explore.set(start=(2.0, 25.0))
    assert explore.picture.aim == [320, 600]
    assert explore.verdict == "(2.0, 25.0)"
    on_a_curve = live(scene, w=point(1.0))(lambda w: f"{w}")
    on_a_curve.picture.aim = [800, 123]
    assert on_a_curve.value == {"w": (5.0,)}


def test_a_magnified_part_can_be_clicked_in_and_makes_the_arrow_keys_finer():
    figure = Figure(figsize=(8, 4), dpi=200)
    whole, part = figure.add_axes((0, 0, 0.5, 1), xlim=(0, 1), ylim=(0, 1)), figure.add_axes((0.5, 0, 0.5, 1))

    class Magnifier:
        target, targets, key_step = whole, (part,), 0.01

        def to_place(self, axes, x, y):
            return 0.6 + 0.01 * x, 0.3 + 0.01 * y

    scene = Magnifier()
    scene.figure = figure
    explore = live(scene, place=point(0.5, 0.5))(lambda place: f"{place}")
    assert len(explore.picture.targets) == 2
    assert explore.picture.key_step == 0.01
    explore.picture.aim = [1600 + 403, 801]
    x, y = explore.value["place"]
    assert (x, y) == pytest.approx((0.60251875, 0.30499375), abs=1e-8)
    assert explore.picture.aim == pytest.approx([1600 * x, 1600 * (1 - y)], abs=0.01)  # where it is on the whole


def test_long_work_is_done_at_once_from_code_and_dropped_by_hand_when_it_is_no_longer_wanted(scene, monkeypatch):
    seen = []

    @live(scene, n=slider(0, 100, 1))
    def count(n):
        for chunk in range(3):
            seen.append((n, chunk))
            yield f"{n}: {chunk + 1} of 3"
        return f"{n}: done"

    count.set(n=7)
    assert count.verdict == "7: done"
    monkeypatch.setattr(work, "PATIENCE", -1)
    count.set(n=8)
    assert count.verdict == "TimeoutError: stopped after -1 seconds, at: 8: 1 of 3"
    seen.clear()

    async def hand():
        count.picture.places = [10]
        await asyncio.sleep(0)
        assert count.verdict == "10: 1 of 3"
        for n in (20, 30, 40):
            count.picture.places = [n]
        await count.task
        assert count.verdict == "40: done"
        count.picture.places = [50]
        await asyncio.sleep(0)
        count.close()
        await asyncio.sleep(0.02)

    asyncio.run(hand())
    assert [entry for entry in seen if entry[0] != 40] == [(10, 0), (50, 0)]
    assert count.task is None


def test_what_is_printed_after_a_move_stands_under_the_picture(scene, capsys):
    explore = live(scene, x=slider(0, 9, 0))(lambda x: print(f"x is {x}") or print("!", file=sys.stderr))
    assert "x is 0" in capsys.readouterr().out  # in a cell it is the cell's own output
    assert explore.picture.printed == ""
    explore.picture.places = [3]
    assert explore.picture.printed == "x is 3\n!\n"
    assert capsys.readouterr().out == ""
    explore.set(x=4)
    assert capsys.readouterr().out == "x is 4\n"
    assert explore.picture.printed == ""


def test_moves_told_in_another_thread_are_seen_to_in_that_of_the_cells_and_only_the_last(scene, capsys):
    """As JupyterLab tells of them: neither matplotlib nor what a cell prints could stand two threads."""
    seen = []

    async def in_jupyter():
        explore = live(scene, x=slider(0, 9, 0))(lambda x: print("mine") or seen.append((x, threading.get_ident())))
        capsys.readouterr()
        hand = threading.Thread(target=lambda: [explore.picture.set_state({"places": [k]}) for k in range(1, 8)])
        hand.start()
        hand.join()
        print("the cell's")
        await asyncio.sleep(0.01)
        assert explore.picture.printed == "mine\n"
        explore.close()

    asyncio.run(in_jupyter())
    assert seen[:2] == [(0, threading.get_ident()), (7, threading.get_ident())]  # then comes what is looked ahead
    assert capsys.readouterr().out == "the cell's\n"


@pytest.mark.parametrize(
    "settings", [{}, dict(matplotlib.style.library["dark_background"]), {"text.usetex": True, "font.size": 30}]
)
def test_the_pictures_of_the_course_do_not_depend_on_the_readers_settings(settings):
    def png():
        scene = intuition.CurveScene(landscapes.curve)
        return live(scene, w=point(2.6))(lambda w: scene.show(w, 0.1)).png()

    before = png()
    with matplotlib.rc_context(settings):
        assert png() == before
        assert {name: matplotlib.rcParams[name] for name in settings} == settings  # they are still the reader's


def test_closing_closes_every_widget(scene):
    explore = live(scene, x=widgets.IntSlider(3, 0, 10), y=slider(0, 9, 3))(lambda x, y: f"{x}")
    parts = [explore.picture, explore.widget, explore.controls["x"]]
    assert len({id(part.comm) for part in parts}) == 3
    explore.close()
    assert [part.comm for part in parts] == [None] * 3


def test_numpy_leaves_the_other_cores_to_the_browser():
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} <= {1}
