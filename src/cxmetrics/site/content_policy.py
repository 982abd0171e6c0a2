"""What a page of the site may load and run (its Content-Security-Policy), whatever text stands in it.

Every page says it itself, so that it holds from disk and from any web server; ``cx docs --serve`` says it once more,
with what a page cannot say of itself.
"""

from __future__ import annotations

import base64
import hashlib

# From disk some browsers take 'self' for nothing at all; a page from a server cannot load a file:.
OWN = "'self' file:"
COMMON = "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none'"
# Scripts and style sheets are files of the site. Charts and bars have attributes of style, which run nothing.
OF_PAGES = (
    f"{COMMON}; script-src {OWN}; style-src {OWN}; style-src-attr 'unsafe-inline'; img-src {OWN} data:; font-src {OWN}"
)
# Nobody's page may show one of ours inside of it.
OF_THE_SERVER = "frame-ancestors 'none'"


def of_dbt_docs(script: str) -> str:
    """For the page of dbt docs, which has one script inside of it and makes its styles itself."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"{COMMON}; script-src 'self' 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; font-src data:"


def meta(policy: str) -> str:
    """The element by which a page says it."""
    return f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
