"""The ways to reach somebody, one a file, all alike: ``hand`` takes a parcel and says what became of it, and never raises."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.utils import parseaddr

from ojas.features.notifications.channels.email import Email
from ojas.features.notifications.channels.phone import Call, Sms
from ojas.features.notifications.channels.push import Push, Vapid
from ojas.features.notifications.channels.way import Address, Parcel, Piece, Way
from ojas.features.notifications.channels.webhook import Webhook
from ojas.features.notifications.rules import Channel
from ojas.kit.crypto import MasterKeys
from ojas.kit.outward import Outward
from ojas.kit.settings import Settings

__all__ = ["Address", "Parcel", "Piece", "Way", "offered", "vapid_of", "ways"]


@asynccontextmanager
async def ways(settings: Settings, master: MasterKeys) -> AsyncIterator[Mapping[Channel, Way]]:
    """What this house can use, as it is set up; connections are kept for as long as the block lasts."""
    outward = Outward(inside=settings.reach_inside)
    found: dict[Channel, Way] = {
        Channel.EMAIL: Email.of(settings),
        Channel.PUSH: Push(outward, vapid_of(settings, master)),
        Channel.WEBHOOK: Webhook(outward),
    }
    if settings.sms_url:
        found[Channel.SMS] = Sms(settings.sms_url.get_secret_value())
    if settings.call_url:
        found[Channel.CALL] = Call(settings.call_url.get_secret_value())
    try:
        yield found
    finally:
        await outward.close()


def offered(settings: Settings) -> frozenset[Channel]:
    """The channels this house has."""
    by_phone = {Channel.SMS: settings.sms_url, Channel.CALL: settings.call_url}
    return frozenset(channel for channel in Channel if by_phone.get(channel, True))


def vapid_of(settings: Settings, master: MasterKeys) -> Vapid:
    contact = parseaddr(settings.mail_from)[1] or "ojas@localhost"
    return Vapid(master.derive("notifications:vapid"), f"mailto:{contact}")
