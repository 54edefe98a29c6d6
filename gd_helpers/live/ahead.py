"""Ahead of the hand: pictures worked out before they are asked for, so that a far-away kernel is not waited for.

A live figure is a function of its controls. After a hand has moved one of them, this works out what the places nearest
to it would show and sends that ahead; the browser keeps it and draws it the moment the control moves there. The rules:

- Only after a move in the browser. Run All, ``set`` and nbval pay nothing.
- Only for functions that can be asked in vain: one picture takes a few milliseconds, nothing is printed or redrawn as
  a whole, and asked twice the function answers the same. Generators are not asked, nor is a scene that says
  ``remembers = True``, because what it shows depends on what it showed before.
- At most ``BUDGET`` seconds of the kernel's time after a move, in slices, between which the kernel hears of the next
  move, which ends it. At the end of each slice the scene is again as the learner left it.
- The kernel's own answer follows every move and has the last word: it says which place it is for, so that an older one
  is not drawn over a newer picture. If it differs from what was sent ahead (the learner has changed something that the
  function reads), all that was sent ahead is forgotten, here and in the browser.
"""

import asyncio
import contextlib
import inspect
import io
import json
import time
from math import floor

from gd_helpers.live import svg
from gd_helpers.live.controls import Control, Point

BUDGET = 0.25  # s after each move
SLICE = 0.008  # s before the kernel looks whether there is another move
QUICK = 0.02  # s; what takes longer is not looked ahead
MOST = 500  # pictures that the browser keeps of a figure; live.js has the same number
PIXELS = 8  # of an arrow key, as in live.js


class Ahead:
    """Looks ahead for one live figure.

    Attributes:
        task: the work that is under way, or None.
        sent: the pictures that the browser has, by place: the moves and the words.
    """

    def __init__(self, live, function, scene):
        self._live = live
        self._able = not inspect.isgeneratorfunction(function) and not getattr(scene, "remembers", False)
        self._able &= all(isinstance(control, Control | Point) for control in live.controls.values())
        self.sent, self.task = {}, None
        self._serial, self._epoch, self._look = -1, 0, None

    def answer(self, state) -> list:
        """Return which answer this is, since what time, and for which place; forget everything if it is unexpected."""
        here, look = self._key(state["places"], state.get("aim", [])), (state["background"], state["styles"])
        differs = self.sent.get(here, (state["moves"], state["words"])) != (state["moves"], state["words"])
        if differs or look != self._look:
            self.sent.clear()
            self._epoch += 1
        self._serial, self._look = self._serial + 1, look
        return [self._serial, self._epoch, here]

    def forget(self):
        """A page was opened that has nothing of what was sent: begin anew."""
        self.sent.clear()
        self._epoch += 1

    def begin(self, moved, took):
        """Look ahead from here after a hand has moved the control of that name, which took some seconds to show."""
        if self._able and took < QUICK:
            with contextlib.suppress(RuntimeError):  # no event loop, so no browser either
                self.task = asyncio.get_running_loop().create_task(self._work(moved))

    def stop(self):
        """A newer move has come, or the end."""
        if self.task is not None:
            self.task.cancel()
            self.task = None

    async def _work(self, moved):
        left, found = BUDGET, {}
        places = (place for place in self._places(moved) if self._key(*place[:2]) not in self.sent)
        while self._able and left > 0 and (place := next(places, None)):
            await asyncio.sleep(0)  # the kernel hears of the next move
            began = time.perf_counter()
            while place and time.perf_counter() - began < SLICE:
                if picture := self._picture(place[2]):
                    found[self._key(*place[:2])] = picture
                place = next(places, None)
            self._able &= self._picture(self._live.value) == (self._live.picture.moves, self._live.picture.words)
            left -= time.perf_counter() - began
            if self._able and found:
                self._send(found)
                found = {}

    def _picture(self, values):
        """What the function shows for these values; None if that cannot be sent ahead."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                styles, moves, words = self._live.draw(values)
            except (Exception, SystemExit):
                return None  # it is said when the control really stands there
        self._able &= not printed.getvalue() and styles is not None
        fits = self._able and styles == self._live.picture.styles and not any("png" in (move or ()) for move in moves)
        return (moves, words) if fits else None

    def _send(self, found):
        self.sent.update(found)
        while len(self.sent) > MOST:
            del self.sent[next(iter(self.sent))]
        self._live.picture.send({"ahead": list(found.items()), "epoch": self._epoch})

    def _places(self, moved):
        """Yield where that control may stand next, nearest first: all places, the aim, and all values."""
        live, control = self._live, self._live.controls[moved]
        own = [other for other in live.controls.values() if isinstance(other, Control)]
        here, aim = [other.place for other in own], live.picture.aim
        if isinstance(control, Point):
            for aimed in _keys_from(aim, live.picture.targets[0], live.picture.key_step):
                yield here, aimed, live.value | {moved: live.aiming.read(aimed)}
            return
        at = control.place
        for place in sorted(range(len(control.options)), key=lambda place: abs(place - at)):
            if place != at:
                places = [place if other is control else stands for other, stands in zip(own, here, strict=True)]
                yield places, aim, live.value | {moved: control.options[place]}

    @staticmethod
    def _key(places, aim):
        return json.dumps([list(places), [floor(1e4 * x + 0.5) for x in aim]], separators=(",", ":"))


def _keys_from(aim, target, key_step, presses=8):
    """Yield the places that arrow keys lead to, nearest first, computed as live.js does."""
    left, top, right, bottom = target
    step = PIXELS * svg.PER_PIXEL * key_step
    ways = {way: aim for way in ((-step, 0), (step, 0), (0, -step), (0, step))}
    for _ in range(presses):
        for (across, down), (x, y) in ways.items():
            ways[across, down] = [min(max(x + across, left), right), min(max(y + down, top), bottom)]
            yield ways[across, down]
