"""Matplotlib artists become SVG at the right place, clipped, and in few bytes."""

import io
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from gd_helpers.live import svg


@pytest.fixture
def axes():
    """Axes that fill a figure of 400 by 200 CSS pixels (1600 by 800 units) and show 0..4 by 0..2."""
    return Figure(figsize=(4, 2), dpi=200).add_axes((0, 0, 1, 1), xlim=(0, 4), ylim=(0, 2))


def numbers(d):
    """The end points of path data made of absolute (M) and relative (m) moves and relative lines, shape (n, 2)."""
    points = []
    for letter, x, y in re.findall(r"([Mml]?)([-+]?\d+)[ ,]?([-+]?\d+)", d):
        step = np.array([int(x), int(y)])
        points.append(step if letter == "M" else points[-1] + step)
    return np.array(points)


def drawn(artist):
    """The style and the moving part of an artist that is drawn as one."""
    (style,), (move,) = svg.encode(artist)
    return style, move


def test_a_line_is_where_its_data_are(axes):
    (line,) = axes.plot([0, 1, 4], [0, 2, 1], animated=True)
    style, move = drawn(line)
    assert move["d"] == "M0 800l400-800+1200+400"  # few bytes
    assert (style["stroke"], style["stroke-width"]) == ("#1f77b4ff", 8.3)  # 1.5 points
    axes.set(yscale="log", ylim=(1, 100))
    line.set_data(np.array([0, 4]), np.array([1, 10]))
    assert numbers(drawn(line)[1]["d"]).tolist() == [[0, 800], [1600, 400]]


def test_each_line_of_two_panels_is_in_its_own_and_clipped_unless_it_says_otherwise(axes):
    right = axes.figure.add_axes((0.5, 0, 0.5, 1), xlim=(0, 1), ylim=(0, 1))
    lines = [*axes.plot([0, 1], [1, 0], "-"), *right.plot([-1, 1], [0.5, 0.5], "s-")]
    lines += [*axes.plot([1], [1], "s"), *right.plot([-1, 1], [0.5, 0.5], "s--", clip_on=False)]
    _, moves = svg.encode(*lines)
    ways = [numbers(move["d"]).tolist() for move in moves if "d" in move]
    assert ways == [[[0, 400], [400, 800]], [[798, 400], [1600, 400]], [[0, 400], [1600, 400]]]
    assert [move["at"] for move in moves if "at" in move] == ["1600,400", "400,400", "0,400 1600,400"]


def test_lines_are_clipped_to_their_axes_and_survive_overflow(axes):
    (line,) = axes.plot([1, 1, 1, 1], [1, 1e300, np.inf, np.nan], animated=True)
    points = numbers(drawn(line)[1]["d"])
    assert points[0].tolist() == [400, 400]
    assert ((points >= -50) & (points <= [1650, 850])).all()


def test_what_happens_far_outside_is_left_out(axes):
    (line,) = axes.plot(np.arange(7) / 2, 1 + np.array([0, 0, 1e9, -1e9, 1e9, 0, 0.5]), animated=True)
    leaving, back = (numbers(part).tolist() for part in re.findall("M[^M]+", drawn(line)[1]["d"]))
    assert leaving == [[0, 400], [200, 400], [200, -2]]
    assert back == [[1000, 400], [1200, 200]]
    line.set_ydata(1 + np.array([0, 0, 1e3, -1e3, 1e3, 0, 0.5]))
    assert drawn(line)[1]["d"].count("M") == 4  # only just outside: each crossing of the axes is drawn


def test_dashes_gaps_and_masks(axes):
    y = np.ma.array([1.0, 1, 9, 1, 1], mask=[False, False, True, False, False])
    (line,) = axes.plot(np.arange(5.0), y, "--", animated=True)
    style, move = drawn(line)
    assert style["stroke-dasharray"] == "30.8333 13.3333"  # 3.7 and 1.6 times the width
    assert move["d"] == "M0 400l400+0M1200 400l400+0"


def test_discs_are_two_dots_of_one_path_and_only_inside(axes):
    (dots,) = axes.plot([1, 2, 2, 9], [1, 1, 1, 1], "o", color="red", markeredgecolor="white", animated=True)
    (rim, face), (rim_move, face_move) = svg.encode(dots)
    assert rim_move is None  # the same as the next
    assert face_move["d"] == "m400+400zm400+0z"  # none on top of another
    assert (rim["stroke"], face["stroke"]) == ("#ffffffff", "#ff0000ff")
    assert (rim["stroke-width"], face["stroke-width"]) == (38.9, 27.8)  # 6 points, and an edge of 1 around it


@pytest.mark.parametrize("marker", ["s", "*", "x", "^", "+", "D"])
def test_other_markers_are_outlines_around_their_points(axes, marker):
    (dots,) = axes.plot([1, 3], [1, 1], marker, animated=True)
    style, move = drawn(dots)
    assert move["at"] == "400,400 1200,400"
    for place in move["at"].split():
        points, centre = numbers(f"M{place}{style['shape']}"), [float(number) for number in place.split(",")]
        np.testing.assert_allclose((points.min(axis=0) + points.max(axis=0)) / 2, centre, atol=4)
        width, height = np.ptp(points, axis=0)
        assert (height, width) == (pytest.approx(width, abs=4), pytest.approx(40, abs=10))  # 6 points are 33 units
    assert (style["fill"] == "none") == (marker in "x+")


def test_a_text_stands_at_its_place(axes):
    style, move = drawn(axes.text(2, 1, "here", animated=True, ha="center"))
    assert (move, style["text-anchor"]) == ({"x": 800, "y": 400, "text": "here"}, "middle")


@pytest.mark.parametrize("origin", ["upper", "lower"])
def test_an_image_is_the_right_way_up(axes, origin):
    pixels = np.array([[0.0, 1.0, 0.5], [0.5, 0.25, 0.0]])
    image = axes.imshow(pixels, cmap="gray", extent=(0, 4, 0, 2), origin=origin, aspect="auto", animated=True)
    style, move = drawn(image)
    assert (style["x"], style["y"], style["width"], style["height"]) == (0, 0, 1600, 800)
    shown = np.asarray(Image.open(io.BytesIO(move["png"])).convert("RGBA").convert("L")) / 255
    np.testing.assert_allclose(shown, pixels if origin == "upper" else pixels[::-1], atol=0.01)


def test_moving_finds_the_animated_artists_lowest_first_and_refuses_what_it_cannot_draw(axes):
    (high,) = axes.plot([0], [0], animated=True, zorder=5)
    (low,) = axes.plot([], [], animated=True, zorder=1)
    axes.plot([0], [0])
    assert svg.moving(axes.figure) == [low, high]
    high.set_visible(False)
    assert [drawn(artist)[1] for artist in (low, high)] == [{"d": "M0 0"}] * 2  # empty or hidden: it leads nowhere
    axes.scatter([0], [0], animated=True)
    with pytest.raises(TypeError, match=r"PathCollection.*Line2D"):
        svg.moving(axes.figure)
