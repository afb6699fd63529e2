"""What of identity leaves with a person's export, beside the profile."""

import json
import re
import unicodedata
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
    if not new or differences(kept, said):
        return False
    await PROFILES.change(tx, person_id, person_id, kept.model_copy(update=new))
    return True


async def contradictions(tx: Tx, person_id: UUID, patient: Mapping[str, Any]) -> list[str]:
    """In what a FHIR Patient cannot be this person: of ``name``, ``date_of_birth``, ``sex``; those known on both sides.

    Raises:
        NotFound: they have no profile.
    """
    return differences(await profile(tx, person_id), from_patient(patient))


def differences(kept: ProfileDraft, said: ProfileDraft) -> list[str]:
    """As ``contradictions``: another birthday, a sex that is neither the gender nor that at birth, no word of the name."""
    born = {day for day in (kept.date_of_birth, said.date_of_birth) if day}
    sexes, theirs = ({p.gender, p.sex_at_birth} - {None, "unknown"} for p in (kept, said))
    found = {
        "name": _strangers(kept.name, said.name),
        "date_of_birth": len(born) > 1,
        "sex": bool(sexes and theirs and not sexes & theirs),
    }
    return [what for what, differs in found.items() if differs]


def _strangers(one: str, other: str) -> bool:
    """Whether two names of one script share no word. How a name is written in another script, nobody can compare."""
    mine, theirs = _words(one), _words(other)
    scripts, others = ({unicodedata.name(w[0], "").split(" ")[0] for w in ws} for ws in (mine, theirs))
    return bool(scripts & others) and not mine & theirs


def _words(name: str) -> set[str]:
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", name.casefold()) if unicodedata.combining(c) == 0
    )
    return {w for w in re.split(r"[\s.,;'\-–?]+", plain) if w}
