"""Draw the ratios to werkzeug 3.1 as an SVG: ``python chart.py RESULTS.json CHART.svg``.

`page.py` runs it in an environment that has matplotlib.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

sys.path.insert(0, str(Path(__file__).parent.parent))
from speed.goals import ratios
from speed.operations import OPERATIONS

COLORS = ("#0072b2", "#d55e00", "#009e73")  # told apart by those who see no red or green, too
MARKERS = ("o", "s", "^")


def main(source: str, target: str) -> None:
    """Draw a dot for each operation and Python."""
    pythons = json.loads(Path(source).read_text())["pythons"]
    matplotlib.rcParams["svg.fonttype"] = "none"  # text stays text
    matplotlib.rcParams["svg.hashsalt"] = "minictx"  # the same figures give the same file
    figure, axes = plt.subplots(figsize=(8, 7), layout="constrained")
    rows = range(len(OPERATIONS), 0, -1)
    for number, (version, measured) in enumerate(pythons.items()):
        values = ratios(measured)
        axes.plot(
            [values[operation.key] for operation in OPERATIONS],
            rows,
            MARKERS[number],
            color=COLORS[number],
            label=f"Python {version}",
        )
    axes.set_yticks(rows, [operation.title for operation in OPERATIONS])
    axes.set_xscale("log", base=2)
    ticks = [0.25, 0.5, 1, 2]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.axvline(1, color="black", linewidth=1)
    axes.grid(axis="x", alpha=0.4)
    axes.set_xlabel("time of minictx / time of werkzeug 3.1 (left of 1: minictx is faster)")
    axes.legend()
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
