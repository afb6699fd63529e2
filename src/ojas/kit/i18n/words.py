"""Finding a message in the catalogues."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from babel.messages.pofile import read_po

from ojas.kit.i18n.manner import current

Messages = Mapping[str, str | tuple[str, ...]]


def gettext(message: str, /, **params: object) -> str:
    """The message in the current language, its ``{holes}`` filled."""
    found = _found(message)
    return found.format(**params) if params else found


_ = gettext


def ngettext(one: str, many: str, n: int, /, **params: object) -> str:
    """``one`` or ``many`` by the plural rule of the current language; ``{n}`` is the number."""
    forms = catalogue(current().language).get(one)
    if isinstance(forms, tuple):
        rule = _plural_rule(current().language)
        found = forms[min(rule(n), len(forms) - 1)]
    else:
        found = one if n == 1 else many
    return found.format(n=n, **params)


def N_(message: str) -> str:  # noqa: N802  # the name that extraction tools know
    """Mark a message that is translated later, where it is shown."""
    return message


def say(message: str, params: Mapping[str, object]) -> str:
    """A message whose parameters come as a mapping: a fault's, for instance. A hole nobody fills stays visible."""
    try:
        return _found(message).format_map(params)
    except KeyError:
        return _found(message)


@cache
def catalogue(language: str) -> Messages:
    """All messages of a language, from every folder of the product that has words. English has none: it is the name."""
    if language == "en":
        return {}
    found: dict[str, str | tuple[str, ...]] = {}
    for source in sources(language):
        with source.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if message.id and message.string and not message.fuzzy:
                    _take(found, message.id, message.string)
    return found


def sources(language: str) -> list[Traversable]:
    """The catalogue files: one for each of kit/*, kit itself and features/* that has words."""
    root = files("ojas")
    folders = [root, root / "kit", *_folders(root / "kit"), *_folders(root / "features")]
    candidates = [folder / "locale" / f"{language}.po" for folder in folders]
    return [candidate for candidate in candidates if candidate.is_file()]


def _folders(parent: Traversable) -> list[Traversable]:
    return sorted((child for child in parent.iterdir() if child.is_dir()), key=lambda child: child.name)


def _found(message: str) -> str:
    found = catalogue(current().language).get(message, message)
    return found[0] if isinstance(found, tuple) else found


def _take(found: dict[str, str | tuple[str, ...]], name: object, text: object) -> None:
    if isinstance(name, tuple | list) and isinstance(text, tuple | list):
        if all(text):
            found[str(name[0])] = tuple(str(form) for form in text)
    elif isinstance(name, str) and isinstance(text, str):
        found[name] = text


def _plural_rule(language: str) -> Callable[[int], int]:
    # Hindi counts nought with one (CLDR); Tamil and English do not.
    return (lambda n: int(n > 1)) if language == "hi" else (lambda n: int(n != 1))
