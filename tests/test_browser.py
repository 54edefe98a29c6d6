"""The lessons in a real browser: every slider by keyboard, clicks, words for screen readers, and nothing amiss."""

import lab
import pytest

# For each lesson its live figures, by the name of the learner's function.
FIGURES = {
    "01_intuition.ipynb": ["grope", "one_step", "explore", "train"],
    "05_minima_and_saddles.ipynb": [
        *("stand", "basin_map", "leave", "off_the_saddle", "random_ground", "critical_points_of"),
        *("straight_lines", "eigenvalues_at", "one_neuron", "linear_network"),
    ],
}


@pytest.fixture(scope="module", params=FIGURES)
def lesson(request, lab_address, chrome):
    """A lesson, open in JupyterLab with all of its cells run."""
    lesson = lab.Lesson(chrome, lab_address, request.param)
    lesson.name = request.param
    lesson.raised = lesson.run_all()
    yield lesson
    lesson.close()


def test_run_all_raises_nothing_and_leaves_this_machine_alone(lesson):
    assert lesson.raised == []
    assert lesson.problems == []


def test_every_slider_moves_its_picture_by_keyboard(lesson):
    for name in FIGURES[lesson.name]:
        figure = lesson.figure(name)
        for number in range(figure.handles.count()):
            handle = figure.handles.nth(number)
            handle.focus()
            assert figure.moves_when(lambda handle=handle: handle.press("ArrowLeft")), f"{name}, slider {number}"
            assert figure.label() == figure.words() != ""


def test_check_boxes_move_their_picture_by_keyboard(lesson):
    for name in FIGURES[lesson.name]:
        figure = lesson.figure(name)
        for box in figure.cell.locator("input[type=checkbox]").all():
            box.focus()
            assert figure.moves_when(lambda box=box: box.press("Space")), name


def test_a_click_and_the_arrow_keys_move_the_point(lesson):
    for name in FIGURES[lesson.name]:
        figure = lesson.figure(name)
        if "gd-aimable" not in figure.svg.get_attribute("class"):
            continue
        box = figure.svg.bounding_box()
        left, top, right, bottom = figure.target()
        there = {"x": (left + 0.3 * (right - left)) * box["width"], "y": (top + 0.4 * (bottom - top)) * box["height"]}
        before = figure.words()
        assert figure.moves_when(lambda figure=figure, there=there: figure.svg.click(position=there)), f"{name}: click"
        assert figure.label() == figure.words() != before
        assert figure.moves_when(lambda figure=figure: figure.svg.press("ArrowRight")), f"{name}: arrow key"


def test_many_quick_moves_end_on_the_last_value(lesson):
    figure = lesson.figure(FIGURES[lesson.name][-1])
    handle = figure.handles.first
    handle.focus()
    for _ in range(100):
        handle.press("ArrowRight")
    for _ in range(200):
        handle.press("ArrowLeft")
    settled, last = figure.settled(), figure.words()
    handle.press("ArrowRight")
    assert figure.settled() != settled
    handle.press("ArrowLeft")
    assert figure.settled() == settled
    assert figure.words() == last


def test_pictures_fit_a_narrow_window(lab_address, chrome):
    lesson = lab.Lesson(chrome, lab_address, next(iter(FIGURES)), width=800)
    try:
        lesson.command("application:toggle-left-area")
        lesson.run_all()
        for name in FIGURES["01_intuition.ipynb"]:
            figure = lesson.figure(name)
            picture, output = figure.svg.bounding_box(), figure.cell.locator(".jp-OutputArea").first.bounding_box()
            assert picture["x"] + picture["width"] <= output["x"] + output["width"] + 1
            assert picture["width"] > 400
    finally:
        lesson.close()
