"""The master key: what there is, a new one in its place, a code on paper that opens a copy of it, and that copy put back."""

import asyncio
from pathlib import Path
from typing import Any

from ojas.cli.ground import Ground, home
from ojas.cli.house import opened
from ojas.cli.said import Refused
from ojas.kit import crypto
from ojas.kit.settings import Settings

_WHAT = b"ojas master key"


def copy_of(settings: Settings) -> Path:
    """The master key wrapped by the recovery code. Useless without the code, so it may lie in backups."""
    return settings.home / "recovery"


def recovery(settings: Settings) -> str:
    """A new recovery code; the copy it opens replaces the former one, whose code then opens nothing."""
    home(settings)
    code = crypto.RecoveryCode.new()
    wrapped = code.wrap(crypto.load(settings).dump().encode(), _WHAT)
    fresh = copy_of(settings).with_suffix(".new")
    fresh.write_bytes(wrapped)
    fresh.chmod(0o600)
    fresh.replace(copy_of(settings))
    return str(code)


def recover(settings: Settings, typed: str) -> crypto.MasterKeys:
    """Put the master key back from its copy.

    Raises:
        Incorrect: the code has a slip, or is another's. Refused: a key is there, or no copy.
    """
    file = settings.master_key_file or settings.home / "master.key"
    if file.exists():
        raise Refused(f"There is a master key at {file}; move it away first.")
    if not copy_of(settings).exists():
        raise Refused(f"There is no copy at {copy_of(settings)}; put the one of a backup there.")
    code = crypto.RecoveryCode.parse(typed)
    keys = crypto.MasterKeys.parse(code.unwrap(copy_of(settings).read_bytes(), _WHAT).decode())
    crypto.FileSource(file).save(keys)
    return keys


def rotate(settings: Settings, found: Ground, *, people: bool, finish: bool) -> dict[str, Any]:
    """Add a master version and wrap everybody's keys by it; with ``people`` give each a new key of their own.

    Raises:
        Refused: the key is not in a file of this machine, so it is changed where it is.
    """
    from ojas.kit.db import Access, resealing

    file = None if finish else _file(settings)

    async def run() -> dict[str, Any]:
        async with opened(settings, found) as house:
            if file:
                file.save(crypto.load(settings).rotated())
            rewrapped, turned = await resealing.rewrap(house.database), 0
            for person_id in await resealing.everybody(house.database) if people else ():
                async with house.database.transaction(Access.of(person_id)) as tx:
                    await house.database.keyring.rotate(tx.session, person_id)
                turned += 1
            return {
                "version": house.database.keyring.master.version,
                "rewrapped": rewrapped,
                "people": turned,
            }

    return asyncio.run(run())


def status(settings: Settings, found: Ground) -> dict[str, Any]:
    """Keys by master version, and how much older keys of people still seal: counted anew, nothing is kept of it."""
    from ojas.kit.db import resealing
    from ojas.kit.upkeep import older_files

    async def run() -> dict[str, Any]:
        async with opened(settings, found) as house:
            persons = await resealing.behind(house.database)
            return {
                "wrapped": dict(sorted((await resealing.wrapped(house.database)).items())),
                "behind": len(persons),
                "rows": sum([await resealing.left(house.database, person) for person in persons]),
                "files": sum([await older_files(house, person) for person in persons]),
            }

    return asyncio.run(run())


def retire(settings: Settings, found: Ground, version: int) -> list[int]:
    """Drop a version of the master key that wraps nothing any more; what is left."""
    from ojas.kit.db import resealing

    file = _file(settings)

    async def run() -> list[int]:
        async with opened(settings, found) as house:
            try:
                await resealing.retire_master(house.database, version, file.save)
            except resealing.InUse as problem:
                raise Refused(str(problem)) from None
            return list(house.database.keyring.master.versions)

    return asyncio.run(run())


def _file(settings: Settings) -> crypto.FileSource:
    if settings.master_key is not None:
        raise Refused(
            "The master key is set by OJAS_MASTER_KEY, so change it there: 1:OLD,2:NEW in base64. Restart every process, "
            "then run: ojas keys rotate --finish. In a file (OJAS_MASTER_KEY_FILE) it is changed without a restart."
        )
    return crypto.FileSource(settings.master_key_file or settings.home / "master.key")
