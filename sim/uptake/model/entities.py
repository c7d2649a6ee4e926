"""State variables and scales: the arrays that hold a run, and their units. No behaviour.

One record is one agent, and one class is its part of ODD's table of state variables. One tick is
one month. A *stage* is where a trust stands with the scheme; signed, served and aligned are three
different facts: the first two are stages, the third is a fact of its own.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from uptake.model._jit import Records
from uptake.model.records import dtype_of, float32, float64, int32, int64, uint8, uint16, uint32

# Stages of a trust.
IDLE = 0  # no business case; it may have looked
CONSIDERING = 1  # business case under way
DECLINED = 2  # decided against it; may look again
SIGNED = 3  # a member, not served yet
SERVED = 4  # a member that is served
LEFT = 5  # was a member once; may look again
EXEMPT = 6  # let off by the centre, or stays out by name; takes no part
STAGES = 7
STAGE_NAMES = ("idle", "considering", "declined", "signed", "served", "left", "exempt")
UNDECIDED = (IDLE, CONSIDERING, DECLINED, LEFT)  # who may sign

# Stages of a region's consolidation.
NO_PLAN = 0
PLANNED = 1  # a quorum of its trusts is in favour
COMMON_SYSTEMS = 2  # a quorum of its members is on the common processes
ONE_PROVIDER = 3  # a quorum of its members shares the service
MARKET_TESTED = 4  # the service has been put to the market

# What has become of a provider.
ABSENT = 0  # has not entered yet
OPEN_FOR_ALL = 1
CONDITIONAL = 2  # assessed, may not take over the customers of others
STOPPED = 3  # assessed and stopped
WITHDRAWN = 4  # gave up at a loss

NEVER = -1  # a month that has not come; a kind or region that is not known
LATER = 65_535  # a month beyond every horizon

# The scheme, as the centre sees it.
OPEN = 0
SCRAPPED = 1

by_stage_int: TypeAlias = Annotated[NDArray[np.int64], np.int64, (STAGES,)]
by_stage_float: TypeAlias = Annotated[NDArray[np.float64], np.float64, (STAGES,)]


class Facts:
    """What is known of a trust before a run.

    A blank (NaN, or NEVER for a code) is drawn run by run.
    """

    number: int32  # identity, 0 or more: its draws go with it, whatever its row
    named: uint8  # 1 if the scenario names it: it is always approached, else 0
    kind: int64  # row of the kinds
    region: int64  # row of the regions
    income_gbp: float64  # operating income, GBP a year
    spend_gbp: float64  # spend in the scheme's scope, GBP a year
    budget_gbp: float64  # what it can commit unplanned, GBP
    gap: float64  # process gap to the common standard, 0..1
    slack: float64  # capacity of its management, 0..1


FACTS = dtype_of(Facts, align=True)

# What a trust can be, from least to most, whoever says so: a user's file, a sector, or a draw.
BOUNDS = {
    "income_gbp": (1e3, 1e12),
    "spend_gbp": (0.01, 1e12),
    "budget_gbp": (0.01, 1e12),
    "gap": (0.0, 1.0),
    "slack": (1e-9, 1.0),
}
MOST_GBP_OF_ALL = 1e16  # of all trusts of a run, GBP a year; whole pounds hold 9e18


class Trust:
    """A body that decides: its state variables.

    What is looked at every month comes first. Unsigned types where a number is an index.
    """

    slack: float64  # 0..1, never below the sector's floor
    number: int32
    peers: uint32  # row of the peer networks
    stage: uint8
    unsuited: uint8  # 1 if the scheme was not designed for its kind, else 0
    reports: uint8  # 1 if its present interest would be reported, else 0
    provider: uint8  # row of the providers; of its last one, if not a member now
    kind: uint16  # row of the kinds
    looked: uint8  # 1 if it has ever looked at the scheme
    hurried: uint8  # 1 if the deadline ended its latest business case
    aligned: uint8  # 1 if its processes are the common ones
    bound: uint8  # 1 if the timeline obliges it, by its name or by that of its region
    region: uint32  # row of the regions
    signed_month: int32  # month of its latest signature, or NEVER
    case_month: int32  # in which its latest business case was opened
    served_month: int32  # in which its latest service started, or NEVER
    work_month: int32  # in which it began to align, or NEVER
    aligned_month: int32  # in which it is aligned, if it stays at work, or NEVER
    gap: float64  # 0..1, unknown to the trust until it looks
    work: float64  # planned months that it owed when it began to align
    paid_gbp: float64  # once, so far: aligning, redundancy, leaving; whole pounds
    income_gbp: float64  # GBP a year
    spend_gbp: float64  # GBP a year
    budget_gbp: float64  # GBP


TRUST = dtype_of(Trust, align=True)


class ScanRow:
    """What the compiled scheduler looks at to find the trusts that may act.

    A copy of a few of their fields, a fraction of their size, so that a million of them pass
    through the processor fast.
    """

    pace: float32  # slack, rounded up, where it slows a clock; 1 where it does not
    needs: float32  # utility in reach from which on its clock strikes for something, rounded down
    number: int32
    peers: uint32
    due_month: uint16  # from which it acts for certain, or LATER
    stage: uint8


SCAN_ROW = dtype_of(ScanRow, align=True)


class Peers:
    """A peer network: those whose joining and savings a trust sees.

    The nation, its region or its profession, as the structure says.
    """

    trusts: int64  # in the network
    in_stage: by_stage_int  # trusts by stage, now
    aligned: int64  # of its members, now
    served_aligned: int64  # of its served members, now
    spend_gbp: int64  # spend in scope of its trusts, whole GBP a year
    member_spend_gbp: int64  # of its members
    joined_share: float64  # in the scheme at the start of the month, by heads or by spend
    precision: float64  # evidence so far: sum of precisions of signals
    weighted: float64  # evidence so far: sum of precision x saving share
    believed_saving: float64  # this month, share of spend
    common_utility: float64  # for the scheme this month, logits, of all members
    attention: float64  # hazard of a look this month, but for what is at stake
    best_utility: float64  # of joining this month but for its own fee and kind, logits, at most
    reach: by_stage_float  # utility of moving on from a stage, the same way, logits, at most
    max_hazard: by_stage_float  # that a trust acts this month, per unit of pace, at most


PEERS = dtype_of(Peers)


class Region:
    """A region, whose trusts consolidate together or not."""

    stage: int64  # of its consolidation
    trusts: int64  # in the region
    in_stage: by_stage_int  # trusts by stage, now
    aligned: int64  # of its members, now
    served_aligned: int64  # of its served members, now
    spend_gbp: int64  # spend in scope of its trusts but the exempt, whole GBP a year
    member_spend_gbp: int64  # of its members
    served_spend_gbp: int64  # of its served members
    redundancy_gbp: int64  # so far, whole pounds
    aligning_gbp: int64  # so far, by its trusts, whole pounds
    funded_gbp: int64  # so far, by the centre, whole pounds
    market_saving_gbp: int64  # so far, whole pounds
    claimed_saving_gbp: int64  # so far, whole pounds
    disrupted_months: float64  # member-months served before aligned so far, by share replaced
    collaboration: float64  # share of its trusts that collaborate voluntarily


REGION = dtype_of(Region)


class Provider:
    """A provider of the service: its state variables."""

    status: int64  # ABSENT, OPEN_FOR_ALL, CONDITIONAL, STOPPED or WITHDRAWN
    entered_month: int64  # 0 at the launch
    closed_month: int64  # or NEVER
    successor: int64  # row of the provider that it was merged into, or NEVER
    public_share: float64  # of its ownership: 1 NHS, between a joint venture, 0 private
    quality: float64  # 0..1
    outlook: float64  # mean quality over a term from this month on, as trusts expect it, 0..1
    quality_at_launch: float64  # 0..1, to which it recovers
    capacity: float64  # customers that it can take
    running_cost_share: float64  # of a pound of spend that it takes over
    fixed_cost_gbp: float64  # a year
    planned_gbp: float64  # spend that it counts on this month, GBP a year
    served_at_start_gbp: int64  # spend that it serves at the start of the month, whole GBP a year
    expected: int64  # customers of those merged into it that have not come over yet
    places: int64  # free at the start of the month
    asked: int64  # trusts that ask for one this month
    lot: float64  # below which a priority wins a place this month
    alarm: float64  # severity of last month's service failure, 0..1
    appeal: float64  # this month, but for its fixed cost, logits; 0 is as good as home
    odds: float64  # of choosing it over one as good as home, so far
    customers: int64  # members now
    signed: int64  # signatures so far
    departures: int64  # customers that left so far
    served: int64  # customers that it serves
    served_spend_gbp: int64  # their spend, whole GBP a year
    aligned_spend_gbp: int64  # spend of those of them that are aligned
    open_gap_gbp: int64  # gap x spend of the others
    invested_gbp: float64
    committed_gbp: float64
    parent_income_gbp: float64  # GBP a year
    parent_dependence_share: float64  # of that income, on the centre's contract
    booked_signatures: int64  # so far, in its books
    upfront_fees_gbp: float64  # received on signing so far
    refunds_gbp: float64  # of these
    charges_gbp: float64  # received for the service so far
    exits_gbp: int64  # received from those who left so far, whole pounds
    offset_gbp: float64  # received from the centre against a loss
    costs_gbp: float64  # running and fixed cost so far
    bundles_gbp: float64  # cost, and worth, of what was bundled in so far
    caps_gbp: float64  # given to customers by capped prices so far
    price_cuts_gbp: float64  # given to the centre so far
    own_saving_gbp: float64  # saved itself on aligned customers so far
    ended_gbp: float64  # what its customers spent themselves before, so far
    harm_gbp: float64  # to its customers so far
    saving_gbp: float64  # by aligned processes of its customers so far


PROVIDER = dtype_of(Provider)


class Request:
    """What a trust that has decided asks for in a month; places are given when all have asked."""

    trust: uint32  # row of the trusts
    provider: uint8  # row of the provider that it asks


REQUEST = dtype_of(Request, align=True)


class WorkDone:
    """Planned months of work that a body at work can have done from month 0 to a month."""

    own: float64  # by itself, at middling slack
    funded: float64  # by the centre's staff


WORK_DONE = dtype_of(WorkDone)


class Centre:
    """The centre: what it counts, and the accounts that it keeps."""

    status: int64  # OPEN or SCRAPPED
    scrapped_month: int64  # or NEVER
    scrapped_for: int64  # the threshold that was missed, from 1, or 0
    pathfinders: int64  # regions chosen so far
    looked: int64  # trusts that have ever looked
    joined: int64  # trusts that have ever signed
    rejoined: int64  # signatures of trusts that had left
    granted: int64  # trusts that have had their grant
    most_potential: float64  # saving that a benchmark can show any of the trusts, share of spend
    waiting: int64  # trusts signed and not served, at the start of the month
    requests: int64  # for places this month
    turned_away: int64  # times that a trust would have signed and found no place
    reported: int64  # interests that a newspaper could count, now
    regions_planned: int64  # regions with a plan or further
    providers_open: int64  # providers open now, with or without conditions
    grants_gbp: float64  # paid to trusts so far
    sanctions_gbp: float64  # received from trusts that stay out so far
    programme_gbp: float64  # paid for the programme so far
    booked_gbp: float64  # what all payers together had gained by the end of last month
    net_present_value_gbp: float64  # at the launch, all payers together, so far


CENTRE = dtype_of(Centre)


class Account:
    """What a body has gained so far, where that is asked."""

    gained_gbp: float64  # by the service, fees, grant and sanctions: negative is a cost
    fees_gbp: float64  # on signing, of which a part may be refunded
    has_signed: uint8  # 1 if it had signed before this month


ACCOUNT = dtype_of(Account, align=True)


class State(NamedTuple):
    """The whole state of one run: an array of records for every kind of agent."""

    trusts: Records  # (trusts approached,)
    peers: Records  # (peer networks,)
    regions: Records  # (regions,)
    providers: Records  # (providers,)
    centre: Records  # (1,)
    work_done: Records  # (months + 1,) of WORK_DONE
    requests: Records  # (trusts approached,) scratch: those of this month come first
    scan_rows: Records  # (trusts approached,) of SCAN_ROW, kept by the compiled scheduler
    scan_levers: Records  # (1,) of LEVERS: under which scan rows were copied, where that matters
    due: NDArray[np.uint32]  # (trusts approached,) scratch: rows of trusts that may act this month
    # Where it is asked what turns trusts away, else none of each:
    turned: NDArray[np.uint32]  # (trusts approached,) of its last look or decision: reasons as bits
    without_levers: Records  # (terms,) scratch of LEVERS: this month's, less what a reason takes
    without_parameters: Records  # (terms,) scratch of PARAMETERS: the same
    without_provider: Records  # (1,) scratch
    accounts: Records  # (trusts approached,) of ACCOUNT
