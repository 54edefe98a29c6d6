"""The lessons in a real browser: every slider by keyboard, clicks, words for screen readers, and nothing amiss."""

import ast
import contextlib
import inspect
import re
import textwrap
from pathlib import Path

import lab
import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe

from gd_helpers.exercises.exercise import exercises_of

# For each lesson its live figures, by the name of the learner's function.
FIGURES = {
    path.name: re.findall(r"@live\((?:.|\\n|\n)*?def (\w+)", path.read_text(encoding="utf-8"))
    for path in sorted((lab.ROOT / "notebooks").glob("[0-9]*.ipynb"))
}

# Figures that could be asked in vain, but whose answers cannot be sent ahead: an image moves, or all is drawn anew.
REDRAWN = {"03_variants.ipynb": ["count_by"]}


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


def test_every_control_moves_its_picture_by_keyboard(lesson):
    for name in FIGURES[lesson.name]:
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
    for figure in map(lesson.figure, FIGURES[lesson.name]):
        if figure.aim.count():
            box = figure.aim.bounding_box()
            there = {"x": 0.3 * box["width"], "y": 0.4 * box["height"]}
            assert figure.moves_when(lambda figure=figure, there=there: figure.aim.click(position=there))


def test_pictures_sent_ahead_are_what_the_kernel_shows_when_asked(lesson):
    """To the character, for every figure of the lesson that looks ahead."""
    names = FIGURES[lesson.name]
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
    lesson.figure(FIGURES[lesson.name][-1]).settled()
    moving = lesson.page.evaluate(
        "document.getAnimations().map(a => `${a.animationName} of ${a.effect.target.className}`)"
    )
    assert moving == []


def test_axe_finds_nothing_in_what_the_cells_show(lesson):
    """Names, roles, contrast, and more: the rules of the W3C's WCAG that a program can check."""
    lesson.figure(FIGURES[lesson.name][0]).settled()
    found = Axe().run(lesson.page, context=".jp-OutputArea-output").response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []


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
        lesson.wait_until_enabled(record)
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


@pytest.fixture(scope="module")
def first(lab_address, chrome):
    """Lesson 1 with all of its cells run; the tests that follow leave it as they like."""
    lesson = lab.Lesson(chrome, lab_address, "01_intuition.ipynb")
    lesson.run_all()
    yield lesson
    lesson.close()


KEYS = ["x", "d", "d", "m", "y", "r", "a", "b", "v", "c", "0", "0", "i", "i", "Shift+M", "Shift+L", "1", "ArrowDown"]


@pytest.mark.parametrize("in_notebook", [True, False], ids=["Notebook", "JupyterLab"])
def test_plain_keys_stop_at_what_the_cells_show(request, lab_address, chrome, in_notebook):
    """They would cut, delete, convert or insert cells; the arrow keys would lead away from a slider."""
    if in_notebook:
        lesson = lab.Lesson(chrome, lab_address, "01_intuition.ipynb", in_notebook=True)
        lesson.run_all()
    else:
        lesson = request.getfixturevalue("first")
    try:
        question = lesson.cell(" = predict(")
        question.locator("input[type=radio]").first.focus()
        lesson.page.keyboard.press("Space")
        before = lesson.cells()
        lesson.page.keyboard.press("ArrowDown")
        assert question.locator("input[type=radio]").nth(1).is_checked()
        for key in KEYS:
            lesson.page.keyboard.press(key)
        assert lesson.cells() == before
        figure = lesson.figure("explore")
        before = lesson.cells()
        for part in (figure.aim, figure.handles.first, figure.cell.locator(".gd-number").first, figure.play):
            part.focus()
            for key in KEYS:
                lesson.page.keyboard.press(key)
            assert part.evaluate("part => part === document.activeElement")
        assert lesson.cells() == before
        assert lesson.page.locator(".jp-Dialog").count() == 0
        figure.handles.first.focus()
        assert figure.moves_when(lambda: lesson.page.keyboard.press("ArrowUp"))
        assert figure.moves_when(lambda: figure.aim.press("ArrowDown"))
        assert lesson.cells() == before
        lesson.page.keyboard.press("Shift+Enter")  # a command with Shift is one still
        assert lesson.cells() != before
    finally:
        if in_notebook:
            lesson.close()  # and its kernel: a lesson has one for all of its pages


def test_a_number_typed_beside_a_slider_moves_the_figure_or_is_answered(first):
    figure = first.figure("explore")
    number = figure.control("learning rate, typed")
    for typed, shown in {"0.1234": "0.1234", "0,2": "0.2", "abc": "0.2"}.items():
        number.fill(typed)
        number.press("Enter")
        first.page.wait_for_timeout(300)
        assert number.input_value() == figure.control("learning rate").get_attribute("aria-valuetext") == shown
    assert figure.moves_when(lambda: (number.fill("0.05"), number.press("Enter")))
    number.fill("5000")
    number.press("Enter")
    figure.cell.get_by_text(re.compile("learning_rate must be between .* but got 5000")).wait_for()
    assert number.input_value() == "0.05"


