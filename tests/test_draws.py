"""The generator: uniform, independent in every counter, frozen, the same compiled or not.

Every statistical test below has a fixed seed, so that it passes always or never. A generator
without flaws fails each of the 24 p-values with probability ``RARE`` and each of the 20 bounds of
``SIGMAS`` standard errors with 6e-5: it passes them all with probability 0.996. One with a flaw of
the size named in the docstring fails nearly always.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats
from uptake.model import draws
from uptake.model._jit import njit, word

RARE = 1e-4
SIGMAS = 4.0
DRAWS = 1_000_000
COUNTERS = ("seed", "stream", "run", "entity", "month")  # in the order of draws.uniform
START = (20100330, draws.ATTENTION, 7, 11, 3)  # a place like any other

# What `draws.uniform` returned when the generator was fixed; another value breaks every result
# that was ever published with a seed.
FROZEN = {
    (0, 1, 0, 0, 0): 0.2817204443343816,
    (1, 1, 0, 0, 0): 0.36774599112996575,
    (42, 8, 0, 17, 1): 0.624608927315247,
    (42, 8, 0, 17, 2): 0.5584101471154336,
    (42, 9, 0, 17, 1): 0.7272837979066701,
    (2**63 - 1, 12, 99_999, 249, 120): 0.7903877615529616,
}

# Launches a run of trusts of which nothing is known, and again with one stream changed after the
# other; prints the columns of the trusts that each change moved.
CHANGE_STREAMS = """
import json, sys
import numpy as np
from building import episode
from uptake.model import draws
from uptake.model.entities import NEVER
from uptake.model.blanks import blank_facts
from uptake.model.initialization import empty_state, initialise

made = episode(facts=blank_facts(np.full(60, NEVER)))

def launch():
    state = empty_state(made)
    initialise(state, made, 1, 0)
    return state.trusts

before, moved = launch(), {}
for stream in json.load(sys.stdin):
    number = getattr(draws, stream)
    setattr(draws, stream, 999)
    after = launch()
    setattr(draws, stream, number)
    moved[stream] = [name for name in after.dtype.names if np.any(after[name] != before[name])]
