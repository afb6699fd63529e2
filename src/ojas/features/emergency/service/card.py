"""The emergency card: what is on it, its code, and whoever opens it."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from ojas.features.emergency import models, queries
from ojas.features.emergency.rules import numbers
from ojas.features.emergency.rules.card import FROM, Part
from ojas.features.emergency.schemas import CardContact, CardDraft, CardShown, CardState
from ojas.features.emergency.service.contacts import SCOPE, reachable
from ojas.features.emergency.service.content import CardContent
from ojas.features.emergency.service.places import country_of
from ojas.features.emergency.service.telling import own_account, tell_accounts
from ojas.features.identity import service as identity
from ojas.features.identity.schemas import Profile, age_on
from ojas.features.medications import service as medications
from ojas.features.medications.rules.words import Status
from ojas.features.notifications.rules import Urgency
from ojas.features.record import service as record
from ojas.features.record.rules.terms import OVER, AllergyStatus, Verification
from ojas.features.record.schemas import Allergy, Condition
from ojas.features.sharing import service as sharing
from ojas.kit import audit, clock, i18n
from ojas.kit.auth import digest, new_token
from ojas.kit.db import Access, Tx
from ojas.kit.errors import Incorrect, NotFound, Stale, TooMany
from ojas.kit.http import limits

SUBJECT = "emergency-card"
AREA = "emergency_card"
_TRIES, _OPENINGS, _WITHIN = 30, 60, timedelta(minutes=10)
_TOLD_EACH = timedelta(minutes=15)
"""Who opens it again in this time is the same helper: all of it is in the trail, and told once."""
_MOST = 200
_DOUBTFUL = frozenset({Verification.REFUTED, Verification.MISTAKE})


@dataclass(frozen=True, slots=True)
class Opened:
    """A card as a stranger reads it. ``numbers``: whom to call there; ``synthetic``: nobody's, made up."""

    card: CardShown
    numbers: tuple[numbers.Number, ...]
    synthetic: bool


async def card(tx: Tx, person_id: UUID) -> CardState:
    """The card as its owner sees it; one that was never made is as it would begin."""
    tx.access.require(SCOPE, person_id)
    audit.looked(tx, person_id, SUBJECT)
    row = await queries.card(tx, person_id)
    if row is None:
        return _state(None, CardContent(draft=CardDraft()))
    return _state(row, await CardContent.of(tx, row))


async def change_card(
    tx: Tx, person_id: UUID, draft: CardDraft, *, if_version: int | None = None
) -> CardState:
    """Say what is on the card, and whether its link opens it. Switched on for the first time it gets its code.

    Raises:
        Stale: it was changed meanwhile. Incorrect: a condition that is not in the record, or a part of the record that is
            not shared with the caller.
    """
    tx.access.require(SCOPE, person_id, write=True)
    row = await queries.card(tx, person_id, lock=True)
    if if_version is not None and if_version != (row.version if row else 0):
        raise Stale("Somebody changed this in the meantime. Look at it again, then decide.")
    await _known(tx, person_id, draft)
    before = await CardContent.of(tx, row) if row else CardContent(draft=CardDraft())
    if _open(draft) - _open(before.draft) - _seen(tx, person_id):
        raise Incorrect("This part of the record is not shared with you.", field="parts")
    code = before.code or (new_token() if draft.shown else None)
    return await _keep(tx, person_id, row, before, CardContent(draft=draft, code=code))


async def issue(tx: Tx, person_id: UUID) -> CardState:
    """Give the card a new code: what was printed with the old one opens nothing any more."""
    tx.access.require(SCOPE, person_id, write=True)
    row = await queries.card(tx, person_id, lock=True)
    before = await CardContent.of(tx, row) if row else CardContent(draft=CardDraft())
    return await _keep(tx, person_id, row, before, CardContent(draft=before.draft, code=new_token()))


async def preview(tx: Tx, person_id: UUID) -> CardShown:
    """The card as others would read it. Before it is switched on: what of that the caller may read anyway."""
    tx.access.require(SCOPE, person_id)
    row = await queries.card(tx, person_id)
    draft = (await CardContent.of(tx, row)).draft if row else CardDraft()
    parts = draft.parts & (_open(draft) | _seen(tx, person_id))
    return await _read(tx, person_id, draft.model_copy(update={"parts": parts}))


