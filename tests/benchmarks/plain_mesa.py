"""The model of docs/model.md in plain Mesa, coded from that page alone: a check and a baseline."""

from __future__ import annotations

import dataclasses
import enum
import math
import pathlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

import mesa
import numpy as np
import yaml

MEMBERS = ("signed", "served")
CURVES = (
    "looked",
    "joined",
    "interested",
    "considering",
    "declined",
    "served",
    "aligned",
    "stalled",
    "left",
    "members",
    "turned_away",
    "regions_planned",
    "regions_common_systems",
    "regions_one_provider",
    "regions_market_tested",
    "providers_open",
    "providers_conditional",
    "providers_stopped",
    "providers_withdrawn",
)
MOMENTARY = ("news_weight", "news_saving_share", "incident_severity", "incident_provider", "vote")
SIZES = ("small", "medium", "large")
COUNTS = ("approached", "number")  # whole numbers, as some levers are
UNSAID = {  # what a sector has if it does not say
    "slack_floor": 0.05,
    "gap_low": 0.0,
    "gap_high": 1.0,
    "middling_gap": 0.5,
    "middling_slack": 0.5,
    "home_quality": 0.9,
}
NEVER = -1


class Progress(enum.IntEnum):
    """How far a region has come with its consolidation."""

    NO_PLAN = 0
    PLANNED = 1
    COMMON_SYSTEMS = 2
    ONE_PROVIDER = 3
    MARKET_TESTED = 4


@dataclasses.dataclass(frozen=True)
class Assumption:
    """A number that is not known better than to lie in a range, with its median."""

    value: float
    low: float
    high: float

    def at(self, a: float) -> float:
        """Take what a part `a` of the draws is below: a half are below its value."""
        if a <= 0.5:
            return self.low + 2.0 * a * (self.value - self.low)
        return self.value + (2.0 * a - 1.0) * (self.high - self.value)


@dataclasses.dataclass
class Setting:
    """What a run needs to know: scenario with its sector, levers, structure and priors."""

    scenario: dict[str, Any]  # with assumptions, until they are drawn
    levers: dict[str, Any]
    structure: dict[str, Any]
    priors: dict[str, Any]


def load(
    configs: pathlib.Path,
    scenario: str,
    structure: str = "default",
    parameters: str = "prior",
    own: pathlib.Path | None = None,
) -> Setting:
    """Read the YAML files below the folder `configs`, a scenario of one's own below `own`."""
    facts, levers = _read(own or configs, "scenario", scenario), _read(configs, "", "levers")
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
    if "value" not in node:
        return {k: _plain(v) for k, v in node.items()}
    if "low" in node:
        return Assumption(float(node["value"]), float(node["low"]), float(node["high"]))
    return float(node["value"])


def draw_assumptions(setting: Setting, rng: np.random.Generator | None) -> Setting:
    """Give every assumption a number: drawn from its range or, without `rng`, its value."""
    whole = {name for name, lever in setting.levers.items() if lever.get("whole")} | set(COUNTS)
    lasting = {name: rng.random() if rng else 0.5 for name in setting.levers}  # in every row

    def known(node: Any, name: str = "", group: str = "") -> Any:
        match node:
            case Assumption():
                own = rng.random() if rng else 0.5
                number = node.at(lasting[name] if group in ("levers", "set") else own)
                return float(round(number)) if name in whole else number
            case {"income_p50": Assumption(value=median)}:
                drawn = known(node["income_p50"])
                moved = {k: node[k] * drawn / median for k in ("income_p10", "income_p90")}
                return node | moved | {"income_p50": drawn}
            case dict():
                return {key: known(entry, key, name) for key, entry in node.items()}
            case list():
                return [known(entry, name) for entry in node]
        return node

    facts, asked = known(setting.scenario), setting.scenario["approached"]
    created = asked.high if rng and isinstance(asked, Assumption) else facts["approached"]
    return dataclasses.replace(setting, scenario=facts | {"created": created})


def draw_parameters(setting: Setting, rng: np.random.Generator) -> dict[str, float]:
    """Draw every parameter once from its prior, in the units of the parameter file."""
    return {name: _draw(prior, rng) for name, prior in setting.priors.items()}


def _draw(prior: float | dict[str, Any], rng: np.random.Generator) -> float:
    match prior:
        case {"distribution": "lognormal", "median": median, "sigma": sigma}:
            return rng.lognormal(math.log(median), sigma)
        case {"distribution": "normal", "mean": mean, "sd": sd}:
            return rng.normal(mean, sd)
        case {"distribution": "half_normal", "sd": sd}:
            return abs(rng.normal(0.0, sd))
        case {"distribution": "positive_normal", "mean": mean, "sd": sd}:
            return draw if (draw := rng.normal(mean, sd)) > 0.0 else _draw(prior, rng)
        case {"distribution": "beta", "a": a, "b": b}:
            return rng.beta(a, b)
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
    """What the levers of a month mean for every trust: hazards, delays, years of spend, logits."""

    rate: float  # discount rate, a year (r)
    term: float  # years (T)
    look_hazard: float  # without peers and stakes
    hurry: float  # chance that the deadline makes it look, and cuts its business case short
    planning: float  # hazard of finishing a business case or a reappraisal, at full slack
    wait: float  # months until a trust expects to be served, but for its own work
    sanction: float  # years of spend that staying out costs over a term
    bound: float  # how far a term binds (1 - e)
    closing_cost: float  # of the whole process gap (c)
    first_align: bool  # whether all but the hurried align before they are served
    staged: bool  # whether a region comes to common systems before its trusts are served
    climate: float  # what the centre, the staff and the law add to a decision

    def annuity(self, years: float) -> float:
        """The worth of one a year, for so many years (A)."""
        return (1.0 - (1.0 + self.rate) ** -years) / self.rate if self.rate else years

    def discount(self, years: float) -> float:
        """The worth of one in so many years."""
        return (1.0 + self.rate) ** -years


def conditions(
    levers: dict[str, float], p: dict[str, float], rate: float, month: int, waiting: int
) -> Conditions:
    """Work out the conditions of a month, with so many trusts signed and not yet served."""
    term, deadline = levers["term_years"], levers["deadline_month"]
    urge = p["pressure_attention_weight"] * (levers["pressure"] + levers["savings_drive"])
    months_left = math.ceil(deadline) - month + 1  # this one too
    staged = levers["quorum_share"] > 0.0 and levers["staged"] == 1.0
    challenge = 1.0 - math.exp(-levers["legal_risk_per_year"] * term)
    until_deadline = max(deadline - month, 0.0) / 12.0
    late = Conditions(
        rate=rate,
        term=term,
        look_hazard=p["attention_per_month"] * math.exp(urge),
        hurry=1.0 / months_left if months_left >= 1 else 0.0,
        planning=levers["capacity"] * p["business_case_per_month"],
        wait=announced_wait(levers, month) + waiting / levers["waves_per_month"],
        sanction=0.0,
        bound=1.0 - levers["exit_freedom"] * (1.0 - levers["leadership"]),
        closing_cost=p["migration_cost_years"] * (1.0 - levers["common_frameworks"]),
        first_align=levers["alignment_first"] == 1.0 or staged,
        staged=staged,
        climate=(
            p["endorsement_weight"] * levers["endorsement"]
            - p["staff_resistance"] * levers["staff_leaving_share"]
            - p["caution"] * challenge
        ),
    )
    sanctioned = late.annuity(max(term - until_deadline, 0.0)) * late.discount(until_deadline)
    return dataclasses.replace(late, sanction=levers["sanction_share"] * sanctioned)


