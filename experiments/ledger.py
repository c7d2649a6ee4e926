"""What each mechanism does, in pairs of runs: which way, and whether that is as reported.

python experiments/ledger.py [RUNS [FIGURE]]
"""

import sys

import uptake as up
from matplotlib import pyplot

runs = int(sys.argv[1]) if len(sys.argv) > 1 else 200
figure = sys.argv[2] if len(sys.argv) > 2 else "ledger.png"

table = up.ledger(runs).to_pandas().groupby("number", as_index=False).first()
scale = table[["effect", "q05", "q95"]].abs().max(axis=1).clip(lower=1e-12)
_, axes = pyplot.subplots(figsize=(11, 11), layout="constrained")
axes.hlines(table.index, table["q05"] / scale, table["q95"] / scale, color="#0072B2", alpha=0.4)
for is_so, rows in table.groupby("as_reported"):
    said = "as reported" if is_so else "too small to tell, or the reverse"
    colour = "#0072B2" if is_so else "#D55E00"
    axes.plot(rows["effect"] / scale[rows.index], rows.index, "o", color=colour, label=said)
axes.set_yticks(table.index, table["mechanism"] + ": " + table["outcome"], fontsize=7)
axes.invert_yaxis()
axes.set_xlabel("mean effect, and 90 % of pairs of runs, scaled to its own interval")
axes.set_title(f"What each mechanism does, over {runs} pairs of runs", loc="left")
axes.figure.legend(loc="outside lower right", frameon=False, ncols=2)
axes.figure.savefig(figure, dpi=150)
