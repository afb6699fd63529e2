"""What was said to an account."""

from dataclasses import replace
from uuid import UUID

from ojas.features.notifications import queries
from ojas.features.notifications.models import Message
from ojas.features.notifications.rules import Topic, Urgency
from ojas.features.notifications.schemas import Choice, Notice
from ojas.features.notifications.schemas import Message as MessageShown
from ojas.features.notifications.service.delivering import AREA, params_of, said_of
from ojas.features.notifications.service.kinds import ACTIONS, ANSWERED, KINDS
from ojas.features.notifications.service.links import ends_at
from ojas.features.notifications.service.live import tell
from ojas.features.notifications.service.watching import shown
from ojas.kit import clock
from ojas.kit.db import Tx, readable
from ojas.kit.errors import NotFound
from ojas.kit.i18n import say


async def inbox(
    tx: Tx, account_id: UUID, *, archived: bool = False, limit: int = 50, before: UUID | None = None
) -> tuple[list[Notice], UUID | None]:
    """Messages to the account, newest first, and where to go on.

    Of persons whose data the account may no longer see nothing is left.
    """
    found = await queries.inbox(tx, account_id, archived=archived, limit=limit + 1, before=before)
    shown = [await notice_of(tx, message) for message in found[:limit]]
    return shown, shown[-1].id if len(found) > limit else None


async def message(tx: Tx, account_id: UUID, id: UUID) -> MessageShown:
    """One message to the account, which is read by that, with what was sent where.

    Raises:
        NotFound: as ``mark_read``.
    """
    notice = await mark_read(tx, account_id, id)
    # What became of one's own messages is one's own, whomever they tell of.
    async with tx.acting(replace(tx.access, area=AREA)):
        rows = await queries.deliveries(tx, notice.person_id, [id])
    return MessageShown(**notice.model_dump(), deliveries=[shown(row) for row in rows])


async def unread(tx: Tx, account_id: UUID) -> int:
    """How many messages the account has not read, of those it may see."""
    return await queries.unread(tx, account_id)


async def mark_read(tx: Tx, account_id: UUID, id: UUID) -> Notice:
    """
    Raises:
        NotFound: no message to this account, or of a person it may no longer see.
    """
    message = await _mine(tx, account_id, id)
    if message.read_at is None:
        message.read_at = clock.now()
        await tell(tx, [account_id])
    return await notice_of(tx, message)


async def mark_all_read(tx: Tx, account_id: UUID) -> None:
    """Those put away count as read too."""
    await queries.read_all(tx, account_id, clock.now())
    await tell(tx, [account_id])


async def archive(tx: Tx, account_id: UUID, id: UUID, *, back: bool = False) -> Notice:
    """Put a message away, or with ``back`` among the others again.

    Raises:
        NotFound: as ``mark_read``.
    """
    message = await _mine(tx, account_id, id)
    message.archived_at = None if back else message.archived_at or clock.now()
    message.read_at = message.read_at or clock.now()
    return await notice_of(tx, message)


async def _mine(tx: Tx, account_id: UUID, id: UUID) -> Message:
    message = await queries.one(tx, account_id, id)
    if message is None:
        raise NotFound("There is no such message.")
    return message


def _choices(tx: Tx, message: Message) -> list[Choice]:
    """What the reader may do from it: nothing once it was done, is past its time, or is more than they may change."""
    kind = KINDS[message.kind]
    may = tx.access.allows(message.scope, message.person_id, write=not kind.readers)
    if not may or message.acted_at is not None or ends_at(message) <= clock.now():
        return []
    return [Choice(name=name, label=say(ACTIONS[name].label, {})) for name in kind.actions]


async def notice_of(tx: Tx, message: Message) -> Notice:
    """A message in words, in the language in use."""
    said, choices = await said_of(tx, message), _choices(tx, message)
    answer = say(ACTIONS[message.acted].label, {}) if message.acted in ACTIONS else None
    if message.acted_at is None and (answered := ANSWERED.get(message.kind)):
        told = answered(tx, message.person_id, await params_of(tx, message))
        answer = await readable(
            told, message=str(message.id)
        )  # what it is about may be damaged: the rest is to be read
    return Notice(
        id=message.id,
        person_id=message.person_id,
        kind=message.kind,
        topic=Topic(message.topic),
        urgency=Urgency(message.urgency),
        title=said.title,
        text=said.text,
        path=said.path,
        created_at=message.created_at,
        read_at=message.read_at,
        archived_at=message.archived_at,
        actions=[] if answer else choices,
        done=message.acted,
        answer=answer,
    )
