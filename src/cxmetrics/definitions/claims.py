"""What the cited articles claim, and the metrics that measure it, or why none does: ``docs/claims.yml``.

What an article says about a metric by name is a position in that metric's file; this file holds the rest. A project
need not have one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from cxmetrics.definitions.closed_model import ClosedModel, validate
from cxmetrics.definitions.metric import Name, Source, Text
from cxmetrics.definitions.project import Project
from cxmetrics.definitions.yaml_file import YamlFile
from cxmetrics.errors import CxError

CLAIMS = ("docs", "claims.yml")


class Claim(ClosedModel):
    """One claim. ``missing`` says why no metric measures it, or what the metrics leave out."""

    claim: Name
    sources: Annotated[list[Source], Field(min_length=1)]
    says: Text
    metrics: list[Name] = Field(default_factory=list)
    missing: Text | None = None


class ClaimsFile(ClosedModel):
    """All claims, in the order in which they are shown."""

    claims: Annotated[list[Claim], Field(min_length=1)]


@dataclass(frozen=True)
class Claims:
    """The claims of a project, the file they stand in, and what is wrong with that file."""

    claims: tuple[Claim, ...] = ()
    file: YamlFile | None = None
    problems: tuple[CxError, ...] = ()

    def line(self, index: int, *keys: str | int) -> int:
        """The line of a claim, or of what stands in it."""
        return self.file.line(("claims", index, *keys)) if self.file else 1


def read_claims(project: Project) -> Claims:
    """The claims of ``project``; none where it has no such file."""
    path = project.root.joinpath(*CLAIMS)
    if not path.is_file():
        return Claims()
    try:
        file = project.read(path)
    except CxError as error:
        return Claims(problems=(error,))
    parsed, problems = validate(ClaimsFile, file.data, file)
    return Claims(tuple(parsed.claims) if parsed else (), file, tuple(problems))
