"""What identity does later: letters, and tidying up."""

from uuid import UUID

from ojas.features.identity import service
from ojas.features.identity.service import erasing
from ojas.features.identity.service.ground import LetterKind
from ojas.kit.jobs import Context, job
from ojas.kit.mail import post_of


@job("identity.write_letter", retries=8)
async def write_letter(
    context: Context, *, person_id: UUID, account_id: UUID, kind: LetterKind, ticket_id: UUID | None = None
) -> None:
    post = post_of(context.settings)
    await service.write_letter(context.database, post, account_id=account_id, kind=kind, ticket_id=ticket_id)


@job("identity.drop_picture", retries=5)
async def drop_picture(context: Context, *, person_id: UUID, picture_id: UUID) -> None:
    await service.drop_picture(context.objects, person_id, picture_id)


@job("identity.erase_due", retries=1, every="*/10 * * * *")
async def erase_due(context: Context) -> None:
    """Every ten minutes: erase those whose seven days are over, and go on where a killed worker stopped."""
    await erasing.erase_due(context)


@job("identity.tell_of_erasure", retries=8)
async def tell_of_erasure(context: Context, *, person_id: UUID, erasure_id: UUID, news: erasing.News) -> None:
    post = post_of(context.settings)
    await erasing.tell(context.database, post, erasure_id=erasure_id, news=news)


@job("identity.tidy", retries=3, every="17 2 * * *")
async def tidy(context: Context) -> None:
    await service.tidy(context.database)