def _open(draft: CardDraft) -> frozenset[Part]:
    """What whoever has the code can read."""
    return draft.parts if draft.shown else frozenset()


def _seen(tx: Tx, person_id: UUID) -> frozenset[Part]:
    """What the caller can read without the card."""
    return frozenset(part for part in Part if tx.access.allows(FROM.get(part, SCOPE), person_id))


async def there(tx: Tx, code: str) -> bool | TooMany:
    """Whether a code opens a card, without opening it. A refusal is answered, not raised: that it was tried is counted."""
    if await _behind(tx, code) is not None:
        return True
    return await _wrong(tx) or False


async def open_card(tx: Tx, code: str) -> Opened | TooMany | None:
    """Open a card by its code: it is audited, and told to the person. None: no card, or one that is switched off."""
    person_id = await _behind(tx, code)
    if person_id is None:
        return await _wrong(tx)
    key = f"emergency.card:{person_id}"
    if too_many := await limits.counted(tx, key, allowed=_OPENINGS, within=_WITHIN):
        return too_many
    # The trail is written when all is done, with the access there is then: so it stays, narrowed, until the end.
    await tx.become(Access.of(person_id, account_id=tx.access.account_id, purpose="BTG"))
    row = await queries.card(tx, person_id, lock=True)
    assert row is not None
    shown = await _read(tx, person_id, (await CardContent.of(tx, row)).draft)
    audit.looked(tx, person_id, SUBJECT)
    await _tell(tx, row)
    found = Opened(
        shown,
        numbers.numbers_of(await country_of(tx, person_id)),
        await identity.is_synthetic(tx, person_id),
    )
    await tx.flush()
    await tx.become(Access(tx.access.account_id, may_read={SCOPE: frozenset({person_id})}, purpose="BTG"))
    return found


async def close(tx: Tx, person_id: UUID) -> None:
    """While the record waits to be erased its card opens to nobody, and nobody is called any more."""
    await queries.close_card(tx, person_id, closed=True)
    await queries.hang_up(tx, person_id)


async def reopen(tx: Tx, person_id: UUID) -> None:
    """The card opens again as it did."""
    await queries.close_card(tx, person_id, closed=False)


async def _behind(tx: Tx, code: str) -> UUID | None:
    async with tx.acting(Access.system(AREA)):
        return await queries.card_behind(tx, digest(code))


async def _wrong(tx: Tx) -> TooMany | None:
    """Counted by where it came from: nobody guesses 256 bits, but nobody is to try for nothing either."""
    return await limits.counted(tx, f"emergency.card:{tx.origin.address}", allowed=_TRIES, within=_WITHIN)


async def _tell(tx: Tx, row: models.Card) -> None:
    now = clock.now()
    last, row.opened_at = row.opened_at, now
    if last is not None and now - last < _TOLD_EACH:
        return
    caring = await sharing.who_cares(tx, row.person_id, SCOPE)
    params = {
        "person": str(row.person_id),
        "name": (await identity.names(tx, [row.person_id])).get(row.person_id),
        "at": now.isoformat(),
    }
    await tell_accounts(
        tx,
        row.person_id,
        [*await own_account(tx, row.person_id), *caring],
        "emergency.card",
        key=now.isoformat(),
        params=params,
        urgency=Urgency.URGENT,
    )


async def _read(tx: Tx, person_id: UUID, draft: CardDraft) -> CardShown:
    """What is switched on, read now: a card printed a year ago shows today's medicines."""
    persons = frozenset({person_id})
    seen = Access(may_read=dict.fromkeys(("profile", "record", "medications"), persons))
    async with tx.acting(tx.access.joined(seen)):
        profile = await identity.PROFILES.read(tx, person_id, person_id)
        found = _of_profile(profile, draft)
        if Part.ALLERGIES in draft.parts:
            found |= await _allergies(tx, person_id)
        if Part.CONDITIONS in draft.parts:
            found["conditions"] = await _conditions(tx, person_id, draft)
        if Part.MEDICINES in draft.parts:
            found["medicines"] = await _medicines(tx, person_id)
        if Part.CONTACTS in draft.parts:
            found["contacts"] = tuple(
                CardContact(name=one.name, relationship=one.relationship, phone=one.phone)
                for one in await reachable(tx, person_id)
                if one.phone
            )
    # By their own clock: whoever stands beside them has no account here that says another.
    zone = await identity.clocks_of(tx, person_id) or i18n.current().zone
    return CardShown(**found, as_of=clock.now().astimezone(ZoneInfo(zone)), zone=zone)


