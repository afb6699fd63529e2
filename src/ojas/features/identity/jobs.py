"""What identity does later: letters, and tidying up."""

from uuid import UUID

from ojas.features.identity import service
from ojas.features.identity.service.ground import LetterKind
from ojas.kit.jobs import Context, job
from ojas.kit.mail import post_of


@job("identity.write_letter", retries=8)
async def write_letter(
    context: Context, *, person_id: UUID, account_id: UUID, kind: LetterKind, ticket_id: UUID | None = None
) -> None:
    post = post_of(context.shared["settings"])
    # Ids come back from the queue as text where they may be absent.
    ticket = UUID(ticket_id) if isinstance(ticket_id, str) else ticket_id
    await service.write_letter(context.database, post, account_id=account_id, kind=kind, ticket_id=ticket)


@job("identity.drop_picture", retries=5)
async def drop_picture(context: Context, *, person_id: UUID, picture_id: UUID) -> None:
    await service.drop_picture(context.shared["objects"], person_id, picture_id)


@job("identity.tidy", retries=3, every="17 2 * * *")
async def tidy(context: Context) -> None:
    await service.tidy(context.database)
