"""Would a smaller fee, or more pressure, have filled the scheme of 2009? A line a pressure.

python experiments/fee_by_pressure.py [RUNS [FIGURE]]
"""

import sys

import uptake as up
from matplotlib import pyplot

runs = int(sys.argv[1]) if len(sys.argv) > 1 else None
figure = sys.argv[2] if len(sys.argv) > 2 else "fee_by_pressure.png"

asked = up.experiment("fee_by_pressure")
points = asked.sweep(runs=runs).summary("joined").df()
_, axes = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
for pressure, line in points.groupby("levers.pressure"):
    fees = line["levers.upfront_fee_gbp"]
    axes.plot(fees, line["joined_mean"], marker="o", label=f"pressure {pressure:g}")
    axes.fill_between(fees, line["joined_q05"], line["joined_q95"], alpha=0.12)
axes.axhline(17, color="#D55E00", linestyle="--", label="observed, at 35,000 GBP and no pressure")
axes.set_xlabel("fee on signing, GBP")
axes.set_ylabel("trusts that have joined, of 200 (mean, 90 % of runs)")
axes.set_title(
    f"{asked.title}:\nwould a smaller fee, or more pressure, have filled it?", loc="left"
)
axes.legend(frameon=False)
axes.figure.savefig(figure, dpi=150)
