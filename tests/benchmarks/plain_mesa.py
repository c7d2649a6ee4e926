"""The model of docs/model.md in plain Mesa, coded from that page alone: a check and a baseline."""

from __future__ import annotations

import dataclasses
import enum
import math
import pathlib
import random
from collections import Counter
from typing import Any

import mesa
import yaml

PROSPECTS = ("interested", "considering")
MEMBERS = ("joined", "migrating", "live")
CURVES = (
    "joined",
    "interested",
    "considering",
    "declined",
    "live",
    "left",
    "members",
    "turned_away",
    "regions_planned",
    "providers_open",
    "providers_conditional",
    "providers_stopped",
)
MOMENTARY = ("news_weight", "news_saving_share", "incident_severity", "incident_provider")
SIZES = ("small", "medium", "large")
NEVER = -1


class Progress(enum.IntEnum):
    """How far a region has come with its consolidation."""

    NO_PLAN = 0
    PLANNED = 1
    COMMON_SYSTEMS = 2
    ONE_PROVIDER = 3
    MARKET_TESTED = 4


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
        if isinstance(entry, dict):  # such as {"/sector@sector": "nhs_england_2010"}
            [(target, file)] = entry.items()
            folder, key = target.strip("/").split("@")
            tree[key] = _read(configs, folder, file)
        elif entry != "_self_":  # another file of this folder, which this one amends
            tree = _read(configs, group, entry) | tree
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


def clip(quality: float) -> float:
    """The quality, brought into 0..1."""
    return min(max(quality, 0.0), 1.0)


def share(part: float, whole: float) -> float:
    """The part as a share of the whole, 0 if there is none."""
    return part / whole if whole else 0.0


@dataclasses.dataclass(frozen=True)
class Conditions:
    """What the levers of a month mean for every trust: hazards, logits, years of spend."""

    attention: float  # hazard of taking an interest, without peers and compulsion
    compulsion: float  # hazard that a mandate adds
    planning: float  # hazard of finishing a business case (kappa_t)
    deadline: float  # hazard of the deadline (d)
    migration: float  # hazard of a step of migration (mu_t)
    early_exit: float  # probability that the contract lets a member go within its term (e)
    annuity: float  # A
    closing_cost: float  # of the whole process gap (c)
    climate: float  # what the centre, the staff and the law add to a decision


def conditions(
    levers: dict[str, float], p: dict[str, float], felt_pressure: float, rate: float
) -> Conditions:
    """Work out the conditions of a month, at a discount rate (a year)."""
    capacity, mandate, term = levers["capacity"], levers["mandate"], levers["term_years"]
    urge = p["pressure_attention_weight"] * (felt_pressure + levers["savings_drive"])
    slip = levers["timetable_slip"] * (1.0 - levers["leadership"])
    challenge = 1.0 - math.exp(-levers["legal_risk_per_year"] * term)
    return Conditions(
        attention=capacity * p["attention_per_month"] * math.exp(urge),
        compulsion=capacity * (-math.log(1.0 - mandate) if mandate < 1.0 else math.inf),
        planning=capacity * p["business_case_per_month"],
        deadline=1.0 / levers["deadline_months"] if levers["deadline_months"] else 0.0,
        migration=capacity * p["migration_per_month"] * levers["service_open"] * (1.0 - slip),
        early_exit=levers["exit_freedom"] * (1.0 - levers["leadership"]),
        annuity=(1.0 - (1.0 + rate) ** -term) / rate if rate else term,
        closing_cost=p["migration_cost_years"] * (1.0 - levers["common_frameworks"]),
        climate=(
            p["pressure_weight"] * levers["pressure"]
            + p["endorsement_weight"] * levers["endorsement"]
            - p["staff_resistance"] * levers["staff_leaving_share"]
            - p["caution"] * challenge
        ),
    )


class Group(mesa.Agent):
    """Trusts that have something in common, and those of them that are members."""

    model: PlainModel

    def __init__(self, model: PlainModel) -> None:
        """Start without trusts."""
        super().__init__(model)
        self.trusts: list[Trust] = []
        self.members: dict[Trust, None] = {}  # a set in order of entry: sums can be repeated


