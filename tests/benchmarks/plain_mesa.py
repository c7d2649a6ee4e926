"""The model of docs/model.md in plain Mesa, coded from that page alone: a check and a baseline."""

from __future__ import annotations

import dataclasses
import math
import pathlib
import random
from typing import Any, Literal

import mesa
import yaml

Stage = Literal[
    "idle", "interested", "considering", "declined", "joined", "migrating", "live", "left"
]
PROSPECTS = ("interested", "considering")
MEMBERS = ("joined", "migrating", "live")
SIZES = ("small", "medium", "large")
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
    return Setting(
        scenario=_read(configs, "scenario", scenario),
        levers=_read(configs, "", "levers"),
        structure=_read(configs, "structure", structure),
        priors=_read(configs, "parameters", parameters)["priors"],
    )


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


def logistic(logit: float) -> float:
    """The probability that belongs to a logit, however large."""
    return 0.5 + 0.5 * math.tanh(0.5 * logit)


class PeerNetwork(mesa.Agent):
    """Trusts that see one another join and save: the nation or a region."""

    model: PlainModel

    def __init__(self, model: PlainModel) -> None:
        """Start without trusts, joining or evidence."""
        super().__init__(model)
        self.trusts: list[Trust] = []
        self.share = 0.0  # of the trusts that are members
        self.precision = self.weighted_sum = 0.0  # of the evidence so far
        self.believed_saving = model.parameters["believed_saving_share"]  # m, share of spend

    def step(self) -> None:
        """Take stock of who has joined and of what members save."""
        stages = [trust.stage for trust in self.trusts]
        if stages:
            self.share = sum(stage in MEMBERS for stage in stages) / len(stages)
        if self.model.structure["evidence_shared"]:
            self.watch_savings(stages.count("live"))
        self.hear_news()
        self.update_belief()

    def watch_savings(self, live: int) -> None:
        """Receive a noisy signal of the saving from every live member."""
        p = self.model.parameters
        precision = 1.0 / p["signal_sd_share"] ** 2
        for _ in range(live):
            signal = self.random.gauss(p["realised_saving_share"], p["signal_sd_share"])
            self.precision += precision
            self.weighted_sum += precision * signal

    def hear_news(self) -> None:
        """Take this month's news, if any, for a signal with a weight of its own."""
        levers, tau = self.model.levers, self.model.parameters["signal_sd_share"]
        precision = levers["news_weight"] / tau**2
        self.precision += precision
        self.weighted_sum += precision * levers["news_saving_share"]

    def update_belief(self) -> None:
        """Weigh the evidence against the prior (the Normal-Normal posterior mean)."""
        p = self.model.parameters
        prior = 1.0 / p["belief_sd_share"] ** 2
        total = prior * p["believed_saving_share"] + self.weighted_sum
        self.believed_saving = total / (prior + self.precision)


class Region(mesa.Agent):
    """A region, with what its trusts have saved so far in GBP."""

    model: PlainModel

    def __init__(self, model: PlainModel, network: PeerNetwork) -> None:
        """Start without trusts, in the network that its trusts are to see."""
        super().__init__(model)
        self.network = network
        self.trusts: list[Trust] = []
        self.banked = 0

    def step(self) -> None:
        """Bank a month of savings of the live trusts."""
        self.banked += sum(trust.saving for trust in self.trusts if trust.stage == "live")


