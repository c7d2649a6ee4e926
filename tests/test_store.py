"""The folder of a sweep: nothing is lost, mixed or half written, whatever happens to the process.

Real processes are killed, stopped, starved of disk space and started side by side.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sweeping import (
    PIECES,
    TABLES,
    assert_same,
    assert_told,
    begun_in,
    chunks_there,
    command,
    completed,
    content,
    ended,
    flip,
    refused,
    resealed,
    started,
    wait_for,
    whole,
)

# 60 points in as many chunks, each of three files.
ASKED = [
    "levers.upfront_fee_gbp=range(0,50000,5000)", "levers.pressure=range(0,1,0.17)",
    "sweep.runs=20", "sweep.chunk_runs=20", "sweep.curves=runs", "months=6",
]  # fmt: skip
CHUNKS = 60


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a sweep that nothing happened to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    code, _, err = completed(folder, *ASKED, "out=here")
    assert (code, err, chunks_there(folder / "here")) == (0, "", CHUNKS)
    assert len(content(folder / "here")) == 3 * CHUNKS + 1
    for table in TABLES:
        assert pq.read_table(folder / "here" / table).num_rows > 0
    return folder / "here"


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a sweep whose chunks are pieces of points."""
    folder = tmp_path_factory.mktemp("pieces")
    code, _, err = completed(folder, *PIECES, "out=here")
    assert (code, err, chunks_there(folder / "here")) == (0, "", 36)
    assert len(content(folder / "here")) == 2 * 36 + 1
    return folder / "here"


def test_a_killed_sweep_goes_on_where_it_was(undisturbed: Path, tmp_path: Path) -> None:
    """Killed twice, first between the files of a chunk, as if nothing had happened."""
    luck, here = random.Random(4), tmp_path / "here"
    marks = sorted(luck.sample(range(1, CHUNKS - 20), 2))

    def is_within_a_chunk(process: subprocess.Popen[str]) -> bool:
        """Hold a process, and let it go on unless it is between the files of a chunk."""
        process.send_signal(signal.SIGSTOP)
        if len(list((here / "bands").glob("[0-9]*"))) > chunks_there(here):
            return True
        process.send_signal(signal.SIGCONT)
        return False

    for mark, within in zip(marks, (True, False), strict=True):
        with started(tmp_path, *ASKED, "out=here", "sweep.resume=true", "threads=2") as process:
            wait_for(process, lambda: chunks_there(here) >= mark)  # noqa: B023
            if within:
                wait_for(process, lambda: is_within_a_chunk(process))
            else:
                time.sleep(luck.random() * 0.01)
            process.kill()
            assert ended(process)[0] == -signal.SIGKILL
        assert mark <= chunks_there(here) < CHUNKS
    code, out, err = completed(tmp_path, *ASKED, "out=here")
    assert (code, err) == (0, "")
    assert re.search(r"\b[0-9]+ of 30 chunks are there already", out)
    assert_same(here, undisturbed)


@pytest.mark.slow
def test_a_sweep_killed_at_twenty_moments_ends_the_same(pieces: Path, tmp_path: Path) -> None:
    """Spread over all the time that it takes, from its first import to its last file."""
    began = time.monotonic()
    assert whole(tmp_path, *PIECES, "out=timed")[0] == 0
    takes = time.monotonic() - began
    luck, here = random.Random(20), tmp_path / "here"
    moments, killed = [(i + luck.random()) / 20 * takes for i in range(20)], 0
    luck.shuffle(moments)
    for moment in moments:
        with started(tmp_path, *PIECES, "out=here", "sweep.resume=true") as process:
            try:
                process.wait(timeout=moment)
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
            code, _, err = ended(process)
        assert code in (0, -signal.SIGKILL), err
        if code == 0:  # start again: there is nothing left to be interrupted
            assert_same(here, pieces)
            for path in [*(here / "outcomes").iterdir(), *(here / "curves").iterdir()][::2]:
                path.unlink()
    assert killed >= 10
    assert whole(tmp_path, *PIECES, "out=here", "sweep.resume=true")[0] == 0
    assert_same(here, pieces)


