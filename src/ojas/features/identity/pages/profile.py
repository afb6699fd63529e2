"""A person's profile and picture."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

from ojas.features.identity import service
from ojas.features.identity.schemas import (
    Address,
    BloodGroup,
    Email,
    Gender,
    Insurance,
    Line,
    Name,
    Note,
    Pharmacy,
    Phone,
    Profile,
    ProfileDraft,
    Telephone,
    Word,
)
from ojas.features.identity.service.pictures import LIMIT
from ojas.kit.errors import Refusal
from ojas.kit.http import TxOf, house_of, takes
from ojas.kit.http.problems import incorrect
from ojas.kit.i18n import _
from ojas.kit.web import Faults, Pages, form, page, redirect
from ojas.kit.web.forms import checked

router = Pages(prefix="/p/{person_id}")

_SLACK = 64 * 1024  # what surrounds the picture in a form


class ProfileForm(BaseModel):
    """The profile as one flat form: telephones by kind, the address in lines, interests by commas."""

    version: int
    name: Name
    given_name: Name | None = None
    family_name: Name | None = None
    date_of_birth: date | None = None
    gender: Gender | None = None
    sex_at_birth: Literal["male", "female"] | None = None
    pregnancy_due: date | None = None
    blood_group: BloodGroup | None = None
    mobile: Phone | None = None
    home: Phone | None = None
    work: Phone | None = None
    email: Email | None = None
    preferred_contact: Literal["phone", "email", "text"] | None = None
    best_time_to_contact: Literal["morning", "afternoon", "evening"] | None = None
    street: Note | None = None
    city: Line | None = None
    state: Line | None = None
    postal_code: Word | None = None
    country: Word | None = None
    occupation: Line | None = None
    education: Line | None = None
    living_situation: Line | None = None
    activity_level: Literal["sedentary", "light", "moderate", "active", "very-active"] | None = None
    smoking: Literal["never", "former", "current"] | None = None
    alcohol: Literal["none", "occasional", "moderate", "heavy"] | None = None
    interests: Note | None = None
    insurance_provider: Line | None = None
    insurance_policy: Word | None = None
    insurance_group: Word | None = None
    pharmacy_name: Line | None = None
    pharmacy_phone: Phone | None = None

    def draft(self, before: Profile) -> ProfileDraft:
        """What is asked for here, over what is not."""
        same = set(ProfileDraft.model_fields) & set(type(self).model_fields) - {"interests"}
        kept = before.model_dump(include=set(ProfileDraft.model_fields))
        return ProfileDraft.model_validate(
            kept
            | self.model_dump(include=same)
            | {
                "phones": self._phones(),
                "address": self._address(),
                "interests": [each.strip() for each in (self.interests or "").split(",") if each.strip()],
                "insurance": self._insurance(),
                "pharmacy": self._pharmacy(),
            }
        )

    def _phones(self) -> list[Telephone]:
        kinds: tuple[Literal["mobile", "home", "work"], ...] = ("mobile", "home", "work")
        return [Telephone(number=number, type=kind) for kind in kinds if (number := getattr(self, kind))]

    def _address(self) -> Address | None:
        lines = [line.strip() for line in (self.street or "").splitlines() if line.strip()]
        found = Address(
            lines=lines, city=self.city, state=self.state, postal_code=self.postal_code, country=self.country
        )
        return found if found != Address() else None

    def _insurance(self) -> Insurance | None:
        if not self.insurance_provider:
            return None
        return Insurance(
            provider=self.insurance_provider,
            policy_number=self.insurance_policy,
            group_number=self.insurance_group,
        )

    def _pharmacy(self) -> Pharmacy | None:
        return Pharmacy(name=self.pharmacy_name, phone=self.pharmacy_phone) if self.pharmacy_name else None


@router.get("/profile")
async def profile(request: Request, tx: TxOf, person_id: UUID) -> Response:
    found = await service.profile(tx, person_id)
    may_write = tx.access.allows("profile", person_id, write=True)
    keeps = tx.access.allows("owner", person_id, write=True)
    return page(request, "identity/profile.html", profile=found, may_write=may_write, keeps=keeps)


@router.get("/profile/change")
async def change_page(request: Request, tx: TxOf, person_id: UUID) -> Response:
    found = await service.profile(tx, person_id)
    return page(request, "identity/profile-change.html", profile=found, given=_flat(found))


@router.post("/profile/change")
async def change(request: Request, tx: TxOf, person_id: UUID) -> Response:
    sent = await form(request, ProfileForm)
    before = await service.profile(tx, person_id)
    if not isinstance(sent, Faults):
        try:
            await service.change_profile(tx, person_id, sent.draft(before), if_version=sent.version)
            return redirect(request, f"/p/{person_id}/profile", toast=_("The profile is saved."))
        except ValidationError as problem:
            sent = Faults.of(incorrect(problem.errors()), sent)
    return page(request, "identity/profile-change.html", faults=sent, profile=before, given=_flat(before))


@router.get("/picture")
async def picture(request: Request, tx: TxOf, person_id: UUID) -> Response:
    id, content = await service.picture(tx, house_of(request).objects, person_id)
    return Response(content, media_type="image/webp", headers={"etag": f'"{id}"'})


@router.post("/picture")
@takes(LIMIT + _SLACK)
async def set_picture(request: Request, tx: TxOf, person_id: UUID) -> Response:
    sent = (await checked(request)).get("picture")
    try:
        content = await sent.read() if isinstance(sent, UploadFile) else b""
        await service.set_picture(tx, house_of(request).objects, person_id, content)
    except Refusal as refusal:
        found = await service.profile(tx, person_id)
        return page(
            request,
            "identity/profile.html",
            profile=found,
            may_write=True,
            keeps=False,
            faults=Faults.of(refusal),
        )
    return redirect(request, f"/p/{person_id}/profile", toast=_("The picture is saved."))


@router.post("/picture/remove")
async def remove_picture(request: Request, tx: TxOf, person_id: UUID) -> Response:
    await checked(request)
    await service.remove_picture(tx, person_id)
    return redirect(request, f"/p/{person_id}/profile", toast=_("The picture is taken away."))


def _flat(profile: Profile) -> dict[str, Any]:
    """A profile as the form's fields."""
    numbers = {phone.type: phone.number for phone in reversed(profile.phones)}
    address = profile.address or Address()
    insurance, pharmacy = profile.insurance, profile.pharmacy
    same = set(ProfileForm.model_fields) & set(ProfileDraft.model_fields)
    return {
        **profile.model_dump(mode="json", include=same),
        **{kind: numbers.get(kind) for kind in ("mobile", "home", "work")},
        "version": profile.version,
        "street": "\n".join(address.lines),
        **{name: getattr(address, name) for name in ("city", "state", "postal_code", "country")},
        "interests": ", ".join(profile.interests),
        "insurance_provider": insurance.provider if insurance else None,
        "insurance_policy": insurance.policy_number if insurance else None,
        "insurance_group": insurance.group_number if insurance else None,
        "pharmacy_name": pharmacy.name if pharmacy else None,
        "pharmacy_phone": pharmacy.phone if pharmacy else None,
    }
