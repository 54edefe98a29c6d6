"""Lesson 1 under the hand: plain keys, typed numbers, fingers, less motion, a kernel that stands still or restarts."""

import contextlib
import re

import lab
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import expect

expect.set_options(timeout=lab.PATIENCE)
NAME = "01_intuition.ipynb"
KEYS = ["x", "d", "d", "m", "y", "r", "a", "b", "v", "c", "0", "0", "i", "i", "Shift+M", "Shift+L", "1", "ArrowDown"]


@pytest.fixture(scope="module")
def first(lab_address, chrome):
    """Lesson 1 on a computer with a touch screen, all of its cells run; each test leaves it as it likes."""
    lesson = lab.Lesson(chrome, lab.in_lab(lab_address, NAME), has_touch=True)
    assert lesson.run_all() == []
    yield lesson
    lesson.close()


@pytest.mark.parametrize("opened_in", ["Notebook", "JupyterLab"])
def test_plain_keys_stop_at_what_the_cells_show(request, lab_address, chrome, opened_in):
    """They would cut, delete, convert or insert cells; the arrow keys would lead away from a slider."""
    if opened_in == "Notebook":
        lesson = lab.Lesson(chrome, f"{lab_address}notebooks/notebooks/{NAME}")
        request.addfinalizer(lesson.close)  # and its kernel: a lesson has one for all of its pages
        lesson.run_to("def explore(")
    else:
        lesson = request.getfixturevalue("first")
    options = lesson.cell("faster = predict(").locator("input[type=radio]")
    figure = lesson.figure("explore")
    number = figure.cell.locator(".gd-number").first
    stays = [(part, part) for part in (figure.aim, figure.handles.first, number, figure.play)]
    for part, after in [(options.first, options.nth(1)), *stays]:  # the arrow leads to the next option
        part.focus()
        before = lesson.cells()
        for key in KEYS:
            lesson.page.keyboard.press(key)
        assert after.evaluate("part => part === document.activeElement")
        assert lesson.cells() == before
    assert lesson.page.locator(".jp-Dialog").count() == 0
    lesson.page.keyboard.press("Shift+Enter")  # a command with Shift is one still
    assert lesson.cells() != before


def enter(number, typed):
    number.fill(typed)
    number.press("Enter")


def test_a_typed_number_moves_the_figure_or_is_answered_and_so_is_an_error_in_the_function(first):
    figure = first.figure("explore")
    rate, number = figure.control("learning rate"), figure.control("learning rate, typed")
    for typed, shown in {"0.1234": "0.1234", "0,2": "0.2", "abc": "0.2"}.items():
        enter(number, typed)
        expect(rate).to_have_attribute("aria-valuetext", shown)
        expect(number).to_have_value(shown)
    assert figure.moves_when(lambda: enter(number, "0.05"))
    enter(number, "5000")
    figure.cell.get_by_text(re.compile("learning rate must be between .* but got 5000")).wait_for()
    assert number.input_value() == "0.05"
    first.ask_kernel("right, descend = descend, None")
    enter(number, "0.07")
    said = re.compile(r"TypeError: .*line \d+ of your cell: run = descend\(")
    wrong = figure.cell.get_by_role("alert").get_by_text(said)
    wrong.wait_for()
    assert wrong.bounding_box()["y"] < figure.svg.bounding_box()["y"]
    first.ask_kernel("descend = right")
    assert figure.moves_when(lambda: enter(number, "0.06"))
    wrong.wait_for(state="hidden")


def test_pictures_sent_ahead_stand_at_once_and_no_older_answer_covers_them(first):
    """While the kernel stands still: nothing but what was sent ahead can be drawn, and its answers come late."""
    figure = first.figure("explore")
    rate, steps, typed = (figure.control(name) for name in ("learning rate", "steps", "steps, typed"))

    def at_once(move):
        before = figure.words()
        move()
        return first.until(lambda: figure.words() != before, times=10)

    def rest():  # until all is sent, that is also the nearest places of the controls that were not moved
        places = [int(handle.input_value()) for handle in (rate, steps)]
        done = f"print(explore.picture.places == {places} and getattr(explore.ahead.task, 'done', bool)())"
        assert first.until(lambda: first.ask_kernel(done) == "True", times=400)
        first.page.wait_for_timeout(500)

    first.ask_kernel("from gd_helpers.live import ahead; ahead.BUDGET, ahead.LONGEST = 10, 10")
    for _ in range(2):
        rate.press("ArrowRight")
        rest()
    here = steps.input_value()
    with standing_still(first):
        assert at_once(lambda: steps.press("ArrowRight"))
        assert at_once(lambda: steps.press("ArrowLeft"))
        assert not at_once(lambda: steps.press("Home"))  # too far off to be worked out unasked
        assert not at_once(lambda: enter(typed, here))  # what stood there before
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
        steps.press("Home")
        figure.cell.get_by_text("Waiting for the other cells").wait_for()


@contextlib.contextmanager
def standing_still(lesson):
    """The lesson's kernel does nothing meanwhile."""
    kernel = psutil.Process(int(lesson.ask_kernel("import os; print(os.getpid())")))
    kernel.suspend()
    try:
        yield
    finally:
        kernel.resume()


