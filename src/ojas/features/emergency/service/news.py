"""What those who were told of a call learn of it: that it happens, more about it, who comes, that it is over."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ojas.features.emergency import models, queries
from ojas.features.emergency.rules import numbers
from ojas.features.emergency.rules.terms import Answer, Method
from ojas.features.emergency.service.content import AlertContent, HelperContent
from ojas.features.emergency.service.places import country_of
from ojas.features.emergency.service.telling import hush, own_account, tell, tell_accounts
from ojas.features.identity import service as identity
from ojas.features.notifications.rules import Urgency
from ojas.kit import clock, phones
from ojas.kit.db import Access, Tx
from ojas.kit.errors import Incorrect


async def call_helper(
    tx: Tx, row: models.Alert, helper: models.Helper, params: dict[str, Any], number: int
) -> None:
    """Tell one contact that help is needed; ``number`` is that of the call, so that it is said once.

    Who cannot be told, as where their account was closed, does not count as told.
    """
    contact = (await HelperContent.of(tx, helper)).contact
    said = await tell(
        tx,
        row.person_id,
        contact,
        "emergency.called",
        key=f"{row.id}:{number}",
        params=params | {"helper": str(helper.id), "again": helper.told > 0},
        urgency=Urgency.EMERGENCY,
    )
    if not said:
        return
    helper.message_ids = list(dict.fromkeys([*helper.message_ids, *said]))
    helper.told += 1
    helper.told_at = clock.now()


async def say_more(tx: Tx, row: models.Alert, content: AlertContent) -> None:
    """Tell those who know already what was added."""
    params = await params_of(tx, row, content)
    await _to_all(tx, row, "emergency.more", params)


async def tell_answered(tx: Tx, row: models.Alert, helper: models.Helper) -> None:
    """Tell everybody else who comes, or that they no longer can."""
    contact = (await HelperContent.of(tx, helper)).contact
    at = helper.answered_at or clock.now()
    params = await params_of(tx, row, await AlertContent.of(tx, row)) | {
        "answer": helper.answer,
        "helper_name": contact.name,
        "helper_phone": contact.phone if helper.answer == Answer.COMING else None,
        "answered_at": at.isoformat(),
    }
    await _to_all(tx, row, "emergency.answered", params, but=helper)
    await _to_person(tx, row, "emergency.answered", params)


async def thank(tx: Tx, row: models.Alert, helper: models.Helper) -> None:
    """Give who is on it what they need, and a way to say that they cannot come after all."""
    row.news += 1
    contact = (await HelperContent.of(tx, helper)).contact
    params = await params_of(tx, row, await AlertContent.of(tx, row)) | {"helper": str(helper.id)}
    said = await tell(
        tx,
        row.person_id,
        contact,
        "emergency.thanks",
        key=f"{row.id}:{row.news}",
        params=params,
        urgency=Urgency.EMERGENCY,
        by=contact.ways - {Method.PHONE},
    )
    helper.message_ids = [*helper.message_ids, *said]


async def tell_nobody(tx: Tx, row: models.Alert) -> None:
    """Tell everybody that all have said no: somebody must call the emergency number."""
    params = await params_of(tx, row, await AlertContent.of(tx, row))
    await _to_all(tx, row, "emergency.nobody", params)
    await _to_person(tx, row, "emergency.nobody", params)


async def tell_over(tx: Tx, row: models.Alert, content: AlertContent) -> None:
    """Tell everybody who was told that it is over."""
    at = row.resolved_at or clock.now()
    params = await params_of(tx, row, content) | {
        "outcome": row.outcome,
        "by": content.resolved_by,
        "at": at.isoformat(),
    }
    await _to_all(tx, row, "emergency.over", params)
    if row.raised_by not in await own_account(tx, row.person_id) or content.resolved_by is None:
        await _to_person(tx, row, "emergency.over", params)


async def call_off(tx: Tx, row: models.Alert, *, but: models.Helper | None = None) -> None:
    """Let no call for help of this alert be sent any more that still waits."""
    helpers = await queries.helpers(tx, row.person_id, [row.id])
    waiting = [id for helper in helpers if helper is not but for id in helper.message_ids]
    await hush(tx, row.person_id, waiting)


async def params_of(tx: Tx, row: models.Alert, content: AlertContent) -> dict[str, Any]:
    """What every message about a call is filled with."""
    person = row.person_id
    country = await country_of(tx, person)
    own = await own_account(tx, person)
    return {
        "test": row.test,
        "person": str(person),
        "alert": str(row.id),
        "name": (await identity.names(tx, [person])).get(person),
        "kind": content.kind,
        "messages": list(content.texts),
        "place": content.place.model_dump(mode="json") if content.place else None,
        "vitals": [vital.model_dump(mode="json") for vital in content.vitals],
        "at": row.created_at.isoformat(),
        "by": None if row.raised_by in own else await name_of(tx, row.raised_by),
        "phones": await _phones(tx, person, country),
        "number": numbers.first(country),
    }


async def _to_all(
    tx: Tx,
    row: models.Alert,
    kind: str,
    params: dict[str, Any],
    *,
    but: models.Helper | None = None,
) -> None:
    """To each helper who was told of the call, as urgently: only so may an SMS say more than its title."""
    row.news += 1
    for helper in await _told(tx, row):
        if helper is but:
            continue
        contact = (await HelperContent.of(tx, helper)).contact
        said = await tell(
            tx,
            row.person_id,
            contact,
            kind,
            key=f"{row.id}:{row.news}",
            params=params | {"helper": str(helper.id)},
            urgency=Urgency.EMERGENCY,
        )
        helper.message_ids = [*helper.message_ids, *said]
    await tx.session.flush()


async def _told(tx: Tx, row: models.Alert) -> Sequence[models.Helper]:
    return [one for one in await queries.helpers(tx, row.person_id, [row.id]) if one.told]


async def _to_person(tx: Tx, row: models.Alert, kind: str, params: dict[str, Any]) -> None:
    """To the person, and whoever pressed the button for them, but for who learns it as a helper."""
    told = [(await HelperContent.of(tx, one)).contact.account_id for one in await _told(tx, row)]
    known = [*await own_account(tx, row.person_id), *([row.raised_by] if row.raised_by else [])]
    accounts = [one for one in known if one not in told]
    await tell_accounts(
        tx,
        row.person_id,
        accounts,
        kind,
        key=f"{row.id}:{row.news}:own",
        params=params,
        urgency=Urgency.URGENT,
    )


async def name_of(tx: Tx, account_id: UUID | None) -> str | None:
    """What somebody is called here."""
    if account_id is None:
        return None
    card = (await identity.cards(tx, [account_id])).get(account_id)
    return card.name if card else None


async def _phones(tx: Tx, person_id: UUID, country: str | None) -> list[str]:
    """The person's own numbers, as they are dialled from anywhere; one that cannot be is left out."""
    async with tx.acting(tx.access.joined(Access(may_read={"profile": frozenset({person_id})}))):
        profile = await identity.PROFILES.read(tx, person_id, person_id)
    found = []
    for one in profile.phones:
        try:
            found.append(phones.number(one.number, country or None))
        except Incorrect:
            continue
    return found
