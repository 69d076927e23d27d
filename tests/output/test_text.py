"""
Text reports, compared whole with what a person is to see.
"""

from __future__ import annotations

from tests.output.builders import (
    CONDITION,
    STATEMENT,
    counterexample,
    mixed,
    refuted,
    report,
    result,
    snapshot,
    sources,
)
from trustproof.output.style import Style
from trustproof.output.text import render as render_text
from trustproof.results.result import PROVED, UNKNOWN, Remedy

PLAIN = Style(coloured=False)


def test_a_refuted_result_shows_place_request_reason_and_remedy() -> None:
    """A finding has everything a person needs to act on it."""
    assert render_text(refuted(), PLAIN) == snapshot("refuted.txt")


def test_a_mixed_report_shows_what_matters_first() -> None:
    """Refuted results come first, then unknown ones, then notes, and the summary is the last line."""
    assert render_text(mixed(), PLAIN) == snapshot("mixed.txt")


def test_colours_change_nothing_but_the_colour() -> None:
    """Without its escape sequences a coloured report is the plain one."""
    coloured = render_text(mixed(), Style(coloured=True))
    assert coloured == snapshot("mixed.ansi")
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render_text(mixed(), PLAIN)


def test_the_same_report_renders_to_the_same_bytes() -> None:
    """Rendering is a function of the report."""
    assert render_text(mixed(), PLAIN) == render_text(mixed(), PLAIN)


def test_a_report_of_proofs_is_one_line() -> None:
    """Proofs that rest on nothing are counted, not listed."""
    proved = result(verdict=PROVED, counterexample=None, why=(), remedy=None)
    found = report(proved, proved, sources=sources(), policies=2)
    assert render_text(found, PLAIN) == "1 template, 2 policies: 2 proved, 0 refuted, 0 unknown; configuration: none\n"


def test_positions_of_proofs_are_never_asked_for() -> None:
    """The clean path computes no position."""
    places = sources()
    render_text(report(result(verdict=PROVED, counterexample=None), result(verdict=UNKNOWN), sources=places), PLAIN)
    assert len(places.asked) == 1


def test_a_line_number_of_many_digits_widens_the_gutter() -> None:
    """Bars and notes stand on one vertical, right of the line number."""
    places = sources("\n" * 12_344 + "  condition")
    places.positions = {CONDITION: (12_345, 3, 12)}
    lines = render_text(refuted().replace(sources=places), PLAIN).splitlines()
    assert lines[1:6] == [
        "     --> access.template.json:12345:3 (Deployer, Prod/Access/Deployer/Resource)",
        "      |",
        "12345 |   condition",
        "      |   ^^^^^^^^^ true when the key is absent",
        "      |",
    ]
    assert lines[6].startswith("      = request: ")
    assert lines[7].startswith("      =          aws:")


def test_what_a_template_says_cannot_drive_the_terminal() -> None:
    """Escape sequences, line ends and bidirectional controls of a template arrive as their escapes."""
    evil = "\x1b[2J\r\u202e"
    hostile = result(
        template=f"t{evil}.json",
        logical_id=f"Role{evil}",
        construct_path=evil,
        message=f"m{evil}",
        label=f"l{evil}",
        why=(evil,),
        counterexample=counterexample(caller=f"c{evil}", context={f"aws:RequestTag/{evil}": evil}),
    )
    text = render_text(report(hostile, sources=sources(evil.join(["x"] * 3) + "\n" * 20)), PLAIN)
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "\\x1b[2J\\r\\u202e" in text


def test_near_alike_stacks_are_one_finding_with_its_places() -> None:
    """What many templates say is shown once, with where else it stands; every finding is counted."""
    several = [result(template=f"stack{number:02}.json") for number in range(14)]
    found = report(*several, result(template="stack03.json", path=STATEMENT), sources=sources(), templates=14)
    text = render_text(found, PLAIN)
    assert text.count("refuted[mfa-required]") == 1
    assert "= also: 14 more like it in 13 more templates:\n   =       stack01.json:13:47 (Deployer)\n" in text
    assert "stack03.json:13:47 (Deployer and 1 more)\n" in text
    assert "=       and in 3 more (--verbose shows all)\n" in text
    assert "stack11.json" not in text
    assert "0 proved, 15 refuted, 0 unknown" in text
    assert render_text(found, PLAIN, verbose=True).count("refuted[mfa-required]") == 15
    assert render_text(report(*several[:3], sources=sources()), PLAIN).count("refuted[mfa-required]") == 3