class Trust(mesa.Agent):
    """An organisation that may join; money in GBP (spend: a year), gap and slack in 0..1."""

    model: PlainModel

    def __init__(self, model: PlainModel, kind: str, region: Region) -> None:
        """Draw what the sector leaves open."""
        super().__init__(model)
        self.kind, self.region, self.network = kind, region, region.network
        sector, p = model.sector, model.parameters
        self.income = self.draw_income()
        self.size = model.size(self.income)
        cost = sector["cost_share_large" if self.size == "large" else "cost_share_small"]
        spread = math.exp(sector["cost_sigma"] * self.random.gauss(0.0, 1.0))
        self.spend = self.income * cost * model.facts["scope_share"] * spread  # b
        self.budget = self.income * sector["budget_share"]  # L
        self.gap = self.random.random()  # g
        self.slack = 1.0 - self.random.random()  # s, never quite 0
        self.reported = self.random.random() < p["reporting_probability"]
        saving = self.spend * p["realised_saving_share"] * p["cashable_share"]
        self.saving = round(saving / 12.0)  # a month, once live
        self.stage: Stage = "idle"
        self.signed_month = NEVER
        self.region.trusts.append(self)
        self.network.trusts.append(self)

    def draw_income(self) -> float:
        """Draw an income that meets the three percentiles of the kind."""
        kind = self.model.sector["kinds"][self.kind]
        p10, p50, p90 = kind["income_p10"], kind["income_p50"], kind["income_p90"]
        z = self.random.gauss(0.0, 1.0)
        sigma = math.log(p50 / p10 if z < 0.0 else p90 / p50) / 1.2816
        return float(p50 * math.exp(sigma * z))

    @property
    def is_member(self) -> bool:
        """Whether the trust is in the scheme now."""
        return self.stage in MEMBERS

    @property
    def has_signed(self) -> bool:
        """Whether the trust has ever signed, a member now or not."""
        return self.signed_month != NEVER

    @property
    def seems_interested(self) -> bool:
        """Whether a newspaper would count the trust as interested."""
        lingers = self.stage == "declined" and self.model.structure["declined_report_interest"]
        return self.reported and (self.stage in PROSPECTS or lingers)

    def step(self) -> None:
        """Do what the present stage calls for."""
        match self.stage:
            case "idle" | "declined" | "left":
                self.look_around()
            case "interested" | "considering":
                self.work_on_business_case()
            case "joined" | "migrating":
                self.find_time()
            case "live":
                self.live_on()

    def strikes(self, rate: float) -> bool:
        """Whether a clock strikes this month that has this hazard rate at full slack."""
        return self.random.random() < 1.0 - math.exp(-self.slack * rate)

    def look_around(self) -> None:
        """Perhaps take an interest: outside the scheme."""
        p, levers = self.model.parameters, self.model.levers
        felt = levers["pressure"] if self.model.structure["pressure_on_attention"] else 0.0
        urge = p["pressure_attention_weight"] * (felt + levers["budget_squeeze"])
        imitation = 1.0 + p["peers_attention_weight"] * self.network.share
        attention = p["attention_per_month"] * math.exp(urge) * imitation
        if self.strikes(attention + self.model.mandate_hazard):
            self.stage = "interested"

    def work_on_business_case(self) -> None:
        """Open the business case if it is not open yet, and decide once it is finished."""
        self.stage = "considering"
        if self.strikes(
            self.model.parameters["business_case_per_month"] + self.model.mandate_hazard
        ):
            self.decide()

    def find_time(self) -> None:
        """Before it is live: perhaps find time for a step of migration or for second thoughts."""
        p = self.model.parameters
        migration = p["migration_per_month"] * self.model.levers["service_open"]
        reappraisal = p["business_case_per_month"]
        if self.strikes(migration + reappraisal):
            if self.random.random() < migration / (migration + reappraisal):
                self.migrate()
            else:
                self.reappraise()

    def live_on(self) -> None:
        """Use the service, with second thoughts at times."""
        if self.strikes(self.model.parameters["business_case_per_month"]):
            self.reappraise()

    def decide(self) -> None:
        """Join or decline."""
        if self.random.random() < self.model.overrule(logistic(self.join_logit())):
            self.sign()
        else:
            self.stage = "declined"

    def sign(self) -> None:
        """Join, for a term that starts now."""
        self.stage = "joined"
        self.signed_month = self.model.month
        self.model.new_signatures += 1

    def migrate(self) -> None:
        """Take a step of migration: start it, or get it done."""
        if self.stage == "joined":
            if self.random.random() < logistic(self.migrate_logit()):
                self.stage = "migrating"
        elif self.random.random() < 1.0 - self.gap:
            self.stage = "live"

    def reappraise(self) -> None:
        """Stay or leave, where the term is over or the contract lets go."""
        levers = self.model.levers
        bound = self.model.month - self.signed_month < 12.0 * levers["term_years"]
        if bound and self.random.random() >= levers["exit_freedom"]:
            return
        if self.random.random() >= self.model.overrule(logistic(self.stay_logit())):
            self.stage = "left"

    def join_logit(self) -> float:
        """How much speaks for joining."""
        p, levers = self.model.parameters, self.model.levers
        price = levers["upfront_fee_gbp"] - levers["grant_gbp"]
        means = self.budget * (1.0 - levers["budget_squeeze"])
        return (
            p["value_weight"] * self.value(self.gap * levers["gap_analysis"])
            - p["value_weight"] * price / self.spend
            - p["liquidity_weight"] * max(price, 0.0) / means
            + self.climate()
            - self.misfit()
            - p["sovereignty"]
        )

    def migrate_logit(self) -> float:
        """How much speaks for migrating."""
        p, levers = self.model.parameters, self.model.levers
        gain = self.expected_saving(self.gap)
        gain += levers["conditional_share"] * levers["discount_share"]
        cost = p["migration_cost_years"] * self.gap
        return p["value_weight"] * (self.model.annuity() * gain - cost)

    def stay_logit(self) -> float:
        """How much speaks for staying: once live there is no gap, and going back is hard."""
        p = self.model.parameters
        live = self.stage == "live"
        worth = p["value_weight"] * self.value(0.0 if live else self.gap)
        lock_in = p["sovereignty"] if live else 0.0
        return worth + self.climate() - self.misfit() + lock_in

    def value(self, gap: float) -> float:
        """Years of own spend that a term is worth with such a gap to close."""
        levers = self.model.levers
        gain = self.expected_saving(gap) + levers["discount_share"] + levers["bundle_share"]
        gain -= levers["yearly_fee_gbp"] / self.spend
        return self.model.annuity() * gain - self.model.parameters["migration_cost_years"] * gap

    def expected_saving(self, gap: float) -> float:
        """The saving a year, believed and cashable, as a share of own spend."""
        cashable = self.model.parameters["cashable_share"]
        return self.network.believed_saving * (1.0 - gap) * cashable

    def climate(self) -> float:
        """What peers, the centre and the law say, in logits."""
        p, levers = self.model.parameters, self.model.levers
        challenge = 1.0 - math.exp(-levers["legal_risk_per_year"] * levers["term_years"])
        return (
            p["peers_weight"] * self.network.share
            + p["pressure_weight"] * levers["pressure"]
            + p["endorsement_weight"] * levers["endorsement"]
            - p["caution"] * challenge
        )

    def misfit(self) -> float:
        """What speaks against a service that was designed for other kinds, in logits."""
        if self.kind in self.model.facts["designed_for"]:
            return 0.0
        return self.model.parameters["misfit_weight"] * self.model.levers["misfit"]


