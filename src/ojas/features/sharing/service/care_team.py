"""Those who look after a person, and what features above say of each."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from ojas.features.sharing.models import CareTeamMember
from ojas.features.sharing.schemas import CareTeamMemberDraft, CareTeamMemberView
from ojas.kit.collection import Collection
from ojas.kit.db import Tx

CARE_TEAM = Collection(
    name="care-team",
    row=CareTeamMember,
    draft=CareTeamMemberDraft,
    view=CareTeamMemberView,
    filters=("role", "is_primary"),
)
_MOST = 200


async def team(tx: Tx, person_id: UUID) -> Sequence[CareTeamMemberView]:
    """Those who look after a person; nobody where that is not shared with the caller."""
    if not tx.access.allows(CARE_TEAM.scope, person_id):
        return []
    return (await CARE_TEAM.page(tx, person_id, limit=_MOST)).items


@dataclass(frozen=True, slots=True)
class Beside:
    """Something to be said of a member, such as when one meets next; and its page, under the person's."""

    words: str
    path: str


Says = Callable[[Tx, UUID], Awaitable[Mapping[UUID, Beside]]]
_SAYS: list[Says] = []


def beside(says: Says) -> Says:
    """Have a feature above say something of a person's care team, by member, as far as the caller may know it."""
    _SAYS.append(says)
    return says


async def said_of(tx: Tx, person_id: UUID) -> dict[UUID, list[Beside]]:
    """What features above say of each member, in the language in use."""
    found: dict[UUID, list[Beside]] = {}
    for says in _SAYS:
        for member, one in (await says(tx, person_id)).items():
            found.setdefault(member, []).append(one)
    return found
