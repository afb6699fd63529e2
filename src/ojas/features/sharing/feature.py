"""What sharing plugs in."""

from collections.abc import AsyncIterator
from uuid import UUID

import orjson

from ojas.features.sharing import api, fhir, jobs, pages, service
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.i18n import N_


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    """Grants and consents as Ojas keeps them, and, with the care team, as FHIR."""

    async def grants() -> AsyncIterator[bytes]:
        async for grant in service.export(tx, person_id):
            yield grant.model_dump_json().encode() + b"\n"

    async def consents() -> AsyncIterator[bytes]:
        async for line in service.ledger(tx, person_id):
            yield line.model_dump_json().encode() + b"\n"

    async def resources() -> AsyncIterator[bytes]:
        async for grant in service.export(tx, person_id):
            yield orjson.dumps(fhir.consent(grant)) + b"\n"
        members = [member async for member in service.CARE_TEAM.export(tx, person_id)]
        yield orjson.dumps(fhir.care_team(person_id, members)) + b"\n"

    yield ExportFile("sharing/grants.ndjson", grants())
    yield ExportFile("sharing/consents.ndjson", consents())
    yield ExportFile("sharing/fhir.ndjson", resources())


FEATURE = Feature(
    name="sharing",
    scopes={
        "care_team": N_("Care team: who looks after you, and how to reach them"),
        "sharing": N_("Sharing: who may see what"),
        "owner": N_("Whose record it is, or who keeps it for them"),
    },
    routers=(api.router, api.care_team),
    handlers={
        "sharing.grant.created": jobs.invite,
        "sharing.grant.accepted": jobs.tell_answered,
        "sharing.grant.declined": jobs.tell_answered,
        "sharing.grant.lapsed": jobs.tell_lapsed,
        "sharing.giver.ended": jobs.tell_giver_ended,
    },
    collections=(service.CARE_TEAM,),
    pages=pages.routers,
    navigation=(
        NavItem(N_("Sharing"), "/sharing", "users", 130),
        NavItem(N_("Privacy"), "/privacy", "shield-check", 175, scope="sharing"),
        NavItem(N_("Care team"), "/care-team", "stethoscope", 140, scope="care_team"),
        NavItem(N_("People"), "//people", "hand-heart", 150),
    ),
    export=export,
    erase=service.erase,
    close=service.close,
    reopen=service.reopen,
    authorise=service.access_of,
)
