"""The pages of emergency: numbers and button, a call that runs, contacts, the card; and the card as strangers see it."""

from ojas.features.emergency.pages import calling, cards, contacts
from ojas.features.emergency.pages.cards import public
from ojas.kit.web import sos_at

routers = (calling.router, contacts.router, cards.router, public)

sos_at("/emergency", "emergency")

__all__ = ["public", "routers"]
