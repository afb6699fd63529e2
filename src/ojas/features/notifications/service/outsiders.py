"""Readers without an account: kept once with the person they are told about, and ended with them."""

from uuid import UUID

from ojas.features.notifications import models, queries
from ojas.features.notifications.rules import Channel
from ojas.features.notifications.schemas import Outsider
from ojas.kit import clock, crypto, i18n
from ojas.kit.db import Tx


async def enter(tx: Tx, person_id: UUID, outsider: Outsider) -> UUID:
    """Keep somebody's name and addresses. Answers an id that is the same for the same of them."""
    plain = outsider.model_dump_json()
    key = tx.database.keyring.master.derive("index:outsider")
    id = UUID(bytes=crypto.blind_index(key, f"{person_id} {plain}"))
    sealed = await tx.seal(person_id, models.Outsider.__tablename__, id, plain.encode())
    row = models.Outsider(person_id=person_id, id=id, created_at=clock.now(), sealed=sealed)
    await queries.keep_outsider(tx, row)
    return id


async def opened(tx: Tx, row: models.Outsider) -> Outsider:
    plain = await tx.open(row.person_id, models.Outsider.__tablename__, row.id, row.sealed)
    return Outsider.model_validate_json(plain)


def channels_to(outsider: Outsider) -> frozenset[Channel]:
    """The channels they have an address for."""
    by_mail = [Channel.EMAIL] if outsider.email else []
    return frozenset([*by_mail, *([Channel.SMS, Channel.CALL] if outsider.phone else [])])


def manner_to(outsider: Outsider) -> i18n.Manner:
    return i18n.Manner(language=outsider.language, zone=outsider.zone)
