"""The letters of identity: written by a job once the transaction that wants them stands, in their reader's language."""

from dataclasses import replace
from uuid import UUID

from ojas.features.identity import models, queries
from ojas.features.identity.rules import TICKET_LIFE, Purpose
from ojas.features.identity.schemas import Preferences
from ojas.features.identity.service.accounts import email_of
from ojas.features.identity.service.ground import LetterKind, for_person, origin
from ojas.kit import auth, clock, i18n
from ojas.kit.db import Access, Database, Tx
from ojas.kit.errors import Incorrect
from ojas.kit.i18n import _
from ojas.kit.mail import Letter, Post

_PURPOSES: dict[str, Purpose] = {
    "verify": Purpose.VERIFY,
    "reset": Purpose.RESET,
    "change-email": Purpose.CHANGE_EMAIL,
}
_PAGES = {Purpose.VERIFY: "verify", Purpose.RESET: "reset", Purpose.CHANGE_EMAIL: "change-email"}


async def write(
    database: Database, post: Post, *, account_id: UUID, kind: LetterKind, ticket_id: UUID | None = None
) -> None:
    """Write one letter. A ticket is kept before the letter leaves: one that arrives works; run twice, both work."""
    async with database.transaction(Access.system("sign_in")) as tx:
        account = await queries.accounts.by_id(tx, account_id)
        if account is None or account.disabled_at is not None:
            return
        made = await _compose(tx, account, kind, ticket_id)
    if made is None:
        return
    try:
        await post.send(made)
    except Incorrect:
        return  # an address that never was; trying again would not make it one


async def _compose(
    tx: Tx, account: models.Account, kind: LetterKind, ticket_id: UUID | None
) -> Letter | None:
    preferences = Preferences.model_validate(account.preferences, strict=False)
    to = await (_address_in(tx, account, ticket_id) if ticket_id else email_of(tx, account))
    if to is None:
        return None
    link = ""
    if purpose := _PURPOSES.get(kind):
        token = await _ticket(tx, account, purpose, ticket_id)
        if token is None:
            return None
        # In the query, though a fragment would never reach a server: it must work without script. Nothing logs queries, and
        # the page it opens sends no referrer elsewhere.
        link = f"{origin()}/{_PAGES[purpose]}?token={token}"
    manner = preferences.manner
    subject, text = _said(manner, kind, link)
    if preferences.secondary_language not in (None, preferences.language):
        # Whoever reads letters with the owner reads them too.
        other = replace(manner, language=preferences.secondary_language)
        text += "\n– – –\n\n" + _said(other, kind, link)[1]
    return Letter(to, subject, text, language=preferences.language)


def _said(manner: i18n.Manner, kind: LetterKind, link: str) -> tuple[str, str]:
    with i18n.use(manner):
        subject, lines = _words(kind, link)
        return subject, "\n\n".join([_("Hello,"), *lines, _("Ojas, your health record")]) + "\n"


async def _address_in(tx: Tx, account: models.Account, ticket_id: UUID) -> str | None:
    """The address a change of address was asked for, or, once it is done, the one it was before; None: swept away."""
    ticket = await tx.session.get(models.Ticket, ticket_id)
    if ticket is None or ticket.sealed is None:
        return None
    async with tx.acting(for_person(tx, account.person_id)):
        return (await tx.open(account.person_id, "tickets", ticket_id, ticket.sealed)).decode()


async def _ticket(tx: Tx, account: models.Account, purpose: Purpose, ticket_id: UUID | None) -> str | None:
    """A fresh token for the letter; None where its ticket was swept away before the letter could be written."""
    now = clock.now()
    token = auth.new_token()
    if ticket_id is not None:
        ticket = await tx.session.get(models.Ticket, ticket_id)
        if ticket is None:
            return None
        ticket.digest = auth.digest(token)
        await tx.session.flush()
        return token
    tx.session.add(
        models.Ticket(
            purpose=purpose,
            account_id=account.id,
            digest=auth.digest(token),
            created_at=now,
            expires_at=now + TICKET_LIFE[purpose],
        )
    )
    await tx.session.flush()
    return token


def _words(kind: LetterKind, link: str) -> tuple[str, list[str]]:
    reset = f"{origin()}/forgot"
    ignore = _("If you did not ask for this, you need not do anything.")
    alarm = _("If this was not you, choose a new password at once: {link}", link=reset)
    match kind:
        case "verify":
            return _("Confirm your e-mail address"), [
                _("Open this link to finish your registration:"),
                link,
                _("It is good for two days."),
                ignore,
            ]
        case "already":
            return _("You have an account already"), [
                _("Somebody, perhaps you, tried to register with this address. You have an account already."),
                _("If you have forgotten your password, choose a new one: {link}", link=reset),
                ignore,
            ]
        case "reset":
            return _("Choose a new password"), [
                _("Open this link to choose a new password:"),
                link,
                _("It is good for 30 minutes, once."),
                ignore,
            ]
        case "change-email":
            return _("Confirm your new e-mail address"), [
                _("Open this link to use this address for Ojas from now on:"),
                link,
                _("It is good for two hours."),
                ignore,
            ]
        case "password-changed":
            return _("Your password was changed"), [
                _("Your password was changed, and other devices were signed out."),
                alarm,
            ]
        case "email-changed":
            return _("Your e-mail address was changed"), [
                _("From now on you sign in with another address. This is the last letter to this one."),
                _("If this was not you, tell whoever runs this Ojas at once."),
            ]
        case "factor-changed":
            return _("How you sign in was changed"), [
                _("A passkey or an authenticator app was added to your account or taken off."),
                alarm,
            ]
        case "stolen":
            return _("A device was signed out"), [
                _(
                    "A key to your account was used twice, as if it had been copied. We signed that device out."
                ),
                alarm,
            ]
