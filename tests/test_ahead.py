"""Pictures sent ahead of the hand: they are right, few, in time, and forgotten when something has changed."""

import asyncio
import json
import time

import pytest
from looking_ahead import AT_LEISURE, after_a_move, compare, shown
from matplotlib.figure import Figure

from gd_helpers import landscapes
from gd_helpers.descent import descend
from gd_helpers.figures import intuition
from gd_helpers.live import ahead, choice, live, log_slider, play, point, slider, switch


@pytest.fixture(autouse=True)
def _at_leisure(monkeypatch):
    for name, value in AT_LEISURE.items():
        monkeypatch.setattr(ahead, name, value)


def squares(**scene):
    """A live figure of x -> c x squared; returns it and the dictionary with its c, and what it does besides."""
    figure = Figure(figsize=(4, 2), dpi=200)
    (ball,) = figure.add_axes((0, 0, 1, 1), xlim=(0, 10), ylim=(0, 100)).plot([], [], "o", animated=True)
    given = {"c": 1, "also": lambda x: None}

    @live(type("Scene", (), {"figure": figure} | scene)(), x=slider(0, 30, 3))
    def square(x):
        given["also"](x)
        ball.set_data([x / 3], [given["c"] * x**2])
        return f"{given['c'] * x**2}"

    return square, given


def moved(figure, place):
    return asyncio.run(after_a_move(figure, "places", place))


def test_what_is_sent_ahead_is_what_is_shown_when_it_is_asked_for():
    scene = intuition.DescentScene(landscapes.ravine, steps=100)

    @live(scene, start=point(-2.5, 1.5), learning_rate=log_slider(0.01, 0.3, 0.05), steps=play(0, 100, 40),
          end=choice(["all", "half"]), still=switch())  # fmt: skip
    def explore(start, learning_rate, steps, end, still):
        steps = 0 if still else steps // 2 if end == "half" else steps
        scene.show(descend(landscapes.ravine, start, learning_rate=learning_rate, steps=steps))
        return f"{steps} steps from {start} at {learning_rate}"

    count, wrong = asyncio.run(compare(explore))
    assert wrong == []
    assert count > 5 * 8
    x, y = explore.picture.aim
    keys = [aim for _, aim in map(json.loads, asyncio.run(after_a_move(explore, "aim", [x, y + 1])))]
    assert keys[:6] == [[1e4 * (x + right), 1e4 * (y + 1 + down)] for right, down in
                        [(-32, 0), (32, 0), (0, -32), (0, 32), (-64, 0), (64, 0)]]  # fmt: skip


def test_a_move_brings_the_other_places_nearest_first_and_leaves_the_scene_as_it_is():
    square, _ = squares()
    assert list(moved(square, [4])) == [f"[[{x}],[]]" for x in [3, 5, 2, 6, 1, 7, 0, *range(8, 31)]]
    assert shown(square) == ([square.draw({"x": 4})[1], "16"], True)
    assert list(moved(square, [5])) == ["[[4],[]]"]  # all others are there already
    square.picture._handle_custom_msg({"opened": True}, [])  # by a page that has nothing yet
    assert len(moved(square, [6])) == 30


def test_the_browser_draws_what_it_has_before_the_last_of_several_moves_is_answered():
    calls = []

    async def hand():
        square, given = squares()
        await after_a_move(square, "places", [4])
        given["also"] = calls.append
        for x in (5, 6, 7):
            square.picture.set_state({"asked": x, "places": [x]})
        assert (square.value, square.verdict, calls) == ({"x": 7}, "16", [])
        await asyncio.sleep(0.1)
        assert (square.verdict, square.picture.answer[2]) == ("49", 7)

    asyncio.run(hand())
    assert not {5, 6} & set(calls)


