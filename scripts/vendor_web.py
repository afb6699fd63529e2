"""Fetch what the pages stand on and write it, with a manifest of hashes, to src/ojas/kit/web/static.

Run by hand when a version below is raised; a test holds the files to the manifest afterwards:

    uv run --no-project --with fonttools --with brotli python scripts/vendor_web.py

Fonts are cut to the scripts we write and to weights 400 to 700. Icons are one sprite of the icons in ICONS.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

STATIC = Path(__file__).parents[1] / "src" / "ojas" / "kit" / "web" / "static"
AXE = Path(__file__).parents[1] / "tests" / "e2e" / "vendor"

PACKAGES = {
    "htmx.org": ("4.0.1", "0BSD"),
    "uplot": ("1.6.32", "MIT"),
    "lucide-static": ("1.62.0", "ISC"),
    "@fontsource-variable/inter": ("5.3.0", "OFL-1.1"),
    "@fontsource-variable/noto-sans-devanagari": ("5.3.0", "OFL-1.1"),
    "@fontsource-variable/noto-sans-tamil": ("5.3.0", "OFL-1.1"),
    "axe-core": ("4.14.1", "MPL-2.0"),
}
COPIES = {
    "htmx.org": {"dist/htmx.min.js": "vendor/htmx.js", "LICENSE": "vendor/htmx.LICENSE"},
    "uplot": {
        "dist/uPlot.iife.min.js": "vendor/uplot.js",
        "dist/uPlot.min.css": "vendor/uplot.css",
        "LICENSE": "vendor/uplot.LICENSE",
    },
    "lucide-static": {"LICENSE": "vendor/lucide.LICENSE"},
    "@fontsource-variable/inter": {"LICENSE": "fonts/inter.LICENSE"},
    "@fontsource-variable/noto-sans-devanagari": {"LICENSE": "fonts/noto-sans-devanagari.LICENSE"},
    "@fontsource-variable/noto-sans-tamil": {"LICENSE": "fonts/noto-sans-tamil.LICENSE"},
    "axe-core": {"axe.min.js": "axe.js", "LICENSE": "axe.LICENSE"},
}
# font: (package, file, unicodes, layout features). Indic scripts need every feature to be shaped rightly.
FONTS = {
    "inter-latin": (
        "@fontsource-variable/inter",
        "inter-latin-wght-normal",
        "U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+2000-200B,U+2010-2027,U+202F-203A,U+20AC,U+2122,"
        "U+2190-2193,U+2212,U+2248,U+2260,U+2264-2265",
        "kern,mark,mkmk,ccmp,tnum,locl",
    ),
    "inter-latin-ext": (
        "@fontsource-variable/inter",
        "inter-latin-ext-wght-normal",
        "U+0100-0130,U+0132-0151,U+0154-02AF,U+1E00-1EFF,U+20A0-20AB,U+20AD-20BF",
        "kern,mark,mkmk,ccmp,tnum,locl",
    ),
    "noto-sans-devanagari": (
        "@fontsource-variable/noto-sans-devanagari",
        "noto-sans-devanagari-devanagari-wght-normal",
        "U+0900-097F,U+200C-200D,U+20B9,U+25CC",
        "*",
    ),
    "noto-sans-tamil": (
        "@fontsource-variable/noto-sans-tamil",
        "noto-sans-tamil-tamil-wght-normal",
        "U+0B82-0BFA,U+200C-200D,U+25CC",
        "*",
    ),
}
ICONS = """
activity arrow-left bed bell brain building-2 calendar camera check chevron-down chevron-left chevron-right circle-alert
circle-check clock copy download droplet ellipsis external-link eye eye-off file-text file-up filter fingerprint flag
flask-conical footprints globe hand-heart heart heart-pulse history image info key-round link list lock log-out mail
menu message-square monitor moon pencil phone pill plus printer qr-code refresh-cw scale search settings share-2
shield-check smartphone stethoscope sun sun-moon syringe table test-tube thermometer trash-2 trending-up triangle-alert
undo-2 upload user users weight wifi-off wind x zoom-in zoom-out
""".split()


def main() -> None:
    manifest = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, (version, licence) in PACKAGES.items():
            package = fetch(name, version, Path(scratch))
            for source, target in COPIES[name].items():
                root = AXE if name == "axe-core" else STATIC
                (root / target).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(package / source, root / target)
                if root == STATIC:
                    manifest.append(entry(target, name, version, licence))
            for font, (owner, file, unicodes, features) in FONTS.items():
                if owner == name:
                    cut(
                        package / "files" / f"{file}.woff2",
                        STATIC / "fonts" / f"{font}.woff2",
                        unicodes,
                        features,
                    )
                    manifest.append(entry(f"fonts/{font}.woff2", name, version, licence))
            if name == "lucide-static":
                (STATIC / "icons.svg").write_text(sprite(package / "icons"))
                manifest.append(entry("icons.svg", name, version, licence))
    (STATIC / "vendored.json").write_text(json.dumps(manifest, indent=1) + "\n")


def fetch(name: str, version: str, scratch: Path) -> Path:
    """The unpacked npm package."""
    done = subprocess.run(
        ["npm", "pack", "--silent", f"{name}@{version}"],
        cwd=scratch,
        check=True,
        capture_output=True,
        text=True,
    )
    archive = scratch / done.stdout.split()[-1]
    folder = scratch / archive.stem
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package"


def cut(source: Path, target: Path, unicodes: str, features: str) -> None:
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    with tempfile.NamedTemporaryFile(suffix=".ttf") as narrowed:
        font = instancer.instantiateVariableFont(TTFont(source), {"wght": (400, 700)})
        font.flavor = None
        font.save(narrowed.name)
        subprocess.run(
            [sys.executable, "-m", "fontTools.subset", narrowed.name, f"--unicodes={unicodes}", "--flavor=woff2",
             f"--layout-features={features}", "--no-hinting", "--desubroutinize", f"--output-file={target}"],
            check=True,
        )  # fmt: skip


def sprite(folder: Path) -> str:
    """The icons in use as symbols of one file, shown with <use href="icons.svg#name">."""
    symbols = []
    for name in sorted(ICONS):
        body = re.search(r"<svg[^>]*>(.*)</svg>", (folder / f"{name}.svg").read_text(), re.S)
        assert body, name
        inside = re.sub(r">\s+<", "><", body[1].strip())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inside}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def entry(target: str, name: str, version: str, licence: str) -> dict[str, str]:
    digest = hashlib.sha256((STATIC / target).read_bytes()).hexdigest()
    return {"file": target, "package": name, "version": version, "licence": licence, "sha256": digest}


if __name__ == "__main__":
    main()
