"""The words of an emergency."""

from collections.abc import Mapping
from enum import StrEnum

from ojas.kit.i18n import N_


class Kind(StrEnum):
    """What somebody calls for help for."""

    MEDICAL = "medical"
    FALL = "fall"
    PANIC = "panic"
    CUSTOM = "custom"


KINDS: Mapping[Kind, str] = {
    Kind.MEDICAL: N_("I feel very ill"),
    Kind.FALL: N_("I have fallen"),
    Kind.PANIC: N_("I am in danger"),
    Kind.CUSTOM: N_("Something else"),
}
"""As who presses the button says it."""

WHY: Mapping[Kind, str] = {
    Kind.MEDICAL: N_("A medical emergency"),
    Kind.FALL: N_("A fall"),
    Kind.PANIC: N_("In danger"),
    Kind.CUSTOM: N_("Help is needed"),
}
"""As others read it."""


class Method(StrEnum):
    """How a contact may be told."""

    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"


METHODS: Mapping[Method, str] = {
    Method.PHONE: N_("Phone call"),
    Method.SMS: N_("Text message (SMS)"),
    Method.EMAIL: N_("E-mail"),
}


class Answer(StrEnum):
    """What a helper said."""

    COMING = "coming"
    CANNOT = "cannot"


ANSWERS: Mapping[Answer, str] = {Answer.COMING: N_("Is on it"), Answer.CANNOT: N_("Cannot come")}


class Outcome(StrEnum):
    """How an alert ended."""

    HELPED = "helped"
    FALSE_ALARM = "false_alarm"
    LAPSED = "lapsed"


OUTCOMES: Mapping[Outcome, str] = {
    Outcome.HELPED: N_("Help came, or is no longer needed"),
    Outcome.FALSE_ALARM: N_("False alarm"),
    Outcome.LAPSED: N_("Nobody said how it ended"),
}


class State(StrEnum):
    """How an alert stands."""

    CALLING = "calling"
    COMING = "coming"
    NOBODY = "nobody"
    ENDED = "ended"


STATES: Mapping[State, str] = {
    State.CALLING: N_("Calling the contacts"),
    State.COMING: N_("Somebody is on it"),
    State.NOBODY: N_("Nobody could be found so far"),
    State.ENDED: N_("Over"),
}
