"""Live figures: controls -> your function -> the moving artists.

Matplotlib draws what stands still, once; the browser draws what moves, as SVG (``svg.py``, ``live.js``).
"""

import asyncio
import base64
import contextlib
import functools
import inspect
import io
import itertools
import sys
import threading
import traceback
from collections import deque
from weakref import WeakKeyDictionary

import numpy as np
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from gd_helpers.checks import said
from gd_helpers.live import ahead, svg
from gd_helpers.live.aiming import Aiming
from gd_helpers.live.controls import Control, Point
from gd_helpers.live.picture import Picture
from gd_helpers.live.work import captured, close_earlier, in_turn, running_loop, sentences

MOST_PRINTED = 2_000  # characters

_backgrounds = WeakKeyDictionary()  # what stands still in a matplotlib figure, as PNG, until something of it changes


def live(scene, **controls):
    """Decorate a function so that controls move its picture; shown at once, below the cell.

    Args:
        scene: what the function draws into: a matplotlib ``Figure``, or anything with a ``figure``. Artists made
            with ``animated=True`` move smoothly; any other change redraws the whole picture, which is slower.
        **controls: one for each argument: ``slider``, ``log_slider``, ``powers_of_two``, ``choice``, ``switch``,
            ``play`` or ``point``.

    The function moves the artists and returns a sentence that says what the picture shows. Work that takes longer
    than about 50 ms is written as a generator: it yields sentences on the way and returns the last one, and it is
    dropped as soon as a control moves on. What it prints after a move stands under the picture.

    A ``Live`` takes the function's place. A ValueError says what a scene lacks, or which controls do not fit.

    >>> from matplotlib.figure import Figure
    >>> from gd_helpers.live import slider
    >>> figure = Figure()
    >>> (ball,) = figure.subplots().plot([], [], "o", animated=True)
    >>> @live(figure, x=slider(0, 10, 3))
    ... def explore(x):
    ...     ball.set_data([x], [x**2])
    ...     return f"height {x**2}"
    x = 3
    height 9
    >>> explore.set(x=5)
    >>> explore.verdict
    'height 25'
    """
    _check_scene(scene, controls)

    def decorate(function):
        try:
            inspect.signature(function).bind(**controls)
        except TypeError as error:
            told = f"{error}".replace("keyword argument", "control")
            name = getattr(function, "__name__", "the function")
            raise ValueError(f"the controls must be the arguments of {name}: {told}") from None
        shown = Live(function, scene, controls)
        display(shown)
        return shown

    return decorate


def _check_scene(scene, controls):
    if not isinstance(getattr(scene, "figure", scene), Figure):
        raise ValueError(f"scene must be a figure, or have one as its .figure, but got {said(scene)}")
    for name, control in controls.items():
        if not isinstance(control, Control | Point):
            raise ValueError(f"{name} must be a control such as slider(0, 10, 3), but got {said(control)}")
    points = [name for name, control in controls.items() if isinstance(control, Point)]
    if len(points) > 1:
        raise ValueError("only one of the controls can be a point: there is one pointer")
    if points and not scene.figure.axes:
        raise ValueError(f"scene must have axes in which to choose {points[0]}, but has none")


