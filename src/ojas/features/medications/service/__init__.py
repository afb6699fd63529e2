"""What one can do: the only door for other features."""

from ojas.features.medications.rules.words import amount_words
from ojas.features.medications.schemas import Dose
from ojas.features.medications.service.adhering import adherence, picture
from ojas.features.medications.service.answering import answer, permission, take
from ojas.features.medications.service.checking import (
    drop_interactions,
    interaction_list,
    load_interactions,
    name_ingredients,
    safety,
    safety_of,
    touched,
    uncompared,
)
from ojas.features.medications.service.leaving import erase, export
from ojas.features.medications.service.looking import (
    coming,
    coming_of,
    dose,
    doses,
    state_words,
    stock_now,
    today,
    unanswered_of,
)
from ojas.features.medications.service.medicines import MEDICINES, SCOPE, move
from ojas.features.medications.service.missing import Missed, missed
from ojas.features.medications.service.remembering import remember
from ojas.features.medications.service.supplying import put_off, refill
from ojas.features.medications.service.taking_over import suggested, suggestion, waiting
from ojas.features.medications.service.telling import tell_touched
from ojas.features.medications.service.ticks import DUE, REMIND

__all__ = [
    "DUE",
    "MEDICINES",
    "REMIND",
    "SCOPE",
    "Dose",
    "Missed",
    "adherence",
    "amount_words",
    "answer",
    "coming",
    "coming_of",
    "dose",
    "doses",
    "drop_interactions",
    "erase",
    "export",
    "interaction_list",
    "load_interactions",
    "missed",
    "move",
    "name_ingredients",
    "permission",
    "picture",
    "put_off",
    "refill",
    "remember",
    "safety",
    "safety_of",
    "state_words",
    "stock_now",
    "suggested",
    "suggestion",
    "take",
    "tell_touched",
    "today",
    "touched",
    "unanswered_of",
    "uncompared",
    "waiting",
]