class Provider(mesa.Agent):
    """Who runs the service; money in GBP."""

    model: PlainModel

    def __init__(self, model: PlainModel) -> None:
        """Start with what has been spent on the scheme."""
        super().__init__(model)
        self.spent = model.facts["invested_gbp"] + model.facts["committed_gbp"]
        self.signing_fees = self.revenue = 0.0

    def step(self) -> None:
        """Book the fees of the month."""
        levers = self.model.levers
        members = sum(trust.is_member for trust in self.model.trusts)
        signing_fees = levers["upfront_fee_gbp"] * self.model.new_signatures
        self.signing_fees += signing_fees
        self.revenue += signing_fees + levers["yearly_fee_gbp"] / 12.0 * members

    def refund(self, share: float) -> None:
        """Pay back a share of all fees on signing."""
        self.revenue -= share * self.signing_fees


class Centre(mesa.Agent):
    """Who pays grants (GBP) and reviews the scheme."""

    model: PlainModel

    def __init__(self, model: PlainModel) -> None:
        """Start with no grant paid and no review made."""
        super().__init__(model)
        self.grants = 0.0
        self.scrapped_month = NEVER

    def step(self) -> None:
        """Pay the grants of the month, and review the scheme when its month has come."""
        self.grants += self.model.levers["grant_gbp"] * self.model.new_signatures
        if self.model.month == self.model.levers["review_month"]:
            self.review()

    def review(self) -> None:
        """Scrap the scheme if too few have ever signed."""
        levers = self.model.levers
        signed = sum(trust.has_signed for trust in self.model.trusts)
        if signed < levers["scrap_below_share"] * levers["target_joined"]:
            self.scrapped_month = self.model.month
            self.model.provider.refund(levers["refund_share"])


