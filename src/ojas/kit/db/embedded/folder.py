"""What lies in a data folder, whose it is, and the locks on it.

postgres/                  root's, or the user's
    18/                    PostgreSQL's own files, of the server's account; the name is the major version
    run/                   the socket, private to that account
    postgresql-18.conf …   written anew at every start
    passwords, lock, users, server.log
"""

import fcntl
import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ojas.kit.db.embedded.account import Account, name_of
from ojas.kit.db.embedded.trouble import CannotStart, explained
from ojas.kit.settings import default_home

PORT = 5432
"""No port is opened: it is part of the socket's name."""

_LONGEST_SOCKET = 100  # bytes; sun_path holds 104 on macOS and the BSDs, 108 on Linux
_SAFE = re.compile(r"[\w/. -]+", re.ASCII)  # a comma or quote would end the path in a list of folders
_BUSY = "Another process has been starting or stopping the database in {data} for {waited:.0f} seconds."


def default_data() -> Path:
    """Where the embedded database lies: /var/lib/ojas/postgres for root, else in the user's data folder."""
    return default_home() / "postgres"


@dataclass(frozen=True, slots=True)
class Folder:
    data: Path
    account: Account

    @property
    def lock(self) -> Path:
        return self.data / "lock"

    @property
    def users(self) -> Path:
        return self.data / "users"

    @property
    def passwords(self) -> Path:
        return self.data / "passwords"

    @property
    def log(self) -> Path:
        return self.data / "server.log"

    def files(self, major: int) -> Path:
        return self.data / str(major)

    def majors(self) -> list[int]:
        """The major versions of which there is data here, lowest first."""
        return sorted(int(p.name) for p in self.data.iterdir() if p.name.isdigit())

    def tidy(self) -> None:
        """Remove what an upgrade left that was killed half-way, or after its new files took their place."""
        for path in [*self.data.glob("work-*"), *(self.files(major) for major in self.majors()[:-1])]:
            shutil.rmtree(path, ignore_errors=True)

    def write(self, name: str, text: str) -> Path:
        """A configuration file: ours to change, the server's to read."""
        path, fresh = self.data / name, self.data / f"{name}.new"
        fresh.write_text(text)
        fresh.chmod(0o640 if self.account.other else 0o600)
        if self.account.other:
            os.chown(fresh, 0, self.account.gid)
        fresh.replace(path)
        return path

    def work(self) -> Path:
        """A fresh folder beside the data that the server's account may write to."""
        return self.account.own(Path(tempfile.mkdtemp(prefix="work-", dir=self.data)), 0o700)


def prepared(data: Path, account: Account) -> Folder:
    """The data folder, made if need be, and certain to be ours and within the server's reach."""
    with explained(data):
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = data.stat().st_uid
        if owner != os.geteuid():
            raise CannotStart(
                f"{data} belongs to {name_of(owner)}, and this is {name_of(os.geteuid())}; "
                f"start Ojas as {name_of(owner)} or choose another folder with OJAS_HOME."
            )
        data.chmod(0o711 if account.other else 0o700)
        if account.other:
            _reachable(data, account)
    return Folder(data, account)


def _reachable(data: Path, account: Account) -> None:
    for parent in data.parents:
        if parent.stat().st_mode & stat.S_IXOTH:
            continue
        if parent != default_home():  # only our own house is opened, never one like /root
            raise CannotStart(
                f"The account {account.name} cannot enter {parent}; "
                f"choose a folder with OJAS_HOME that it can reach, such as {default_home()}."
            )
        parent.chmod(0o711)


def socket_folder(folder: Folder) -> Path:
    """A private folder for the socket: beside the data, or in /tmp if that path is too long or odd."""
    beside = folder.data / "run"
    name = f"/.s.PGSQL.{PORT}"
    if len(os.fsencode(beside)) + len(name) <= _LONGEST_SOCKET and _SAFE.fullmatch(str(beside)):
        place = beside
    else:
        digest = hashlib.sha256(os.fsencode(folder.data)).hexdigest()
        place = Path("/tmp") / f"ojas-{digest[:20]}"  # noqa: S108  # checked to be private below
    with explained(place):
        try:
            place.mkdir(mode=0o700)
            folder.account.own(place, 0o700)
        except FileExistsError:
            _private(place, folder.account)
    return place


def _private(place: Path, account: Account) -> None:
    """In a folder that all may write to, somebody may have been there first."""
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or stat.S_IMODE(found.st_mode) & 0o077:
        raise CannotStart(
            f"{place} should be a private folder of {name_of(account.uid)} and is not; remove it."
        )


@contextmanager
def locked(folder: Folder, patience: float) -> Iterator[None]:
    """Hold the lock on starting and stopping; a process that dies lets go of it."""
    descriptor = os.open(folder.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        start = time.monotonic()
        while not taken(descriptor, fcntl.LOCK_EX):
            if (waited := time.monotonic() - start) > patience:
                raise CannotStart(_BUSY.format(data=folder.data, waited=waited))
            time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


def taken(descriptor: int, kind: int) -> bool:
    """Whether a lock could be had without waiting."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
