"""What identity plugs in."""

from ojas.features.identity import api, jobs, service
from ojas.kit.feature import Feature
from ojas.kit.i18n import N_

FEATURE = Feature(
    name="identity",
    scopes={"profile": N_("Profile: name, birthday, address, blood group")},
    routers=(api.router,),
    pages=(api.well_known,),
    jobs=(jobs.write_letter, jobs.drop_picture, jobs.tidy),
    handlers={"identity.letter.due": jobs.write_letter, "identity.picture.dropped": jobs.drop_picture},
    collections=(service.PROFILES, service.PRIVACY),
    erase=service.erase_person,
    authenticate=service.authenticate,
)
