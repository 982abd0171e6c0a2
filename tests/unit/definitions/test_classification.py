"""The rule that decides between service and experience."""

from __future__ import annotations

from typing import get_args

import pytest

from cxmetrics.definitions.classification import DOMAIN_OF_SCOPE, VOTE_OF_KIND, VOTE_OF_STANCE, classify
from cxmetrics.definitions.metric import Classification, Kind, Scope, Stance


def traits(scope: str = "touchpoint", stance: str = "both", kind: str = "outcome") -> Classification:
    return Classification(scope=scope, stance=stance, kind=kind)


def test_every_scope_stance_and_kind_has_a_place_in_the_rule():
    assert set(DOMAIN_OF_SCOPE) == set(get_args(Scope))
    assert set(VOTE_OF_STANCE) == set(get_args(Stance))
    assert set(VOTE_OF_KIND) == set(get_args(Kind))


@pytest.mark.parametrize("scope", ["interaction", "service_touchpoint"])
def test_one_request_for_help_is_service_whatever_the_votes_say(scope):
    assert classify(traits(scope, "proactive", "outcome"), "product").domain == "service"


@pytest.mark.parametrize("scope", ["touchpoint", "journey", "relationship"])
def test_everything_wider_is_experience_whatever_the_votes_say(scope):
    assert classify(traits(scope, "reactive", "operation"), "support").domain == "experience"


def test_a_perception_abstains():
    verdict = classify(traits("service_touchpoint", "reactive", "perception"), "support")
    assert verdict.votes == {"stance": "service", "kind": None, "accountable": "service"}


def test_one_vote_for_the_scope_is_enough():
    assert not classify(traits("relationship", "both", "operation"), "support").is_contradicted
    assert not classify(traits("service_touchpoint", "reactive", "outcome"), "product").is_contradicted


def test_votes_contradict_when_none_of_those_cast_is_for_the_scope():
    assert classify(traits("relationship", "reactive", "operation"), "support").is_contradicted
    assert classify(traits("relationship", "reactive", "perception"), "support").is_contradicted
    assert classify(traits("service_touchpoint", "proactive", "outcome"), "sales").is_contradicted
