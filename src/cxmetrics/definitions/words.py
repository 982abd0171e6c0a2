"""The words for what definitions and numbers say in codes, where terminal and pages share them."""

from __future__ import annotations

DOMAIN_LABELS = {"service": "Customer service", "experience": "Customer experience"}


def humanized(name: str) -> str:
    """A code as words: ``contact_reason`` -> ``contact reason``."""
    return name.replace("_", " ")


def sentence(text: str) -> str:
    """``text`` as a sentence begins; names in it keep their capitals."""
    return text[:1].upper() + text[1:]
