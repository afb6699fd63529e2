"""What of identity leaves with a person's export, beside the profile."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

from ojas.features.identity import queries
from ojas.features.identity.schemas import Preferences, ProfileDraft
from ojas.features.identity.service.accounts import email_of
from ojas.features.identity.service.ground import at_the_door
from ojas.features.identity.service.people import PROFILES, profile
from ojas.features.identity.service.resources import from_patient, to_patient
from ojas.kit.db import Tx


async def patient(tx: Tx, person_id: UUID) -> AsyncIterator[bytes]:
    """The person as a FHIR Patient, one line."""
    found = await profile(tx, person_id)
    yield json.dumps(to_patient(person_id, found), ensure_ascii=False).encode() + b"\n"


async def account_lines(tx: Tx, person_id: UUID) -> AsyncIterator[bytes]:
    """The account that is the person's own, for that account alone: address, preferences, where it is signed in. No secrets."""
    async with tx.acting(at_the_door(tx)):
        mine = await queries.accounts.by_person(tx, person_id)
        if mine is None or mine.id != tx.access.account_id:
            return
        sessions = await queries.sessions.living(tx, mine.id)
        email = await email_of(tx, mine)
    said = {
        "id": str(mine.id),
        "email": email,
        "created_at": mine.created_at.isoformat(),
        "preferences": Preferences.model_validate(mine.preferences, strict=False).model_dump(mode="json"),
        "sessions": [
            {"device": one.device, "address": str(one.address or ""), "used_at": one.used_at.isoformat()}
            for one in sessions
        ],
    }
    yield json.dumps(said, ensure_ascii=False).encode() + b"\n"


async def fill_in(tx: Tx, person_id: UUID, patient: Mapping[str, Any]) -> bool:
    """Take from a FHIR Patient what the profile does not know yet; nothing that somebody wrote is replaced.

    Answers whether anything was new.
    """
    before = await profile(tx, person_id)
    kept = ProfileDraft.model_validate(before.model_dump(include=set(ProfileDraft.model_fields)))
    said = from_patient(patient)
    blank = {name for name in ProfileDraft.model_fields if getattr(kept, name) in (None, [])}
    new = {name: value for name in blank if (value := getattr(said, name)) not in (None, [])}
    # A second birthday of somebody else's record would bend every range: whose it is must fit what is known.
    if not new or _differ(kept, said):
        return False
    await PROFILES.change(tx, person_id, person_id, kept.model_copy(update=new))
    return True


def _differ(kept: ProfileDraft, said: ProfileDraft) -> bool:
    """Whether birthday or gender are known on both sides, and are not the same."""
    pairs = ((kept.date_of_birth, said.date_of_birth), (kept.gender, said.gender))
    return any(known and told and known != told for known, told in pairs)