class PeerNetwork(Group):
    """Trusts that see one another join and save: of the nation, a region or a profession."""

    def __init__(self, model: PlainModel) -> None:
        """Start without evidence."""
        super().__init__(model)
        p = model.parameters
        self.attention = self.climate = 0.0  # hazard and logits of this month
        self.precision = 1.0 / p["belief_sd_share"] ** 2  # of prior and evidence so far
        self.weighted_sum = self.precision * p["believed_saving_share"]

    @property
    def believed_saving(self) -> float:
        """The saving that its trusts believe in, as a share of spend (m)."""
        return self.weighted_sum / self.precision

    def step(self) -> None:
        """Take stock of who has joined and of what it brings them."""
        p, now = self.model.parameters, self.model.conditions
        joined = share(len(self.members), len(self.trusts))
        advocates = joined + self.model.levers["professions_lead"] * (1.0 - joined)
        self.attention = now.attention * (1.0 + p["peers_attention_weight"] * advocates)
        self.climate = now.climate + p["peers_weight"] * advocates
        self.receive_evidence()

    def receive_evidence(self) -> None:
        """Receive a signal from every live trust, the news, and alarm over failed services."""
        p, levers = self.model.parameters, self.model.levers
        v, tau = p["realised_saving_share"], p["signal_sd_share"]
        live = sum(trust.stage == "live" for trust in self.members)
        if live and self.model.structure["evidence_shared"]:
            mean = self.model.dice.gauss(v, tau / math.sqrt(live))
            self.receive_signal(mean, live / tau**2)
        self.receive_signal(levers["news_saving_share"], levers["news_weight"] / tau**2)
        self.receive_signal(0.0, self.model.alarm * p["alarm_weight"] / tau**2)

    def receive_signal(self, value: float, precision: float) -> None:
        """Add a signal to what is known (Normal-Normal)."""
        self.precision += precision
        self.weighted_sum += precision * value


class Region(Group):
    """A region that may consolidate, and what that has brought and cost so far (GBP)."""

    def __init__(self, model: PlainModel) -> None:
        """Start without a plan."""
        super().__init__(model)
        self.progress = Progress.NO_PLAN
        self.collaboration = model.levers["collaboration_share"]
        self.saved = self.claimed = self.disruption = self.disrupted_months = 0.0

    @property
    def planned(self) -> bool:
        """Whether the region has voted to consolidate."""
        return self.progress >= Progress.PLANNED

    @property
    def has_common_systems(self) -> bool:
        """Whether the region has come to common systems or further."""
        return self.progress >= Progress.COMMON_SYSTEMS

    def step(self) -> None:
        """Bank a month, lose some voluntary collaboration, and perhaps go on by a stage."""
        p, levers = self.model.parameters, self.model.levers
        if self.members:
            self.bank()
        force = levers["pressure"] + levers["mandate"]
        self.collaboration *= math.exp(-p["crowding_out_per_month"] * force)
        if levers["quorum_share"] > 0.0 and self.may_go_on(levers["quorum_share"]):
            self.progress = Progress(self.progress + 1)

    def bank(self) -> None:
        """Bank a month of savings, claims and disruption."""
        levers = self.model.levers
        live = [trust for trust in self.members if trust.stage == "live"]
        sharers = [t for t in self.members if t.exposed and t.stage == "migrating"]
        live_spend, disorder = sum(trust.spend for trust in live), self.disorder()
        rate = self.model.parameters["disruption_cost_share"]
        saving = sum(trust.saving for trust in live) + self.market_saving(live_spend)
        disruption = sum(t.disruption for t in sharers) + disorder * rate * live_spend / 12.0
        self.saved += saving
        self.disruption += disruption
        self.disrupted_months += len(sharers) + disorder * len(live)
        spend = sum(trust.spend for trust in self.members)
        self.claimed += levers["claimed_saving_share"] * spend / 12.0
        self.model.centre.account(saving - disruption)

    def disorder(self) -> float:
        """The share of members that are not aligned, if they hinder those that are live."""
        if self.model.levers["quorum_share"] == 0.0 or self.has_common_systems:
            return 0.0
        return share(sum(not trust.aligned for trust in self.members), len(self.members))

    def market_saving(self, live_spend: float) -> float:
        """What the market test saves in a month."""
        if self.progress < Progress.MARKET_TESTED:
            return 0.0
        cashable = self.model.parameters["cashable_share"]
        return self.model.levers["market_saving_share"] * cashable / 12.0 * live_spend

    def may_go_on(self, quorum: float) -> bool:
        """Whether the region reaches the next stage of its consolidation."""
        members = len(self.members)
        match self.progress:
            case Progress.NO_PLAN:
                return share(members, len(self.trusts)) >= quorum
            case Progress.PLANNED:
                return share(sum(trust.aligned for trust in self.members), members) >= quorum
            case Progress.COMMON_SYSTEMS:
                live = sum(trust.stage == "live" for trust in self.members)
                return share(live, members) >= quorum
            case Progress.ONE_PROVIDER:
                tested = self.model.levers["market_saving_share"] > 0.0
                return tested and self.model.strikes(self.model.conditions.planning)
        return False


