"""Jinja as our templates have it: escapes everything, knows our words and formats, refuses an unknown name."""

from functools import cache, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import orjson
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    pass_context,
)
from jinja2.runtime import Context
from markupsafe import Markup, escape

from ojas.kit import clock, i18n
from ojas.kit.web.charts import figure_json, picture
from ojas.kit.web.spark import spark
from ojas.kit.web.static import static


@cache
def environment() -> Environment:
    env = Environment(
        loader=_loader(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.globals.update(
        _=i18n.gettext,
        ngettext=i18n.ngettext,
        say=i18n.say,
        format_number=i18n.format_number,
        format_date=i18n.format_date,
        format_day=i18n.format_day,
        format_time=i18n.format_time,
        format_datetime=i18n.format_datetime,
        local=i18n.local,
        now=clock.now,
        LANGUAGES=i18n.LANGUAGES,
        language=lambda: i18n.current().language,
        static=static,
        icon=icon,
        spark=spark,
        figure_json=figure_json,
        figure_picture=picture,
        chart_words=chart_words,
        _typed=typed,
    )
    env.filters["time_tag"] = time_tag
    env.filters["wall"] = wall
    return env


@lru_cache(1024)  # a timeline has 120 of them, at 8 µs each
def icon(name: str, label: str | None = None) -> Markup:
    """An icon of the sprite. Without a label it is an ornament, and silent for a screen reader."""
    said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="icon" {}><use href="{}#{}"/></svg>').format(said, static("icons.svg"), name)


def time_tag(at: Any, text: str | None = None) -> Markup:
    """``<time>`` with the instant for machines and the reader's words for people."""
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), text or i18n.format_datetime(at))


def wall(at: Any) -> str:
    """An instant as the value of a ``datetime-local`` field, on the reader's clock."""
    return i18n.local(at).strftime("%Y-%m-%dT%H:%M") if hasattr(at, "astimezone") else str(escape(at or ""))


@pass_context
def typed(context: Context, name: str, value: Any) -> Any:
    """What somebody typed into a field that is shown again, else the value it has."""
    faults = context.get("faults")
    found = faults.values.get(name, "") if faults else value
    return "" if found is None else found


def chart_words() -> Markup:
    """What charts.js says, as JSON, safe inside a script island."""
    words = {
        "zoomIn": i18n.gettext("Closer"),
        "zoomOut": i18n.gettext("Wider"),
        "whole": i18n.gettext("Show all of it"),
        "save": i18n.gettext("Save as a picture"),
        "source": i18n.gettext("from {name}"),
        "none": i18n.gettext("nothing here"),
        "mean": i18n.gettext("on average"),
        "part": i18n.gettext("{range}, {first} to {last}"),
        "icons": static("icons.svg"),
    }
    text = orjson.dumps(words).decode().replace("<", "\\u003c")
    return Markup(text)  # noqa: S704  # escaped on the line before


def _loader() -> BaseLoader:
    # "record/list.html" is features/record/templates/list.html, or the same below templates/record/.
    features = sorted(_path("ojas.features").glob("*/templates"))
    named = PrefixLoader({folder.parent.name: FileSystemLoader(folder) for folder in features})
    return ChoiceLoader(
        [FileSystemLoader(_path("ojas.kit.web") / "templates"), named, FileSystemLoader(features)]
    )


def _path(package: str) -> Path:
    with as_file(files(package)) as path:
        return path
