"""State variables and scales: the arrays that hold a run, and their units. No behaviour.

One record is one agent and one dtype is one row of ODD's table of state variables. One tick is one
month. A *stage* is where a trust stands with the scheme; joined, aligned (migrated) and saving are
three different facts, and each has its own stage.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from uptake.model._jit import Records

# Stages of a trust.
IDLE = 0  # has not looked at the scheme
INTERESTED = 1  # took an interest this month; opens a business case in the next
CONSIDERING = 2  # business case under way
DECLINED = 3  # decided against it; may take an interest again
JOINED = 4  # signed, still on its own processes
MIGRATING = 5  # moving to the common processes
LIVE = 6  # on the common processes, saving
LEFT = 7  # was a member once; may take an interest again
EXEMPT = 8  # let off by the centre at the launch; takes no part
STAGES = 9
STAGE_NAMES = (
    "idle", "interested", "considering", "declined", "joined", "migrating", "live", "left",
    "exempt",
)  # fmt: skip

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

# The scheme, as the centre sees it.
OPEN = 0
SCRAPPED = 1

# What is known of a trust before a run: a blank (NaN, or NEVER for a code) is drawn run by run.
FACTS = np.dtype(
    [
        ("number", np.int32),  # identity, 0 or more: its draws go with it, whatever its row
        ("kind", np.int64),  # row of the kinds
        ("region", np.int64),  # row of the regions
        ("income_gbp", np.float64),  # operating income, GBP a year
        ("spend_gbp", np.float64),  # spend in the scheme's scope, GBP a year
        ("budget_gbp", np.float64),  # what it can commit unplanned, GBP
        ("gap", np.float64),  # process gap to the common standard, 0..1
        ("slack", np.float64),  # capacity of its management, 0..1
    ],
    align=True,
)

# What a trust can be, from least to most, whoever says so: a user's file, a sector, or a draw.
BOUNDS = {
    "income_gbp": (1e3, 1e12),
    "spend_gbp": (0.01, 1e12),
    "budget_gbp": (0.01, 1e12),
    "gap": (0.0, 1.0),
    "slack": (1e-9, 1.0),
}
MOST_GBP_OF_ALL = 1e16  # of all trusts of a run, GBP a year; whole pounds hold 9e18

# 64 bytes, a line of a processor's cache, what is looked at every month first. Unsigned types where
# a number is an index.
TRUST = np.dtype(
    [
        ("slack", np.float64),  # 0..1
        ("number", np.int32),
        ("peers", np.uint32),  # row of the peer networks
        ("stage", np.uint8),
        ("unsuited", np.uint8),  # 1 if the scheme was not designed for its kind, else 0
        ("reports", np.uint8),  # 1 if its present interest would be reported, else 0
        ("provider", np.uint8),  # row of the providers; of its last one, if not a member now
        ("kind", np.uint16),  # row of the kinds
        ("exposed", np.uint8),  # 1 if it shares the service before its processes are aligned
        ("aligned", np.uint8),  # 1 if its processes are the common ones
        ("region", np.uint32),  # row of the regions
        ("signed_month", np.int32),  # month of its latest signature, or NEVER
        ("gap", np.float64),  # 0..1, unknown to the trust until it looks
        ("income_gbp", np.float64),  # GBP a year
        ("spend_gbp", np.float64),  # GBP a year
        ("budget_gbp", np.float64),  # GBP
    ],
    align=True,
)

# What the compiled scheduler looks at to find the trusts whose clock may strike: a copy of four of
# their fields, a quarter of their size, so that a million of them pass through the processor fast.
SCAN_ROW = np.dtype(
    [
        ("slack", np.float32),  # rounded up
        ("number", np.int32),
        ("peers", np.uint32),
        ("stage", np.uint8),
    ],
    align=True,
)

# Those whose joining and savings a trust sees: the nation, its region or its profession, as the
# structure says.
PEERS = np.dtype(
    [
        ("trusts", np.int64),  # in the network
        ("in_stage", np.int64, (STAGES,)),  # trusts by stage, now
        ("joined_share", np.float64),  # share of them in the scheme at the start of the month
        ("precision", np.float64),  # evidence so far: sum of precisions of signals
        ("weighted", np.float64),  # evidence so far: sum of precision x saving share
        ("believed_saving", np.float64),  # this month, share of spend
        ("common_utility", np.float64),  # for the scheme this month, logits, of all members
        ("hazard", np.float64, (STAGES,)),  # this month, per unit of slack, by stage
        ("max_hazard", np.float64, (STAGES,)),  # the same, if the provider may have closed
    ]
)

REGION = np.dtype(
    [
        ("stage", np.int64),  # of its consolidation
        ("in_stage", np.int64, (STAGES,)),  # trusts by stage, now
        ("aligned", np.int64),  # members on the common processes, now
        ("exposed", np.int64),  # members that share before they are aligned, now
        ("member_spend_gbp", np.int64),  # spend in scope of its members, whole GBP a year
        ("live_spend_gbp", np.int64),  # of its live members
        ("saving_gbp_per_month", np.int64),  # of its live members, whole pounds
        ("disruption_gbp_per_month", np.int64),  # of its exposed members, whole pounds
        ("one_off_gbp", np.int64),  # migration and redundancy so far, whole pounds
        ("booked_one_off_gbp", np.int64),  # of that, in the centre's accounts
        ("flow_gbp", np.int64),  # this month: saving less disruption, whole pounds
        ("realised_saving_gbp", np.int64),  # so far, whole pounds
        ("claimed_saving_gbp", np.int64),  # so far, whole pounds
        ("disruption_gbp", np.int64),  # so far, whole pounds
        ("disrupted_months", np.float64),  # member-months of disrupted service so far
        ("collaboration", np.float64),  # share of its trusts that collaborate voluntarily
    ]
)

PROVIDER = np.dtype(
    [
        ("status", np.int64),  # ABSENT, OPEN_FOR_ALL, CONDITIONAL, STOPPED or WITHDRAWN
        ("closed_month", np.int64),  # or NEVER
        ("successor", np.int64),  # row of the provider that it was merged into, or NEVER
        ("public_share", np.float64),  # of its ownership: 1 NHS, between a joint venture, 0 private
        ("quality", np.float64),  # 0..1
        ("quality_at_launch", np.float64),  # 0..1, to which it recovers
        ("capacity", np.float64),  # customers that it can take
        ("expected", np.int64),  # customers of those merged into it that have not come over yet
        ("places", np.int64),  # free at the start of the month
        ("asked", np.int64),  # trusts that ask for one this month
        ("lot", np.float64),  # below which a lot wins a place this month
        ("alarm", np.float64),  # severity of last month's service failure, 0..1
        ("appeal", np.float64),  # to a trust that decides this month, logits; 0 is a perfect one
        ("weight", np.float64),  # odds of being chosen this month, with room or not; 0 if closed
        ("customers", np.int64),  # members now
        ("signed", np.int64),  # signatures so far
        ("departures", np.int64),  # customers that left so far
        ("waiting_spend_gbp", np.int64),  # spend of customers not live, whole GBP a year
        ("live_spend_gbp", np.int64),  # spend of live customers
        ("open_gap_gbp", np.int64),  # gap x spend of exposed customers
        ("invested_gbp", np.float64),
        ("committed_gbp", np.float64),
        ("parent_income_gbp", np.float64),  # GBP a year
        ("parent_dependence_share", np.float64),  # of that income, on the centre's contract
        ("booked_signatures", np.int64),  # so far, in its books
        ("upfront_fees_gbp", np.float64),  # received so far
        ("fees_gbp", np.float64),  # upfront and yearly fees so far, less refunds
        ("rebates_gbp", np.float64),  # discounts and capped prices given to customers so far
        ("price_cuts_gbp", np.float64),  # to the centre so far
        ("own_saving_gbp", np.float64),  # saved on migrated customers so far
        ("offset_gbp", np.float64),  # received from the centre against a loss
        ("booked_gbp", np.float64),  # own saving less outlay, in the centre's accounts
    ]
)

# What a trust that has decided asks for in a month; places are given when all have asked.
REQUEST = np.dtype(
    [
        ("trust", np.uint32),  # row of the trusts
        ("provider", np.uint8),  # row of the provider that it asks
    ],
    align=True,
)

CENTRE = np.dtype(
    [
        ("status", np.int64),  # OPEN or SCRAPPED
        ("scrapped_month", np.int64),  # or NEVER
        ("joined", np.int64),  # trusts that have ever signed
        ("rejoined", np.int64),  # signatures of trusts that had left
        ("signatures", np.int64),  # so far; a trust that comes back signs again
        ("booked_signatures", np.int64),  # of these, with their grant paid
        ("requests", np.int64),  # for places this month
        ("turned_away", np.int64),  # times that a trust would have signed and found no place
        ("reported", np.int64),  # interests that a newspaper could count, now
        ("regions_planned", np.int64),  # regions with a plan or further
        ("providers_open", np.int64),  # providers open now, with or without conditions
        ("grants_gbp", np.float64),  # paid to trusts so far
        ("programme_gbp", np.float64),  # paid for the programme so far
        ("net_present_value_gbp", np.float64),  # at the launch, all payers together, so far
    ]
)


class State(NamedTuple):
    """The whole state of one run: an array of records for every kind of agent."""

    trusts: Records  # (trusts approached,)
    peers: Records  # (peer networks,)
    regions: Records  # (regions,)
    providers: Records  # (providers,)
    centre: Records  # (1,)
    requests: Records  # (trusts approached,) scratch: those of this month come first
    scan_rows: Records  # (trusts approached,) of SCAN_ROW, kept by the compiled scheduler
    due: NDArray[np.uint32]  # (trusts approached,) scratch: rows of trusts that may act this month
