"""A sweep that is killed again and again ends with what an uninterrupted one has."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time

from checkers.swept import counterexample_path

KILLS = 3


def started(words, path):
    command = [sys.executable, "-m", "checkers", "sweep", *words, "--workers", "1"]
    return subprocess.Popen(
        [*command, "--store", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_interrupts,
    )


def heed_interrupts():
    """A shell starts what runs in its background deaf to them, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def done(path):
    if not path.exists():
        return 0
    connection = sqlite3.connect(path, timeout=10)
    try:
        return connection.execute("SELECT COUNT(*) FROM cells").fetchone()[0]
    except sqlite3.OperationalError:  # the table is not there yet
        return 0
    finally:
        connection.close()


def reach(process, path, count):
    deadline = time.monotonic() + 60
    while done(path) < count and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)


def gone(group):
    """Whether every process of a group has ended, within some seconds."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_killed_three_times_and_resumed_is_as_uninterrupted(
    small, stored, report, uninterrupted, tmp_path
):
    path = tmp_path / "killed" / "store.sqlite"
    before = 0
    for _ in range(KILLS):
        process = started(small.words, path)
        reach(process, path, before + 4)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert gone(process.pid), "a worker has outlived the sweep"
        assert before < done(path) < len(small.cells)
        before = done(path)
        assert stored(path) < small.results
    process = started(small.words, path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert f"{len(small.cells) - before} cells in" in out
    assert f"{before} of the plan were there before" in out
    assert stored(path) == small.results
    assert report(path) == report(uninterrupted)
    assert (path.parent / counterexample_path("ji2022_kkt_is_collapse")).exists()


def test_an_interrupt_keeps_what_is_done(small, stored, tmp_path):
    path = tmp_path / "interrupted" / "store.sqlite"
    process = started([*small.words, "--cells", "100000"], path)  # more than it has time for
    reach(process, path, 3)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.startswith("interrupted: ")
    assert "Traceback" not in err
    assert gone(process.pid)
    found = stored(path)
    assert len(found) >= 3
    assert found <= small.results or found >= small.results  # the plan, as far as it came
