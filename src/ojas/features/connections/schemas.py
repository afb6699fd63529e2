"""What crosses the border of connections: an import and an export as they are shown."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

ImportState = Literal[
    "receiving", "queued", "running", "done", "failed", "cancelled", "taking_back", "taken_back"
]
ExportState = Literal["queued", "running", "done", "failed"]

FROZEN = ConfigDict(frozen=True)


class Reason(BaseModel):
    """Why things were refused, in the caller's language, and how many."""

    model_config = FROZEN

    message: str
    count: int


class Refusal(BaseModel):
    """One thing that was not taken in."""

    model_config = FROZEN

    message: str
    where: str = Field(
        description="Where it stands in the file: its type and time, its address, or ¶ and a line."
    )
    count: int = 1


class Progress(BaseModel):
    """How far it is. ``percent`` is of the bytes that are read."""

    model_config = FROZEN

    done: int
    total: int
    percent: int


class ImportView(BaseModel):
    """One file being taken in, or that was."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "0199d2c6-7d1e-7c3a-9f60-3f6a1a4a9d11",
                    "person_id": "0199d2c6-0000-7000-8000-000000000001",
                    "state": "running",
                    "vendor": "apple_health",
                    "file_name": "export.zip",
                    "size": 209715200,
                    "progress": {"done": 104857600, "total": 209715200, "percent": 50},
                    "taken": 251000,
                    "refused": 2,
                    "counts": {"heart_rate": 200000, "steps": 51000},
                    "reasons": [{"message": "Its value is not a number.", "count": 2}],
                    "created_at": "2026-10-01T08:00:00Z",
                }
            ]
        },
    )

    id: UUID
    person_id: UUID
    state: ImportState
    vendor: str | None
    file_name: str
    size: int
    progress: Progress
    taken: int = Field(description="Things that came in, known ones included.")
    refused: int
    counts: dict[str, int] = Field(
        description="What came, by kind of signal or reading, or type of resource."
    )
    reasons: list[Reason]
    problem: str | None = Field(None, description="Why it failed, in the caller's language.")
    retryable: bool = Field(False, description="Whether it can be tried again with the file that was sent.")
    warnings: list[str] = Field(
        default=[], description="What speaks for it being another person's file, in the caller's language."
    )
    takeable: bool = Field(False, description="Whether it can be taken back.")
    stayed: int = Field(0, description="Things that stayed when it was taken back: corrected here since.")
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def active(self) -> bool:
        return self.state in ("receiving", "queued", "running", "taking_back")


class Share(BaseModel):
    """What would become of one sort of things an import told."""

    model_config = FROZEN

    name: str = Field(description="A kind of signal, or `session`, `reading`, `resource`.")
    told: int
    shared: int | None = Field(
        description="So many another import told too: they stay. Null: some, too many to compare beforehand."
    )
    corrected: int = Field(description="So many were corrected here since: they stay.")

    @property
    def goes(self) -> int:
        """How many would go, at most."""
        return self.told - (self.shared or 0) - self.corrected


class TakingBack(BaseModel):
    """What would go, and what would stay, if an import were taken back."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "examples": [
                {
                    "parts": [
                        {"name": "heart_rate", "told": 200000, "shared": 150000, "corrected": 0},
                        {"name": "reading", "told": 40, "shared": 0, "corrected": 1},
                    ]
                }
            ]
        },
    )

    parts: list[Share]


class KeptFile(BaseModel):
    """A file that lies in the store: of an import that is not over, or failed; or an archive."""

    model_config = FROZEN

    sort: Literal["import", "export"]
    id: UUID
    name: str | None = None
    size: int
    until: datetime | None = Field(description="When it is deleted by itself; null: once it is read.")


class Space(BaseModel):
    """What a person's files take, in bytes, and may take."""

    model_config = FROZEN

    used: int
    allowed: int
    files: list[KeptFile]


class ExportView(BaseModel):
    """An archive of the whole record; ``progress`` counts parts of the record."""

    model_config = FROZEN

    id: UUID
    person_id: UUID
    state: ExportState
    progress: Progress
    size: int
    created_at: datetime
    ended_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def active(self) -> bool:
        return self.state in ("queued", "running")
