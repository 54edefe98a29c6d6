"""What a live figure sends ahead of the hand, and whether it is what it shows when a control really gets there."""

import asyncio
import json
from unittest.mock import patch


async def after_a_move(figure, trait, value):
    """Move a control as the browser does; returns what is sent ahead then: pictures by place."""
    sent = {}
    with patch.object(figure.picture, "send", lambda content, buffers=None: sent.update(content["ahead"])):
        setattr(figure.picture, trait, value)
        while figure.task or figure.ahead.task:
            await asyncio.wait([figure.task or figure.ahead.task])
            figure.task = figure.ahead.task = None
    return sent


def neighbours(figure):
    """Yield a move of one place for each control: the trait that the browser sets, and to what."""
    for i, (control, place) in enumerate(zip(figure.picture.controls, figure.picture.places, strict=True)):
        to = place + 1 if place + 1 < len(control["words"]) else place - 1
        yield "places", [*figure.picture.places[:i], to, *figure.picture.places[i + 1 :]]
    if figure.picture.aim:
        left, top, right, bottom = figure.picture.targets[0]
        yield "aim", [0.4 * left + 0.6 * right, 0.5 * top + 0.5 * bottom]


def shown(figure):
    return [figure.picture.moves, figure.picture.words]


async def compare(figure, most=8):
    """Ask for what was sent ahead, some pictures for each control; returns their number and those that differ."""
    count, wrong = 0, []
    for trait, value in list(neighbours(figure)):
        sent = await after_a_move(figure, trait, value)
        places, aim = list(figure.picture.places), list(figure.picture.aim)
        for key in list(sent)[:: max(1, len(sent) // most)]:
            to_places, to_aim = json.loads(key)
            if to_places != places:
                await after_a_move(figure, "places", to_places)
            else:
                await after_a_move(figure, "aim", [x / 1e4 for x in to_aim])
            count += 1
            if shown(figure) != list(sent[key]):
                wrong.append(f"{figure.function.__name__} at {key}")
        await after_a_move(figure, "places", places)
        if aim:
            await after_a_move(figure, "aim", aim)
    return count, wrong
