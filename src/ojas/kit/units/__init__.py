"""Units of measure by their UCUM codes (https://ucum.org/ucum): whether they fit, and exact conversion.

A code means what UCUM 2.2 says it means. The hundred codes of every day are in a table; the rest are read by
the UCUM grammar of ucumvert against the definitions it carries, loaded at the first such code (0.4 s, once a
process). Numbers are kept as fractions: pint, which ucumvert would use, goes through floats, fails at
``/min`` with decimals and does not know ``[pH]``.
"""

from ojas.kit.units.conversion import UnitError, convert, is_ucum, same_dimension
from ojas.kit.units.names import recognise, symbol

__all__ = ["UnitError", "convert", "is_ucum", "recognise", "same_dimension", "symbol"]
