"""The picture of lesson 4's fair comparison: every rule over one grid of base rates, with its spread over seeds."""

import numpy as np
from matplotlib.ticker import NullFormatter

from gd_helpers.figures import BLACK, new_figure
from gd_helpers.rule_figures import LOOKS


class FairScene:
    """Final loss against base rate, one panel a rule: median over seeds as a line, their range as a band.

    Args:
        rates: the base rates, of shape (n,), ascending.
        results: for each rule's name its final losses, of shape (seeds, n); infinite where a run diverged.
        usable: for each rule's name which of the rates count as usable, of shape (n,).
        losses: the range of the loss axes.
    """

    def __init__(self, rates, results, usable, losses):
        names = list(results)
        rows = [names[i : i + 3] for i in range(0, len(names), 3)]
        self.figure, axes = new_figure(rows, height=1.0 + 1.9 * len(rows), sharex=True, sharey=True)
        self.rates, self._losses, self._marks = rates, losses, {}
        self.medians = {name: np.median(results[name], axis=0) for name in names}
        off_scale = 10 * losses[1]  # where to draw what is infinite
        medians = {name: np.minimum(median, off_scale) for name, median in self.medians.items()}
        for name, look in zip(names, LOOKS, strict=False):
            panel = axes[name]
            for median in medians.values():
                panel.plot(rates, median, "-", color="#cccccc", linewidth=0.8)
            finite = np.minimum(results[name], off_scale)
            color, style, marker = look
            panel.fill_between(rates, finite.min(axis=0), finite.max(axis=0), color=color, alpha=0.25, linewidth=0)
            panel.plot(rates, medians[name], style, color=color, marker=marker, markersize=5)
            fits = rates[usable[name]]
            panel.plot(fits[[0, -1]], [losses[0] * 1.12] * 2, "-", color=BLACK, linewidth=5, solid_capstyle="butt")
            panel.set(xscale="log", yscale="log", xlim=(rates[0], rates[-1]), ylim=losses, title=name)
            panel.yaxis.set_minor_formatter(NullFormatter())
            panel.grid(color="#dddddd", linewidth=0.6)
            (line,) = panel.plot([], [], "-", color=BLACK, linewidth=1, animated=True)
            (mark,) = panel.plot([], [], "o", color=BLACK, markeredgecolor="white", markersize=8, animated=True)
            self._marks[name] = line, mark
        for name in rows[-1]:
            axes[name].set_xlabel("base learning rate")
        for row in rows:
            axes[row[0]].set_ylabel("final loss")

    def show(self, rate):
        """Mark a base rate in every panel; returns each rule's median loss at the grid's nearest rate."""
        nearest = np.abs(np.log(self.rates / rate)).argmin()
        at = {name: float(median[nearest]) for name, median in self.medians.items()}
        for name, (line, mark) in self._marks.items():
            line.set_data([self.rates[nearest]] * 2, self._losses)
            mark.set_data([self.rates[nearest]], [min(at[name], self._losses[1])])
        return at
