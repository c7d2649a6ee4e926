"""The model of docs/model.md in plain Mesa, coded from that page alone: a check and a baseline."""

from __future__ import annotations

import dataclasses
import math
import pathlib
import random
from collections import Counter
from typing import Any

import mesa
import yaml

PROSPECTS = ("interested", "considering")
MEMBERS = ("joined", "migrating", "live")
COUNTS = ("joined", "interested", "considering", "declined", "live", "left")
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
    if isinstance(node, list):
        return [_plain(entry) for entry in node]
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
    """Trusts that see one another join and save: those of the nation or of a region."""

    def __init__(self, model: PlainModel) -> None:
        """Start without trusts or evidence."""
        super().__init__(model)
        self.trusts: list[Trust] = []
        self.share = 0.0  # of the trusts that are members
        self.believed_saving = 0.0  # m, share of spend
        self.precision = self.weighted_sum = 0.0  # of the evidence so far

    def step(self) -> None:
        """Take stock of who has joined and of what it brings them."""
        stages = Counter(trust.stage for trust in self.trusts)
        self.share = sum(stages[stage] for stage in MEMBERS) / max(len(self.trusts), 1)
        self.receive_evidence(stages["live"])
        self.update_belief()

    def receive_evidence(self, live: int) -> None:
        """Receive a noisy signal of the saving from every live trust, and this month's news."""
        p, levers = self.model.parameters, self.model.levers
        v, tau = p["realised_saving_share"], p["signal_sd_share"]
        if self.model.structure["evidence_shared"]:
            self.precision += live / tau**2
            self.weighted_sum += self.model.dice.gauss(live * v, math.sqrt(live) * tau) / tau**2
        self.precision += levers["news_weight"] / tau**2
        self.weighted_sum += levers["news_weight"] / tau**2 * levers["news_saving_share"]

    def update_belief(self) -> None:
        """Weigh the evidence against the prior (the Normal-Normal posterior mean)."""
        p = self.model.parameters
        prior = 1.0 / p["belief_sd_share"] ** 2
        total = prior * p["believed_saving_share"] + self.weighted_sum
        self.believed_saving = total / (prior + self.precision)


class Region(mesa.Agent):
    """A region: its trusts, the network they see, and what they have saved so far (GBP)."""

    def __init__(self, model: PlainModel, network: PeerNetwork) -> None:
        """Start without trusts."""
        super().__init__(model)
        self.network = network
        self.trusts: list[Trust] = []
        self.banked = 0

    def step(self) -> None:
        """Bank a month of savings of the live trusts."""
        self.banked += sum(trust.saving for trust in self.trusts if trust.stage == "live")


