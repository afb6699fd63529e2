"""What today plugs in. It keeps nothing: what it shows is exported and erased where it lies."""

from ojas.features.today import api, pages
from ojas.kit.feature import Feature, NavItem
from ojas.kit.i18n import N_

FEATURE = Feature(
    name="today",
    routers=(api.router,),
    pages=(pages.router,),
    navigation=(
        NavItem(N_("Today"), "", "sun", 10),
        NavItem(N_("Trends"), "/trends", "trending-up", 20),
        NavItem(N_("Timeline"), "/timeline", "list", 100),
    ),
)
