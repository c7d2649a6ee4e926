"""What is shown in a terminal: every number at any width, nothing obeyed, times that come true."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from building import episode, parameters
from drawing import said as command
from rich.console import Console
from uptake.errors import plain
from uptake.report import printing
from uptake.report import progress as waiting
from uptake.report.calibration_progress import Chain, Chains
from uptake.report.printing import Listing
from uptake.report.progress import Pace, doing, progress

NUMBERS = ["-3.4m", "-3.5m to -3.4m", "1,234 to 9,876,543", "17 (m. 5)"]


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Catch what is said where there is no terminal; the first silence is short."""
    said = io.StringIO()
    console = Console(file=said, width=300)
    for module in (printing, waiting):
        monkeypatch.setattr(module, "console", console)
    monkeypatch.setattr(waiting, "_FIRST_SECONDS", 0.01)
    return said


def printed(width: int, listing: Listing) -> str:
    out = io.StringIO()
    Console(file=out, width=width).print(listing)
    return out.getvalue()


@pytest.mark.parametrize("width", [40, 50, 65, 80, 120])
def test_every_number_is_there_at_any_width(width: int) -> None:
    """Whole, in a line that is no longer than the terminal is wide."""
    listing = Listing("A scheme", ["outcome", "median", "half of runs", "9 in 10", "seen"], True)
    listing.add_row("net present value, all payers, GBP", *NUMBERS)
    listing.add_row("joined", "17", "", "3 to 26", "")
    shown = printed(width, listing)
    for number in [*NUMBERS, "17", "3 to 26"]:
        assert number in shown
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= width


def test_side_by_side_where_there_is_room_beneath_where_there_is_none() -> None:
    """Each number after the name of its column."""
    listing = Listing("A scheme", ["outcome", "median", "half of runs", "9 in 10", "seen"], True)
    listing.add_row("joined", *NUMBERS)
    wide, narrow = printed(120, listing), printed(50, listing)
    assert re.search(r"joined +-3.4m +-3.5m to -3.4m +1,234 to 9,876,543", wide)
    assert "  median: -3.4m; half of runs: -3.5m to -3.4m;\n" in narrow
    assert "\n  9 in 10: 1,234 to 9,876,543; seen: 17 (m. 5)\n" in narrow


@pytest.mark.parametrize("bad", ["\x1b[31m", "\x9b31m", "\x07", "\u202e", "\u2028", "\r", "\ud800"])
def test_nothing_that_a_terminal_obeys_reaches_it(bad: str, lines: io.StringIO) -> None:
    """Neither in titles, names and cells nor in sentences; markup and emoji are plain text."""
    text = f"a{bad}b [red]:smile:"
    assert bad not in plain(text)
    listing = Listing(text, ["x", text])
    listing.add_row(text, text)
    printing.say(text)
    for shown in (printed(80, listing), printed(20, listing), lines.getvalue()):
        assert bad not in shown
    assert "[red]:smile:" in lines.getvalue()


def test_a_refusal_spells_out_what_a_terminal_would_obey(tmp_path: Path) -> None:
    """As typed on the command line: one line, and no control in it."""
    for arguments in (["run", "levers.\x1b[31m=3"], ["r\x1b[2J"], ["compare", "a\x07b\nc"]):
        code, _, err = command(tmp_path, *arguments)
        assert (code, err.count("\n")) == (2, 1)
        assert "\x1b" not in err
        assert "\x07" not in err


def test_letters_of_any_language_are_left_as_they_are() -> None:
    text = "Zürich, Łódź, 東京, القاهرة, e\u0301"
    assert plain(text) == text


