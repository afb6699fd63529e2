"""A dose as something to do, with the buttons that answer it at once and lead back to where they were pressed."""

from ojas.features.medications import service as medications
from ojas.features.today.schemas import Press, Task
from ojas.kit.i18n import _

_OVER = ("skipped", "missed")
_SAID = (*_OVER, "snoozed")
_TAKEN = ("taken", "late")


def of_dose(dose: medications.Dose, *, writes: bool, home: str) -> Task:
    """``home``: the first screen that it stands on, of whomever. It may be the reader's own, and the dose somebody else's."""
    amount = medications.amount_words(dose.amount or dose.planned_amount)
    stands = medications.state_words(dose) if dose.state in _SAID else ""
    return Task(
        title=dose.medicine,
        says=" · ".join(part for part in (amount, stands) if part),
        href=f"{_at(dose)}?then={home}",
        at=(dose.until or dose.at) if dose.state == "snoozed" else dose.at,
        done=dose.state in _TAKEN,
        over=dose.state in _OVER,
        action=_("Open"),
        presses=_presses(dose, home) if writes else (),
    )


def _presses(dose: medications.Dose, home: str) -> tuple[Press, ...]:
    here, then = _at(dose), {"then": home}
    if dose.state == "skipped":
        return (Press(words=_("Undo"), href=f"{here}/undo", values=then),)
    if dose.state != "due":
        return ()
    return (
        Press(words=_("Taken"), href=here, values={"answer": "take", **then}),
        Press(words=_("Later"), href=here, values={"answer": "snooze", "minutes": "30", **then}),
        Press(words=_("Skip"), href=f"{here}?then={home}#skip"),
    )


def _at(dose: medications.Dose) -> str:
    return f"/p/{dose.person_id}/doses/{dose.id}"
