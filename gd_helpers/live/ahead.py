"""Ahead of the hand: pictures worked out before they are asked for, so that nobody waits for a slow or distant kernel.

A live figure is a function of its controls. After a hand has moved one of them, this works out what its next places
would show, and once the hand rests also the nearest places of the other controls. That is sent ahead; the browser keeps
it, as it keeps what it has shown, and draws it the moment a control moves there. The rules:

- Only after a move in the browser. Run All, ``set`` and nbval pay nothing.
- Only for functions that can be asked in vain: nothing is printed or redrawn as a whole, no image moves, and asked
  twice the function answers the same. Generators are not asked, nor is a scene that says ``remembers = True``, because
  what it shows depends on what it showed before. One that names the attribute that it remembers in, as in
  ``remembers = "tried"``, is given that back, and is asked for the next places alone.
- The next ``NEXT`` places where the hand goes whatever they cost, unless that is longer than hands rest (``LONGEST``);
  then up to ``NEAR`` others, within ``BUDGET`` seconds by the clock. Nothing is sent twice. Between two slices of work
  the kernel hears of the next move, which ends it. After each picture the scene is as the learner left it.
- The kernel's own answer has the last word. Where the browser has a picture to draw, it comes a frame later, and after
  the picture that is wanted next. It says which of the browser's moves it is for, so that it is not drawn over the
  picture of a newer one. If it refutes what the browser has, all that was sent ahead is forgotten, here and there.
"""

import asyncio
import inspect
import io
import json
import time
from collections import deque
from copy import deepcopy
from itertools import islice
from math import floor

from gd_helpers.live.controls import Point
from gd_helpers.live.work import captured, running_loop

NEXT = 2  # places where the hand goes
NEAR = 24  # places of the control that was moved
OTHERS = 4  # places of each other control, when the hand rests
ASIDE = 3  # times as far counts a place where the hand does not go
LONGEST = 0.25  # s of the processor; hands rest about so long between two moves
BUDGET = 0.1  # s after each move
SLICE = 0.008  # s of quick pictures before the kernel looks whether there is another move
REST = 1.0  # s without a move, after which the hand rests
FRAME = 0.02  # s in which the kernel does nothing, so that the browser draws what was sent ahead
MOST = 500  # pictures that the browser keeps of a figure
FINE = 1e4  # parts of a unit by which two places in the picture are told apart, here and in the browser
PRESSES = 8  # of each arrow key that are followed
BUSY = 4  # times as long as its work takes by the clock what is not idle, on a machine that many share
clock, work = time.perf_counter, time.process_time  # tests have their own


