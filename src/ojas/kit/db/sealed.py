"""What of a row is sealed, as one value."""

from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from ojas.kit.db.transaction import Tx


class Sealed(BaseModel):
    """The content of the column ``sealed`` of a row of ``table``."""

    model_config = ConfigDict(frozen=True)

    table: ClassVar[str]

    async def sealed(self, tx: "Tx", person_id: UUID, id: UUID) -> bytes:
        return await tx.seal(person_id, self.table, id, self.model_dump_json().encode())

    @classmethod
    async def of(cls, tx: "Tx", row: Any) -> Self:
        """
        Raises:
            ojas.kit.crypto.Unreadable: it does not open. ValidationError: it says something else.
        """
        return cls.model_validate_json(await tx.open(row.person_id, cls.table, row.id, row.sealed))