print(json.dumps(moved))
"""


@njit
def draws_along(start: Any, axis: int, count: int) -> Any:
    """Return ``count`` draws with one of the five counters going up from its start."""
    out = np.empty(count)
    at = np.array(start)
    for i in range(count):
        out[i] = draws.uniform(at[0], at[1], at[2], at[3], at[4])
        at[axis] += 1
    return out


@njit
def draws_of_grid(seeds: int, streams: int, runs: int, entities: int, months: int) -> Any:
    """Return the draws of all combinations of the first few values of every counter."""
    out = np.empty((seeds, streams, runs, entities, months))
    for seed in range(seeds):
        for stream in range(streams):
            for run in range(runs):
                for entity in range(entities):
                    for month in range(months):
                        out[seed, stream, run, entity, month] = draws.uniform(
                            seed, stream, run, entity, month
                        )
    return out


def stepped(counter: str, step: int) -> tuple[int, ...]:
    """Return ``START`` with one counter moved on by a step."""
    return tuple(at + step * (name == counter) for name, at in zip(COUNTERS, START, strict=True))


def in_plain_python(script: str, given: object) -> str:
    """Return what a script prints in a Python without compiled code, with JSON as its input."""
    return subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(given),
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def p_value_of_even_cells(cells: NDArray[np.int64], number: int) -> float:
    """Return the chi-square p-value of cells 0..number-1 being equally likely."""
    return float(stats.chisquare(np.bincount(cells, minlength=number)).pvalue)


@pytest.mark.parametrize("counter", ["seed", "run", "entity"])
def test_draws_along_a_counter_are_uniform(counter: str) -> None:
    """A million draws follow U(0, 1): a distance of 0.005 from it would be seen (KS)."""
    u = draws_along(START, COUNTERS.index(counter), DRAWS)
    assert stats.kstest(u, "uniform").pvalue > RARE
    assert u.mean() == pytest.approx(0.5, abs=SIGMAS / np.sqrt(12.0 * DRAWS))


@pytest.mark.parametrize("skipped_bits", [0, 13, 26, 39])
def test_every_bit_of_a_draw_is_even(skipped_bits: int) -> None:
    """Each of the four groups of 13 bits of the 52 takes its 8192 values equally often."""
    u = draws_along(START, COUNTERS.index("entity"), DRAWS)
    whole = np.ldexp(u, 52).astype(np.int64)
    cells = (whole >> (39 - skipped_bits)) & 8191
    assert p_value_of_even_cells(cells, 8192) > RARE


@pytest.mark.parametrize("step", [1, 2, 64])
@pytest.mark.parametrize("counter", COUNTERS)
def test_neighbours_in_a_counter_are_independent(counter: str, step: int) -> None:
    """Draws one, two or 64 apart in a counter fill 32 x 32 cells evenly: no tie of any shape.

    The pairs are those of a million entities (or runs, for pairs of entities), so that no draw is
    used twice. A correlation of 0.01 would be refused with probability over 0.999.
    """
    along = COUNTERS.index("run" if counter == "entity" else "entity")
    left, right = (draws_along(stepped(counter, at), along, DRAWS) for at in (0, step))
    cells = (left * 32).astype(np.int64) * 32 + (right * 32).astype(np.int64)
    assert p_value_of_even_cells(cells, 1024) > RARE
    assert abs(np.corrcoef(left, right)[0, 1]) < SIGMAS / np.sqrt(DRAWS)


def test_no_two_places_share_a_draw() -> None:
    """A million combinations of the five counters give a million different draws.

    Two of them would agree by chance with probability n^2 / 2^53 = 1.2e-4.
    """
    grid = draws_of_grid(16, 16, 16, 16, 16)
    assert len(np.unique(grid)) == grid.size


def key_that_hashes_to(bits: int) -> int:
    """Return the key under which entity 0 draws from these 64 bits: SplitMix64 backwards."""
    bits ^= bits >> 31 ^ bits >> 62
    bits = bits * pow(0x94D049BB133111EB, -1, 2**64) % 2**64
    bits ^= bits >> 27 ^ bits >> 54
    bits = bits * pow(0xBF58476D1CE4E5B9, -1, 2**64) % 2**64
    return bits ^ bits >> 30 ^ bits >> 60


def test_draws_never_reach_an_end() -> None:
    """The smallest and the largest word give 2^-53 and 1 - 2^-53: the interval is open."""
    assert draws.uniform_at(word(key_that_hashes_to(0)), 0) == 2.0**-53
    assert draws.uniform_at(word(key_that_hashes_to(2**64 - 1)), 0) == 1.0 - 2.0**-53
    odd = np.ldexp(draws_along(START, COUNTERS.index("run"), DRAWS), 53)
    assert np.all(odd % 2.0 == 1.0), "every draw is an odd multiple of 2^-53"


def test_the_hash_is_splitmix64() -> None:
    """Under key 0 entities 1, 2, 3 draw the published first outputs of SplitMix64 seeded with 0."""
    published = (0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F)
    for entity, bits in enumerate(published, start=1):
        assert draws.uniform_at(word(0), entity) == ((bits >> 12) + 0.5) * 2.0**-52


def test_draws_are_frozen() -> None:
    """The draws of a few places are what they have always been."""
    assert {place: draws.uniform(*place) for place in FROZEN} == FROZEN


def test_keys_and_places_agree() -> None:
    """A draw by way of the keys of its run and month is the draw of its place."""
    key = word(draws.run_key(42, 3))
    under_key = draws.uniform_at(word(draws.month_key(key, draws.TASTE, 5)), 17)
    assert under_key == draws.uniform(42, draws.TASTE, 3, 17, 5)
    many = draws.uniforms(42, draws.PARAMETERS, 100, 5, 17)
    runs = range(100, 105)
    assert list(many) == [draws.uniform(42, draws.PARAMETERS, run, 17, 0) for run in runs]


def test_streams_have_their_own_numbers() -> None:
    """No two purposes share a stream, and a stream has 65,536 months before the next begins."""
    names = [name for name in vars(draws) if name.isupper() and not name.startswith(("_", "WORD"))]
    streams = [getattr(draws, name) for name in names]
    assert len(set(streams)) == len(streams) >= 14
    first_of_next = draws.uniform(0, 2, 0, 0, 0)
    assert draws.uniform(0, 1, 0, 0, 65_535) != first_of_next
    assert draws.uniform(0, 1, 0, 0, 65_536) == first_of_next, "the streams have been moved apart"


def test_changing_a_stream_moves_only_what_is_drawn_from_it() -> None:
    """With another stream for one blank, that blank and what follows from it change, no others."""
    follows = {
        "KIND": {"kind", "unsuited", "income_gbp", "spend_gbp", "budget_gbp"},
        "REGION": {"region"},
        "INCOME": {"income_gbp", "spend_gbp", "budget_gbp"},
        "SPEND": {"spend_gbp"},
        "GAP": {"gap"},
        "SLACK": {"slack"},
    }
    moved = json.loads(in_plain_python(CHANGE_STREAMS, sorted(follows)))
    assert {stream: set(columns) for stream, columns in moved.items()} == follows


@pytest.mark.parametrize("counter", COUNTERS)
def test_a_counter_moves_every_draw(counter: str) -> None:
    """Another seed, stream, run, entity or month moves all draws, not some."""
    along = COUNTERS.index("run" if counter == "entity" else "entity")
    left, right = (draws_along(stepped(counter, at), along, 10_000) for at in (0, 1))
    assert not np.any(left == right)


def test_seed_0_is_a_seed_like_any_other() -> None:
    """Seed 0 draws as evenly as others, and its draws are its own."""
    runs = 100_000
    zero, one = (draws.uniforms(seed, draws.KIND, 0, runs, 0) for seed in (0, 1))
    assert stats.kstest(zero, "uniform").pvalue > RARE
    assert abs(np.corrcoef(zero, one)[0, 1]) < SIGMAS / np.sqrt(runs)


def test_draws_are_the_same_uncompiled() -> None:
    """Plain Python draws the same numbers to the bit, and the same normal quantiles."""
    places = [list(place) for place in FROZEN]
    script = (
        "import json, sys; from uptake.model import _jit, draws; assert not _jit.COMPILED;"
        "u = [draws.uniform(*place) for place in json.load(sys.stdin)];"
        "u += list(map(float, draws.uniforms(42, draws.PARAMETERS, 0, 200, 3)));"
        "print(json.dumps([[x.hex(), draws.normal_quantile(x).hex()] for x in u]))"
    )
    plain = in_plain_python(script, places)
    u = [draws.uniform(*place) for place in places]
    u += list(map(float, draws.uniforms(42, draws.PARAMETERS, 0, 200, 3)))
    assert json.loads(plain) == [[x.hex(), draws.normal_quantile(x).hex()] for x in u]


def test_normal_quantile_agrees_with_scipy() -> None:
    """The quantile is scipy's to 1e-14, from 1e-300 to the last number below 1."""
    lower = np.concatenate([np.logspace(-300, -1, 3000), np.linspace(0.001, 0.499, 3000)])
    upper = 1.0 - np.concatenate([np.logspace(-15.9, -1, 3000), [2.0**-53]])
    for p in np.concatenate([lower, upper]):
        assert draws.normal_quantile(p) == pytest.approx(special.ndtri(p), rel=1e-14)
    assert draws.normal_quantile(0.5) == 0.0


def test_normal_quantile_is_odd_and_inverts_the_distribution() -> None:
    """Draws turned into normals follow the normal distribution; the two halves mirror."""
    u = draws.uniforms(7, draws.INCOME, 0, 100_000, 0)
    z = np.array([draws.normal_quantile(x) for x in u])
    assert stats.kstest(z, "norm").pvalue > RARE
    for p in (0.01, 0.0625, 0.125, 0.25, 0.4375):  # 1 - p is exact for all but the first
        assert draws.normal_quantile(1.0 - p) == pytest.approx(-draws.normal_quantile(p), rel=1e-13)
