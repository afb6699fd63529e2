"""Accounts, for the one who runs the house: the first administrator has nobody to be appointed by."""

import asyncio
from typing import Any

from ojas.cli.ground import Ground
from ojas.cli.house import opened
from ojas.cli.said import Refused
from ojas.kit.settings import Settings


def appoint(
    settings: Settings, found: Ground, email: str, name: str | None, roles: list[str]
) -> dict[str, Any]:
    """Make an account, or give one that is there its roles. No password passes through here: a letter asks for it."""
    from ojas.features.identity import service
    from ojas.features.identity.rules import Role
    from ojas.kit.db import Access

    unknown = set(roles) - {role.value for role in Role}
    if unknown:
        raise Refused(
            f"There is no role {sorted(unknown)[0]}; there are {', '.join(role.value for role in Role)}."
        )

    async def run() -> dict[str, Any]:
        async with (
            opened(settings, found) as house,
            house.database.transaction(Access.system("sign_in")) as tx,
        ):
            account_id, made = await service.appoint(
                tx, email=email, name=name, roles=frozenset(Role(role) for role in roles)
            )
            return {"account_id": str(account_id), "email": email, "made": made, "roles": sorted(roles)}

    return asyncio.run(run())
