"""Files, sealed: in a folder here, or in somebody's object store, which then holds nothing it can read."""

from ojas.kit.objects.reader import ObjectReader
from ojas.kit.objects.store import Object, Objects, Stored

__all__ = ["Object", "ObjectReader", "Objects", "Stored"]
