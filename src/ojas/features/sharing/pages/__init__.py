"""The pages of sharing: who can see, who looked, whose record I may open, who looks after me."""

from ojas.features.sharing.pages import care_team, grants, people, report

routers = (grants.router, report.router, people.router, care_team.router)

__all__ = ["routers"]
