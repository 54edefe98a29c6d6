"""Ahead of the hand: pictures worked out before they are asked for, so that a far-away kernel is not waited for.

A live figure is a function of its controls. After a hand has moved one of them, this works out what its other places
would show, nearest first, and once the hand rests also the nearest places of the other controls. That is sent ahead;
the browser keeps it and draws it the moment a control moves there. The rules:

- Only after a move in the browser. Run All, ``set`` and nbval pay nothing.
- Only for functions that can be asked in vain: one picture takes a few milliseconds, nothing is printed or redrawn as
  a whole, no image moves, and asked twice the function answers the same. Generators are not asked, nor is a scene that
  says ``remembers = True``, because what it shows depends on what it showed before.
- At most ``BUDGET`` seconds after a move, by the clock, so that a busy server looks less far ahead. What has been sent
  is not worked out again: a hand that goes on along the same slider soon costs nothing. It is done in slices, between
  which the kernel hears of the next move, which ends it. At the end of each the scene is as the learner left it.
- The kernel's own answer has the last word. Where the browser has a picture to draw, it comes a frame later. It says
  which of the browser's moves it is for, so that it is not drawn over the picture of a newer one. If it differs from
  what was sent ahead (the learner has changed something that the function reads), all that was sent ahead is forgotten,
  here and in the browser.
"""

import asyncio
import inspect
import io
import json
import time
from itertools import islice
from math import floor

from gd_helpers.live import svg
from gd_helpers.live.controls import Point
from gd_helpers.live.work import captured, running_loop

BUDGET = 0.1  # s after each move
SLICE = 0.008  # s before the kernel looks whether there is another move
QUICK = 0.02  # s; what takes longer is not looked ahead
REST = 0.3  # s without a move, after which the hand rests
NEAR = 4  # places of each of the other controls that are worked out then
MOST = 500  # pictures that the browser keeps of a figure; live.js has the same number
KEY_PIXELS = 8  # of an arrow key, as in live.js


class Ahead:
    """Looks ahead for one live figure.

    Attributes:
        able: whether it does.
        task: the work that is under way, or None.
        sent: which pictures the browser has, by place: a number that stands for the moves and the words.
    """

    def __init__(self, live, scene):
        self._live = live
        self.able = not inspect.isgeneratorfunction(live.function) and not getattr(scene, "remembers", False)
        self.sent, self.task = {}, None
        self._count, self._epoch, self._look = -1, 0, None

    def answer(self, state) -> list:
        """Return the number of this answer, since when it holds, and for which move; forget what it refutes."""
        sent = self.sent.get(_key(state["places"], state["aim"]))
        look = [state[name] for name in ("still", "styles", "controls")]
        failed = state["failed"] or state["printed"]
        if look != self._look or (sent and (failed or sent != _mark(state["moves"], state["words"]))):
            self.forget()
        self.able &= not any("png" in (move or ()) for move in state["moves"])
        self._count, self._look = self._count + 1, look
        return [self._count, self._epoch, self._live.asked]

    def has(self, picture) -> bool:
        """Whether the browser has what is to be seen where it says that the controls stand."""
        return _key(picture.places, picture.aim) in self.sent

    def forget(self):
        """What was sent holds no more, or a page was opened that has nothing of it: begin anew."""
        self.sent.clear()
        self._epoch += 1

    def begin(self, moved, took):
        """Look ahead from here after a hand has moved the control of that name, which took some seconds to show."""
        loop = running_loop()  # without one there is no browser either
        if self.able and took < QUICK and loop:
            self.task = loop.create_task(self._work(moved))

    def stop(self):
        """A newer move has come, or the end."""
        if self.task:
            self.task.cancel()
        self.task = None

    async def _work(self, moved):
        left = await self._send(islice(self._places(moved), MOST), BUDGET)
        await asyncio.sleep(REST)
        for name in self._live.controls:
            left = await self._send(islice(self._places(name), NEAR), left)

    async def _send(self, places, left):
        """Work out and send what some places would show, within so many seconds; returns those that are left."""
        places = ((key, values) for key, values in places if key not in self.sent)
        while self.able and left > 0:
            await asyncio.sleep(0)  # the kernel hears of the next move
            began = time.perf_counter()
            found = dict(self._slice(places, until=began + SLICE))
            if not found:
                break  # there are no more
            if not self._is_as_shown():
                return 0
            left -= time.perf_counter() - began
            self._send_on({key: picture for key, picture in found.items() if picture and self.able})
        return left

    def _slice(self, places, until):
        for key, values in places:
            yield key, self._picture(values)
            if time.perf_counter() >= until:
                return

    def _is_as_shown(self):
        """Put the scene back where the controls stand; if it looks otherwise there now, forget what was sent."""
        here = self._picture(self._live.value)
        if here == (self._live.picture.moves, self._live.picture.words):
            return True
        self.able &= here == self._picture(self._live.value)  # else what it reads has changed, once
        self.forget()
        return False

    def _send_on(self, pictures):
        if pictures:
            self.sent |= {key: _mark(*picture) for key, picture in pictures.items()}
            for key in list(self.sent)[:-MOST]:
                del self.sent[key]
            self._live.picture.send({"ahead": list(pictures.items()), "epoch": self._epoch})

    def _picture(self, values):
        """What the function shows for these values; None if that cannot be sent ahead."""
        printed = io.StringIO()
        try:
            with captured(printed):
                styles, moves, words = self._live.draw(values)
        except BaseException:
            return None  # it is said when the control really stands there
        self.able &= not printed.getvalue() and styles is not None
        return (moves, words) if self.able and styles == self._live.picture.styles else None

    def _places(self, name):
        """Yield where that control may stand next, nearest first: the key of that place, and all values."""
        live, control, values = self._live, self._live.controls[name], self._live.value
        own = [other for other in live.controls.values() if not isinstance(other, Point)]
        here, aim = [other.place for other in own], live.picture.aim
        if isinstance(control, Point):
            for aimed in _keys_from(aim, live.picture.still["targets"][0], live.picture.key_step):
                yield _key(here, aimed), values | {name: live.aiming.read(aimed)}
            return
        i, at = own.index(control), control.place
        for place in sorted(range(len(control.options)), key=lambda place: abs(place - at))[1:]:
            yield _key([*here[:i], place, *here[i + 1 :]], aim), values | {name: control.options[place]}


def _key(places, aim):
    """Where all controls stand, as live.js writes it."""
    return json.dumps([places, [floor(1e4 * x + 0.5) for x in aim]], separators=(",", ":"))


def _mark(moves, words):
    return hash((repr(moves), words))


def _keys_from(aim, target, key_step, presses=8):
    """Yield the places that arrow keys lead to, nearest first, computed as live.js does."""
    left, top, right, bottom = target
    step = KEY_PIXELS * svg.PER_PIXEL * key_step
    ways = {way: aim for way in ((-step, 0), (step, 0), (0, -step), (0, step))}
    for _ in range(presses):
        for (across, down), (x, y) in ways.items():
            ways[across, down] = [min(max(x + across, left), right), min(max(y + down, top), bottom)]
            yield ways[across, down]
