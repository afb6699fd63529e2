"""What is done after the transaction: letters. None says a word of what is shared: others see the screens letters are read on.

Each is sent twice if the worker dies between sending and saying so: harmless.
"""

from collections.abc import Callable
from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.sharing import service
from ojas.features.sharing.service import Addressee
from ojas.kit import i18n
from ojas.kit.db import Access
from ojas.kit.i18n import _
from ojas.kit.jobs import Context, job
from ojas.kit.mail import Letter, post_of

Words = Callable[[Addressee], list[str]]
"""The subject of a letter and its lines, in the language in use."""


@job("sharing.invite")
async def invite(context: Context, *, person_id: UUID, grant_id: UUID) -> None:
    """Write to whom a grant is for, and say it inside Ojas too if the address is already somebody's there."""
    async with context.database.transaction(Access.of(person_id)) as tx:
        found = await service.invited(tx, person_id, grant_id)
        guest = await service.account_invited(tx, found) if found else None
    if found is not None and guest is not None:
        async with context.database.transaction(Access.of(guest)) as tx:
            await service.tell_invited(tx, guest, grant_id, found.person_name)
    if found is not None:
        await _send(context, found, _invitation)


@job("sharing.tell_answered")
async def tell_answered(context: Context, *, person_id: UUID, grant_id: UUID) -> None:
    """Say to who invited that it was accepted or declined."""
    async with context.database.transaction(Access.of(person_id)) as tx:
        await service.tell_answered(tx, person_id, grant_id)


@job("sharing.tell_lapsed")
async def tell_lapsed(context: Context, *, person_id: UUID, grant_id: UUID) -> None:
    """Write to whom a grant was for that ended with the right of who gave it."""
    async with context.database.transaction(Access.of(person_id)) as tx:
        found = await service.lapsed(tx, person_id, grant_id)
    if found is not None:
        await _send(context, found, _lapse)


@job("sharing.tell_giver_ended")
async def tell_giver_ended(context: Context, *, person_id: UUID, grant_id: UUID) -> None:
    """Write to the person and to who shared on their behalf that this, and what was shared so, has ended."""
    async with context.database.transaction(Access.of(person_id)) as tx:
        found = await service.giver_ended(tx, person_id, grant_id)
    if found and found.giver:
        await _send(context, found.giver, _to_giver)
    if found and found.person:
        await _send(context, found.person, lambda to: _to_person(to, found.giver_name))


async def _send(context: Context, to: Addressee, words: Words) -> None:
    with i18n.use(i18n.Manner(language=to.language)):
        subject, *lines = words(to)
        letter = Letter(to.email, subject, "\n\n".join(lines) + "\n", language=to.language)
    await post_of(context.settings).send(letter)


def _invitation(to: Addressee) -> list[str]:
    who = to.person_name or _("Somebody")
    return [
        _("{name} invites you", name=who),
        _("{name} invites you to look at some of their health record in Ojas.", name=who),
        _("To see what it is, and to accept or decline, sign in with this e-mail address:"),
        f"{identity.origin()}/invitations",
        _("If you have no account yet, make one there with this same address."),
        _("If you do not know {name}, ignore this letter. Nothing happens then.", name=who),
    ]


def _lapse(to: Addressee) -> list[str]:
    who = to.person_name or _("Somebody")
    return [
        _("What you could see of {name} has ended", name=who),
        _("Somebody shared it with you on behalf of {name}, and may no longer do so.", name=who),
        _("{name} can share it with you again. If you need it, ask them.", name=who),
    ]


def _to_giver(to: Addressee) -> list[str]:
    who = to.person_name or _("Somebody")
    return [
        _("You no longer share on behalf of {name}", name=who),
        _(
            "Your right to share on behalf of {name} has ended, and what you shared so has ended with it.",
            name=who,
        ),
    ]


def _to_person(to: Addressee, giver: str | None) -> list[str]:
    who = giver or _("Somebody")
    return [
        _("{name} no longer shares on your behalf", name=who),
        _("What {name} shared on your behalf has ended too. To let some of it go on, open:", name=who),
        f"{identity.origin()}/",
        _("There, under Sharing, stands what has ended."),
    ]
