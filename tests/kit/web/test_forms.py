"""What was typed becomes a model, or faults beside their fields."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.datastructures import FormData
from tests.kit.web.gallery import opened

from ojas.kit import i18n
from ojas.kit.errors import Forbidden, Incorrect
from ojas.kit.ids import new_id
from ojas.kit.web import Faults, csrf_token, form
from ojas.kit.web.pages import own_address


class Position(Enum):
    SITTING = "sitting"
    LYING = "lying"


class Inner(BaseModel):
    systolic: int = Field(ge=40)
    note: str | None = None


class Draft(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    value: Decimal
    at: AwareDatetime
    born: date | None = None
    position: Position = Position.SITTING
    agreed: bool = False
    scopes: list[str] = []
    inner: Inner | None = None


GOOD = {"value": "64.8", "at": "2026-11-21T08:00"}


def sent(
    app: FastAPI, fields: list[tuple[str, str]] | dict[str, str], actor: Any = None, token: str | None = None
) -> Request:
    request = Request(
        {
            "type": "http",
            "method": "POST",
            "path": "/",
            "app": app,
            "headers": [],
            "state": {},
            "scheme": "http",
        }
    )
    request.state.actor = actor
    pairs = list(fields.items()) if isinstance(fields, dict) else fields
    request._form = FormData([*pairs, ("form_token", csrf_token(request) if token is None else token)])
    return request


async def test_texts_become_values_of_a_strict_model(kit_app: FastAPI) -> None:
    with i18n.use(i18n.Manner(zone="Asia/Kolkata")):
        draft = await form(
            sent(
                kit_app,
                [*GOOD.items(), ("born", "1961-02-03"), ("position", "lying"), ("agreed", "true"),
                 ("scopes", "record"), ("scopes", "signals"), ("inner.systolic", "120"), ("inner.note", "")],
            ),
            Draft,
        )  # fmt: skip
    assert draft == Draft(
        value=Decimal("64.8"), at=datetime(2026, 11, 21, 2, 30, tzinfo=UTC), born=date(1961, 2, 3), position=Position.LYING,
        agreed=True, scopes=["record", "signals"], inner=Inner(systolic=120),
    )  # fmt: skip


async def test_one_choice_of_many_is_still_a_list(kit_app: FastAPI) -> None:
    draft = await form(sent(kit_app, {**GOOD, "scopes": "record"}), Draft)
    assert isinstance(draft, Draft)
    assert draft.scopes == ["record"]


@pytest.mark.parametrize(
    ("typed", "number"), [("१२०", "120"), ("௬௪.௮", "64.8"), ("1 200", "1200"), (" 7.2 ", "7.2")]
)
async def test_digits_of_any_script_are_a_number(kit_app: FastAPI, typed: str, number: str) -> None:
    draft = await form(sent(kit_app, {**GOOD, "value": typed}), Draft)
    assert isinstance(draft, Draft)
    assert draft.value == Decimal(number)


async def test_what_is_wrong_stands_beside_its_field_in_the_readers_language(kit_app: FastAPI) -> None:
    with i18n.use(i18n.Manner("hi")):
        faults = await form(sent(kit_app, {"value": "much", "at": "", "inner.systolic": "12"}), Draft)
    assert isinstance(faults, Faults)
    assert set(faults.errors) == {"value", "at", "inner.systolic"}
    assert all(any("\u0900" <= c <= "\u097f" for c in says) for says in faults.errors.values())
    assert faults.values["value"] == "much"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e400", "२NaN", "", "\x00", "12\u0661x"])
async def test_what_is_no_number_is_a_fault_and_never_a_bug(kit_app: FastAPI, value: str) -> None:
    found = await form(sent(kit_app, {**GOOD, "value": value}), Draft)
    assert isinstance(found, Faults) or value == "1e400"


def test_a_refusal_of_the_service_shows_on_the_form() -> None:
    faults = Faults.of(Incorrect("This is too much.", field="value"), {"value": "900"})
    assert faults.errors == {"value": "This is too much."}
    assert Faults.of(Incorrect("This cannot be.")).top == ("This cannot be.",)


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "_" * 43])
async def test_a_form_without_our_token_is_refused(kit_app: FastAPI, token: str) -> None:
    with pytest.raises(Forbidden):
        await form(sent(kit_app, GOOD, token=token), Draft)


async def test_a_token_of_another_session_is_refused(kit_app: FastAPI) -> None:
    one, other = (SimpleNamespace(session_id=new_id(), account_id=new_id()) for _ in range(2))
    token = csrf_token(sent(kit_app, {}, one))
    assert isinstance(await form(sent(kit_app, GOOD, one, token), Draft), Draft)
    with pytest.raises(Forbidden):
        await form(sent(kit_app, GOOD, other, token), Draft)


def test_no_two_tokens_are_alike() -> None:
    request = sent(FastAPI(), {}, token="-")
    request.scope["app"].state.house = SimpleNamespace()
    from ojas.kit.http import House

    request.scope["app"].state.house = House(opened(), authenticate=None, authorise=None)  # type: ignore[arg-type]
    assert csrf_token(request) != csrf_token(request)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "\\\\evil.example",
        "",
    ],
)
def test_nobody_is_led_away_from_here(url: str) -> None:
    assert own_address(url) == "/"


def test_an_address_of_ours_is_kept() -> None:
    assert own_address("/p/1/record?range=1y#top") == "/p/1/record?range=1y#top"
