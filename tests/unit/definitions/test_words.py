from cxmetrics.definitions.metric import DOMAINS
from cxmetrics.definitions.words import DOMAIN_LABELS, humanized, sentence


def test_every_domain_has_a_label():
    assert set(DOMAIN_LABELS) == set(DOMAINS)


def test_a_code_is_read_as_words():
    assert humanized("contact_reason") == "contact reason"


def test_a_sentence_keeps_the_capitals_of_its_names():
    assert sentence("week of 2 November") == "Week of 2 November"
    assert sentence("") == ""
