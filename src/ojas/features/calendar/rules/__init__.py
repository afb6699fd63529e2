"""The arithmetic of calendars: no session, no clock, no network."""