class Live:
    """A function, its controls and its picture. Made by ``live``.

    Attributes:
        controls: the controls by name; each has a ``value`` that can be observed.
        picture: the widget in the browser: its ``still``, ``styles``, ``moves`` and ``words`` are what it shows.
        ahead: what looks ahead for it (``ahead.py``); ``moving`` are the artists that move, lowest first, and ``took``
            is how many seconds of work the function was when it was last asked.
        task: what is still being worked out after a move, an asyncio task; or None.
    """

    def __init__(self, function, scene, controls):
        self.function, self.scene, self.controls, self.picture = function, scene, controls, None
        self._figure = getattr(scene, "figure", scene)
        self._own = {name: control for name, control in controls.items() if isinstance(control, Control)}
        self.task, self._setting = None, False
        self.loop, self.thread = running_loop(), threading.get_ident()
        self.asked = 0  # of the browser's moves, the one that is shown
        self.ahead = ahead.Ahead(self, scene)
        self.__doc__ = function.__doc__
        if "matplotlib.pyplot" in sys.modules:  # it would show a figure of plt.subplots(), too, and keep it for ever
            sys.modules["matplotlib.pyplot"].close(self._figure)
        points = [item for item in controls.items() if isinstance(item[1], Point)]
        self.aiming = Aiming(*points[0], scene, self._figure) if points else None
        self._draw_background()
        self._run()
        self.picture.observe(self._moved_in_browser, ["asked", "places", "aim"])
        self.picture.on_msg(self._hear)
        for control in controls.values():
            control.observe(self._on_move, "value")
        close_earlier(self)

    @property
    def value(self) -> dict:
        """The value of every control, by name."""
        return {name: control.value for name, control in self.controls.items()}

    @property
    def verdict(self) -> str:
        """The sentence under the picture."""
        return self.picture.words

    # --- the controls: moved from code, in the browser, or by number

    def set(self, **values):
        """Move the controls from code, and the picture with them: ``explore.set(learning_rate=0.21)``.

        A ValueError says if there is no control of that name, or it cannot take this very value.
        """
        for name, value in values.items():
            if name not in self.controls:
                raise ValueError(f"there is no control {said(name)}, only {', '.join(self.controls)}")
            values[name] = self.controls[name].fitting(name, value)
        self._put(values)
        self._run()

    def _put(self, values):
        """Move controls without calling the function."""
        with self._quietly():
            for name, value in values.items():
                self.controls[name].value = value

    @contextlib.contextmanager
    def _quietly(self):
        """What moves meanwhile was moved from here: nothing has to follow."""
        self._setting = True
        try:
            yield
        finally:
            self._setting = False

    @in_turn
    def _on_move(self, change):
        """A control has moved, but not from here: a learner has set its value, or it is in another figure, too."""
        if not self._setting:
            self._run(by_hand=True)

    @in_turn
    def _moved_in_browser(self, change):
        """Show the picture for where the browser says that the controls stand; it may have said so several times."""
        if self._setting:
            return  # it is said from here
        asked, told = self.picture.asked, zip(self._own.items(), self.picture.places, strict=False)
        values = {name: control.options[place] for (name, control), place in told if place != control.place}
        if self.aiming and self.picture.aim != self.aiming.aim:
            values[self.aiming.name] = self.aiming.place_at(self.picture.aim)
        if asked == self.asked and not values:
            return  # this was seen to with what came before
        self.asked = asked
        self._put(values)
        self._drop_work()
        moved = next(iter(values), None)
        answer = functools.partial(self._run_unless_outdated, asked, moved)
        if moved and self.loop and self.ahead.has(self.picture):
            self.ahead.begin(moved, answer)
        else:
            answer()

    def _run_unless_outdated(self, asked, moved):
        """Run the function for a move in the browser, unless by now there is a newer one."""
        if asked != self.asked:
            return
        self._run(by_hand=True)
        if moved and not self.picture.failed:
            self.ahead.begin(moved)

    @in_turn
    def _hear(self, widget, content, buffers):
        """A message from the browser: a number was typed beside a slider, or the page was opened again."""
        if "typed" not in content:
            return self.ahead.forget()
        try:
            name = list(self._own)[content["typed"]]
            self._put({name: self.controls[name].fitting(name.replace("_", " "), content["number"])})
        except ValueError as error:
            return self.picture.send({"refused": str(error)})
        self._run(by_hand=True)

    # --- your function: called with where the controls stand

    def _run(self, by_hand=False):
        """Call the function with what the controls say and show what it did, or how it failed."""
        self._drop_work()  # a newer value has come: what is still being worked out is no longer wanted
        printed = io.StringIO() if by_hand else None  # in a cell, what is printed is the cell's
        with self._guarded(printed):
            words = self._timed(self.value)
            if inspect.isgenerator(words):
                if by_hand and (loop := running_loop()):
                    self.task = loop.create_task(self._work(sentences(words), printed))
                    return
                (words,) = deque(sentences(words), maxlen=1) or [None]  # in a cell only the last is shown
                return self._show(words, printed, judged=False)
            self._show(words, printed)

    async def _work(self, told, printed):
        first = more = True
        while more:
            more = False
            with self._guarded(printed):
                for words in itertools.islice(told, 1):
                    self._show(words, printed, judged=first)  # the first sentence is the same at each visit
                    first, more = False, True
            await asyncio.sleep(0.001)  # lets the kernel take in a newer value, which cancels this task

    @contextlib.contextmanager
    def _guarded(self, printed):
        """Catch what the learner's function raises and, where there is a place for it, what it prints."""
        try:
            with captured(printed):
                yield
        except BaseException as error:  # sys.exit() is not to end the kernel
            if isinstance(error, KeyboardInterrupt) and printed is None:  # who stops a cell means the cell
                raise
            words = f"{type(error).__name__}: {error}".removesuffix(": ")
            cell = getattr(getattr(self.function, "__code__", None), "co_filename", None)
            for line in [one for one in traceback.extract_tb(error.__traceback__) if one.filename == cell][-1:]:
                words += f" (line {line.lineno} of your cell: {line.line})"
            self._show(words, printed, failed=True)

    def _drop_work(self):
        self.ahead.stop()
        if self.task:
            self.task.cancel()
        self.task = None

    # --- the moving artists: shown where your function has put them

    def _show(self, words, printed=None, failed=False, judged=True):
        """Send the moving artists and the sentence in one message: the first time, with all there is to the picture."""
        if self._has_changed():
            self._draw_background()
        styles, moves = svg.encode(*self.moving)
        state = {
            "still": self._still,
            "styles": styles,
            "moves": moves,
            "words": _as_verdict(words),
            "printed": printed.getvalue()[-MOST_PRINTED:] if printed else "",
            "failed": failed,
            "controls": [control.described(name) for name, control in self._own.items()],
            "places": [control.place for control in self._own.values()],
            "aim": self.aiming.aim if self.aiming else [],
            "key_step": self.aiming.key_step if self.aiming else 0.0,
        }
        state["answer"] = self.ahead.answer(state, judged)
        if self.picture is None:
            self.picture = Picture(**state)
            return
        if self.asked < self.picture.asked:  # by now the hand is elsewhere again
            del state["places"], state["aim"]
        with self._quietly(), self.picture.hold_sync():
            for name, value in state.items():
                if value != getattr(self.picture, name):  # traitlets takes longer to see that
                    setattr(self.picture, name, value)

    def draw(self, values):
        """Move the artists to where ``values`` put them, unseen; returns their styles and moves, and the words.

        The styles are None where that takes more than moving them: work on the way, or drawing the whole picture anew.
        """
        words = self._timed(values)
        styles, moves = svg.encode(*self.moving)
        return None if self._has_changed() or inspect.isgenerator(words) else styles, moves, _as_verdict(words)

    def _timed(self, values):
        began, worked = ahead.clock(), ahead.work()
        try:
            return self.function(**values)
        finally:
            self.took = max(ahead.work() - worked, (ahead.clock() - began) / ahead.BUSY)

    def _has_changed(self):
        return self._still["background"] is not _backgrounds.get(self._figure)

    def _draw_background(self):
        self.moving = svg.moving(self._figure)
        if self._figure not in _backgrounds:
            canvas = FigureCanvasAgg(self._figure)
            canvas.draw()  # unlike savefig, this leaves the animated artists out
            self._figure.set_layout_engine("none")  # later drawings must not move the axes
            # The mark `stale` itself will not do: it is gone as soon as anybody draws the figure.
            self._figure.stale_callback = lambda figure, stale: _backgrounds.pop(figure, None)
            _backgrounds[self._figure] = _packed(canvas)
        self._still = {"background": _backgrounds[self._figure], "most": ahead.MOST, "fine": ahead.FINE}
        self._still |= {"size": svg.size(self._figure), "units_per_pixel": svg.PER_PIXEL}
        self._still |= self.aiming.still() if self.aiming else {"hint": "", "targets": []}

    # --- the output of the cell, and its end

    def __repr__(self):
        values = ", ".join(f"{name} = {_setting(value)}" for name, value in self.value.items())
        return f"{values}\n{self.verdict}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        view = {"version_major": 2, "version_minor": 0, "model_id": self.picture.model_id}
        return {
            "application/vnd.jupyter.widget-view+json": view,
            "image/png": base64.b64encode(self.png()).decode(),
            "text/plain": repr(self),
        }

    def png(self) -> bytes:
        """The whole picture as it is now, drawn by matplotlib alone: for print, and where no kernel runs."""
        canvas, times = FigureCanvasAgg(self._figure), max(1, int(self._figure.dpi / svg.CSS_DPI))
        renderer = canvas.get_renderer()
        np.asarray(canvas.buffer_rgba())[:] = Image.open(io.BytesIO(self._still["background"])).convert("RGBA")
        for artist in self.moving:
            artist.draw(renderer)
        return _packed(canvas, smaller=times)

    def close(self):
        """Take the figure out of the notebook and out of memory."""
        self._drop_work()
        for control in self.controls.values():
            with contextlib.suppress(ValueError):  # where it is closed a second time
                control.unobserve(self._on_move, "value")
        self.picture.close()


def _packed(canvas, smaller=1) -> bytes:
    png, pixels = io.BytesIO(), Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]).reduce(smaller)
    pixels.point(lambda level: level & 0xFC).save(png, "png")  # the last bits are unseen, and half of the bytes
    return png.getvalue()


def _as_verdict(words):
    return "" if words is None else str(words)


def _setting(value):
    if isinstance(value, tuple):
        return "(" + ", ".join(_setting(number) for number in value) + ")"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
