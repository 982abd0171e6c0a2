"""Broken on purpose: which model may read which."""

from __future__ import annotations

import pytest


def test_a_model_below_the_marts_that_reads_a_mart_is_found(small):
    sql = "{# ref('fct_tickets') was read here,\nand no more #}\nselect *\nfrom {{ ref(\"fct_tickets\") }}\n"
    small.write("models/intermediate/tickets/int_new.sql", sql)
    described = "models:\n  - {name: int_new, description: One row per ticket.}\n"
    small.write("models/intermediate/tickets/int_new.yml", described)
    finding = small.only_finding("models_below_the_marts_read_no_mart")
    assert (finding.file, finding.line) == ("models/intermediate/tickets/int_new.sql", 4)
    assert "fct_tickets" in finding.sentence


@pytest.mark.parametrize("folder", ["marts/service", "build"])
def test_a_mart_and_what_a_build_says_of_itself_may_read_a_mart(small, folder: str):
    small.write(f"models/{folder}/fct_new.sql", "select * from {{ ref('fct_tickets') }}\n")
    small.write(f"models/{folder}/fct_new.yml", "models:\n  - {name: fct_new, description: One row per ticket.}\n")
    assert small.findings() == []
