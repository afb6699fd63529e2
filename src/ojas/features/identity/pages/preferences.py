"""How an account wants things said and shown."""

from typing import Any, Literal, get_args

from fastapi import Request, Response
from pydantic import BaseModel

from ojas.features.identity import service
from ojas.features.identity.schemas import Language, Preferences, Units
from ojas.kit import i18n
from ojas.kit.http import ActorOf, TxOf
from ojas.kit.i18n import N_, _
from ojas.kit.i18n.zones import zone_choices, zone_text
from ojas.kit.units import symbol
from ojas.kit.web import Faults, Pages, form, page, redirect

router = Pages()

DIMENSIONS = {
    "mass": N_("Weight"),
    "height": N_("Height"),
    "length": N_("Length, such as the waist"),
    "distance": N_("Distance"),
    "temperature": N_("Temperature"),
    "glucose": N_("Blood sugar"),
    "cholesterol": N_("Cholesterol"),
    "pressure": N_("Blood pressure"),
    "volume": N_("What one drinks"),
    "energy": N_("Energy"),
}


class PreferencesForm(BaseModel):
    language: Language
    secondary_language: Language | None = None
    time_zone: str
    date_format: Literal["locale", "DD/MM/YYYY", "MM/DD/YYYY", "YYYY-MM-DD"] = "locale"
    time_format: Literal["locale", "12h", "24h"] = "locale"
    units: Units = Units()
    font_size: Literal["small", "medium", "large"] = "medium"
    theme: Literal["system", "light", "dark"] = "system"
    calm: bool = False
    compact: bool = False


@router.get("/settings")
async def settings(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    return page(request, "identity/settings.html", account=await service.account(tx, actor))


@router.get("/settings/preferences")
async def preferences(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    return page(request, "identity/preferences.html", **_shown(service.preferences(actor)))


@router.post("/settings/preferences")
async def change(request: Request, tx: TxOf, actor: ActorOf) -> Response:
    sent = await form(request, PreferencesForm)
    if isinstance(sent, Faults):
        return page(request, "identity/preferences.html", faults=sent, **_shown(service.preferences(actor)))
    try:
        plain = sent.model_dump(exclude={"calm"}) | {"motion": not sent.calm}
        wanted = Preferences.model_validate(plain)
    except ValueError:
        faults = Faults(sent.model_dump(), {"time_zone": _("There is no time zone of this name.")})
        return page(request, "identity/preferences.html", faults=faults, **_shown(service.preferences(actor)))
    await service.change_preferences(tx, actor, wanted)
    with i18n.use(wanted.manner):
        response = redirect(request, "/settings", toast=_("Your preferences are saved."))
    response.set_cookie("lang", wanted.language, max_age=31_536_000, samesite="lax", httponly=True, path="/")
    return response


def _shown(preferences: Preferences) -> dict[str, Any]:
    """What the form offers."""
    return {
        "preferences": preferences,
        "dimensions": DIMENSIONS,
        "units": {name: [(code, symbol(code)) for code in _codes(name)] for name in DIMENSIONS},
        "zones": _zones(preferences.time_zone),
    }


def _zones(present: str) -> list[tuple[str, str]]:
    """Those of places, and the one in use, which may be of none: UTC."""
    offered = zone_choices()
    return offered if present in dict(offered) else [(present, zone_text(present)), *offered]


def _codes(dimension: str) -> tuple[str, ...]:
    return get_args(Units.model_fields[dimension].annotation)
