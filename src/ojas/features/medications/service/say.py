"""What is said about doses. Titles name no medicine: they may stand on a locked screen."""

from datetime import datetime
from decimal import Decimal

from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.words import amount_words
from ojas.features.notifications import service as notifications
from ojas.features.notifications.rules import Topic
from ojas.features.notifications.schemas import Params, Said
from ojas.kit.i18n import _, format_time


@notifications.kind("medications.dose", topic=Topic.MEDICATION, scope="medications")
def DOSE(params: Params) -> Said:  # noqa: N802  # a kind, once it is declared
    said = params["amount"]
    amount = amount_words(Amount(Decimal(said["value"]), said["unit"])) if said else ""
    what = f"{params['medicine']} ({amount})" if amount else params["medicine"]
    text = _("{medicine}, due at {time}. Take it, skip it or put it off.", medicine=what, time=_time(params))
    return Said(_("Time for a medicine"), text, f"/p/{params['person']}/medicines")


@notifications.kind("medications.unanswered", topic=Topic.MEDICATION, scope="medications")
def UNANSWERED(params: Params) -> Said:  # noqa: N802
    text = _(
        "{name}: nobody has said whether {medicine}, due at {time}, was taken. Ask how they are.",
        name=params["name"] or _("Somebody you look after"),
        medicine=params["medicine"],
        time=_time(params),
    )
    return Said(_("A medicine was not confirmed"), text, f"/p/{params['person']}/medicines")


def _time(params: Params) -> str:
    return format_time(datetime.fromisoformat(params["at"]))
