"""Pictures sent ahead of the hand: they are right, few, in time, and forgotten when something has changed."""

import asyncio
import time

import pytest
from looking_ahead import after_a_move, compare, shown
from matplotlib.figure import Figure

from gd_helpers import landscapes
from gd_helpers.descent import descend
from gd_helpers.figures import intuition
from gd_helpers.live import ahead, choice, live, log_slider, play, point, slider, switch


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch):
    """So that what is counted here does not depend on how busy the computer is."""
    monkeypatch.setattr(ahead, "BUDGET", 10)
    monkeypatch.setattr(ahead, "QUICK", 0.5)


@pytest.fixture
def explore():
    """The live figure of lesson 1, with every kind of control."""
    scene = intuition.DescentScene(landscapes.ravine, steps=100)

    @live(scene, start=point(-2.5, 1.5), learning_rate=log_slider(0.01, 0.3, 0.05), steps=play(0, 100, 40),
          end=choice(["all", "half"]), still=switch())  # fmt: skip
    def explore(start, learning_rate, steps, end, still):
        steps = 0 if still else steps // 2 if end == "half" else steps
        scene.show(descend(landscapes.ravine, start, learning_rate=learning_rate, steps=steps))
        return f"{steps} steps from {start} at {learning_rate}"

    return explore


def squares(figure=None, **scene):
    """A live figure of x -> c x squared; returns it and the dictionary with its c."""
    figure = Figure(figsize=(4, 2), dpi=200)
    (ball,) = figure.add_axes((0, 0, 1, 1), xlim=(0, 10), ylim=(0, 100)).plot([], [], "o", animated=True)
    given = {"c": 1, "also": lambda x: None}

    @live(type("Scene", (), {"figure": figure} | scene)(), x=slider(0, 30, 3))
    def square(x):
        given["also"](x)
        ball.set_data([x / 3], [given["c"] * x**2])
        return f"{given['c'] * x**2}"

    return square, given


def test_what_is_sent_ahead_is_what_is_shown_when_it_is_asked_for(explore):
    count, wrong = asyncio.run(compare(explore))
    assert wrong == []
    assert count >= 5 * 4  # the point, two sliders, and what remains of a list and a switch


def test_a_move_brings_the_other_places_nearest_first_and_leaves_the_scene_as_it_is():
    square, _ = squares()
    sent = asyncio.run(after_a_move(square, "places", [4]))
    assert list(sent)[:4] == ["[[3],[]]", "[[5],[]]", "[[2],[]]", "[[6],[]]"]
    assert len(sent) == 30
    assert shown(square) == [square.draw({"x": 4})[1], "16"]
    sent = asyncio.run(after_a_move(square, "places", [5]))
    assert list(sent) == ["[[4],[]]"]  # all others are there already


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


@pytest.mark.parametrize("why", ["remembers", "prints", "slow", "random", "redraws", "raises", "generator", "foreign"])
def test_what_cannot_be_asked_in_vain_is_not_asked(why):
    square, given = squares(remembers=why == "remembers")
    counted = iter(range(1000))
    given["also"] = {
        "prints": print,
        "slow": lambda x: time.sleep(0.6),
        "random": lambda x: given.update(c=next(counted)),
        "redraws": lambda x: square._scene.figure.axes[0].set_title(f"{x}") if why == "redraws" else None,
        "raises": lambda x: 1 / 0,
    }.get(why, lambda x: None)
    if why == "generator":
        square = live(Figure(), x=slider(0, 9, 3))(lambda x: (yield f"{x}"))
    elif why == "foreign":
        from ipywidgets import IntText

        square = live(Figure(), x=slider(0, 9, 3), y=IntText(3))(lambda x, y: f"{x}")
    assert asyncio.run(after_a_move(square, "places", [4])) == {}


def test_the_next_move_ends_it():
    square, given = squares()
    calls = []

    async def hand():
        given["also"] = lambda x: (calls.append(x), time.sleep(0.003))
        square.picture.places = [4]
        await asyncio.sleep(0.02)
        del calls[:]
        square.picture.places = [20]
        return list(calls)

    assert asyncio.run(hand()) == [20]


def test_it_takes_no_more_of_the_kernels_time_than_its_budget(monkeypatch):
    monkeypatch.setattr(ahead, "BUDGET", 0.25)
    square, given = squares()
    given["also"] = lambda x: time.sleep(0.015)
    sent = asyncio.run(after_a_move(square, "places", [4]))
    assert 1 <= len(sent) <= 0.25 / 0.015


def test_when_the_function_changes_the_new_truth_is_shown_and_the_old_forgotten():
    square, given = squares()
    asyncio.run(after_a_move(square, "places", [4]))
    _, epoch, _ = square.picture.answer
    asyncio.run(after_a_move(square, "places", [5]))
    assert square.picture.answer[1] == epoch
    given["c"] = 2
    sent = asyncio.run(after_a_move(square, "places", [6]))
    assert square.verdict == "72"
    assert square.picture.answer[1] == epoch + 1
    assert len(sent) == 30  # all of them anew
    assert sent["[[5],[]]"][1] == "50"


def test_every_answer_says_which_place_it_is_for():
    square, _ = squares()
    asyncio.run(after_a_move(square, "places", [4]))
    first, _, place = square.picture.answer
    assert place == "[[4],[]]"
    asyncio.run(after_a_move(square, "places", [5]))
    assert square.picture.answer[0] > first
    assert square.picture.answer[2] == "[[5],[]]"


def test_the_number_of_pictures_is_bounded():
    wide = live(Figure(), x=slider(0, 2000, 1000))(lambda x: f"{x}")
    assert len(asyncio.run(after_a_move(wide, "places", [900]))) > ahead.MOST
    assert len(wide.ahead.sent) == ahead.MOST
