"""Does the kernel lose requests? ``python tests/benchmarks/lost_requests.py``, in the environment to be tried.

Run All of a lesson, without the browser and far denser: short cells, each sent when the one before is answered, and
messages for a widget at any moment between. Kernels are counted that stop answering although nobody sends them
anything more; what such a kernel did is said in CONTRIBUTING.md, under "Binder". ``--subshell`` sends the widget's
messages to a subshell, as JupyterLab does by default.
"""

import argparse
import random
import time
from importlib.metadata import version

from jupyter_client.manager import start_new_kernel

CELLS = 300
HURRY = 1  # s without an answer, after which no more messages are sent
PATIENCE = 15  # s without an answer, after which the kernel counts as dead; it has less than HURRY's messages to do
WIDGET = """
from comm import get_comm_manager
get_comm_manager().register_target("widget", lambda comm, _: comm.on_msg(lambda _: sum(range(20000))))
"""


def main():
    """Try some kernels, one after another, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kernels", type=int, default=6)
    parser.add_argument("--subshell", action="store_true")
    options = parser.parse_args()
    print(f"ipykernel {version('ipykernel')}, pyzmq {version('pyzmq')}")
    died = [cells_until_dead(options.subshell, random.Random(seed)) for seed in range(options.kernels)]
    print("dead after cell:", *(cell or "-" for cell in died))
    print(f"dead: {sum(cell is not None for cell in died)} of {len(died)} kernels, each with {CELLS} cells")


def cells_until_dead(subshell, rng):
    """Start a kernel and run cells; returns the number of the cell that was never answered, or None."""
    manager, client = start_new_kernel()
    try:
        client.execute_interactive(WIDGET, timeout=PATIENCE)
        header = {"subshell_id": new_subshell(client)} if subshell else {}
        send(client, header, "comm_open", {"comm_id": "1", "target_name": "widget", "data": {}})
        return next((cell for cell in range(1, CELLS + 1) if not answered(client, header, rng)), None)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def new_subshell(client):
    """Ask the kernel for a subshell; returns its id."""
    client.control_channel.send(client.session.msg("create_subshell_request"))
    return client.get_control_msg(timeout=PATIENCE)["content"]["subshell_id"]


def send(client, header, kind, content):
    """Send a message on the shell channel, with a few entries of its header given."""
    message = client.session.msg(kind, content)
    message["header"] |= header
    client.shell_channel.send(message)


def answered(client, header, rng):
    """Run a cell while messages for the widget come in between; returns whether it was answered."""
    cell, start = client.execute("sum(range(20000))"), time.monotonic()
    while (waited := time.monotonic() - start) < PATIENCE:
        if client.shell_channel.socket.poll(rng.choice([0, 1, 2])):
            if client.get_shell_msg(timeout=1)["parent_header"].get("msg_id") == cell:
                return True
        elif waited < HURRY:
            send(client, header, "comm_msg", {"comm_id": "1", "data": {}})
    return False


if __name__ == "__main__":
    main()
