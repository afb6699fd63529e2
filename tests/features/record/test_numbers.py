"""Numbers that nobody measured, in resources from elsewhere."""

import json
from uuid import UUID, uuid4

import pytest

from ojas.features.record import service
from ojas.features.record.schemas import Incoming
from ojas.kit.db import Access, Database


def weighing(value: str, **more: object) -> Incoming:
    """As an import hands it on: what it says read with floats, which know no such numbers."""
    said = json.dumps(
        {"resourceType": "Observation", "id": str(uuid4()), "status": "final", "code": {"text": "x"}} | more
    )
    raw = said[:-1] + ', "valueQuantity": {"value": ' + value + ', "unit": "kg"}}'
    return Incoming(raw, json.loads(raw))


@pytest.mark.parametrize("value", ["1E-999999999", "1E+999999999", "1e0000001001", "9" * 1200])
async def test_a_number_out_of_reach_refuses_its_resource_alone(
    database: Database, person_id: UUID, value: str
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        some = [weighing("70.50"), weighing(value), weighing("1.0e245")]
        outcomes = await service.import_resources(tx, person_id, some, "hospital")
    assert [outcome.kind for outcome in outcomes] == ["created", "refused", "created"]


async def test_text_that_looks_like_a_number_out_of_reach_is_taken(
    database: Database, person_id: UUID
) -> None:
    async with database.transaction(Access.of(person_id)) as tx:
        one = weighing("70", note=[{"text": "lot 3E99999999 " + "7" * 400}])
        [outcome] = await service.import_resources(tx, person_id, [one], "hospital")
    assert outcome.kind == "created"
