"""The model of docs/model.md in plain Mesa, coded from that page alone: a check and a baseline."""

from __future__ import annotations

import dataclasses
import math
import pathlib
import random
from typing import Any, ClassVar

import mesa
import yaml

OUTSIDE, CURIOUS = ("idle", "declined", "left"), ("interested", "considering")
NEVER = -1


@dataclasses.dataclass
class Setting:
    """What a run needs to know: scenario with its sector, levers, structure and priors."""

    scenario: dict[str, Any]
    levers: dict[str, Any]
    structure: dict[str, Any]
    priors: dict[str, Any]


def load(
    configs: pathlib.Path, scenario: str, structure: str = "default", parameters: str = "prior"
) -> Setting:
    """Read the YAML files below the folder `configs`."""
    facts, levers = _read(configs, "scenario", scenario), _read(configs, "", "levers")
    priors = _read(configs, "parameters", parameters)["priors"]
    return Setting(facts, levers, _read(configs, "structure", structure), priors)


def _read(configs: pathlib.Path, group: str, name: str) -> dict[str, Any]:
    tree: dict[str, Any] = _plain(yaml.safe_load((configs / group / f"{name}.yaml").read_text()))
    for entry in tree.pop("defaults", []):
        if entry != "_self_":  # such as {"/sector@sector": "nhs_england_2010"}
            [(target, file)] = entry.items()
            folder, key = target.strip("/").split("@")
            tree[key] = _read(configs, folder, file)
    return tree


def _plain(node: Any) -> Any:
    """The tree with every {value: x, unit: ...} become the number x (2.2e6 is text in PyYAML)."""
    if not isinstance(node, dict):
        return node
    return float(node["value"]) if "value" in node else {k: _plain(v) for k, v in node.items()}


def draw_parameters(setting: Setting, rng: random.Random) -> dict[str, float]:
    """Draw every parameter once from its prior, in the units of the parameter file."""
    return {name: _draw(prior, rng) for name, prior in setting.priors.items()}


def _draw(prior: float | dict[str, Any], rng: random.Random) -> float:
    match prior:
        case {"distribution": "lognormal", "median": median, "sigma": sigma}:
            return rng.lognormvariate(math.log(median), sigma)
        case {"distribution": "normal", "mean": mean, "sd": sd}:
            return rng.gauss(mean, sd)
        case {"distribution": "half_normal", "sd": sd}:
            return abs(rng.gauss(0.0, sd))
        case {"distribution": "positive_normal", "mean": mean, "sd": sd}:
            return draw if (draw := rng.gauss(mean, sd)) > 0.0 else _draw(prior, rng)
        case {"distribution": "beta", "a": a, "b": b}:
            return rng.betavariate(a, b)
        case float():  # held fixed by the file
            return prior
    raise ValueError(f"unknown distribution: {prior}")


class PeerNetwork(mesa.Agent):  # type: ignore[misc]
    """Trusts that see one another: their share of members, their evidence, their clocks."""

    size = members = live = 0
    weight = total = 0.0  # of the evidence so far: number of signals and their sum

    def step(self) -> None:
        """Take stock of members and evidence, and set this month's clocks."""
        model, p, levers = self.model, self.model.parameters, self.model.levers
        tau, share = p["signal_sd_share"], self.members / max(self.size, 1)
        signals = self.live if model.structure["evidence_shared"] else 0
        self.weight += signals + levers["news_weight"]
        self.total += levers["news_weight"] * levers["news_saving_share"]
        self.total += model.dice.gauss(signals * p["realised_saving_share"], signals**0.5 * tau)
        prior = (tau / p["belief_sd_share"]) ** 2  # worth as many signals
        m = (prior * p["believed_saving_share"] + self.total) / (prior + self.weight)
        self.cashed = m * p["cashable_share"]  # m k
        self.climate = model.climate + p["peers_weight"] * share
        attention = model.attention * (1.0 + p["peers_attention_weight"] * share)
        kappa = p["business_case_per_month"]
        self.rates = {  # hazard a month at full slack, by stage
            **dict.fromkeys(OUTSIDE, attention + model.mandate_hazard), "interested": math.inf,
            "considering": kappa + model.mandate_hazard, "live": kappa,
            "joined": model.migration + kappa, "migrating": model.migration + kappa}


class Region(mesa.Agent):  # type: ignore[misc]
    """A region: what its live trusts save in a month, and what it has banked, in GBP."""

    saving_per_month = banked = 0

    def step(self) -> None:
        """Bank a month of savings."""
        self.banked += self.saving_per_month


