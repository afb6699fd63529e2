"""Which substances are kin, so that an allergy to one may be an allergy to another: small data, no judgement.

Most families are told by the ending or the beginning that the international name of each member has; the rest by their names.

Sources: World Health Organization, *The use of stems in the selection of International Nonproprietary Names (INN)* (2018),
for stems and names; D. A. Khan and others, *Drug allergy: a 2022 practice parameter update*, Journal of Allergy and Clinical
Immunology 150 (2022) 1333, for who may react to whom; codes of RxNorm (US National Library of Medicine, public domain) and
SNOMED CT, as allergies of imported records carry them. Facts of these, in our own words; brands are nobody's here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ojas.kit.i18n import N_

VERSION = "2026-11"


@dataclass(frozen=True, slots=True)
class Family:
    """Substances that are kin. ``ends`` and ``begins`` tell a member by its name, ``but`` are names that only look so.

    ``names`` are members told by no stem, and what people call the whole. ``near``: families whose members may react too.
    """

    label: str
    ends: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    but: frozenset[str] = frozenset()
    near: tuple[str, ...] = ()

    def holds(self, word: str) -> bool:
        if word in self.but:
            return False
        return word in self.names or word.endswith(self.ends) or word.startswith(self.begins)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FAMILIES: Mapping[str, Family] = {
    "penicillins": Family(
        N_("penicillins"), ends=("cillin",), names=_words("penicillins"), near=("cephalosporins", "carbapenems")
    ),
    "cephalosporins": Family(
        N_("cephalosporins"), begins=("cef", "ceph"), near=("penicillins", "carbapenems")
    ),
    "carbapenems": Family(
        N_("carbapenems"), ends=("penem", "penems"), near=("penicillins", "cephalosporins")
    ),
    "sulfonamides": Family(
        N_("sulfonamide antibiotics"),
        begins=("sulfa", "sulpha", "sulfo", "sulpho"),
        but=_words(
            "sulfate sulfates sulphate sulphates sulfobutylether sulfonylurea sulfonylureas sulfoxide sulphonylurea "
            "sulphonylureas"
        ),
    ),
    "quinolones": Family(
        N_("quinolones"), ends=("floxacin", "quinolone", "quinolones"), names=_words("nalidixic")
    ),
    "macrolides": Family(N_("macrolides"), ends=("thromycin", "macrolide", "macrolides")),
    "aminoglycosides": Family(
        N_("aminoglycosides"),
        names=_words(
            "amikacin gentamicin gentamycin kanamycin neomycin netilmicin paromomycin plazomicin streptomycin tobramycin "
            "aminoglycoside aminoglycosides"
        ),
    ),
    "tetracyclines": Family(N_("tetracyclines"), ends=("cycline", "cyclines")),
    "lincosamides": Family(N_("lincosamides"), names=_words("clindamycin lincomycin")),
    "glycopeptides": Family(N_("glycopeptides"), names=_words("vancomycin teicoplanin"), ends=("vancin",)),
    "nitroimidazoles": Family(N_("nitroimidazoles"), ends=("nidazole",)),
    "azoles": Family(N_("azole antifungals"), ends=("conazole",)),
    "nsaids": Family(
        N_("aspirin and its like (NSAIDs)"),
        ends=("profen", "oxicam", "fenac"),
        names=_words(
            "aspirin acetylsalicylic diflunisal etodolac flufenamic indometacin indomethacin ketorolac meclofenamic mefenamic "
            "metamizole nabumetone naproxen nimesulide nsaid nsaids salicylate salicylates sulindac tolfenamic tolmetin"
        ),
        near=("coxibs",),
    ),
    "coxibs": Family(N_("coxibs"), ends=("coxib", "coxibs"), near=("nsaids",)),
    "opioids": Family(
        N_("opioids like morphine"),
        names=_words(
            "buprenorphine butorphanol codeine diamorphine dihydrocodeine heroin hydrocodone hydromorphone morphine nalbuphine "
            "opiate opiates opioid opioids oxycodone oxymorphone"
        ),
    ),
    "amides": Family(
        N_("local anaesthetics like lidocaine"),
        names=_words("articaine bupivacaine etidocaine levobupivacaine lidocaine mepivacaine prilocaine ropivacaine"),
    ),
    "esters": Family(
        N_("local anaesthetics like procaine"),
        names=_words("benzocaine chloroprocaine procaine proxymetacaine tetracaine"),
    ),
    "ace_inhibitors": Family(N_("ACE inhibitors"), ends=("pril", "prilat"), but=_words("april"), near=("sartans",)),
    "sartans": Family(N_("sartans"), ends=("sartan", "sartans"), near=("ace_inhibitors",)),
    "statins": Family(N_("statins"), ends=("vastatin",), names=_words("statin statins")),
    "aromatic_antiepileptics": Family(
        N_("medicines for epilepsy like carbamazepine"),
        ends=("carbazepine",),
        names=_words("carbamazepine fosphenytoin lamotrigine phenobarbital phenytoin primidone"),
    ),
    "heparins": Family(N_("heparins"), ends=("parin", "parins")),
    "proton_pump_inhibitors": Family(
        N_("proton pump inhibitors"), ends=("prazole",), but=_words("aripiprazole brexpiprazole")
    ),
}  # fmt: skip

STEMS = (
    "adol", "afil", "apine", "arol", "astine", "azepam", "azosin", "bendazole", "bradine", "calciferol", "ciclovir", "cyclovir",
    "dipine", "dronate", "dronic", "entan", "fibrate", "formin", "gabalin", "gatran", "gliflozin", "glitazone", "gliptin",
    "glutide", "grelor", "idogrel", "losin", "lukast", "methasone", "olol", "onide", "oxetine", "peridone", "pramine",
    "racetam", "renone", "semide", "setron", "tadine", "terol", "thiazide", "tidine", "tinib", "trexate", "triptan",
    "triptyline", "tropium", "xaban", "zolam",
)  # fmt: skip
"""Endings of international names beside those of the families. The World Health Assembly asks (WHA46.19, 1993) that no brand
has one, so a medicine called so is called by what is in it."""

PLAIN = _words(
    "allopurinol amiodarone carbimazole cetirizine chloroquine clonidine colchicine cyanocobalamin digoxin diltiazem "
    "ethambutol febuxostat ferrous folic gabapentin gliclazide glimepiride glipizide glyceryl hydralazine hydrocortisone "
    "hydroxychloroquine insulin isoniazid isosorbide ivermectin levocetirizine linezolid lithium loperamide mecobalamin "
    "methylcobalamin methyldopa methylprednisolone metoclopramide nicorandil nitrofurantoin nitroglycerin nitroglycerine "
    "nystatin prednisolone prednisone pyrazinamide quetiapine ranolazine sertraline spironolactone theophylline "
    "thiamazole trimetazidine trimethoprim valproate valproic verapamil warfarin"
)
"""International names that no ending tells."""

SYNONYMS: Mapping[str, str] = {
    "acetaminophen": "paracetamol",
    "adrenaline": "epinephrine",
    "albuterol": "salbutamol",
    "amoxycillin": "amoxicillin",
    "asa": "aspirin",
    "acetylsalicylic acid": "aspirin",
    "acetylsalicylate": "aspirin",
    "cephalexin": "cefalexin",
    "co-amoxiclav": "amoxicillin clavulanic acid",
    "coamoxiclav": "amoxicillin clavulanic acid",
    "co-trimoxazole": "sulfamethoxazole trimethoprim",
    "cotrimoxazole": "sulfamethoxazole trimethoprim",
    "co-codamol": "codeine paracetamol",
    "cyclosporin": "ciclosporin",
    "cyclosporine": "ciclosporin",
    "dipyrone": "metamizole",
    "frusemide": "furosemide",
    "glyburide": "glibenclamide",
    "indomethacin": "indometacin",
    "lignocaine": "lidocaine",
    "meperidine": "pethidine",
    "phenobarbitone": "phenobarbital",
    "rifampin": "rifampicin",
    "sulfa": "sulfonamide",
    "sulpha": "sulfonamide",
    "thyroxine": "levothyroxine",
    # What people write in Hindi and Tamil.
    "पेनिसिलिन": "penicillin",
    "पेनिसिलीन": "penicillin",
    "अमोक्सिसिलिन": "amoxicillin",
    "एमोक्सिसिलिन": "amoxicillin",
    "एस्पिरिन": "aspirin",
    "सल्फा": "sulfonamide",
    "आइबुप्रोफेन": "ibuprofen",
    "पैरासिटामोल": "paracetamol",
    "पेरासिटामोल": "paracetamol",
    "மார்பின்": "morphine",
    "பென்சிலின்": "penicillin",
    "பெனிசிலின்": "penicillin",
    "அமோக்ஸிசிலின்": "amoxicillin",
    "ஆஸ்பிரின்": "aspirin",
    "சல்பா": "sulfonamide",
    "இப்யூபுரூஃபன்": "ibuprofen",
    "பாராசிட்டமால்": "paracetamol",
    "பாரசிட்டமால்": "paracetamol",
}
"""Other names of a substance, and what is in a mixture that has a name of its own."""

_RXNORM, _SNOMED = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://snomed.info/sct"
CODES: Mapping[tuple[str, str], str] = {
    **{(_RXNORM, code): name for code, name in {
        "161": "paracetamol", "723": "amoxicillin", "733": "ampicillin", "1191": "aspirin", "2002": "carbamazepine",
        "2231": "cefalexin", "2551": "ciprofloxacin", "2582": "clindamycin", "2670": "codeine", "3355": "diclofenac",
        "3640": "doxycycline", "4053": "erythromycin", "5224": "heparin", "5640": "ibuprofen", "6387": "lidocaine",
        "7052": "morphine", "7258": "naproxen", "7980": "penicillin", "7984": "penicillin", "8183": "phenytoin",
        "10180": "sulfamethoxazole", "10829": "trimethoprim", "11124": "vancomycin", "18631": "azithromycin",
        "29046": "lisinopril", "70618": "penicillin",
    }.items()},
    **{(_SNOMED, code): name for code, name in {
        "91936005": "penicillin", "373270004": "penicillin", "764146007": "penicillin", "293586001": "aspirin",
        "387458008": "aspirin", "387207008": "ibuprofen", "294499007": "sulfonamide", "91939003": "sulfonamide",
    }.items()},
}  # fmt: skip
"""What a code stands for, where an allergy has one whose words are of another language."""
