"""What one can do: the only door for other features."""

from ojas.features.emergency.schemas import Alert
from ojas.features.emergency.service.alerting import add, end, press
from ojas.features.emergency.service.answering import answer  # actions first: the kinds of messages name them
from ojas.features.emergency.service.card import (
    Opened,
    card,
    change_card,
    close,
    conditions_to_pick,
    issue,
    open_card,
    preview,
    reopen,
    there,
)
from ojas.features.emergency.service.contacts import (
    CONTACTS,
    MOST,
    SCOPE,
    contacts,
    introduce,
    standings,
)
from ojas.features.emergency.service.leaving import erase, export_alerts, export_card
from ojas.features.emergency.service.looking import alert, alerts, running, running_of
from ojas.features.emergency.service.places import country_of
from ojas.features.emergency.service.say import CALLED
from ojas.features.emergency.service.telling import absent
from ojas.features.emergency.service.ticks import CALL
from ojas.features.emergency.service.words import (
    map_of,
    place_words,
    said_of,
    title_of,
    vital_name,
    vital_value,
)

__all__ = [
    "CALL",
    "CALLED",
    "CONTACTS",
    "MOST",
    "SCOPE",
    "Alert",
    "Opened",
    "absent",
    "add",
    "alert",
    "alerts",
    "answer",
    "card",
    "change_card",
    "close",
    "conditions_to_pick",
    "contacts",
    "country_of",
    "end",
    "erase",
    "export_alerts",
    "export_card",
    "introduce",
    "issue",
    "map_of",
    "open_card",
    "place_words",
    "press",
    "preview",
    "reopen",
    "running",
    "running_of",
    "said_of",
    "standings",
    "there",
    "title_of",
    "vital_name",
    "vital_value",
]
