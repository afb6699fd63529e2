"""Ojas: a person's whole health record, kept for them and watched over."""

__version__ = "0.1.0"
