"""Live figures, moved from code: what is shown, errors, storms of moves. In the browser: test_browser."""

import asyncio
import base64
import io
import re
import sys
import threading
from functools import partial

import matplotlib.style
import numpy as np
import pytest
from matplotlib.figure import Figure
from threadpoolctl import threadpool_info

from gd_helpers import landscapes
from gd_helpers.figures import intuition
from gd_helpers.live import choice, live, log_slider, play, point, powers_of_two, slider, switch


@pytest.fixture
def explore():
    """A live figure of x -> x squared."""
    figure = Figure(figsize=(4, 2), dpi=200)
    (ball,) = figure.add_axes((0, 0, 1, 1), xlim=(0, 10), ylim=(0, 100)).plot([], [], "o", animated=True)
    return live(figure, x=play(0, 10, 3, interval=50))(lambda x: ball.set_data([x], [x**2]) or f"height {x**2}")


def test_whoever_moves_the_control_the_picture_and_the_words_follow(explore):
    assert explore.picture.controls[0]["interval"] == 50
    explore.set(x=5)
    assert explore.picture.places == [5]
    assert explore.picture.moves[-1]["d"] == "m800+600z"
    explore.picture.places = [7]  # what the browser sends
    assert explore.value == {"x": 7}
    assert explore.verdict == "height 49"
    explore.controls["x"].value = 2  # what a learner may write
    assert explore.picture.places == [2]
    assert explore.verdict == "height 4"


def test_the_output_is_a_picture_and_a_text_and_its_background_is_drawn_only_once(explore):
    still = explore.picture.still
    explore.set(x=9)
    shown = explore._repr_mimebundle_()
    assert base64.b64decode(shown["image/png"]) == explore.png() != still["background"]
    assert shown["text/plain"] == "x = 9\nheight 81"
    assert "application/vnd.jupyter.widget-view+json" in shown
    explore.set(x=1)
    assert explore.picture.still is still
    beside = live(explore.scene, y=switch())(lambda y: "on the same scene")
    explore.scene.axes[0].axhline(50)
    explore.scene.savefig(io.BytesIO())  # after which matplotlib thinks that nobody has to draw it any more
    explore.set(x=2)
    beside.set(y=True)
    assert explore.picture.still["background"] == beside.picture.still["background"] != still["background"]


def fail_with(error):
    raise error


def half_way():
    yield "begun"
    raise RuntimeError("late")


STOPS = {"ZeroDivisionError: division by zero": lambda: 1 / 0, "SystemExit": sys.exit, "RuntimeError: late": half_way}
STOPS |= {error.__name__: partial(fail_with, error) for error in (GeneratorExit, asyncio.CancelledError)}


@pytest.mark.parametrize(("said", "stop"), STOPS.items())
def test_an_error_is_shown_and_the_next_good_move_clears_it(said, stop):
    explore = live(Figure(), x=slider(0, 9, 5))(lambda x: stop() if x == 5 else "fine")
    for _ in range(2):  # as soon as it is made, and after a move
        assert explore.picture.failed
        assert re.fullmatch(rf"{said} \(line \d+ of your cell: \S.*\)", explore.verdict)
        explore.picture.places = [6]
        assert (explore.picture.failed, explore.verdict) == (False, "fine")
        explore.picture.places = [5]


def test_an_interruption_ends_the_cell_and_after_a_move_it_is_shown():
    explore = live(Figure(), x=slider(0, 9, 5))(lambda x: fail_with(KeyboardInterrupt) if x > 6 else "fine")
    with pytest.raises(KeyboardInterrupt):
        explore.set(x=7)
    explore.picture.places = [8]
    assert explore.verdict.startswith("KeyboardInterrupt (line")


