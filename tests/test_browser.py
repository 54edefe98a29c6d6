"""The lessons in a real browser: every slider by keyboard, clicks, words for screen readers, and nothing amiss."""

import inspect
import re
import textwrap

import lab
import pytest

from gd_helpers.exercises.exercise import exercises_of

# For each lesson its live figures, by the name of the learner's function.
FIGURES = {
    path.name: re.findall(r"@live\((?:.|\\n|\n)*?def (\w+)", path.read_text(encoding="utf-8"))
    for path in sorted((lab.ROOT / "notebooks").glob("*.ipynb"))
}

# For each lesson an exercise, a wrong answer to it, and a piece of what must be said to that.
WRONG = {
    "01_intuition.ipynb": (
        "1.1",
        "def step(w, gradient, learning_rate):\n    return w + learning_rate * gradient",
        "You added the step",
    ),
    "02_learning_rate.ipynb": (
        "2.1",
        "def largest_stable_rate(hessian):\n    return 1 / np.linalg.eigvalsh(hessian).max()",
        "lands in one step",
    ),
    "03_variants.ipynb": (
        "3.3",
        "def scaled_rate(rate, batch_size, new_size, curvature):\n    return rate * new_size / batch_size",
        "it has no limit",
    ),
    "04_refinements.ipynb": ("4.4", "def rate_at(step, steps):\n    return 0.1", "never comes to rest"),
    "05_minima_and_saddles.ipynb": ("5.2", "def ends_at(x, y):\n    return np.sign(x)", "You went by the sign of"),
    "06_flat_and_sharp.ipynb": (
        "6.3",
        "def new_average(average, w, n):\n    return (average + w) / 2",
        "as much say as all the earlier ones",
    ),
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
            figure.settled()  # while work goes on, the words change between one look at them and the next
            assert figure.label() == figure.words() != ""


def test_a_page_at_rest_draws_nothing(lesson):
    lesson.figure(FIGURES[lesson.name][-1]).settled()
    moving = lesson.page.evaluate(
        "document.getAnimations().map(a => `${a.animationName} of ${a.effect.target.className}`)"
    )
    assert moving == []


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
    with_slider = (figure for figure in map(lesson.figure, reversed(FIGURES[lesson.name])) if figure.handles.count())
    figure = next(with_slider)
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
    for name in FIGURES[lesson.name]:
        figure = lesson.figure(name)  # on the screen only now: JupyterLab 4.4 hides a cell that is scrolled away
        if not figure.cell.locator(".gd-marks").count():
            continue
        marked += 1
        box = figure.cell.locator(".widget-vbox", has=lesson.page.locator(".gd-marks")).last
        track = box.locator(".noUi-base").bounding_box()
        for mark in box.locator(".gd-marks span").all():
            share = float(re.search(r"left: ?([\d.]+)%", mark.get_attribute("style"))[1]) / 100
            stands = mark.bounding_box()
            assert stands["x"] + stands["width"] / 2 == pytest.approx(track["x"] + share * track["width"], abs=2)
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
        lesson.wait_until_enabled(record)
        record.press("Enter")
        asked.get_by_text("Recorded:").wait_for()
        reveal = lesson.cell(f"{name}.reveal(").locator(".jp-Cell-outputArea")
        reveal.get_by_text(re.compile("Yes: .* because|You said .* because", re.DOTALL)).wait_for()


def test_a_wrong_answer_typed_into_a_cell_is_told_its_mistake(lesson):
    number, wrong, said = WRONG[lesson.name]
    lesson.type_and_run(f'check("{number}",', wrong)
    lesson.cell(f'check("{number}",').get_by_text(said).first.wait_for()


def test_every_exercise_solved_in_its_cell_is_right_and_counted(lesson):
    exercises = exercises_of(int(lesson.name[:2]))
    for exercise in exercises:
        call = f'check("{exercise.number}",'
        lesson.type_and_run(call, textwrap.dedent(inspect.getsource(exercise.solution)).strip())
        lesson.cell(call).get_by_text("Right").first.wait_for()
    lesson.cell("summary(").get_by_text(f"{len(exercises)} of {len(exercises)} done").wait_for()


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


@pytest.mark.parametrize("lesson", ["03_variants.ipynb"], indirect=True)
def test_batch_size_and_rate_retrain_the_digits_network_by_keyboard(lesson):
    """Fifty quick presses on each slider end on the last setting; small batches are dropped on the way."""
    figure = lesson.figure("read_digits")
    rate, size = figure.handles.nth(0), figure.handles.nth(1)
    for handle in size, rate:
        handle.focus()
        figure.settled()
        before = figure.words()
        for key in ["ArrowLeft", "ArrowRight"] * 25:
            handle.press(key)
        figure.settled()
        assert figure.words() == figure.label() == before
    size.focus()
    size.press("Home")  # batch size 1: seven thousand steps, shown on their way
    size.press("End")
    figure.settled()
    assert "step 5:" in figure.words()
    assert lesson.problems == []
