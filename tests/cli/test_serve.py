"""serve: everything started, watched, started again when killed, and stopped with nothing left behind."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from tests.cli.conftest import Run
from tests.cli.running import fetch, free_port, wait_until_served
from tests.kit.db.clusters import postmasters, wait_for

pytestmark = [pytest.mark.timeout(110), pytest.mark.slow]


def test_ctrl_c_stops_everything_cleanly(ojas: Run, home: Path) -> None:
    house = ojas("--json", "serve", "--port", str(free_port()))
    address = house.ready()["address"]
    assert fetch(address) == 200
    assert fetch(address, "/healthz") == 200
    children = house.children()
    assert len(children) == 2
    status, _, err = house.interrupt()
    assert status == 0, err
    assert "Traceback" not in err
    assert not [child for child in children if child.is_running()]
    assert postmasters(home / "postgres") == []


def test_each_killed_process_comes_back(ojas: Run, home: Path) -> None:
    house = ojas("--json", "serve", "--port", str(free_port()))
    address = house.ready()["address"]
    for killed in house.children():
        killed.kill()
        wait_for(lambda killed=killed: not killed.is_running() and len(house.children()) == 2)  # type: ignore[misc]
        # The socket outlives the web process: whoever calls now waits, and is not refused.
        assert fetch(address) == 200
    os.kill(postmasters(home / "postgres")[0], signal.SIGKILL)
    wait_for(lambda: fetch(address) != 200)
    wait_until_served(address)
    assert house.interrupt()[0] == 0


def test_when_the_parent_is_killed_the_rest_stops_by_itself(ojas: Run, home: Path) -> None:
    house = ojas("--json", "serve", "--port", str(free_port()))
    house.ready()
    children = house.children()
    house.process.kill()
    wait_for(lambda: not [child for child in children if child.is_running()], patience=30)
    wait_for(lambda: postmasters(home / "postgres") == [])


ENDLESS = """
import asyncio, contextlib
from ojas.cli import jobs
from ojas.cli.ground import ground
from ojas.kit.jobs import tick
from ojas.kit.settings import Settings

@tick("tests.endless")
async def ENDLESS(context):
    print("begun", flush=True)
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)

jobs._PATIENCE_S = 1
with ground(Settings()) as found:
    jobs.labour(Settings(), found, None)
"""


def test_a_job_process_in_which_a_step_will_not_end_stops_the_database_all_the_same(
    ojas: Run, home: Path
) -> None:
    ojas("migrate").end()
    job = subprocess.Popen(
        [sys.executable, "-c", ENDLESS],
        env={**os.environ, "OJAS_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert job.stdout
    while job.stdout.readline() != "begun\n":
        assert job.poll() is None
    job.terminate()
    assert job.wait(60) == 1, "it is cut off"
    assert postmasters(home / "postgres") == []


def test_a_taken_port_is_one_sentence(ojas: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        status, _, err = ojas("serve", "--port", str(taken)).end()
    assert status == 1
    assert err == f"Port {taken} is taken by another program; choose another with --port.\n"


def test_two_houses_share_one_database(ojas: Run, home: Path) -> None:
    first = ojas("--json", "serve", "--port", str(free_port()))
    first.ready()
    second = ojas("--json", "serve", "--no-jobs", "--port", str(free_port()))
    address = second.ready()["address"]
    assert len(second.children()) == 1
    assert first.interrupt()[0] == 0
    assert fetch(address) == 200
    assert second.interrupt()[0] == 0
    assert postmasters(home / "postgres") == []


def test_what_a_process_is_told_stays_out_of_the_list_of_processes(ojas: Run) -> None:
    house = ojas("--json", "serve", "--port", str(free_port()))
    house.ready()
    shown = [" ".join(p.cmdline()) for p in [psutil.Process(house.process.pid), *house.children()]]
    assert not [line for line in shown if "password" in line]
    house.interrupt()
