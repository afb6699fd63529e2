"""For whom a quick gain of weight is water: those whose heart, kidneys or liver do not clear it. For others it is dinner."""

from collections.abc import Iterable

_ICD_10 = (
    *("I50", "I11.0", "I13", "I42", "I25.5", "I09.81", "I97.13"),  # heart failure, weak heart muscle
    *("N04", "N17", "N18.4", "N18.5", "N18.6", "N19", "I12.0", "Z99.2"),  # weak kidneys, dialysis
    *("R18", "R60", "K70.31", "K74.6", "K76.7"),  # water in belly or legs, cirrhosis
)
_SNOMED = frozenset(
    {
        *("84114007", "42343007", "88805009", "446221000", "703272007", "85898001"),
        *("46177005", "431857002", "433146000", "42399005", "52254009"),
        *("389026000", "267038008", "271809000", "19943007"),
    }
)
_NAMES = ("heart failure", "cardiomyopathy", "ascites", "dialysis", "oedema", "edema",
          "हार्ट फेल", "डायलिसिस", "இதய செயலிழப்பு", "டயாலிசிஸ்")  # fmt: skip


def holds_water(codes: Iterable[tuple[str, str]], name: str) -> bool:
    """Whether a condition, by its codes (system and code) or else its name, makes the body hold water."""
    known = list(codes)
    if not known:
        return any(word in name.casefold() for word in _NAMES)
    return any(
        ("icd-10" in system and code.upper().startswith(_ICD_10))
        or (system.endswith("/sct") and code in _SNOMED)
        for system, code in known
    )
