"""What several pages of emergency show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ValidationError

from ojas.features.emergency import service
from ojas.features.emergency.rules import numbers, terms
from ojas.features.emergency.rules.terms import Method
from ojas.features.emergency.schemas import Told
from ojas.kit import phones
from ojas.kit.db import Tx
from ojas.kit.http.edge import house_of
from ojas.kit.http.problems import incorrect
from ojas.kit.i18n import N_, _
from ojas.kit.jobs import still_since

ModelT = TypeVar("ModelT", bound=BaseModel)
_CHANNELS: Mapping[str, tuple[str, str]] = {
    "in_app": (N_("In Ojas"), "bell"),
    "push": (N_("On their device"), "smartphone"),
    "email": (N_("E-mail"), "mail"),
    "sms": (N_("SMS"), "message-square"),
    "call": (N_("Phone call"), "phone"),
    "webhook": (N_("Another program"), "link"),
}
_STATES: Mapping[str, tuple[str, str]] = {
    "waiting": (N_("{channel}: on its way"), "marigold"),
    "handed": (N_("{channel}: sent"), "leaf"),
    "refused": (N_("{channel}: cannot be reached"), "danger"),
    "dead": (N_("{channel}: given up"), "danger"),
    "absent": (N_("{channel}: not set up here"), ""),
}


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody was told by one channel, as a pill."""

    words: str
    tone: str
    picture: str


def ways(deliveries: Sequence[Told]) -> list[Way]:
    """By each channel how the last message went."""
    found = {}
    for told in deliveries:
        channel, picture = _CHANNELS.get(told.channel, (told.channel, "link"))
        said, tone = _STATES.get(told.state if told.set_up else "absent", _STATES["waiting"])
        found[told.channel] = Way(_(said, channel=_(channel)), tone, picture)
    return list(found.values())


def drafted(model: type[ModelT], values: Mapping[str, Any]) -> ModelT:
    """What a form holds, as what is kept.

    Raises:
        Incorrect: naming the fields.
    """
    try:
        return model(**values)
    except ValidationError as problem:
        raise incorrect(problem.errors()) from problem


def unbroken(number: str) -> str:
    """A telephone number as it is read, which no line of a page breaks."""
    return phones.shown(number).replace(" ", "\N{NO-BREAK SPACE}")


def absent(request: Request) -> frozenset[Method]:
    """The ways by which this house tells nobody, for it is not set up for them."""
    settings = house_of(request).settings
    return service.absent(settings)


async def frame_of(tx: Tx, person_id: UUID) -> dict[str, Any]:
    """The numbers to call, which stand first on each page, and what the reader may do here."""
    return {
        "numbers": numbers.numbers_of(await service.country_of(tx, person_id)),
        "still": await still_since(tx) is not None,
        "may_write": tx.access.allows(service.SCOPE, person_id, write=True),
        "terms": terms,
        "phones": phones,
        "unbroken": unbroken,
        "service": service,
        "ways": ways,
    }