def test_a_place_that_makes_many_roles_is_one_finding() -> None:
    """A line of a module is shown once, with the roles and the configurations it is about, and what each is told."""
    other = Remedy("name the pipeline's role")
    several = [result(template=name, logical_id=role, remedy=other) for name in ("a", "b") for role in ("R", "S")]
    places = sources()
    places.positions = {CONDITION: (13, 47, 75, "module/main.tf")}
    found = report(result(template="a"), *several, sources=places, templates=2)
    text = render_text(found, PLAIN)
    assert text.count("refuted[mfa-required]") == 1
    assert "= also: 2 more at the same place: R and S (--verbose shows all, and what to do about each)\n" in text
    assert "= also: the same place, as b reads it (--verbose shows all, and what to do about each)\n" in text
    assert "0 proved, 5 refuted, 0 unknown" in text
    assert render_text(found, PLAIN, verbose=True).count("refuted[mfa-required]") == 5


def test_what_several_properties_say_of_a_place_elsewhere_is_one_place() -> None:
    unread = result(verdict=UNKNOWN, counterexample=None, why=(), remedy=None, reasons=("a macro makes it",))
    several = [
        unread._replace(template=f"stack{number}.json", property=name)
        for number in range(8)
        for name in ("mfa-required", "inside-boundary", "saml-audience-bound")
    ]
    text = render_text(report(*several, sources=sources(), templates=8), PLAIN)
    assert "= also: 7 more like it in 7 more templates:\n" in text
    assert "and 2 more" not in text


def test_skipped_files_without_a_common_directory_are_only_counted() -> None:
    """An absolute and a relative path share no directory to name."""
    skipped = (("/elsewhere/a.json", "not a template"), ("b.json", "not a template"))
    text = render_text(report(sources=sources(), skipped=skipped), PLAIN)
    assert text.splitlines()[0] == "skipped 2 files: not a template"


def test_what_is_no_template_is_one_line() -> None:
    """Whatever stands there in its place: most files of a repository are none, and --verbose names them."""
    expected = "expected a CloudFormation template: a mapping with Resources"
    skipped = (("a/a.json", f"a list, {expected}"), ("a/b.yml", f"a mapping with on, jobs, {expected}"))
    found = report(sources=sources(), skipped=skipped)
    lines = render_text(found, PLAIN).splitlines()
    assert lines[0] == f"skipped 2 files in a: {expected} (--verbose shows what they are)"
    assert render_text(found, PLAIN, verbose=True).splitlines()[:2] == [f"skipped {a}: {b}" for a, b in skipped]


def test_what_only_some_templates_were_asked_is_not_called_not_asked() -> None:
    """What the configuration of the run switches off, another one may ask of its templates."""
    found = report(result(property="mfa-required"), sources=sources(), off=("mfa-required", "external-id-required"))
    shown = render_text(found, PLAIN)
    assert "\nnot asked: external-id-required\n" in shown
    assert "\nnot asked of every template: mfa-required\n" in shown


def test_what_else_is_like_it_has_a_name_or_a_place() -> None:
    """More findings of one resource are named by their places, and those of others by their resources."""
    places = sources("\n" * 30)
    places.positions = {CONDITION: (13, 3, 12), STATEMENT: (20, 5, 8)}
    text = render_text(report(result(), result(path=STATEMENT), sources=places), PLAIN)
    assert "= also: 1 more like it: access.template.json:20:5 (--verbose shows all)\n" in text
    text = render_text(report(result(), result(path=STATEMENT, logical_id="Reader"), sources=places), PLAIN)
    assert "= also: 1 more like it: Reader (--verbose shows all)\n" in text


def test_what_is_closed_with_several_is_said_once() -> None:
    """What also follows for a second role is not a line of its own."""
    found = []
    for name in ("R3", "R4", "R5"):
        open_to_all = {"property": "inside-boundary", "reach": "world", "logical_id": name, "path": STATEMENT}
        found += [result(**open_to_all, message=f"anyone gets {name}"), result(logical_id=name, message=f"no {name}")]
    text = render_text(report(*found, sources=sources()), PLAIN)
    assert [line for line in text.splitlines() if "so also" in line] == [
        "   = and so also: no R3 (mfa-required); so of R4 and R5"
    ]


def test_the_first_of_what_is_closed_with_it_are_named() -> None:
    """What a program's user may do besides is no page of its own."""
    cause = {"cause": "the program of user U", "logical_id": "U"}
    many = [result(**cause, message=f"U may do {number}") for number in range(9)]
    lines = [line for line in render_text(report(*many, sources=sources()), PLAIN).splitlines() if "so also" in line]
    assert lines == [
        *(f"   = and so also: U may do {number} (mfa-required)" for number in range(1, 6)),
        "   = and so also: 3 more of mfa-required (--verbose shows all)",
    ]


def test_the_same_of_a_stack_that_is_there_several_times_is_more_like_it() -> None:
    """What a template of several nested stacks says of each of them does not also follow from itself."""
    same = {"property": "mfa-required", "cause": "users without MFA in R", "message": "no MFA for R", "logical_id": "R"}
    text = render_text(report(result(**same), result(**same), result(**same), sources=sources()), PLAIN)
    assert "and so also" not in text
    assert "= also: 2 more like it: access.template.json:13:47 (--verbose shows all)\n" in text
