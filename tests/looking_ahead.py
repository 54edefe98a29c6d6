"""What a live figure sends ahead of the hand, and whether it is what it shows when a control really gets there."""

import asyncio
import json
from unittest.mock import patch

from gd_helpers.live import ahead, svg

# The clock stands still, so that nothing depends on how busy the computer is.
AT_LEISURE = {"clock": lambda: 0.0, "work": lambda: 0.0, "REST": 0, "FRAME": 0}


async def after_a_move(figure, trait, value):
    """Move a control as the browser does; returns what is sent ahead then: pictures by place."""
    sent = {}
    with patch.object(figure.picture, "send", lambda content, buffers=None: sent.update(content["ahead"])):
        setattr(figure.picture, trait, value)
        if figure.ahead.task:
            await asyncio.wait([figure.ahead.task])
    return sent


def neighbours(figure):
    """Yield a move of one place for each control: the trait that the browser sets, and to what."""
    for i, (control, place) in enumerate(zip(figure.picture.controls, figure.picture.places, strict=True)):
        to = place + 1 if place + 1 < len(control["words"]) else place - 1
        yield "places", [*figure.picture.places[:i], to, *figure.picture.places[i + 1 :]]
    if figure.picture.aim:
        left, top, right, bottom = figure.picture.still["targets"][0]
        # As exact as a key is: finer digits would be lost on the way, and the words would tell.
        yield "aim", [round(0.4 * left + 0.6 * right, 4), round(0.5 * top + 0.5 * bottom, 4)]


def shown(figure):
    """What stands in the browser, and whether the scene in the kernel stands there too."""
    _, moves = svg.encode(*svg.moving(figure.scene.figure))
    return [figure.picture.moves, figure.picture.words], moves == figure.picture.moves


async def compare(figure, most=8):
    """Ask for what is sent ahead, some pictures for each control; returns their number and those that differ."""
    count, wrong = 0, []
    for trait, value in list(neighbours(figure)):
        with patch.multiple(ahead, **AT_LEISURE, NEAR=most, OTHERS=2):
            sent = await after_a_move(figure, trait, value)
        places, aim = figure.picture.places, figure.picture.aim
        wrong += [] if shown(figure)[1] else [f"{trait} {value}: the scene is elsewhere"]
        for key in list(sent)[: 1 if getattr(figure.scene, "remembers", False) else None]:
            with patch.object(ahead, "LONGEST", 0):  # nothing more is sent ahead
                figure.ahead.sent.clear()  # the browser has nothing to draw first: the kernel answers at once
                figure.picture.places, aim_there = json.loads(key)
                figure.picture.aim = [x / ahead.FINE for x in aim_there]
                count += 1
                wrong += [] if shown(figure)[0] == list(sent[key]) else [key]
                figure.ahead.sent.clear()
                figure.picture.places, figure.picture.aim = places, aim
    return count, wrong
