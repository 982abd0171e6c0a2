import pytest

from cxmetrics.errors import CxError
from cxmetrics.measure.filters import translate


def reference(name: str) -> str:
    return f"<{name}>"


@pytest.mark.parametrize(
    ("text", "translated"),
    [
        ("channel = 'email'", "<channel> = 'email'"),
        ("channel='it''s'", "<channel> = 'it''s'"),
        ("a <> 1 AND b >= -2.5", "<a> <> 1 and <b> >= -2.5"),
        ("channel in ('email', 'chat')", "<channel> in ('email', 'chat')"),
        ("channel NOT IN ('email')", "<channel> not in ('email')"),
        ("team is null and is_proactive = TRUE", "<team> is null and <is_proactive> = true"),
        ("team is not null", "<team> is not null"),
        ("note = ' and or 1=1'", "<note> = ' and or 1=1'"),
    ],
)
def test_a_filter_is_translated_name_by_name(text: str, translated: str):
    assert translate(text, reference) == translated


def test_a_filter_in_metricflows_own_words_is_passed_on():
    assert translate("{{ Dimension('ticket__channel') }} = 'email'", reference).startswith("{{ Dimension")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "channel",
        "channel = email",
        "channel = 'email",
        "channel = 'email' or 1 = 1",
        "channel = 'email'; drop table x",
        "channel = (select 1)",
        "1 = 1",
        "channel in 'email'",
        "channel in ('email'",
        "channel like 'e%'",
        "channel = '{% for i in range(9) %}'",
        "channel = 'a' -- b",
        "channel = 1x",
    ],
)
def test_anything_else_is_refused_with_an_example(text: str):
    with pytest.raises(CxError) as refused:
        translate(text, reference)
    assert "channel = 'email'" in refused.value.next_step


def test_an_unknown_operator_names_the_allowed_ones():
    with pytest.raises(CxError) as refused:
        translate("channel like 'e'", reference)
    assert (refused.value.got, refused.value.allowed[0]) == ("like", "=")
