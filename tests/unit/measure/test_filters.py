import pytest

from cxmetrics.errors import CxError
from cxmetrics.measure.filters import names_in, translate


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


def test_an_unknown_operator_names_its_place_and_the_allowed_ones():
    with pytest.raises(CxError) as refused:
        translate("channel like 'e'", reference)
    assert (refused.value.got, refused.value.allowed[0]) == ("like", "=")
    assert refused.value.what.endswith("at character 9")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = 'b' or c = 1", 9),
        ("a = 'b' and 1 = 1", 13),
        ("  a = b", 7),
        ("a in 'b'", 6),
        ("a in ('b'", 10),
        ("a = 'b' and", 12),
        ("", 1),
        ("a = 'b' and c = 'd", 17),
        ("a = 'b' -- c", 9),
        ("a = 1x", 5),
    ],
)
def test_a_mistake_is_named_with_the_character_it_stands_at(text: str, place: int):
    with pytest.raises(CxError) as refused:
        translate(text, reference)
    assert f"at character {place}: " in refused.value.what or f"from character {place} on: " in refused.value.what


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a = 'b' and c in (1)", ["a", "c"]),
        (
            "{{ Dimension('ticket__channel') }} = 'x' and {{ Entity(name=\"agent\") }} = 'y'",
            ["ticket__channel", "agent"],
        ),
    ],
)
def test_the_names_a_filter_speaks_of(text: str, names: list[str]):
    assert names_in(text) == names
