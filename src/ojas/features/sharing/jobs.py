"""What is done after the transaction: letters."""

from uuid import UUID

from ojas.features.identity import service as identity
from ojas.features.sharing import service
from ojas.kit import i18n
from ojas.kit.db import Access
from ojas.kit.i18n import _
from ojas.kit.jobs import Context, job
from ojas.kit.mail import Letter, post_of
from ojas.kit.settings import Settings


@job("sharing.invite")
async def invite(context: Context, *, person_id: UUID, grant_id: UUID) -> None:
    """Write to whom a grant is for. Sent twice if the worker dies between sending and saying so: harmless."""
    settings: Settings = context.shared["settings"]
    async with context.database.transaction(Access.of(person_id)) as tx:
        found = await service.letter_to(tx, person_id, grant_id)
    if found is None:
        return
    with i18n.use(i18n.Manner(language=found.language)):
        await post_of(settings).send(_letter(found, identity.origin()))


def _letter(to: service.Addressee, address: str) -> Letter:
    """No word of what is shared: a letter is read on screens that others see."""
    who = to.person_name or _("Somebody")
    text = "\n\n".join(
        [
            _("{name} invites you to look at some of their health record in Ojas.", name=who),
            _("To see what it is, and to accept or decline, sign in with this e-mail address:"),
            f"{address}/invitations",
            _("If you have no account yet, make one there with this same address."),
            _("If you do not know {name}, ignore this letter. Nothing happens then.", name=who),
        ]
    )
    return Letter(to.email, _("{name} invites you", name=who), text + "\n", language=to.language)
