"""HTTP: the edge every request crosses, the refusals it renders, the doors it guards."""

from ojas.kit.http.collections import collection_router
from ojas.kit.http.edge import Actor, ActorOf, House, Router, TxOf, actor_of, house_of
from ojas.kit.http.guards import Guards
from ojas.kit.http.problems import install

__all__ = [
    "Actor",
    "ActorOf",
    "Guards",
    "House",
    "Router",
    "TxOf",
    "actor_of",
    "collection_router",
    "house_of",
    "install",
]
