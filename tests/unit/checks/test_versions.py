"""Broken on purpose: versions."""

from __future__ import annotations

import pytest

REOPEN = "metrics/service/reopen_rate.yml"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("- {version: 1,", "- {version: 2,", "version 1 has no changelog entry"),
        ("- {version: 1,", "- {version: 2,", "version 2 is newer than the metric's version 1"),
        ("changelog:\n", f"changelog:\n{' ' * 12}- {{version: 1, date: 2026-02-01, change: x}}\n", "is listed twice"),
    ],
)
def test_a_version_without_its_changelog_entry_is_found(small, old, new, words):
    small.replace(REOPEN, old, new)
    sentences = [finding.sentence for finding in small.findings("versions_have_a_changelog_entry")]
    assert any(words in sentence for sentence in sentences), sentences
    assert {finding.check for finding in small.findings()} == {"versions_have_a_changelog_entry"}
