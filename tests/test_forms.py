"""Every form there is, sent empty and sent with nonsense: each thing that is wrong names its field, and leads to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from fastapi import FastAPI

from ojas.kit.db import Database
from tests.features.sharing.cast import signed_in, somebody

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_SAME = re.compile(r"(/add/|/trends/|/alarm-rules/|/record/icd10/)[\w:-]+")
_AWAY = re.compile(r"^/(api|static)/|/sign-out|download|\.webmanifest|/live")
NONSENSE = "zz\u0b95"
MOST = 110


@dataclass
class Form:
    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)


class Seen(HTMLParser):
    """A page: where its links lead, its forms, the ids it has, and the lines of what is wrong."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.ids: set[str] = set()
        self.lines: list[tuple[str | None, str]] = []
        self.beside = 0
        self._trouble = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.ids.add(has.get("id", ""))
        self.beside += has.get("class") == "error"
        if tag == "form" and has.get("method") == "post":
            self.forms.append(Form(has["action"]))
        elif tag in ("input", "select", "textarea") and self.forms and has.get("name"):
            if has.get("type") == "hidden":
                self.forms[-1].hidden[has["name"]] = has.get("value", "")
            else:
                self.forms[-1].typed.append(has["name"])
        if tag == "a":
            self.links.append(has.get("href", ""))
        self._trouble += tag == "div" and (self._trouble > 0 or has.get("class") == "trouble")
        if self._trouble and tag == "li":
            self.lines.append((None, ""))
        if self._trouble and tag == "a":
            self.lines[-1] = (has["href"], "")

    def handle_endtag(self, tag: str) -> None:
        self._trouble -= tag == "div" and self._trouble > 0

    def handle_data(self, data: str) -> None:
        if self._trouble and self.lines:
            to, says = self.lines[-1]
            self.lines[-1] = (to, (says + data).strip())


def wrong(page: Seen) -> Iterator[str]:
    """What a summary and its lines owe their reader and do not give."""
    if not page.beside:
        yield "nothing stands beside any field"
    for to, says in page.lines:
        if to is None:
            yield f"{says!r} names no field"
        elif to.removeprefix("#") not in page.ids:
            yield f"{says!r} leads to {to}, which is not there"
        elif not re.match(r"[^:]+: .", says):
            yield f"{says!r} begins with no name"


async def test_whatever_is_wrong_with_a_form_names_its_field_and_leads_to_it(
    app: FastAPI, database: Database
) -> None:
    asha = await somebody(database, "Asha Rao")
    waiting, seen, told = [f"/p/{asha.person_id}", "/settings"], set[str](), 0
    troubles: list[str] = []
    async with await signed_in(app, asha) as browser:
        while waiting and len(seen) < MOST:
            path = waiting.pop(0).split("#")[0]
            shape = _SAME.sub(r"\1*", _ID.sub("*", path.split("?")[0]))
            if shape in seen or not path.startswith("/") or _AWAY.search(path):
                continue
            seen.add(shape)
            answer = await browser.get(path)
            if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
                continue
            page = Seen(answer.text)
            waiting += page.links
            for one in (form for form in page.forms if form.typed):
                for value in ("", NONSENSE):
                    sent = one.hidden | dict.fromkeys(one.typed, value)
                    answer = await browser.post(one.action, data=sent)
                    assert answer.status_code < 500, (one.action, sent)
                    if answer.status_code == 422:
                        found = Seen(answer.text)
                        told += len(found.lines)
                        troubles += [f"{one.action} {value!r}: {says}" for says in wrong(found)]
    assert not troubles, "\n".join(sorted(set(troubles)))
    assert told > 40, "forms were sent, and said what is wrong"
