"""The lessons in a real browser: every slider by keyboard, clicks, words for screen readers, and nothing amiss."""

import ast
import re

import lab
import pytest
from axe_playwright_python.sync_playwright import Axe

from gd_helpers.exercises.exercise import exercises_of

# Figures that could be asked in vain, but whose answers cannot be sent ahead: an image moves, or all is drawn anew.
REDRAWN = {"stand"}


@pytest.fixture(scope="module", params=lab.FIGURES)
def lesson(request, lab_address, chrome):
    """A lesson, open in JupyterLab with all of its cells run."""
    lesson = lab.Lesson(chrome, lab.in_lab(lab_address, request.param))
    lesson.name = request.param
    lesson.unsaved = lesson.page.evaluate(f"{lab.NOTEBOOK}.context.model.dirty")
    lesson.command("docmanager:save")
    file = f"{lab_address}files/notebooks/{request.param}"
    lesson.saved = lesson.page.evaluate("file => fetch(file).then(found => found.text())", file)
    lesson.raised = lesson.run_all()
    yield lesson
    lesson.close()


def test_run_all_raises_nothing_and_leaves_this_machine_alone(lesson):
    assert lesson.raised == lesson.errors == lesson.elsewhere == []


def test_to_open_and_to_save_a_lesson_changes_nothing(lesson):
    assert not lesson.unsaved
    assert lesson.saved == lab.SOURCES[lesson.name]


def test_every_control_and_a_click_move_the_picture_and_its_words(lesson):
    for name in lab.FIGURES[lesson.name]:
        figure = lesson.figure(name)
        keys = [(handle, "ArrowLeft") for handle in figure.handles.all()]
        keys += [(box, "Space") for box in figure.cell.locator("input[type=checkbox]").all()]
        keys += [(figure.aim, "ArrowRight")] * figure.aim.count()
        for number, (control, key) in enumerate(keys):
            assert figure.moves_when(lambda control=control, key=key: control.press(key)), f"{name}, control {number}"
            figure.settled()  # while work goes on, the words change between one look at them and the next
            assert figure.label() == figure.words() != ""
        if figure.aim.count():
            box = figure.aim.bounding_box()
            there = {"x": 0.3 * box["width"], "y": 0.4 * box["height"]}
            assert figure.moves_when(lambda figure=figure, there=there: figure.aim.click(position=there)), name


def test_pictures_sent_ahead_are_what_the_kernel_shows_when_asked(lesson):
    """To the character, for every figure of the lesson that looks ahead."""
    names = lab.FIGURES[lesson.name]
    told = lesson.ask_kernel(
        f"import sys; sys.path.insert(0, {str(lab.ROOT / 'tests')!r})\n"
        "import looking_ahead\n"
        f"shown = [{', '.join(names)}]\n"
        "print([figure.ahead.able for figure in shown])\n"
        "print([await looking_ahead.compare(figure) for figure in shown])\n"
        "print([figure.ahead.able for figure in shown])"
    )
    before, compared, after = map(ast.literal_eval, told.splitlines())
    assert [wrong for _, wrong in compared] == [[]] * len(names)
    # A scene that does not look ahead has said so beforehand, or must: it may remember what it was asked in vain.
    assert {name for name, could, can in zip(names, before, after, strict=True) if could and not can} <= REDRAWN


COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}  # all that another theme can change


@pytest.mark.parametrize(("theme", "rules"), [("JupyterLab Dark", {}), ("JupyterLab Light", COLOURS)])
def test_axe_finds_nothing_in_what_the_cells_show(lesson, theme, rules):
    """Names, roles, contrast, and more: the rules of the W3C's WCAG that a program can check."""
    lesson.command("apputils:change-theme", theme=theme)
    lesson.page.wait_for_function(f"document.body.dataset.jpThemeName === '{theme}'")
    # JupyterLab's body has no height and hides what goes beyond it: axe would take all text for invisible. So it would
    # under the logo that covers the page while the theme changes.
    style = "html, body { overflow: visible !important; } #jupyterlab-splash { display: none; }"
    lesson.page.add_style_tag(content=style)
    options, found = {"resultTypes": ["violations"]} | rules, []
    for containing in ("@live(", " = predict(", 'check("'):  # contrast is looked at on the screen only
        lesson.cell(containing)
        found += Axe().run(lesson.page, ".jp-OutputArea-output", options).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found] == []


def test_many_quick_moves_end_on_the_last_value_and_a_page_at_rest_draws_nothing(lesson):
    figures = map(lesson.figure, reversed(lab.FIGURES[lesson.name]))
    figure = next(figure for figure in figures if figure.handles.count())
    handle = figure.handles.first
    handle.focus()
    for key in ["ArrowRight"] * 20 + ["ArrowLeft"] * 30:
        lesson.page.keyboard.press(key)
    settled, last = figure.settled(), figure.words()
    assert lesson.page.evaluate("document.getAnimations().map(a => a.animationName)") == []
    handle.press("ArrowRight")
    assert figure.settled() != settled
    handle.press("ArrowLeft")
    assert figure.settled() == settled
    assert figure.words() == last


def test_marks_stand_under_their_values(lesson):
    marks = 0
    for name in lab.FIGURES[lesson.name]:
        figure = lesson.figure(name)  # on the screen only now: JupyterLab 4.4 hides a cell that is scrolled away
        for control in figure.cell.locator(".gd-control:has(.gd-marks span)").all():
            box = control.locator("input[type=range]").bounding_box()
            for mark in control.locator(".gd-marks span").all():
                share = float(re.search(r"left: ?([\d.]+)%", mark.get_attribute("style"))[1]) / 100
                thumb = box["x"] + 8 + (box["width"] - 16) * share  # a thumb of 16 pixels stays within the track
                stands = mark.bounding_box()
                assert stands["x"] + stands["width"] / 2 == pytest.approx(thumb, abs=2)
                marks += 1
    assert marks or "02" not in lesson.name  # lesson 2 does mark the limit on its sliders


def test_every_prediction_by_keyboard_uncovers_what_was_measured(lesson):
    names = re.findall(r"(\w+) = predict\(", lab.SOURCES[lesson.name])
    assert names
    for name in names:
        reveal = lesson.cell(f"{name}.reveal(").locator(".jp-Cell-outputArea")
        assert "Covered: make your prediction above." in reveal.inner_text(), name
        lesson.predict(name)
        reveal = lesson.cell(f"{name}.reveal(").locator(".jp-Cell-outputArea")
        reveal.get_by_role("button", name="Show ").press("Enter")
        reveal.get_by_text(re.compile("Yes: .* because|You said .* because", re.DOTALL)).wait_for()


def test_every_exercise_solved_in_its_cell_is_right_and_counted(lesson):
    exercises = exercises_of(int(lesson.name[:2]))
    if lesson.name.startswith("01"):
        wrong = "def step(w, gradient, learning_rate):\n    return w + learning_rate * gradient"
        lesson.check("1.1", wrong, "You added the step")
    for exercise in exercises:
        lesson.check(exercise.number, exercise.source, "Right")
    lesson.cell("summary(").get_by_text(f"{len(exercises)} of {len(exercises)} done").wait_for()
