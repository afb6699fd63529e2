"""The pages of sharing: who can see, who looked, whose record I may open, who looks after me,
what Ojas itself may do."""

from ojas.features.sharing.pages import care_team, consents, grants, people, report

routers = (grants.router, report.router, people.router, care_team.router, consents.router)

__all__ = ["routers"]
