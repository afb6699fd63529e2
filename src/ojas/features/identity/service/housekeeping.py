"""What nobody asks about any more."""

from datetime import timedelta

from ojas.features.identity import queries
from ojas.features.identity.service.signing import rotate
from ojas.kit import clock
from ojas.kit.db import Access, Database

_SESSIONS_KEPT = timedelta(days=30)
_UNUSED = timedelta(days=1)


async def tidy(database: Database) -> None:
    """Drop expired tickets and ended sessions; make the next signing key when it is time."""
    now = clock.now()
    async with database.transaction(Access.system("sign_in")) as tx:
        await queries.accounts.sweep_tickets(tx, now - _UNUSED)
        await queries.sessions.sweep(tx, now - _SESSIONS_KEPT)
        await rotate(tx)
