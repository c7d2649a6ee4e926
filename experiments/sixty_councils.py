"""An office whose yearly cost 25 of 60 councils cover: how many join, and like which histories?

python experiments/sixty_councils.py [RUNS [FIGURE]]
"""

import sys

import uptake as up

runs = int(sys.argv[1]) if len(sys.argv) > 1 else None
figure = sys.argv[2] if len(sys.argv) > 2 else "sixty_councils.png"

office = {"title": "a joint office", "public_share": 1.0, "quality": 0.9, "running_cost_share": 0.0}
work = {"value": 0.08, "low": 0.04, "high": 0.15, "note": "work that members no longer do"}
fees = {"upfront_fee_gbp": 12_000, "yearly_fee_gbp": 20_000, "discount_share": 1.0}  # and no more
scheme = up.Scenario(
    "sixty_councils",
    title="A joint office of sixty councils",
    start="2027-04",
    months=36,
    approached=60,
    sector="councils_2019",
    scope_share=0.05,
    providers={"office": office | {"fixed_cost_gbp": 500_000}},  # 25 x 20,000 GBP
    levers=fees | {"share_replaced": work},
)
result = scheme.run(runs)
chance = 100 * result["joined>=25"].mean()
print(result.text, f"At least 25 join in {chance:.0f} % of runs.", sep="\n")
result.plot.adoption().figure.savefig(figure, dpi=150)
