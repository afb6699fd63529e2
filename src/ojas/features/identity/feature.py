"""What identity plugs in."""

from ojas.features.identity import api, jobs, pages, service
from ojas.kit.feature import Feature, NavItem
from ojas.kit.i18n import N_

FEATURE = Feature(
    name="identity",
    scopes={"profile": N_("Profile: name, birthday, address, blood group")},
    routers=(api.router,),
    pages=(api.well_known, *pages.routers),
    jobs=(jobs.write_letter, jobs.drop_picture, jobs.tidy),
    handlers={"identity.letter.due": jobs.write_letter, "identity.picture.dropped": jobs.drop_picture},
    collections=(service.PROFILES, service.PRIVACY),
    navigation=(
        NavItem(N_("Profile"), "/profile", "user", 180),
        NavItem(N_("Settings"), "//settings", "settings", 190),
    ),
    erase=service.erase_person,
    authenticate=service.authenticate,
)
