"""What one can do with the household: make it, once."""

from ojas.features.demo.service.household import SignIn, household

__all__ = ["SignIn", "household"]
