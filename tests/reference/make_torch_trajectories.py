"""Make ``torch_trajectories.npz``: what PyTorch's optimisers do, for ``tests/test_rules.py`` to compare with.

Run it by hand, in an environment of its own (the tests read the stored file and never need PyTorch)::

    pip install torch==2.13.0 numpy
    python tests/reference/make_torch_trajectories.py

Every optimiser takes 200 steps on every problem, in float64 on one CPU thread, with gradients by autograd.
The file holds, for each pair, ``<problem>/<optimiser>`` (the parameters before the first step and after every
fifth, of shape ``(41, d)``) and ``<problem>/<optimiser>/learning_rate``; further ``torch_version``. The
optimisers' other settings are in ``OPTIMISERS``, and again, in this package's terms, in the test.
"""

from pathlib import Path

import numpy as np
import torch

STEPS, EVERY = 200, 5

# name: (class, settings, which of a problem's rates)
OPTIMISERS = {
    "sgd": (torch.optim.SGD, {}, 0),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}, 0),
    "nesterov": (torch.optim.SGD, {"momentum": 0.9, "nesterov": True}, 0),
    "rmsprop": (torch.optim.RMSprop, {"alpha": 0.98}, 2),
    "adagrad": (torch.optim.Adagrad, {}, 1),
    "adam": (torch.optim.Adam, {}, 1),
    "adamw": (torch.optim.AdamW, {"weight_decay": 0.1}, 1),
    "adamw_without_decay": (torch.optim.AdamW, {"weight_decay": 0.0}, 1),
    "adam_l2": (torch.optim.Adam, {"weight_decay": 0.1}, 1),
}
# problem: (its loss, the start, the rates: of the SGDs, of the rules that adapt, of RMSprop). RMSprop's is small enough
# that no coordinate comes down to rounding error: dividing by almost nothing would blow the error up there, and two
# correct programs would part company.
PROBLEMS = {
    "quadratic": (
        lambda w: (w[0] ** 2 + 5 * w[1] ** 2 + 25 * w[2] ** 2) / 2 + w[0] * w[1], [1.0, -2.0, 0.5], (0.02, 0.05, 0.005)
    ),
    "rosenbrock": (
        lambda w: (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2, [-1.2, 1.0], (0.0005, 0.02, 0.005)
    ),
}  # fmt: skip


def trajectory(loss, start, optimiser, settings, learning_rate):
    """Return the parameters before the first step and after every fifth, of shape ``(41, d)``."""
    w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimiser = optimiser([w], lr=learning_rate, **settings)
    path = [w.detach().numpy().copy()]
    for step in range(1, STEPS + 1):
        optimiser.zero_grad()
        loss(w).backward()
        optimiser.step()
        if step % EVERY == 0:
            path.append(w.detach().numpy().copy())
    return np.stack(path)


if __name__ == "__main__":
    torch.set_num_threads(1)
    stored = {"torch_version": np.array(torch.__version__)}
    for problem, (loss, start, rates) in PROBLEMS.items():
        for name, (optimiser, settings, column) in OPTIMISERS.items():
            path = trajectory(loss, start, optimiser, settings, rates[column])
            stored[f"{problem}/{name}"] = path
            stored[f"{problem}/{name}/learning_rate"] = np.array(rates[column])
            print(f"{problem:10} {name:20} loss {loss(torch.from_numpy(path[-1])).item():.6g}")
    np.savez_compressed(Path(__file__).with_name("torch_trajectories.npz"), **stored)
