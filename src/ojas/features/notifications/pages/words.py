"""What channels and states are called."""

from collections.abc import Mapping

from ojas.features.notifications.rules import Channel, State, parted
from ojas.kit.i18n import N_, gettext

CHANNELS: Mapping[Channel, str] = {
    Channel.IN_APP: N_("Here, under Messages"),
    Channel.PUSH: N_("On my devices"),
    Channel.EMAIL: N_("E-mail"),
    Channel.SMS: N_("SMS"),
    Channel.CALL: N_("Phone call"),
    Channel.WEBHOOK: N_("Webhook"),
}
STATES: Mapping[State, str] = {
    State.WAITING: N_("Waiting"),
    State.HANDED: N_("Handed over"),
    State.REFUSED: N_("Did not arrive"),
    State.DEAD: N_("Given up"),
    State.HUSHED: N_("Not needed any more"),
}


def reason_words(answer: str | None) -> str:
    """Why something failed, with what the provider itself said in brackets."""
    if not answer:
        return ""
    reason, code = parted(answer)
    return f"{gettext(reason)} ({code})" if code else gettext(reason)
