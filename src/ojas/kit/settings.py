"""What the one who runs Ojas may set: by environment variables that begin with ``OJAS_``, each with a working default."""

import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def default_home() -> Path:
    """Where data lies: /var/lib/ojas for root, else the user's own data folder."""
    if os.geteuid() == 0:
        return Path("/var/lib/ojas")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "ojas"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "ojas"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="OJAS_", frozen=True, extra="ignore")

    home: Path = Field(
        default_factory=default_home, description="Folder for keys, files, mail and the database."
    )
    database_url: SecretStr | None = Field(
        None,
        description="Connection string of a PostgreSQL of your own, for role ojas_app. Unset: the embedded one.",
    )
    owner_url: SecretStr | None = Field(
        None, description="The same database for role ojas_owner, used by migrations alone."
    )
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port the web server listens on.")
    public_url: str | None = Field(
        None,
        description="Address users see, such as https://ojas.example. Needed behind a proxy and for passkeys.",
    )
    master_key_file: Path | None = Field(
        None, description="File with the master key. Unset: master.key in the home folder."
    )
    master_key: SecretStr | None = Field(
        None, description="The master key itself, base64, instead of a file."
    )
    objects_url: str | None = Field(
        None,
        description="Where files are kept: s3://, gs://, az:// or file://. Unset: the folder objects in home.",
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="Mail server, smtp[s]://user:password@host:port. Unset: mail is written to home/outbox.",
    )
    mail_from: str = Field("Ojas <ojas@localhost>", description="Sender of mail.")
    sms_url: SecretStr | None = Field(
        None, description="SMS vendor as a URL of the library apprise, with {to} where the number stands."
    )
    call_url: SecretStr | None = Field(
        None, description="Vendor of voice calls, likewise, such as twilio://…/{to}?method=call."
    )
    reach_inside: bool = Field(
        False,
        description="Let webhooks and push go to addresses of this machine's own network, and by plain http.",
    )
    body_limit: int = Field(2 * 2**20, description="Largest request body in bytes, uploads of files apart.")
    upload_limit: int = Field(4 * 2**30, description="Largest uploaded file in bytes.")
    storage_limit: int = Field(
        10 * 2**30, description="Bytes that files waiting to be read, and archives, may take for one person."
    )
    pool_size: int = Field(10, ge=1, le=200, description="Database connections a process keeps at most.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="How much is logged.")


@lru_cache
def settings() -> Settings:
    return Settings()
