"""Pictures sent ahead of the hand: they are right, few, in time, and forgotten when something has changed."""

import asyncio
import json
from types import SimpleNamespace

import pytest
from looking_ahead import AT_LEISURE, after_a_move, compare, shown
from matplotlib.figure import Figure

from gd_helpers import landscapes
from gd_helpers.descent import descend
from gd_helpers.figures import intuition
from gd_helpers.live import ahead, choice, live, log_slider, play, point, slider, switch


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """The seconds on the clock, in a list: it stands still unless a test moves it."""
    seconds = [0.0]
    for name, value in (AT_LEISURE | dict.fromkeys(["clock", "work"], lambda: seconds[0])).items():
        monkeypatch.setattr(ahead, name, value)
    return seconds


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
                        [(0, 32), (0, 64), (-32, 0), (32, 0), (0, -32), (0, 96)]]  # fmt: skip


def test_a_move_brings_the_next_places_where_the_hand_goes_first_and_leaves_the_scene_as_it_is():
    square, _ = squares()
    first = [5, 6, 3, 7, 8, 9, 2, 10, 11, 12, 1, 13, 14, 15, 0, *range(16, 25)]
    assert list(moved(square, [4])) == [f"[[{x}],[]]" for x in first]
    assert shown(square) == ([square.draw({"x": 4})[1], "16"], True)
    assert list(moved(square, [5])) == []  # all are there already, and where it was is kept
    assert list(moved(square, [9])) == ["[[25],[]]", "[[26],[]]", "[[27],[]]"]
    square.picture._handle_custom_msg({"opened": True}, [])  # by a page that has nothing yet
    assert list(moved(square, [4]))[:4] == [f"[[{x}],[]]" for x in [3, 2, 1, 5]]


@pytest.mark.parametrize(("cost", "count"), [(0.001, 24), (0.012, 8), (0.03, 3), (0.06, 2), (0.2, 2), (0.3, 0)])
def test_what_costs_more_is_looked_ahead_less_far_but_two_places_until_hands_do_not_rest_so_long(now, cost, count):
    square, given = squares()
    asked = []
    given["also"] = lambda x: asked.append(x) or now.append(now.pop() + cost)
    assert len(moved(square, [4])) == count
    del asked[:]
    moved(square, [5])
    # The answer, the next place if it is not there yet, others while there is time; and whether all is as it was.
    assert asked == {24: [5, 5], 8: [5, *range(11, 17), 1, 17, 5], 3: [5, 7, 8, 9, 5], 2: [5, 7, 5], 0: [5]}[count]


def test_the_browser_draws_what_it_has_before_the_last_of_several_moves_is_answered():
    calls = []

    def also(x):
        calls.append(x)
        if x > 24:  # the next place, which comes first
            raise asyncio.CancelledError

    async def hand():
        square, given = squares()
        await after_a_move(square, "places", [4])
        given["also"] = also
        for x in (5, 6, 24):
            square.picture.set_state({"asked": x, "places": [x]})
        assert (square.value, square.verdict, calls) == ({"x": 24}, "16", [])
        await asyncio.sleep(0.1)
        assert (square.verdict, square.picture.answer[2]) == ("576", 24)

    asyncio.run(hand())
    assert not {5, 6} & set(calls)


def test_to_be_back_before_anything_was_sent_ahead_is_no_reason_to_forget():
    async def hand():
        square, _ = squares()
        for asked, x in enumerate((4, 5, 4), start=1):
            square.picture.set_state({"asked": asked, "places": [x]})
        epoch = square.picture.answer[1]
        await asyncio.sleep(0.1)
        assert square.picture.answer[1:3] == [epoch, 3]

    asyncio.run(hand())


def test_the_other_controls_follow_when_the_hand_rests():
    pair = live(Figure(), x=slider(0, 5, 3), how=choice(list("abcdefgh")))(lambda x, how: f"{x} {how}")
    sent = [words for _, words in moved(pair, [4, 2]).values()]
    assert sent == [f"{x} c" for x in (5, 3, 2, 1, 0)] + ["4 d", "4 e", "4 b", "4 f"]


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


WHYS = "remembers prints random redraws looks image raises generator generates"


@pytest.mark.parametrize("why", WHYS.split())
def test_what_cannot_be_asked_in_vain_is_not_asked(why):
    square, given = squares(remembers=why == "remembers")
    (axes,), counted = square.scene.figure.axes, iter(range(1000))
    given["also"] = {
        "prints": print,
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


def test_the_next_move_ends_it_and_waits_for_one_picture_at_most(now):
    square, given = squares()
    calls = []
    given["also"] = lambda x: calls.append(x) or now.append(now.pop() + 0.06)

    async def hand():
        square.picture.places = [4]
        while len(calls) < 4:
            before = len(calls)
            await asyncio.sleep(0)  # here the kernel would hear of the next move
            assert len(calls) <= before + 1
        square.picture.places = [20]
        assert calls == [4, 5, 4, 6, 20]

    asyncio.run(hand())


def test_a_scene_that_says_where_it_remembers_is_given_that_back_and_asked_for_the_next_places():
    scene = SimpleNamespace(figure=Figure(), remembers="tried", tried={"places": set()})

    @live(scene, x=slider(0, 30, 3))
    def visit(x):
        scene.tried["places"].add(x)
        return f"{scene.tried}"

    for place, to in (4, (5, 6)), (6, (7, 8)):
        sent = moved(visit, [place])
        assert list(sent) == [f"[[{x}],[]]" for x in to]
        assert [words for _, words in sent.values()] == [f"{ {'places': scene.tried['places'] | {x}} }" for x in to]
    assert visit.verdict == "{'places': {3, 4, 6}}"


def test_the_first_sentence_of_a_run_is_kept_for_who_comes_back():
    @live(Figure(), x=slider(0, 9, 3))
    def train(x):
        for step in range(3):
            yield f"{x}: {step}"

    async def hand():
        kept = []
        train.picture.observe(lambda change: kept.append((train.verdict, change["new"][3])), "answer")
        for x in (4, 5, 4):
            train.picture.set_state({"asked": train.asked + 1, "places": [x]})
            has = train.ahead.has(train.picture)
            while train.verdict != f"{x}: 2":
                await asyncio.sleep(0.001)
        return has, kept

    has, kept = asyncio.run(hand())
    assert has
    assert [words for words, keep in kept if keep] == ["4: 0", "5: 0", "4: 0"]


def test_when_the_function_changes_the_new_truth_is_shown_and_the_old_forgotten():
    square, given = squares()
    moved(square, [4])
    _, epoch, *_ = square.picture.answer
    moved(square, [5])
    assert square.picture.answer[1] == epoch
    given["c"] = 2
    sent = moved(square, [6])
    assert square.verdict == "72"
    assert square.picture.answer[1] == epoch + 1
    assert len(sent) == 24  # all of them anew
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

    assert len(asyncio.run(hand())) == 24


def test_when_places_get_other_numbers_what_was_sent_for_them_is_forgotten():
    still = live(Figure(), x=slider(0.0, 1.0, 0.5))(lambda x: "always the same")
    moved(still, [40])
    first, epoch, *_ = still.picture.answer
    still.set(x=0.12345)
    assert still.picture.answer == [first + 1, epoch + 1, 0, True]


def test_the_number_of_pictures_is_bounded():
    wide = live(Figure(), x=slider(0, 2000, 1000))(lambda x: f"{x}")
    for place in range(0, 1400, 50):
        moved(wide, [place])
    assert len(wide.ahead.sent) == ahead.MOST
