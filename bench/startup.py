"""How long from the command to the first page, and what does the whole house take in memory when idle?"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import psutil

from bench.harness import Bench
from bench.harness.measure import Times, memory_mb

REST_S = 30
"""Until it is idle: what it does on starting is done, and the connections that took are closed."""

COMMAND = "demo" if find_spec("ojas.features.demo.service") else "serve"


def run(bench: Bench) -> None:
    home = Path(tempfile.mkdtemp(prefix="ojas-startup-"))
    home.chmod(0o711)
    try:
        first, _ = started(home)
        bench.figure(f"{COMMAND} from an empty folder to the first page", first, "s")
        again = [started(home) for _ in range(3)]
        warm = Times([seconds for seconds, _ in again])
        bench.figure(
            f"{COMMAND} the next time, to the first page", warm.median, "s", at_most=5, spread=warm.spread
        )
        bench.figure(
            "idle memory: web, jobs, their parent, PostgreSQL",
            statistics.median(memory for _, memory in again),
            "MB",
            at_most=250,
        )
    finally:
        shutil.rmtree(home, ignore_errors=True)
    shown = Times([timed([sys.executable, "-m", "ojas.cli", "--help"]) for _ in range(9)])
    bare = Times([timed([sys.executable, "-c", "pass"]) for _ in range(9)])
    bench.figure(
        "ojas --help, against an empty Python",
        shown.median,
        "s",
        reference=bare.median,
        at_most=0.3,
        spread=shown.spread,
    )


def started(home: Path) -> tuple[float, float]:
    """Start, fetch the first page, let it rest, stop: seconds until the page, MB when idle."""
    start = time.perf_counter()
    house = subprocess.Popen(
        [sys.executable, "-m", "ojas.cli", "--json", COMMAND, "--port", "18431"],
        env={**os.environ, "OJAS_HOME": str(home), "OJAS_LOG_LEVEL": "warning"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert house.stdout
        address = json.loads(house.stdout.readline())["address"]
        with urllib.request.urlopen(f"{address}/sign-in") as page:  # noqa: S310
            page.read()
        seconds = time.perf_counter() - start
        time.sleep(REST_S)
        return seconds, memory_mb(house.pid) + servers_mb(home)
    finally:
        house.terminate()
        house.wait()


def servers_mb(home: Path) -> float:
    """The database is nobody's child, so it is looked for by where it works."""
    total = 0.0
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"].startswith("postgres") and Path(process.cwd()).is_relative_to(home):
                total += memory_mb_alone(process)
        except (psutil.Error, OSError):
            continue
    return total


def memory_mb_alone(process: psutil.Process) -> float:
    full = process.memory_full_info()
    return float(getattr(full, "pss", full.rss)) / 1e6


def timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    return time.perf_counter() - start