def _of_profile(profile: Profile, draft: CardDraft) -> dict[str, object]:
    today, born = clock.now().date(), profile.date_of_birth
    known: dict[Part, dict[str, object]] = {
        Part.NAME: {"name": profile.name},
        Part.AGE: {"born": born.year, "age": age_on(born, today)} if born else {},
        Part.BLOOD: {"blood": profile.blood_group},
        Part.IMPLANTS: {"implants": draft.implants},
        Part.NOTES: {"notes": draft.notes},
        Part.LANGUAGES: {"languages": draft.languages},
        Part.DONOR: {"donor": draft.donor},
    }
    return {
        name: value for part, told in known.items() if part in draft.parts for name, value in told.items()
    }


async def _allergies(tx: Tx, person_id: UUID) -> dict[str, object]:
    found: list[Allergy] = list((await record.ALLERGIES.page(tx, person_id, limit=_MOST)).items)
    real = [one for one in found if one.status is AllergyStatus.ACTIVE and one.verification not in _DOUBTFUL]
    none = {coding.code for one in real for coding in one.codes} & {record.NO_KNOWN_ALLERGY}
    named = tuple(_allergy(one) for one in real if not none & {coding.code for coding in one.codes})
    return {"allergies": named, "no_known_allergy": bool(none) and not named}


def _allergy(one: Allergy) -> str:
    reactions = [name for reaction in one.reactions for name in reaction.manifestations]
    return f"{one.everyday} ({', '.join(reactions)})" if reactions else one.everyday


async def conditions_to_pick(tx: Tx, person_id: UUID) -> list[Condition]:
    """The conditions of the record that are not over, for the person to pick from."""
    if not tx.access.allows("record", person_id):
        return []
    found: list[Condition] = list((await record.CONDITIONS.page(tx, person_id, limit=_MOST)).items)
    return [one for one in found if one.status not in OVER and one.verification not in _DOUBTFUL]


async def _conditions(tx: Tx, person_id: UUID, draft: CardDraft) -> tuple[str, ...]:
    there = {one.id: one for one in await conditions_to_pick(tx, person_id)}
    return tuple(there[id].everyday for id in draft.conditions if id in there)


async def _medicines(tx: Tx, person_id: UUID) -> tuple[str, ...]:
    page = await medications.MEDICINES.page(tx, person_id, limit=_MOST, where={"status": Status.ACTIVE.value})
    return tuple(f"{one.name} {one.strength}" if one.strength else one.name for one in page.items)


async def _known(tx: Tx, person_id: UUID, draft: CardDraft) -> None:
    if not draft.conditions or not tx.access.allows("record", person_id):
        return
    there = {one.id for one in await conditions_to_pick(tx, person_id)}
    for id in draft.conditions:
        if id not in there:
            try:
                await record.CONDITIONS.read(tx, person_id, id)
            except NotFound:
                raise Incorrect("Choose among the conditions of the record.", field="conditions") from None


async def _keep(
    tx: Tx, person_id: UUID, row: models.Card | None, before: CardContent, after: CardContent
) -> CardState:
    now = clock.now()
    new = row is None
    row = row or models.Card(person_id=person_id, id=person_id, closed=False, version=0)
    if after.code != before.code:
        row.digest, row.issued_at = digest(after.code) if after.code else None, now
    row.shown, row.updated_at = after.draft.shown, now
    row.version += 1
    row.sealed = await after.sealed(tx, person_id, person_id)
    if new:
        tx.session.add(row)
    await tx.session.flush()
    old = before.draft.model_dump(mode="json")
    await audit.changed(
        tx, "create" if new else "change", person_id, SUBJECT, person_id, version=row.version, before=old
    )
    return _state(row, after)


def _state(row: models.Card | None, content: CardContent) -> CardState:
    return CardState(
        **{name: getattr(content.draft, name) for name in CardDraft.model_fields},
        link=f"{identity.origin()}/e/{content.code}" if content.code else None,
        issued_at=row.issued_at if row else None,
        opened_at=row.opened_at if row else None,
        version=row.version if row else 0,
    )
