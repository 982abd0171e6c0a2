"""dbt's description of the metrics as their files are now, without a build."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cxmetrics.definitions.project import Project
from cxmetrics.errors import CxError


def parsed_manifest(project: Project) -> Path:
    """Let dbt parse the project; the ``semantic_manifest.json`` it writes, in a folder of its own below the target
    folder: what the last build wrote stays as it is. Raises CxError with what dbt says when it cannot."""
    folder = project.target / "golden"
    arguments = ["--project-dir", str(project.root), "--target-path", str(folder), "--log-path", str(folder)]
    profiles = os.environ.get("DBT_PROFILES_DIR", str(project.root))
    command = [sys.executable, "-m", "dbt.cli.main", "--quiet", "parse", "--profiles-dir", profiles, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (this Python, own places)
    if done.returncode:
        said = " ".join((done.stdout or done.stderr).split())
        raise CxError(
            f"dbt cannot parse the project: {said[:500]}", next_step="cx check, then dbt parse --profiles-dir ."
        )
    return folder / "semantic_manifest.json"