def announced_wait(levers: dict[str, float], month: int) -> float:
    """Months until the service opens, as trusts expect: an overrun as long as the one so far."""
    overrun = month - levers["service_month"]
    if overrun > 0.0:
        return overrun if month < levers["opens_month"] else 0.0
    return -overrun


class Group(mesa.Agent):
    """Trusts that have something in common, and those of them that are members."""

    model: PlainModel

    def __init__(self, model: PlainModel) -> None:
        """Start without trusts."""
        super().__init__(model)
        self.trusts: list[Trust] = []
        self.members: dict[Trust, None] = {}  # a set in order of entry: sums can be repeated

    def count_aligned(self) -> int:
        """How many members are aligned."""
        return sum(trust.aligned for trust in self.members)


class PeerNetwork(Group):
    """Trusts that see one another join and save: of the nation, a region or a profession."""

    def __init__(self, model: PlainModel) -> None:
        """Start without evidence."""
        super().__init__(model)
        p = model.parameters
        self.advocates = 0.0  # of this month
        self.precision = 1.0 / p["belief_sd_share"] ** 2  # of prior and evidence so far
        self.weighted_sum = self.precision * p["believed_saving_share"]

    @property
    def believed_saving(self) -> float:
        """The saving that its trusts believe in, as a share of spend (m), without benchmarks."""
        return self.weighted_sum / self.precision

    def step(self) -> None:
        """Take stock of who has joined and of what it brings them."""
        joined = share(self.model.weigh(self.members), self.model.weigh(self.trusts))
        self.advocates = joined + self.model.levers["professions_lead"] * (1.0 - joined)
        self.receive_evidence()

    def receive_evidence(self) -> None:
        """Receive signals from members served and aligned, the news, and alarm over failures."""
        p, levers = self.model.parameters, self.model.levers
        v, tau = p["realised_saving_share"], p["signal_sd_share"]
        aligned = sum(trust.aligned and trust.stage == "served" for trust in self.members)
        if aligned and self.model.structure["evidence_shared"]:
            mean = self.model.dice.normal(v, tau / math.sqrt(aligned))
            self.receive_signal(mean, aligned / tau**2)
        self.receive_signal(levers["news_saving_share"], levers["news_weight"] / tau**2)
        self.receive_signal(0.0, self.model.alarm * p["alarm_weight"] / tau**2)

    def receive_signal(self, value: float, precision: float) -> None:
        """Add a signal to what is known (Normal-Normal)."""
        self.precision += precision
        self.weighted_sum += precision * value


class Region(Group):
    """A region that may consolidate, and the months of disruption in it so far."""

    def __init__(self, model: PlainModel) -> None:
        """Start without a plan."""
        super().__init__(model)
        self.progress = Progress.NO_PLAN
        self.was_chosen = False  # planned at the launch, or one of the pathfinders since
        self.collaboration = model.levers["collaboration_share"]
        self.disrupted_months = 0.0
        self.common_taste = model.dice.normal()  # z_region

    @property
    def planned(self) -> bool:
        """Whether the region has voted to consolidate."""
        return self.progress >= Progress.PLANNED

    @property
    def has_common_systems(self) -> bool:
        """Whether the region has come to common systems or further."""
        return self.progress >= Progress.COMMON_SYSTEMS

    def step(self) -> None:
        """Bank a month, lose some collaboration, perhaps go on by a stage, and perhaps vote."""
        p, levers = self.model.parameters, self.model.levers
        if self.model.structure["taste"] == "fresh":
            self.common_taste = self.model.dice.normal()  # of all who draw a taste this month
        self.bank()
        force = levers["pressure"] + levers["mandate"]
        self.collaboration *= math.exp(-p["crowding_out_per_month"] * force)
        if levers["quorum_share"] > 0.0 and self.may_go_on(levers["quorum_share"]):
            self.progress = Progress(self.progress + 1)
        if levers["quorum_share"] > 0.0 and levers["vote"] == 1.0:
            self.vote(levers["quorum_share"])

    def vote(self, quorum: float) -> None:
        """Join with all trusts, but the exempt, if enough are in favour; else leave with all."""
        voters = [trust for trust in self.trusts if trust.stage != "exempt"]
        provider = self.model.market.choose_together(voters)
        in_favour = [trust for trust in voters if trust.votes_for(provider)]
        outside = [trust for trust in voters if not trust.is_member]
        places = provider.places if provider else 0.0
        agreed = share(self.model.weigh(in_favour), self.model.weigh(voters)) >= quorum
        if not agreed or places < len(outside):
            for trust in list(self.members):
                trust.part_with_provider()
        elif provider is not None:
            for trust in outside:
                trust.sign(provider)
                provider.places -= 1.0

    def bank(self) -> None:
        """Bank a month of the saving claimed and of the market test's; count disruption."""
        levers, centre = self.model.levers, self.model.centre
        served = [trust for trust in self.members if trust.stage == "served"]
        disrupted = sum(not trust.aligned for trust in served)
        self.disrupted_months += levers["share_replaced"] * disrupted
        spend = sum(trust.pounds for trust in self.members)
        centre.claimed += levers["claimed_saving_share"] * spend / 12.0
        if self.progress == Progress.MARKET_TESTED:
            cashable = levers["market_saving_share"] * self.model.parameters["cashable_share"]
            saving = cashable / 12.0 * sum(trust.pounds for trust in served)
            centre.saved += saving
            centre.account(saving)

    def may_go_on(self, quorum: float) -> bool:
        """Whether the region reaches the next stage of its consolidation."""
        members = len(self.members)
        match self.progress:
            case Progress.NO_PLAN:
                return share(members, len(self.trusts)) >= quorum
            case Progress.PLANNED:
                return share(self.count_aligned(), members) >= quorum
            case Progress.COMMON_SYSTEMS:
                served = sum(trust.stage == "served" for trust in self.members)
                return share(served, members) >= quorum
            case Progress.ONE_PROVIDER:
                tested = self.model.levers["market_saving_share"] > 0.0
                return tested and self.model.strikes(self.model.conditions.planning)
        return False


