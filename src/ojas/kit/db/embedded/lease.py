"""Leases on a cluster: the first starts it, the last stops it."""

import fcntl
import os
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from ojas.kit.db.embedded import server
from ojas.kit.db.embedded.account import server_account
from ojas.kit.db.embedded.create import create, tell
from ojas.kit.db.embedded.folder import PORT, Folder, default_data, locked, prepared, socket_folder, taken
from ojas.kit.db.embedded.programs import MAJOR, Programs, find
from ojas.kit.db.embedded.roles import DATABASE, new_passwords, passwords
from ojas.kit.db.embedded.trouble import CannotStart, explained
from ojas.kit.db.embedded.upgrade import Upgrade


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running server: where it is, and how to connect."""

    data: Path
    socket_dir: Path
    passwords: dict[str, str] = field(repr=False)
    port: int = PORT

    def dsn(self, role: str, database: str = DATABASE) -> str:
        """A libpq connection string for one of the roles; it holds the password."""
        parts = {
            "host": str(self.socket_dir),
            "port": str(self.port),
            "user": role,
            "password": self.passwords[role],
            "dbname": database,
        }
        return " ".join(f"{name}='{_quoted(value)}'" for name, value in parts.items())


class Lease:
    """The right to a running cluster, until released. Leaving a ``with`` releases it."""

    def __init__(self, cluster: Cluster, folder: Folder, users: int, *, durable: bool, patience: float):
        self.cluster = cluster
        self._folder = folder
        self._users: int | None = users
        self._process = os.getpid()
        self._durable = durable
        self._patience = patience

    def __enter__(self) -> "Lease":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def alive(self) -> bool:
        """Whether the server's process lives; 0.1 ms, so a supervisor may ask every second."""
        return server.running(self._folder.files(MAJOR)) is not None

    def revive(self) -> bool:
        """Start the server again if it was killed; whether there was anything to do."""
        if self._users is None or self.alive():
            return False
        with locked(self._folder, self._patience):
            _found_or_started(self._folder, alone=False, durable=self._durable)
        return True

    def release(self) -> None:
        """Give the lease back; the last one stops the server. Once is enough, twice does no harm."""
        users, self._users = self._users, None
        if users is None:
            return
        if os.getpid() != self._process:  # a forked child shares the parent's lock and must not touch it
            os.close(users)
            return
        try:
            with locked(self._folder, self._patience):
                if taken(users, fcntl.LOCK_EX):
                    server.stop(self._folder.files(MAJOR))
        finally:
            os.close(users)


def attach(data: Path | None = None, *, durable: bool = True, patience: float = 120.0) -> Lease:
    """Find the cluster in ``data`` running, or make, recover, upgrade and start it as need be.

    Args:
        data: its folder; unset, ``default_data()``.
        durable: False gives up safety on power loss for speed. For tests only.
        patience: seconds to wait for another process that is starting or stopping it.

    Raises:
        CannotStart: with one sentence that says why, and what to do.
    """
    folder = prepared((data or default_data()).absolute(), server_account())
    with explained(folder.data), locked(folder, patience):
        users = os.open(folder.users, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            alone = taken(users, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_SH)
            cluster = _found_or_started(folder, alone=alone, durable=durable)
        except BaseException:
            os.close(users)
            raise
    return Lease(cluster, folder, users, durable=durable, patience=patience)


def _found_or_started(folder: Folder, *, alone: bool, durable: bool) -> Cluster:
    files = folder.files(MAJOR)
    lost = not folder.passwords.exists()
    known = passwords(folder.passwords)
    found = server.settled(files)
    if found and (lost or not server.reachable(found)):
        server.stop(files)
        found = None
    if not found:
        found = _started(folder, known, alone=alone, durable=durable, lost=lost)
    return Cluster(folder.data, found.socket_dir, known)


def _started(
    folder: Folder, known: dict[str, str], *, alone: bool, durable: bool, lost: bool
) -> server.Running:
    account, files = folder.account, folder.files(MAJOR)
    programs = find(MAJOR, account)
    socket_dir = socket_folder(folder)
    folder.tidy()
    existing = folder.majors()
    if existing and existing[-1] > MAJOR:
        raise CannotStart(
            f"The data in {folder.data} is of PostgreSQL {existing[-1]}, newer than this Ojas; upgrade Ojas."
        )
    if existing and existing[-1] < MAJOR:
        old = _old(folder, existing[-1], alone)
        Upgrade(folder, old, programs, known, socket_dir, durable).run()
    elif not existing:
        create(programs, folder, known, durable=durable)
    elif lost:
        tell(programs, folder, files, new_passwords(known))
    return server.start(programs, folder, files, socket_dir, durable=durable)


def _old(folder: Folder, major: int, alone: bool) -> Programs:
    """The programs of the older data, once nothing of it runs."""
    if server.running(folder.files(major)):
        if not alone:
            raise CannotStart(
                f"PostgreSQL {major} is running in {folder.data} for an older Ojas; stop it and start again."
            )
        server.stop(folder.files(major))
    return find(major, folder.account)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
