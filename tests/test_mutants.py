"""The driver of mutants finds what no test notices, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

RULES = """LEAST = 3

def enough(number):
    return number >= LEAST

def sign(number):
    if number < 0:
        return -1
    return 1
"""
TESTS = """from hypothesis import given, strategies as st
from small import enough, sign

def test_three_are_enough_and_two_are_not():
    assert enough(3) and not enough(2)

@given(st.integers(1, 9))
def test_the_sign_of_what_is_not_zero(number):
    assert (sign(number), sign(-number)) == (1, -1)
"""


def test_a_mistake_that_no_test_notices_is_printed(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "small.py").write_text(RULES)
    (tmp_path / "test_small.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "scripts.mutants", "small", "test_small.py"],
        cwd=tmp_path,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), str(tmp_path / "src")])},
        capture_output=True,
        text=True,
        check=True,
    )
    *through, counted = done.stdout.splitlines()
    assert through == ["src/small.py:7: 'number < 0' → 'number <= 0'", "src/small.py:7: '0' → '1'"]
    assert counted == "small: 8 of 10 noticed (80 %)"
