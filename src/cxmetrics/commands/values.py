"""What arguments and options may be, for shell completion and for the reference of the command line.

Each function imports what it reads when it is asked, so that no command waits for it.
"""

from __future__ import annotations


def metric_names() -> list[str]:
    """The published metrics of the project; none outside a project."""
    from cxmetrics.definitions.project import Project
    from cxmetrics.errors import CxError

    try:
        return list(Project.find().metrics())
    except CxError:
        return []


def grains() -> list[str]:
    """The grains of metric values."""
    from cxmetrics.definitions.metric import GRAINS

    return list(GRAINS)


def domains() -> list[str]:
    """The domains of metrics."""
    from cxmetrics.definitions.metric import DOMAINS

    return list(DOMAINS)


def query_formats() -> list[str]:
    """What ``cx query`` writes."""
    from cxmetrics.reports.query import QUERY_FORMATS

    return list(QUERY_FORMATS)


def audit_formats() -> list[str]:
    """What ``cx audit`` writes."""
    from cxmetrics.reports.audit import AUDIT_FORMATS

    return list(AUDIT_FORMATS)


def audit_lists() -> list[str]:
    """The lists of customers that ``cx audit`` has."""
    from cxmetrics.published.audit import LISTS

    return list(LISTS)


def planted() -> list[str]:
    """What ``cx demo --plant`` takes."""
    from cxmetrics.demo.generate import NONE, plantable_stages

    return [*plantable_stages(), NONE]
