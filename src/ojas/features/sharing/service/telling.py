"""Saying inside Ojas what letters say outside it, and how an invitation was answered."""

from contextlib import suppress
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Topic, Urgency
from ojas.features.notifications.schemas import Kind, Params, Said
from ojas.features.sharing import queries
from ojas.features.sharing.service.addressees import Addressee
from ojas.kit.db import Tx
from ojas.kit.errors import NotFound
from ojas.kit.i18n import _


@notifications.kind("sharing.invited", topic=Topic.SYSTEM, scope="profile")
def INVITED(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    return Said(
        _("{name} invites you", name=params["name"] or _("Somebody")),
        _("Open it to see what it is, and to accept or decline."),
        "/people",
    )


@notifications.kind("sharing.answered", topic=Topic.SYSTEM, scope="sharing")
def ANSWERED(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    path = f"/p/{params['person_id']}/sharing/{params['grant_id']}"
    if params["accepted"]:
        return Said(_("An invitation was accepted"), _("Open it to see who may now see what."), path)
    return Said(_("An invitation was declined"), _("Open it to see whom it was for."), path)


async def tell_invited(tx: Tx, person_id: UUID, grant_id: UUID, name: str | None) -> None:
    """Say to the invited that somebody invites them. It is kept with their own person, which the access must be.

    The letter has disturbed them already: this waits for the digest.
    """
    account = await identity.reach(tx, person_id)
    if account is not None:
        await _say(tx, person_id, INVITED, account.account_id, str(grant_id), {"name": name})


async def tell_answered(tx: Tx, person_id: UUID, grant_id: UUID) -> None:
    """Say to the person, or to who invited where they have no account, that an invitation was accepted or declined."""
    grant = await queries.one(tx, person_id, grant_id)
    own = await identity.reach(tx, person_id)
    if grant is None or (grant.accepted_at is None and grant.revoked_as != "declined"):
        return
    to = own.account_id if own else grant.granted_by
    if to is None:
        return
    accepted = grant.accepted_at is not None
    params = {"person_id": str(person_id), "grant_id": str(grant_id), "accepted": accepted}
    await _say(tx, person_id, ANSWERED, to, f"{grant_id} {accepted}", params)


async def account_invited(tx: Tx, to: Addressee) -> UUID | None:
    """The person whose verified account has the address an invitation went to; None where there is no such account."""
    card = await identity.card_by_email(tx, to.email)
    return card.person_id if card else None


async def _say(tx: Tx, person_id: UUID, kind: Kind, to: UUID, key: str, params: Params) -> None:
    with suppress(NotFound):  # their account is closed
        await notifications.notify(tx, person_id, kind, to=to, urgency=Urgency.LOW, key=key, params=params)
