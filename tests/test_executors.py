"""Where chunks are worked on: a few ahead of use on threads, or by Dask's workers, who may die."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
from conftest import PATIENCE, ROOT
from sweeping import (
    assert_same,
    assert_told,
    chunks_there,
    command,
    ended,
    started,
    wait_for,
    whole,
)
from uptake.engine import executors
from uptake.engine.executors import AHEAD
from uptake.errors import Stopped

# 36 chunks, three to a point: half of a sweep, since a whole one would be compared and drawn.
ASKED = [
    "levers.upfront_fee_gbp=range(0,60000,5000)", "levers.pressure=0,0.5", "sweep.chunks=1/2",
    "sweep.runs=80", "sweep.chunk_runs=30", "months=400", "without=[review]",
]  # fmt: skip
CHUNKS = 12 * 2 * 3 // 2


def on_threads(work: executors.Work, items: Iterable[int], count: int) -> Iterator[tuple[int, Any]]:
    """Yield items with what became of them on so many threads."""
    with executors.threads(count) as run:
        yield from run(work, items)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_only_a_few_pieces_are_taken_ahead(threads: int) -> None:
    """However many there are, however slowly what they came to is used."""
    taken = 0

    def endless() -> Iterator[int]:
        nonlocal taken
        for item in itertools.count():
            taken += 1
            yield item

    results = on_threads(lambda item: item * item, endless(), threads)
    for used, (item, done) in enumerate(results):
        assert (item, done) == (used, used * used)  # in order
        assert used < taken <= AHEAD * threads + used
        if used % 50 == 0:
            time.sleep(0.02)
        if used == 199:
            break
    assert taken == AHEAD * threads + 199  # and not one by one


def test_all_threads_are_at_work() -> None:
    """Three pieces that wait for each other come to an end on three threads."""
    meet = threading.Barrier(3)
    work: Callable[[int], int] = lambda item: meet.wait(timeout=PATIENCE)  # noqa: E731
    found = [done for _, done in on_threads(work, range(6), 3)]
    assert sorted(found) == [0, 0, 1, 1, 2, 2]


def test_a_piece_that_fails_says_so_and_the_others_are_dropped() -> None:
    """What came before it is there; what was waiting is not begun."""
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        return 12 // (3 - item)

    found = []
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        for item, done in on_threads(work, range(1000), 1):
            found.append((item, done))
    assert found == [(0, 4), (1, 6), (2, 12)]
    assert max(begun) <= 3 + AHEAD
    assert list(on_threads(work, [], 2)) == []


@pytest.fixture(scope="module")
def on_threads_here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the sweep of these tests as threads leave it."""
    folder = tmp_path_factory.mktemp("threads")
    code, _, err = command(folder, *ASKED, "out=here")
    assert (code, err, chunks_there(folder / "here")) == (0, "", CHUNKS)
    return folder / "here"


def below(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return the processes that a process has started."""
    return psutil.Process(process.pid).children(recursive=True)


def is_worker(process: psutil.Process) -> bool:
    """Tell Dask's worker processes from multiprocessing's own."""
    with suppress(psutil.Error):
        return "spawn_main" in " ".join(process.cmdline())
    return False


def assert_gone(processes: list[psutil.Process]) -> None:
    """Assert that processes come to an end."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        alive = []
        for process in processes:
            with suppress(psutil.Error):
                if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                    alive.append(process)
        if not alive:
            return
        time.sleep(0.05)
    raise AssertionError(alive)


def addresses_open(process: subprocess.Popen[str]) -> set[str]:
    """Return the addresses at which a process and all below it can be reached."""
    return {ip for ip, _ in sockets_open(process)}


def sockets_open(process: subprocess.Popen[str]) -> set[tuple[str, int]]:
    """Return address and port of every socket at which a process and all below it listen."""
    return {
        (connection.laddr.ip, connection.laddr.port)
        for each in [psutil.Process(process.pid), *below(process)]
        for connection in each.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN or connection.type.name == "SOCK_DGRAM"
    }


def assert_nobody_else_is_let_in(process: subprocess.Popen[str]) -> None:
    """Assert that no port of a process and those below it serves one who has no certificate."""
    for port in {port for _, port in sockets_open(process)}:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"GET /info/main/workers.html HTTP/1.0\r\n\r\n")
            with suppress(ConnectionError, TimeoutError):
                said = connection.recv(1000)
                assert not said or b" 404 " in said or said[:1] == b"\x15", said  # a TLS alert


