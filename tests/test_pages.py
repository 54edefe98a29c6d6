"""The web pages: lesson 1 is built, read, and moved in a browser that has no kernel."""

import base64
import contextlib
import gzip
import json
import subprocess
import sys

import lab
import pytest
from axe_playwright_python.sync_playwright import Axe
from test_lite import served
from test_repository import ROOT, code_of

sys.path.insert(0, str(ROOT / "pages"))
import pictures

NAME, FIGURES = "01_intuition", lab.FIGURES["01_intuition.ipynb"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of a site with lesson 1 alone."""
    folder = tmp_path_factory.mktemp("pages") / "site"
    command = [sys.executable, ROOT / "pages/build.py", folder, f"{NAME}.ipynb"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert [line.partition(":")[0] for line in told.splitlines()] == [f"{NAME}/{name}" for name in FIGURES]
    assert "stands still" not in told
    return folder


@pytest.fixture(scope="module")
def figures():
    """The live figures of lesson 1, by name."""
    space = {}
    for cell in code_of(NAME):
        exec(cell.source, space)
    return {name: space[name] for name in FIGURES}


def stored(site, name):
    """Every picture in a figure's file."""
    lines = gzip.decompress((site / "notebooks" / NAME / f"{name}.pictures").read_bytes()).splitlines()
    picture = {}
    return [picture := picture | json.loads(line) for line in lines]


@pytest.mark.parametrize("name", FIGURES)
def test_stored_pictures_are_what_the_kernel_shows_when_asked_in_another_order(site, figures, name):
    figure, kept, here = figures[name], stored(site, name), figures[name].value
    places = [json.dumps([picture["places"], picture["aim"]]) for picture in kept]
    assert len(set(places)) == len(places)
    for picture in kept[:: -(len(kept) // 19)][:20]:
        own = [(name, control) for name, control in figure.controls.items() if hasattr(control, "options")]
        values = {name: one.options[place] for (name, one), place in zip(own, picture["places"], strict=True)}
        if figure.aiming:
            values[figure.aiming.name] = figure.aiming.read(picture["aim"])
        now = pictures.shown(figure, values)
        for trait in ("moves", "words", "places", "styles"):
            text = json.dumps(now[trait], default=lambda data: base64.b64encode(data).decode())
            assert text == json.dumps(picture[trait])
    figure.set(**here)


@pytest.mark.parametrize("name", FIGURES)
def test_each_control_alone_has_a_picture_at_each_of_its_places_within_the_budget(site, figures, name):
    kept = stored(site, name)
    for i, control in enumerate(figures[name].picture.controls):
        others = [place for k, place in enumerate(kept[0]["places"]) if k != i]
        alone = {p["places"][i] for p in kept if [x for k, x in enumerate(p["places"]) if k != i] == others}
        assert alone == set(range(len(control["words"])))
    assert (site / "notebooks" / NAME / f"{name}.pictures").stat().st_size < 1.1 * pictures.BUDGET


@pytest.fixture
def opened(site, chrome):
    """Opens lesson 1's page, or the index; at the end nothing has gone wrong, and no other host was asked."""
    with served(site) as address, contextlib.ExitStack() as pages:
        wrong = []

        def open_page(path=f"notebooks/{NAME}.html", **options):
            page, *lists = lab.new_page(chrome, **options)
            pages.callback(page.close)
            wrong.extend(lists)
            page.goto(address + path)
            return page

        yield open_page
        assert not any(wrong), wrong


def awake(page, name):
    """Unfold the page, scroll to a figure and wait until all its pictures are there."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    figure = page.locator(f"figure[data-pictures$='{name}.pictures']")
    figure.scroll_into_view_if_needed()
    page.locator(f"figure[data-pictures$='{name}.pictures'][data-kept]").wait_for()
    return figure


def test_a_key_and_a_click_show_what_the_kernel_would_show(opened, figures):
    figure, page = figures["explore"], opened()
    shown = awake(page, "explore")
    for key in ("ArrowRight", "ArrowRight", "Home"):
        shown.get_by_label("learning rate", exact=True).press(key)
        place = int(shown.get_by_label("learning rate", exact=True).input_value())
        figure.set(learning_rate=figure.controls["learning_rate"].options[place])
        assert shown.locator(".gd-words").inner_text() == figure.verdict
        drawn = shown.locator("svg.gd-moving > *").evaluate_all("all => all.map(one => one.getAttribute('d'))")
        assert set(drawn) >= {move["d"] for move in figure.picture.moves if move and "d" in move}
    before = shown.locator(".gd-words").inner_text()
    shown.locator(".gd-target").first.click(position={"x": 200, "y": 100})
    assert shown.locator(".gd-words").inner_text() != before


def test_a_prediction_is_kept_and_compared(opened):
    page = opened()
    asked = page.locator("fieldset[data-asked]").first
    asked.locator("input").first.check()
    page.reload()
    assert asked.locator("input").first.is_checked()
    chosen = asked.locator("input").first.get_attribute("value")
    page.get_by_text(f"You said: {chosen}. Open this to compare.").click()
    page.get_by_text("Measured: ").first.wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["index.html", f"notebooks/{NAME}.html"])
def test_axe_finds_nothing(opened, path, scheme):
    page = opened(path, color_scheme=scheme)
    for name in FIGURES if "notebooks" in path else ():
        awake(page, name)
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == []


def test_on_a_telephone_panels_stand_one_above_the_other_and_a_finger_moves_a_point(opened):
    page = opened(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    shown = awake(page, "explore")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    boxes = [part.bounding_box() for part in shown.locator(".gd-part").all()]
    assert len(boxes) == 2
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]
    before = shown.locator(".gd-words").inner_text()
    shown.locator(".gd-target").first.tap(position={"x": 40, "y": 40})
    assert shown.locator(".gd-words").inner_text() != before


def test_without_scripts_the_pictures_stand_there_and_hints_open(opened):
    page = opened(java_script_enabled=False)
    assert page.locator("figure img").count() == len(FIGURES)
    page.get_by_text("Hint 1 of 3").first.click()
    assert page.locator("details[open]").first.is_visible()
