"""What of a dose is sealed."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from ojas.features.medications.models import Dose
from ojas.features.medications.rules.amount import Amount
from ojas.features.medications.rules.doses import Reason
from ojas.kit.db import Tx


class Content(BaseModel):
    """``planned`` is what the schedule says, ``amount`` what was taken where that differs."""

    model_config = ConfigDict(frozen=True)

    planned: Amount | None = None
    amount: Amount | None = None
    reason: Reason | None = None
    notes: str | None = None
    side_effects: str | None = None

    async def sealed(self, tx: Tx, person_id: UUID, id: UUID) -> bytes:
        return await tx.seal(person_id, Dose.__tablename__, id, self.model_dump_json().encode())

    @classmethod
    async def of(cls, tx: Tx, row: Dose) -> "Content":
        return cls.model_validate_json(await tx.open(row.person_id, Dose.__tablename__, row.id, row.sealed))
