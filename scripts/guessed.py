"""Write ojas/kit/auth/guessed.txt: the commonest leaked passwords that are long enough to be chosen here, from zxcvbn.

pip install --target /tmp/zxcvbn zxcvbn==4.5.0 && PYTHONPATH=/tmp/zxcvbn python -m scripts.guessed
"""

from importlib.metadata import distribution
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from ojas.kit.auth.passwords import SHORTEST

PLACE = Path(__file__).parents[1] / "src" / "ojas" / "kit" / "auth"


def main() -> None:
    chosen = sorted({word for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST})
    (PLACE / "guessed.txt").write_text("\n".join(chosen) + "\n")
    licence = distribution("zxcvbn").read_text("LICENSE.txt") or distribution("zxcvbn").read_text("LICENSE")
    assert licence
    (PLACE / "guessed.LICENSE").write_text(f"guessed.txt is taken from zxcvbn 4.5.0 for Python.\n\n{licence}")


if __name__ == "__main__":
    main()
