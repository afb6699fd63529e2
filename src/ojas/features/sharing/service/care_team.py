"""Those who look after a person."""

from ojas.features.sharing.models import CareTeamMember
from ojas.features.sharing.schemas import CareTeamMemberDraft, CareTeamMemberView
from ojas.kit.collection import Collection

CARE_TEAM = Collection(
    name="care-team",
    row=CareTeamMember,
    draft=CareTeamMemberDraft,
    view=CareTeamMemberView,
    filters=("role", "is_primary"),
)
