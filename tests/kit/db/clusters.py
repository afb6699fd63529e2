"""Looking at a cluster from outside."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg

from ojas.kit.db import embedded
from ojas.kit.db.embedded import KEEPER


def postmasters(data: Path) -> list[int]:
    """The servers on this data that nobody of the same server started: normally one, or none."""
    ours = {}
    for process in psutil.process_iter(["name", "ppid"]):
        try:
            if process.info["name"].startswith("postgres") and Path(process.cwd()).parent == data:
                ours[process.pid] = process.info["ppid"]
        except (psutil.Error, OSError):
            continue
    return [pid for pid, parent in ours.items() if parent not in ours]


def end_servers(data: Path) -> None:
    """Kill what a failed test left running."""
    for pid in postmasters(data):
        os.kill(pid, signal.SIGKILL)


def ask(cluster: embedded.Cluster, question: str, role: str = KEEPER, database: str = "ojas") -> object:
    with psycopg.connect(cluster.dsn(role, database)) as connection:
        row = connection.execute(question).fetchone()  # type: ignore[call-overload]
    return row and row[0]


def answers(cluster: embedded.Cluster, query: str = "SELECT 1", answer: int = 1, role: str = KEEPER) -> bool:
    try:
        return ask(cluster, query, role) == answer
    except psycopg.OperationalError:
        return False


def wait_for(condition: Callable[[], bool], patience: float = 10.0) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
