"""How a call stands, places and vital signs in the words of whoever reads them."""

from ojas.features.emergency.rules.terms import OUTCOMES, STATES, WHY, Outcome, State
from ojas.features.emergency.schemas import Alert, Place, Vital
from ojas.features.measurements import service as measurements
from ojas.kit.i18n import _, format_date, format_number, format_time, ngettext

_MAP = "https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}"


def vital_words(vital: Vital) -> str:
    """``Blood pressure 128/82 mmHg, 1 Mar 2026, 08:00``."""
    return f"{vital_name(vital)} {vital_value(vital)}, {format_date(vital.at)}, {format_time(vital.at)}"


def vital_name(vital: Vital) -> str:
    """What was measured."""
    return _(measurements.CATALOGUE[vital.kind].label)


def vital_value(vital: Vital) -> str:
    """With its unit: the usual one, for who reads it may have no account that chose another."""
    kind = measurements.CATALOGUE[vital.kind]
    unit = measurements.unit_for(kind.main, {})
    texts = [
        measurements.number_text(part, vital.numbers[part.name], unit)
        for part in kind.parts
        if part.required and part.name in vital.numbers
    ]
    return f"{'/'.join(texts)} {measurements.unit_text(kind, unit)}"


def place_words(place: Place | None) -> str:
    """The address, and where no device said where, that alone; nothing where nothing is known."""
    if place is None:
        return ""
    return " · ".join(part for part in (place.address, map_of(place), _accuracy(place)) if part)


def map_of(place: Place | None) -> str:
    """An address that shows the place on a map, in any browser."""
    if place is None or place.latitude is None or place.longitude is None:
        return ""
    return _MAP.format(latitude=f"{place.latitude:.6f}", longitude=f"{place.longitude:.6f}")


def _accuracy(place: Place) -> str:
    if place.latitude is None or place.accuracy is None:
        return ""
    return _("to about {n} m", n=format_number(place.accuracy, 0))


def title_of(alert: Alert) -> str:
    """Why somebody called and how it stands; of a test, that first."""
    title = f"{_(WHY[alert.kind])} · {_(STATES[alert.state])}"
    return _("TEST: {title}", title=title) if alert.test else title


def said_of(alert: Alert) -> str:
    """How a call stands, in a sentence."""
    coming = [one.name for one in alert.helpers if one.answer == "coming"]
    reached = [one for one in alert.helpers if one.told and not one.missed]
    told, waiting = len(reached), sum(one.answer is None for one in reached)
    match alert.state:
        case State.ENDED if alert.test and alert.outcome is Outcome.LAPSED:
            return _("The test ended by itself.")
        case State.ENDED:
            return _(OUTCOMES[alert.outcome]) if alert.outcome else ""
        case State.COMING:
            return _("{names}: on it.", names=", ".join(coming))
        case State.NOBODY if not alert.helpers:
            return _("There is nobody whom Ojas could tell. Call the emergency number yourself.")
        case State.NOBODY:
            return _(
                "Everybody who was asked has said that they cannot come. Call the emergency number yourself."
            )
        case _ if not told and any(one.missed for one in alert.helpers):
            return _("Nobody could be told so far. Call the emergency number yourself.")
        case _ if not told:
            return _("Those whom Ojas calls are being told now.")
        case _ if not waiting:
            return _(
                "Everybody who could be told has said that they cannot come. Call the emergency number yourself."
            )
        case _ if waiting < told:
            return ngettext(
                "{n} person was told and has not answered yet.",
                "{n} people were told and have not answered yet.",
                waiting,
            )
        case _:
            return ngettext(
                "{n} person has been told so far. Nobody has answered yet.",
                "{n} people have been told so far. Nobody has answered yet.",
                told,
            )
