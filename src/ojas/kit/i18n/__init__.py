"""Words, numbers and dates in the language and manner of whoever reads them.

An English text is the name of a message; its Hindi and Tamil stand in ``locale/hi.po`` and ``locale/ta.po`` beside the
code that says it. Catalogues are read as they are: a compiled copy could only be out of date, and reading all of one
language takes some tens of milliseconds, once.
"""

from ojas.kit.i18n.format import (
    format_date,
    format_datetime,
    format_day,
    format_number,
    format_time,
    local,
)
from ojas.kit.i18n.manner import LANGUAGES, Manner, current, use
from ojas.kit.i18n.words import N_, _, gettext, ngettext, say

__all__ = [
    "LANGUAGES",
    "N_",
    "Manner",
    "_",
    "current",
    "format_date",
    "format_datetime",
    "format_day",
    "format_number",
    "format_time",
    "gettext",
    "local",
    "ngettext",
    "say",
    "use",
]