class Trust(mesa.Agent):
    """An organisation that may join; money in GBP (income and spend a year), gap and slack 0..1."""

    model: PlainModel
    provider: Provider  # since its first signature

    def __init__(
        self,
        model: PlainModel,
        kind: str,
        region: Region,
        network: PeerNetwork,
        income: float | None,
    ) -> None:
        """Draw what the scenario and the sector leave open, and what lasts."""
        super().__init__(model)
        sector, dice = model.sector, model.dice
        self.kind, self.region, self.network = kind, region, network
        region.trusts.append(self)
        network.trusts.append(self)
        self.income = self.draw_income() if income is None else income
        self.size = model.size(self.income)
        cost = sector["cost_share_large" if self.size == "large" else "cost_share_small"]
        self.typical_spend = self.income * cost * model.facts["scope_share"]  # t
        spread = math.exp(sector["cost_sigma"] * dice.normal())
        self.spend = min(max(self.typical_spend * spread, 0.01), 1e12)  # b
        self.pounds = round(self.spend)
        self.budget = self.income * sector["budget_share"]  # L
        width = sector["gap_high"] - sector["gap_low"]
        self.gap = sector["gap_low"] + width * dice.random()  # g
        self.slack = max(dice.random(), sector["slack_floor"])  # s'
        misfit = 0.0 if kind in model.facts["designed_for"] else 1.0
        self.misfit_weight = misfit * model.parameters["misfit_weight"]
        self.reported = dice.random() < model.parameters["reporting_probability"]
        self.has_had_case = False  # since it last signed
        self.taste = self.draw_taste()  # W
        self.obligation = dice.random()  # u
        self.priority = dice.random()  # l
        self.first_choice = dice.random()  # of a provider at the start, in whatever turn
        self.matches = {p: model.uniform() for p in model.providers}  # U
        self.match_at_home = model.uniform()
        self.stage = "exempt" if dice.random() < model.levers["exempt_share"] else "idle"
        self.looked = self.hurried = self.was_served = self.aligned = self.at_work = False
        self.bound = False  # by the timeline, to join
        self.work_left = 0.0  # planned months, if it is at work
        self.signed_month = self.served_month = NEVER  # the latest signature, and its service

    def draw_income(self) -> float:
        """Draw an income that meets the three percentiles of the kind."""
        kind = self.model.sector["kinds"][self.kind]
        p10, p50, p90 = kind["income_p10"], kind["income_p50"], kind["income_p90"]
        z = self.model.dice.normal()
        sigma = math.log(p50 / p10 if z < 0.0 else p90 / p50) / 1.2816
        return min(max(p50 * math.exp(sigma * z), 1e3), 1e12)

    @property
    def is_member(self) -> bool:
        """Whether it is signed or served."""
        return self.stage in MEMBERS

    @property
    def has_signed(self) -> bool:
        """Whether the trust has ever signed, be it a member now or not."""
        return self.signed_month != NEVER

    @property
    def has_begun(self) -> bool:
        """Whether it has begun to align."""
        return self.aligned or self.at_work

    @property
    def seems_interested(self) -> bool:
        """Whether a newspaper would count the trust as interested."""
        lasting = self.has_had_case and self.model.structure["declined_report_interest"]
        return self.reported and (self.stage == "considering" or lasting)

    @property
    def is_obliged(self) -> bool:
        """Whether the timeline, the centre or its region overrules it."""
        levers = self.model.levers
        binding = levers["binding"] if self.region.planned else 0.0
        overruled = 1.0 - (1.0 - levers["mandate"]) * (1.0 - binding)
        return self.bound or self.obligation < overruled

    @property
    def grant(self) -> float:
        """The grant that it would get for signing now (S)."""
        return 0.0 if self.has_signed else self.model.levers["grant_gbp"]

    def act(self, deed: str) -> None:
        """Do what the timeline says of it."""
        self.bound = deed == "joins"
        if self.bound:
            self.stage = "idle" if self.stage == "exempt" else self.stage
        elif self.is_member:
            self.part_with_provider()
        if deed == "stays_out":
            self.stage = "exempt"

    def step(self) -> None:
        """Do what the stage calls for."""
        if self.stage == "exempt":
            return
        if self.is_member:
            self.be_member()
        elif self.is_obliged:
            self.do_as_told()
        elif self.stage == "considering":
            self.work_on_business_case()
        else:
            self.look_around()

    # Outside the scheme.

    def do_as_told(self) -> None:
        """Obliged: ask for a place, if there is a provider."""
        provider = self.model.market.choose(self)
        if provider is not None:
            self.looked, self.hurried = True, False
            provider.requests.append(self)

    def look_around(self) -> None:
        """Look, be it because of the deadline, and open a business case if that seems worth it."""
        p, now = self.model.parameters, self.model.conditions
        peers = 1.0 + p["peers_attention_weight"] * self.network.advocates
        stake = self.stake()
        stakes = 1.0 + p["stakes_attention"] * stake / (1.0 + stake)
        by_itself = self.model.strikes(now.look_hazard * peers * stakes)
        if by_itself or self.model.dice.random() < now.hurry:
            self.looked, self.hurried = True, False
            self.renew_taste()
            provider = self.model.market.choose(self)
            if provider is not None and self.likes(self.join_logit(provider, 0.0)):
                self.stage, self.has_had_case = "considering", True
                self.work_on_business_case()

    def stake(self) -> float:
        """How much is at stake, in years of spend, whatever it thinks of the scheme."""
        levers, now = self.model.levers, self.model.conditions
        paid = levers["discount_share"] * (1.0 - levers["cost_shared"])
        yearly = levers["share_replaced"] * paid + levers["bundle_share"]
        return self.grant / self.spend + now.annuity(now.term) * yearly + now.sanction

    def votes_for(self, provider: Provider | None) -> bool:
        """Vote on the provider or, a member, on its own; who is no member has looked by that."""
        if self.is_member:
            self.renew_taste()
            return self.is_obliged or self.likes(self.stay_logit())
        if self.stage != "considering":
            self.renew_taste()
        if provider is None:
            return self.is_obliged
        self.looked, self.hurried = True, False
        if self.is_obliged:
            return True
        return self.likes(self.join_logit(provider, self.model.levers["gap_analysis"] * self.gap))

    def draw_taste(self) -> float:
        """Draw how hard it is to convince, which trusts of a region share in part."""
        together = self.model.together
        common = math.sqrt(together) * self.region.common_taste
        own = math.sqrt(1.0 - together) * self.model.dice.normal()
        return 0.5 * math.erfc(-(common + own) / math.sqrt(2.0))

    def renew_taste(self) -> None:
        """Draw a new taste, if tastes do not last."""
        if self.model.structure["taste"] == "fresh":
            self.taste = self.draw_taste()

    def likes(self, logit: float) -> bool:
        """Whether so much is enough to convince it."""
        return self.taste < logistic(logit)

    def work_on_business_case(self) -> None:
        """Finish the business case and decide, be it because of the deadline."""
        now = self.model.conditions
        if self.model.strikes(self.slack * now.planning):
            self.decide(hurried=False)
        elif self.model.dice.random() < now.hurry:
            self.decide(hurried=True)

    def decide(self, hurried: bool) -> None:
        """Choose a provider, if one is open, and ask it for a place or decline."""
        self.hurried = hurried
        provider = self.model.market.choose(self)
        gap = self.model.sector["middling_gap"] if hurried else self.gap
        seen = self.model.levers["gap_analysis"] * gap
        if provider is not None and self.likes(self.join_logit(provider, seen)):
            provider.requests.append(self)
        else:
            self.stage = "declined"

    def take_place(self, provider: Provider) -> None:
        """Take the place it was given: be taken over if it is stranded, else sign."""
        if self.is_member:
            self.move_to(provider)
        else:
            self.sign(provider)

    def miss_place(self) -> None:
        """Be turned away; one that is stranded waits where it is."""
        if not self.is_member:
            self.stage = "idle"
            self.model.turned_away += 1

    def sign(self, provider: Provider) -> None:
        """Become a member."""
        if self.has_signed:
            self.model.repeated_signatures += 1
        else:
            self.model.centre.first_signatures += 1
        self.stage, self.signed_month, self.served_month = "signed", self.model.month, NEVER
        self.has_had_case = False
        self.region.members[self] = self.network.members[self] = None
        provider.welcome(self)

    def start(self, provider: Provider, stage: str) -> None:
        """Have been a member since month 0, for which nothing is paid."""
        self.sign(provider)
        self.looked = True
        if stage != "signed":
            self.stage, self.served_month, self.was_served = "served", self.model.month, True
        self.aligned = stage == "aligned"

    # In the scheme.

    def be_member(self) -> None:
        """Work on; then reappraise, or find another provider if its own has closed."""
        if self.at_work:
            self.work_on_processes()
        if self.provider.is_closed:
            self.replace_provider()
        elif self.model.strikes(self.slack * self.model.conditions.planning):
            self.reappraise()

    def work_on_processes(self) -> None:
        """Do a month of the work of aligning."""
        p, levers = self.model.parameters, self.model.levers
        led = p["pace"] + levers["leadership"] * max(1.0 - p["pace"], 0.0)
        staffed = self.slack / self.model.sector["middling_slack"]
        hands = (1.0 - levers["funded"]) * staffed + levers["funded"]
        self.work_left -= levers["capacity"] * led * hands
        if self.work_left <= 1e-9:
            self.aligned, self.at_work = True, False

    def replace_provider(self) -> None:
        """Go to the heir of its provider, or ask another one, or go in house, or wait."""
        if self.provider.heir is not None:
            self.move_to(self.provider.heir)
            return
        choice = self.model.market.choose_instead(self)
        if choice == "in house":
            self.leave()
        elif isinstance(choice, Provider):
            choice.requests.append(self)

    def move_to(self, provider: Provider) -> None:
        """Be taken over, on the terms of the old signature."""
        del self.provider.members[self]
        self.provider = provider
        provider.members[self] = None

    def reappraise(self) -> None:
        """Stay or leave at a price; one that stays may begin to align."""
        self.renew_taste()
        if not self.is_obliged and not self.likes(self.stay_logit()):
            self.leave_at_a_price()
        elif self.stage == "served" and not self.has_begun and self.finds_work_worth_it():
            self.begin_to_align()

    def part_with_provider(self) -> None:
        """Leave because others say so: nothing is paid to a provider that has closed."""
        if self.provider.is_closed:
            self.leave()
        else:
            self.leave_at_a_price()

    def leave_at_a_price(self) -> None:
        """Leave, and pay for it to the provider."""
        price = round(self.exit_years() * self.spend)
        self.provider.gain += price
        self.model.centre.trusts_cost += price
        self.leave()

    def leave(self) -> None:
        """Become a stranger again."""
        self.stage, self.aligned, self.at_work = "left", False, False
        del self.region.members[self], self.network.members[self]
        self.provider.lose(self)

    def is_ready(self) -> bool:
        """Whether a trust that has signed may be served."""
        if self.model.conditions.staged and not self.region.has_common_systems:
            return False
        return self.model.levers["alignment_first"] == 0.0 or self.hurried or self.aligned

    def be_served(self) -> None:
        """Become served; pay for redundancy the first time, and perhaps begin to align."""
        levers, centre = self.model.levers, self.model.centre
        self.stage, self.served_month = "served", self.model.month
        if not self.was_served:
            paid = levers["redundancy_cost_share"] * (1.0 - levers["redundancy_avoided_share"])
            cost = round(self.spend * levers["staff_leaving_share"] * paid)
            centre.trusts_cost += cost
            centre.account(-cost)
        self.was_served = True
        told = self.region.planned and self.obligation < levers["binding"]
        if not self.has_begun and (told or self.finds_work_worth_it()):
            self.begin_to_align()

    def begin_to_align(self) -> None:
        """Owe the work of aligning, and pay for it at once."""
        levers, centre = self.model.levers, self.model.centre
        cost = self.model.conditions.closing_cost * self.gap * self.spend
        funded, own = round(levers["funded"] * cost), round((1.0 - levers["funded"]) * cost)
        centre.centre_cost += funded
        centre.trusts_cost += own
        centre.account(-funded - own)
        self.work_left = self.planned_work(self.gap)
        self.at_work = True

    # What speaks for what.

    def planned_work(self, gap: float) -> float:
        """Planned months of work to close such a gap."""
        levers = self.model.levers
        size = gap / self.model.sector["middling_gap"]
        return levers["migration_months"] * size * (1.0 - levers["common_frameworks"])

    def belief(self) -> tuple[float, float]:
        """The saving it believes in and the precision: its network's, and a benchmark's."""
        weight = self.model.levers["benchmark_weight"]
        own = weight / self.model.parameters["signal_sd_share"] ** 2
        precision = self.network.precision + own
        excess = max(0.0, 1.0 - self.typical_spend / self.spend)
        return (self.network.weighted_sum + own * excess) / precision, precision

    def alignment_gain(self, provider: Provider) -> float:
        """What being aligned adds, a year, as a share of own spend."""
        p, levers = self.model.parameters, self.model.levers
        saving = self.belief()[0] * p["cashable_share"] * provider.outlook
        rebate = levers["discount_share"] * levers["conditional_share"]
        return saving + levers["share_replaced"] * rebate * (1.0 - levers["cost_shared"])

    def alignment_work(self, gap: float) -> tuple[float, float]:
        """Months of work that it counts on, and its cost in years of spend."""
        if self.has_begun:
            return self.work_left if self.at_work else 0.0, 0.0
        cost = (1.0 - self.model.levers["funded"]) * self.model.conditions.closing_cost * gap
        return self.planned_work(gap), cost

    def aligned_worth(self, provider: Provider, gap: float) -> float:
        """Years of spend that aligning is worth over a term that starts now."""
        now, (months, cost) = self.model.conditions, self.alignment_work(gap)
        years = now.annuity(now.term) - now.annuity(min(months / 12.0, now.term))
        return years * self.alignment_gain(provider) - cost

    def finds_work_worth_it(self) -> bool:
        """Whether to begin to align is worth it."""
        return self.aligned_worth(self.provider, self.gap) > 0.0

    def served_worth(self, provider: Provider) -> float:
        """What being served is worth a year, not aligned, as a share of own spend."""
        levers = self.model.levers
        replaced = levers["share_replaced"]
        harm = replaced * (self.model.sector["home_quality"] - provider.outlook)
        return replaced - self.charge(provider, False) + levers["bundle_share"] - harm

    def spend_with(self, provider: Provider) -> float:
        """What a provider serves, this trust too."""
        customer = self.stage == "served" and self.provider is provider
        return provider.spend_served + (0.0 if customer else self.spend)

    def charge(self, provider: Provider, aligned: bool) -> float:
        """What it would pay a year, as a share of own spend."""
        return provider.charge(self.spend, self.spend_with(provider), aligned) / self.spend

    def doubt(self, provider: Provider) -> float:
        """What not being sure of the saving costs, in years of spend."""
        p, now = self.model.parameters, self.model.conditions
        sd = self.belief()[1] ** -0.5
        stray = now.term * p["cashable_share"] * provider.outlook * sd
        return 0.5 * p["risk_aversion"] * now.bound * stray**2

    def benefit(self, provider: Provider, gap: float, doubt: float) -> float:
        """Years of own spend that a term is worth if there is such a gap to close."""
        now = self.model.conditions
        served = now.annuity(now.term) * self.served_worth(provider)
        if self.stage == "served":
            return served + max(self.aligned_worth(provider, gap) - doubt, 0.0)
        if self.hurried or not now.first_align:
            eta = now.discount(now.wait / 12.0)
            return eta * served + max(eta * self.aligned_worth(provider, gap) - doubt, 0.0)
        months, cost = self.alignment_work(gap)
        eta = now.discount(max(now.wait, months) / 12.0)
        gain = now.annuity(now.term) * self.alignment_gain(provider)
        return eta * (served + gain) - cost - doubt

    def join_logit(self, provider: Provider, gap: float) -> float:
        """What speaks for joining with this provider, if there is such a gap."""
        p, levers, now = self.model.parameters, self.model.levers, self.model.conditions
        price = levers["upfront_fee_gbp"] - self.grant
        means = self.budget * (1.0 - levers["budget_squeeze"])
        benefit = self.benefit(provider, gap, self.doubt(provider))
        worth = benefit + now.sanction - price / self.spend
        strain = p["liquidity_weight"] * max(price, 0.0) / means
        return p["value_weight"] * worth - strain + self.leaning(provider) - self.control()

    def stay_logit(self) -> float:
        """What speaks for staying."""
        worth = self.benefit(self.provider, self.gap, 0.0) + self.model.conditions.sanction
        liking = self.model.parameters["value_weight"] * (worth + self.exit_years())
        locked_in = self.control() if self.stage == "served" else 0.0
        return liking + self.leaning(self.provider) + locked_in

    def leaning(self, provider: Provider) -> float:
        """What speaks for the scheme and this provider besides money and control."""
        advocacy = self.model.parameters["peers_weight"] * self.network.advocates
        misfit = self.misfit_weight * self.model.levers["misfit"]
        return advocacy + self.model.conditions.climate - provider.privacy - misfit

    def control(self) -> float:
        """What control is worth that only those outside have."""
        replaced = self.model.levers["share_replaced"] * (1.0 - self.model.levers["autonomy"])
        return self.model.parameters["sovereignty"] * replaced

    def exit_years(self) -> float:
        """What leaving costs, in years of spend."""
        levers, now = self.model.levers, self.model.conditions
        rest = now.term
        if self.stage == "served":
            rest = max(rest - (self.model.month - self.served_month) / 12.0, 0.0)
        running = levers["share_replaced"] * self.provider.running_cost
        margin = max(self.charge(self.provider, self.aligned) - running, 0.0)
        return now.bound * now.annuity(rest) * margin


