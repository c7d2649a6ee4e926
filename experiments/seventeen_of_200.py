"""Why 17 and not 200? How many trusts join the scheme of 2009 as it was offered, run by run.

python experiments/seventeen_of_200.py [RUNS [FIGURE]]
"""

import sys

import uptake as up
from matplotlib import pyplot

runs = int(sys.argv[1]) if len(sys.argv) > 1 else None
figure = sys.argv[2] if len(sys.argv) > 2 else "seventeen_of_200.png"

result = up.experiment("seventeen_of_200").run(runs)
low, high = result["joined"].quantile([0.05, 0.95])
axes = result.plot.outcome("joined")
axes.set_title(
    f"{result.title}\n90 % of runs: {low:.0f} to {high:.0f}; the aim was 200", loc="left"
)
axes.set_xlabel("trusts that have joined, of 200 approached")
axes.figure.savefig(figure, dpi=150)
pyplot.close(axes.figure)
print(result)
