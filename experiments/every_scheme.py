"""Every scheme tried again on its own behaviour: its curve, and what was observed of it.

python experiments/every_scheme.py [RUNS [FIGURE]]
"""

import sys

import uptake as up
from matplotlib import pyplot

runs = int(sys.argv[1]) if len(sys.argv) > 1 else None
figure = sys.argv[2] if len(sys.argv) > 2 else "every_scheme.png"

schemes = [up.scenario(name) for name in up.scenarios().column("name")]
# One of which nothing was learnt is asked as a scheme that nobody has tried.
schemes = [one.using(draws="again") if one.case.draws != "new" else one for one in schemes]
schemes.sort(key=lambda scheme: scheme.start)
drawn, grid = pyplot.subplots(-(-len(schemes) // 4), 4, figsize=(16, 20), layout="tight")
for axes in grid.flat[len(schemes) :]:
    axes.set_axis_off()
for scheme, axes in zip(schemes, grid.flat, strict=False):
    scheme.run(runs).plot.adoption(ax=axes)
    axes.legend().remove()
drawn.savefig(figure, dpi=100)