class Provider(mesa.Agent):
    """Who offers the service; capacity in customers, money in GBP, quality 0..1."""

    model: PlainModel

    def __init__(self, model: PlainModel, name: str, facts: dict[str, Any], number: int) -> None:
        """Start open, or waiting to enter; `number` counts from 1."""
        super().__init__(model)
        self.name, self.facts, self.number = name, facts, number
        self.public_share = facts["public_share"]
        self.privacy = model.parameters["public_preference"] * (1.0 - self.public_share)  # logits
        self.capacity = facts.get("capacity", math.inf)
        self.running_cost = facts.get("running_cost_share", 1.0)  # of a pound that it takes over
        self.fixed_cost = facts.get("fixed_cost_gbp", 0.0)  # a year
        spread = facts.get("quality_sd", 0.0) * model.dice.normal()
        self.own_quality = clip(facts["quality"] + spread)  # Q0
        self.quality = self.own_quality  # Q
        self.members: dict[Trust, None] = {}
        self.requests: list[Trust] = []  # of this month, for a place
        self.places = self.capacity  # of this month; a part of a place is none
        self.was_closed = False  # at the end of last month
        self.heir: Provider | None = None  # that it was merged into
        self.spend_served = 0.0  # at the start of the month (S_p)
        self.outlook = self.quality  # Qe
        self.failure = 0.0  # severity of this month's failure
        self.signatures = self.new_signatures = self.departures = 0  # new ones are of this month
        self.gain = self.signing_fees = 0.0  # so far
        self.status, self.entered = "absent", NEVER
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
    def spent_on_entry(self) -> float:
        """What it invests and commits."""
        return self.facts.get("invested_gbp", 0.0) + self.facts.get("committed_gbp", 0.0)

    @property
    def planned_spend(self) -> float:
        """The spend that it counts on at first (GBP a year)."""
        ramping = self.model.month - self.entered <= self.facts.get("ramp_months", 0.0)
        return self.facts.get("planned_spend_gbp", 0.0) if ramping else 0.0

    def served(self) -> list[Trust]:
        """The trusts that it serves now."""
        return [trust for trust in self.members if trust.stage == "served"]

    def open_month(self) -> None:
        """Work out its places and what it serves."""
        to_come = sum(len(p.members) for p in self.model.providers if p.heir is self)
        self.places = self.capacity - len(self.members) - to_come
        self.spend_served = sum(trust.pounds for trust in self.served())
        self.outlook = self.expected_quality()
        self.new_signatures = 0

    def appeal(self, trust: Trust) -> float:
        """How it compares with home for a trust, in logits."""
        p, levers, now = self.model.parameters, self.model.levers, self.model.conditions
        replaced, shared = levers["share_replaced"], levers["cost_shared"]
        fixed = self.fixed_cost / max(trust.spend_with(self), self.planned_spend)
        dearer = replaced * self.running_cost + fixed - replaced
        better = replaced * (self.outlook - self.model.sector["home_quality"])
        worth = now.annuity(now.term) * (better - shared * dearer)
        return p["value_weight"] * worth - self.privacy

    def charge(self, own: float, spend: float, aligned: bool) -> float:
        """What a trust with a spend of its own pays a year, of a provider that serves `spend`."""
        levers = self.model.levers
        replaced, shared = levers["share_replaced"], levers["cost_shared"]
        discount = levers["discount_share"]
        if not aligned:
            discount *= 1.0 - levers["conditional_share"]
        price = levers["yearly_fee_gbp"] + replaced * (1.0 - discount) * own
        part = own / max(spend, self.planned_spend, own)
        cost = replaced * self.running_cost * own + self.fixed_cost * part
        return (1.0 - shared) * price + shared * cost

    def charges(self) -> float:
        """What the trusts that it serves now pay a year."""
        served = self.served()
        spend = sum(trust.pounds for trust in served)
        return sum(self.charge(max(t.pounds, 1), spend, t.aligned) for t in served)

    def give_places(self) -> tuple[list[Trust], list[Trust]]:
        """Admit as many of those who asked as it has places, by priority; name the others too."""
        asked, self.requests = sorted(self.requests, key=lambda trust: trust.priority), []
        admitted = [trust for rank, trust in enumerate(asked, start=1) if rank <= self.places]
        return admitted, asked[len(admitted) :]

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
        if self.is_open and -self.gain > self.tolerated_loss():
            self.status = "withdrawn"
            self.fixed_cost = 0.0

    def wait_to_enter(self) -> None:
        """Enter in its month or, if none is known, if nothing deters it."""
        levers, public = self.model.levers, self.public_share
        known = self.facts.get("entry_month", 0.0)
        private_zeal = (1.0 - public) * (1.0 - levers["reversal_risk"])
        zeal = private_zeal + public * levers["redundancy_avoided_share"]
        rate = self.model.parameters["entry_per_month"] * zeal
        deterred = 1.0 - levers["management_cost_cap"]
        if known == self.model.month if known else self.model.strikes(rate * deterred):
            self.enter()

    def enter(self) -> None:
        """Open, and spend what that takes."""
        self.status, self.entered = "open", self.model.month
        self.gain -= self.spent_on_entry
        self.model.centre.account(-self.spent_on_entry)

    def book(self) -> None:
        """Book the fees on signing, and a month of the table of accounts, for all sides."""
        levers, p, centre = self.model.levers, self.model.parameters, self.model.centre
        served = self.served()
        spend = sum(trust.pounds for trust in served)
        aligned_spend = sum(trust.pounds for trust in served if trust.aligned)
        fees = levers["upfront_fee_gbp"] * self.new_signatures
        charges = self.charges() / 12.0
        ended = levers["share_replaced"] * spend / 12.0  # own spend
        running = self.running_cost * ended
        bundle = levers["bundle_share"] * spend / 12.0
        fixed = self.fixed_cost / 12.0
        harm = (self.model.sector["home_quality"] - self.quality) * ended
        saving = p["realised_saving_share"] * p["cashable_share"] * self.quality
        saving *= aligned_spend / 12.0
        own_saving = levers["supplier_saving_share"] * levers["share_replaced"]
        own_saving *= aligned_spend / 12.0
        cut = levers["price_cut_share"] * ended
        cap = levers["management_cost_cap"] * ended
        self.signing_fees += fees
        self.gain += fees + charges + own_saving - running - bundle - fixed - cut - cap
        centre.trusts_cost += fees + charges + harm - ended - bundle - cap
        centre.centre_cost -= cut
        centre.saved += saving
        centre.price_saving += ended - charges + cap
        centre.harm += harm
        centre.account(ended - running - fixed - harm + saving + own_saving)

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
        """The quality that a thin price, open gaps and lasting damage leave (Q*)."""
        p, levers = self.model.parameters, self.model.levers
        skimped = p["skimping"] * levers["price_cut_share"]
        harmed = p["open_gap_harm"] * levers["share_replaced"] * self.open_gaps()
        struck = levers["damage_provider"] in (0, self.number)
        damage = levers["damage"] if struck else 0.0
        return clip(self.own_quality - skimped - harmed - damage)

    def expected_quality(self) -> float:
        """The mean quality over a term, if it recovers from now on (Qe)."""
        term = 12.0 * self.model.levers["term_years"]
        n = self.model.parameters["recovery_per_month"] * term
        target = self.long_run_quality()
        return target + (self.quality - target) * (1.0 - math.exp(-n)) / n

    def open_gaps(self) -> float:
        """The gap of those who are served before they are aligned, over all served, by spend."""
        served = self.served()
        gaps = sum(round(t.gap * t.spend) for t in served if not t.aligned)
        return share(gaps, sum(trust.pounds for trust in served))

    def be_assessed(self) -> None:
        """Pass, pass with conditions, or be stopped."""
        bar = self.model.levers["assessment_bar"]
        if self.quality < bar:
            self.status = "stopped"
            self.fixed_cost = 0.0
        else:
            conditional = self.quality < bar + self.model.levers["assessment_margin"]
            self.status = "conditional" if conditional else "open"

    def tolerated_loss(self) -> float:
        """The loss that its parent bears."""
        income = self.facts.get("parent_income_gbp", math.inf)
        if math.isinf(income):
            return math.inf
        insecure = 1.0 - self.model.levers["contract_security"]
        left_over = 1.0 - self.facts.get("parent_dependence_share", 0.0) * insecure
        tolerance = self.model.parameters["loss_tolerance_share"] * income
        return (self.spent_on_entry + tolerance) * left_over

    def close_month(self) -> None:
        """Be merged into a survivor by chance, if it closed in this month."""
        was_closed, self.was_closed = self.was_closed, self.is_closed
        if self.is_closed and not was_closed and self.model.levers["merger"] == 1.0:
            survivors = [p for p in self.model.providers if p.status == "open"]
            if survivors:
                self.heir = survivors[self.model.dice.integers(len(survivors))]
                self.heir.capacity += self.capacity

    def break_even(self) -> float:
        """The spend at which what it earns a year covers its fixed cost, 0 if there is none."""
        levers, served = self.model.levers, self.served()
        replaced = levers["share_replaced"]
        if levers["cost_shared"] == 1.0:
            margin = replaced * (1.0 - self.running_cost)
        else:
            price = share(self.charges(), sum(trust.pounds for trust in served))
            given = levers["bundle_share"] + replaced * levers["management_cost_cap"]
            margin = price - replaced * self.running_cost - given if served else 0.0
        return self.fixed_cost / margin if margin > 0.0 else 0.0


