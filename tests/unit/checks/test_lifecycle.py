"""Broken on purpose: metrics that are retired."""

from __future__ import annotations

REOPEN = "metrics/service/reopen_rate.yml"


def test_a_deprecated_metric_without_a_successor_is_found(small):
    small.replace(REOPEN, "{state: active}", "{state: deprecated}")
    assert "without a successor" in small.only_finding("retired_metrics_name_a_successor").sentence


def test_an_active_metric_with_a_successor_is_found(small):
    small.replace(REOPEN, "{state: active}", "{state: active, replaced_by: contact_rate}")
    assert "but is active" in small.only_finding("retired_metrics_name_a_successor").sentence
