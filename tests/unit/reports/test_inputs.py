from cxmetrics.inputs.explain import Explanation, Reason
from cxmetrics.reports.inputs import explanations_text


def test_an_accepted_row_says_so():
    assert explanations_text([Explanation("shop", "tickets", "7", None, ())]) == "shop.tickets row 7: accepted\n"


def test_a_rejected_row_says_what_was_asked_of_it_and_shows_its_value_masked():
    reasons = (
        Reason("not_in_set", "channel", "aaaa 99", "one of a list", "_shop.yml:12"),
        Reason("bad_line", None, None, "the line is no row", "the file"),
    )
    printed = explanations_text([Explanation("shop", "tickets", "7", "tickets.csv:8", reasons)])
    assert printed.splitlines() == [
        "shop.tickets row 7 (tickets.csv:8): rejected",
        "  not_in_set of channel",
        "    got:      aaaa 99 (masked)",
        "    asked:    one of a list",
        "    declared: _shop.yml:12",
        "  bad_line",
        "    asked:    the line is no row",
        "    declared: the file",
    ]
