"""What the demo plugs in: nothing but its name; the command line calls its service."""

from ojas.kit.feature import Feature

FEATURE = Feature(name="demo")
