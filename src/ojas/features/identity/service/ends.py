"""The end of sessions, told to whoever keeps something for the devices that were signed in."""

from uuid import UUID

from ojas.features.identity import queries
from ojas.kit import events
from ojas.kit.db import Tx


async def end(tx: Tx, account_id: UUID, session_id: UUID, why: str) -> bool:
    """End one session. Answers whether it was living."""
    if not await queries.sessions.end(tx, account_id, session_id, why):
        return False
    await _tell(tx, account_id, "identity.session.ended", session_id=session_id)
    return True


async def end_all(tx: Tx, account_id: UUID, why: str, *, but: UUID | None = None) -> None:
    """End every session, or every other. Told also where none was living: a device that merely rested is signed out too."""
    await queries.sessions.end_all(tx, account_id, why, but=but)
    await _tell(tx, account_id, "identity.sessions.ended", but=but)


async def _tell(tx: Tx, account_id: UUID, event: str, **ids: UUID | None) -> None:
    account = await queries.accounts.by_id(tx, account_id)
    if account:
        await events.emit(tx, event, person_id=account.person_id, account_id=account_id, **ids)