class Trust(mesa.Agent):  # type: ignore[misc]
    """An organisation that may join; money in GBP a year, gap and slack in 0..1."""

    stage, signed_month = "idle", NEVER

    def __init__(self, model: PlainModel, kind: str, region: Region, network: PeerNetwork) -> None:
        """Draw what the sector leaves open."""
        super().__init__(model)
        sector, p, dice = model.sector, model.parameters, model.dice
        self.chance, self.region, self.network = dice.random, region, network
        p10, p50, p90 = (sector["kinds"][kind][f"income_p{n}"] for n in (10, 50, 90))
        z = dice.gauss(0.0, 1.0)
        income = p50 * math.exp(z * math.log(p50 / p10 if z < 0.0 else p90 / p50) / 1.2816)
        size = "large" if income >= sector["large_from_gbp"] else "small"
        scope = sector[f"cost_share_{size}"] * model.facts["scope_share"]
        self.spend = income * scope * math.exp(dice.gauss(0.0, sector["cost_sigma"]))  # b
        self.budget = income * sector["budget_share"]  # L
        self.gap, self.slack = dice.random(), 1.0 - dice.random()  # slack is never quite 0
        self.misfit_weight = 0.0 if kind in model.facts["designed_for"] else p["misfit_weight"]
        self.reported = dice.random() < p["reporting_probability"]
        saving = p["realised_saving_share"] * p["cashable_share"]
        self.saving_per_month = round(self.spend * saving / 12.0)  # once live
        network.size += 1

    def step(self) -> None:
        """Let the clock of the present stage run for a month, and act if it strikes."""
        if self.chance() >= math.exp(-self.slack * self.network.rates[self.stage]):
            self.ACTIONS[self.stage](self)

    def look_closer(self) -> None:
        """Take an interest, or having done so begin a business case."""
        self.stage = "considering" if self.stage == "interested" else "interested"

    def decide(self) -> None:
        """Join or decline."""
        model, p, levers = self.model, self.model.parameters, self.model.levers
        price = levers["upfront_fee_gbp"] - levers["grant_gbp"]
        burden = max(price, 0.0) / (self.budget * (1.0 - levers["budget_squeeze"]))
        logit = self._liking(self.gap * levers["gap_analysis"]) - p["sovereignty"]
        logit -= p["value_weight"] * price / self.spend + p["liquidity_weight"] * burden
        self.stage = "joined" if self._agrees(logit, levers["mandate"]) else "declined"
        if self.stage == "joined":
            self.network.members += 1
            model.new_signatures += 1
            model.ever_signed += self.signed_month == NEVER  # who comes back is counted once
            self.signed_month = model.month

    def move_on(self) -> None:
        """Spend the time on a step of migration, or on second thoughts."""
        mu, p = self.model.migration, self.model.parameters
        if self.chance() * (mu + p["business_case_per_month"]) >= mu:
            self.reappraise()
        elif self.stage == "joined":
            extras = self.model.levers["conditional_share"] * self.model.levers["discount_share"]
            if self._agrees(p["value_weight"] * self._value(self.gap, extras), mandate=0.0):
                self.stage = "migrating"
        elif self.chance() < 1.0 - self.gap:
            self.stage = "live"
            self.network.live += 1
            self.region.saving_per_month += self.saving_per_month

    def reappraise(self) -> None:
        """Stay, or leave where term or contract allow it."""
        model, levers, live = self.model, self.model.levers, self.stage == "live"
        bound = model.month - self.signed_month < 12.0 * levers["term_years"]
        held = bound and self.chance() >= levers["exit_freedom"]
        gap, lock_in = (0.0, model.parameters["sovereignty"]) if live else (self.gap, 0.0)
        if held or self._agrees(self._liking(gap) + lock_in, levers["mandate"]):
            return
        self.stage = "left"
        self.network.members -= 1
        if live:
            self.network.live -= 1
            self.region.saving_per_month -= self.saving_per_month

    def _value(self, gap: float, extras: float) -> float:
        """Years of own spend gained in a term, with yearly extras as a share of that spend."""
        cost = self.model.parameters["migration_cost_years"] * gap
        return float(self.model.annuity * (self.network.cashed * (1.0 - gap) + extras) - cost)

    def _liking(self, gap: float) -> float:
        """What joining and staying have in common, in logits: beta value + climate - misfit."""
        levers, beta = self.model.levers, self.model.parameters["value_weight"]
        extras = levers["discount_share"] + levers["bundle_share"]
        worth = beta * self._value(gap, extras - levers["yearly_fee_gbp"] / self.spend)
        return float(worth + self.network.climate - self.misfit_weight * levers["misfit"])

    def _agrees(self, logit: float, mandate: float) -> bool:
        return self.chance() >= (0.5 - 0.5 * math.tanh(0.5 * logit)) * (1.0 - mandate)

    ACTIONS: ClassVar[dict[str, Any]] = {
        **dict.fromkeys((*OUTSIDE, "interested"), look_closer), "considering": decide,
        "joined": move_on, "migrating": move_on, "live": reappraise}


