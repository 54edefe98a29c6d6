"""The lessons in a real browser: every slider by keyboard, clicks, words for screen readers, and nothing amiss."""

import ast
import inspect
import re
import textwrap
from pathlib import Path

import lab
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from gd_helpers.exercises.exercise import exercises_of

# Figures that could be asked in vain, but whose answers cannot be sent ahead: an image moves, or all is drawn anew.
REDRAWN = {"03_variants.ipynb": ["count_by"]}


@pytest.fixture(scope="module", params=lab.FIGURES)
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


def test_every_control_moves_its_picture_by_keyboard(lesson):
    for name in lab.FIGURES[lesson.name]:
        figure = lesson.figure(name)
        keys = [(handle, "ArrowLeft") for handle in figure.handles.all()]
        keys += [(box, "Space") for box in figure.cell.locator("input[type=checkbox]").all()]
        keys += [(figure.aim, "ArrowRight")] * figure.aim.count()
        for number, (control, key) in enumerate(keys):
            control.focus()
            assert figure.moves_when(lambda control=control, key=key: control.press(key)), f"{name}, control {number}"
            figure.settled()  # while work goes on, the words change between one look at them and the next
            assert figure.label() == figure.words() != ""


def test_a_click_moves_the_point(lesson):
    for figure in map(lesson.figure, lab.FIGURES[lesson.name]):
        if figure.aim.count():
            box = figure.aim.bounding_box()
            there = {"x": 0.3 * box["width"], "y": 0.4 * box["height"]}
            assert figure.moves_when(lambda figure=figure, there=there: figure.aim.click(position=there))


def test_pictures_sent_ahead_are_what_the_kernel_shows_when_asked(lesson):
    """To the character, for every figure of the lesson that looks ahead."""
    names = lab.FIGURES[lesson.name]
    told = lesson.ask_kernel(
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import looking_ahead\n"
        f"shown = [{', '.join(names)}]\n"
        "print([figure.ahead.able for figure in shown])\n"
        "print([await looking_ahead.compare(figure) for figure in shown])\n"
        "print([figure.ahead.able for figure in shown])"
    )
    before, compared, after = map(ast.literal_eval, told.splitlines())
    wrong = {name: wrong for name, (_, wrong) in zip(names, compared, strict=True) if wrong}
    assert wrong == {}
    # A scene that does not look ahead has said so beforehand, or must: it may remember what it was asked in vain.
    assert [name for name, could, can in zip(names, before, after, strict=True) if could and not can] == REDRAWN.get(
        lesson.name, []
    )


def test_a_page_at_rest_draws_nothing(lesson):
    lesson.figure(lab.FIGURES[lesson.name][-1]).settled()
    moving = lesson.page.evaluate(
        "document.getAnimations().map(a => `${a.animationName} of ${a.effect.target.className}`)"
    )
    assert moving == []


def test_axe_finds_nothing_in_what_the_cells_show(lesson):
    """Names, roles, contrast, and more: the rules of the W3C's WCAG that a program can check."""
    lesson.figure(lab.FIGURES[lesson.name][0]).settled()
    found = Axe().run(lesson.page, context=".jp-OutputArea-output").response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []


def test_many_quick_moves_end_on_the_last_value(lesson):
    figures = map(lesson.figure, reversed(lab.FIGURES[lesson.name]))
    figure = next(figure for figure in figures if figure.handles.count())
    handle = figure.handles.first
    handle.focus()
    for key in ["ArrowRight"] * 20 + ["ArrowLeft"] * 30:
        handle.press(key)
    settled, last = figure.settled(), figure.words()
    handle.press("ArrowRight")
    assert figure.settled() != settled
    handle.press("ArrowLeft")
    assert figure.settled() == settled
    assert figure.words() == last


def test_marks_stand_under_their_values(lesson):
    marked = 0
    for name in lab.FIGURES[lesson.name]:
        figure = lesson.figure(name)  # on the screen only now: JupyterLab 4.4 hides a cell that is scrolled away
        for control in figure.cell.locator(".gd-control:has(.gd-marks span)").all():
            track = control.locator("input[type=range]")
            box, last = track.bounding_box(), int(track.get_attribute("max"))
            for mark in control.locator(".gd-marks span").all():
                place = round(float(re.search(r"left: ?([\d.]+)%", mark.get_attribute("style"))[1]) / 100 * last)
                thumb = box["x"] + 8 + (box["width"] - 16) * place / last  # a thumb of 16 pixels stays within the track
                stands = mark.bounding_box()
                assert stands["x"] + stands["width"] / 2 == pytest.approx(thumb, abs=2)
                marked += 1
    assert marked or "02" not in lesson.name  # lesson 2 does mark the limit on its sliders


def test_every_prediction_by_keyboard_uncovers_what_was_measured(lesson):
    for name in [line.split(" = ")[0] for line in lesson.lines(" = predict(")]:
        reveal = lesson.cell(f"{name}.reveal(").locator(".jp-Cell-outputArea")
        assert "Covered: make your prediction above." in reveal.inner_text(), name
        asked = lesson.cell(f"{name} = predict(").locator(".widget-vbox", has_text="Predict:")
        radio = asked.locator("input[type=radio]")
        if radio.count():
            radio.first.focus()
            lesson.page.keyboard.press("Space")
        else:  # the lowest number that is asked for
            box = asked.get_by_placeholder("a number from")
            box.fill(re.search(r"from (\S+) to", box.get_attribute("placeholder"))[1])
        record = asked.get_by_role("button", name="Record my prediction")
        expect(record).to_be_enabled(timeout=lab.PATIENCE)
        record.press("Enter")
        asked.get_by_text("Recorded:").wait_for()
        reveal = lesson.cell(f"{name}.reveal(").locator(".jp-Cell-outputArea")
        reveal.get_by_text(re.compile("Yes: .* because|You said .* because", re.DOTALL)).wait_for()


def test_every_exercise_solved_in_its_cell_is_right_and_counted(lesson):
    exercises = exercises_of(int(lesson.name[:2]))
    for exercise in exercises:
        call = f'check("{exercise.number}",'
        lesson.type_and_run(call, textwrap.dedent(inspect.getsource(exercise.solution)).strip())
        lesson.cell(call).get_by_text("Right").first.wait_for()
    lesson.cell("summary(").get_by_text(f"{len(exercises)} of {len(exercises)} done").wait_for()


@pytest.mark.parametrize("lesson", ["01_intuition.ipynb"], indirect=True)
def test_a_wrong_answer_typed_into_a_cell_is_told_its_mistake(lesson):
    lesson.type_and_run(
        'check("1.1",', "def step(w, gradient, learning_rate):\n    return w + learning_rate * gradient"
    )
    lesson.cell('check("1.1",').get_by_text("You added the step").first.wait_for()


@pytest.mark.parametrize("lesson", ["03_variants.ipynb"], indirect=True)
def test_batch_size_and_rate_retrain_the_digits_network_by_keyboard(lesson):
    """Fifty quick presses on each slider end on the last setting; small batches are dropped on the way."""
    figure = lesson.figure("read_digits")
    for handle in figure.handles.all():
        handle.focus()
        before = figure.settled()
        for key in ["ArrowLeft", "ArrowRight"] * 25:
            handle.press(key)
        assert figure.settled() == before
    figure.handles.last.press("Home")  # batch size 1: seven thousand steps, shown on their way
    figure.handles.last.press("End")
    figure.settled()
    assert "step 5:" in figure.words()