class PlainModel(mesa.Model):
    """One run of the model, one step a month."""

    def __init__(
        self,
        setting: Setting,
        parameters: dict[str, float],
        seed: int,
        months: int | None = None,
        trusts: int | None = None,
        approached_spread: float = 0.0,
        pinned: dict[str, float] | None = None,
        structure: dict[str, Any] | None = None,
    ) -> None:
        """Make the population at month 0; levers that are `pinned` stay so throughout."""
        super().__init__(seed=seed)
        self.facts, self.sector = setting.scenario, setting.scenario["sector"]
        self.parameters, self.pinned = parameters, pinned or {}
        self.structure = setting.structure | (structure or {})
        self.horizon = int(self.facts["months"]) if months is None else months
        neutral = {name: float(lever["neutral"]) for name, lever in setting.levers.items()}
        self.levers = neutral | self.facts.get("levers", {})
        self.follow_timeline()

        regions = int(self.sector["regions"])
        self.networks = PeerNetwork.create_agents(
            self, 1 if self.structure["peers"] == "nation" else regions
        )
        places = [self.networks[i % len(self.networks)] for i in range(regions)]
        self.regions = Region.create_agents(self, regions, places)
        number = int(self.facts["approached"]) if trusts is None else trusts
        kinds = self.approach(number, approached_spread)
        homes = self.random.choices(self.regions, k=len(kinds))
        self.trusts = Trust.create_agents(self, len(kinds), kinds, homes)
        self.provider, self.centre = Provider(self), Centre(self)
        self.new_signatures = 0  # of this month

        self.datacollector = mesa.DataCollector(
            model_reporters={
                "joined": lambda m: sum(trust.has_signed for trust in m.trusts),
                "interested": lambda m: sum(trust.seems_interested for trust in m.trusts),
                "considering": lambda m: sum(trust.stage in PROSPECTS for trust in m.trusts),
                "declined": lambda m: sum(trust.stage == "declined" for trust in m.trusts),
                "live": lambda m: sum(trust.stage == "live" for trust in m.trusts),
                "left": lambda m: sum(t.has_signed and not t.is_member for t in m.trusts),
            }
        )
        self.datacollector.collect(self)

    @property
    def month(self) -> int:
        """Months since the launch."""
        return int(self.steps)

    @property
    def curve(self) -> list[int]:
        """How many trusts have ever signed, by month from 0."""
        return list(self.datacollector.model_vars["joined"])

    def approach(self, number: int, spread: float) -> list[str]:
        """Draw how many trusts of the largest population are approached, and of which kinds."""
        largest = round((1.0 + spread) * number)
        approached = self.random.randint(round((1.0 - spread) * number), largest)
        return self.random.sample(self.apportion(largest), approached)

    def apportion(self, number: int) -> list[str]:
        """The kind of every trust, by largest remainder."""
        bodies = {kind: entry["bodies"] for kind, entry in self.sector["kinds"].items()}
        quotas = {kind: number * n / sum(bodies.values()) for kind, n in bodies.items()}
        kinds = [kind for kind, quota in quotas.items() for _ in range(int(quota))]
        return kinds + sorted(quotas, key=lambda kind: -(quotas[kind] % 1.0))[: number - len(kinds)]

    def size(self, income: float) -> str:
        """The size of a trust with this income."""
        if income >= self.sector["large_from_gbp"]:
            return "large"
        return "medium" if income >= self.sector["medium_from_gbp"] else "small"

    def follow_timeline(self) -> None:
        """Set the levers as the timeline says; news is only news in the month of its row."""
        self.levers["news_weight"] = 0.0
        for row in self.facts["timeline"]:
            if row["month"] == self.month:
                self.levers.update(row.get("set", {}))
        self.levers.update(self.pinned)

    def annuity(self) -> float:
        """What one a year is worth over a term, in years."""
        term, rate = self.levers["term_years"], self.sector["discount_rate"]
        return float((1.0 - (1.0 + rate) ** -term) / rate) if rate else term

    @property
    def mandate_hazard(self) -> float:
        """The hazard that the mandate adds (`M`)."""
        mandate = self.levers["mandate"]
        return -math.log(1.0 - mandate) if mandate < 1.0 else math.inf

    def overrule(self, probability: float) -> float:
        """The probability of a yes when the centre overrules a part of refusals."""
        return 1.0 - (1.0 - probability) * (1.0 - self.levers["mandate"])

    def step(self) -> None:
        """Live through one month."""
        if self.centre.scrapped_month == NEVER:
            self.new_signatures = 0
            self.follow_timeline()
            self.networks.do("step")
            self.regions.do("step")
            self.trusts.do("step")  # in any order: they see the state at the start of the month
            self.provider.step()
            self.centre.step()
        self.datacollector.collect(self)

    def run(self) -> dict[str, float]:
        """Run to the horizon; return the outcomes by name, in trusts, GBP and months."""
        while self.month < self.horizon:
            self.step()
        counts = {name: values[-1] for name, values in self.datacollector.model_vars.items()}
        return {
            **counts,
            "approached": len(self.trusts),
            "realised_saving_gbp": sum(region.banked for region in self.regions),
            "provider_loss_gbp": self.provider.spent - self.provider.revenue,
            "grants_gbp": self.centre.grants,
            "scrapped_month": self.centre.scrapped_month,
            **self.count_groups(),
        }

    def count_groups(self) -> dict[str, int]:
        """Count trusts by kind and by size, as in `joined_acute` and `approached_small`."""
        groups = (*self.sector["kinds"], *SIZES)
        names = ("approached", "joined", "interested", "declined")
        counts = {f"{name}_{group}": 0 for name in names for group in groups}
        for trust in self.trusts:
            for group in (trust.kind, trust.size):
                counts[f"approached_{group}"] += 1
                counts[f"joined_{group}"] += trust.has_signed
                counts[f"interested_{group}"] += trust.seems_interested
                counts[f"declined_{group}"] += trust.stage == "declined"
        return counts
