"""The ServiceNow source on a made-up extract in the shape of the real one."""

from __future__ import annotations

from datetime import datetime

from support.raw_inputs import Inputs

HEADER = (
    "number,incident_state,active,reassignment_count,reopen_count,sys_mod_count,made_sla,caller_id,opened_by,opened_at,"
    "sys_created_by,sys_created_at,sys_updated_by,sys_updated_at,contact_type,location,category,subcategory,u_symptom,"
    "cmdb_ci,impact,urgency,priority,assignment_group,assigned_to,knowledge,u_priority_confirmation,notify,problem_id,"
    "rfc,vendor,caused_by,closed_code,resolved_by,resolved_at,closed_at"
)


def version(number: str, state: str, updates: int, at: str, **other: str) -> str:
    cells = dict.fromkeys(HEADER.split(","), "?") | {
        "number": number, "incident_state": state, "active": "true", "reassignment_count": "0", "reopen_count": "0",
        "sys_mod_count": str(updates), "made_sla": "true", "opened_at": "29/2/2016 01:16", "sys_updated_at": at,
        "knowledge": "false", "u_priority_confirmation": "false",
    }  # fmt: skip
    return ",".join((cells | other).values())


def test_every_version_is_accepted_in_the_order_of_the_file(servicenow: Inputs):
    servicenow.give(
        "incident_event_log_2016.csv.gz",
        "\n".join(
            [
                HEADER,
                version("INC0000002", "New", 0, "29/2/2016 01:23"),
                version("INC0000002", "Active", 3, "1/3/2016 10:00"),
                version("INC0000002", "Active", 3, "1/3/2016 09:00"),
                version("INC0000001", "Resolved", 1, "29/2/2016 11:29", active="false", resolved_at="29/2/2016 11:29"),
                "",
            ]
        ),
    )
    table = servicenow.table("incident_event_log")
    assert (table.raw, table.rejected, table.drift) == (4, 0, ())
    assert servicenow.query(
        "select number, sys_mod_count, sys_updated_at, active, resolved_at, assigned_to"
        " from raw_servicenow.incident_event_log order by _cx_row"
    ) == [
        ("INC0000002", 0, datetime(2016, 2, 29, 1, 23), True, None, None),
        ("INC0000002", 3, datetime(2016, 3, 1, 10), True, None, None),
        ("INC0000002", 3, datetime(2016, 3, 1, 9), True, None, None),
        ("INC0000001", 1, datetime(2016, 2, 29, 11, 29), False, datetime(2016, 2, 29, 11, 29), None),
    ]


def test_a_month_first_date_is_rejected_and_not_guessed(servicenow: Inputs):
    rows = [version(f"INC{number}", "New", 0, "1/3/2016 10:00") for number in range(30)]
    servicenow.give(
        "incident_event_log.csv", "\n".join([HEADER, *rows, version("INC99", "New", 0, "3/31/2016 10:00"), ""])
    )
    servicenow.load()
    assert servicenow.query(
        "select row_key, rule, masked_value from quarantine.rejected_rows where rule = 'uncastable'"
    ) == [("31", "uncastable", "sys_updated_at: 9/99/9999 99:99")]