class Trust(mesa.Agent):
    """An organisation that may join; money in GBP (income and spend a year), gap and slack 0..1."""

    model: PlainModel
    provider: Provider  # since its first signature

    def __init__(self, model: PlainModel, kind: str, region: Region, network: PeerNetwork) -> None:
        """Draw what the sector leaves open."""
        super().__init__(model)
        sector, p, dice = model.sector, model.parameters, model.dice
        self.kind, self.region, self.network = kind, region, network
        region.trusts.append(self)
        network.trusts.append(self)
        self.income = self.draw_income()
        self.size = model.size(self.income)
        cost = sector["cost_share_large" if self.size == "large" else "cost_share_small"]
        self.typical_spend = self.income * cost * model.facts["scope_share"]  # t
        spread = math.exp(sector["cost_sigma"] * dice.gauss(0.0, 1.0))
        self.spend = min(max(self.typical_spend * spread, 0.01), 1e12)  # b
        self.budget = self.income * sector["budget_share"]  # L
        self.gap = dice.random()  # g
        self.slack = 1.0 - dice.random()  # s, never quite 0
        self.misfit_weight = 0.0 if kind in model.facts["designed_for"] else p["misfit_weight"]
        self.reported = dice.random() < p["reporting_probability"]
        saving = self.spend * p["realised_saving_share"] * p["cashable_share"]
        self.saving = round(saving / 12.0)  # a month, once live
        self.disruption = round(self.spend * self.gap * p["disruption_cost_share"] / 12.0)
        self.stage = "exempt" if dice.random() < model.levers["exempt_share"] else "idle"
        self.aligned = self.exposed = self.hurried = False  # hurried: its latest decision
        self.signed_month = NEVER  # the latest signature

    def draw_income(self) -> float:
        """Draw an income that meets the three percentiles of the kind."""
        kind = self.model.sector["kinds"][self.kind]
        p10, p50, p90 = kind["income_p10"], kind["income_p50"], kind["income_p90"]
        z = self.model.dice.gauss(0.0, 1.0)
        sigma = math.log(p50 / p10 if z < 0.0 else p90 / p50) / 1.2816
        return min(max(p50 * math.exp(sigma * z), 1e3), 1e12)

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
            case "joined" | "migrating" | "live":
                self.be_served()

    def strikes(self, rate: float) -> bool:
        """Whether a clock with this hazard a month at full slack strikes in this month."""
        return self.model.strikes(self.slack * rate)

    def look_around(self) -> None:
        """Outside the scheme: take an interest, be it because of a deadline."""
        now = self.model.conditions
        if self.strikes(self.network.attention + now.compulsion + now.deadline):
            self.stage = "interested"

    def work_on_business_case(self) -> None:
        """Interested or considering: open the business case if need be, finish it and decide."""
        self.stage, now = "considering", self.model.conditions
        if self.strikes(now.planning + now.compulsion + now.deadline):
            self.decide()

    def decide(self) -> None:
        """Choose a provider, if one is open, and ask it for a place or decline."""
        provider, now = self.model.market.choose(), self.model.conditions
        if provider is None:
            self.stage = "declined"
            return
        odds = share(now.deadline, now.deadline + now.planning)
        self.hurried = self.model.dice.random() < odds
        if self.agrees(self.join_logit(provider)):
            provider.requests.append(self)
        else:
            self.stage = "declined"

    def take_place(self, provider: Provider) -> None:
        """Take the place it was given: be taken over if it is stranded, else sign."""
        if self.stage in MEMBERS:
            self.move_to(provider)
        else:
            self.sign(provider)

    def miss_place(self) -> None:
        """Be turned away; one that is stranded waits where it is."""
        if self.stage not in MEMBERS:
            self.stage = "declined"
            self.model.turned_away += 1

    def sign(self, provider: Provider) -> None:
        """Become a member for a term that starts now."""
        self.model.repeated_signatures += self.has_signed
        self.stage, self.signed_month = "joined", self.model.month
        self.exposed = self.hurried or self.model.levers["alignment_first"] == 0.0
        self.region.members[self] = self.network.members[self] = None
        provider.welcome(self)

    def leave(self) -> None:
        """Become a stranger again."""
        self.stage, self.aligned, self.exposed = "left", False, False
        del self.region.members[self], self.network.members[self]
        self.provider.lose(self)

    def be_served(self) -> None:
        """As a member: go on, or find another provider if its own has closed."""
        if self.provider.is_closed:
            self.replace_provider()
        elif self.stage == "live":
            self.live_on()
        else:
            self.find_time()

    def replace_provider(self) -> None:
        """Go to the heir of its provider, or ask another one, or go in house, or wait."""
        heir, market = self.provider.heir, self.model.market
        if heir is not None and heir.is_open:
            self.move_to(heir)
            return
        options = [*market.unconditional, None]
        odds = [*market.unconditional_odds, self.model.levers["in_house"]]
        if sum(odds) > 0.0:
            [choice] = self.model.dice.choices(options, odds)
            if choice is None:
                self.leave()
            else:
                choice.requests.append(self)

    def move_to(self, provider: Provider) -> None:
        """Be taken over, on the terms of the old signature."""
        del self.provider.members[self]
        self.provider = provider
        provider.members[self] = None

    def find_time(self) -> None:
        """Joined or migrating: find time for a step of migration or for second thoughts."""
        now = self.model.conditions
        either = now.migration + now.planning
        if self.strikes(either):
            if self.model.dice.random() < now.migration / either:
                self.migrate()
            else:
                self.reappraise()

    def live_on(self) -> None:
        """Live: have second thoughts at times."""
        if self.strikes(self.model.conditions.planning):
            self.reappraise()

    def migrate(self) -> None:
        """Start migrating, or align processes, or go live."""
        if self.stage == "joined":
            self.start_migrating()
            return
        if not self.aligned:
            work = self.gap * (1.0 - self.model.levers["common_frameworks"])
            self.aligned = self.model.dice.random() < 1.0 - work
            self.exposed = self.exposed and not self.aligned
        if self.aligned and not self.waits_for_region():
            self.go_live()

    def start_migrating(self) -> None:
        """Start migrating, if the region lets it and it is worth it."""
        allowed = self.model.levers["quorum_share"] == 0.0 or self.region.planned
        if allowed and self.agrees(self.migrate_logit()):
            self.stage = "migrating"

    def waits_for_region(self) -> bool:
        """Whether the region must come to common systems first."""
        levers = self.model.levers
        in_stages = levers["quorum_share"] > 0.0 and levers["staged"] == 1.0
        return in_stages and not self.region.has_common_systems

    def go_live(self) -> None:
        """Start to share the service, at a cost each time."""
        levers, now = self.model.levers, self.model.conditions
        redundancy = levers["redundancy_cost_share"] * (1.0 - levers["redundancy_avoided_share"])
        staff = levers["staff_leaving_share"] * redundancy
        self.stage = "live"
        self.model.centre.pay_one_off(self.spend * (now.closing_cost * self.gap + staff))

    def reappraise(self) -> None:
        """Stay or leave, if the term is over, or if the contract or bad service lets it go."""
        early = self.model.conditions.early_exit
        over = self.model.month - self.signed_month >= 12.0 * self.model.levers["term_years"]
        way_out = early + (1.0 - early) * (1.0 - self.provider.quality)
        free = over or self.model.dice.random() < way_out
        if free and not self.agrees(self.stay_logit()):
            self.leave()

    def agrees(self, logit: float) -> bool:
        """Whether it says yes, of itself or because centre or region overrules its refusal."""
        levers = self.model.levers
        refusal = (1.0 - logistic(logit)) * (1.0 - levers["mandate"])
        if self.region.planned:
            refusal *= 1.0 - levers["binding"]
        return self.model.dice.random() < 1.0 - refusal

    def join_logit(self, provider: Provider) -> float:
        """What speaks for joining with this provider."""
        p, levers = self.model.parameters, self.model.levers
        price = levers["upfront_fee_gbp"] - levers["grant_gbp"]
        means = self.budget * (1.0 - levers["budget_squeeze"])
        gap_seen = 0.0 if self.hurried else self.gap * levers["gap_analysis"]
        worth = self.value(gap_seen) - price / self.spend
        strain = p["liquidity_weight"] * max(price, 0.0) / means
        liking = p["value_weight"] * worth + self.leaning(provider)
        return liking - strain - self.control()

    def migrate_logit(self) -> float:
        """What speaks for migrating."""
        p, levers, now = self.model.parameters, self.model.levers, self.model.conditions
        discount = levers["conditional_share"] * levers["discount_share"]
        gain = now.annuity * (self.expected_saving(self.gap) + discount)
        return p["value_weight"] * (gain - now.closing_cost * self.gap)

    def stay_logit(self) -> float:
        """What speaks for staying: once aligned no gap is left, once live it is locked in."""
        worth = self.value(0.0 if self.aligned else self.gap)
        liking = self.model.parameters["value_weight"] * worth + self.leaning(self.provider)
        return liking + (self.control() if self.stage == "live" else 0.0)

    def leaning(self, provider: Provider) -> float:
        """What speaks for the scheme and this provider besides money and control."""
        misfit = self.misfit_weight * self.model.levers["misfit"]
        return self.network.climate + provider.appeal - misfit

    def control(self) -> float:
        """What control is worth that only those outside have."""
        return self.model.parameters["sovereignty"] * (1.0 - self.model.levers["autonomy"])

    def value(self, gap: float) -> float:
        """Years of own spend that a term is worth if there is such a gap to close."""
        levers, now = self.model.levers, self.model.conditions
        gain = self.expected_saving(gap) + levers["discount_share"] + levers["bundle_share"]
        gain -= levers["yearly_fee_gbp"] / self.spend
        return now.annuity * gain - now.closing_cost * gap

    def expected_saving(self, gap: float) -> float:
        """The yearly saving that it believes in and can cash, as a share of own spend."""
        return self.believed_saving() * (1.0 - gap) * self.model.parameters["cashable_share"]

    def believed_saving(self) -> float:
        """The saving it believes in, from its network and from a benchmark of its own."""
        weight = self.model.levers["benchmark_weight"]
        if not weight:
            return self.network.believed_saving
        precision = weight / self.model.parameters["signal_sd_share"] ** 2
        excess = max(0.0, 1.0 - self.typical_spend / self.spend)
        total = self.network.weighted_sum + precision * excess
        return total / (self.network.precision + precision)