class Ahead:
    """Looks ahead for one live figure.

    Attributes:
        able: whether it does.
        task: the work that is under way, or None.
        sent: which pictures the browser has, by place: a number that stands for the moves and the words.
    """

    def __init__(self, live, scene):
        self._live, self._scene = live, scene
        self._remembers = getattr(scene, "remembers", False)
        self.able = not inspect.isgeneratorfunction(live.function) and self._remembers is not True
        self.sent, self.task = {}, None
        self._count, self._epoch, self._look = -1, 0, None
        self._sure = False  # that the function answers the same when it is asked twice
        self._before = self._here = [[], []]  # where the controls stood before, and stand: places and aim

    def answer(self, state, judged=True) -> list:
        """Return the number of this answer, since when it holds, for which move, and whether the browser may keep it.

        What it refutes is forgotten; work on the way is not ``judged``.
        """
        here, look = [state["places"], state["aim"]], [state[name] for name in ("still", "styles", "controls")]
        if here != self._here:
            self._before, self._here = self._here, here
        key, mark = _key(*here), None if state["failed"] or state["printed"] else _mark(state["moves"], state["words"])
        refuted = judged and self.sent.get(key, mark) != mark
        if refuted or self._remembers or look != self._look:
            self.forget()
        self.able &= not any("png" in (move or ()) for move in state["moves"])
        self._count, self._look = self._count + 1, look
        asked, picture = self._live.asked, self._live.picture
        keep = judged and mark is not None and not self._remembers and picture is not None and asked == picture.asked
        if keep:
            self._note({key: mark})
        return [self._count, self._epoch, asked, keep]

    def has(self, picture) -> bool:
        """Whether the browser has what is to be seen where it says that the controls stand."""
        return _key(picture.places, picture.aim) in self.sent

    def forget(self):
        """What was sent holds no more, or a page was opened that has nothing of it: begin anew."""
        self.sent.clear()
        self._epoch, self._sure = self._epoch + 1, False

    def begin(self, moved, answer=None):
        """Look ahead after a hand has moved the control of that name: one place only, while an ``answer`` is due."""
        if (loop := running_loop()) and (answer or self._is_worth_it()):  # without a loop there is no browser either
            self.task = loop.create_task(self._look_ahead(moved, answer))

    def stop(self):
        """A newer move has come, or the end."""
        if self.task:
            self.task.cancel()
        self.task = None

    def _is_worth_it(self):
        return self.able and self._live.took < LONGEST

    async def _look_ahead(self, moved, answer):
        if answer:
            await asyncio.sleep(FRAME)
            if self._sure and not self._remembers:  # else what comes next depends on the answer
                await self._send(moved, 1, 0)
            return running_loop().call_soon(answer)
        left = await self._send(moved, NEXT if self._remembers else NEAR, BUDGET)
        await asyncio.sleep(REST)
        if not self._remembers and self._is_worth_it() and await self._is_as_shown():
            for name in self._live.controls:
                left = await self._send(name, OTHERS, left)

    async def _send(self, name, most, left):
        """Work out and send what that control's next places show, within so many seconds; returns what is left."""
        places = deque(enumerate(islice(self._next_places(name), most)))
        while places:
            await asyncio.sleep(0)  # the kernel hears of the next move
            found, began = {}, clock()
            while places and clock() - began < SLICE:
                rank, (key, values) = places.popleft()
                in_time = rank < NEXT or left >= self._live.took
                if key not in self.sent and in_time and self._is_worth_it():
                    found[key] = self._picture(values)
            left -= clock() - began
            if found:
                await self._hand_on({key: picture for key, picture in found.items() if picture})
        return left

    async def _hand_on(self, pictures):
        """Send pictures; before the first, or if there are no more to be, see that the function answers as it did."""
        as_ever = (self._sure and self.able) or await self._is_as_shown()
        if as_ever and pictures:
            self._note({key: _mark(*picture) for key, picture in pictures.items()})
            self._live.picture.send({"ahead": list(pictures.items()), "epoch": self._epoch})

    def _note(self, marks):
        self.sent = dict(list((self.sent | marks).items())[-MOST:])

    async def _is_as_shown(self):
        """Ask for where the controls stand; if it looks otherwise there now, forget what was sent."""
        await asyncio.sleep(0)
        here = self._picture(self._live.value)
        if here == (self._live.picture.moves, self._live.picture.words):
            self._sure = True
            return True
        self.able &= here == self._picture(self._live.value)  # else what it reads has changed, once
        self.forget()
        return False

    def _picture(self, values):
        """What the function shows for these values; None if that cannot be sent ahead. The scene is left as it was."""
        printed, name = io.StringIO(), self._remembers
        memory = {name: deepcopy(getattr(self._scene, name))} if name else {}
        artists = [(vars(artist), vars(artist).copy()) for artist in self._live.moving]
        try:
            with captured(printed):
                styles, moves, words = self._live.draw(values)
        except BaseException:  # or the answer that waits behind this would never come
            return None  # it is said when the control really stands there
        finally:
            vars(self._scene).update(memory)
            for now, before in artists:
                now.clear()
                now.update(before)
        self.able &= not printed.getvalue() and styles is not None
        return (moves, words) if self.able and styles == self._live.picture.styles else None

    def _next_places(self, name):
        """Yield where that control may stand next: the key of that place, and all values; where the hand goes first."""
        live, control, values = self._live, self._live.controls.get(name), self._live.value
        own = [other for other in live.controls.values() if not isinstance(other, Point)]
        here, aim = [other.place for other in own], live.picture.aim
        if isinstance(control, Point):
            way = [x - before for x, before in zip(aim, self._before[1] or aim, strict=True)]
            for aimed in _keys_from(aim, way, live.picture.still["targets"][0], live.picture.key_step):
                yield _key(here, aimed), values | {name: live.aiming.read(aimed)}
        elif control:
            i, at = own.index(control), control.place
            way = at - (self._before[0] or here)[i]
            near = range(max(at - NEAR, 0), min(at + NEAR + 1, len(control.options)))
            for place in sorted(near, key=lambda to: abs(to - at) * (ASIDE if (to - at) * way < 0 else 1))[1:]:
                yield _key([*here[:i], place, *here[i + 1 :]], aim), values | {name: control.options[place]}


def _key(places, aim):
    """Where all controls stand, as live.js writes it."""
    return json.dumps([places, [floor(FINE * x + 0.5) for x in aim]], separators=(",", ":"))


def _mark(moves, words):
    return hash((repr(moves), words))


def _keys_from(aim, way, target, step):
    """Yield the places that arrow keys lead to, computed as live.js does: those first where the hand goes."""
    left, top, right, bottom = target
    places = []
    for across, down in ((-step, 0), (step, 0), (0, -step), (0, step)):
        x, y = aim
        aside = ASIDE if any(way) and across * way[0] + down * way[1] <= 0 else 1
        for press in range(1, PRESSES + 1):
            x, y = min(max(x + across, left), right), min(max(y + down, top), bottom)
            places.append((press * aside, [x, y]))
    yield from (place for _, place in sorted(places, key=lambda place: place[0]))
