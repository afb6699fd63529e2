"""Static files, from memory, under names that change with their content, so that a browser may keep them for a year."""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response

ROOT = files("ojas.kit.web") / "static"
_TYPES = {
    ".woff2": "font/woff2",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
_URL = re.compile(rb'url\("?([\w./-]+)"?\)')
_HASHED = re.compile(r"^(?P<stem>.+)\.(?P<hash>[0-9a-f]{12})(?P<suffix>\.\w+)$")


@dataclass(frozen=True)
class File:
    name: str
    content: bytes

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:12]

    @cached_property
    def path(self) -> str:
        stem, dot, suffix = self.name.rpartition(".")
        return f"/static/{stem}.{self.digest}{dot}{suffix}"

    @cached_property
    def zipped(self) -> bytes:
        return gzip.compress(self.content, 9, mtime=0)

    @property
    def type(self) -> str:
        suffix = self.name[self.name.rfind(".") :]
        found = _TYPES.get(suffix) or mimetypes.guess_type(self.name)[0] or "application/octet-stream"
        return f"{found}; charset=utf-8" if found.startswith("text/") else found

    @property
    def packed(self) -> bool:
        """Whether the format is compressed already."""
        return self.name.endswith((".woff2", ".png"))


@cache
def file(name: str) -> File:
    """One file of the folder, the addresses in a style sheet made those of the files' present content.

    Raises:
        KeyError: there is no such file.
    """
    if name not in _names():
        raise KeyError(name)
    content = (ROOT / name).read_bytes()
    if name.endswith(".css"):
        folder = name.rpartition("/")[0]
        content = _URL.sub(lambda m: f'url("{file(_joined(folder, m[1].decode())).path}")'.encode(), content)
    return File(name, content)


def static(name: str) -> str:
    """The address of a static file, for templates."""
    return file(name).path


router = APIRouter()


@router.get("/static/{path:path}", include_in_schema=False)
async def serve(request: Request, path: str) -> Response:
    """An address of an earlier version gets today's content, but is not to be kept."""
    match = _HASHED.match(path)
    name = match["stem"] + match["suffix"] if match else path
    try:
        found = file(name)
    except KeyError:
        return Response(status_code=404)
    fresh = bool(match) and match["hash"] == found.digest  # type: ignore[index]  # matched
    headers = {
        "cache-control": "public, max-age=31536000, immutable" if fresh else "no-cache",
        "etag": f'"{found.digest}"',
        "vary": "accept-encoding",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    body = found.content
    if not found.packed and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = found.zipped, "gzip"
    return Response(body, headers=headers, media_type=found.type)


@cache
def _names() -> frozenset[str]:
    return frozenset(_walk(ROOT, ""))


def _walk(folder: Traversable, prefix: str) -> list[str]:
    found: list[str] = []
    for child in folder.iterdir():
        name = prefix + child.name
        found += _walk(child, name + "/") if child.is_dir() else [name]
    return found


def _joined(folder: str, path: str) -> str:
    parts = folder.split("/") if folder else []
    for part in path.split("/"):
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
