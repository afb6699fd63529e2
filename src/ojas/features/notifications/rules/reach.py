"""Which addresses lead to which channels."""

from enum import StrEnum

from ojas.features.notifications.rules.routing import Channel


class AddressKind(StrEnum):
    """What sort of address somebody gave; a telephone can be written to and called."""

    BROWSER = "browser"
    PHONE = "phone"
    WEBHOOK = "webhook"

    @property
    def channels(self) -> frozenset[Channel]:
        return _CHANNELS[self]

    @property
    def most(self) -> int:
        """How many of them an account may have."""
        return _MOST[self]


_CHANNELS = {
    AddressKind.BROWSER: frozenset({Channel.PUSH}),
    AddressKind.PHONE: frozenset({Channel.SMS, Channel.CALL}),
    AddressKind.WEBHOOK: frozenset({Channel.WEBHOOK}),
}
_MOST = {AddressKind.BROWSER: 10, AddressKind.PHONE: 2, AddressKind.WEBHOOK: 3}


def own_channels(*, email: bool) -> frozenset[Channel]:
    """The channels that lead to an account whatever else it gave: its page, and its e-mail address once that is proved."""
    return frozenset({Channel.IN_APP, Channel.EMAIL} if email else {Channel.IN_APP})
