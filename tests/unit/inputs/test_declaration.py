"""What a source's .yml may say, and what is answered when it says something else."""

from __future__ import annotations

import pytest

from cxmetrics.errors import CxError
from cxmetrics.inputs.declaration import read_source
from cxmetrics.inputs.expectations import compiled_expectation
from support.raw_inputs import DECLARATION, Inputs, declare_events

FILE = "models/staging/shop/_shop__sources.yml"


def refused(shop: Inputs, before: str, after: str) -> CxError:
    """The error after one line of the declaration was changed."""
    assert before in DECLARATION
    shop.declare(DECLARATION.replace(before, after))
    with pytest.raises(CxError) as caught:
        source = read_source(shop.project, "shop")
        for table in source.tables:
            for expectation in table.expectations:
                compiled_expectation(expectation)
    assert caught.value.exit_code == 2
    assert caught.value.file == FILE
    return caught.value


def test_an_unknown_source_names_the_known_ones_and_the_nearest(shop: Inputs):
    with pytest.raises(CxError) as caught:
        read_source(shop.project, "shpo")
    assert str(caught.value) == (
        "unknown source 'shpo'\n  got:     shpo\n  allowed: shop\n  nearest: shop\n  next:    cx inputs --source NAME"
    )


def test_an_unknown_key_is_refused_with_its_line_and_the_nearest(shop: Inputs):
    error = refused(shop, "max_rejected_share", "max_rejected_shares")
    assert (error.line, error.got, error.nearest) == (11, "max_rejected_shares", "max_rejected_share")


def test_an_unknown_data_type_is_refused(shop: Inputs):
    error = refused(shop, "data_type: double", "data_type: float")
    assert (error.line, error.got) == (19, "float")
    assert error.allowed == ["string", "bigint", "integer", "double", "boolean", "date", "timestamp"]


def test_a_share_above_one_is_refused(shop: Inputs):
    assert "less than or equal to 1" in str(refused(shop, "max_rejected_share: 0.5", "max_rejected_share: 5"))


@pytest.mark.parametrize("setting", ["key: [ticket_id]", "required: [created_at]"])
def test_a_key_or_required_column_that_is_not_declared_is_refused(shop: Inputs, setting: str):
    error = refused(shop, setting, setting.replace("t", "tt", 1))
    assert error.nearest in ("ticket_id", "created_at") or error.got.startswith(("tt", "creatt", "key", "required"))


def test_an_expectation_on_a_column_that_is_not_declared_is_refused(shop: Inputs):
    error = refused(shop, "column: minutes", "column: minuts")
    assert (error.line, error.got, error.nearest) == (14, "minuts", "minutes")


def test_an_unknown_expectation_names_the_nearest(shop: Inputs):
    error = refused(shop, "expect_column_values_to_be_between", "expect_column_values_to_be_betwen")
    assert (error.line, error.nearest) == (14, "expect_column_values_to_be_between")


def test_an_unknown_argument_names_the_nearest(shop: Inputs):
    error = refused(shop, "min_value", "minimum_value")
    assert error.what == "unknown argument of expect_column_values_to_be_between"
    assert (error.line, error.nearest) == (14, "min_value")


def test_a_bad_argument_is_refused_in_one_line(shop: Inputs):
    error = refused(shop, "value_set: [open, solved]", "value_set: 3")
    assert error.line == 13
    assert "value_set" in error.what
    assert "\n" not in error.what


def test_an_unknown_severity_is_refused(shop: Inputs):
    error = refused(shop, "min_value: 0}", "min_value: 0, severity: rejct}")
    assert (error.got, error.nearest) == ("rejct", "reject")


def test_an_expectation_about_a_whole_table_cannot_reject_rows(shop: Inputs):
    error = refused(
        shop,
        "{expectation: expect_column_values_to_be_between, column: minutes, min_value: 0}",
        "{expectation: expect_table_row_count_to_be_between, min_value: 1}",
    )
    assert error.what == "expect_table_row_count_to_be_between is about a whole table and cannot reject rows"
    assert error.next_step == "give it severity: warn or severity: block"


def test_mostly_and_rejecting_rows_exclude_each_other(shop: Inputs):
    error = refused(shop, "min_value: 0}", "min_value: 0, mostly: 0.9}")
    assert "'mostly' has no meaning" in error.what


@pytest.mark.parametrize("pattern", ["../secret.csv", "/etc/passwd", "a/../../b.csv"])
def test_files_outside_the_raw_folder_cannot_be_declared(shop: Inputs, pattern: str):
    error = refused(shop, "key: [ticket_id]", f'key: [ticket_id]\n              files: ["{pattern}"]')
    assert "leaves the raw folder" in error.what