def truncate(path: Path) -> None:
    """Leave half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path: Path) -> None:
    """Leave nothing in a file."""
    path.write_bytes(b"")


def remove(path: Path) -> None:
    """Leave no file."""
    path.unlink()


def test_a_damaged_chunk_is_found_and_run_again(undisturbed: Path, tmp_path: Path) -> None:
    """A bit turned over, a file cut short, empty or gone, in any table; the others are kept."""
    here, share = tmp_path / "here", ["sweep.chunks=1/2", "out=here"]
    assert command(tmp_path, *ASKED, *share)[0] == 0
    before = content(here)
    done: list[tuple[Path, Callable[[Path], None]]] = []
    harms: list[Callable[[Path], None]] = [flip, truncate, empty, remove]
    for chunk, (harm, table) in enumerate(itertools.product(harms, TABLES)):
        (path,) = (here / table).glob(f"{2 * chunk + 1:06d}-*")
        harm(path)
        done.append((path, harm))
    kept = {path: path.stat().st_mtime_ns for path in (here / "outcomes").glob("*[02468]-*")}
    code, out, err = command(tmp_path, *ASKED, *share, "sweep.resume=true")
    assert (code, err) == (0, "")
    for path, harm in done:
        chunk, name = int(path.name[:6]), path.relative_to(here)
        said = f"chunk {chunk}: {name} was damaged; it is run again"
        assert (said in out) == (harm is not remove)
    assert out.count("was damaged") == 9
    assert f"{30 - 12} of 30 chunks are there already" in out
    assert content(here) == before
    assert before.items() <= content(undisturbed).items()
    assert all(path.stat().st_mtime_ns == written for path, written in kept.items())


def test_a_stale_half_file_is_cleared_away(tmp_path: Path) -> None:
    """What a killed process left, in the folder and in its tables; only that."""
    here, share = tmp_path / "here", ["sweep.chunks=1/2", "out=here"]
    assert command(tmp_path, *PIECES, *share)[0] == 0
    before = content(here)
    mine, another = (f".{chunk:06d}-0123456789abcdef.parquet.9.partial" for chunk in (3, 30))
    for name in (mine, another):
        (here / "outcomes" / name).write_bytes(b"half")
    assert command(tmp_path, *PIECES, *share, "sweep.resume=true")[0] == 0
    assert [path.name for path in here.rglob("*.partial")] == [another]  # may be at work
    (here / "outcomes" / another).unlink()
    assert content(here) == before


def test_two_processes_do_not_write_the_same_chunks(undisturbed: Path, tmp_path: Path) -> None:
    """The second is refused while the first is there, and the first is none the worse."""
    with started(tmp_path, *ASKED, "out=here") as first:
        wait_for(first, lambda: chunks_there(tmp_path / "here") >= 3)
        first.send_signal(signal.SIGSTOP)  # it does not end before the second has come
        before = chunks_there(tmp_path / "here")
        assert before < CHUNKS
        for more in (["sweep.chunks=1/1"], ["sweep.chunks=3/3"]):
            again = [*ASKED, "out=here", "sweep.resume=true", *more]
            code, out, err = command(tmp_path, *again)
            assert (code, out, err.count("\n")) == (2, "", 1)
            assert "out=here: another process is writing these chunks" in err
        code, _, err = command(tmp_path, *ASKED, "out=here")
        assert (code, err.count("\n")) == (2, 1)
        assert "sweep.resume=true goes on with it" in err
        assert chunks_there(tmp_path / "here") == before
        first.send_signal(signal.SIGCONT)
        code, _, err = ended(first)
    assert (code, err) == (0, "")
    assert_same(tmp_path / "here", undisturbed)


def test_shares_at_once_make_one_whole(undisturbed: Path, tmp_path: Path) -> None:
    """Started at the same moment into a folder that is not there yet; each says what is next."""
    shared = [*ASKED, "out=here", "sweep.resume=true", "threads=1"]
    with ExitStack() as all_of:
        shares = [
            all_of.enter_context(started(tmp_path, *shared, f"sweep.chunks={i}/3"))
            for i in range(1, 4)
        ]
        for code, out, err in map(ended, shares):
            assert (code, err) == (0, "")
            assert "When all shares are done: uptake compare here" in out
    assert_same(tmp_path / "here", undisturbed)


@pytest.mark.parametrize("shares", [1, 7, 60, 61])
def test_shares_are_all_chunks_once(shares: int) -> None:
    """Whatever their number, though some be empty."""
    from uptake.results.sweep import _share

    found = [chunk for i in range(shares) for chunk in _share(CHUNKS, f"{i + 1}/{shares}")]
    assert found == list(range(CHUNKS))


OTHERS = {
    "seed=2": ["seed was 1 and is now 2"],
    "sweep.runs=21": ["runs was 20 and is now 21"],
    "sweep.chunk_runs=8": ["chunks was 36 and is now 36", "chunk_runs was 7 and is now 8"],
    "levers.pressure=0,0.5,0.9": ["points_sha256"],
    "levers.pressure=1,0.5,0": ["points_sha256"],
    "levers.pressure=0,0.5": ["points was 12 and is now 8"],
    "months=5": ["configuration.months was 4 and is now 5"],
    "sweep.common_random_numbers=false": ["common_random_numbers was True and is now False"],
    "sweep.curves=runs": ["keeps_curves was False and is now True"],
    "levers.mandate=0.5": ["configuration.levers.mandate was nothing and is now 0.5"],
    "scenario=nhs_sbs": ["scenario.name was nhs_employers_2009 and is now nhs_sbs"],
    "": ["a sweep is there already"],
}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where a sweep has begun."""
    return begun_in(tmp_path_factory.mktemp("begun"))


