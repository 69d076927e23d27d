"""
Reports for other programs: each is valid for whoever reads it, and nothing in a template can change what it says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema.validators import validator_for
from lxml import etree

import trustproof
from tests.output.builders import STATEMENT, TEMPLATE, counterexample, mixed, refuted, report, result, snapshot, sources
from trustproof.cli.check import exit_code
from trustproof.output.formats import FORMATS, render
from trustproof.output.style import Style
from trustproof.results.omissions import Omission, omission_notes
from trustproof.results.report import Report
from trustproof.results.result import (
    ERROR,
    NOTE,
    PROVED,
    UNKNOWN,
    WARNING,
    WORLD,
    RelatedPlace,
    Severity,
    Suppression,
    Undeclared,
)
from trustproof.results.rules import EXPIRED_WAIVER

SCHEMAS = Path(__file__).parent / "schemas"
OWN_SCHEMA = Path(trustproof.__file__).parent / "output" / "report.schema.json"
BROKEN = Path(__file__).parents[2] / "examples" / "broken"
PLAIN = Style(coloured=False)

#: What the programs that run jobs take for commands, and controls.
_COMMANDS = "##[error]z ##vso[task.complete]w \x7f\x9b\u2066"
#: Breaks out of a workflow command, a table, a code span, a comment, an element, a line of a terminal.
HOSTILE = (
    "x\n::error::y\r\n%0A,:`|<script>&\"'@team #1 [a](b) ]]> --> \x1b[31m\x00 \u202e http://h *b* ```\n" + _COMMANDS
)
WAIVED = Suppression("waiver", "known to the team", "platform", "2027-01-31", "trustproof.toml:4")


def rendered(form: str, found: Report) -> str:
    return render(form, found, PLAIN)


def hostile() -> Report:
    """A report whose every text is what somebody wrote into a template to be misread."""
    found = result(
        template=f"{HOSTILE}.json",
        logical_id=HOSTILE,
        construct_path=HOSTILE,
        message=f"a user may get credentials of {HOSTILE}",
        label=HOSTILE,
        why=(HOSTILE,),
        reasons=(HOSTILE,),
        counterexample=counterexample(caller=HOSTILE, context={HOSTILE: HOSTILE}, parameters={HOSTILE: HOSTILE}),
    )
    waived = found._replace(suppression=Suppression("waiver", HOSTILE, HOSTILE))
    return report(found, waived, sources=sources(), notes=(HOSTILE,), passed_over=((HOSTILE, HOSTILE),))


def everything() -> Report:
    """Every verdict and severity, something waived, something in the baseline, a finding about a waiver."""
    found = mixed()
    more = (
        result(suppression=WAIVED, fingerprint="ab12"),
        result(suppression=Suppression("baseline", "in the baseline", source="b.json"), fingerprint="ab13"),
        result(severity=NOTE, verdict=UNKNOWN, template="<stdin>"),
        result(property=EXPIRED_WAIVER.ident, template="trustproof.toml", path=("waiver", 0)),
    )
    return found.replace(results=(*found.results, *more))


def not_checked() -> Report:
    """What nobody has looked into, and what of that is waived."""
    omissions = (Omission("t.json", "an AWS::X::Y"), Omission("t.json", "a share", resource="R", suppression=WAIVED))
    return refuted().replace(omissions=omissions)


REPORTS: dict[str, Callable[[], Report]] = {
    "refuted": refuted,
    "mixed": mixed,
    "everything": everything,
    "hostile": hostile,
    "not checked": not_checked,
    "empty": lambda: report(sources=sources()),
    "of the examples": lambda: trustproof.check([BROKEN]),
}


def valid(document: object, schema: Path) -> None:
    loaded = json.loads(schema.read_text(encoding="utf-8"))
    validator = validator_for(loaded)
    validator.check_schema(loaded)
    assert [f"{list(error.path)}: {error.message}" for error in validator(loaded).iter_errors(document)] == []


@pytest.mark.parametrize("name", REPORTS)
def test_json_is_that_of_the_published_schema(name: str) -> None:
    """Whoever reads the report may rely on the schema that is installed beside the program."""
    valid(json.loads(rendered("json", REPORTS[name]())), OWN_SCHEMA)


def test_the_schema_refuses_what_is_no_report() -> None:
    """The schema says something: a verdict that does not exist is none of it."""
    document = json.loads(rendered("json", report(result(), sources=sources())))
    document["results"][0]["verdict"] = "perhaps"
    with pytest.raises(AssertionError, match="perhaps"):
        valid(document, OWN_SCHEMA)


@pytest.mark.parametrize("name", REPORTS)
def test_sarif_is_that_of_its_schema(name: str) -> None:
    """Code scanning takes the report."""
    valid(json.loads(rendered("sarif", REPORTS[name]())), SCHEMAS / "sarif-2.1.0.json")


def sarif(found: Report) -> Any:
    (run,) = json.loads(rendered("sarif", found))["runs"]
    return run


def test_sarif_points_at_the_value_and_explains_the_rule() -> None:
    """A finding has its region, its fingerprint, its level, and a rule with the page of the property."""
    run = sarif(report(result(fingerprint="ab12"), sources=sources()))
    (found,) = run["results"]
    assert found["ruleId"] == "mfa-required"
    rule = run["tool"]["driver"]["rules"][found["ruleIndex"]]
    assert rule["id"] == "mfa-required"
    assert rule["help"]["markdown"].startswith("# mfa-required\n")
    assert rule["defaultConfiguration"]["level"] == "error"
    assert found["level"] == "error"
    assert found["partialFingerprints"] == {"trustproof/v1": "ab12"}
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "access.template.json", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 13, "startColumn": 47, "endLine": 13, "endColumn": 75}
    assert run["columnKind"] == "unicodeCodePoints"


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_what_nobody_has_looked_into_is_in_every_form(form: str) -> None:
    """With `--strict` it may be all that a run fails on: a report without it would be red and not say why."""
    left = Omission("t.json", "the share N", "lets others in")
    omissions = (left, Omission("t.json", "a share", resource="R", suppression=WAIVED))
    notes = tuple(omission_notes(omissions))
    passed_over = (("node_modules", "files of others"),)
    found = report(sources=sources(), omissions=omissions, notes=notes, passed_over=passed_over)
    said = rendered(form, found)
    assert "the share N" in said
    assert re.search("(?i)passed[ _]over", said)


def test_what_nobody_has_looked_into_has_its_file() -> None:
    """Where a program asks for a file or a case, as it has one for what cannot be read."""
    omissions = (Omission("t.json", "an AWS::X::Y"), Omission("t.json", "a share", resource="R", suppression=WAIVED))
    found = report(sources=sources(), omissions=omissions, passed_over=(("node_modules", "files of others"),))
    entries = json.loads(rendered("gitlab", found))
    assert [(one["check_name"], one["severity"], one["location"]["path"], one["description"]) for one in entries] == [
        ("not-checked", "info", "t.json", "not checked: an AWS::X::Y"),
        ("passed-over", "info", "node_modules", "passed over: files of others"),
    ]
    assert len({one["fingerprint"] for one in entries}) == 2
    cases = ET.fromstring(rendered("junit", found)).findall("testsuite/testcase")
    assert [(case.get("classname"), case.get("name"), [one.tag for one in case]) for case in cases] == [
        ("t.json", "looked-into", ["skipped"]),
        ("node_modules", "looked-into", ["skipped"]),
    ]


def test_sarif_carries_waivers_as_suppressions() -> None:
    """What is waived is there, suppressed, with the reason; what is not has no suppression."""
    first, second = sarif(report(result(), result(suppression=WAIVED), sources=sources()))["results"]
    assert "suppressions" not in first
    (suppression,) = second["suppressions"]
    assert suppression["justification"] == "known to the team, says platform (until 2027-01-31)"
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")


def test_sarif_brings_the_remedy_as_a_change_of_the_file() -> None:
    """An editor can make the change; a template that the CDK has written is not the place for it."""
    (run,) = json.loads(rendered("sarif", trustproof.check([BROKEN / "deny-bool-false.json"])))["runs"]
    (change,) = run["results"][0]["fixes"][0]["artifactChanges"]
    (operator,) = change["replacements"]
    first, _, second = operator["insertedContent"]["text"].partition(",")
    assert first == '"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}'
    assert second.endswith('"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:user/*"}')
    assert operator["deletedRegion"] == {"startLine": 20, "startColumn": 29, "endLine": 20, "endColumn": 76}
    assert "fixes" not in sarif(report(result(construct_path="Prod/Role"), sources=sources()))["results"][0]


def test_sarif_has_no_alert_for_a_proof() -> None:
    """Code scanning shows every result as an alert, so proofs are only counted."""
    run = sarif(report(result(verdict=PROVED, counterexample=None), sources=sources()))
    assert run["results"] == []
    assert run["properties"]["proved"] == 1


def test_sarif_says_that_a_run_did_not_succeed() -> None:
    """What could not be read is a notification with its place, and the run no success."""
    (invocation,) = sarif(mixed())["invocations"]
    assert invocation["executionSuccessful"] is False
    error = invocation["toolExecutionNotifications"][0]
    assert error["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 7}


def test_sarif_shows_the_steps_of_a_chain() -> None:
    """Each role on the way is a place of its own, with what happens there."""
    way = RelatedPlace(TEMPLATE, STATEMENT, "alice may assume Entry without MFA")
    (found,) = sarif(report(result(related=(way,)), sources=sources()))["results"]
    (related,) = found["relatedLocations"]
    assert related["message"]["text"] == "alice may assume Entry without MFA"
    assert related["physicalLocation"]["region"]["startLine"] == 9


def test_sarif_names_the_finding_whose_remedy_closes_another() -> None:
    """What folds into another finding in the text points to it in SARIF."""
    world = result(property="inside-boundary", reach="world", message="anyone gets in", fingerprint="a", path=STATEMENT)
    closed = result(reach="own", path=STATEMENT, fingerprint="b")
    (first, second) = sarif(report(world, closed, sources=sources()))["results"]
    assert "relatedLocations" not in first
    assert "closes this too: anyone gets in" in second["relatedLocations"][0]["message"]["text"]


@pytest.mark.parametrize("name", REPORTS)
def test_junit_is_well_formed_and_counts_itself(name: str) -> None:
    """The numbers of each suite, and of all, are those of the cases."""
    root = ET.fromstring(rendered("junit", REPORTS[name]()))
    assert root.tag == "testsuites"
    for suite in root:
        for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute, "")) == len(suite.findall(f"testcase/{element}"))
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
    assert int(root.get("tests", "")) == len(root.findall("testsuite/testcase"))
    assert int(root.get("failures", "")) == len(root.findall("testsuite/testcase/failure"))


@pytest.mark.parametrize("name", REPORTS)
def test_junit_is_that_of_the_schema(name: str) -> None:
    """Jenkins reads it, and so does everybody who reads what Jenkins does."""
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "junit-10.xsd"))
    schema.assertValid(etree.fromstring(rendered("junit", REPORTS[name]()).encode()))


def test_junit_fails_what_the_gate_fails() -> None:
    """Refuted and not waived is a failure; waived or mild is skipped, with the reason."""
    others = (result(suppression=WAIVED, logical_id="B"), result(severity=NOTE, logical_id="C"))
    found = report(result(), *others, sources=sources())
    cases = ET.fromstring(rendered("junit", found)).findall("testsuite/testcase")
    assert [case[0].tag for case in cases] == ["failure", "skipped", "skipped"]
    assert cases[1][0].get("message", "").startswith("waiver: known to the team, says platform")
    text = cases[0][0].text or ""
    assert "aws:MultiFactorAuthPresent is absent" in text
    assert '+ "Bool"' in text


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize(("fail_on", "strict"), [(ERROR, False), (WARNING, False), (WARNING, True), (NOTE, True)])
def test_junit_fails_if_and_only_if_the_run_does(name: str, fail_on: Severity, strict: bool) -> None:
    """A pipeline that goes by the report is as red as one that goes by the exit status."""
    found = REPORTS[name]()
    text = render("junit", found, PLAIN, fail_on=fail_on, strict=strict)
    root = ET.fromstring(text)
    is_red = exit_code(found, fail_on, strict=strict) != 0
    assert bool(root.findall("testsuite/testcase/failure") + root.findall("testsuite/testcase/error")) == is_red
    for suite in root:
        for attribute, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute, "")) == len(suite.findall(f"testcase/{element}"))
    etree.XMLSchema(etree.parse(SCHEMAS / "junit-10.xsd")).assertValid(etree.fromstring(text.encode()))


def test_junit_knows_a_case_in_every_run() -> None:
    """By template, resource and property, and not by where in the resource something was found, or whether."""

    def cases(*results: Any) -> list[tuple[str | None, str | None]]:
        found = ET.fromstring(rendered("junit", report(*results, sources=sources()))).findall("testsuite/testcase")
        return [(case.get("classname"), case.get("name")) for case in found]

    before = cases(result(path=STATEMENT))
    assert before == [(f"{TEMPLATE}.Prod/Access/Deployer/Resource", "mfa-required")]
    assert cases(result(path=(*STATEMENT[:-1], 7))) == before
    assert cases(result(verdict=PROVED, counterexample=None, path=STATEMENT[:-2])) == before
    # Several statements are parts of one answer.
    assert cases(result(path=STATEMENT), result(path=(*STATEMENT[:-1], 7))) == before
    assert cases(result(), result(template="other.json")) == [
        *before,
        ("other.json.Prod/Access/Deployer/Resource", "mfa-required"),
    ]
    assert cases(result(template=f"./{TEMPLATE}")) == before
    accounts = [result(account=one) for one in ("111122223333", "222233334444")]
    assert [case[0] for case in cases(*accounts)] == [
        f"{TEMPLATE} ({one}).Prod/Access/Deployer/Resource" for one in ("111122223333", "222233334444")
    ]


@pytest.mark.parametrize("name", REPORTS)
def test_junit_has_no_case_twice(name: str) -> None:
    """GitLab shows the first of several that are called alike."""
    found = ET.fromstring(rendered("junit", REPORTS[name]())).findall("testsuite/testcase")
    named = [(case.get("classname"), case.get("name")) for case in found]
    assert len(named) == len({*named})


@pytest.mark.parametrize("name", REPORTS)
def test_each_line_for_github_is_one_command(name: str) -> None:
    """Nothing that a template says begins a command of its own, or ends a property."""
    for line in rendered("github", REPORTS[name]()).splitlines():
        assert re.fullmatch(r"::(error|warning|notice) ([a-zA-Z]+=[^:,]*)(,[a-zA-Z]+=[^:,]*)*::[^\r\n]*", line), line


def test_github_shows_the_worst_first_and_nothing_waived() -> None:
    """Of a step, ten annotations of a kind are shown: the first are those that matter."""
    found = report(result(severity=NOTE), result(suppression=WAIVED), result(), sources=sources())
    first, second = rendered("github", found).splitlines()
    assert first.startswith(
        "::error file=access.template.json,line=13,col=47,endColumn=75,title=refuted[mfa-required]::"
    )
    assert "%0Arequest: arn:aws:iam::222222222222:user/alice calls sts:AssumeRole" in first
    assert second.startswith("::notice ")


@pytest.mark.parametrize("name", REPORTS)
def test_gitlab_has_what_it_asks_for(name: str) -> None:
    """Every entry has the five members that GitLab demands, in its words."""
    for entry in json.loads(rendered("gitlab", REPORTS[name]())):
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert entry["location"]["lines"]["begin"] >= 1
        assert not entry["location"]["path"].startswith("./")
        assert entry["fingerprint"]


def test_gitlab_has_what_is_waived_for_information() -> None:
    """It knows no waivers: the reason is a part of the description."""
    (entry,) = json.loads(rendered("gitlab", report(result(suppression=WAIVED), sources=sources())))
    assert entry["severity"] == "info"
    assert "(waived: " in entry["description"]
    assert WAIVED.reason in entry["description"]


PRINCIPALS = """{
 "Resources": {
  "Role": {
   "Type": "AWS::IAM::Role",
   "Properties": {
    "AssumeRolePolicyDocument": {
     "Version": "2012-10-17",
     "Statement": [
      {
       "Effect": "Allow",
       "Principal": {
        "AWS": [
         "arn:aws:iam::111122223333:root",
         "arn:aws:iam::999988887777:root"
        ]
       },
       "Action": "sts:AssumeRole",
       "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
      }
     ]
    }
   }
  }
 }
}
"""


def test_every_form_points_at_the_value(tmp_path: Path) -> None:
    """A list of principals has one that is too many: programs are told its line, as people are."""
    file = tmp_path / "t.json"
    file.write_text(PRINCIPALS, encoding="utf-8")
    config = {"boundary": {"accounts": ["111122223333"]}}
    found = trustproof.check([str(file)], config=config, properties=["inside-boundary"])
    assert "t.json:14:10 (Role)" in rendered("text", found)
    (one,) = json.loads(rendered("json", found))["results"]
    assert (one["location"]["line"], one["location"]["column"]) == (14, 10)
    (place,) = sarif(found)["results"][0]["locations"]
    region = place["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (14, 10, 42)
    assert ",line=14,col=10,endColumn=42," in rendered("github", found)
    assert json.loads(rendered("gitlab", found))[0]["location"]["lines"] == {"begin": 14}
    for form in ("html", "markdown"):
        assert "t.json:14:10" in rendered(form, found)
    assert "         ^" * 1 in rendered("html", found)


def test_programs_are_told_files_from_the_top_of_the_repository(tmp_path: Path) -> None:
    """Where a job runs below it; what has an absolute path keeps it."""
    found = report(result(), sources=sources())
    found.sources.below = "infra/live"
    (place,) = sarif(found)["results"][0]["locations"]
    uri = place["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.startswith("infra/live/")
    assert f"file={uri}," in rendered("github", found)
    assert json.loads(rendered("gitlab", found))[0]["location"]["path"] == uri
    assert "infra/live" not in rendered("text", found)


def test_a_file_that_is_named_by_its_absolute_path_is_one_of_the_repository(tmp_path: Path) -> None:
    """As GitLab and code scanning want it; what is outside of it keeps its path."""
    top, outside = tmp_path / "r", str(tmp_path / "other" / "t.json")
    (top / "infra").mkdir(parents=True)
    (tmp_path / "link").symlink_to(top)
    for named in (top / "infra" / "t.json", tmp_path / "link" / "infra" / "t.json"):
        found = report(result(template=str(named)), sources=sources())
        found.sources.top, found.sources.below = str(top), "infra"
        assert json.loads(rendered("gitlab", found))[0]["location"]["path"] == "infra/t.json"
        (place,) = sarif(found)["results"][0]["locations"]
        artifact = place["physicalLocation"]["artifactLocation"]
        assert artifact == {"uri": "infra/t.json", "uriBaseId": "%SRCROOT%"}
    found = report(result(template=outside), sources=sources())
    found.sources.top = str(top)
    assert json.loads(rendered("gitlab", found))[0]["location"]["path"] == outside


def test_markdown_is_a_comment_to_be_found_again() -> None:
    """The first line is the mark by which the comment is updated, and the rest is what a person reads."""
    assert rendered("markdown", everything()) == snapshot("everything.md")


def test_markdown_shows_hostile_text_and_does_nothing_with_it() -> None:
    """No element, no link, no mention, no heading and no end of a block comes from a template."""
    text = rendered("markdown", hostile())
    outside = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1$|(?<!`)(`+)(?!`).*?(?<!`)\2(?!`)", "", text)
    shown = re.sub(r"\\.|<!-- (trustproof )?-->|</?(details|summary)>", "", outside)
    assert "<" not in shown
    assert "[a]" not in shown
    assert "@team" not in shown
    assert not re.search(r"#\d", shown)
    assert "://" not in shown
    assert "\x1b" not in text
    assert "\x00" not in text
    assert "\u202e" not in text


@pytest.mark.parametrize("form", ["markdown", "github"])
def test_many_mild_findings_hide_no_worse_one(form: str) -> None:
    """Whoever lets in the world comes first, and one of each cause before the others, however many there are."""
    mild = [result(logical_id=f"Role{number}") for number in range(400)]
    other = result(label="another cause")
    text = rendered(
        form, report(*mild, other, result(label="", message="anyone gets in", reach=WORLD), sources=sources())
    )
    first, second = re.findall(r"(?m)^(?:### refuted|::error).*$", text)[:2]
    assert "anyone gets in" in first
    assert "anyone gets in" not in second
    if form == "markdown":
        assert "**of the same cause**: 399 findings" in text
        assert "and 389 more places" in text
        assert text.count(mild[0].message) <= 2


def test_markdown_asks_once_whose_all_the_accounts_are() -> None:
    """Hundreds of accounts that nobody has declared are one section, which says how many it does not name."""
    unknown = result(verdict=UNKNOWN, property="inside-boundary", counterexample=None, remedy=None, why=())
    accounts = [f"1111222{number:05}" for number in range(400)]
    found = [unknown._replace(reasons=(one,), undeclared=(Undeclared("accounts", one),)) for one in accounts]
    text = rendered("markdown", report(result(), *found, sources=sources()))
    assert re.findall("(?m)^### .*$", text)[1:] == [
        r"### unknown: 400 accounts stand in the templates, and no \[boundary\] says whose they are"
    ]
    assert "`inside-boundary`: 400 findings" in text
    assert "… and 360 more lines" in text
    assert "    [boundary]\n" in text
    assert len(text) < 12_000


def test_markdown_has_a_section_for_each_reason() -> None:
    """What is unknown for the same reasons in several templates is one, and what is refuted is not put together."""
    unknown = result(verdict=UNKNOWN, reasons=("a macro",), counterexample=None, remedy=None, why=())
    found = [
        *(unknown._replace(template=f"{number}.json") for number in range(30)),
        unknown._replace(reasons=("a budget",)),
        *(result(template=f"{number}.json") for number in range(2)),
    ]
    text = rendered("markdown", report(*found, sources=sources()))
    assert len(re.findall("(?m)^### refuted", text)) == 2
    assert len(re.findall("(?m)^### unknown", text)) == 2
    assert "**of the same cause**: 29 findings" in text


def test_markdown_is_cut_to_what_a_comment_holds() -> None:
    """A report of a thousand findings is a comment all the same, and says how much it leaves out."""
    text = rendered("markdown", report(*[result(label=str(number)) for number in range(1000)], sources=sources()))
    assert len(text) < 65_536
    assert re.search(r"… and \d+ more sections, in the other outputs\n$", text)


def test_html_is_a_page_of_its_own() -> None:
    """What a person reads, with the styles that it needs, and nothing that is loaded or run."""
    text = rendered("html", everything())
    assert text == snapshot("everything.html")
    page = etree.HTML(text, etree.HTMLParser(recover=False))
    assert not page.xpath("//script | //link | //img | //iframe | //@src | //@href | //@onload | //@onclick")
    assert "default-src 'none'" in page.xpath("//meta/@content")[0]
    assert len(page.xpath("//article")) == len([one for one in everything().results if one.verdict != PROVED])


def test_html_shows_hostile_text_and_does_nothing_with_it() -> None:
    """A template adds no element and no attribute to the page."""
    pages = [
        etree.HTML(rendered("html", found), etree.HTMLParser(recover=False)) for found in (hostile(), everything())
    ]
    names = [{(one.tag, *sorted(one.attrib)) for one in page.iter() if isinstance(one.tag, str)} for page in pages]
    assert names[0] <= {*names[1], ("h2",), ("ul",), ("li",)}
    assert not pages[0].xpath("//script")
    assert "<script>&" in "".join(pages[0].itertext())


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "text"])
def test_the_same_report_gives_the_same_bytes(form: str) -> None:
    """Nothing but the report is in what is written: no time, no name of a machine."""
    assert rendered(form, everything()) == rendered(form, everything())


@pytest.mark.parametrize("form", FORMATS)
def test_no_form_moves_a_terminal(form: str) -> None:
    """Whatever is printed of a template, it is printed."""
    text = rendered(form, hostile())
    assert not [c for c in text if c != "\n" and not c.isprintable()] or form == "json"
    if form == "json":
        assert json.loads(text)["results"][0]["logical_id"] == HOSTILE


@pytest.mark.parametrize("form", FORMATS)
def test_no_line_is_a_command_of_a_runner(form: str) -> None:
    """What a template says neither begins a line as a command nor stands in one as the logs of runners read it."""
    text = rendered(form, hostile())
    assert all(c.isprintable() or c == "\n" for c in text)
    for line in text.splitlines():
        assert not re.search(r"##\w*\[", line)
        if form != "github":
            assert not line.lstrip().startswith("::")
    if form == "github":
        assert all(re.match(r"::(error|warning|notice) ", line) for line in text.splitlines())


def test_json_shortens_sentences_and_no_request(tmp_path: Path) -> None:
    """A reason that repeats a very long value is given by its ends; the request that is to be sent again is whole."""
    value = "ab" * 10_000
    document = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:UserAgent": value}},
            }
        ]
    }
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"R": role, "L" * 9_000: role}}), encoding="utf-8")
    written = json.loads(rendered("json", trustproof.check([file])))
    refuted = [one for one in written["results"] if one["counterexample"]]
    assert refuted
    assert all(one["counterexample"]["context"].get("aws:UserAgent") == value for one in refuted)
    for one in written["results"]:
        assert all(len(text) < 5_000 for text in (one["message"], *one["reasons"]))