class Provider(mesa.Agent):
    """Who offers the service; capacity in customers, money in GBP, quality 0..1."""

    model: PlainModel

    def __init__(self, model: PlainModel, facts: dict[str, Any], number: int) -> None:
        """Start open, or waiting to enter; `number` counts from 1."""
        super().__init__(model)
        self.facts, self.number = facts, number
        self.public_share = facts["public_share"]
        self.capacity = facts.get("capacity", math.inf)
        spread = facts.get("quality_sd", 0.0) * model.dice.gauss(0.0, 1.0)
        self.own_quality = clip(facts["quality"] + spread)  # Q0
        self.quality = self.own_quality  # Q
        self.members: dict[Trust, None] = {}
        self.requests: list[Trust] = []  # of this month, for a place
        self.places = self.capacity  # of this month; a part of a place is none
        self.was_closed = False  # at the end of last month
        self.heir: Provider | None = None  # that it was merged into
        self.appeal = self.failure = 0.0  # logits; severity of this month's failure
        self.signatures = self.new_signatures = self.departures = 0  # new ones are of this month
        self.spent = self.signing_fees = self.yearly_fees = self.refunds = self.offset = 0.0
        self.rebates = self.price_cuts = self.own_saving = 0.0
        self.status = "absent"
        if not facts.get("enters_later", False):
            self.enter()

    @property
    def is_open(self) -> bool:
        """Whether it is open, with or without conditions."""
        return self.status in ("open", "conditional")

    @property
    def is_closed(self) -> bool:
        """Whether it was stopped or has withdrawn."""
        return self.status in ("stopped", "withdrawn")

    @property
    def has_room(self) -> bool:
        """Whether it is open and has a place."""
        return self.is_open and self.places >= 1.0

    @property
    def fees(self) -> float:
        """All fees so far that it has not paid back."""
        return self.signing_fees + self.yearly_fees - self.refunds

    @property
    def running_loss(self) -> float:
        """What it has paid more than it received, without what it spent on entering."""
        paid = self.rebates + self.price_cuts
        return paid - self.fees - self.own_saving - self.offset

    def open_month(self) -> None:
        """Work out its places, and how much it appeals to customers."""
        to_come = sum(len(p.members) for p in self.model.providers if p.heir is self)
        self.places = self.capacity - len(self.members) - to_come
        p = self.model.parameters
        private = p["public_preference"] * (1.0 - self.public_share)
        self.appeal = -p["quality_weight"] * (1.0 - self.quality) - private
        self.new_signatures = 0

    def give_places(self) -> list[Trust]:
        """Take on as many of those who asked as it has places, by lot; return the others."""
        asked, self.requests = self.requests, []
        self.model.dice.shuffle(asked)
        admitted = [trust for rank, trust in enumerate(asked, start=1) if rank <= self.places]
        for trust in admitted:
            trust.take_place(self)
        return asked[len(admitted) :]

    def welcome(self, trust: Trust) -> None:
        """Take on a trust that has signed."""
        trust.provider = self
        self.members[trust] = None
        self.signatures += 1
        self.new_signatures += 1

    def lose(self, trust: Trust) -> None:
        """Let go a trust that leaves."""
        del self.members[trust]
        self.departures += 1

    def step(self) -> None:
        """Wait to enter; or book, serve, be assessed, and count the losses."""
        if self.status == "absent":
            self.wait_to_enter()
            return
        self.book()
        self.serve()
        if self.is_open and self.model.month == self.model.levers["assessment_month"]:
            self.be_assessed()
        if self.is_open and self.running_loss > self.tolerated_loss():
            self.status = "withdrawn"

    def wait_to_enter(self) -> None:
        """Enter, if nothing deters it."""
        levers, public = self.model.levers, self.public_share
        private_zeal = (1.0 - public) * (1.0 - levers["reversal_risk"])
        zeal = private_zeal + public * levers["redundancy_avoided_share"]
        rate = self.model.parameters["entry_per_month"] * zeal
        if self.model.strikes(rate * (1.0 - levers["management_cost_cap"])):
            self.enter()

    def enter(self) -> None:
        """Open, and spend what that takes."""
        self.status = "open"
        self.spent = self.facts.get("invested_gbp", 0.0) + self.facts.get("committed_gbp", 0.0)
        self.model.centre.account(-self.spent)

    def book(self) -> None:
        """Book what the month brings in and what is given away."""
        levers = self.model.levers
        spend = sum(trust.spend for trust in self.members)
        live_spend = sum(trust.spend for trust in self.members if trust.stage == "live")
        discount, cap = levers["discount_share"], levers["management_cost_cap"]
        unconditional = discount * (1.0 - levers["conditional_share"])
        own_saving = levers["supplier_saving_share"] * live_spend / 12.0
        self.signing_fees += levers["upfront_fee_gbp"] * self.new_signatures
        self.yearly_fees += levers["yearly_fee_gbp"] * len(self.members) / 12.0
        self.rebates += (unconditional + cap) * (spend - live_spend) / 12.0
        self.rebates += (discount + cap) * live_spend / 12.0
        self.price_cuts += levers["price_cut_share"] * spend / 12.0
        self.own_saving += own_saving
        self.model.centre.account(own_saving)

    def serve(self) -> None:
        """Let quality recover towards its long-run level, unless the service fails."""
        self.failure = self.draw_failure()
        target = self.long_run_quality()
        staying = math.exp(-self.model.parameters["recovery_per_month"])
        recovered = target + (self.quality - target) * staying
        self.quality = recovered * (1.0 - self.failure)

    def draw_failure(self) -> float:
        """The severity of a failure in this month, 0 without one."""
        levers, severity = self.model.levers, 0.0
        rate = self.model.parameters["failure_per_month"] * (1.0 - self.quality)
        if self.members and self.model.strikes(rate):
            severity = self.model.dice.random()
        struck = levers["incident_provider"] in (0, self.number)
        return max(severity, levers["incident_severity"]) if struck else severity

    def long_run_quality(self) -> float:
        """The quality that a thin price and open gaps leave (Q*)."""
        skimped = self.model.parameters["skimping"] * self.model.levers["price_cut_share"]
        return clip(self.own_quality - skimped - self.open_gaps())

    def open_gaps(self) -> float:
        """The gap of those who share before they are aligned, over all members by spend."""
        sharers = [t for t in self.members if t.exposed and t.stage == "migrating"]
        if not sharers:
            return 0.0
        return sum(t.gap * t.spend for t in sharers) / sum(t.spend for t in self.members)

    def be_assessed(self) -> None:
        """Pass, pass with conditions, or be stopped."""
        bar = self.model.levers["assessment_bar"]
        if self.quality < bar:
            self.status = "stopped"
        else:
            conditional = self.quality < bar + self.model.levers["assessment_margin"]
            self.status = "conditional" if conditional else "open"

    def tolerated_loss(self) -> float:
        """The running loss that its parent bears."""
        insecure = 1.0 - self.model.levers["contract_security"]
        left_over = 1.0 - self.facts.get("parent_dependence_share", 0.0) * insecure
        income = self.facts.get("parent_income_gbp", math.inf)
        return self.model.parameters["loss_tolerance_share"] * income * left_over

    def close_month(self) -> None:
        """Be merged into a survivor by chance, if it closed in this month."""
        was_closed, self.was_closed = self.was_closed, self.is_closed
        if self.is_closed and not was_closed and self.model.levers["merger"] == 1.0:
            survivors = [p for p in self.model.providers if p.status == "open"]
            if survivors:
                self.heir = self.model.dice.choice(survivors)
                self.heir.capacity += self.capacity


