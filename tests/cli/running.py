"""The command line as a user has it: a process, what it prints, how it ends."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

import psutil


class Ojas:
    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        self._said = tempfile.TemporaryFile("w+")  # noqa: SIM115  # a pipe that nobody empties would stop a house that logs
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ojas.cli", *words],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )

    def end(self, timeout: float = 60) -> tuple[int, str, str]:
        """Wait until it is done: exit status, standard output, standard error."""
        out, _ = self.process.communicate(timeout=timeout)
        self._said.seek(0)
        return self.process.returncode, out, self._said.read()

    def ready(self) -> dict[str, Any]:
        """Wait for the line that --json demo and serve print once they serve."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, self.end()
        found: dict[str, Any] = json.loads(line)
        return found

    def children(self) -> list[psutil.Process]:
        """Its own processes."""
        return psutil.Process(self.process.pid).children()

    def child(self, name: str) -> psutil.Process:
        """The one of this name, such as web or job."""
        (found,) = (child for child in self.children() if child.name() == f"ojas {name}")
        return found

    def interrupt(self) -> tuple[int, str, str]:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.end()

    def kill(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in self.children():
                child.kill()
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        if not self._said.closed:
            self._said.seek(0)
            print("".join(self._said.readlines()[-60:]))  # noqa: T201  # shown where the test failed
        self._said.close()


def fetch(address: str, path: str = "/readyz") -> int:
    """The status of a page; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(address + path, timeout=10) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code
    except OSError:
        return 0


def wait_until_served(address: str, patience: float = 20) -> None:
    deadline = time.monotonic() + patience
    while (status := fetch(address)) != 200:
        assert time.monotonic() < deadline, f"still {status} after {patience} s"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
