"""The ways to reach somebody, one a file, all alike: ``hand`` takes a parcel and says what became of it, and never raises."""

from collections.abc import Mapping

from ojas.features.notifications.channels.email import Email
from ojas.features.notifications.channels.way import Parcel, Way
from ojas.features.notifications.rules import Channel
from ojas.kit.settings import Settings

__all__ = ["Parcel", "Way", "ways"]


def ways(settings: Settings) -> Mapping[Channel, Way]:
    """What this house can use, as it is set up."""
    return {Channel.EMAIL: Email.of(settings)}
