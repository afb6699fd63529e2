"""The demo household, as far as the command line speaks of it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from ojas.kit.settings import Settings


def household(settings: Settings, conninfo: str) -> list[dict[str, Any]]:
    """Make the demo household if it is not there yet; its accounts, to sign in with."""
    from ojas.features.demo import service
    from ojas.house import house

    async def made() -> list[dict[str, Any]]:
        async with house(settings, conninfo) as opened:
            return [dict(account) for account in await service.household(opened)]

    return asyncio.run(made())


def words(address: str, accounts: Sequence[Mapping[str, Any]]) -> str:
    """What a new user sees."""
    lines = ["", f"  Ojas is at  {address}", ""]
    if accounts:
        width = max(len(account["email"]) for account in accounts)
        lines.append("  Sign in as (everybody here is made up):")
        lines += [f"    {a['email']:<{width}}   {a['password']}   {a['who']}" for a in accounts]
        lines.append("")
    lines.append("  Ctrl-C stops everything; the data stays.")
    return "\n".join(lines)
