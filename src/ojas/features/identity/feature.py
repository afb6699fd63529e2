"""What identity plugs in."""

from collections.abc import AsyncIterator
from uuid import UUID

from ojas.features.identity import api, jobs, pages, service
from ojas.kit.db import Tx
from ojas.kit.feature import ExportFile, Feature, NavItem
from ojas.kit.i18n import N_


async def export(tx: Tx, person_id: UUID) -> AsyncIterator[ExportFile]:
    """The person as a FHIR Patient, and one's own account without its secrets."""
    yield ExportFile("identity/patient.ndjson", service.patient(tx, person_id))
    yield ExportFile("identity/account.ndjson", service.account_lines(tx, person_id))


FEATURE = Feature(
    name="identity",
    scopes={"profile": N_("Profile: name, birthday, address, blood group")},
    routers=(api.router,),
    pages=(api.well_known, *pages.routers),
    handlers={
        "identity.letter.due": jobs.write_letter,
        "identity.picture.dropped": jobs.drop_picture,
        "identity.erasure.news": jobs.tell_of_erasure,
    },
    collections=(service.PROFILES,),
    navigation=(
        NavItem(N_("Profile"), "/profile", "user", 180, scope="profile"),
        NavItem(N_("Settings"), "//settings", "settings", 190),
    ),
    export=export,
    erase=service.erase_person,
    place=service.picture_place,
    authenticate=service.authenticate,
)
