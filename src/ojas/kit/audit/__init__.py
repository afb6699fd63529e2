"""Who did what to whose data, when and why: one row per access, added in the transaction it tells of, never changed."""

from ojas.kit.audit.trail import Action, AuditEvent, Change, changed, changes, entries, looked, seen

__all__ = ["Action", "AuditEvent", "Change", "changed", "changes", "entries", "looked", "seen"]
