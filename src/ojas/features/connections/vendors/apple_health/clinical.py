"""Clinical records: FHIR resources an institution sent to the phone, one file each."""

from uuid import UUID

from ojas.features.connections.rules import Refused, Resource, Unreadable
from ojas.features.connections.vendors.archive import Archive
from ojas.features.connections.vendors.fhir.references import Plan
from ojas.features.connections.vendors.fhir.resources import parsed
from ojas.kit.errors import Fault
from ojas.kit.i18n import N_

LIMIT = 8 * 2**20
MISSING = Fault("The file of this clinical record is not in the archive.")
OLD = N_("It is written in FHIR {version}, which is not read; only release 4 is.")


def resource(attributes: dict[str, str], archive: Archive | None, person_id: UUID) -> Resource | Refused:
    """The resource in a record's file, as it stands in this person's record: whose phone it is, it is theirs."""
    path, version = attributes.get("resourceFilePath", ""), attributes.get("fhirVersion", "")
    where = path.rsplit("/", 1)[-1] or attributes.get("type", "")
    entry = archive.find(path) if archive else None
    if archive is None or entry is None:
        return Refused(MISSING, where)
    if version and not version.startswith("4."):
        return Refused(Fault(OLD, params={"version": version[:10]}), where)
    try:
        found = parsed(archive.read(entry, LIMIT), where)
    except Unreadable as error:
        return Refused(error.fault, where)
    return found if isinstance(found, Refused) else _placed(found, attributes, person_id)


def _placed(found: Resource, attributes: dict[str, str], person_id: UUID) -> Resource | Refused:
    # Ids are an institution's own; its name keeps those of two apart, and lets its resources find each other.
    plan = Plan(
        person_id, scope=f"{attributes.get('sourceName', '')} {attributes.get('sourceURL', '')}".strip()
    )
    plan.notice(found)
    plan.settle()
    return plan.placed(found)
