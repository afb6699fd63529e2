"""Erasing a person, for the one who runs the house: the same verbs as by the page."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ojas.cli.ground import Ground
from ojas.cli.house import opened, person_named
from ojas.cli.said import Refused
from ojas.kit.settings import Settings

if TYPE_CHECKING:
    from ojas.kit.http import House

_LOOK_S = 2
_PATIENCE = 60  # looks; then a job is still at work on the record, and the worker will see to the rest


def erase(settings: Settings, found: Ground, whom: str, *, now: bool, undo: bool) -> dict[str, Any]:
    """Ask for it, undo it, or do it at once. Run again after a kill, it goes on where it stopped.

    Raises:
        Refused: there is nobody of this name.
    """
    from ojas.features.identity import service as identity

    async def run() -> dict[str, Any]:
        async with opened(settings, found) as house:
            person_id = await person_named(house, whom)
            async with house.database.transaction() as tx:
                if undo:
                    await identity.erasing.undo_for(tx, house.features, person_id)
                    return {"person_id": str(person_id), "state": "undone"}
                wait = timedelta() if now else identity.erasing.UNDO
                asked = await identity.erasing.ask_for(tx, house.features, person_id, wait=wait)
            return (await _ended(house, person_id) if now else asked).model_dump(mode="json")

    return asyncio.run(run())


def erase_again(settings: Settings, found: Ground) -> list[dict[str, Any]]:
    """After a restore: erase those anew whom the backup brought back, by the list that lies beside the database."""
    from ojas.features.identity import service as identity

    async def run() -> list[dict[str, Any]]:
        async with opened(settings, found) as house:
            done = []
            for person_id in await identity.erasing.again(house.database, settings.home):
                async with house.database.transaction() as tx:
                    await identity.erasing.ask_anew(tx, house.features, person_id)
                done.append((await _ended(house, person_id)).model_dump(mode="json"))
            return done

    return asyncio.run(run())


async def _ended(house: "House", person_id: UUID) -> Any:
    """Go on until it is done, the second look included."""
    from ojas.features.identity import service as identity

    for _ in range(_PATIENCE):
        receipt = await identity.erasing.advance(house, person_id)
        if receipt is not None and receipt.state == "erased":
            return receipt
        await asyncio.sleep(_LOOK_S)
    raise Refused(
        "It is not at its end: somebody else's record depends on this account, or a job is still at work. "
        "The job process goes on with it every ten minutes."
    )


def words(done: dict[str, Any]) -> str:
    """What became of it, for a reader."""
    match done["state"]:
        case "undone":
            return "Undone. Nothing was deleted."
        case "erased":
            entries = sum(done["entries"].values())
            return f"Erased: {entries:,} entries, {done['files']} files, {done['keys']} keys. Receipt {done['id']}."
        case state:
            return f"{state.capitalize()}; due {done['due_at']}. Until then --undo keeps it. Request {done['id']}."