class Trust(mesa.Agent):
    """An organisation that may join; money in GBP (income and spend a year), gap and slack 0..1."""

    def __init__(self, model: PlainModel, kind: str, region: Region) -> None:
        """Draw what the sector leaves open."""
        super().__init__(model)
        sector, p = model.sector, model.parameters
        self.kind, self.region, self.network = kind, region, region.network
        region.trusts.append(self)
        region.network.trusts.append(self)
        self.income = self.draw_income()
        self.size = model.size(self.income)
        cost = sector["cost_share_large" if self.size == "large" else "cost_share_small"]
        spread = math.exp(sector["cost_sigma"] * self.model.dice.gauss(0.0, 1.0))
        self.spend = self.income * cost * model.facts["scope_share"] * spread  # b
        self.budget = self.income * sector["budget_share"]  # L
        self.gap = self.model.dice.random()  # g
        self.slack = 1.0 - self.model.dice.random()  # s, never quite 0
        self.misfit_weight = 0.0 if kind in model.facts["designed_for"] else p["misfit_weight"]
        self.reported = self.model.dice.random() < p["reporting_probability"]
        saving = self.spend * p["realised_saving_share"] * p["cashable_share"]
        self.saving = round(saving / 12.0)  # a month, once live
        self.stage, self.signed_month = "idle", NEVER

    def draw_income(self) -> float:
        """Draw an income that meets the three percentiles of the kind."""
        kind = self.model.sector["kinds"][self.kind]
        p10, p50, p90 = kind["income_p10"], kind["income_p50"], kind["income_p90"]
        z = self.model.dice.gauss(0.0, 1.0)
        sigma = math.log(p50 / p10 if z < 0.0 else p90 / p50) / 1.2816
        return p50 * math.exp(sigma * z)

    @property
    def has_signed(self) -> bool:
        """Whether the trust has ever signed, be it a member now or not."""
        return self.signed_month != NEVER

    @property
    def seems_interested(self) -> bool:
        """Whether a newspaper would count the trust as interested."""
        lasting = self.stage == "declined" and self.model.structure["declined_report_interest"]
        return self.reported and (self.stage in PROSPECTS or lasting)

    def step(self) -> None:
        """Do what the stage calls for."""
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
        """Whether a clock with this hazard a month at full slack strikes in this month."""
        return self.model.dice.random() < 1.0 - math.exp(-self.slack * rate)

    def look_around(self) -> None:
        """Outside the scheme: take an interest."""
        p, levers = self.model.parameters, self.model.levers
        felt = levers["pressure"] if self.model.structure["pressure_on_attention"] else 0.0
        urge = p["pressure_attention_weight"] * (felt + levers["budget_squeeze"])
        imitation = 1.0 + p["peers_attention_weight"] * self.network.share
        attention = p["attention_per_month"] * math.exp(urge) * imitation
        if self.strikes(attention + self.model.mandate_hazard):
            self.stage = "interested"

    def work_on_business_case(self) -> None:
        """Interested or considering: open the business case if need be, finish it and decide."""
        self.stage = "considering"
        kappa = self.model.parameters["business_case_per_month"]
        if self.strikes(kappa + self.model.mandate_hazard):
            self.decide()

    def find_time(self) -> None:
        """Joined or migrating: find time for a step of migration or for second thoughts."""
        p, levers = self.model.parameters, self.model.levers
        mu, kappa = p["migration_per_month"] * levers["service_open"], p["business_case_per_month"]
        if self.strikes(mu + kappa):
            if self.model.dice.random() < mu / (mu + kappa):
                self.migrate()
            else:
                self.reappraise()

    def live_on(self) -> None:
        """Live: have second thoughts at times."""
        if self.strikes(self.model.parameters["business_case_per_month"]):
            self.reappraise()

    def decide(self) -> None:
        """Join, for a term that starts now, or decline."""
        if self.agrees(self.join_logit()):
            self.stage = "joined"
            self.signed_month = self.model.month
            self.model.new_signatures += 1
        else:
            self.stage = "declined"

    def migrate(self) -> None:
        """Start migrating, or get it done."""
        if self.stage == "joined":
            if self.model.dice.random() < logistic(self.migrate_logit()):
                self.stage = "migrating"
        elif self.model.dice.random() < 1.0 - self.gap:
            self.stage = "live"

    def reappraise(self) -> None:
        """Stay or leave, if the term is over or the contract lets go."""
        levers = self.model.levers
        over = self.model.month - self.signed_month >= 12.0 * levers["term_years"]
        free = over or self.model.dice.random() < levers["exit_freedom"]
        if free and not self.agrees(self.stay_logit()):
            self.stage = "left"

    def agrees(self, logit: float) -> bool:
        """Whether it says yes, of itself or because the centre overrules its refusal."""
        refusal = (1.0 - logistic(logit)) * (1.0 - self.model.levers["mandate"])
        return self.model.dice.random() < 1.0 - refusal

    def join_logit(self) -> float:
        """What speaks for joining."""
        p, levers = self.model.parameters, self.model.levers
        price = levers["upfront_fee_gbp"] - levers["grant_gbp"]
        means = self.budget * (1.0 - levers["budget_squeeze"])
        worth = self.value(self.gap * levers["gap_analysis"]) - price / self.spend
        strain = p["liquidity_weight"] * max(price, 0.0) / means
        misfit = self.misfit_weight * levers["misfit"]
        liking = p["value_weight"] * worth + self.climate() - misfit
        return liking - strain - p["sovereignty"]

    def migrate_logit(self) -> float:
        """What speaks for migrating."""
        p, levers = self.model.parameters, self.model.levers
        discount = levers["conditional_share"] * levers["discount_share"]
        gain = self.model.annuity() * (self.expected_saving(self.gap) + discount)
        return p["value_weight"] * (gain - p["migration_cost_years"] * self.gap)

    def stay_logit(self) -> float:
        """What speaks for staying: once live no gap is left, and it is locked in."""
        p, live = self.model.parameters, self.stage == "live"
        worth = self.value(0.0 if live else self.gap)
        misfit = self.misfit_weight * self.model.levers["misfit"]
        liking = p["value_weight"] * worth + self.climate() - misfit
        return liking + (p["sovereignty"] if live else 0.0)

    def value(self, gap: float) -> float:
        """Years of own spend that a term is worth if there is such a gap to close."""
        p, levers = self.model.parameters, self.model.levers
        gain = self.expected_saving(gap) + levers["discount_share"] + levers["bundle_share"]
        gain -= levers["yearly_fee_gbp"] / self.spend
        return self.model.annuity() * gain - p["migration_cost_years"] * gap

    def expected_saving(self, gap: float) -> float:
        """The yearly saving that it believes in and can cash, as a share of own spend."""
        cashable = self.model.parameters["cashable_share"]
        return self.network.believed_saving * (1.0 - gap) * cashable

    def climate(self) -> float:
        """What peers, the centre and the law add, in logits."""
        p, levers = self.model.parameters, self.model.levers
        challenge = 1.0 - math.exp(-levers["legal_risk_per_year"] * levers["term_years"])
        return (
            p["peers_weight"] * self.network.share
            + p["pressure_weight"] * levers["pressure"]
            + p["endorsement_weight"] * levers["endorsement"]
            - p["caution"] * challenge
        )


