"""What every command stands on: the settings, a home that can be written, a database that runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ojas.kit.db.embedded import APP, OWNER, Lease, attach
from ojas.kit.db.embedded.trouble import explained
from ojas.kit.settings import Settings


@dataclass(frozen=True)
class Ground:
    """The database of this process: one of the operator's own, or a lease on the embedded one."""

    app: str
    owner: str | None
    lease: Lease | None = None

    def tend(self) -> None:
        """Start the embedded database again if it was killed."""
        if self.lease:
            self.lease.revive()

    def release(self) -> None:
        """Give the lease back before the block ends: the last one to do so stops the embedded database."""
        if self.lease:
            self.lease.release()


def home(settings: Settings) -> None:
    """Make the home folder. As root others may pass through it, to the database's own folder, but not look round."""
    mode = 0o711 if os.geteuid() == 0 else 0o700
    with explained(settings.home):
        if not settings.home.is_dir():
            settings.home.mkdir(parents=True)
        elif not (settings.home / "master.key").exists():
            return  # not certainly ours: OJAS_HOME may name a folder that holds other things
        settings.home.chmod(mode)


@contextmanager
def ground(settings: Settings) -> Iterator[Ground]:
    """The database, running until the block ends.

    Raises:
        CannotStart: it is ours and does not start.
    """
    home(settings)
    if settings.database_url:
        owner = settings.owner_url.get_secret_value() if settings.owner_url else None
        yield Ground(settings.database_url.get_secret_value(), owner)
        return
    with attach(settings.home / "postgres") as lease:
        yield Ground(lease.cluster.dsn(APP), lease.cluster.dsn(OWNER), lease)