class Market:
    """The providers that are open to trusts in a month, and the odds that a trust chooses each."""

    def __init__(self, providers: list[Provider], dice: random.Random) -> None:
        """See who is open and has room."""
        self.dice = dice
        with_room = [p for p in providers if p.has_room]
        self.choice = with_room or [p for p in providers if p.is_open]  # of those who decide
        self.odds = [math.exp(p.appeal) for p in self.choice]
        self.unconditional = [p for p in with_room if p.status == "open"]
        self.unconditional_odds = [math.exp(p.appeal) for p in self.unconditional]

    def choose(self) -> Provider | None:
        """Choose one with room or, if there is none, one that is open, if any."""
        if len(self.choice) > 1:
            return self.dice.choices(self.choice, self.odds)[0]
        return self.choice[0] if self.choice else None


class Centre(mesa.Agent):
    """Who pays grants and the programme, keeps the accounts of all (GBP), and may scrap it all."""

    model: PlainModel

    def __init__(self, model: PlainModel) -> None:
        """Start with nothing paid and the scheme on."""
        super().__init__(model)
        self.grants = self.programme = self.one_off_costs = self.net_present_value = 0.0
        self.scrapped_month = NEVER

    def step(self) -> None:
        """Pay for the month, and review the scheme when its month has come."""
        levers = self.model.levers
        signatures = sum(provider.new_signatures for provider in self.model.providers)
        self.grants += levers["grant_gbp"] * signatures
        self.programme += levers["programme_cost_gbp"] / 12.0
        self.account(-levers["programme_cost_gbp"] / 12.0)
        if self.model.month == levers["review_month"]:
            self.review()

    def account(self, gain: float) -> None:
        """Add what all payers together gain in this month to the net present value."""
        self.net_present_value += gain * self.model.discount_factor

    def pay_one_off(self, cost: float) -> None:
        """Account for what a trust pays once."""
        self.one_off_costs += cost
        self.account(-cost)

    def review(self) -> None:
        """Scrap the scheme, with refunds, if too few trusts have ever signed."""
        levers, providers = self.model.levers, self.model.providers
        signed = sum(trust.has_signed for trust in self.model.trusts)
        if signed < levers["scrap_below_share"] * levers["target_joined"]:
            self.scrapped_month = self.model.month
            for provider in providers:
                provider.refunds = levers["refund_share"] * provider.signing_fees
                provider.offset = levers["offset_gbp"] / len(providers)


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
        overridden: dict[str, float] | None = None,
        structure: dict[str, Any] | None = None,
    ) -> None:
        """Make the population at month 0; levers that are `overridden` stay so throughout."""
        super().__init__(rng=seed)
        self.dice = random.Random(seed)  # faster than numpy's for one number at a time
        self.facts, self.sector = setting.scenario, setting.scenario["sector"]
        self.parameters, self.overridden = parameters, overridden or {}
        self.structure = setting.structure | (structure or {})
        self.horizon = int(self.facts["months"]) if months is None else months
        self.neutral = {name: float(lever["neutral"]) for name, lever in setting.levers.items()}
        self.levers = self.neutral | self.facts.get("levers", {})
        self.month = self.repeated_signatures = self.turned_away = 0
        self.begin_month()
        self.centre = Centre(self)
        self.providers = self.make_providers()
        number = int(self.facts["approached"]) if trusts is None else trusts
        self.make_trusts(self.approach(number, approached_spread))
        self.launch()
        self.count()
        self.datacollector = mesa.DataCollector(model_reporters={name: name for name in CURVES})
        self.datacollector.collect(self)

    def make_providers(self) -> list[Provider]:
        """Make the providers; an entry of the scenario may stand for several."""
        entries = self.facts["providers"].values()
        each = [entry for entry in entries for _ in range(int(entry.get("number", 1)))]
        return list(Provider.create_agents(self, len(each), each, list(range(1, len(each) + 1))))

    def make_trusts(self, kinds: list[str]) -> None:
        """Make regions, networks and trusts of these kinds."""
        places, number = int(self.sector["regions"]), len(kinds)
        groups = {"nation": 1, "region": places, "profession": int(self.sector["professions"])}
        peers = self.structure["peers"]
        self.regions = Region.create_agents(self, places)
        self.networks = PeerNetwork.create_agents(self, groups[peers])
        regions, networks = list(self.regions), list(self.networks)
        homes = self.dice.choices(range(places), k=number)
        circles = homes if peers == "region" else self.dice.choices(range(len(networks)), k=number)
        self.trusts = Trust.create_agents(
            self, number, kinds, [regions[i] for i in homes], [networks[i] for i in circles]
        )

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

    def launch(self) -> None:
        """Let the trusts of the pathfinder regions sign, who thereby have a plan."""
        offers = [provider for provider in self.providers if provider.is_open]
        regions = list(self.regions)[: int(self.levers["pathfinders"])]
        for trust in [t for region in regions for t in region.trusts if t.stage != "exempt"]:
            if offers:
                self.dice.choice(offers).requests.append(trust)
        for provider in offers:
            provider.give_places()  # the others stay idle
        for region in regions:
            if region.members:
                region.progress = Progress.PLANNED
        self.pathfinders = sum(region.planned for region in self.regions)

    def size(self, income: float) -> str:
        """The size of a trust with this income."""
        if income >= self.sector["large_from_gbp"]:
            return "large"
        return "medium" if income >= self.sector["medium_from_gbp"] else "small"

    def strikes(self, rate: float) -> bool:
        """Whether a clock with this hazard a month strikes in this month."""
        return self.dice.random() < 1.0 - math.exp(-rate)

    @property
    def curves(self) -> dict[str, list[int]]:
        """The counts by month, from month 0."""
        return dict(self.datacollector.model_vars)

    @property
    def curve(self) -> list[int]:
        """How many trusts have ever signed, by month."""
        return self.curves["joined"]

    def begin_month(self) -> None:
        """Follow the timeline, and work out what the levers mean."""
        self.follow_timeline()
        rate, levers = self.sector["discount_rate"], self.levers
        self.discount_factor = (1.0 + rate) ** (-self.month / 12.0)
        felt_pressure = levers["pressure"] if self.structure["pressure_on_attention"] else 0.0
        self.conditions = conditions(levers, self.parameters, felt_pressure, rate)

    def follow_timeline(self) -> None:
        """Set the levers of this month; news and incidents act in the month of their row only."""
        self.levers.update({name: self.neutral[name] for name in MOMENTARY})
        for row in self.facts.get("timeline", []):
            if row["month"] == self.month:
                self.levers.update(row.get("set", {}))
        self.levers.update(self.overridden)

    def open_providers(self) -> None:
        """See which providers have room, and how badly any failed last month."""
        for provider in self.providers:
            provider.open_month()
        self.market = Market(self.providers, self.dice)
        self.alarm = sum(provider.failure for provider in self.providers)

    def step(self) -> None:
        """Live through one month."""
        self.month += 1
        if self.centre.scrapped_month == NEVER:
            self.begin_month()
            self.open_providers()
            self.networks.do("step")
            self.regions.do("step")
            self.trusts.do("step")  # in any order: they see the state at the start of the month
            self.give_places()
            for provider in self.providers:
                provider.step()
            for provider in self.providers:
                provider.close_month()
            self.centre.step()
            self.count()
        self.datacollector.collect(self)

    def give_places(self) -> None:
        """Let the providers take on those who asked, and turn away the others."""
        for provider in self.providers:
            for trust in provider.give_places():
                trust.miss_place()

    def count(self) -> None:
        """Count trusts, regions and providers for the data collector."""
        trusts = list(self.trusts)
        stages = Counter(trust.stage for trust in trusts)
        self.joined = sum(trust.has_signed for trust in trusts)
        self.interested = sum(trust.seems_interested for trust in trusts)
        self.considering = sum(stages[stage] for stage in PROSPECTS)
        self.members = sum(stages[stage] for stage in MEMBERS)
        self.declined, self.live, self.exempt = (stages[s] for s in ("declined", "live", "exempt"))
        self.left = self.joined - self.members
        self.regions_planned = sum(region.planned for region in self.regions)
        statuses = Counter(provider.status for provider in self.providers)
        self.providers_open = statuses["open"] + statuses["conditional"]
        self.providers_conditional = statuses["conditional"]
        self.providers_stopped = statuses["stopped"]

    def run(self) -> dict[str, float]:
        """Run to the horizon; return the outcomes by name, in trusts, GBP, shares and months."""
        while self.month < self.horizon:
            self.step()
        return {
            **{name: column[-1] for name, column in self.curves.items()},
            **self.describe_members(),
            **self.describe_regions(),
            **self.describe_providers(),
            **self.close_accounts(),
            "scrapped_month": self.centre.scrapped_month,
            "approached": len(self.trusts),
            **self.count_groups(),
        }

    def describe_members(self) -> dict[str, float]:
        """Who has joined, who has not, and what they believe."""
        dear = sum(t.has_signed and t.spend > t.typical_spend for t in self.trusts)
        beliefs = sum(n.believed_saving * len(n.trusts) for n in self.networks)
        return {
            "stalled": self.members - self.live,
            "exempt": self.exempt,
            "rejoined": self.repeated_signatures,
            "joined_above_typical_spend": dear,
            "joined_below_typical_spend": self.joined - dear,
            "believed_saving_share": beliefs / len(self.trusts),
        }

    def describe_regions(self) -> dict[str, float]:
        """How far the regions have come."""
        progress = [region.progress for region in self.regions]
        followers = self.regions_planned - self.pathfinders
        collaboration = sum(region.collaboration for region in self.regions)
        return {
            "followers_share": share(followers, len(progress) - self.pathfinders),
            "regions_common_systems": sum(p >= Progress.COMMON_SYSTEMS for p in progress),
            "regions_one_provider": sum(p >= Progress.ONE_PROVIDER for p in progress),
            "regions_market_tested": sum(p >= Progress.MARKET_TESTED for p in progress),
            "collaboration_share": collaboration / len(progress),
            "disrupted_months": sum(region.disrupted_months for region in self.regions),
        }

    def describe_providers(self) -> dict[str, float]:
        """How the providers have fared, and how well they serve."""
        customers = {provider: len(provider.members) for provider in self.providers}
        members = max(self.members, 1)
        quality = sum(n * provider.quality for provider, n in customers.items()) / members
        exits = [p.departures / p.signatures for p in self.providers if p.signatures]
        return {
            "providers_withdrawn": sum(p.status == "withdrawn" for p in self.providers),
            "public_share": sum(n * p.public_share for p, n in customers.items()) / members,
            "service_quality": quality if self.members else 1.0,
            "worst_exit_share": min(max(exits, default=0.0), 1.0),
        }

    def close_accounts(self) -> dict[str, float]:
        """What each payer, and all together, have saved and paid (GBP)."""
        providers, centre = self.providers, self.centre
        fees, rebates = sum(p.fees for p in providers), sum(p.rebates for p in providers)
        price_cuts, offset = sum(p.price_cuts for p in providers), sum(p.offset for p in providers)
        disruption = sum(region.disruption for region in self.regions)
        burden = centre.one_off_costs + disruption
        return {
            "realised_saving_gbp": sum(region.saved for region in self.regions),
            "claimed_saving_gbp": sum(region.claimed for region in self.regions),
            "provider_loss_gbp": sum(p.spent + p.running_loss for p in providers),
            "trusts_cost_gbp": burden + fees - rebates - centre.grants,
            "centre_cost_gbp": centre.grants + centre.programme + offset - price_cuts,
            "grants_gbp": centre.grants,
            "net_present_value_gbp": centre.net_present_value,
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
