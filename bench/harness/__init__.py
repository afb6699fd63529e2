"""What a benchmark needs: a stage to run on, a way to measure, a place to write the answer."""

from bench.harness.caller import call
from bench.harness.measure import Bench, Figure, Times
from bench.harness.stage import Member, Stage, stage

__all__ = ["Bench", "Figure", "Member", "Stage", "Times", "call", "stage"]
