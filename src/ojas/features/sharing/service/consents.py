"""What Ojas may do with the data beyond keeping it: asked for, kept with the words agreed to, and withdrawn
as easily.
"""

from hashlib import sha256
from uuid import UUID

import orjson

from ojas.features.sharing import queries, rules
from ojas.features.sharing.models import Consent
from ojas.features.sharing.schemas import ConsentDraft, ConsentView
from ojas.kit import audit, clock, i18n
from ojas.kit.db import Access, Tx
from ojas.kit.errors import Conflict, Incorrect, NotFound
from ojas.kit.ids import new_id

SUBJECT = "consents"


async def consents(tx: Tx, person_id: UUID) -> list[ConsentView]:
    """Every consent a person ever gave, newest first, with those withdrawn."""
    tx.access.require("sharing", person_id)
    audit.looked(tx, person_id, SUBJECT)
    return [await _view(tx, row) for row in await queries.consents(tx, person_id)]


async def give(tx: Tx, person_id: UUID, draft: ConsentDraft) -> ConsentView:
    """Agree, in the words shown in the caller's language.

    Raises:
        Conflict: it stands already. Incorrect: it would end before it begins.
    """
    tx.access.require("sharing", person_id, write=True)
    now = clock.now()
    if draft.expires_at is not None and draft.expires_at <= now:
        raise Incorrect("The end must lie ahead, and after the start.", field="expires_at")
    standing = await queries.standing_consent(tx, person_id, draft.purpose, lock=True)
    if standing is not None and (standing.expires_at is None or standing.expires_at > now):
        raise Conflict("You agreed to this already.")
    if standing is not None:
        standing.withdrawn_at = standing.expires_at
        await tx.session.flush()
    words = i18n.gettext(rules.PROCESSINGS[draft.purpose])
    made = Consent(
        person_id=person_id,
        id=new_id(),
        purpose=draft.purpose.value,
        given_at=now,
        expires_at=draft.expires_at,
        language=i18n.current().language,
        text_digest=sha256(words.encode()).digest(),
        created_at=now,
        updated_at=now,
    )
    details = draft.model_dump(include={"data_categories", "processing_activities", "third_parties"})
    text = orjson.dumps(details | {"text": words})
    made.sealed = await tx.seal(person_id, Consent.__tablename__, made.id, text)
    tx.session.add(made)
    await tx.session.flush()
    await audit.changed(tx, "create", person_id, SUBJECT, made.id, version=1)
    return await _view(tx, made)


async def withdraw(tx: Tx, person_id: UUID, purpose: rules.Processing) -> ConsentView:
    """
    Raises:
        NotFound: there is no such consent that stands.
    """
    tx.access.require("sharing", person_id, write=True)
    standing = await queries.standing_consent(tx, person_id, purpose, lock=True)
    if standing is None:
        raise NotFound("You did not agree to this, or have withdrawn it already.")
    standing.withdrawn_at = standing.updated_at = clock.now()
    await tx.session.flush()
    await audit.changed(tx, "change", person_id, SUBJECT, standing.id, version=2)
    return await _view(tx, standing)


async def allows(tx: Tx, person_id: UUID, purpose: rules.Processing) -> bool:
    """Whether a person agrees now. Whoever may touch anything of theirs may ask this one question."""
    if person_id not in tx.access.persons:
        raise NotFound("There is no such person, or nothing of theirs is shared with you.")
    async with tx.acting(Access(tx.access.account_id, {"sharing": frozenset({person_id})})):
        standing = await queries.standing_consent(tx, person_id, purpose)
    return standing is not None and (standing.expires_at is None or standing.expires_at > clock.now())


async def _view(tx: Tx, row: Consent) -> ConsentView:
    details = orjson.loads(await tx.open(row.person_id, Consent.__tablename__, row.id, row.sealed))
    return ConsentView(
        id=row.id,
        person_id=row.person_id,
        purpose=rules.Processing(row.purpose),
        given_at=row.given_at,
        expires_at=row.expires_at,
        withdrawn_at=row.withdrawn_at,
        language=row.language,
        created_at=row.created_at,
        updated_at=row.updated_at,
        **details,
    )