def test_dask_is_out_of_reach_and_survives_a_dead_worker(
    on_threads_here: Path, tmp_path: Path
) -> None:
    """No other machine can connect; a worker is killed at work, and the files are those of threads.

    No process is left at the end.
    """
    with started(tmp_path, *ASKED, "out=here", "executor=dask", "threads=2") as process:
        wait_for(process, lambda: chunks_there(tmp_path / "here") >= 4)
        assert addresses_open(process) == {"127.0.0.1"}
        assert_nobody_else_is_let_in(process)
        children = below(process)
        workers = list(filter(is_worker, children))
        assert len(workers) == 2
        workers[0].kill()
        assert chunks_there(tmp_path / "here") < CHUNKS - 2 * AHEAD - 2
        code, out, _ = ended(process)
    assert (code, "Done in" in out) == (0, True)
    assert_same(tmp_path / "here", on_threads_here)
    assert_gone(children)


def test_a_sweep_on_dask_can_be_stopped(on_threads_here: Path, tmp_path: Path) -> None:
    """Ctrl-C: exit code 130, what is kept is said, no worker is left; threads can go on with it."""
    with started(tmp_path, *ASKED, "out=here", "executor=dask", "threads=2") as process:
        wait_for(process, lambda: chunks_there(tmp_path / "here") >= 3)
        children = below(process)
        process.send_signal(signal.SIGINT)
        code, out, err = ended(process)
    kept = chunks_there(tmp_path / "here")
    assert (code, 3 <= kept < CHUNKS) == (130, True)
    assert "Traceback" not in out + err
    assert_told(err.strip().split("\n")[-1], kept, CHUNKS)
    assert_gone(children)
    assert command(tmp_path, *ASKED, "out=here", "sweep.resume=true")[0] == 0
    assert_same(tmp_path / "here", on_threads_here)


@pytest.mark.slow
def test_a_killed_sweep_on_dask_leaves_no_worker(on_threads_here: Path, tmp_path: Path) -> None:
    """Killed without warning, and gone on with by threads."""
    with started(tmp_path, *ASKED, "out=here", "executor=dask", "threads=2") as process:
        wait_for(process, lambda: chunks_there(tmp_path / "here") >= 3)
        children = below(process)
        process.kill()
        assert ended(process)[0] == -signal.SIGKILL
    assert_gone(children)
    assert command(tmp_path, *ASKED, "out=here", "sweep.resume=true")[0] == 0
    assert_same(tmp_path / "here", on_threads_here)


CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=2, host="127.0.0.1",
                      dashboard_address="127.0.0.1:0", silence_logs="CRITICAL") as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Run a Dask cluster in a process of its own, and give the address of its scheduler."""
    (folder / "cluster.py").write_text(CLUSTER)
    process = subprocess.Popen(
        [sys.executable, "cluster.py"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT / "sim")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.communicate("")


def test_a_cluster_that_is_there_is_used_and_left_there(
    on_threads_here: Path, tmp_path: Path
) -> None:
    """No process is started; the files are the same, and the cluster is still there."""
    with cluster(tmp_path) as address:
        dask = ["executor=dask", f"executor.address={address}", "out=here"]
        with started(tmp_path, *ASKED, *dask) as process:
            wait_for(process, lambda: chunks_there(tmp_path / "here") >= 1)
            assert below(process) == []  # none of its own
            code, _, err = ended(process)
        assert (code, err) == (0, "")
        with socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=5):
            pass
    assert_same(tmp_path / "here", on_threads_here)


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    """One line, with the form that is needed."""
    asked = ["levers.pressure=0,1", "executor=dask", "executor.address=rubbish", "out=here"]
    code, _, err = whole(tmp_path, *asked)
    assert (code, err.count("\n")) == (2, 1)
    assert "executor.address=rubbish: none answers there" in err
    assert "tcp://HOST:PORT of a Dask scheduler is needed" in err
    assert not (tmp_path / "here" / "manifest.json").exists()


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    """In good time: one line, no traceback; the folder can be gone on with."""
    asked = ["levers.pressure=0,1", "sweep.runs=5", "months=2", "out=here"]
    began = time.monotonic()
    dask = ["executor=dask", "executor.address=tcp://127.0.0.1:1"]
    code, _, err = whole(tmp_path, *asked, *dask)
    assert (code, err.count("\n")) == (2, 1)
    assert "executor.address=tcp://127.0.0.1:1: none answers there" in err
    assert time.monotonic() - began < 60
    assert command(tmp_path, *asked, "sweep.resume=true")[0] == 0


def test_workers_who_are_not_there_are_not_waited_for_in_silence(tmp_path: Path) -> None:
    """All of an outside cluster's are gone: this is said, and after the time stated it ends."""
    said: list[str] = []
    with (
        cluster(tmp_path) as address,
        executors.dask(address, None, said.append, patience=0.0) as run,
    ):
        import distributed

        distributed.get_client().retire_workers(close_workers=True)
        with pytest.raises(Stopped, match="no worker was there for 0 s"):
            list(run(abs, range(3)))
    assert said == ["executor=dask: no worker is there; waiting for one, 0 s at most ..."]
