"""A service that breaks even with 25 of 60 councils: how many will join, and how do we know?

python experiments/sixty_councils.py [RUNS [FIGURE]]
"""

import sys

import uptake as up

runs = int(sys.argv[1]) if len(sys.argv) > 1 else None
figure = sys.argv[2] if len(sys.argv) > 2 else "sixty_councils.png"

office = {"title": "a joint office", "public_share": 1.0, "quality": 0.9, "fixed_cost_gbp": 500_000}
worth = {"value": 0.06, "low": 0.03, "high": 0.12, "note": "what members save by its services"}
scheme = up.Scenario(
    "sixty_councils",
    title="A joint office of sixty councils",
    start="2027-04",
    months=36,
    approached=60,
    sector="councils_2019",
    scope_share=0.05,
    providers={"office": office},
    levers={"upfront_fee_gbp": 12_000, "yearly_fee_gbp": 20_000, "bundle_share": worth},
)
result = scheme.run(runs)
print(result.text)
print(f"25 have joined in {100 * (result['joined'] >= 25).mean():.0f} % of runs.")
result.plot.adoption().figure.savefig(figure, dpi=150)