def test_pictures_sent_ahead_stand_at_once_and_no_older_answer_covers_them(first):
    """While the kernel stands still: nothing but what was sent ahead can be drawn, and its answers come late."""
    figure = first.figure("explore")
    rate, steps, typed = (figure.control(name) for name in ("learning rate", "steps", "steps, typed"))

    def at_once(move):
        before = figure.words()
        move()
        for _ in range(10):
            first.page.wait_for_timeout(50)
            if figure.words() != before:
                return True
        return False

    def rest():  # until all is sent, that is also the nearest places of the controls that were not moved
        places = [int(handle.input_value()) for handle in (rate, steps)]
        done = f"explore.picture.places == {places} and getattr(explore.ahead.task, 'done', bool)()"
        while first.ask_kernel(f"print({done})").strip() != "True":
            first.page.wait_for_timeout(200)
        first.page.wait_for_timeout(500)

    first.ask_kernel("from gd_helpers.live import ahead; ahead.BUDGET, ahead.QUICK = 10, 1")
    for _ in range(2):
        rate.press("ArrowRight")
        rest()
    here = steps.input_value()
    with standing_still(first):
        assert at_once(lambda: steps.press("ArrowRight"))
        assert at_once(lambda: steps.press("ArrowLeft"))
        assert not at_once(lambda: steps.press("Home"))  # too far off to be worked out unasked
        assert not at_once(lambda: (typed.fill(here), typed.press("Enter")))  # what stood there before
        assert at_once(lambda: rate.press("ArrowRight"))
        assert figure.label() == figure.words()
        figure.cell.locator(".gd-words").evaluate(
            """words => {
                window.said = new Set([words.textContent]);
                const look = () => window.said.add(words.textContent);
                new MutationObserver(look).observe(words, { childList: true, characterData: true, subtree: true });
            }"""
        )
    rest()
    assert first.page.evaluate("[...window.said]") == [figure.words()]
    with standing_still(first):
        assert at_once(lambda: figure.aim.press("ArrowRight"))


@contextlib.contextmanager
def standing_still(lesson):
    """The lesson's kernel does nothing meanwhile."""
    kernel = psutil.Process(int(lesson.ask_kernel("import os; print(os.getpid())")))
    kernel.suspend()
    try:
        yield
    finally:
        kernel.resume()


def test_who_wants_less_motion_sees_still_pictures(first):
    figure = first.figure("explore")
    first.page.emulate_media(reduced_motion="reduce")
    steps = figure.control("steps")
    steps.press("Home")
    figure.play.click()
    first.page.wait_for_timeout(1500)
    figure.play.click()
    assert int(steps.input_value()) in range(10, 101, 10)  # one in ten, a second each
    first.page.emulate_media(reduced_motion="no-preference")
    figure.play.click()
    first.page.wait_for_timeout(1000)
    figure.play.click()
    assert int(steps.input_value()) % 10 or steps.input_value() == "100"


def test_after_a_restart_a_figure_and_a_prediction_say_what_to_do(first):
    first.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()")
    figure = first.figure("explore")
    figure.cell.get_by_text("The kernel was restarted").wait_for()
    assert figure.cell.locator("img.gd-background").evaluate("image => image.naturalWidth") > 0
    button = first.cell(" = predict(").get_by_role("button", name="Record my prediction")
    assert "Run All" in button.evaluate("button => getComputedStyle(button, '::after').content")
    first.run_all()
    figure = first.figure("explore")
    assert not figure.cell.get_by_text("The kernel was restarted").is_visible()
    figure.handles.first.focus()
    assert figure.moves_when(lambda: figure.handles.first.press("ArrowRight"))


def swipe(page, x, y, by):
    """Draw a finger down the page by some pixels, or up."""
    finger = page.context.new_cdp_session(page)
    for step in range(11):
        kind, touched = ("touchMove" if step else "touchStart"), [{"x": x, "y": y + by * step / 10}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})
        page.wait_for_timeout(20)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)


@pytest.fixture(scope="module")
def touched(lab_address, chrome):
    """Lesson 1 on a small computer with a touch screen, the list of files put away."""
    lesson = lab.Lesson(chrome, lab_address, "01_intuition.ipynb", width=800, has_touch=True)
    lesson.command("application:toggle-left-area")
    lesson.run_all()
    yield lesson
    lesson.close()


@pytest.mark.parametrize("width", [800, 390])
def test_a_narrow_window_and_a_finger(touched, width):
    touched.page.set_viewport_size({"width": width, "height": 900})
    for name in FIGURES["01_intuition.ipynb"]:
        figure = touched.figure(name)
        picture, output = figure.svg.bounding_box(), figure.cell.locator(".jp-OutputArea").first.bounding_box()
        fits = picture["x"] + picture["width"] <= output["x"] + output["width"] + 1
        assert fits == (width == 800)  # on the narrower one it scrolls: smaller, it could not be read
        assert picture["width"] > 400
    for control in figure.cell.locator(".gd-control").all():
        parts = [part.bounding_box() for part in control.locator("> :visible").all()]
        assert max(part["x"] + part["width"] for part in parts) <= output["x"] + output["width"] + 1
        assert width == 800 or parts[1]["y"] >= parts[0]["y"] + parts[0]["height"] - 1  # the label stands above

    figure = touched.figure("explore")
    target, picture, before = figure.aim.bounding_box(), figure.svg.bounding_box(), figure.settled()
    swipe(touched.page, target["x"] + target["width"] / 2, picture["y"] + picture["height"] - 3, by=-150)
    assert figure.settled() == before  # that was below the panel to aim in
    assert figure.svg.bounding_box()["y"] < picture["y"] - 50
    target, picture = figure.aim.bounding_box(), figure.svg.bounding_box()
    swipe(touched.page, target["x"] + 60, target["y"] + 100, by=100)
    assert figure.settled() != before
    assert figure.svg.bounding_box() == picture


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