def test_several_controls_set_at_once_call_the_function_once_with_these_very_values():
    calls = []
    controls = {"n": slider(0, 9, 1), "a": slider(0.0, 1.0, 0.5), "rate": log_slider(0.001, 0.3, 0.05)}
    explore = live(Figure(), **controls, mode=choice(["x", "y"]))(lambda **values: calls.append((*values.values(),)))
    for value in (0.0501, 0.12345, 2 / 30, 0.001, 0.3):
        explore.set(n=np.int64(4), a=value, rate=value, mode=np.str_("y"))
        assert calls[-1] == (4, value, value, "y")
        shown = explore.picture.controls[2]["words"][explore.picture.places[2]]
        assert float(shown) == pytest.approx(value, rel=1e-5)
    assert len(calls) == 6
    for values, message in [
        ({"y": 1}, "no control 'y', only n, a, rate, mode"),
        ({"n": 11}, "n must be between 0 and 9, but got 11"),
        ({"rate": 0.5}, "rate must be between 0.001 and 0.3, but got 0.5"),
        ({"mode": "z"}, r"mode must be one of \['x', 'y'\], but got 'z'"),
    ]:
        with pytest.raises(ValueError, match=message):
            explore.set(**{"a": 1.0} | values)
    sent = []
    explore.picture.send = sent.append
    explore.picture._handle_custom_msg({"typed": 0, "number": 11}, [])  # beside the slider
    assert sent == [{"refused": "n must be between 0 and 9, but got 11"}]
    assert explore.value == {"n": 4, "a": 0.3, "rate": 0.3, "mode": "y"}  # nothing has moved


def test_places_are_round_numbers_and_have_their_words():
    for named in (log_slider(0.003, 1.2, 0.05), slider(0.0, 1.5, 0.3), log_slider(0.01, 3.0, 0.3)):
        assert {0.1, 0.2, 0.5, 0.9, 1.0} <= set(named.options)
        assert list(named.options) == sorted(set(named.options))
    assert log_slider(1, 10, 1, steps_per_decade=4).options == (1, 2, 3, 6, 10)
    assert log_slider(1, 2, 1, steps_per_decade=10).options == (1, 1.26, 1.59, 2)
    assert slider(1000.0, 1001.0, 1000.5, step=0.1).options[3] == 1000.3
    assert slider(1000.0, 1001.0, 1000.5).options[3] == 1000.03
    assert slider(0.0, 1.0, 0.5, step=0.3).options == (0, 0.3, 0.5, 0.6, 0.9, 1)
    assert slider(1e6, 1e6 + 1, 1e6, step=0.5).words == ["1000000", "1000000.5", "1000001"]
    named = choice({"in words": 1, "others": 2}, 2)
    assert (named.value, named.place, named.described("k")["words"]) == (2, 1, ["in words", "others"])
    marked = log_slider(0.1, 1, 2 / 3, marks={"2/h": 2 / 3, "1": 1.0})
    assert [marked.options[place] for place, _ in marked.described("rate")["marks"]] == [2 / 3, 1.0]