class Market:
    """The providers that are open to trusts in a month, and whom each of these chooses."""

    def __init__(self, model: PlainModel) -> None:
        """See who is open and has room."""
        self.in_house = model.levers["in_house"]
        self.with_room = [p for p in model.providers if p.has_room]
        self.choice = self.with_room or [p for p in model.providers if p.is_open]
        self.unconditional = [p for p in self.with_room if p.status == "open"]

    def choose(self, trust: Trust) -> Provider | None:
        """Choose one with room or, if there is none, one that is open, if any."""
        return min(self.choice, key=lambda p: self.distance(trust, p), default=None)

    def choose_together(self, trusts: list[Trust]) -> Provider | None:
        """Choose, all these as one, of those that had room before any vote, if any."""

        def distance(provider: Provider) -> float:
            return sum(self.distance(trust, provider) for trust in trusts)

        return min(self.with_room, key=distance, default=None)

    def choose_instead(self, trust: Trust) -> Provider | str | None:
        """Stranded: choose one that is open without conditions and has room, or its own house."""
        best = min(self.unconditional, key=lambda p: self.distance(trust, p), default=None)
        if self.in_house > 0.0:
            home = math.log(-math.log(trust.match_at_home)) - math.log(self.in_house)
            if best is None or home < self.distance(trust, best):
                return "in house"
        return best

    def distance(self, trust: Trust, provider: Provider) -> float:
        """The logarithm of what is smallest for the one that it chooses."""
        return math.log(-math.log(trust.matches[provider])) - provider.appeal(trust)