@pytest.mark.parametrize("other", OTHERS)
def test_another_sweep_is_not_mixed_in(other: str, begun: Path) -> None:
    """One line names what differs: luck, runs, points, chunks, levers, episode."""
    key = other.split("=")[0]
    asked = [typed for typed in PIECES if typed.split("=")[0] != key]
    err = refused(begun, *asked, *([other, "sweep.resume=true"] if other else []))
    assert any(part in err for part in OTHERS[other])


@pytest.mark.parametrize(
    ("key", "value"), [("version", "0.0.1"), ("source", "0123456789abcdef"), ("seed", 4)]
)
def test_another_version_of_the_model_is_not_mixed_in(
    key: str, value: Any, begun: Path, tmp_path: Path
) -> None:
    """Nor its rules, though the version be called the same."""
    (tmp_path / "here").mkdir()
    said = json.loads((begun / "here" / "manifest.json").read_text())
    (tmp_path / "here" / "manifest.json").write_text(json.dumps(said))
    resealed(tmp_path / "here", **{key: value})
    err = refused(tmp_path, *PIECES, "sweep.resume=true")
    assert f"{key} was {value} and is now {said[key]}" in err


def test_a_folder_whose_manifest_is_damaged_is_refused(begun: Path, tmp_path: Path) -> None:
    """It is said which file it is."""
    (tmp_path / "here").mkdir()
    said = (begun / "here" / "manifest.json").read_text()
    (tmp_path / "here" / "manifest.json").write_text(said[: len(said) // 2])
    err = refused(tmp_path, *PIECES, "sweep.resume=true")
    assert str(Path("here") / "manifest.json") in err


def test_what_the_rows_do_not_depend_on_may_change(pieces: Path, tmp_path: Path) -> None:
    """Threads, shares, and the wording of the same question."""
    assert command(tmp_path, *PIECES, "sweep.chunks=1/2", "threads=1", "out=here")[0] == 0
    same = [typed.replace("0,0.5,1", "range(0,1.1,0.5)") for typed in PIECES]
    more = ["sweep.resume=true", "threads=2", "out=here"]
    code, out, err = command(tmp_path, *reversed(same[2:]), *same[:2], *more)
    assert (code, err) == (0, "")
    assert "18 of 36 chunks are there already" in out
    assert_same(tmp_path / "here", pieces)


def test_a_full_disk_loses_no_chunk(tmp_path: Path) -> None:
    """Exit code 1, one line that says what is kept and how to go on; then it goes on."""
    # The chunks of the shorter part are small files, the curves of the longer one are larger.
    asked = [
        "months=2,240", "levers.pressure=0,0.5,1", "sweep.runs=60", "sweep.chunk_runs=60",
        "sweep.curves=runs", "without=[review]", "levers.opens_month=6",
        "population.approached=3000", "threads=1",
    ]  # fmt: skip
    here = tmp_path / "here"
    code, out, err = whole(tmp_path, *asked, "out=here", limit=85_000)
    assert code == 1, (out, err)
    assert err.count("\n") == 1
    assert "Traceback" not in out + err
    assert "File too large; 3 of 6 chunks are kept in here" in err
    assert "sweep.resume=true goes on" in err
    assert list(here.rglob("*.partial")) == []
    assert (chunks_there(here), len(list((here / "curves").iterdir()))) == (3, 3)
    code, out, err = completed(tmp_path, *asked, "out=here")
    assert (code, err) == (0, "")
    assert "3 of 3 chunks are there already" in out
    assert len(content(here)) == 1 + 3 * 6


@pytest.mark.parametrize("limit", [500, 20_000])
def test_a_disk_that_is_full_from_the_start_is_said(limit: int, tmp_path: Path) -> None:
    """Before the first chunk: one line, and no folder that could be taken for a sweep's."""
    code, out, err = whole(tmp_path, *PIECES, "out=here", limit=limit)
    assert (code, err.count("\n")) == (1, 1)
    assert "File too large" in err
    assert "Traceback" not in out + err
    assert list(tmp_path.rglob("*.partial")) == []
    assert not (tmp_path / "here" / "manifest.json").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_sweep_that_is_stopped_keeps_its_chunks(
    how: signal.Signals, undisturbed: Path, tmp_path: Path
) -> None:
    """Ctrl-C or a polite kill: exit code 130, one line with how to go on; then it goes on."""
    here = tmp_path / "here"
    with started(tmp_path, *ASKED, "out=here", "threads=1") as process:
        wait_for(process, lambda: chunks_there(here) >= 5)
        process.send_signal(how)
        code, _, err = ended(process)
    kept = chunks_there(here)
    assert (code, err.count("\n")) == (130, 1)
    assert_told(err, kept, CHUNKS)
    assert "sweep.resume=true goes on" in err
    assert 5 <= kept < CHUNKS
    assert list(here.rglob("*.partial")) == []
    assert content(here).items() <= content(undisturbed).items()
    code, out, err = completed(tmp_path, *ASKED, "out=here")
    assert (code, err) == (0, "")
    assert sum(map(int, re.findall(r"\b([0-9]+) of 30 chunks are there already", out))) == kept
    assert_same(here, undisturbed)


def test_a_chunk_of_other_bytes_is_replaced(tmp_path: Path) -> None:
    """One row group more, as another version of a library may write it: no row counts twice."""
    asked = ["levers.pressure=0,1", "sweep.runs=10", "out=here"]
    assert command(tmp_path, *asked)[0] == 0
    (path,) = (tmp_path / "here" / "outcomes").iterdir()
    before = pq.read_table(path)
    pq.write_table(before, path, row_group_size=5)
    digest = hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
    other = path.rename(path.with_name(f"000000-{digest}.parquet"))
    (bands,) = (tmp_path / "here" / "bands").iterdir()
    bands.unlink()
    assert command(tmp_path, *asked, "sweep.resume=true")[0] == 0
    assert not other.exists()
    assert pq.read_table(path) == before


@pytest.mark.parametrize("name", [".mydownload.partial", "thesis.docx"])
def test_a_folder_of_something_else_is_left_alone(name: str, tmp_path: Path) -> None:
    """A sweep begins in an empty folder, and takes nothing away that is not its own."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / name).write_text("mine")
    code, _, err = command(tmp_path, "levers.pressure=0,1", "sweep.runs=5", "out=here")
    assert (code, err.count("\n"), name in err) == (2, 1, True)
    assert (tmp_path / "here" / name).read_text() == "mine"


def test_every_file_of_trusts_is_part_of_the_sweep(tmp_path: Path) -> None:
    """Changed between stop and resume, the second of two is noticed as well."""
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("id,name,kind,region,income_million_gbp\n1,,acute,north,200\n")
    asked = ["population=file", "population.path=a.csv,b.csv", "sweep.runs=5", "out=here"]
    assert command(tmp_path, *asked)[0] == 0
    (tmp_path / "b.csv").write_text("id,name,kind,region,income_million_gbp\n1,,acute,north,300\n")
    code, _, err = command(tmp_path, *asked, "sweep.resume=true")
    assert (code, err.count("\n"), "inputs.b.csv" in err) == (2, 1, True)
