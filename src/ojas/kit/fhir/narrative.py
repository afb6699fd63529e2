"""The text a resource carries for people: XHTML, of which R4 allows the quiet part (rules txt-1 and txt-2).

Nothing here is ever put on a page as it is; a browser would run what a sender hid in it. ``words`` gives the plain text.
"""

import re
from collections.abc import Iterator, Mapping
from html.entities import name2codepoint
from typing import Any
from xml.etree.ElementTree import Element, ParseError, fromstring  # DTDs are refused before it is called

from ojas.kit.errors import Fault

_XHTML = "{http://www.w3.org/1999/xhtml}"
_ELEMENTS = frozenset(
    [
        "p",
        "br",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "a",
        "span",
        "b",
        "em",
        "i",
        "strong",
        "small",
        "big",
        "tt",
        "dfn",
        "q",
        "var",
        "abbr",
        "acronym",
        "cite",
        "blockquote",
        "hr",
        "address",
        "bdo",
        "kbd",
        "sub",
        "sup",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "pre",
        "table",
        "caption",
        "colgroup",
        "col",
        "thead",
        "tr",
        "tfoot",
        "tbody",
        "th",
        "td",
        "code",
        "samp",
        "img",
        "map",
        "area",
        "u",
        "s",
        "strike",
        "font",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "title",
        "style",
        "class",
        "id",
        "lang",
        "dir",
        "accesskey",
        "tabindex",
        "span",
        "width",
        "align",
        "valign",
        "char",
        "charoff",
        "abbr",
        "axis",
        "headers",
        "scope",
        "rowspan",
        "colspan",
        "summary",
        "cellspacing",
        "cellpadding",
        "border",
        "frame",
        "rules",
        "name",
        "href",
        "src",
        "alt",
        "usemap",
        "shape",
        "coords",
        "longdesc",
        "height",
        "type",
        "compact",
        "cite",
        "nowrap",
        "start",
        "value",
        "clear",
        "hspace",
        "vspace",
        "size",
        "face",
        "color",
        "noshade",
        "bgcolor",
        "rel",
        "ismap",
        "target",
        "{http://www.w3.org/XML/1998/namespace}lang",
        "{http://www.w3.org/XML/1998/namespace}space",
    ]
)
_LINKS = ("href", "src", "cite", "longdesc")
_BAD_LINK = re.compile(r"^[\x00-\x20]*(?:javascript|vbscript|data(?!:image/))", re.IGNORECASE)
_DECLARATION = re.compile(r"<[!?](?!--|\[CDATA\[)")


def faults(resource: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """What is wrong with ``resource.text.div``: it is not XHTML, holds more than formatting, or nothing at all."""
    div = resource.get("text", {}).get("div")
    if div is None:
        return
    place = f"{path}.text.div"
    if (root := _parsed(div)) is None or root.tag != f"{_XHTML}div":
        yield Fault("The narrative is not one well-formed XHTML div.", place)
    elif any(not _quiet(one) for one in root.iter()):
        yield Fault("The narrative holds more than formatted text, images and links.", place)
    elif not _filled(root):
        yield Fault("The narrative is empty.", place)


def words(div: str) -> str:
    """The narrative as plain text, one space between its parts; empty if it is not XHTML."""
    root = _parsed(div)
    return "" if root is None else " ".join(" ".join(root.itertext()).split())


def _parsed(div: str) -> Element | None:
    if _DECLARATION.search(div):  # no document type, so no entity that grows; no processing instruction
        return None
    try:
        return fromstring(_NAMED.sub(_character, div))  # noqa: S314
    except (ParseError, ValueError):
        return None


_NAMED = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)(\w+);")


def _character(found: re.Match[str]) -> str:
    """HTML's named characters (&nbsp;), which R4 lets stand and XML does not know."""
    code = name2codepoint.get(found[1])
    return chr(code) if code else found[0]


def _quiet(one: Element) -> bool:
    if not isinstance(one.tag, str) or one.tag.removeprefix(_XHTML) not in _ELEMENTS:
        return False
    return one.attrib.keys() <= _ATTRIBUTES and not any(_BAD_LINK.match(one.get(name, "")) for name in _LINKS)


def _filled(root: Element) -> bool:
    return any(text.strip() for text in root.itertext()) or root.find(f".//{_XHTML}img") is not None
