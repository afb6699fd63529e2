"""Two walks over the file: who and what is in it, then the resources with their new addresses."""

from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from ojas.features.connections.rules import Batch, Refused, Resource, Unreadable
from ojas.features.connections.vendors.fhir import files
from ojas.features.connections.vendors.fhir.entries import entries
from ojas.features.connections.vendors.fhir.references import Plan
from ojas.kit.errors import Fault

THINGS = 500
"""Resources in a batch: some 2 MB, and half a second of storing."""

EMPTY = Fault("The file holds no FHIR resource.")


def batches(file: BinaryIO, person_id: UUID) -> Iterator[Batch]:
    plan = Plan(person_id)
    for found, _ in _found(file):
        if isinstance(found, Resource):
            plan.notice(found)
    plan.settle()
    total = files.unpacked_size(file)
    number, done, held = 0, 0, list[Resource | Refused]()
    for found, done in _found(file):
        held.append(plan.placed(found) if isinstance(found, Resource) else found)
        if len(held) >= THINGS:
            number += 1
            yield Batch(number, tuple(held), min(done, total), total)
            held = []
    if held:
        yield Batch(number + 1, tuple(held), min(done, total), total)
    elif not number:
        raise Unreadable(EMPTY)


def _found(file: BinaryIO) -> Iterator[tuple[Resource | Refused, int]]:
    """Everything in the file or archive, with the bytes read so far. In an archive a broken file breaks only itself."""
    before = 0
    for name, opened in files.members(file):
        done = 0
        try:
            with opened as readable:
                for found, done in entries(readable, name):
                    yield found, before + done
        except Unreadable as error:
            if not name:
                raise
            yield Refused(error.fault, name), before + done
        before += done
