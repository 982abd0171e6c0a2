"""The words the site uses for what the definitions say in codes; one word for one thing on every page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup

from cxmetrics.definitions.metric import Source
from cxmetrics.definitions.units import NOTHING
from cxmetrics.published.schema import Status

STATUS_WORDS: dict[Status, str] = {
    "ok": "Enough data",
    "not_reached": "Not reached: too many still wait",
    "insufficient_sample": "Insufficient sample",
    "partial": "Partial: the data begin or end inside the period",
    "immature": "Immature: can still change",
    "no_data": "No data",
    "not_pooled": "No value over all: its parts have no common meaning",
    "suppressed": "Not shown: too few cases of one person",
}

# Mark and words of a target state: never told by colour alone.
TARGET_STATUS = {
    "met": ("✓", "Target met"),
    "missed": ("✕", "Target missed"),
    "unclear": ("≈", "Too close to call"),
    "none": (NOTHING, "No target"),
}

# What a tile's filter calls the state of a metric; the marks are those of TARGET_STATUS.
STATES = {
    "met": "Target met",
    "missed": "Target missed",
    "unclear": "Too close to call",
    "none": "No target",
    "insufficient_sample": "Insufficient sample",
    "no_data": "No data",
}

MARKS = {state: TARGET_STATUS.get(state, (NOTHING,))[0] for state in STATES} | {"insufficient_sample": "…"}

KINDS = {"operation": "Operation", "perception": "Perception", "outcome": "Outcome"}

# Finding of the audit -> the state it looks like.
FINDING_STATES = {
    "service masks an experience failure": "missed",
    "service failing": "missed",
    "both failing": "missed",
    "healthy": "met",
}

SEVERITY_WORDS = {
    "warn": "accepted, with a warning",
    "reject": "rejected, kept masked in the quarantine",
    "block": "nothing is built",
    "supersede": "superseded by a later row with the same key",
}

# Seen from target/site.
DATA_DOCS = "../data-docs/index.html"

TRAITS = {
    "interaction": "one interaction",
    "service_touchpoint": "a service touchpoint",
    "touchpoint": "a touchpoint other than service",
    "journey": "a whole journey",
    "relationship": "the whole relationship",
    "reactive": "reactive: somebody asked for help",
    "proactive": "proactive: nobody had to ask",
    "both": "both reactive and proactive",
    "operation": "operation: what was done, and how fast",
    "perception": "perception: what customers say it felt like",
    "outcome": "outcome: what it led to",
}

LIFECYCLE = {
    "draft": "Draft: may change without notice",
    "active": "Active",
    "deprecated": "Deprecated",
}

DIRECTION = {"up": "Higher is better", "down": "Lower is better", "none": "Neither higher nor lower is better"}

# What the axis of a trend counts; a share shows its own percent signs, a score and a count need no unit.
AXIS_UNITS = {
    "points": "in points",
    "minutes": "in minutes",
    "seconds": "in seconds",
    "days": "in days",
    "per_100_customers": "per 100 customers",
}

AGGREGATIONS = {
    "count": "count of",
    "count_distinct": "count of different",
    "sum": "sum of",
    "sum_boolean": "number of rows where",
    "average": "mean of",
    "median": "median of",
    "percentile": "percentile of",
    "min": "least",
    "max": "greatest",
}

INTERVAL_WORDS = {
    "wilson": "Wilson score interval of a share",
    "nps": "adjusted Wald interval of a net promoter score",
    "mean": "normal interval of a mean",
    "ratio": "delta-method interval of a ratio of two sums",
    "quantile": "order-statistic interval of a quantile",
    "product_limit": "log-log limits of the product-limit estimate, of every case with those that still wait",
    "none": "no interval",
}


@dataclass(frozen=True)
class CitedSource:
    """A published source that places metrics in one of the two domains."""

    short: str
    citation: str


CITED_SOURCES: dict[Source, CitedSource] = {
    "sims_2021": CitedSource(
        "Sims 2021",
        "Abigail Sims, “Customer service vs customer experience: What’s the real difference?”, Tethr, 27 October 2021",
    ),
    "kelley": CitedSource(
        "Kelley",
        "Braden Kelley and Art Inteligencia, “What’s the Difference and Why It Matters”, Human-Centered Change & "
        "Innovation",
    ),
    "zonka_2023": CitedSource(
        "Zonka 2023",
        "Archit, “Customer Experience vs Customer Service: What are they, and how are they different?”, Zonka "
        "Feedback, 9 March 2023",
    ),
    "doyen_2022": CitedSource(
        "Doyen 2022",
        "DoyenThoughts, “Customer Experience vs Customer Service - Know the difference”, 12 January 2022",
    ),
    "obrien_2024": CitedSource(
        "O’Brien 2024", "Keith O’Brien, “Customer service vs. customer experience”, IBM, 16 February 2024"
    ),
}

# How much of a claim of theirs metrics measure.
CLAIM_STATES = {"measured": "Measured", "in_part": "Measured in part", "not_measured": "Not measured, and why"}

# The pages beside those of the metrics, in the order of the menu.
PAGES = {
    "index.html": "Map",
    "journey.html": "Journey",
    "audit.html": "Audit",
    "scorecard.html": "Scorecard",
    "owners.html": "Owners",
    "sources.html": "Sources",
    "quality.html": "Data quality",
    "glossary.html": "Glossary",
    "query.html": "Query it",
}

# The rule of definitions.classification, for people: trait, what speaks for service, what speaks for experience.
RULE = (
    ("Scope", "one interaction or service touchpoint", "any other touchpoint, a journey, the relationship"),
    ("Stance", "reactive: somebody asked for help", "proactive, or both"),
    ("Accountable", "the support function", "any other function, or all"),
    ("Kind", "how well one need was handled", "what the whole relationship felt like or led to"),
)


def breakable(name: str) -> Markup:
    """A long name that may break after an underscore or a dot."""
    return Markup("<wbr>").join(re.split(r"(?<=[._])(?=[^._])", name))
