"""Pages: what was said to the reader, what can be done from it, and how they want to be told."""

from ojas.features.notifications.pages import acting, inbox, settings

routers = (inbox.router, acting.router, settings.router)

__all__ = ["routers"]
