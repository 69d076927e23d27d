"""
What nobody puts right one by one is one line of a report: administrators, and long sessions.
"""

from __future__ import annotations

import json

import pytest

from tests.output.builders import report, result, sources
from trustproof.output import github, gitlab, html, markdown, sarif
from trustproof.output import json as json_output
from trustproof.output.style import Style
from trustproof.output.text import render as render_text
from trustproof.results.groups import ADMINISTRATION, LONG_SESSIONS
from trustproof.results.report import Report
from trustproof.results.result import NOTE, WARNING, Result

PLAIN = Style(coloured=False)
SAID = "role A and user B may do anything, or all but some, so also assume roles of any account"


def administrator(holder: str, **changes: object) -> Result:
    """What is found of one administrator."""
    given = {"severity": NOTE, "cause": ADMINISTRATION, "holders": (holder,), "message": f"may do anything: {holder}"}
    return result(property="assume-role-scoped", **{**given, **changes})


def two() -> Report:
    """Two administrators of one template."""
    return report(administrator("role A"), administrator("user B"), sources=sources())


def test_the_text_names_all_of_them_in_one_line() -> None:
    """One line at the close, which says how to see each; and one note in the summary."""
    assert render_text(two(), PLAIN) == (
        f"note[assume-role-scoped]: {SAID} (--verbose shows all)\n"
        "1 template, 1 policy: 0 proved, 1 refuted (1 note), 0 unknown; configuration: none\n"
    )


def test_whoever_asks_for_everything_gets_each() -> None:
    """With ``--verbose`` each is shown, and the line is not."""
    shown = render_text(two(), PLAIN, verbose=True)
    assert shown.count("refuted[assume-role-scoped] (note)") == 2
    assert SAID not in shown


def test_names_of_several_templates_are_told_apart() -> None:
    """Who is called the same in two templates is named with each."""
    found = report(administrator("role A"), administrator("role A", template="b.json"), sources=sources())
    assert "role A of access.template.json and role A of b.json may do anything" in render_text(found, PLAIN)


def test_the_run_that_is_to_fail_on_notes_fails_on_them() -> None:
    """One line is not less than a note: the summary says that the run fails on it, and so does the exit status."""
    assert "fails on 1 note" in render_text(two(), PLAIN, fail_on=NOTE)
    assert len(two().failures(NOTE)) == 2


def test_what_the_project_calls_worse_is_shown_one_by_one() -> None:
    """With ``severity = "warning"`` they are findings like others."""
    found = report(*(administrator(name, severity=WARNING) for name in ("role A", "user B")), sources=sources())
    assert "refuted[assume-role-scoped] (warning)" in render_text(found, PLAIN)
    assert "so also assume roles" not in render_text(found, PLAIN)


@pytest.mark.parametrize("render", [github.render, html.render, markdown.render])
def test_forms_for_people_say_it_once(render: object) -> None:
    """Annotations, the page and the comment name them in one line."""
    assert callable(render)
    shown = render(two())
    assert shown.count("role A and user B may do anything") == 1
    assert "may do anything: role A" not in shown


def test_forms_for_programs_have_each() -> None:
    """JSON and SARIF lose none."""
    assert len(json.loads(json_output.render(two()))["results"]) == 2
    assert len(json.loads(sarif.render(two()))["runs"][0]["results"]) == 2


def test_long_sessions_are_a_line_of_their_own() -> None:
    """Whose sessions are long is named once, where nobody has said how long they may be."""
    long = {"property": "session-duration-bounded", "severity": NOTE, "cause": LONG_SESSIONS}
    found = report(administrator("role A"), *(result(logical_id=name, **long) for name in "BC"), sources=sources())
    shown = render_text(found, PLAIN).splitlines()
    assert shown[0].startswith("note[assume-role-scoped]: role A may do anything")
    assert shown[1] == (
        "note[session-duration-bounded]: sessions of B and C may last longer than an hour,"
        " and no max-seconds says how long is meant (--verbose shows all)"
    )
    assert shown[2].startswith("1 template, 1 policy: 0 proved, 2 refuted (2 notes)")


def test_gitlab_gets_one_entry() -> None:
    """A merge request is told of all administrators at once, for information."""
    (entry,) = json.loads(gitlab.render(two()))
    assert entry["severity"] == "info"
    assert SAID in entry["description"]