def test_the_other_controls_follow_when_the_hand_rests():
    pair = live(Figure(), x=slider(0, 5, 3), how=choice(list("abcdefgh")))(lambda x, how: f"{x} {how}")
    sent = [words for _, words in moved(pair, [4, 2]).values()]
    assert sent == [f"{x} c" for x in (3, 5, 2, 1, 0)] + ["4 b", "4 d", "4 a", "4 e"]


def test_code_pays_nothing():
    square, given = squares()
    calls = []
    given["also"] = calls.append

    async def code():
        square.set(x=7)
        square.controls["x"].value = 8
        await asyncio.sleep(0.05)

    asyncio.run(code())
    assert calls == [7, 8]


WHYS = "remembers prints slow random redraws looks image raises generator generates"


@pytest.mark.parametrize("why", WHYS.split())
def test_what_cannot_be_asked_in_vain_is_not_asked(why):
    square, given = squares(remembers=why == "remembers")
    (axes,), counted = square.scene.figure.axes, iter(range(1000))
    given["also"] = {
        "prints": print,
        "slow": lambda x: time.sleep(1.1),
        "random": lambda x: given.update(c=next(counted)),
        "redraws": lambda x: axes.set_title(f"{x}"),
        "looks": lambda x: axes.lines[0].set_markersize(x),
        "image": lambda x: axes.images or axes.imshow([[0.0]], animated=True),
        "raises": lambda x: 1 / 0,
    }.get(why, lambda x: None)
    if why == "generator":
        square = live(Figure(), x=slider(0, 9, 3))(lambda x: (yield f"{x}"))
    elif why == "generates":
        square = live(Figure(), x=slider(0, 9, 3))(lambda x: (f"{n}" for n in [1, x]))
    assert moved(square, [4]) == {}


def test_the_next_move_ends_it_and_it_takes_no_more_of_the_kernels_time_than_its_budget(monkeypatch):
    square, given = squares()
    calls = []
    given["also"] = lambda x: (calls.append(x), time.sleep(0.015))

    async def hand():
        square.picture.places = [4]
        await asyncio.sleep(0.02)
        del calls[:]
        square.picture.places = [20]
        return list(calls)

    assert asyncio.run(hand()) == [20]
    monkeypatch.setattr(ahead, "BUDGET", 0.1)
    assert 1 <= len(moved(square, [15])) <= 0.1 / 0.015


def test_when_the_function_changes_the_new_truth_is_shown_and_the_old_forgotten():
    square, given = squares()
    moved(square, [4])
    _, epoch, _ = square.picture.answer
    moved(square, [5])
    assert square.picture.answer[1] == epoch
    given["c"] = 2
    sent = moved(square, [6])
    assert square.verdict == "72"
    assert square.picture.answer[1] == epoch + 1
    assert len(sent) == 30  # all of them anew
    assert sent["[[5],[]]"][1] == "50"
    given["also"] = print  # it moves as before, and prints: that would not be seen
    moved(square, [7])
    assert square.picture.answer[1] == epoch + 2


def test_what_changes_meanwhile_ends_it_for_now_but_not_for_good():
    square, given = squares()

    async def hand():
        square.picture.places = [4]
        await asyncio.sleep(0)
        given.update(c=2)  # a cell is run
        await asyncio.wait([square.ahead.task or asyncio.create_task(asyncio.sleep(0))])
        return await after_a_move(square, "places", [5])

    assert len(asyncio.run(hand())) == 30


def test_when_places_get_other_numbers_what_was_sent_for_them_is_forgotten():
    still = live(Figure(), x=slider(0.0, 1.0, 0.5))(lambda x: "always the same")
    moved(still, [40])
    first, epoch, _ = still.picture.answer
    still.set(x=0.12345)
    assert still.picture.answer == [first + 1, epoch + 1, 0]


def test_the_number_of_pictures_is_bounded():
    wide = live(Figure(), x=slider(0, 2000, 1000))(lambda x: f"{x}")
    assert len(moved(wide, [900])) == ahead.MOST
    moved(wide, [100])
    assert len(wide.ahead.sent) == ahead.MOST
