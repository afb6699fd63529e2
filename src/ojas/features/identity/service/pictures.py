"""A person's picture: parsed, cut square, drawn anew, and kept sealed.

Drawing anew leaves behind what a camera wrote beside the picture (place, device, name) and whatever else a file may carry.
"""

import asyncio
import io
import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

from PIL import Image, ImageOps, UnidentifiedImageError

from ojas.features.identity.service.people import PROFILES
from ojas.kit import audit, events
from ojas.kit.db import Tx
from ojas.kit.errors import Incorrect, NotFound, TooLarge, Unavailable
from ojas.kit.ids import new_id
from ojas.kit.objects import Objects

LIMIT = 8 * 2**20
_PIXELS = 50_000_000  # a phone's largest; 200 MB once unpacked
_FORMATS = ("JPEG", "PNG", "WEBP")
_SIDE = 512
_TABLE = "avatars"

_THREAD = ThreadPoolExecutor(1, thread_name_prefix="pictures")
_DRAWING: set[Future[bytes]] = set()
_WAITING = 2


async def set_picture(tx: Tx, objects: Objects, person_id: UUID, content: bytes) -> UUID:
    """Keep a new picture in the place of the old. Answers its id.

    Raises:
        TooLarge: more than 8 MiB or 50 megapixels. Incorrect: no picture we can read.
    """
    tx.access.require("profile", person_id, write=True)
    if len(content) > LIMIT:
        raise TooLarge("A picture may have at most {most} megabytes.", most=LIMIT // 2**20)
    drawn = await _in_turn(content)
    id = new_id()
    keys = await tx.keys(person_id)
    newest = keys.versions[max(keys.versions)]
    await objects.put(_name(person_id, id), [drawn], newest, _context(person_id, id))
    await _keep(tx, person_id, id)
    return id


async def picture(tx: Tx, objects: Objects, person_id: UUID) -> tuple[UUID, bytes]:
    """The picture, as WebP, and its id.

    Raises:
        NotFound: there is none.
    """
    found = await PROFILES.read(tx, person_id, person_id)
    if found.avatar is None:
        raise NotFound("There is no picture.")
    keys = await tx.keys(person_id)
    opened = await objects.open(
        _name(person_id, found.avatar), keys.versions, _context(person_id, found.avatar)
    )
    return found.avatar, await opened.read()


async def remove_picture(tx: Tx, person_id: UUID) -> None:
    """Show no picture any more; the file is deleted once this stands."""
    await _keep(tx, person_id, None)


async def drop_picture(objects: Objects, person_id: UUID, id: UUID) -> None:
    """Delete what is no longer shown."""
    await objects.delete(_name(person_id, id))


async def _in_turn(content: bytes) -> bytes:
    """One at a time, for each may take half a gigabyte; and few wait, for each that waits holds a connection.

    Raises:
        Unavailable: there are others before.
    """
    if len(_DRAWING) > _WAITING:
        raise Unavailable("Many pictures are being drawn just now. Try again in a few seconds.")
    # Counted until the thread ends: a sender who hangs up does not make room before the work is done.
    drawing = _THREAD.submit(redrawn, content)
    _DRAWING.add(drawing)
    drawing.add_done_callback(_DRAWING.discard)
    return await asyncio.wrap_future(drawing)


def redrawn(content: bytes) -> bytes:
    """A picture as a square WebP of at most 512 pixels, upright, with nothing beside it.

    Raises:
        Incorrect: it is none of JPEG, PNG, WebP, or broken. TooLarge: it would unpack to too much.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
                if opened.width * opened.height > _PIXELS:
                    raise TooLarge("A picture may have at most {most} megapixels.", most=_PIXELS // 1_000_000)
                opened.draft("RGB", (_SIDE * 2, _SIDE * 2))
                small = opened.convert("RGBA") if opened.mode in ("P", "PA") else opened
                # Made small before anything else is made of it: each step on the whole would take its memory again.
                small.thumbnail((_SIDE * 4, _SIDE * 4), reducing_gap=2.0)
                upright = ImageOps.exif_transpose(small)
                square = ImageOps.fit(_flat(upright), (min(_SIDE, *upright.size),) * 2)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise TooLarge(
            "A picture may have at most {most} megapixels.", most=_PIXELS // 1_000_000
        ) from problem
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, IndexError) as problem:
        raise Incorrect(
            "This is not a picture we can read. Take a JPEG, PNG or WebP.", field="picture"
        ) from problem
    kept = io.BytesIO()
    # Pasted onto a new image: no chunk, profile or note of the old one comes along.
    fresh = Image.new("RGB", square.size)
    fresh.paste(square)
    fresh.save(kept, "WEBP", quality=82, method=4)
    return kept.getvalue()


def _flat(image: Image.Image) -> Image.Image:
    """On white, where it was transparent."""
    if image.mode in ("RGBA", "LA", "PA", "P"):
        clear = image.convert("RGBA")
        ground = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(ground, clear).convert("RGB")
    return image.convert("RGB")


async def _keep(tx: Tx, person_id: UUID, id: UUID | None) -> None:
    before = await PROFILES.read(tx, person_id, person_id)
    draft = PROFILES.draft.model_validate(before.model_dump(include=set(PROFILES.draft.model_fields)))
    await PROFILES.change(tx, person_id, person_id, draft.model_copy(update={"avatar": id}))
    await audit.changed(tx, "change", person_id, "picture", id)
    if before.avatar:
        await events.emit(tx, "identity.picture.dropped", person_id=person_id, picture_id=before.avatar)


def place(person_id: UUID, name: str) -> bytes | None:
    """What a person's file of this name is sealed to, if it is a picture."""
    _, _, id = name.partition("/")
    return None if "/" in id else _context(person_id, UUID(id))


def _name(person_id: UUID, id: UUID) -> str:
    return f"{person_id}/{id}"


def _context(person_id: UUID, id: UUID) -> bytes:
    return person_id.bytes + id.bytes + _TABLE.encode()
