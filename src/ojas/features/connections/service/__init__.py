"""What one can do with connections: bring a file in, take the whole record out."""

from ojas.features.connections.service.bringing import again, bring, take_back, take_in, take_out
from ojas.features.connections.service.exports import delete as delete_export
from ojas.features.connections.service.exports import file as export_file
from ojas.features.connections.service.exports import page as exports_of
from ojas.features.connections.service.exports import read as read_export
from ojas.features.connections.service.exports import run as run_export
from ojas.features.connections.service.imports import SCOPE, cancel, page, read, refusals
from ojas.features.connections.service.leaving import erase, export
from ojas.features.connections.service.leaving import refusals as export_refusals
from ojas.features.connections.service.running import run as run_import
from ojas.features.connections.service.runs import TRIES
from ojas.features.connections.service.space import forget_file
from ojas.features.connections.service.space import look as space
from ojas.features.connections.service.taking_back import foresee
from ojas.features.connections.service.taking_back import run as run_taking_back
from ojas.features.connections.service.telling import tell_ended
from ojas.features.connections.service.tidying import tidy
from ojas.features.connections.vendors import VENDORS, Vendor

__all__ = [
    "SCOPE",
    "TRIES",
    "VENDORS",
    "Vendor",
    "again",
    "bring",
    "cancel",
    "delete_export",
    "erase",
    "export",
    "export_file",
    "export_refusals",
    "exports_of",
    "foresee",
    "forget_file",
    "page",
    "read",
    "read_export",
    "refusals",
    "run_export",
    "run_import",
    "run_taking_back",
    "space",
    "take_back",
    "take_in",
    "take_out",
    "tell_ended",
    "tidy",
]