def test_only_dates_and_timestamps_have_a_format(shop: Inputs):
    error = refused(
        shop,
        "{name: status, data_type: string}",
        '{name: status, data_type: string, config: {meta: {cx: {format: "%d"}}}}',
    )
    assert error.what == "only dates and timestamps have a format; 'status' is string"


def test_the_canonical_source_declares_the_thirteen_entities(canonical: Inputs):
    source = read_source(canonical.project, "canonical")
    assert [table.name for table in source.tables] == [
        "tickets", "ticket_events", "interactions", "survey_invitations", "survey_responses", "customers",
        "subscriptions", "orders", "category_spend", "touchpoint_events", "referrals", "help_sessions", "vendor_scores",
    ]  # fmt: skip
    assert all(table.key for table in source.tables)
    assert not any(table.is_required for table in source.tables)


@pytest.mark.parametrize("name", ["canonical", "servicenow"])
def test_every_expectation_that_ships_is_known_to_great_expectations(canonical: Inputs, name: str):
    for table in read_source(canonical.project, name).tables:
        for expectation in table.expectations:
            assert compiled_expectation(expectation) is not None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("to: tickets, time: at", "unknown key"),
        ("time: at", "'time' and 'not_before' of a reference go together"),
        ("time: then, not_before: created_at", "'time' of a reference names a column that is not declared"),
        ("time: at, not_before: began", "'not_before' of a reference to tickets names a column that is not declared"),
    ],
)
def test_a_reference_that_cannot_be_is_refused_with_its_line(shop: Inputs, settings: str, said: str):
    declare_events(shop, settings)
    with pytest.raises(CxError) as caught:
        read_source(shop.project, "shop")
    assert said in caught.value.what or "twice" in caught.value.what
    assert caught.value.line == DECLARATION.count("\n") + 6


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("{name: minutes, data_type: double, config: {meta: {cx: {personal: hash}}}}", "only text is hashed"),
        ("{name: minutes, data_type: string, config: {meta: {cx: {keep: id}}}}", "'keep' needs personal: hash"),
        ('{name: minutes, data_type: string, config: {meta: {cx: {personal: hash, keep: "("}}}}', "neither id, listed"),
        ("{name: minutes, data_type: string, config: {meta: {cx: {personal: hide}}}}", "bad value for 'personal'"),
        ("{name: minutes, data_type: string, config: {meta: {cx: {personal: hash, keep: label}}}}", "seeds/labels.csv"),
        ("{name: minutes, data_type: string, config: {meta: {cx: {personal: person, keep: id}}}}", "always hashed"),
        ('{name: minutes, data_type: string, config: {meta: {cx: {personal: person, keep: ".*"}}}}', "always hashed"),
        ("{name: minutes, data_type: bigint, config: {meta: {cx: {personal: person}}}}", "only text is hashed"),
        (
            "{name: minutes, data_type: string, config: {meta: {cx: {personal: hash, labels: [x]}}}}",
            "needs keep: listed",
        ),
    ],
)
def test_a_wrong_word_about_personal_data_is_refused(shop: Inputs, column: str, said: str):
    shop.declare(DECLARATION.replace("{name: minutes, data_type: double}", column))
    with pytest.raises(CxError) as caught:
        read_source(shop.project, "shop")
    assert said in caught.value.what
    assert caught.value.line == 19


def test_a_required_column_is_not_dropped(shop: Inputs):
    dropped = "{name: created_at, data_type: timestamp, config: {meta: {cx: {personal: drop}}}}"
    shop.declare(DECLARATION.replace("{name: created_at, data_type: timestamp}", dropped))
    with pytest.raises(CxError, match="'created_at' is required and cannot be dropped"):
        read_source(shop.project, "shop")


def test_a_column_says_what_it_keeps_and_the_source_says_the_rest(shop: Inputs):
    declared = DECLARATION.replace(
        "schema: raw_shop", "schema: raw_shop\n    config: {meta: {cx: {personal: hash, keep: listed}}}"
    )
    shop.declare(declared.replace("{name: ticket_id,", "{name: ticket_id, config: {meta: {cx: {keep: id}}},", 1))
    tickets, agents = read_source(shop.project, "shop").tables
    said = {column.name: (column.personal, column.keep) for column in (*tickets.columns, *agents.columns)}
    assert said["ticket_id"] == ("hash", "id")
    assert said["status"] == said["agent_id"] == ("hash", "listed")
    assert said["minutes"] == said["created_at"] == (None, None)