class Centre(mesa.Agent):
    """Who starts services, pays, keeps the accounts of all (GBP), and may scrap it all."""

    model: PlainModel

    def __init__(self, model: PlainModel) -> None:
        """Start with nothing paid and the scheme on."""
        super().__init__(model)
        self.trusts_cost = self.centre_cost = self.grants = 0.0
        self.saved = self.claimed = self.price_saving = self.harm = 0.0
        self.net_gain = self.net_present_value = 0.0  # of all payers
        self.first_signatures = 0  # of this month
        self.scrapped_month, self.scrapped_for = NEVER, 0

    def account(self, gain: float) -> None:
        """Add what all payers together gain in this month."""
        self.net_gain += gain
        self.net_present_value += gain * self.model.discount_factor

    def start_services(self) -> None:
        """Let trusts that signed in an earlier month align, and serve those that are ready."""
        levers, now, month = self.model.levers, self.model.conditions, self.model.month
        signed = [t for t in self.model.trusts if t.stage == "signed" and self.may_start(t)]
        for trust in signed:
            if now.first_align and not trust.has_begun:
                trust.begin_to_align()
        waves = levers["waves_per_month"]
        most = math.floor(waves * month) - math.floor(waves * (month - 1))
        if month >= levers["opens_month"]:
            ready = [trust for trust in signed if trust.is_ready()]
            for trust in sorted(ready, key=lambda trust: trust.priority)[:most]:
                trust.be_served()

    def may_start(self, trust: Trust) -> bool:
        """Whether a trust that has signed may be on its way to its service."""
        if trust.signed_month == self.model.month or trust.provider.is_closed:
            return False
        return self.model.levers["quorum_share"] == 0.0 or trust.region.planned

    def step(self) -> None:
        """Pay for the month, take sanctions, and review the scheme when its month has come."""
        levers = self.model.levers
        grants = levers["grant_gbp"] * self.first_signatures
        programme = levers["programme_cost_gbp"] / 12.0
        sanctions = 0.0
        if self.model.month > math.ceil(levers["deadline_month"]):
            outside = [t for t in self.model.trusts if not t.is_member and t.stage != "exempt"]
            owed = levers["sanction_share"] / 12.0
            sanctions = owed * sum(trust.pounds for trust in outside)
        self.grants += grants
        self.trusts_cost += sanctions - grants
        self.centre_cost += grants + programme - sanctions
        self.account(-programme)
        if self.model.month == levers["review_month"]:
            self.review()

    def review(self) -> None:
        """Scrap the scheme, with refunds, if it misses a threshold."""
        missed = [place for place, failed in enumerate(self.thresholds(), start=1) if failed]
        if missed:
            self.scrapped_month, self.scrapped_for = self.model.month, missed[0]
            levers, providers = self.model.levers, self.model.providers
            for provider in providers:
                refund = levers["refund_share"] * provider.signing_fees
                offset = levers["offset_gbp"] / len(providers)
                provider.gain += offset - refund
                self.trusts_cost -= refund
                self.centre_cost += offset

    def thresholds(self) -> list[bool]:
        """Which thresholds the scheme misses, in the order in which they are looked at."""
        model, levers = self.model, self.model.levers
        signed = sum(trust.has_signed for trust in model.trusts)
        served = sum(trust.stage == "served" for trust in model.trusts)
        return [
            signed < levers["scrap_below_share"] * levers["target_joined"],
            served < levers["scrap_below_served"],
            -self.net_gain > levers["scrap_above_cost_gbp"],
            served > 0 and model.mean_quality() < levers["scrap_below_quality"],
            levers["premise_gone"] == 1.0,
        ]


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
        fixed: bool = False,
    ) -> None:
        """Make the population at month 0; levers that are `overridden` stay so throughout.

        Assumptions are drawn or, if `fixed`, at their values.
        """
        super().__init__(rng=seed)
        self.dice = np.random.default_rng(seed)
        if trusts is None and approached_spread > 0.0:  # a range of the user's own
            trusts = int(draw_assumptions(setting, None).scenario["approached"])
        setting = draw_assumptions(setting, None if fixed else self.dice)
        self.facts, self.sector = setting.scenario, UNSAID | setting.scenario["sector"]
        self.parameters, self.overridden = parameters, overridden or {}
        self.structure = setting.structure | (structure or {})
        self.horizon = int(self.facts["months"]) if months is None else months
        self.neutral = {name: float(lever["neutral"]) for name, lever in setting.levers.items()}
        self.levers = self.neutral | self.facts.get("levers", {})
        self.month = self.repeated_signatures = self.turned_away = 0
        self.follow_timeline()
        self.together = self.levers["together"]  # at the launch
        self.centre = Centre(self)
        self.providers = self.make_providers()
        self.make_trusts(self.approach(trusts, approached_spread))
        self.launch()
        self.count()
        self.datacollector = mesa.DataCollector(model_reporters={name: name for name in CURVES})
        self.datacollector.collect(self)

    def make_providers(self) -> list[Provider]:
        """Make the providers; an entry of the scenario may stand for several."""
        entries = self.facts["providers"].items()
        each = [entry for entry in entries for _ in range(int(entry[1].get("number", 1)))]
        names, facts = [name for name, _ in each], [fact for _, fact in each]
        numbers = list(range(1, len(each) + 1))
        return list(Provider.create_agents(self, len(each), names, facts, numbers))

    def make_trusts(self, kinds: list[str]) -> None:
        """Make regions, networks and trusts of these kinds."""
        places, number = int(self.sector["regions"]), len(kinds)
        groups = {"nation": 1, "region": places, "profession": int(self.sector["professions"])}
        peers = self.structure["peers"]
        self.regions = Region.create_agents(self, places)
        self.networks = PeerNetwork.create_agents(self, groups[peers])
        regions, networks = list(self.regions), list(self.networks)
        homes = self.dice.integers(places, size=number)
        bodies = self.facts.get("bodies", {})
        for place, body in enumerate(bodies.values()):
            if body.get("region") is not None:
                homes[place] = self.facts["pathfinder_regions"].index(body["region"])
        incomes: list[float | None] = [body.get("income_gbp") for body in bodies.values()]
        incomes += [None] * (number - len(bodies))
        circles = homes if peers == "region" else self.dice.integers(len(networks), size=number)
        self.trusts = Trust.create_agents(
            self,
            number,
            kinds,
            [regions[i] for i in homes],
            [networks[i] for i in circles],
            incomes,
        )
        self.named = dict(zip(bodies, self.trusts, strict=False))  # they come first

    def approach(self, number: int | None, spread: float) -> list[str]:
        """Draw the trusts that are approached: named bodies, and others out of all created."""
        created = self.facts["created"] if number is None else number
        number = int(self.facts["approached"] if number is None else number)
        few, many = round((1.0 - spread) * number), round((1.0 + spread) * number)
        approached = self.dice.integers(few, many, endpoint=True)
        others = self.apportion(round((1.0 + spread) * created))
        named = [body["kind"] for body in self.facts.get("bodies", {}).values()]
        for kind in named:
            others.remove(kind)
        order = self.dice.permutation(len(others))
        return named + [others[place] for place in order[: approached - len(named)]]

    def apportion(self, number: int) -> list[str]:
        """The kind of every trust, by largest remainder."""
        bodies = {kind: entry["bodies"] for kind, entry in self.sector["kinds"].items()}
        quotas = {kind: number * n / sum(bodies.values()) for kind, n in bodies.items()}
        kinds = [kind for kind, quota in quotas.items() for _ in range(int(quota))]
        return kinds + sorted(quotas, key=lambda kind: -(quotas[kind] % 1.0))[: number - len(kinds)]

    def launch(self) -> None:
        """Let named bodies act, and make some trusts members from the start."""
        self.let_named_bodies_act()
        entries = self.facts.get("members_at_start", [])
        for entry in entries:
            for body in entry.get("bodies", []):
                self.start_with([self.named[body]], entry["stage"], entry.get("provider"))
        others = [trust for trust in self.trusts if trust not in self.named.values()]
        others.sort(key=lambda trust: trust.priority)
        for entry in entries:
            if not entry.get("bodies"):
                idle = [trust for trust in others if trust.stage == "idle"]
                asked = idle[: self.count_at_start(entry)]
                self.start_with(asked, entry["stage"], entry.get("provider"))
        self.pathfinders = int(self.levers["pathfinders"])  # the most so far
        regions = list(self.regions)[: self.pathfinders]
        self.start_with([trust for region in regions for trust in region.trusts], "signed")
        for region in regions:
            if region.members:
                region.progress, region.was_chosen = Progress.PLANNED, True

    def count_at_start(self, entry: dict[str, Any]) -> int:
        """How many trusts an entry of `members_at_start` speaks of."""
        if "number" in entry:
            return int(entry["number"])
        return math.floor(entry["share"] * len(self.trusts) + 0.5)

    def start_with(self, trusts: list[Trust], stage: str, name: str | None = None) -> None:
        """Let those of these who are idle ask for places, all at once, and be members."""
        offers = [p for p in self.providers if p.is_open and name in (None, p.name)]
        for trust in trusts:
            if trust.stage == "idle" and offers:
                offers[int(trust.first_choice * len(offers))].requests.append(trust)
        for provider in offers:
            provider.places = provider.capacity - len(provider.members)
            for trust in provider.give_places()[0]:  # the others stay idle
                trust.start(provider, stage)

    def size(self, income: float) -> str:
        """The size of a trust with this income."""
        if income >= self.sector["large_from_gbp"]:
            return "large"
        return "medium" if income >= self.sector["medium_from_gbp"] else "small"

    def weigh(self, trusts: Iterable[Trust]) -> int:
        """Count trusts by head or, where asked, by spend."""
        by_size = self.levers["by_size"] == 1.0
        return sum(trust.pounds if by_size else 1 for trust in trusts)

    def strikes(self, rate: float) -> bool:
        """Whether a clock with this hazard a month strikes in this month."""
        return self.dice.random() < 1.0 - math.exp(-rate)

    def uniform(self) -> float:
        """A number between 0 and 1, neither of them."""
        return min(max(self.dice.random(), 1e-300), 1.0 - 1e-16)

    @property
    def curves(self) -> dict[str, list[int]]:
        """The counts by month, from month 0."""
        return dict(self.datacollector.model_vars)

    @property
    def curve(self) -> list[int]:
        """How many trusts have ever signed, by month."""
        return self.curves["joined"]

    def follow_timeline(self) -> None:
        """Set the levers of this month; news and incidents act in the month of their row only."""
        self.levers.update({name: self.neutral[name] for name in MOMENTARY})
        for row in self.facts.get("timeline", []):
            if row["month"] == self.month:
                self.levers.update(row.get("set", {}))
        self.levers.update(self.overridden)
        self.discount_factor = (1.0 + self.sector["discount_rate"]) ** (-self.month / 12.0)

    def let_named_bodies_act(self) -> None:
        """Let named bodies do what the rows of this month say."""
        for row in self.facts.get("timeline", []):
            if row["month"] == self.month:
                for body, deed in row.get("bodies", {}).items():
                    self.named[body].act(deed)

    def choose_pathfinders(self) -> None:
        """Bind the trusts of regions that were not among the first before."""
        regions, most = list(self.regions), int(self.levers["pathfinders"])
        for region in regions[self.pathfinders : most]:
            region.was_chosen = True
            for trust in region.trusts:
                trust.bound = True
        self.pathfinders = max(self.pathfinders, most)

    def open_providers(self) -> None:
        """See which providers have room, what trusts expect, and what failed last month."""
        for provider in self.providers:
            provider.open_month()
        waiting = sum(trust.stage == "signed" for trust in self.trusts)
        self.conditions = conditions(
            self.levers, self.parameters, self.sector["discount_rate"], self.month, waiting
        )
        self.market = Market(self)
        self.alarm = sum(provider.failure for provider in self.providers)
        self.centre.first_signatures = 0

    def step(self) -> None:
        """Live through one month."""
        self.month += 1
        if self.centre.scrapped_month == NEVER:
            self.follow_timeline()
            self.open_providers()
            self.choose_pathfinders()
            self.let_named_bodies_act()
            self.networks.do("step")
            self.regions.do("step")
            self.market = Market(self)  # a vote may have taken places
            self.trusts.do("step")  # in any order: they see the state at the start of the month
            self.give_places()
            self.centre.start_services()
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
            admitted, others = provider.give_places()
            for trust in admitted:
                trust.take_place(provider)
            for trust in others:
                trust.miss_place()

    def count(self) -> None:
        """Count trusts, regions and providers for the data collector."""
        trusts = list(self.trusts)
        stages = Counter(trust.stage for trust in trusts)
        self.looked = sum(trust.looked for trust in trusts)
        self.joined = sum(trust.has_signed for trust in trusts)
        self.interested = sum(trust.seems_interested for trust in trusts)
        self.members = sum(stages[stage] for stage in MEMBERS)
        self.considering, self.declined = stages["considering"], stages["declined"]
        self.served, self.exempt = stages["served"], stages["exempt"]
        self.aligned = sum(trust.aligned for trust in trusts)
        self.stalled = self.members - self.aligned
        self.left = self.joined - self.members
        progress = [region.progress for region in self.regions]
        self.regions_planned = sum(p >= Progress.PLANNED for p in progress)
        self.regions_common_systems = sum(p >= Progress.COMMON_SYSTEMS for p in progress)
        self.regions_one_provider = sum(p >= Progress.ONE_PROVIDER for p in progress)
        self.regions_market_tested = sum(p >= Progress.MARKET_TESTED for p in progress)
        statuses = Counter(provider.status for provider in self.providers)
        self.providers_open = statuses["open"] + statuses["conditional"]
        self.providers_conditional = statuses["conditional"]
        self.providers_stopped = statuses["stopped"]
        self.providers_withdrawn = statuses["withdrawn"]

    def mean_quality(self) -> float:
        """The quality of service, mean over members, 1 if there are none."""
        quality = sum(len(p.members) * p.quality for p in self.providers)
        members = sum(len(p.members) for p in self.providers)
        return quality / members if members else 1.0

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
            "scrapped_for": self.centre.scrapped_for,
            "approached": len(self.trusts),
            **self.count_groups(),
        }

    def describe_members(self) -> dict[str, float]:
        """Who has joined, who has not, and what they believe."""
        dear = sum(t.has_signed and t.spend > t.typical_spend for t in self.trusts)
        beliefs = sum(n.believed_saving * len(n.trusts) for n in self.networks)
        return {
            "exempt": self.exempt,
            "rejoined": self.repeated_signatures,
            "joined_above_typical_spend": dear,
            "joined_below_typical_spend": self.joined - dear,
            "believed_saving_share": beliefs / len(self.trusts),
        }

    def describe_regions(self) -> dict[str, float]:
        """How far the regions have come."""
        regions = list(self.regions)
        free = [region for region in regions if not region.was_chosen]
        return {
            "followers_share": share(sum(region.planned for region in free), len(free)),
            "collaboration_share": sum(r.collaboration for r in regions) / len(regions),
            "disrupted_months": sum(region.disrupted_months for region in regions),
        }

    def describe_providers(self) -> dict[str, float]:
        """How the providers have fared, and how well they serve."""
        public = sum(len(p.members) * p.public_share for p in self.providers)
        exits = [p.departures / p.signatures for p in self.providers if p.signatures]
        costly = [p.break_even() for p in self.providers if p.is_open and p.fixed_cost > 0.0]
        return {
            "public_share": share(public, self.members),
            "service_quality": self.mean_quality(),
            "worst_exit_share": min(max(exits, default=0.0), 1.0),
            "break_even_gbp": share(sum(costly), len(costly)),
        }

    def close_accounts(self) -> dict[str, float]:
        """What each payer, and all together, have saved and paid (GBP)."""
        centre = self.centre
        return {
            "realised_saving_gbp": centre.saved,
            "claimed_saving_gbp": centre.claimed,
            "price_saving_gbp": centre.price_saving,
            "harm_gbp": centre.harm,
            "provider_loss_gbp": -sum(provider.gain for provider in self.providers),
            "trusts_cost_gbp": centre.trusts_cost,
            "centre_cost_gbp": centre.centre_cost,
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