@pytest.mark.parametrize(("make", "message"), [
    (lambda: slider(0, 10, 5, step=3), r"value must be one of \[0, 3, 6, 9\], but got 5"),
    (lambda: slider(0.0, 1.0, 0.5, step=0), "step must be above 0 and at most 1"),
    (lambda: slider(0.0, 1.0, 0.5, marks={"there": 2}), r"marks\['there'\] must be between 0 and 1, but got 2"),
    (lambda: log_slider(1, 10, 1, steps_per_decade=10**5), "steps_per_decade smaller"),
    (lambda: powers_of_two(20, 5), r"value must be one of \[1, 2, 4, 8, 16, 20\], but got 5"),
    (lambda: choice(["a", "a"]), "options must be one or more that differ"),
    (lambda: point(1, 2, 3), "point wants one or two coordinates"),
    (lambda: live(Figure(), x=(0, 10)), r"x must be a control such as slider\(0, 10, 3\), but got \(0, 10\)"),
    (lambda: live("a figure"), "scene must be a figure"),
    (lambda: live(Figure(), y=switch())(lambda: 1), "the controls must be the arguments of <lambda>: got an unexp"),
    (lambda: live(Figure())(lambda x: x), "the controls must be the arguments of <lambda>: missing"),
    (lambda: live(Figure(), x=point(1), y=point(1)), "only one of the controls can be a point"),
    (lambda: live(Figure(), x=point(1)), "scene must have axes in which to choose x"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_what_is_closed_is_gone_from_the_page_and_no_control_moves_it_any_more():
    calls = []
    explore = live(Figure(), y=slider(0, 9, 3))(lambda y: calls.append(y))
    explore.close()
    explore.controls["y"].value = 5
    assert (explore.picture.comm, calls) == (None, [3])


def test_a_point_follows_a_click_and_is_moved_from_code(explore):
    chosen = live(explore.scene, start=point(1.0, 50.0))(lambda start: f"{start}")
    assert chosen.picture.aim == [160, 400]
    assert chosen.picture.still["targets"] == [[0, 0, 1600, 800]]
    chosen.picture.aim = [803, 201.1]  # what the browser sends after a click
    assert chosen.verdict == "(5.0188, 74.86)"  # with no more digits than a hand can tell apart
    assert chosen.picture.aim == [803, 201.1]
    chosen.set(start=(2.0, 25.0))
    assert chosen.picture.aim == [320, 600]
    on_a_curve = live(explore.scene, w=point(1.0))(lambda w: f"{w}")
    on_a_curve.picture.aim = [800, 123]
    assert on_a_curve.verdict == "(5.0,)"


def test_a_magnified_part_can_be_clicked_in_and_makes_the_arrow_keys_finer():
    class Magnifier:
        figure = Figure(figsize=(8, 4), dpi=200)
        target = figure.add_axes((0, 0, 0.5, 1), xlim=(0, 1), ylim=(0, 1))
        targets, key_step = (figure.add_axes((0.5, 0, 0.5, 1)),), 0.1

        def to_place(self, axes, x, y):
            return 0.6 + 0.01 * x, 0.3 + 0.01 * y

    scene = Magnifier()
    explore = live(scene, place=point(0.5, 0.5))(lambda place: setattr(scene, "key_step", 0.01))
    assert len(explore.picture.still["targets"]) == 2
    assert explore.picture.key_step == 0.32
    explore.picture.aim = [1600 + 403, 801]
    x, y = explore.value["place"]
    assert (x, y) == pytest.approx((0.60251875, 0.30499375), abs=1e-8)
    assert explore.picture.aim == pytest.approx([1600 * x, 1600 * (1 - y)], abs=0.01)  # where it is on the whole


def test_long_work_is_done_at_once_from_code_and_dropped_by_hand_when_it_is_no_longer_wanted():
    seen = []

    @live(Figure(), n=slider(0, 100, 1))
    def count(n):
        for chunk in range(3):
            seen.append((n, chunk))
            yield f"{n}: {chunk + 1} of 3"
        return f"{n}: done"

    count.set(n=7)
    assert count.verdict == "7: done"
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


def test_what_is_printed_after_a_move_stands_under_the_picture(capsys):
    explore = live(Figure(), x=slider(0, 9, 0))(lambda x: print(f"x is {x}") or print("!", file=sys.stderr))
    for move, under_it, in_the_cell in [
        (lambda: None, "", "x is 0\n"),
        (lambda: setattr(explore.picture, "places", [3]), "x is 3\n!\n", ""),
        (lambda: explore.set(x=4), "", "x is 4\n"),
    ]:
        move()
        assert explore.picture.printed == under_it
        assert capsys.readouterr().out.removesuffix("x = 0\n\n") == in_the_cell


def test_moves_told_in_another_thread_wait_their_turn_and_no_control_is_moved_back():
    """As JupyterLab tells of them: neither matplotlib nor a learner's cell could stand two threads."""
    seen, told = [], []

    def show(x):
        seen.append((x, threading.get_ident()))
        if x == 7 and len(seen) == 2:
            tell({"asked": 8, "places": [9]})  # the hand moves on while this is worked out

    def tell(*states):
        hand = threading.Thread(target=lambda: [explore.picture.set_state(state) for state in states])
        hand.start()
        hand.join()

    async def in_jupyter():
        tell(*({"asked": k, "places": [k]} for k in range(1, 8)))
        assert len(seen) == 1
        explore.picture.observe(lambda change: told.append(change["new"]), "places")
        await asyncio.sleep(0.01)
        assert explore.picture.answer[2] == 8
        tell({"asked": 10, "places": [9]})  # there and back
        await asyncio.sleep(0.01)
        assert explore.picture.answer[2] == 10
        explore.close()

    async def begin():
        return live(Figure(), x=slider(0, 9, 0))(show)

    with asyncio.Runner() as jupyter:
        explore = jupyter.run(begin())
        explore.ahead.able = False
        jupyter.run(in_jupyter())
    assert seen == [(x, threading.get_ident()) for x in (0, 7, 9, 9)]
    assert told == [[9]]


def test_the_pictures_of_the_course_do_not_depend_on_the_readers_settings():
    def png():
        scene = intuition.CurveScene(landscapes.curve)
        return live(scene, w=point(2.6))(lambda w: scene.show(w, 0.1)).png()

    before, settings = png(), matplotlib.style.library["dark_background"] | {"text.usetex": True, "font.size": 30}
    with matplotlib.rc_context(settings):
        assert png() == before
        assert {name: matplotlib.rcParams[name] for name in settings} == settings  # they are still the reader's


def test_numpy_leaves_the_other_cores_to_the_browser():
    assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} <= {1}