class PlainModel(mesa.Model):  # type: ignore[misc]
    """One run of the model, one step a month."""

    def __init__(
        self, setting: Setting, parameters: dict[str, float], seed: int,
        months: int | None = None, trusts: int | None = None, approached_spread: float = 0.0,
        pinned: dict[str, float] | None = None, structure: dict[str, Any] | None = None,
    ) -> None:
        """Make the population at month 0; levers that are `pinned` stay so throughout."""
        super().__init__(rng=seed)
        self.dice = random.Random(seed)  # faster than numpy for one number at a time
        self.facts, self.sector = setting.scenario, setting.scenario["sector"]
        self.parameters, self.pinned = parameters, pinned or {}
        self.structure = setting.structure | (structure or {})
        self.horizon = int(self.facts["months"]) if months is None else months
        neutral = {name: float(lever["neutral"]) for name, lever in setting.levers.items()}
        self.initial = neutral | self.facts.get("levers", {})
        self.levers, self.curve = dict(self.initial), [0]  # ever signed, by month
        self.month, self.ever_signed, self.new_signatures, self.scrapped_month = 0, 0, 0, NEVER
        self.signing_fees = self.revenue = self.grants = 0.0  # of provider and centre, GBP
        number = int(self.facts["approached"]) if trusts is None else trusts
        low, high = ((1.0 + sign * approached_spread) * number for sign in (-1, 1))
        regions = [Region(self) for _ in range(int(self.sector["regions"]))]
        nation = PeerNetwork(self) if self.structure["peers"] == "nation" else None
        places = [(region, nation or PeerNetwork(self)) for region in regions]
        for kind in self._kinds(self.dice.randint(round(low), round(high))):
            Trust(self, kind, *self.dice.choice(places))
        self._set_policy()

    def _kinds(self, number: int) -> list[str]:
        """The kind of every trust, by largest remainder."""
        bodies = {kind: entry["bodies"] for kind, entry in self.sector["kinds"].items()}
        quotas = {kind: number * n / sum(bodies.values()) for kind, n in bodies.items()}
        kinds = [kind for kind, quota in quotas.items() for _ in range(int(quota))]
        return kinds + sorted(quotas, key=lambda kind: -(quotas[kind] % 1.0))[: number - len(kinds)]

    def _set_policy(self) -> None:
        """Set this month's levers and what follows from them for everybody."""
        levers, p, rate = self.levers, self.parameters, self.sector["discount_rate"]
        levers.update({news: self.initial[news] for news in ("news_weight", "news_saving_share")})
        for row in self.facts["timeline"]:
            if row["month"] == self.month:
                levers.update(row.get("set", {}))
        levers.update(self.pinned)
        term, voluntary = levers["term_years"], 1.0 - levers["mandate"]
        self.annuity = (1.0 - (1.0 + rate) ** -term) / rate if rate else term
        self.mandate_hazard = -math.log(voluntary) if voluntary > 0.0 else math.inf
        self.migration = p["migration_per_month"] * levers["service_open"]
        felt = levers["pressure"] if self.structure["pressure_on_attention"] else 0.0
        urge = p["pressure_attention_weight"] * (felt + levers["budget_squeeze"])
        self.attention = p["attention_per_month"] * math.exp(urge)
        risk = 1.0 - math.exp(-levers["legal_risk_per_year"] * term)
        self.climate = p["pressure_weight"] * levers["pressure"] - p["caution"] * risk
        self.climate += p["endorsement_weight"] * levers["endorsement"]

    def _settle(self) -> None:
        """Let the provider book its fees, and the centre pay its grants and review the scheme."""
        levers, members = self.levers, sum(n.members for n in self.agents_by_type[PeerNetwork])
        fees = levers["upfront_fee_gbp"] * self.new_signatures
        self.signing_fees += fees
        self.revenue += fees + levers["yearly_fee_gbp"] / 12.0 * members
        self.grants += levers["grant_gbp"] * self.new_signatures
        enough = levers["scrap_below_share"] * levers["target_joined"]
        if levers["review_month"] == self.month and self.ever_signed < enough:
            self.scrapped_month = self.month
            self.revenue -= levers["refund_share"] * self.signing_fees

    def step(self) -> None:
        """Live through one month."""
        self.month, self.new_signatures = self.month + 1, 0
        if self.scrapped_month == NEVER:
            self._set_policy()
            for kind in (PeerNetwork, Region, Trust):
                self.agents_by_type[kind].do("step")
            self._settle()
        self.curve.append(self.ever_signed)

    def run(self) -> dict[str, float]:
        """Run to the horizon; return the outcomes by name, in trusts, GBP and months."""
        while self.month < self.horizon:
            self.step()
        networks, regions, trusts = (self.agents_by_type[t] for t in (PeerNetwork, Region, Trust))
        stages = [trust.stage for trust in trusts]
        seen = CURIOUS + ("declined",) * self.structure["declined_report_interest"]
        spent = self.facts["invested_gbp"] + self.facts["committed_gbp"]
        return {
            "joined": self.ever_signed, "considering": sum(stage in CURIOUS for stage in stages),
            "interested": sum(trust.reported and trust.stage in seen for trust in trusts),
            "declined": stages.count("declined"), "live": stages.count("live"),
            "left": self.ever_signed - sum(network.members for network in networks),
            "realised_saving_gbp": sum(region.banked for region in regions),
            "scrapped_month": self.scrapped_month, "grants_gbp": self.grants,
            "approached": len(stages), "provider_loss_gbp": spent - self.revenue}
