"""What of a dose is sealed."""

from ojas.features.medications.models import Dose
from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.doses import Reason
from ojas.kit.db import Sealed


class Content(Sealed):
    """``planned`` is what the schedule says, ``amount`` what was taken where that differs."""

    table = Dose.__tablename__

    planned: Amount | None = None
    amount: Amount | None = None
    reason: Reason | None = None
    notes: str | None = None
    side_effects: str | None = None
