"""State variables and scales: the arrays that hold a run, and their units. No behaviour.

One record is one agent and one dtype is one row of ODD's table of state variables. One tick is one
month. A *stage* is where a trust stands with the scheme; joined, aligned (migrated) and saving are
three different facts, and each has its own stage.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim._jit import Records

# Stages of a trust.
IDLE = 0  # has not looked at the scheme
INTERESTED = 1  # took an interest this month; opens a business case in the next
CONSIDERING = 2  # business case under way
DECLINED = 3  # decided against it; may take an interest again
JOINED = 4  # signed, still on its own processes
MIGRATING = 5  # moving to the common processes
LIVE = 6  # on the common processes, saving
LEFT = 7  # was a member once; may take an interest again
STAGES = 8
STAGE_NAMES = (
    "idle", "interested", "considering", "declined", "joined", "migrating", "live", "left",
)  # fmt: skip

NEVER = -1  # a month that has not come; a kind or region that is not known

# The scheme, as the centre sees it.
OPEN = 0
SCRAPPED = 1

# What is known of a trust before a run: a blank (NaN, or NEVER for a code) is drawn run by run.
FACTS = np.dtype(
    [
        ("number", np.int32),  # identity: its luck goes with it, whatever its row
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
        ("region", np.uint32),  # row of the regions
        ("kind", np.uint32),  # row of the kinds
        ("signed_month", np.int32),  # month of its latest signature, or NEVER
        ("gap", np.float64),  # 0..1, unknown to the trust until it looks
        ("income_gbp", np.float64),  # GBP a year
        ("spend_gbp", np.float64),  # GBP a year
        ("budget_gbp", np.float64),  # GBP
    ],
    align=True,
)

# Those whose joining and savings a trust sees: the nation or its region, as the structure says.
PEERS = np.dtype(
    [
        ("members", np.int64),  # trusts in the network
        ("in_stage", np.int64, (STAGES,)),  # trusts by stage, now
        ("joined_share", np.float64),  # share of them in the scheme at the start of the month
        ("precision", np.float64),  # evidence so far: sum of precisions of signals
        ("weighted", np.float64),  # evidence so far: sum of precision x saving share
        ("believed_saving", np.float64),  # this month, share of spend
        ("pull", np.float64),  # for the scheme this month, logits, the same for all members
        ("hazard", np.float64, (STAGES,)),  # this month, per unit of slack, by stage
    ]
)

REGION = np.dtype(
    [
        ("in_stage", np.int64, (STAGES,)),  # trusts by stage, now
        ("saving_gbp_per_month", np.int64),  # of its live trusts, whole pounds
        ("realised_saving_gbp", np.int64),  # so far, whole pounds
    ]
)

PROVIDER = np.dtype(
    [
        ("invested_gbp", np.float64),
        ("committed_gbp", np.float64),
        ("signatures", np.int64),  # so far, as booked
        ("upfront_fees_gbp", np.float64),  # received so far
        ("revenue_gbp", np.float64),  # received so far, less refunds
    ]
)

CENTRE = np.dtype(
    [
        ("status", np.int64),  # OPEN or SCRAPPED
        ("scrapped_month", np.int64),  # or NEVER
        ("joined", np.int64),  # trusts that have ever signed
        ("signatures", np.int64),  # so far; a trust that comes back signs again
        ("reported", np.int64),  # interests that a newspaper could count, now
        ("grants_gbp", np.float64),  # paid to trusts so far
    ]
)


class State(NamedTuple):
    """The whole state of one run: an array of records for every kind of agent."""

    trusts: Records  # (trusts approached,)
    peers: Records  # (peer networks,)
    regions: Records  # (regions,)
    providers: Records  # (1,)
    centre: Records  # (1,)
    due: NDArray[np.uint32]  # (trusts approached,) scratch: rows of trusts that may act this month