class Clock:
    """A clock that is set by hand, seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_slow_start_is_soon_forgotten() -> None:
    """A minute to begin with, then ten steps a second: of 1,000 steps 900 are left for 90 s."""
    clock = Clock()
    pace = Pace(1000, clock)
    assert pace.left is None
    clock.now = 60.0
    for _ in range(100):
        clock.now += 0.1
        pace.add(1)
    assert pace.left == pytest.approx(90.0, rel=0.05)
    clock.now += 5.0
    assert pace.left == pytest.approx(85.0, rel=0.05)


def test_steps_that_differ_in_length_are_weighed() -> None:
    """Nine short steps of ten are done, and nine tenths of the work is left."""
    clock = Clock()
    pace = Pace(9 * 1 + 81, clock)
    for _ in range(9):
        clock.now += 1.0
        pace.add(1)
    assert pace.left == pytest.approx(81.0)


# Shares of the runs of four chains of two histories, by tolerance.
SHARES = {0.5: 0.01, 0.25: 0.03, 0.12: 0.08, 0.06: 0.14, 0.03: 0.16, 0.01: 0.16, 0.0: 0.42}


def seconds(words: str) -> int:
    """Return the time that was told."""
    hours, minutes, rest = re.fullmatch(r"(?:(\d+) h )?(?:(\d+) min)?(?:(\d+) s)?", words).groups()  # type: ignore[union-attr]
    return 3600 * int(hours or 0) + 60 * int(minutes or 0) + int(rest or 0)


@pytest.mark.parametrize("scale", [0.25, 1.0, 4.0])
def test_the_time_left_of_a_history_comes_true(scale: float) -> None:
    """Within half from a quarter of its first chain on, and within a quarter after that chain.

    Beyond half a minute, to which it is rounded, and a twentieth of a chain, near its end.

    Histories differ by a factor of a hundred: what is left of all is within as much as the last,
    which nobody has seen, may differ from the mean of those before it.
    """
    clock, every = Clock(), {"a": 1.0, "b": 100.0, "c": 20.0}
    planned = [Chain(name, 50) for name in every for _ in range(4)]
    job = Chains("default", planned, list(SHARES), clock)
    ends, moments = dict.fromkeys(every, 0.0), []
    for place, chain in enumerate(planned):
        for tolerance, share in enumerate(SHARES.values()):
            job.reached(tolerance)
            for _ in range(20):
                clock.now += scale * chain.particles * share * every[chain.history] / 20
                job.ran(100)
                moments.append((chain.history, place % 4, clock.now, job.text()))
        job.reached(len(SHARES))
        ends[chain.history] = clock.now
    assert job.share() == pytest.approx(1.0)
    took = {name: scale * 50 * each for name, each in every.items()}  # of a chain
    for history, number, now, text in moments:
        assert f"{history} ({' abc'.index(history)} of 3), chain {number + 1} of 4" in text
        found = re.search(r"about (.*?) left", text)
        left, since = ends[history] - now, now - (ends[history] - 4 * took[history])
        if since > took[history] / 4:
            assert found, text
            off = 0.5 if number == 0 else 0.25
            assert abs(seconds(found[1]) - left) <= 31 + off * left + 0.05 * took[history], text
        if history == "b" and number:
            found = re.search(r"perhaps (.*) of all", text)
            assert found, text
            to_come = seconds(found[1]) - left
            assert to_come == pytest.approx(4 * 50 * scale * 50.5, rel=0.35, abs=31)


def test_a_resumed_chain_is_not_taken_for_a_quick_one() -> None:
    """Of two chains one was done before: 10 s to half of the other are 10 s more."""
    clock = Clock()
    job = Chains("default", [Chain("a", 10)] * 2, [0.0, 0.1224745], clock)
    job.reached(2)  # done before
    job.reached(0)
    for _ in range(10):
        clock.now += 1.0
        job.ran(65_000)
    job.reached(1)
    said = "a (1 of 1), chain 2 of 2, 650,000 runs, 65,000 a second, about 10 s left"
    assert said in job.text()


def test_what_takes_long_is_named_in_plain_lines(lines: io.StringIO) -> None:
    """With how far it is; the innermost of what goes on; nothing of what is over."""
    with progress("episodes", 3) as advance:
        advance(1)
        with doing("Drawing the figures"):
            while "Drawing the figures: 0 s" not in lines.getvalue():
                pass
        advance(1)
        while "2 of 3 episodes" not in lines.getvalue():
            pass
    before = lines.getvalue()
    with doing("Something else"):
        while "Something else: 0 s" not in lines.getvalue():
            pass
    said = lines.getvalue().removeprefix(before)
    assert "episodes" not in said
    assert "Drawing" not in said


def test_a_decorated_function_is_named_every_time_that_it_is_called(lines: io.StringIO) -> None:
    @doing("Writing")
    def write(times: int) -> int:
        while lines.getvalue().count("Writing: 0 s") < times:
            pass
        return times

    assert (write(1), write(2)) == (1, 2)


def test_everything_is_compiled_before_anything_is_counted() -> None:
    """No kind of run asks for other code than running nothing at all compiles."""
    import numpy as np
    from uptake.engine import compiled as sweep
    from uptake.model import _jit

    if not _jit.COMPILED:
        pytest.skip("nothing is compiled here")
    which = episode(10, 3)
    sweep.run_chunk(which, lambda _, runs: parameters(runs), 1, 0, 0)
    known = list(sweep.run_many.signatures)  # type: ignore[attr-defined]
    sweep.run_chunk(which, lambda _, runs: parameters(runs), 2**63 - 1, 5, 3)
    asked = which, parameters(3)[np.array([0, 2])], 1, np.array([4, 7])
    sweep.run_numbered(*asked)
    one, nil = np.ones(1, np.int64), np.zeros((1, 2))
    sweep.run_numbered(*asked, sweep.Readings(one, one, one, nil, np.ones(1), np.ones(2)))
    assert list(sweep.run_many.signatures) == known  # type: ignore[attr-defined]
