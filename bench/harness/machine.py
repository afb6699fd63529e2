"""What the figures were measured on, in words that name no host."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import psutil


def machine() -> str:
    cores = f"{os.cpu_count()} × {_processor()}"
    memory = f"{psutil.virtual_memory().total / 2**30:.0f} GiB"
    return f"{cores}, {memory}, {platform.system()} {platform.release().split('-')[0]}, Python {platform.python_version()}"


def commit() -> str:
    """The commit measured, with a + when the tree had changes beside it."""
    known = _git("rev-parse", "--short=12", "HEAD")
    return known + ("+" if known and _git("status", "--porcelain", "--", "src", "migrations") else "")


def _processor() -> str:
    if sys.platform == "darwin":
        return subprocess.run(
            ["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True
        ).stdout.strip()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _git(*words: str) -> str:
    result = subprocess.run(["git", *words], capture_output=True, text=True, cwd=Path(__file__).parent)
    return result.stdout.strip() if result.returncode == 0 else ""
