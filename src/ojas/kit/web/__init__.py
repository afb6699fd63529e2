"""Pages: the shell around every feature's own, drawn on the server, that work without script.

A feature's pages are routes of a ``Pages`` router that answer with ``page``, ``redirect`` and, for what was typed, ``form``.
Its templates lie in its own folder ``templates`` and are named ``<feature>/<file>.html``; macros for forms, data and charts
are in this folder's. ``docs/guide/pages.md`` shows them all.
"""

from ojas.kit.web.charts import Band, Figure, Flag, Gap, Range, Series, range_of
from ojas.kit.web.csrf import csrf_token
from ojas.kit.web.deleting import deletable
from ojas.kit.web.forms import Faults, form
from ojas.kit.web.frame import Who, people_by, sos_at, unread_by
from ojas.kit.web.install import install
from ojas.kit.web.pages import Pages, own_address, page, redirect, refusal_page
from ojas.kit.web.spark import Spark, spark

__all__ = [
    "Band",
    "Faults",
    "Figure",
    "Flag",
    "Gap",
    "Pages",
    "Range",
    "Series",
    "Spark",
    "Who",
    "csrf_token",
    "deletable",
    "form",
    "install",
    "own_address",
    "page",
    "people_by",
    "range_of",
    "redirect",
    "refusal_page",
    "sos_at",
    "spark",
    "unread_by",
]
