"""Doc texts and their Markdown."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxmetrics.site.prose import DocTexts, Prose

PROSE = Prose(lambda name: f"{name}.html" if name == "reopen_rate" else None)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<b onclick=x>hi</b>", "<p>&lt;b onclick=x&gt;hi&lt;/b&gt;</p>\n"),
        ("![logo](https://example.org/logo.png)", '<p>!<a href="https://example.org/logo.png">logo</a></p>\n'),
        ("[press](javascript:alert(1))", "<p>[press](javascript:alert(1))</p>\n"),
        ("`<i>`", "<p><code>&lt;i&gt;</code></p>\n"),
    ],
)
def test_markdown_cannot_carry_html_pictures_or_scripts(written: str, shown: str) -> None:
    assert PROSE.html(written) == shown


def test_headings_of_a_doc_text_go_below_those_of_the_page() -> None:
    assert PROSE.html("# One\n\n##### Five") == "<h3>One</h3>\n<h6>Five</h6>\n"


def test_the_name_of_a_metric_leads_to_its_page() -> None:
    assert PROSE.html("`reopen_rate`") == '<p><a href="reopen_rate.html"><code>reopen_rate</code></a></p>\n'
    assert PROSE.html("`tickets`") == "<p><code>tickets</code></p>\n"


def test_a_doc_reference_becomes_its_block_and_a_missing_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.md").write_text("{% docs one %}\nFirst.\n{% enddocs %}\n{% docs two %}Second.{% enddocs %}")
    texts = DocTexts((tmp_path, tmp_path / "missing"))
    assert texts.resolved("{{ doc('one') }} {{ doc(\"two\") }}") == "First. Second."
    assert texts.resolved("{{ doc('three') }}") == "(no doc text three)"
    assert texts.resolved("Plain.") == "Plain."
