"""What ``profiles.yml`` says of a target, read without dbt. The only place that reads connection data."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

from cxmetrics.definitions.project import Project
from cxmetrics.definitions.yaml_file import YamlFile
from cxmetrics.errors import CxError

PROFILES_FILE = "profiles.yml"


def read_output(project: Project, target: str | None, supported: Collection[str]) -> tuple[str, dict[str, Any]]:
    """Name and settings of a target, environment variables filled in. Without a ``profiles.yml`` there is DuckDB.

    ``target`` None means dbt's default: DBT_TARGET, else the profile's ``target:``. Raises CxError for a target that
    is not there, and for one whose ``type`` is not among ``supported``.
    """
    folder = Path(os.environ.get("DBT_PROFILES_DIR") or project.root)
    file = project.read(folder / PROFILES_FILE) if (folder / PROFILES_FILE).is_file() else None
    profile = _profile(project, file)
    outputs = profile["outputs"]
    name = target or os.environ.get("DBT_TARGET") or _filled(profile.get("target", "default"))
    usable = [known for known, output in outputs.items() if output.get("type") in supported]
    if name not in usable:
        kind = outputs.get(name, {}).get("type")
        problem = f"this target is of type {kind}, which is not supported" if kind else "this target is not supported"
        raise CxError(problem, file=file.name if file else PROFILES_FILE, got=name, allowed=usable)
    return name, {key: _filled(value) for key, value in outputs[name].items()}


def _profile(project: Project, file: YamlFile | None) -> dict[str, Any]:
    if file is None:
        return {"target": "duckdb", "outputs": {"duckdb": {"type": "duckdb"}}}
    wanted = project.settings.data.get("profile") or project.settings.data.get("name")
    profile = file.data.get(wanted) if isinstance(file.data, dict) else None
    outputs = profile.get("outputs") if isinstance(profile, dict) else None
    is_complete = isinstance(outputs, dict) and all(isinstance(output, dict) for output in outputs.values())
    if not isinstance(profile, dict) or not is_complete:
        raise CxError(f"there is no profile '{wanted}' with outputs", file=file.name, line=1)
    return profile


def _filled(value: Any) -> Any:
    """A setting as dbt renders it: ``env_var`` is all the Jinja a profile has."""
    if isinstance(value, dict):
        return {key: _filled(inner) for key, inner in value.items()}
    if not isinstance(value, str) or "{" not in value:
        return value
    from jinja2 import Environment, TemplateError

    try:
        return Environment(autoescape=False).from_string(value).render(env_var=_env_var)  # noqa: S701 (no HTML)
    except TemplateError as error:
        raise CxError(f"a setting cannot be read: {error}", file=PROFILES_FILE, got=value) from error


def _env_var(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise CxError(f"the environment variable {name} is not set", file=PROFILES_FILE, next_step=f"export {name}=...")
    return value