class Provider(mesa.Agent):
    """Who offers the service; money in GBP."""

    def __init__(self, model: PlainModel) -> None:
        """Start with what is spent on the scheme and nothing earned."""
        super().__init__(model)
        self.spent = model.facts["invested_gbp"] + model.facts["committed_gbp"]
        self.signing_fees = self.revenue = 0.0

    def step(self) -> None:
        """Book the fees of the month."""
        levers = self.model.levers
        members = sum(trust.stage in MEMBERS for trust in self.model.trusts)
        signing_fees = levers["upfront_fee_gbp"] * self.model.new_signatures
        self.signing_fees += signing_fees
        self.revenue += signing_fees + levers["yearly_fee_gbp"] / 12.0 * members


class Centre(mesa.Agent):
    """Who pays grants (GBP) and may scrap the scheme."""

    def __init__(self, model: PlainModel) -> None:
        """Start with nothing paid and the scheme on."""
        super().__init__(model)
        self.grants, self.scrapped_month = 0.0, NEVER

    def step(self) -> None:
        """Pay the grants of the month, and review the scheme when its month has come."""
        levers = self.model.levers
        self.grants += levers["grant_gbp"] * self.model.new_signatures
        if self.model.month == levers["review_month"]:
            self.review()

    def review(self) -> None:
        """Scrap the scheme, with a refund, if too few trusts have ever signed."""
        levers, provider = self.model.levers, self.model.provider
        signed = sum(trust.has_signed for trust in self.model.trusts)
        if signed < levers["scrap_below_share"] * levers["target_joined"]:
            self.scrapped_month = self.model.month
            provider.revenue -= levers["refund_share"] * provider.signing_fees


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
        super().__init__(rng=seed)
        self.dice = random.Random(seed)  # faster than numpy's for one number at a time
        self.facts, self.sector = setting.scenario, setting.scenario["sector"]
        self.parameters, self.pinned = parameters, pinned or {}
        self.structure = setting.structure | (structure or {})
        self.horizon = int(self.facts["months"]) if months is None else months
        neutral = {name: float(lever["neutral"]) for name, lever in setting.levers.items()}
        self.levers = neutral | self.facts.get("levers", {})
        self.month = 0
        self.new_signatures = 0  # of this month
        self.follow_timeline()
        self.provider, self.centre = Provider(self), Centre(self)
        nation, regions = self.structure["peers"] == "nation", int(self.sector["regions"])
        self.networks = PeerNetwork.create_agents(self, 1 if nation else regions)
        # One network for all regions, or each its own.
        seen = next(iter(self.networks)) if nation else list(self.networks)
        self.regions = Region.create_agents(self, regions, seen)
        number = int(self.facts["approached"]) if trusts is None else trusts
        kinds = self.approach(number, approached_spread)
        homes = self.dice.choices(list(self.regions), k=len(kinds))
        self.trusts = Trust.create_agents(self, len(kinds), kinds, homes)
        self.count_trusts()
        self.datacollector = mesa.DataCollector(model_reporters={name: name for name in COUNTS})
        self.datacollector.collect(self)

    def approach(self, number: int, spread: float) -> list[str]:
        """Draw the trusts that are approached, out of a population of the largest number."""
        largest = round((1.0 + spread) * number)
        approached = self.dice.randint(round((1.0 - spread) * number), largest)
        return self.dice.sample(self.apportion(largest), approached)

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

    @property
    def curve(self) -> list[int]:
        """How many trusts have ever signed, by month."""
        return self.datacollector.model_vars["joined"]

    def follow_timeline(self) -> None:
        """Set the levers of this month; news weighs in the month of its row only."""
        self.levers["news_weight"] = 0.0
        for row in self.facts.get("timeline", []):
            if row["month"] == self.month:
                self.levers.update(row.get("set", {}))
        self.levers.update(self.pinned)
        mandate = self.levers["mandate"]
        self.mandate_hazard = -math.log(1.0 - mandate) if mandate < 1.0 else math.inf  # M

    def annuity(self) -> float:
        """What one a year over the term is worth now."""
        term, rate = self.levers["term_years"], self.sector["discount_rate"]
        return (1.0 - (1.0 + rate) ** -term) / rate if rate else term

    def step(self) -> None:
        """Live through one month."""
        self.month += 1
        if self.centre.scrapped_month == NEVER:
            self.new_signatures = 0
            self.follow_timeline()
            self.networks.do("step")
            self.regions.do("step")
            self.trusts.do("step")  # in any order: they see the state at the start of the month
            self.provider.step()
            self.centre.step()
            self.count_trusts()
        self.datacollector.collect(self)

    def count_trusts(self) -> None:
        """Count the trusts for the data collector."""
        trusts = list(self.trusts)
        stages = Counter(trust.stage for trust in trusts)
        self.joined = sum(trust.has_signed for trust in trusts)
        self.interested = sum(trust.seems_interested for trust in trusts)
        self.considering = sum(stages[stage] for stage in PROSPECTS)
        self.declined, self.live = stages["declined"], stages["live"]
        self.left = self.joined - sum(stages[stage] for stage in MEMBERS)

    def run(self) -> dict[str, float]:
        """Run to the horizon; return the outcomes by name, in trusts, GBP and months."""
        while self.month < self.horizon:
            self.step()
        return {
            **{name: column[-1] for name, column in self.datacollector.model_vars.items()},
            "realised_saving_gbp": sum(region.banked for region in self.regions),
            "provider_loss_gbp": self.provider.spent - self.provider.revenue,
            "grants_gbp": self.centre.grants,
            "scrapped_month": self.centre.scrapped_month,
            "approached": len(self.trusts),
            **self.count_groups(),
        }

    def count_groups(self) -> dict[str, int]:
        """Count the trusts of every kind and size, as in `joined_acute` or `approached_small`."""
        names = ("approached", "joined", "interested", "declined")
        groups = (*self.sector["kinds"], *SIZES)
        counts = {f"{name}_{group}": 0 for name in names for group in groups}
        for trust in self.trusts:
            for group in (trust.kind, trust.size):
                counts[f"approached_{group}"] += 1
                counts[f"joined_{group}"] += trust.has_signed
                counts[f"interested_{group}"] += trust.seems_interested
                counts[f"declined_{group}"] += trust.stage == "declined"
        return counts
