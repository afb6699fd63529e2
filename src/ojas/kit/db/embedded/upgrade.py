"""From one major version of PostgreSQL to the next: by pg_upgrade, and where that fails by dump and restore.

Both leave the old files untouched and build the new ones beside them, which take their place when whole. The
old files then go: they hold what a person may since have had erased.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path

from ojas.kit.db.embedded import server
from ojas.kit.db.embedded.create import empty
from ojas.kit.db.embedded.folder import PORT, Folder
from ojas.kit.db.embedded.programs import Programs
from ojas.kit.db.embedded.roles import KEEPER
from ojas.kit.db.embedded.trouble import CannotStart, explained, from_output


def upgrade(
    folder: Folder,
    old: Programs,
    new: Programs,
    known: dict[str, str],
    socket_dir: Path,
    *,
    durable: bool = True,
) -> None:
    """Bring the data of ``old`` to ``new``. No server runs on it, and the caller holds the lock."""
    _finished(folder, old, socket_dir)
    with explained(folder.data):
        work = folder.work()
        try:
            environment = _password_file(folder, work, known)
            try:
                fresh = by_pg_upgrade(folder, old, new, known, socket_dir, work, environment, durable=durable)
            except CannotStart:
                fresh = by_dump(folder, old, new, known, socket_dir, work, environment, durable=durable)
            fresh.rename(folder.files(new.major))
            shutil.rmtree(folder.files(old.major))
        finally:
            shutil.rmtree(work, ignore_errors=True)


def by_pg_upgrade(
    folder: Folder,
    old: Programs,
    new: Programs,
    known: dict[str, str],
    socket_dir: Path,
    work: Path,
    environment: dict[str, str],
    *,
    durable: bool = True,
) -> Path:
    """Copies files as they are and moves only the catalogue over: fast, also for much data."""
    fresh = empty(new, folder, known, durable=durable, checksums=_checksums(folder, old))
    files = folder.files(old.major)
    command: list[str | Path] = [
        new.path("pg_upgrade"),
        "-b",
        old.bin,
        "-B",
        new.bin,
        "-d",
        files,
        "-D",
        fresh,
    ]
    command += ["-s", socket_dir, "-U", KEEPER, "--copy", *([] if durable else ["--no-sync"])]
    result = folder.account.run(command, env=environment, cwd=work)
    if result.returncode:
        raise from_output(folder.data, result.stdout, f"upgrade its files from version {old.major}")
    return fresh


def by_dump(
    folder: Folder,
    old: Programs,
    new: Programs,
    known: dict[str, str],
    socket_dir: Path,
    work: Path,
    environment: dict[str, str],
    *,
    durable: bool = True,
) -> Path:
    """Reads everything out of the old server and into a new one: slow, but asks least of the files."""
    dump = work / "everything.sql"
    connection = ["-h", str(socket_dir), "-p", str(PORT), "-U", KEEPER]
    server.start(old, folder, folder.files(old.major), socket_dir, durable=durable)
    try:
        _must(folder, [new.path("pg_dumpall"), *connection, "-l", "postgres", "-f", dump], environment)
    finally:
        server.stop(folder.files(old.major))
    fresh = empty(new, folder, known, durable=durable)
    server.start(new, folder, fresh, socket_dir, durable=durable)
    try:
        said = _must(
            folder, [new.path("psql"), *connection, "-X", "-q", "-d", "postgres", "-f", dump], environment
        )
    finally:
        server.stop(fresh)
    errors = [
        line for line in said.splitlines() if "ERROR:" in line and f'"{KEEPER}" already exists' not in line
    ]
    if errors:
        raise from_output(folder.data, errors[0], f"restore the data of version {old.major}")
    return fresh


def _must(folder: Folder, command: Sequence[str | Path], environment: dict[str, str]) -> str:
    result = folder.account.run(command, env=environment)
    if result.returncode:
        raise from_output(folder.data, result.stdout, "upgrade its files")
    return result.stdout


def _password_file(folder: Folder, work: Path, known: dict[str, str]) -> dict[str, str]:
    file = work / "pgpass"
    file.touch(mode=0o600)
    file.write_text(f"*:*:*:{KEEPER}:{known[KEEPER]}\n")
    folder.account.own(file, 0o600)
    return {"PGPASSFILE": str(file)}


def _finished(folder: Folder, old: Programs, socket_dir: Path) -> None:
    """pg_upgrade wants a clean shutdown; after a crash the old server must first recover by itself."""
    if _control(folder, old)["Database cluster state"] != "shut down":
        server.start(old, folder, folder.files(old.major), socket_dir)
        server.stop(folder.files(old.major))


def _checksums(folder: Folder, old: Programs) -> bool:
    return _control(folder, old)["Data page checksum version"] != "0"


def _control(folder: Folder, programs: Programs) -> dict[str, str]:
    said = _must(folder, [programs.path("pg_controldata"), "-D", folder.files(programs.major)], {})
    return {
        name.strip(): value.strip() for name, _, value in (line.partition(":") for line in said.splitlines())
    }
