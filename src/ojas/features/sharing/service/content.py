"""What of a grant is sealed, and how it is shown: to who gave it, and to whom it is offered."""

from collections.abc import Sequence
from datetime import datetime

from ojas.features.identity import service as identity
from ojas.features.sharing import rules
from ojas.features.sharing.models import Grant
from ojas.features.sharing.schemas import GrantView, Offer, Terms
from ojas.kit.db import Sealed, Tx


class Content(Sealed):
    """The sealed part of a grant.

    ``grantee_name`` is what the other called themselves when they accepted: the access report must name them even when
    their account is gone. ``language`` is the inviter's, for the letter.
    """

    table = Grant.__tablename__

    email: str | None = None
    note: str | None = None
    grantee_name: str | None = None
    language: str = "en"


async def view_of(tx: Tx, grant: Grant, at: datetime) -> GrantView:
    content = await Content.of(tx, grant)
    return GrantView(
        **_terms(grant, content, at).model_dump(),
        email=content.email,
        name=content.grantee_name,
        granted_by=grant.granted_by,
    )


async def offers_of(tx: Tx, grants: Sequence[Grant], at: datetime) -> list[Offer]:
    """Grants as those they are for see them; the names behind all of them are one query."""
    names = await identity.names(tx, {grant.person_id for grant in grants})
    return [
        Offer(
            **_terms(grant, await Content.of(tx, grant), at).model_dump(),
            person_name=names.get(grant.person_id),
        )
        for grant in grants
    ]


async def offer_of(tx: Tx, grant: Grant, at: datetime) -> Offer:
    return (await offers_of(tx, [grant], at))[0]


def _terms(grant: Grant, content: Content, at: datetime) -> Terms:
    return Terms(
        id=grant.id,
        person_id=grant.person_id,
        kind=rules.Kind(grant.kind),
        status=rules.status_of(
            at,
            starts_at=grant.starts_at,
            ends_at=grant.ends_at,
            accepted_at=grant.accepted_at,
            revoked_as=grant.revoked_as,
        ),
        scopes=list(grant.scopes),
        may_write=grant.may_write,
        manage=grant.manage,
        purpose=grant.purpose,
        note=content.note,
        starts_at=grant.starts_at,
        ends_at=grant.ends_at,
        accepted_at=grant.accepted_at,
        revoked_at=grant.revoked_at,
        created_at=grant.created_at,
        version=grant.version,
    )
