"""What a class costs one machine: ``python tests/benchmarks/class_of_thirty.py --learners 30``.

Starts as many kernels at once, runs a whole lesson in each, and then moves a slider of one live figure in all of them,
with the messages that a browser sends: at the same moment, and then each once a second, as it comes. It prints how
long they take to start, to run all, and to answer a move, and how much memory each has.

Measured are the kernels, without browsers and without Jupyter Server, and with the time that Python needs here to send
and to read for all of them. Linux only: it reads the memory from /proc. (PSS is a process's own memory and its part of
what it shares; the sum over all is what the machine must have.)
"""

import argparse
import asyncio
import os
import random
import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import nbformat
import numpy as np
from jupyter_client.manager import AsyncKernelManager

ROOT = Path(__file__).parents[2]
VIEW = "application/vnd.jupyter.widget-view+json"


class Learner:
    """One learner's kernel, and what it has said."""

    def __init__(self):
        self.kernel = AsyncKernelManager(kernel_name="python3")
        self.models, self.errors, self.figure = {}, [], None

    async def start(self):
        """Start the kernel; returns the seconds until it has answered."""
        began = time.perf_counter()
        await self.kernel.start_kernel(cwd=str(ROOT / "notebooks"), stderr=subprocess.DEVNULL)  # its warnings
        self.client = self.kernel.client()
        self.client.start_channels()
        await self.client.wait_for_ready(timeout=600)
        return time.perf_counter() - began

    async def _next(self):
        """Take in the next of what the kernel says, as a browser does; returns its kind, content and request."""
        message = await self.client.get_iopub_msg(timeout=None)
        kind, content = message["msg_type"], message["content"]
        if kind == "comm_open":
            self.models[content["comm_id"]] = content["data"].get("state", {})
        elif kind == "display_data" and VIEW in content["data"]:
            self.shown = content["data"][VIEW]["model_id"]
        elif kind == "error":
            self.errors.append(f"{content['ename']}: {content['evalue']}")
        return kind, content, message["parent_header"].get("msg_id")

    async def run_all(self, sources, figure):
        """Run every cell in order; returns the seconds that it took."""
        began = time.perf_counter()
        for source in sources:
            sent, over = self.client.execute(source), False
            while not over:
                kind, content, request = await self._next()
                over = (kind, content.get("execution_state"), request) == ("status", "idle", sent)
            if f"def {figure}(" in source:
                self.figure = self.shown
        return time.perf_counter() - began

    async def move(self, place, rest):
        """Rest, then move the figure's first slider; returns the seconds until the new picture was sent."""
        await asyncio.sleep(rest)
        while await self.client.iopub_channel.msg_ready():
            await self._next()
        began, answered = time.perf_counter(), False
        places = [place, *self.models[self.figure]["places"][1:]]
        state = {"method": "update", "state": {"places": places}, "buffer_paths": []}
        self.client.shell_channel.send(self.client.session.msg("comm_msg", {"comm_id": self.figure, "data": state}))
        while not answered:
            kind, content, _ = await self._next()
            mine = kind == "comm_msg" and content["comm_id"] == self.figure
            answered = mine and "moves" in content["data"].get("state", ())
        return time.perf_counter() - began

    def memory(self):
        """Its proportional share of the machine's memory, in MB."""
        told = Path(f"/proc/{self.kernel.provisioner.process.pid}/smaps_rollup").read_text()
        return int(re.search(r"^Pss: +(\d+) kB", told, flags=re.M)[1]) / 1000

    async def stop(self):
        """End the kernel."""
        self.client.stop_channels()
        await self.kernel.shutdown_kernel(now=True)


async def moves(learners, rounds, apart):
    """All move in each round, which takes a second, at moments so far apart; returns the milliseconds of each move."""
    took = []
    for number in range(rounds):
        took += await asyncio.gather(*(learner.move(number % 20, random.uniform(0, apart)) for learner in learners))
        await asyncio.sleep(1 - apart)
    return 1000 * np.array(took)


async def measure(options):
    """Start, run, move, print."""
    book = nbformat.read(ROOT / "notebooks" / f"{options.lesson}.ipynb", as_version=4)
    sources = [cell.source for cell in book.cells if cell.cell_type == "code"]
    learners = [Learner() for _ in range(options.learners)]
    print(f"{date.today()}: {options.learners} kernels, {os.cpu_count()} cores, {options.lesson}, {options.figure}")
    print(f"load at the start: {os.getloadavg()[0]:.1f}")
    try:
        say("start, s", await asyncio.gather(*(learner.start() for learner in learners)))
        say("Run All, s", await asyncio.gather(*(learner.run_all(sources, options.figure) for learner in learners)))
        errors = [error for learner in learners for error in learner.errors]
        print(f"cells that raised: {len(errors)}", *errors[:1])
        await asyncio.sleep(2)
        say("memory, MB", [learner.memory() for learner in learners])
        await moves(learners, 2, apart=0)
        say("answer, ms, all at the same moment", await moves(learners, 20, apart=0))
        say("answer, ms, each once a second", await moves(learners, 20, apart=1))
        say("memory, MB", [learner.memory() for learner in learners])
    finally:
        await asyncio.gather(*(learner.stop() for learner in learners))


def say(what, numbers):
    """Print the median, the 95th percentile, the largest and the sum."""
    middle, most, largest = np.percentile(numbers, [50, 95, 100])
    total = f", in all {np.sum(numbers):,.0f}" if "MB" in what else ""
    print(f"{what}: median {middle:.3g}, 95 % below {most:.3g}, at most {largest:.3g}{total}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--lesson", default="01_intuition")
    parser.add_argument("--figure", default="explore", help="the function of the live figure whose slider is moved")
    os.environ["PYTHONPATH"] = str(ROOT)  # this package, whichever one is installed
    if not sys.platform.startswith("linux"):
        raise SystemExit("this benchmark reads /proc, which only Linux has")
    asyncio.run(measure(parser.parse_args()))
