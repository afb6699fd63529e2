"""What a grant allows, and who may give it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ojas.features.sharing import rules
from ojas.features.sharing.rules import Right, Rights, rights_of, status_of
from ojas.kit.errors import Forbidden, Incorrect

SCOPES = frozenset({"profile", "measurements", "signals", "record", "sharing", "audit", "keys", "owner"})
ASHA, MEERA = uuid4(), uuid4()
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def right(
    person: UUID = ASHA, *scopes: str, write: bool = False, manage: bool = False, kind: str = "share"
) -> Right:
    return Right(person, kind, frozenset(scopes), write, manage, "TREAT")


def held(found: Rights, person: UUID, *, write: bool = False) -> set[str]:
    return {scope for scope, persons in (found.write if write else found.read).items() if person in persons}


def test_ones_own_record_is_whole() -> None:
    found = rights_of(ASHA, [], SCOPES)
    assert held(found, ASHA) == held(found, ASHA, write=True) == SCOPES


def test_a_grant_gives_exactly_its_scopes_and_no_writing() -> None:
    found = rights_of(MEERA, [right(ASHA, "measurements", "record")], SCOPES)
    assert held(found, ASHA) == {"measurements", "record"}
    assert held(found, ASHA, write=True) == set()
    assert found.purposes == {ASHA: "TREAT"}


def test_writing_reaches_what_is_read_and_no_further() -> None:
    found = rights_of(MEERA, [right(ASHA, "record", write=True), right(ASHA, "signals")], SCOPES)
    assert held(found, ASHA, write=True) == {"record"}
    assert held(found, ASHA) == {"record", "signals"}


def test_managing_adds_sharing_and_the_trail() -> None:
    found = rights_of(MEERA, [right(ASHA, "record", manage=True)], SCOPES)
    assert held(found, ASHA) == {"record", "sharing", "audit"}
    assert held(found, ASHA, write=True) == {"sharing"}


@pytest.mark.parametrize("scope", ["sharing", "audit", "keys", "owner"])
def test_sharing_and_keys_cannot_be_smuggled_in_as_scopes(scope: str) -> None:
    assert held(rights_of(MEERA, [right(ASHA, scope, write=True)], SCOPES), ASHA) == set()


def test_a_guardian_holds_everything_there_is_and_will_be() -> None:
    found = rights_of(
        MEERA, [right(ASHA, "*", write=True, manage=True, kind="guardian")], SCOPES | {"dreams"}
    )
    assert held(found, ASHA) == held(found, ASHA, write=True) == SCOPES | {"dreams"}


def test_a_scope_of_a_feature_that_is_gone_gives_nothing() -> None:
    assert rights_of(MEERA, [right(ASHA, "dreams")], SCOPES).read.keys() == SCOPES


def test_a_grant_to_oneself_changes_nothing() -> None:
    found = rights_of(ASHA, [right(ASHA, "record")], SCOPES)
    assert held(found, ASHA, write=True) == SCOPES
    assert found.purposes == {}


def test_an_account_without_a_person_holds_only_what_is_granted() -> None:
    assert rights_of(None, [right(ASHA, "record")], SCOPES).read == {"record": frozenset({ASHA})}


@given(
    st.lists(
        st.tuples(
            st.uuids(),
            st.frozensets(st.sampled_from(sorted(SCOPES)), min_size=1),
            st.booleans(),
            st.booleans(),
        ),
        max_size=8,
    )
)
def test_no_grant_reaches_anybody_but_its_person(
    grants: list[tuple[UUID, frozenset[str], bool, bool]],
) -> None:
    rights = [
        Right(person, "share", scopes, write, manage, "TREAT") for person, scopes, write, manage in grants
    ]
    found = rights_of(MEERA, rights, SCOPES)
    persons = {person for person, *_ in grants} | {MEERA}
    for persons_of_scope in [*found.read.values(), *found.write.values()]:
        assert persons_of_scope <= persons
    for person in persons - {MEERA}:
        assert held(found, person, write=True) <= held(found, person)
        assert not held(found, person) & {"keys", "owner"}


@pytest.mark.parametrize(
    ("status", "facts"),
    [
        ("invited", {}),
        ("active", {"accepted_at": NOON}),
        ("active", {"accepted_at": NOON, "starts_at": NOON}),
        ("waiting", {"accepted_at": NOON, "starts_at": NOON + DAY}),
        ("active", {"accepted_at": NOON, "ends_at": NOON + timedelta(microseconds=1)}),
        ("ended", {"accepted_at": NOON, "ends_at": NOON}),
        ("ended", {"ends_at": NOON}),
        ("taken_back", {"accepted_at": NOON, "ends_at": NOON, "revoked_as": "taken_back"}),
        ("left", {"accepted_at": NOON, "revoked_as": "left"}),
        ("declined", {"revoked_as": "declined"}),
    ],
)
def test_a_grant_says_what_it_is(status: str, facts: dict[str, object]) -> None:
    known = {"starts_at": NOON - DAY, "ends_at": None, "accepted_at": None, "revoked_as": None} | facts
    assert status_of(NOON, **known) == status  # type: ignore[arg-type]


def test_nobody_gives_more_than_they_hold() -> None:
    rules.refuse_beyond({"record"}, {"record"}, set(), may_write=False)
    rules.refuse_beyond({"record"}, {"record"}, {"record"}, may_write=True)
    for asked, write in (({"record", "signals"}, False), ({"record"}, True)):
        with pytest.raises(Forbidden):
            rules.refuse_beyond(asked, {"record"}, set(), may_write=write)


@pytest.mark.parametrize(
    ("asked", "ends_at", "field"),
    [
        (set(), None, "scopes"),
        ({"dreams"}, None, "scopes"),
        ({"sharing"}, None, "scopes"),
        ({"audit"}, None, "scopes"),
        ({"*"}, None, "scopes"),
        ({"record"}, NOON, "ends_at"),
        ({"record"}, NOON - DAY, "ends_at"),
    ],
)
def test_what_cannot_be_shared_is_refused_by_name(
    asked: set[str], ends_at: datetime | None, field: str
) -> None:
    with pytest.raises(Incorrect) as refused:
        rules.refuse_odd(asked, SCOPES, NOON - DAY, ends_at, NOON)
    assert refused.value.faults[0].field == field


def test_an_end_before_a_later_start_is_refused() -> None:
    with pytest.raises(Incorrect):
        rules.refuse_odd({"record"}, SCOPES, NOON + 2 * DAY, NOON + DAY, NOON)
    rules.refuse_odd({"record"}, SCOPES, NOON + DAY, NOON + 2 * DAY, NOON)


def test_every_purpose_and_processing_is_said_in_words() -> None:
    assert set(rules.PURPOSES) == set(rules.Purpose)
    assert set(rules.QUESTIONS) == set(rules.Processing)
    assert set(rules.OFFERED) <= set(rules.Purpose)
