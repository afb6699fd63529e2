"""The processes of one house: started, watched, started again when they die, and stopped together.

On Linux a child is a fork of this process, which has everything imported: 20 MB of its own instead of 110, and up
again in 50 ms. macOS forbids much after a fork, so there a child is the same program started anew.

A pipe that only this process can write to is each child's lifeline: it reads the end when this process is gone, however
that came, and stops. So nothing is left behind, and the last one to go stops the embedded database.
"""

import gc
import json
import os
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from ojas.cli.said import INTERRUPTED, REFUSED, note, sentence_of

FORKS = sys.platform == "linux"

_PATIENCE = 15.0  # seconds a child has to finish what it is doing
_LONGEST_PAUSE = 30.0
_STEADY = 10.0  # seconds; who lived that long has not failed to start
_HOPELESS = 5

Stop = Callable[[], None]


@dataclass
class Child:
    """One process.

    Attributes:
        work: what it does, given the descriptor of its lifeline; its return is the exit status.
        command: the same as a command, where forks are not to be had.
        keeps: descriptors that the command inherits.
    """

    name: str
    work: Callable[[int], int | None]
    command: Sequence[str]
    keeps: Sequence[int] = ()
    pid: int = 0
    started: float = 0.0
    due: float = 0.0
    failures: int = field(default=0)


class Crew:
    """Children and what looks after them. ``run`` returns when told to stop, or when there is no hope."""

    def __init__(self, children: Sequence[Child], tend: Callable[[], None]):
        self._children = children
        self._tend = tend
        self._lifeline, self._held = os.pipe()
        self._wake, self._woken = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(self._woken, False)
        self._stopping: int | None = None

    def run(self, up: Callable[[], bool], announce: Callable[[], None]) -> int:
        """Start all, announce once ``up`` says so, and keep them running. The exit status."""
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        announced, outcome = False, 0
        gc.collect()
        gc.freeze()  # a collection in a child would write to, and so copy, the pages it shares
        while self._stopping is None and not (outcome := self._look()):
            if not announced and up():
                announced = True
                announce()
            self._wait(1.0 if announced else 0.05)
        self._end()
        return outcome

    def _look(self) -> int:
        """Reap, start what is due, see to the database; not 0 when it is hopeless."""
        now = time.monotonic()
        for child in self._children:
            if child.pid and (ended := _ended(child.pid)) is not None:
                self._mourn(child, ended, now)
            if child.failures >= _HOPELESS:
                note(f"The {child.name} process keeps failing, so all is stopped; what it said stands above.")
                return REFUSED
            if not child.pid and now >= child.due:
                child.pid, child.started = self._started(child), now
        try:
            self._tend()
        except (
            Exception
        ) as problem:  # the database is tried again in a second; until then requests are refused
            note(sentence_of(problem) or f"The database could not be seen to: {type(problem).__name__}.")
        return 0

    def _mourn(self, child: Child, ended: int, now: float) -> None:
        child.failures = 0 if now - child.started > _STEADY else child.failures + 1
        child.due = now + min(_LONGEST_PAUSE, 0.25 * 2**child.failures if child.failures else 0)
        child.pid = 0
        how = f"was killed by signal {-ended}" if ended < 0 else f"ended with status {ended}"
        note(f"The {child.name} process {how} and is started again.")

    def _started(self, child: Child) -> int:
        if FORKS:
            return forked(lambda: self._live(child))
        return subprocess.Popen(  # noqa: S603  # our own program
            [*child.command, "--lifeline", str(self._lifeline)],
            pass_fds=(self._lifeline, *child.keeps),
            start_new_session=True,
        ).pid

    def _live(self, child: Child) -> int:
        """In the child: its own session, so that Ctrl-C reaches it only through us."""
        os.setsid()
        Path("/proc/self/comm").write_text(f"ojas {child.name}")  # what ps and top call it
        for descriptor in (self._held, self._wake, self._woken):
            os.close(descriptor)
        return child.work(self._lifeline) or 0

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._stopping = number

    def _wait(self, patience: float) -> None:
        if select.select([self._wake], [], [], patience)[0]:
            os.read(self._wake, 1024)

    def _end(self) -> None:
        left = [child.pid for child in self._children if child.pid]
        for pid in left:
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE
        while left and time.monotonic() < deadline:
            left = [pid for pid in left if _ended(pid) is None]
            self._wait(0.05)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def forked(work: Callable[[], int]) -> int:
    """Run ``work`` in a fork of this process, with Python's own signals. Returns its pid."""
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    status = REFUSED
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        status = work()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 0
    except BaseException as problem:
        if sentence := sentence_of(problem):
            note(sentence)
        else:
            traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def aside(work: Callable[[], Any]) -> Any:
    """The result (plain JSON data) of ``work`` done in a child, so that the memory it took goes with it.

    Raises:
        SystemExit: it failed, and has said why.
    """
    if not FORKS:
        return work()
    read, write = os.pipe()

    def tell() -> int:
        os.close(read)
        with os.fdopen(write, "w") as out:
            json.dump(work(), out, default=str)
        return 0

    pid = forked(tell)
    os.close(write)
    with os.fdopen(read) as answer:
        text = answer.read()
    _, status = os.waitpid(pid, 0)
    if status:
        raise SystemExit(os.waitstatus_to_exitcode(status) if status > 0 else REFUSED)
    return json.loads(text)


def _ended(pid: int) -> int | None:
    """How a child ended: its status, or minus the signal; None while it lives."""
    done, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if done else None
