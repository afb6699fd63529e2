"""The server as a process: is it there, start it, stop it, clear up after it was killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from ojas.kit.db.embedded.account import clean_environment
from ojas.kit.db.embedded.folder import PORT, Folder
from ojas.kit.db.embedded.programs import Programs
from ojas.kit.db.embedded.roles import HBA
from ojas.kit.db.embedded.trouble import CannotStart, explained, from_output

_RECOVERY = 600.0  # seconds; after a crash the log is read again, at most max_wal_size of it
_SHUTDOWN = 60.0
_ORPHANS = 3.0  # backends notice that their postmaster is gone at their next wait, most within milliseconds
_LOG_LIMIT = 1 << 20

# The shell only puts the server in the background, so that init and not we are its parent: a killed server
# would otherwise stay our zombie, and look alive to the next one. "$0" "$@" needs no quoting of paths.
_IN_BACKGROUND = '"$0" "$@" </dev/null >&2 & echo $!'


@dataclass(frozen=True, slots=True)
class Running:
    """What postmaster.pid says, once it is known to be true."""

    pid: int
    socket_dir: Path
    status: str


def running(files: Path) -> Running | None:
    """The server on these files, if it lives; that its pid went to another program is seen through."""
    try:
        lines = (files / "postmaster.pid").read_text().splitlines()
        pid, socket_dir = int(lines[0]), Path(lines[4])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    if not _works_in(pid, files):
        return None
    return Running(pid, socket_dir, lines[7].strip() if len(lines) > 7 else "starting")


def start(
    programs: Programs, folder: Folder, files: Path, socket_dir: Path, *, durable: bool = True
) -> Running:
    """Start the server and wait until it takes connections. The caller holds the lock."""
    _clear(files, socket_dir)
    config = folder.write(
        f"postgresql-{programs.major}.conf", _configuration(programs.major, socket_dir, durable)
    )
    hba = folder.write("pg_hba.conf", HBA)
    with explained(folder.data), _log(folder.log) as log:
        before = log.tell()
        command = [
            programs.path("postgres"),
            "-D",
            files,
            "-c",
            f"config_file={config}",
            "-c",
            f"hba_file={hba}",
        ]
        pid = _launch(folder, [str(part) for part in command], log.fileno())
        if found := _ready(files, pid):
            return found
        log.seek(before)
        raise from_output(folder.data, log.read().decode(errors="replace"), "start")


def stop(files: Path) -> None:
    """Fast shutdown: sessions end, everything is written; ruder after a minute."""
    for how, patience in ((signal.SIGINT, _SHUTDOWN), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)):
        found = running(files)
        if not found:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.pid, how)
        _wait_gone(files, patience)


def settled(files: Path) -> Running | None:
    """The running server once it has made up its mind: waits out one that is starting or stopping."""
    found = running(files)
    if found and found.status == "stopping":
        _wait_gone(files, _SHUTDOWN)
        return settled(files) if running(files) is None else None
    return _ready(files, found.pid) if found else None


def reachable(found: Running) -> bool:
    """Whether the socket is there: a sweep of /tmp may have taken it from under a living server."""
    return (found.socket_dir / f".s.PGSQL.{PORT}").exists()


def _launch(folder: Folder, command: list[str], log: int) -> int:
    account = folder.account
    result = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", _IN_BACKGROUND, *command],
        stdout=subprocess.PIPE,
        stderr=log,
        env=clean_environment(),
        cwd="/",
        start_new_session=True,  # Ctrl-C in the terminal is for us, not for the server
        umask=0o077,
        user=account.uid if account.other else None,
        group=account.gid if account.other else None,
        extra_groups=[] if account.other else None,
        check=True,
    )
    return int(result.stdout)


def _ready(files: Path, pid: int) -> Running | None:
    """Wait until the server of this pid is ready; None if it died."""
    deadline = time.monotonic() + _RECOVERY
    while _alive(pid):
        found = running(files)
        if found and found.pid == pid and found.status == "ready":
            return found
        if time.monotonic() > deadline:
            raise CannotStart(
                f"PostgreSQL in {files.parent} is not ready after {_RECOVERY:.0f} seconds; see server.log."
            )
        time.sleep(0.01)
    return None


def _wait_gone(files: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while running(files) and time.monotonic() < deadline:
        time.sleep(0.01)


def _clear(files: Path, socket_dir: Path) -> None:
    """Remove what a killed server left. Safe only as the caller holds the lock and no server runs here."""
    deadline = time.monotonic() + _ORPHANS
    while (left := list(_processes(files))) and time.monotonic() < deadline:
        time.sleep(0.02)
    for orphan in left:
        # One that is deep in a query would write to shared memory beside the new server's back.
        with contextlib.suppress(psutil.NoSuchProcess):
            orphan.kill()
    psutil.wait_procs(left, timeout=10)
    (files / "postmaster.pid").unlink(missing_ok=True)
    for name in (f".s.PGSQL.{PORT}", f".s.PGSQL.{PORT}.lock"):
        (socket_dir / name).unlink(missing_ok=True)


def _processes(files: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name"]):
        if (process.info["name"] or "").startswith("postgres") and _works_in(process.pid, files):
            yield process


def _works_in(pid: int, files: Path) -> bool:
    """Every process of a server works in its folder, and no other program does."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and os.path.samefile(process.cwd(), files)
    except (psutil.Error, OSError):
        return False


def _alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def _log(path: Path) -> Iterator[IO[bytes]]:
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "a+b") as log:
        yield log


def _configuration(major: int, socket_dir: Path, durable: bool) -> str:
    """Small in memory: about 30 MB when idle. What a bigger machine should have is set by ALTER SYSTEM."""
    chosen: dict[str, str | int] = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        "port": PORT,
        "max_connections": 60,
        "password_encryption": "scram-sha-256",
        "shared_buffers": "64MB",
        "work_mem": "8MB",
        "maintenance_work_mem": "64MB",
        "effective_cache_size": "1GB",
        "random_page_cost": "1.1",
        "jit": "off",
        "max_worker_processes": 4,
        "max_parallel_workers": 2,
        "wal_level": "replica",
        "wal_compression": "on",
        "min_wal_size": "64MB",
        "max_wal_size": "512MB",
        "max_wal_senders": 3,
        "max_replication_slots": 3,
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": 0,
        "cluster_name": "ojas",
    }
    if major >= 18:
        chosen["io_method"] = "sync"  # three I/O workers fewer; small reads come from the page cache
    if sys.platform == "darwin":
        chosen["wal_sync_method"] = (
            "fsync_writethrough"  # there, fsync alone leaves data in the drive's cache
        )
    if not durable:
        chosen |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return "# Written by Ojas at every start.\n" + "".join(
        f"{name} = '{_quoted(v)}'\n" for name, v in chosen.items()
    )


def _quoted(value: str | int) -> str:
    return str(value).replace("'", "''").replace("\\", "\\\\")
