"""The letters: on asking, on undoing, at the end. To whom lies with the erasure, for at the end nothing else is left."""

from dataclasses import replace
from typing import Literal
from uuid import UUID

import orjson

from ojas.features.identity import queries
from ojas.features.identity.models import Erasure
from ojas.features.identity.queries import erasures
from ojas.features.identity.schemas import Preferences, Receipt
from ojas.features.identity.service.accounts import email_of
from ojas.features.identity.service.erasing.ground import OUTSIDE, receipt_of, token_of
from ojas.features.identity.service.ground import house_key, origin
from ojas.kit import crypto, i18n
from ojas.kit.db import Access, Database, Tx
from ojas.kit.errors import Incorrect
from ojas.kit.i18n import _, format_date, format_datetime, ngettext
from ojas.kit.mail import Letter, Post

News = Literal["asked", "undone", "ended"]


async def to_whom(tx: Tx, row: Erasure) -> bytes | None:
    """Address and manner, sealed by the house: of the person's own account, else of the one who asked."""
    wanted = row.account_id or row.asked_by
    account = await queries.accounts.by_id(tx, wanted) if wanted else None
    if account is None:
        return None
    manner = Preferences.model_validate(account.preferences, strict=False).manner
    said = {"to": await email_of(tx, account), "language": manner.language, "zone": manner.zone}
    said |= {"date_format": manner.date_format, "time_format": manner.time_format}
    return crypto.seal(house_key(tx, "erasure"), orjson.dumps(said), row.id.bytes)


async def tell(database: Database, post: Post, *, erasure_id: UUID, news: News) -> None:
    """Write one of the letters, if there is still somebody to write to."""
    async with database.transaction(Access.system(OUTSIDE)) as tx:
        row = await erasures.by_id(tx, erasure_id)
        letter = _letter(tx, row, news) if row else None
    if letter is None:
        return
    try:
        await post.send(letter)
    except Incorrect:
        return  # an address that never was; trying again would not make it one


def _letter(tx: Tx, row: Erasure, news: News) -> Letter | None:
    if row.letter is None:
        return None
    said = orjson.loads(crypto.unseal(house_key(tx, "erasure"), row.letter, row.id.bytes))
    to = said.pop("to")
    address = f"{origin()}/erased/{row.id}?token={token_of(tx, row.id)}"
    with i18n.use(replace(i18n.Manner(), **said)):
        subject, *lines = _words(news, row, address)
        text = "\n\n".join([_("Hello,"), *lines, _("Ojas, your health record")]) + "\n"
    return Letter(to, subject, text, language=said["language"])


def _words(news: News, row: Erasure, address: str) -> list[str]:
    match news:
        case "asked":
            page = f"{origin()}/p/{row.person_id}/erase"
            return [
                _("A health record is to be erased"),
                _("A record you have in Ojas is to be erased on {when}.", when=format_datetime(row.due_at)),
                _("Until then it can be undone here: {link}", link=page),
                _("If you did not ask for this, undo it and choose a new password at once."),
                _("Afterwards a receipt is found here; keep this address: {link}", link=address),
            ]
        case "undone":
            return [
                _("The record stays"),
                _(
                    "The erasure asked for on {day} was undone. Nothing was deleted.",
                    day=format_date(row.asked_at),
                ),
            ]
        case "ended":
            return [
                _("The record is erased"),
                _("Everything in it was deleted, and its keys were destroyed. Nobody can bring it back."),
                *summary(receipt_of(row)),
                _("The receipt is found here: {link}", link=address),
                _("This is the last letter. Your address is forgotten now."),
            ]


def summary(receipt: Receipt) -> list[str]:
    """The receipt in sentences."""
    entries = sum(receipt.entries.values())
    return [
        _("Number of the request: {id}", id=receipt.id),
        ngettext("{n} entry was deleted.", "{n} entries were deleted.", entries),
        ngettext("{n} file was deleted.", "{n} files were deleted.", receipt.files),
        ngettext("{n} key was destroyed.", "{n} keys were destroyed.", receipt.keys),
    ]