def test_who_wants_less_motion_sees_still_pictures_and_in_forced_colours_buttons_have_a_border(first):
    figure = first.figure("explore")
    steps = figure.control("steps")
    first.page.emulate_media(reduced_motion="reduce")
    steps.press("Home")
    figure.play.click()
    expect(steps).not_to_have_value("0")
    figure.play.click()
    assert int(steps.input_value()) in range(10, 101, 10)  # one in ten, a second each
    first.page.emulate_media(reduced_motion="no-preference", forced_colors="active")
    figure.play.click()
    assert first.until(lambda: int(steps.input_value()) % 10)
    figure.play.click()
    record = first.cell(" = predict(").get_by_role("button", name="Record my prediction")
    assert record.evaluate("button => getComputedStyle(button).borderStyle") == "solid"
    first.page.emulate_media(forced_colors="none")


def swipe(page, x, y, by):
    """Draw a finger down the page by some pixels, or up."""
    finger = page.context.new_cdp_session(page)
    for step in range(11):
        kind, touched = ("touchMove" if step else "touchStart"), [{"x": x, "y": y + by * step / 10}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})
        page.wait_for_timeout(20)
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)


@pytest.mark.parametrize("width", [800, 390])
def test_a_narrow_window_and_a_finger(first, width):
    first.page.set_viewport_size({"width": width, "height": 900})
    first.page.evaluate("window.jupyterapp.shell.collapseLeft()")  # the list of files
    for name in lab.FIGURES[NAME]:
        figure = first.figure(name)
        picture, output = figure.svg.bounding_box(), figure.cell.locator(".jp-OutputArea").first.bounding_box()
        assert (picture["width"] <= output["width"] + 1) == (width == 800)
        assert picture["width"] > 400  # on the narrower one it scrolls: smaller, it could not be read
        expect(figure.cell.get_by_text("The picture goes on to the right")).to_be_visible(visible=width == 390)
        for control in figure.cell.locator(".gd-control").all():
            parts = [part.bounding_box() for part in control.locator("> :visible").all()]
            assert max(part["x"] + part["width"] for part in parts) <= output["x"] + output["width"] + 1
    assert width == 800 or parts[1]["y"] >= parts[0]["y"] + parts[0]["height"] - 1  # the label stands above

    figure = first.figure("explore")
    target, picture, before = figure.aim.bounding_box(), figure.svg.bounding_box(), figure.settled()
    swipe(first.page, target["x"] + target["width"] / 2, picture["y"] + picture["height"] - 3, by=-150)
    assert figure.settled() == before  # that was below the panel to aim in
    assert figure.svg.bounding_box()["y"] < picture["y"] - 50
    target, picture = figure.aim.bounding_box(), figure.svg.bounding_box()
    swipe(first.page, target["x"] + 60, target["y"] + 100, by=100)
    assert figure.settled() != before
    assert figure.svg.bounding_box() == picture


def test_a_figure_that_lost_its_kernel_says_what_to_do_and_a_saved_lesson_opens_again_with_its_pictures(first):
    first.predict("where")
    first.page.evaluate(f"{lab.NOTEBOOK}.sessionContext.session.kernel.restart()")
    figure = first.figure("explore")
    figure.cell.get_by_text("The kernel was restarted").wait_for()
    assert figure.cell.locator("img.gd-background").evaluate("image => image.naturalWidth") > 0
    first.cell(" = predict(").get_by_text("The kernel was restarted: choose Run All.").wait_for()
    first.run_all()
    first.cell("where = predict(").get_by_text("Recorded: ").wait_for()
    figure = first.figure("explore")
    assert not figure.cell.get_by_text("The kernel was restarted").is_visible()
    assert figure.moves_when(lambda: figure.handles.first.press("ArrowRight"))

    first.command("docmanager:save")
    assert figure.moves_when(lambda: figure.handles.first.press("ArrowRight"))  # what is open is as it was
    first.page.reload()
    first.wait_until_open()
    cell = first.cell("def explore(")
    assert cell.locator(".jp-RenderedImage img").evaluate("image => image.naturalWidth") > 0
    assert not cell.get_by_text("Error").count()
    first.run_to("where = predict(")
    first.cell("where = predict(").get_by_text("Recorded: ").wait_for()


VIEW = "application/vnd.jupyter.widget-view+json"
FIGURE, QUESTION, OTHER = ({VIEW, "text/plain", *more} for more in (["image/png"], ["text/html"], []))


def test_saved_lessons_hold_pictures_and_texts_in_place_of_views_that_end_with_the_kernel(first):
    for package, shown, kept in (
        ("gd_helpers", [FIGURE, QUESTION], [{"image/png", "text/plain"}, {"text/html", "text/plain"}]),
        ("gd_helpers", [FIGURE, OTHER], [{"image/png", "text/plain"}, OTHER]),
        ("another_package", [FIGURE], [FIGURE]),
    ):
        outputs = [new_output("display_data", data=dict.fromkeys(kinds, "...")) for kinds in shown]
        cells = [new_markdown_cell("# 1"), new_code_cell(f"import {package}", outputs=outputs)]
        book = first.stored(new_notebook(cells=cells, metadata={"widgets": {}}))
        assert [set(output["data"]) for output in book["cells"][1]["outputs"]] == kept
        assert ("widgets" in book["metadata"]) == any(VIEW in kinds for kinds in kept)  # it still needs them


def test_a_link_leads_to_its_heading_in_a_lesson_that_was_not_open(first):
    first.command("rendermime:handle-local-link", path="notebooks/02_learning_rate.ipynb", id="#Sources")
    expect(first.page.locator(".jp-NotebookPanel:visible h2[data-jupyter-id=Sources]")).to_be_in_viewport()
