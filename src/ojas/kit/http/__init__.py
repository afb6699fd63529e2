"""HTTP: the edge every request crosses, the refusals it renders, the doors it guards."""

from ojas.kit.http.actor import Actor, Appearance
from ojas.kit.http.bodies import Sent
from ojas.kit.http.collections import collection_router
from ojas.kit.http.edge import ActorOf, House, OpenTx, Router, TxOf, actor_of, house_of, takes
from ojas.kit.http.guards import Guards
from ojas.kit.http.problems import install

__all__ = [
    "Actor",
    "ActorOf",
    "Appearance",
    "Guards",
    "House",
    "OpenTx",
    "Router",
    "Sent",
    "TxOf",
    "actor_of",
    "collection_router",
    "house_of",
    "install",
    "takes",
]
