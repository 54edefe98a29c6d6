"""The pictures of lesson 3: how a network learns with batches, what these cost, and what their noise does."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, ListedColormap

from gd_helpers.figures import base
from gd_helpers.figures.base import BLUE, GREEN, GREY, HERE, INK, PURPLE, THEORY, moving_line, panel


class DigitsScene:
    """A network learning to read: what it reads of fifteen digits, how many of all it reads rightly, and its loss."""

    HARD = (192, 179, 277, 286, 111)  # test digits that are seldom read rightly; the others are the first of each kind

    def __init__(self, network, images):
        self.network, self.images = network, images
        self.guessing = np.log(network.classes)  # the loss when every class gets the probability 1 / classes
        names = (".", "test accuracy", "training loss")
        mosaic = [["what it reads: digits on which it never trains", name] for name in names]
        ratios = {"width_ratios": [5, 2], "height_ratios": [1, 5, 5]}
        self.figure, cards, right, loss = base.new_figure(mosaic, height=4.5, **ratios)
        panel(right, xlim=(-0.1, 5.1), ylim=(0, 1.02))
        panel(loss, log="y", xlim=(-0.1, 5.1), ylim=(0.01, 100), xlabel="epoch")
        loss.axhline(self.guessing, **THEORY)
        loss.text(5, 1.8 * self.guessing, "guessing", color=GREY, fontsize=9, ha="right")
        self._curves = [moving_line(axes, "o-", markersize=4) for axes in (right, loss)]
        look = {"fontsize": 15, "fontweight": "bold", "ha": "left", "va": "baseline", "transform": right.transAxes}
        self._count = base.moving_words(right, 0, 1.33, **look)
        self._shown = np.append(np.unique(images.test_y, return_index=True)[1], self.HARD)
        ink = np.full((3, 15, 5, 11), np.nan)  # 15 cards of 15 x 11 pixels: each an image, with room for words below it
        ink[:, 1:9, :, 1:9] = images.test_X[self._shown].reshape(3, 5, 8, 8).swapaxes(1, 2)
        self._frame = np.pad(np.ones((12, 10)), ((0, 3), (0, 1)), constant_values=np.nan)
        self._frame[1:9, 1:9] = np.nan
        at = {"extent": (0, 55, 45, 0), "interpolation": "nearest"}
        cards.imshow(ink.reshape(45, 55), cmap=LinearSegmentedColormap.from_list("ink", ["white", INK]), **at)
        self._wrong = cards.imshow([[1]], cmap=ListedColormap([HERE]), alpha=0.8, animated=True, **at)
        cards.text(0.2, 28.3, "hard to read:", fontsize=9, color=GREY, va="center")
        cards.set_axis_off()
        places = [(x, y) for y in (10.4, 25.4, 40.4) for x in range(5, 55, 11)]
        self._words = [base.moving_words(cards, *place, fontsize=10) for place in places]

    def show(self, run, steps_per_epoch):
        """Draw ``run`` (path of shape (n, d)); returns how the network reads now, in a sentence."""
        epochs = run.steps / steps_per_epoch
        answers, truth = self.network.predict(run.path, self.images.test_X), self.images.test_y
        right = answers == truth
        base.move(self._curves, ((epochs, right.mean(axis=-1)), (epochs, run.losses)))
        for words, k in zip(self._words, self._shown, strict=True):
            words.set_text(f"{truth[k]} \u2713" if right[-1, k] else f"{answers[-1, k]}, not {truth[k]} \u2717")
        self._wrong.set_data(np.kron(np.where(right[-1, self._shown], np.nan, 1).reshape(3, 5), self._frame))
        told = f"reads {right[-1].sum()} of {len(truth)}"
        self._count.set_text(told)
        worse = "" if run.loss < self.guessing else ", worse than guessing"
        return f"Epoch {epochs[-1]:.3g}, step {run.steps[-1]}: loss {run.loss:.2g}{worse}; {told} test digits."


class ClockScene:
    """How long an epoch took with each batch size, up to ``largest``: one point for each size that was tried.

    The times stand in the picture alone, because the texts of a lesson must be the same on every computer.
    """

    remembers = True  # the sizes that were tried

    def __init__(self, largest):
        self._seconds = {}
        self.figure, clock = base.new_figure([["milliseconds for one epoch, on this computer"]], height=3.4)
        ticks, ends = [1, 4, 16, 64, 256, largest], (0.7, 1.5 * largest)
        panel(clock, log="xy", xlabel="batch size", xlim=ends, xticks=ticks, ylim=(0.2, 1000))
        per, look = {"left": "gradient", "right": "update"}, {"va": "bottom", "color": GREY}
        self._names = [base.moving_words(clock, 1, 1, f"if each {per[ha]} cost the same", ha=ha, **look) for ha in per]
        prices, times = moving_line(clock, "--", GREY), moving_line(clock, "s-", markersize=5)
        self._lines = prices, times, base.moving_mark(clock)
        self._words = base.moving_words(clock, va="bottom", **base.casing(0))

    def show(self, batch_size, seconds):
        """Add the time of an epoch at this batch size, or replace the one before."""
        self._seconds[batch_size] = seconds
        sizes, times = np.transpose(sorted(self._seconds.items())) * [[1], [1000]]
        first, last = sizes[[0, -1]]
        prices = [first, last, np.nan, first, last], [times[0], times[0] * first / last, np.nan, times[-1], times[-1]]
        base.move(self._lines, (prices, (sizes, times), (batch_size, 1000 * seconds)))
        for words, place in zip(self._names, ((first, 1.1 * times[-1]), (2.4 * first * times[0], 0.23)), strict=True):
            words.set_position(place)
        self._words.set(position=(batch_size, 1600 * seconds), text=f"{1000 * seconds:.3g} ms")


class BudgetScene:
    """The same ``runs``, by batch size, up to each of three budgets: updates, epochs (of ``n`` samples), evaluations.

    The loss at a single step is chance: a curve is the mean within a tenth of the budget, of less near the start.
    """

    def __init__(self, runs, n):
        self.runs, self.n = runs, n
        self.marks = {"updates": 100, "epochs": 5, "gradient evaluations": 5 * n}  # where the curves are cut
        self.figure, axes = base.new_figure([["which batch size is ahead depends on what is counted"]], height=3.9)
        panel(axes, log="y", xlim=(0, 1.4), ylim=(0.06, 3), yticks=[0.1, 0.2, 0.5, 1, 2])
        axes.set(ylabel="loss, mean over a tenth of the budget", xticks=[0, 0.5, 1], xticklabels=[0, "half of it", ""])
        axes.axvline(1, color=HERE, linewidth=1.2)
        self._lines = [moving_line(axes, *look, linewidth=2.2) for look in ((":", PURPLE), ("-", BLUE), ("--", GREEN))]
        self._name_ends = base.moving_names(axes, runs, fontsize=10.5)
        self._cut = base.moving_words(axes, 1, -0.025, color=HERE, va="top", transform=axes.get_xaxis_transform())

    def curve(self, size, budget):
        """The smoothed loss of a run by the share of a budget that was used up: both of shape (n,)."""
        steps = self.runs[size].steps
        epochs = steps / -(-self.n // size)  # rounded up: the last batch of an epoch may be short
        spent = {"updates": steps, "epochs": epochs, "gradient evaluations": epochs * self.n}[budget]
        share = spent / self.marks[budget]
        places = np.append(share[share < 1][:: len(share) // 100 + 1], min(share[-1], 1))  # fewer: fewer bytes
        near = np.abs(share - places[:, None]) <= np.minimum(places[:, None], 0.1) + 1e-9
        return places, near @ self.runs[size].losses / near.sum(axis=1)

    def show(self, budget):
        """Draw the runs up to a ``budget``; returns what each reached there, nan if it did not come so far."""
        curves = {size: self.curve(size, budget) for size in self.runs}
        reached = {size: float(loss[-1]) if share[-1] == 1 else np.nan for size, (share, loss) in curves.items()}
        base.move(self._lines, curves.values())
        names = [f"batches of {size:,}: {loss:.2f}" for size, loss in reached.items()]
        self._name_ends([(share[-1], loss[-1]) for share, loss in curves.values()], names)
        self._cut.set_text(f"{self.marks[budget]:,} {budget}")
        return reached


class LinearScalingScene:
    """The loss after one epoch for each of the ``sizes``: one rate for all, and one that grows past ``limit``."""

    LOSSES = (1e-3, 1e5)

    def __init__(self, sizes, limit):
        self.sizes, self.limit = sizes, limit
        self.figure, axes = base.new_figure([["loss above the best, after one epoch"]], height=3.7)
        panel(axes, log="xy", xlabel="batch size", xlim=(sizes[0] / 1.3, sizes[-1] * 3), xticks=sizes, ylim=self.LOSSES)
        self._lines = moving_line(axes, "^--", GREEN), moving_line(axes, "s-", BLUE)
        self._name = base.moving_names(axes, ["one rate for all", "rate scaled up"], **base.casing(0))
        self._edge = moving_line(axes, "--", GREY)
        place = 1, 1.3 * self.LOSSES[0], "rate = 2 / largest curvature"
        self._edge_name = base.moving_words(axes, *place, color=GREY, ha="right", va="bottom")

    def show(self, same, scaled, rate_per_sample):
        """Draw the losses with the same rate and with the scaled one, one for each batch size."""
        base.move(self._lines, ((self.sizes, np.minimum(losses, 1e300)) for losses in (same, scaled)))
        self._name([(self.sizes[-1], same[-1]), (self.sizes[0] / 1.3, 4 * scaled[0])])  # the end may be out of sight
        edge = self.limit / rate_per_sample
        self._edge.set(data=([edge, edge], self.LOSSES), visible=edge < self.sizes[-1])
        self._edge_name.set(x=edge / 1.04, visible=edge < self.sizes[-1])


class WobbleScene:
    """A descent on the loss surface of a line, a ``losses.LinearRegression``, and how far above the best line it is."""

    def __init__(self, loss, steps):
        self.best, self.lowest = loss.least_squares(), float(loss.value(loss.least_squares()))
        mosaic = [["each step asks one batch of penguins", "loss above that of the best line"]]
        self.figure, self.target, above = base.new_figure(mosaic, height=4, width_ratios=[5, 4])
        base.map_line_fit(self.target, loss, (-2.2, 2.2), (-2.3, 1.5))
        self._straight = moving_line(self.target, color="white", linewidth=6, alpha=0.4)  # all of them walk this way
        self._move_path = base.path_on_map(self.target, dots=False)
        panel(above, log="y", xlim=(-6, steps + 6), ylim=(1e-6, 1e3), xlabel="step")
        self._move_above = base.moving_curve(above, markersize=9)

    def show(self, run):
        """Draw ``run`` (path of shape (n, 2)); returns what it did, in a sentence."""
        above = np.maximum(run.losses - self.lowest, 1e-12)  # rounding may put it below the lowest
        self._straight.set_data(*np.transpose([run.path[0], self.best]))
        self._move_path(run.path)
        self._move_above(run.steps, above)
        if run.diverged_at is not None:
            return f"Diverged: by step {run.diverged_at} it was far outside every picture."
        end = f"{above[-1]:.3g}" if above[-1] > 1e-9 else "less than 1e-9"
        return f"Above the best line: {above[0]:.3g} at first, {end} after {run.steps[-1]} steps."


class NoiseScene:
    """The gradients of batches as a cloud, and their error by batch size, from the gradients of samples, (n, 2)."""

    remembers = "_measured"  # a small mark for each batch size: a disc with replacement, a ring without
    SHOWN = 60  # batches in the cloud: enough to see its shape, few enough to be sent three times at each move

    def __init__(self, gradients):
        self.n = n = len(gradients)
        self.true = gradients.mean(axis=0)
        self.spread = self.error(gradients)
        mosaic = [[f"gradients of {self.SHOWN} batches, and of each penguin", "RMS error of the gradient"]]
        self.figure, cloud, noise = base.new_figure(mosaic, height=3.9, width_ratios=[5, 4])
        across, up = np.transpose([gradients.min(axis=0) - [1, 3], gradients.max(axis=0) + 1])
        panel(cloud, xlabel="by slope", xlim=across, ylabel="by intercept", ylim=up)
        cloud.plot(*gradients.T, "o", color=GREY, alpha=0.25, markersize=4, markeredgewidth=0)
        self._lines = [moving_line(cloud, "o", markersize=4, alpha=0.7, markeredgewidth=0)]
        self._low, low, high = up[0] + 1, self.spread / n**0.5 / 4, 2 * self.spread
        cloud.text(across[0] + 1, self._low, "RMS error", color=HERE, va="center")
        self._lines.append(moving_line(cloud, "|-", HERE, markersize=10, markeredgewidth=2, linewidth=2))
        base.moving_mark(cloud, "P", INK, zorder=3).set_data(*self.true[:, None])  # moves, or it would lie below
        ticks = {"xticks": [1, 4, 16, 64, 256], "yticks": [0.2, 0.5, 1, 2, 5, 10]}
        panel(noise, log="xy", xlabel="batch size", xlim=(0.8, 1.25 * n), ylim=(low, high), **ticks)
        self._measured, sizes = {True: {}, False: {}}, np.arange(1, n + 1)
        self._lines += [moving_line(noise, style, GREY) for style in ("--", ":")]
        self._expected = [(sizes, [self.expected(size, each) or np.nan for size in sizes]) for each in (True, False)]
        self._name_theory = base.moving_names(noise, ["", ""], ha="right")
        ring = {"markerfacecolor": "none", "markeredgewidth": 1.5, "markersize": 8}
        self._lines += [moving_line(noise, "o", BLUE, **look) for look in ({"markersize": 5}, ring)]
        self._lines.append(base.moving_mark(noise))

    def error(self, gradients):
        """The root mean square distance of ``gradients``, of shape (m, 2), from the true one."""
        return float(np.sqrt(((gradients - self.true) ** 2).sum(axis=-1).mean()))

    def expected(self, batch_size, with_replacement):
        """The root mean square error of a batch's gradient, from that of single samples (which divides by n).

        Source: Cochran (1977), "Sampling Techniques", for drawing without replacement; his spread divides by n - 1.
        """
        left = 1 if with_replacement else (self.n - batch_size) / (self.n - 1)
        return self.spread * (left / batch_size) ** 0.5

    def show(self, gradients, batch_size, with_replacement, theory):
        """Draw the ``gradients`` of many batches (shape (m, 2)), with theory or not; returns their error in words."""
        error, expected = self.error(gradients), self.expected(batch_size, with_replacement)
        cloud = np.transpose(sorted(gradients[: self.SHOWN].tolist()))  # from neighbour to neighbour: fewer bytes
        ruler = self.true[0] + [-error, 0, error], [self._low] * 3
        if batch_size < self.n or with_replacement:
            self._measured[with_replacement][batch_size] = error
            told = f"RMS error of the gradient: {error:.3f}{f' (theory: {expected:.3f})' if theory else ''}."
        else:
            told = "All of them are in each batch: no error at all, for which a logarithmic axis has no place."
        seen = [([*marks], [*marks.values()]) for marks in self._measured.values()]
        here = batch_size, self._measured[with_replacement].get(batch_size, np.nan)
        base.move(self._lines, (cloud, ruler, *(self._expected if theory else [([], [])] * 2), *seen, here))
        ends = [(self.n, 4 * self.expected(self.n, True)), (self.n / 1.3, self.expected(self.n // 1.1, False))]
        self._name_theory(ends, ["with replacement", "without"] if theory else ["", ""])
        return told


class FloorScene:
    """A parameter that jitters around its ``best`` value, within ``limits``, at a constant rate and a decaying one."""

    WINDOW = 200  # over how many steps the distance is averaged; ``steps`` are a multiple of it
    EVERY = 4  # so many-th guess is drawn: there are more steps than pixels

    def __init__(self, best, limits, steps):
        self.best, self.steps = best, steps
        mosaic = [[f"the guess (kg), every {self.EVERY} steps", "RMS distance from the best (kg)"]]
        self.figure, guess, distance = base.new_figure(mosaic, height=4)
        panel(guess, ylim=limits, xlim=(-10, 1.3 * steps), xlabel="step", xticks=range(0, steps + 1, self.WINDOW))
        panel(distance, log="y", ylim=(1e-3, 6), xlim=(-10, 1.45 * steps), xlabel="step")
        distance.set_xticks(range(0, steps + 1, self.WINDOW))
        guess.axhline(best, color=GREY, linewidth=1)
        guess.text(1.04 * steps, best, "the best", color=GREY, va="bottom")
        looks = ((BLUE, "-", "s", 0.8), (*base.RULE_LOOKS["with a schedule"], 1.8))
        self._lines = [moving_line(guess, style, color, linewidth=width) for color, style, _, width in looks]
        self._lines += [moving_line(distance, mark + style, color, linewidth=w) for color, style, mark, w in looks]
        self._lines += [moving_line(axes, "--", GREY) for axes in (guess, distance)]
        self._name_ends = base.moving_names(distance, ["constant rate", "decaying rate", "formula"])

    def show(self, run, deviation):
        """Draw a ``run`` at both rates (path (steps + 1, 2, 1)) and the RMS distance expected; returns how far off."""
        squares = (run.path[1:, :, 0] - self.best) ** 2
        rms = np.sqrt(squares.reshape(-1, self.WINDOW, 2).mean(axis=1))
        middles = np.arange(0, self.steps, self.WINDOW) + self.WINDOW / 2
        curves = [(run.steps[:: self.EVERY], guess) for guess in run.path[:: self.EVERY, :, 0].T]
        curves += [(middles, errors) for errors in rms.T]
        edges = self.best + 2 * deviation * np.array([1, 1, np.nan, -1, -1])
        curves += [([0, self.steps, np.nan, 0, self.steps], edges), ([0, self.steps], [deviation, deviation])]
        base.move(self._lines, curves)
        self._name_ends([*((middles[-1], end) for end in rms[-1]), (self.steps, deviation)])
        off = f"Over the last {self.WINDOW} steps off by {rms[-1, 0]:.3f} kg at the constant rate"
        return f"{off} (formula: {deviation:.3f} kg), by {rms[-1, 1]:.3f} kg at the other."


class RiddleScene:
    """Three loss curves, A, B and C, whose batch sizes are not told, over so many ``steps``."""

    def __init__(self, steps):
        self.figure, *panels = base.new_figure([["A", "B", "C"]], height=3.6, sharey=True)
        panels[0].set_ylabel("loss")
        limits = {"xlim": (-4, steps + 4), "ylim": (0.13, 100), "yticks": [0.2, 0.5, 1, 2, 5, 10, 20, 50]}
        self._lines = [moving_line(panel(axes, log="y", xlabel="step", **limits), linewidth=1.2) for axes in panels]

    def show(self, runs):
        """Draw the losses of ``runs``, one a panel."""
        base.move(self._lines, ((run.steps, run.losses) for run in runs))
