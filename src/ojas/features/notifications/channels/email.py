"""By letter, over the mail server of the settings."""

from dataclasses import dataclass

from ojas.features.notifications.channels.way import Parcel
from ojas.features.notifications.rules import Handed, Never, NotNow, Outcome
from ojas.features.notifications.schemas import Said
from ojas.kit import i18n
from ojas.kit.errors import Incorrect, Unavailable
from ojas.kit.i18n import N_, _, ngettext
from ojas.kit.mail import Letter, Post, post_of
from ojas.kit.settings import Settings


@dataclass(frozen=True, slots=True)
class Email:
    post: Post

    @classmethod
    def of(cls, settings: Settings) -> "Email":
        return cls(post_of(settings))

    async def hand(self, parcel: Parcel) -> Outcome:
        try:
            await self.post.send(letter(parcel))
        except Incorrect:
            return Never(N_("The mail server does not know this address."))
        except Unavailable:
            return NotNow(N_("The mail server does not take letters just now."))
        return Handed()


def _lines(said: Said, origin: str) -> list[str]:
    links = [f"{link.words}: {link.url}" for link in said.links]
    return [said.title, said.text, *links, *([f"{origin}{said.path}"] if said.path else [])]


def _has_pages(parcel: Parcel) -> bool:
    """Whether its reader has an account: who has none can set nothing here."""
    return any(said.path for said in parcel.said)


def letter(parcel: Parcel) -> Letter:
    """The parcel as a letter, in its reader's language; of several messages one letter."""
    with i18n.use(parcel.manner):
        subject = (
            parcel.said[0].title
            if len(parcel.said) == 1
            else ngettext("{n} message from Ojas", "{n} messages from Ojas", len(parcel.said))
        )
        parts = ["\n".join(_lines(said, parcel.origin)) for said in parcel.said]
        settings = f"{parcel.origin}/settings/notifications"
        foot = (
            ["– – –", _("How and when Ojas writes to you: {link}", link=settings)]
            if _has_pages(parcel)
            else []
        )
    return Letter(
        parcel.address.to,
        subject,
        "\n\n".join([*parts, *foot]) + "\n",
        language=parcel.manner.language,
    )
