"""Every scheme with one set of behaviour: the curve that tells its story, and what was observed.

python experiments/seven_schemes.py [RUNS [FIGURE]]
"""

import sys

import uptake as up
from matplotlib import pyplot

runs = int(sys.argv[1]) if len(sys.argv) > 1 else None
figure = sys.argv[2] if len(sys.argv) > 2 else "seven_schemes.png"

schemes = [up.scenario(name) for name in up.scenarios().column("name")]
schemes.sort(key=lambda scheme: scheme.start)
drawn, grid = pyplot.subplots(3, 3, figsize=(12, 9), layout="constrained")
for axes in grid.flat[len(schemes) :]:
    axes.set_axis_off()
for scheme, axes in zip(schemes, grid.flat, strict=False):
    scheme.run(runs).plot.adoption(ax=axes)
    axes.legend().remove()
drawn.savefig(figure, dpi=150)
