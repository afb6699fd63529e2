"""Grants and the care team as FHIR R4, held against HL7's own definitions."""

from datetime import UTC, datetime, timedelta

import pytest

from ojas.features.sharing import fhir
from ojas.features.sharing.rules import STATUSES, Kind
from ojas.features.sharing.schemas import CareTeamMemberView, GrantView
from ojas.kit.fhir.validation import check
from ojas.kit.ids import new_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def grant(**more: object) -> GrantView:
    known: dict[str, object] = {
        "id": new_id(), "person_id": new_id(), "kind": Kind.SHARE, "status": "active", "scopes": ["measurements"],
        "may_write": False, "manage": False, "purpose": "TREAT", "note": None, "starts_at": NOON, "ends_at": None,
        "accepted_at": NOON, "revoked_at": None, "created_at": NOON, "version": 2, "email": "rao@example.org",
        "name": "Rao", "granted_by": None,
    }  # fmt: skip
    return GrantView.model_validate(known | more)


@pytest.mark.parametrize("status", list(STATUSES))
def test_every_grant_is_a_valid_consent(status: str) -> None:
    check(fhir.consent(grant(status=status)))


def test_a_consent_permits_exactly_what_the_grant_says() -> None:
    made = fhir.consent(
        grant(scopes=["measurements", "record"], may_write=True, ends_at=NOON + timedelta(days=30))
    )
    provision = made["provision"]
    assert [each["code"] for each in provision["class"]] == ["measurements", "record"]
    assert [each["coding"][0]["code"] for each in provision["action"]] == ["access", "correct"]
    assert provision["purpose"][0]["code"] == "TREAT"
    assert provision["period"] == {"start": "2026-03-01T12:00:00+00:00", "end": "2026-03-31T12:00:00+00:00"}


def test_a_consent_taken_back_ends_when_it_was() -> None:
    made = fhir.consent(
        grant(status="taken_back", ends_at=NOON + timedelta(days=30), revoked_at=NOON + timedelta(days=1))
    )
    assert (made["status"], made["provision"]["period"]["end"]) == ("inactive", "2026-03-02T12:00:00+00:00")


def test_a_consent_taken_back_before_it_began_has_a_period_still() -> None:
    check(fhir.consent(grant(status="taken_back", starts_at=NOON + timedelta(days=2), revoked_at=NOON)))


def member(name: str, *, primary: bool = False) -> CareTeamMemberView:
    return CareTeamMemberView(
        id=new_id(), person_id=new_id(), version=1, created_at=NOON, updated_at=NOON, name=name, role="caregiver",
        is_primary=primary, organisation="At home",
    )  # fmt: skip


@pytest.mark.parametrize("size", [0, 1, 3])
def test_a_care_team_of_any_size_is_valid(size: int) -> None:
    check(fhir.care_team(new_id(), [member(f"M{n}") for n in range(size)]))


def test_the_primary_caregiver_comes_first() -> None:
    made = fhir.care_team(new_id(), [member("Meera"), member("Kavi", primary=True)])
    assert [each["member"]["display"] for each in made["participant"]] == ["Kavi", "Meera"]
