"""The medicine and the arithmetic of what a person takes: no session, no clock, no network."""
