"""How a target of ``profiles.yml`` says to connect to PostgreSQL."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from cxmetrics.engines.profile import PROFILES_FILE
from cxmetrics.errors import CxError

# Keys that are libpq's own, and how dbt also calls some of them.
CONNECTION_KEYS = (
    "host", "port", "user", "password", "dbname", "connect_timeout", "sslmode", "sslcert", "sslkey", "sslrootcert",
)  # fmt: skip
ALIASES = {"pass": "password", "database": "dbname"}
# What dbt alone reads, and what cxmetrics alone reads.
OTHER_KEYS = (
    "type", "schema", "threads", "search_path", "role", "retries", "keepalives_idle", "application_name", "autocommit",
    "reader", "reader_user", "reader_password",
)  # fmt: skip


def connection_arguments(output: Mapping[str, Any]) -> dict[str, Any]:
    """libpq's arguments for the target. What it leaves out is libpq's default, but for ``sslmode``: what goes over a
    network is encrypted.

    Raises CxError for a key that neither dbt nor cxmetrics knows, which would be a wish that nobody hears.
    """
    known = (*CONNECTION_KEYS, *ALIASES, *OTHER_KEYS)
    for key in output:
        if key not in known:
            raise CxError("a target of type postgres has no such key", file=PROFILES_FILE, got=key, allowed=known)
    named = {ALIASES.get(key, key): value for key, value in output.items() if value not in (None, "")}
    arguments = {key: named[key] for key in CONNECTION_KEYS if key in named}
    return arguments if _is_here(str(named.get("host", ""))) else {"sslmode": "require", **arguments}


def _is_here(host: str) -> bool:
    """Whether a server is on this machine: by a socket, which is a folder or libpq's default, or by loopback."""
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
