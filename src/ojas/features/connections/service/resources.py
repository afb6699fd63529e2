"""FHIR resources of a file: kept whole in the record; what of them is a measurement becomes a reading besides."""

from collections.abc import Sequence
from uuid import UUID

from ojas.features.connections.rules import Resource
from ojas.features.connections.service.tally import Tally
from ojas.kit.db import Tx


async def keep(tx: Tx, person_id: UUID, found: Sequence[Resource], tally: Tally) -> None:
    """Keep resources."""
    raise NotImplementedError
