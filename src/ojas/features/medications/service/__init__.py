"""What one can do: the only door for other features."""

from ojas.features.medications.rules.words import amount_words
from ojas.features.medications.schemas import Dose
from ojas.features.medications.service.answering import answer, permission, take
from ojas.features.medications.service.leaving import erase, export
from ojas.features.medications.service.looking import (
    adherence,
    coming,
    dose,
    doses,
    safety,
    stock_now,
    today,
)
from ojas.features.medications.service.medicines import MEDICINES, SCOPE, move
from ojas.features.medications.service.supplying import put_off, refill
from ojas.features.medications.service.ticks import DUE, REMIND

__all__ = [
    "DUE",
    "MEDICINES",
    "REMIND",
    "SCOPE",
    "Dose",
    "adherence",
    "amount_words",
    "answer",
    "coming",
    "dose",
    "doses",
    "erase",
    "export",
    "move",
    "permission",
    "put_off",
    "refill",
    "safety",
    "stock_now",
    "take",
    "today",
]
