"""The list of interactions, for the one who runs the house: Ojas comes with none."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ojas.cli.ground import Ground
from ojas.cli.house import opened
from ojas.cli.said import Refused
from ojas.kit.settings import Settings

if TYPE_CHECKING:
    from ojas.kit.db import Tx

NONE = {"source": None, "version": None, "pairs": 0}


def load(settings: Settings, found: Ground, path: Path, source: str, version: str) -> dict[str, Any]:
    """Put a CSV of pairs in the place of the list there is."""
    from ojas.features.medications import service
    from ojas.features.medications.rules import interactions

    if not path.is_file():
        raise Refused(f"There is no file {path}.")

    async def put(tx: "Tx") -> dict[str, Any]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            made = await service.load_interactions(
                tx, interactions.read(file), source=source, version=version
            )
        return made.model_dump(mode="json")

    try:
        return _within(settings, found, put)
    except UnicodeDecodeError as problem:
        raise Refused("This file is not text in UTF-8.") from problem


def show(settings: Settings, found: Ground) -> dict[str, Any]:
    """Which list is loaded."""
    from ojas.features.medications import service

    async def look(tx: "Tx") -> dict[str, Any]:
        kept = await service.interaction_list(tx)
        return kept.model_dump(mode="json") if kept else NONE

    return _within(settings, found, look)


def drop(settings: Settings, found: Ground) -> dict[str, Any]:
    """Do without a list again."""
    from ojas.features.medications import service

    async def away(tx: "Tx") -> dict[str, Any]:
        await service.drop_interactions(tx)
        return NONE

    return _within(settings, found, away)


def _within(
    settings: Settings, found: Ground, verb: Callable[["Tx"], Awaitable[dict[str, Any]]]
) -> dict[str, Any]:
    from ojas.kit.db import Access

    async def run() -> dict[str, Any]:
        async with (
            opened(settings, found) as house,
            house.database.transaction(Access.system("interactions")) as tx,
        ):
            return await verb(tx)

    return asyncio.run(run())
