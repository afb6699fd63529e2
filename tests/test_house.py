"""What a process stands on."""

import subprocess
import sys

_LOADED = """
import gc
import ojas.app
from ojas.house import features, settle
features()
settle()
print(len(gc.get_objects()), gc.get_freeze_count())
"""


def test_once_settled_a_collection_visits_next_to_nothing() -> None:
    told = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    left, kept = map(int, told.stdout.split())
    assert left < 2_000
    assert kept > 100_000
