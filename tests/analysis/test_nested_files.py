"""
Nested stacks whose templates are files of the run: what the parent passes, and what it takes from their outputs.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, REFUTED, UNKNOWN
from trustproof.cli.check import exit_code
from trustproof.inputs.assembly import stack_reader

Json = dict[str, object]

ACCOUNT, OUTSIDE = "111122223333", "999988887777"
CONFIG = {"boundary": {"accounts": [ACCOUNT]}}


#: What a mapping has for a parameter.
ROW_OF_STAGE: Json = {"Fn::FindInMap": ["M", {"Ref": "Stage"}, "Id"]}


def role(principal: object) -> Json:
    """A role that an account may assume."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}


def stack(url: str = "child.json", parameters: object = None, type_: str = "AWS::CloudFormation::Stack") -> Json:
    """A nested stack."""
    key = "TemplateURL" if type_.endswith("::Stack") else "Location"
    return {"Type": type_, "Properties": {key: url, **({} if parameters is None else {"Parameters": parameters})}}


def parent(nested: Json, **sections: object) -> Json:
    """A template with a nested stack."""
    return {**sections, "Resources": {"Child": nested}}


CHILD: Json = {
    "Parameters": {"Account": {"Type": "String", "Default": ACCOUNT}},
    "Resources": {"R": role({"Ref": "Account"})},
    "Outputs": {"Account": {"Value": OUTSIDE}},
}


def check(folder: Path, files: dict[str, Json], paths: list[str] | None = None, **more: object) -> trustproof.Report:
    """The report about some templates."""
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    given = [str(folder / path) for path in paths or list(files)]
    return trustproof.check(given, account=ACCOUNT, config=CONFIG, properties=["inside-boundary"], **more)  # type: ignore[arg-type]


def verdicts(report: trustproof.Report) -> list[tuple[str, str]]:
    """Resource and verdict of each result."""
    assert not report.errors
    return [(found.logical_id, found.verdict) for found in report.results]


def condition(value: object, default: str = "a") -> Json:
    """The sections of a parent in which a condition decides."""
    return {
        "Parameters": {"Mode": {"Type": "String", "Default": default}},
        "Conditions": {"Open": {"Fn::Equals": [{"Ref": "Mode"}, value]}},
    }


@pytest.mark.parametrize(
    ("passed", "sections", "verdict"),
    [
        (None, {}, PROVED),
        ({}, {}, PROVED),
        ({"Account": ACCOUNT}, {}, PROVED),
        ({"Account": OUTSIDE}, {}, REFUTED),
        ({"Account": {"Ref": "Other"}}, {"Parameters": {"Other": {"Type": "String"}}}, UNKNOWN),
        ({"Account": {"Ref": "Other"}}, {"Parameters": {"Other": {"Type": "String", "Default": OUTSIDE}}}, REFUTED),
        (
            {"Account": {"Ref": "Other"}},
            {"Parameters": {"Other": {"Type": "String", "Default": ACCOUNT, "AllowedValues": [ACCOUNT, OUTSIDE]}}},
            REFUTED,
        ),
        ({"Account": {"Fn::If": ["Open", OUTSIDE, ACCOUNT]}}, condition("b"), REFUTED),
        ({"Account": {"Fn::If": ["Open", ACCOUNT, ACCOUNT]}}, condition("b"), PROVED),
        ({"Account": {"Fn::If": ["Open", OUTSIDE, {"Ref": "AWS::NoValue"}]}}, condition("b"), REFUTED),
        ({"Account": {"Fn::If": ["Open", ACCOUNT, {"Ref": "AWS::NoValue"}]}}, condition("b"), PROVED),
        ({"Account": {"Fn::If": ["Open", {"Ref": "AWS::NoValue"}, {"Ref": "AWS::NoValue"}]}}, condition("b"), PROVED),
        ({"Fn::If": ["Open", {"Account": OUTSIDE}, {"Ref": "AWS::NoValue"}]}, condition("b"), REFUTED),
        ({"Fn::If": ["Open", {"Account": ACCOUNT}, {"Ref": "AWS::NoValue"}]}, condition("b"), PROVED),
        ({"Fn::If": ["Open", {}, {"Fn::Transform": {"Name": "Mine"}}]}, condition("b"), UNKNOWN),
        ({"Ref": "AWS::NoValue"}, {}, PROVED),
        ({"Account": {"Fn::Transform": {"Name": "Mine"}}}, {}, UNKNOWN),
        ({"Account": ACCOUNT, "Fn::Transform": {"Name": "Mine"}}, {}, UNKNOWN),
    ],
)
def test_a_nested_stack_is_judged_with_what_it_is_passed(
    tmp_path: Path, passed: object, sections: Json, verdict: str
) -> None:
    """The defaults of its template are for what the parent does not pass."""
    report = check(tmp_path, {"child.json": CHILD, "parent.json": parent(stack(parameters=passed), **sections)})
    assert verdicts(report) == [("R", verdict)]
    assert not [note for note in report.notes if "not checked" in note]


@pytest.mark.parametrize(
    ("nested", "sections", "expected"),
    [
        (stack(parameters={"Account": ACCOUNT}), {"Transform": "Mine"}, UNKNOWN),
        ({**stack(parameters={"Account": ACCOUNT}), "Fn::Transform": {"Name": "Mine"}}, {}, UNKNOWN),
        (
            stack(parameters={"Account": {"Fn::FindInMap": ["M", "a", "b"]}}),
            {"Mappings": {"M": {"a": {"b": OUTSIDE}}}},
            REFUTED,
        ),
    ],
)
def test_what_a_macro_may_pass_is_not_known(tmp_path: Path, nested: Json, sections: Json, expected: str) -> None:
    """A macro of the parent may pass something else than is written."""
    found = dict(verdicts(check(tmp_path, {"child.json": CHILD, "parent.json": parent(nested, **sections)})))
    assert found["R"] == expected


def test_a_stack_in_a_loop_and_one_that_is_never_there(tmp_path: Path) -> None:
    """Loops are written out; what no deployment has is not judged."""
    loop = {"Fn::ForEach::L": ["X", ["a", "b"], {"Child${X}": stack(parameters={"Account": OUTSIDE})}]}
    outer = {"Transform": "AWS::LanguageExtensions", "Resources": loop}
    assert set(verdicts(check(tmp_path, {"child.json": CHILD, "parent.json": outer}))) == {("R", REFUTED)}
    never = {**stack(parameters={"Account": OUTSIDE}), "Condition": "Never"}
    outer = {"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}, "Resources": {"Child": never}}
    report = check(tmp_path, {"child.json": CHILD, "parent.json": outer})
    assert verdicts(report) == []
    ((path, reason),) = report.passed_over
    assert (path, reason) == (
        str(tmp_path / "child.json"),
        "it is for the nested stack Child, whose condition never holds",
    )
    assert (exit_code(report), exit_code(report, strict=True)) == (0, 1)
    with pytest.raises(trustproof.NotProvedError, match="was passed over: it is for the nested stack Child"):
        report.raise_for_status("warning")


def test_one_that_is_never_there_may_be_another_ones(tmp_path: Path) -> None:
    """What another parent has is looked into, and is not passed over."""
    never = {**stack(parameters={"Account": OUTSIDE}), "Condition": "Never"}
    outer = {"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}, "Resources": {"Child": never}}
    other = parent(stack(parameters={"Account": OUTSIDE}))
    report = check(tmp_path, {"child.json": CHILD, "parent.json": outer, "other.json": other})
    assert (verdicts(report), report.passed_over) == ([("R", REFUTED)], ())


def test_a_template_that_is_elsewhere_is_no_silent_pass(tmp_path: Path) -> None:
    """Nobody has looked into it, which a strict gate minds."""
    (tmp_path / "parent.json").write_text(json.dumps(parent(stack("https://b.s3.amazonaws.com/child.json"))))
    report = trustproof.check([str(tmp_path / "parent.json")], account=ACCOUNT)
    assert report.not_checked == ((str(tmp_path / "parent.json"), "the nested stack Child (TemplateURL)"),)
    assert (exit_code(report), exit_code(report, strict=True)) == (0, 1)
    with pytest.raises(trustproof.NotProvedError, match="is not checked"):
        report.raise_for_status("warning")


@pytest.mark.parametrize("location", ["a\0b", "a/" * 3000])
def test_a_location_that_no_path_is_written_like_ends_no_run(tmp_path: Path, location: str) -> None:
    """What one template names is not at hand, and the others are judged."""
    (tmp_path / "parent.json").write_text(json.dumps(parent(stack(location))))
    (tmp_path / "other.json").write_text(json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}))
    report = trustproof.check([str(tmp_path)], account=ACCOUNT)
    assert (report.templates, report.errors) == (2, ())
    assert [what for _, what in report.not_checked] == ["the nested stack Child (TemplateURL)"]


def test_its_template_alone_is_judged_at_its_defaults(tmp_path: Path) -> None:
    """Without the parent nothing is passed."""
    files = {"child.json": CHILD, "parent.json": parent(stack(parameters={"Account": OUTSIDE}))}
    assert verdicts(check(tmp_path, files, ["child.json"])) == [("R", PROVED)]


@pytest.mark.parametrize("paths", [["parent.json", "child.json"], ["child.json", "parent.json"], ["."]])
def test_the_order_of_the_files_does_not_matter(tmp_path: Path, paths: list[str]) -> None:
    """The parent is looked for among all of them."""
    files = {"child.json": CHILD, "parent.json": parent(stack(parameters={"Account": OUTSIDE}))}
    assert verdicts(check(tmp_path, files, paths)) == [("R", REFUTED)]


def test_a_parent_takes_the_outputs_of_its_nested_stacks(tmp_path: Path) -> None:
    """What an output says is known, and no longer anything at all."""
    asks = {"Fn::GetAtt": ["Child", "Outputs.Account"]}
    for value, verdict in ((OUTSIDE, REFUTED), (ACCOUNT, PROVED)):
        child = {**CHILD, "Outputs": {"Account": {"Value": value}}}
        outer = {"Resources": {"Child": stack(), "P": role(asks)}}
        found = dict(verdicts(check(tmp_path, {"child.json": child, "parent.json": outer})))
        assert found == {"R": PROVED, "P": verdict}


def test_files_in_folders_and_applications_of_sam_are_found(tmp_path: Path) -> None:
    """A path is relative to the template that names it; a folder of nothing but nested templates is no error."""
    nested = stack("./inner/child.json", {"Account": OUTSIDE}, "AWS::Serverless::Application")
    files = {
        "parent.json": {"Transform": "AWS::Serverless-2016-10-31", **parent(nested)},
        "inner/child.json": parent(stack("leaf.json", {"Account": {"Ref": "Account"}}), Parameters=CHILD["Parameters"]),
        "inner/leaf.json": CHILD,
    }
    assert verdicts(check(tmp_path, files, ["parent.json", "inner"])) == [("R", REFUTED)]


@pytest.mark.parametrize("named", [["t"], ["./t"], ["t/parent.json", "t/child.json"], ["t", "u"], ["../w/t"], ["t/."]])
@pytest.mark.parametrize("type_", ["AWS::CloudFormation::Stack", "AWS::Serverless::Application"])
def test_a_relative_path_with_a_directory_is_as_good_as_an_absolute_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, type_: str, named: list[str]
) -> None:
    """How the user names the files changes nothing of what is nested in what."""
    more = {"Transform": "AWS::Serverless-2016-10-31"} if "Serverless" in type_ else {}
    files = {
        "t/child.json": CHILD,
        "t/parent.json": {**more, **parent(stack(parameters={"Account": OUTSIDE}, type_=type_))},
        "u/other.json": {"Resources": {"Other": role(ACCOUNT)}},
    }
    (tmp_path / "w").mkdir()
    for name, content in files.items():
        (tmp_path / "w" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "w" / name).write_text(json.dumps(content))
    monkeypatch.chdir(tmp_path / "w")
    report = trustproof.check(named, account=ACCOUNT, config=CONFIG, properties=["inside-boundary"])
    assert ("R", REFUTED) in verdicts(report)
    assert not report.not_checked


@pytest.mark.parametrize("type_", ["AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet"])
def test_a_file_that_no_nested_stack_is_made_of_is_judged_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, type_: str
) -> None:
    """A file that looks nested, and that nobody reads as that in the end, is none that nobody reads."""
    monkeypatch.setattr(stack_reader.StackReader, "_children", lambda *_: {})
    files = {
        "child.json": {"Resources": {"Open": role(OUTSIDE)}},
        "a.json": parent(stack(type_=type_)),
        "b.json": parent(stack(type_=type_)),
    }
    report = check(tmp_path, files, ["."])
    assert verdicts(report) == [("Open", REFUTED)]
    assert report.templates == 3


def test_two_stacks_of_one_template_are_judged_each(tmp_path: Path) -> None:
    """What one of them is passed is not what the other one is."""
    one, other = stack(parameters={"Account": ACCOUNT}), stack(parameters={"Account": OUTSIDE})
    report = check(tmp_path, {"child.json": CHILD, "parent.json": {"Resources": {"One": one, "Other": other}}})
    assert (("R", REFUTED)) in verdicts(report)


def test_stacks_in_a_circle_are_read(tmp_path: Path) -> None:
    """CloudFormation refuses them; what they hold is judged all the same."""
    files = {name: {"Resources": {"R": role(OUTSIDE), "Child": stack(other)}} for name, other in CIRCLE.items()}
    assert ("R", REFUTED) in verdicts(check(tmp_path, files))


CIRCLE = {"a.json": "b.json", "b.json": "a.json", "c.json": "c.json"}


def test_what_the_user_pins_is_the_parents(tmp_path: Path) -> None:
    """A parameter that the parent passes is not pinned; one of the parent's own is."""
    sections = {"Parameters": {"Other": {"Type": "String", "Default": ACCOUNT}}}
    files = {"child.json": CHILD, "parent.json": parent(stack(parameters={"Account": {"Ref": "Other"}}), **sections)}
    assert verdicts(check(tmp_path, files, parameters={"Other": OUTSIDE})) == [("R", REFUTED)]
    assert verdicts(check(tmp_path, files)) == [("R", PROVED)]


def test_what_a_default_decides_in_a_nested_stack_is_open(tmp_path: Path) -> None:
    """A parent's parameter may be anything, and the condition of the nested stack that compares it goes either way."""
    passes = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "./child.json"}}
    passes["Properties"]["Parameters"] = {"S": {"Ref": "S"}}  # type: ignore[index]
    parent = {"Parameters": {"S": {"Type": "String", "Default": "yes"}}, "Resources": {"C": passes}}
    condition = {"Fn::If": ["P", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {"Ref": "AWS::NoValue"}]}
    statement = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": {**statement, "Condition": condition}}
    child = {
        "Parameters": {"S": {"Type": "String"}},
        "Conditions": {"P": {"Fn::Equals": [{"Ref": "S"}, "yes"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}},
    }
    (tmp_path / "parent.json").write_text(json.dumps(parent))
    (tmp_path / "child.json").write_text(json.dumps(child))
    report = trustproof.check([str(tmp_path)], account="111122223333", properties=["mfa-required"])
    assert {result.verdict for result in report.results} == {"refuted"}


MODES: Json = {"Parameters": {"Mode": {"Type": "String", "Default": "a"}}}
OPEN: Json = {**MODES, "Conditions": {"Open": {"Fn::Equals": [{"Ref": "Mode"}, "b"]}}}
FILES: Json = {"Mappings": {"F": {"a": {"url": "child.json"}, "b": {"url": "second.json"}}}}
PASSED: Json = {"Account": OUTSIDE}


def declared(**keys: object) -> Json:
    """The parameter that says where the template is."""
    return {"Parameters": {"Url": {"Type": "String", **keys}}}


#: Where a template is said to be, what else the parent says, what it passes, and the verdicts of all that is read.
PLACES: list[tuple[str, object, Json, object, list[str]]] = [
    ("a parameter", {"Ref": "Url"}, declared(Default="child.json"), PASSED, [PROVED, REFUTED]),
    ("a list", {"Ref": "Url"}, declared(AllowedValues=["child.json", "second.json"]), PASSED, [REFUTED, REFUTED]),
    ("a condition", {"Fn::If": ["Open", "child.json", "second.json"]}, OPEN, PASSED, [REFUTED, REFUTED]),
    ("a branch elsewhere", {"Fn::If": ["Open", "child.json", "s3://b"]}, OPEN, PASSED, [PROVED, REFUTED]),
    ("a mapping", {"Fn::FindInMap": ["F", {"Ref": "Mode"}, "url"]}, {**MODES, **FILES}, PASSED, [REFUTED, REFUTED]),
    (
        "a mapping under a condition",
        {"Fn::If": ["Open", {"Fn::FindInMap": ["F", "a", "url"]}, "second.json"]},
        {**OPEN, **FILES},
        PASSED,
        [REFUTED, REFUTED],
    ),
    (
        "branches go together",
        {"Fn::If": ["Open", "child.json", "second.json"]},
        OPEN,
        {"Account": {"Fn::If": ["Open", ACCOUNT, OUTSIDE]}},
        [PROVED, REFUTED],
    ),
    ("nobody knows where", {"Ref": "Url"}, declared(), PASSED, [PROVED, PROVED, REFUTED, REFUTED]),
    ("nobody knows what", {"Ref": "Url"}, declared(), {"Account": {"Ref": "Url"}}, [PROVED, PROVED, UNKNOWN, UNKNOWN]),
    ("what neither takes", {"Ref": "Url"}, declared(), {"Other": "x"}, [PROVED, PROVED]),
    (
        "a path that is composed",
        {"Fn::Sub": "${Url}.json"},
        declared(Default="child"),
        PASSED,
        [PROVED, REFUTED],
    ),
    ("another place", {"Fn::Sub": "https://b/${Url}"}, declared(), PASSED, [PROVED, PROVED]),
]


@pytest.mark.parametrize(
    ("url", "sections", "passed", "expected"), [one[1:] for one in PLACES], ids=[o[0] for o in PLACES]
)
def test_every_template_that_a_nested_stack_may_have_is_judged_with_what_it_is_passed(
    tmp_path: Path, url: object, sections: Json, passed: object, expected: list[str]
) -> None:
    """A condition, a mapping or a parameter may choose it."""
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": passed}}
    files = {"child.json": CHILD, "second.json": CHILD, "parent.json": parent(nested, **sections)}
    assert sorted(verdict for _, verdict in verdicts(check(tmp_path, files))) == expected


def test_a_template_that_the_user_chooses_is_the_one(tmp_path: Path) -> None:
    """The other one is not in the deployment that is judged, and stands for itself."""
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": {"Ref": "Url"}, "Parameters": PASSED}}
    files = {"child.json": CHILD, "second.json": CHILD, "parent.json": parent(nested, **declared())}
    report = check(tmp_path, files, parameters={"Url": "second.json"})
    assert {(Path(one.template).name, one.verdict) for one in report.results} == {
        ("child.json", PROVED),
        ("second.json", REFUTED),
    }


OPEN_TO_ALL: Json = {"Parameters": [{"ParameterKey": "Account", "ParameterValue": OUTSIDE}]}


def overriding(*values: object, name: str = "Account") -> Json:
    """The groups of accounts of a StackSet, each with a value of its own; None is one without."""
    return {
        "StackInstancesGroup": [
            {"Regions": [], "ParameterOverrides": [{"ParameterKey": name, "ParameterValue": value}]}
            if value is not None
            else {"Regions": []}
            for value in values
        ]
    }


#: Something else for a group of accounts, where a condition holds that does not: all of it, and one entry.
OVERRIDDEN: Json = {"ParameterKey": "Account", "ParameterValue": OUTSIDE}
NEVER: Json = {"Fn::If": ["IsNever", [OVERRIDDEN], {"Ref": "AWS::NoValue"}]}
NEVER_ONE: Json = {"Fn::If": ["IsNever", OVERRIDDEN, {"Ref": "AWS::NoValue"}]}
WIDE: Json = {"Fn::If": ["IsWide", [OVERRIDDEN], {"Ref": "AWS::NoValue"}]}
TO_OWN: Json = {"Parameters": [{"ParameterKey": "Account", "ParameterValue": ACCOUNT}]}
STORED: Json = {**CHILD, "Parameters": {"Account": {"Type": "AWS::SSM::Parameter::Value<String>"}}}
STORED_LIST: Json = {
    "Parameters": {"Account": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/all"}},
    "Resources": {"R": role({"Ref": "Account"})},
}


@pytest.mark.parametrize("child", [STORED, STORED_LIST], ids=["a text", "a list"])
@pytest.mark.parametrize(
    ("passed", "sections"),
    [
        ("/hub/account", {}),
        (ACCOUNT, {}),
        ({"Ref": "Name"}, declared(Default="/hub/account")),
        ({"Ref": "Name"}, declared(AllowedValues=[ACCOUNT])),
        ({"Fn::Sub": "/hub/${AWS::AccountId}"}, {}),
        ({"Fn::If": ["Open", "/hub/account", ACCOUNT]}, condition("b")),
    ],
    ids=["a name", "what looks like an account", "a default", "a list of one", "a function", "a choice"],
)
@pytest.mark.parametrize("place", ["Stack", "StackSet", "TemplateBody"])
def test_what_is_passed_to_a_parameter_of_the_parameter_store_is_its_name_there(
    tmp_path: Path, place: str, passed: object, sections: Json, child: Json
) -> None:
    """Neither an account nor a text that is no principal is made of it, and the option that is proposed decides it."""
    nested = stack(parameters={"Account": passed})
    if place != "Stack":
        where = {"TemplateBody": json.dumps(child)} if place == "TemplateBody" else {"TemplateURL": "child.json"}
        given = [{"ParameterKey": "Account", "ParameterValue": passed}]
        nested = {"Type": "AWS::CloudFormation::StackSet", "Properties": {**where, "Parameters": given}}
    files = {"parent.json": parent(nested, **sections), **({} if place == "TemplateBody" else {"child.json": child})}
    report = check(tmp_path, files)
    assert [verdict for _, verdict in verdicts(report)] == [UNKNOWN]
    reasons = [reason for one in report.results for reason in one.reasons]
    proposed = {found[1] for reason in reasons if (found := re.search(r"--parameter ([^ =]+)=", reason))}
    assert proposed == {"Account.ResolvedValue"}, reasons
    for account, verdict in ((ACCOUNT, PROVED), (OUTSIDE, REFUTED)):
        decided = check(tmp_path, files, parameters=dict.fromkeys(proposed, account))
        assert [found for _, found in verdicts(decided)] == [verdict]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, PROVED),
        ({"Parameters": [{"ParameterKey": "Account", "ParameterValue": OUTSIDE}]}, REFUTED),
        ({"Parameters": [{"ParameterKey": "Account", "ParameterValue": {"Ref": "AWS::AccountId"}}]}, PROVED),
        ({"Parameters": [{"ParameterKey": "Account", "ParameterValue": {"Ref": "Other"}}]}, UNKNOWN),
        ({"Parameters": {"Fn::Transform": {"Name": "Mine"}}}, UNKNOWN),
        (overriding(OUTSIDE), REFUTED),
        (overriding(None, OUTSIDE), REFUTED),
        (overriding(OUTSIDE, None), REFUTED),
        (overriding(None, ACCOUNT), PROVED),
        (overriding(ACCOUNT, {"Ref": "AWS::AccountId"}), PROVED),
        (overriding(None, {"Ref": "Other"}), UNKNOWN),
        # What all stacks are given something else for is nobody's.
        ({**overriding(ACCOUNT), "Parameters": [{"ParameterKey": "Account", "ParameterValue": OUTSIDE}]}, PROVED),
        (
            {**overriding(ACCOUNT, None), "Parameters": [{"ParameterKey": "Account", "ParameterValue": OUTSIDE}]},
            REFUTED,
        ),
        ({"StackInstancesGroup": [{"ParameterOverrides": NEVER}], **TO_OWN}, PROVED),
        ({"StackInstancesGroup": [{"ParameterOverrides": [NEVER_ONE]}], **TO_OWN}, PROVED),
        ({"StackInstancesGroup": [{"ParameterOverrides": NEVER}], **OPEN_TO_ALL}, REFUTED),
        ({"StackInstancesGroup": [{"ParameterOverrides": WIDE}], **TO_OWN}, REFUTED),
        ({"Parameters": [WIDE["Fn::If"][2], {"Fn::If": ["IsNever", OVERRIDDEN, TO_OWN["Parameters"][0]]}]}, PROVED),
        # Which of two counts is not said.
        ({"Parameters": [NEVER_ONE, TO_OWN["Parameters"][0]]}, UNKNOWN),
        ({"StackInstancesGroup": {"Fn::If": ["IsWide", [{"ParameterOverrides": []}], []]}}, UNKNOWN),
        ({"StackInstancesGroup": [{"Fn::If": ["IsWide", {"ParameterOverrides": []}, {}]}]}, UNKNOWN),
        ({"StackInstancesGroup": [{"Regions": ["eu-west-1"]}]}, PROVED),
    ],
)
@pytest.mark.parametrize("place", ["TemplateBody", "TemplateURL"])
def test_a_stack_set_passes_parameters_too(tmp_path: Path, place: str, more: Json, expected: str) -> None:
    """The template that it carries, or names by a path, is judged with them."""
    body = {"TemplateBody": json.dumps(CHILD)} if place == "TemplateBody" else {"TemplateURL": "child.json"}
    outer = {
        "Parameters": {"Other": {"Type": "String"}},
        "Conditions": {
            "IsWide": {"Fn::Equals": [{"Ref": "Other"}, "wide"]},
            "IsNever": {"Fn::Equals": ["a", "b"]},
        },
        "Resources": {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": {**body, **more}}},
    }
    files = {"parent.json": outer, **({} if place == "TemplateBody" else {"child.json": CHILD})}
    assert [verdict for _, verdict in verdicts(check(tmp_path, files))] == [expected]


GROUP: Json = {"Regions": ["us-east-1"], "DeploymentTargets": {"Accounts": [ACCOUNT]}}
LISTED: Json = {"Type": "String", "Default": ACCOUNT, "AllowedValues": [ACCOUNT, OUTSIDE]}


@pytest.mark.parametrize(("groups", "expected"), [([GROUP], PROVED), ([], REFUTED)])
@pytest.mark.parametrize("place", ["TemplateBody", "TemplateURL"])
def test_what_a_stack_set_passes_nothing_for(tmp_path: Path, place: str, groups: list[Json], expected: str) -> None:
    """It is at its default where the StackSet says which stacks there are; else others may pass something."""
    child = {"Parameters": {"Account": LISTED}, "Resources": {"R": role({"Ref": "Account"})}}
    body = {"TemplateBody": json.dumps(child)} if place == "TemplateBody" else {"TemplateURL": "child.json"}
    set_ = {"Type": "AWS::CloudFormation::StackSet", "Properties": {**body, "StackInstancesGroup": groups}}
    files = {"parent.json": parent(set_), **({} if place == "TemplateBody" else {"child.json": child})}
    assert [verdict for _, verdict in verdicts(check(tmp_path, files))] == [expected]


@pytest.mark.parametrize(("is_outside_too", "expected"), [(False, PROVED), (True, REFUTED)])
@pytest.mark.parametrize("pinned", [None, ACCOUNT, OUTSIDE, "111122223334"])
@pytest.mark.parametrize("place", ["TemplateBody", "TemplateURL"])
def test_what_a_stack_set_passes_where_there_is_one(
    tmp_path: Path, place: str, pinned: str | None, is_outside_too: bool, expected: str
) -> None:
    """At the values of a parameter at which its condition does not hold, nothing is passed to anybody."""
    child = {"Parameters": {"Account": {"Type": "String"}}, "Resources": {"R": role({"Ref": "Account"})}}
    body = {"TemplateBody": json.dumps(child)} if place == "TemplateBody" else {"TemplateURL": "child.json"}
    passed = [{"ParameterKey": "Account", "ParameterValue": {"Ref": "P"}}]
    properties = {**body, "Parameters": passed, "StackInstancesGroup": [GROUP]}
    outer = {
        "Parameters": {"P": {**LISTED, "AllowedValues": [ACCOUNT, OUTSIDE, "111122223334"]}},
        "Conditions": {
            "IsOwn": {"Fn::Equals": [{"Ref": "P"}, ACCOUNT]},
            "IsKnown": {"Fn::Or": [{"Condition": "IsOwn"}, {"Fn::Equals": [{"Ref": "P"}, OUTSIDE]}]},
        },
        "Resources": {
            "Set": {
                "Type": "AWS::CloudFormation::StackSet",
                "Condition": "IsKnown" if is_outside_too else "IsOwn",
                "Properties": properties,
            }
        },
    }
    files = {"parent.json": outer, **({} if place == "TemplateBody" else {"child.json": child})}
    report = check(tmp_path, files, parameters=None if pinned is None else {"P": pinned})
    at_all = {None: [expected], ACCOUNT: [PROVED], OUTSIDE: [REFUTED] if is_outside_too else []}
    assert [one.verdict for one in report.results] == at_all.get(pinned, [])
    refuted = [one.counterexample for one in report.results if one.counterexample is not None]
    assert all("111122223334" not in one.parameters.values() for one in refuted)


@pytest.mark.parametrize(("others", "expected"), [([], PROVED), ([OUTSIDE], "unknown")])
def test_what_a_stack_set_passes_of_a_default_that_its_condition_demands(
    tmp_path: Path, others: list[str], expected: str
) -> None:
    """Where the condition leaves one value, nothing else is passed, whatever has no values listed."""
    passed = [{"ParameterKey": "Account", "ParameterValue": {"Ref": "P"}}]
    child = {"Parameters": {"Account": LISTED}, "Resources": {"R": role({"Ref": "Account"})}}
    properties = {"TemplateBody": json.dumps(child), "Parameters": passed, "StackInstancesGroup": [GROUP]}
    demands: list[Json] = [{"Fn::Equals": [{"Ref": "P"}, one]} for one in (ACCOUNT, *others)]
    outer = {
        "Parameters": {"P": {"Type": "String", "Default": ACCOUNT}},
        "Conditions": {"IsThere": {"Fn::Or": demands} if others else demands[0]},
        "Resources": {
            "Set": {"Type": "AWS::CloudFormation::StackSet", "Condition": "IsThere", "Properties": properties}
        },
    }
    report = check(tmp_path, {"parent.json": outer})
    assert [one.verdict for one in report.results] == [expected]
    assert [one.at_defaults for one in report.results] == [()]


def test_a_default_beside_what_is_passed_instead_of_it(tmp_path: Path) -> None:
    """A proof names the default that a StackSet passes to one group, also where another group is passed a text."""
    body = json.dumps({"Parameters": {"Account": {"Type": "String"}}, "Resources": {"R": role({"Ref": "Account"})}})
    own = {"ParameterKey": "Account", "ParameterValue": {"Ref": "P"}}
    other = {**GROUP, "ParameterOverrides": [{"ParameterKey": "Account", "ParameterValue": "111122223334"}]}
    config = {"boundary": {"accounts": [ACCOUNT, "111122223334"]}}
    given = {"TemplateBody": body, "Parameters": [own], "StackInstancesGroup": [GROUP, other]}
    set_ = {"Type": "AWS::CloudFormation::StackSet", "Properties": given}
    template = {"Parameters": {"P": {"Type": "String", "Default": ACCOUNT}}, "Resources": {"Set": set_}}
    (found,) = trustproof.check([template], properties=["inside-boundary"], config=config).results
    assert (found.verdict, found.at_defaults) == (PROVED, (("Set/P", ACCOUNT),))


@pytest.mark.parametrize("passed", ["{{resolve:ssm:/stage}}", {"Fn::ImportValue": "stage"}, {"Fn::GetAtt": ["A", "B"]}])
@pytest.mark.parametrize(
    ("allowed", "expected"), [(["dev"], PROVED), (["prod"], PROVED), (["test"], REFUTED), (["prod", "test"], REFUTED)]
)
@pytest.mark.parametrize("condition", [{}, {"Conditions": {"C": {"Fn::Equals": [{"Ref": "Stage"}, "x"]}}}], ids=str)
def test_what_a_stack_set_passes_and_the_parameter_refuses(
    passed: object, allowed: list[str], expected: str, condition: Json
) -> None:
    """Nothing is judged at a row that is that of no stack which is made."""
    trusted = {"Fn::FindInMap": ["M", {"Ref": "Stage"}, "Account"]}
    child = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": allowed}},
        "Mappings": {"M": {"prod": {"Account": ACCOUNT}, "test": {"Account": OUTSIDE}}},
        "Resources": {"R": role({"Fn::If": ["C", ACCOUNT, trusted]} if condition else trusted)},
        **condition,
    }
    groups = [{**GROUP, "ParameterOverrides": [{"ParameterKey": "Stage", "ParameterValue": passed}]}]
    set_ = {"TemplateBody": json.dumps(child), "StackInstancesGroup": groups}
    template = {"Resources": {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": set_}}}
    config = {"boundary": {"accounts": [ACCOUNT]}}
    report = trustproof.check([template], properties=["inside-boundary"], config=config)
    assert {one.verdict for one in report.results} == {expected}


#: What decides in the template of a StackSet: the condition under which an outsider is trusted, and the verdict where
#: the StackSet itself is in `OWN`, `us-east-1`.
PLACES: list[tuple[Json, str]] = [
    ({"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}, REFUTED),
    ({"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}]}, REFUTED),
    ({"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::AccountId"}, ACCOUNT]}]}, REFUTED),
    ({"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-cn"]}, PROVED),
]


@pytest.mark.parametrize(("condition", "expected"), PLACES)
@pytest.mark.parametrize("place", ["TemplateBody", "TemplateURL"])
def test_a_stack_set_is_deployed_elsewhere(tmp_path: Path, place: str, condition: Json, expected: str) -> None:
    """Its stacks are in accounts and Regions of their own, and in the same partition."""
    inner = {"Conditions": {"Open": condition}, "Resources": {"R": role({"Fn::If": ["Open", OUTSIDE, ACCOUNT]})}}
    body = {"TemplateBody": json.dumps(inner)} if place == "TemplateBody" else {"TemplateURL": "child.json"}
    files: dict[str, Json] = {
        "parent.json": {"Resources": {"Set": {"Type": "AWS::CloudFormation::StackSet", "Properties": body}}},
        **({} if place == "TemplateBody" else {"child.json": inner}),
    }
    report = check(tmp_path, files, region="us-east-1")
    assert [verdict for _, verdict in verdicts(report)] == [expected]


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        ([["us-east-2"]], PROVED),
        ([["eu-west-1"]], REFUTED),
        ([["us-east-2"], ["us-east-2"]], PROVED),
        ([["us-east-2", "eu-west-1"]], REFUTED),
        ([["us-east-2"], ["eu-west-1"]], REFUTED),
        ([["us-east-2"], []], REFUTED),
        ([[{"Ref": "AWS::Region"}]], PROVED),
        ([[{"Ref": "Where"}]], REFUTED),
    ],
)
@pytest.mark.parametrize("place", ["TemplateBody", "TemplateURL"])
def test_a_stack_set_of_one_region_is_deployed_there(
    tmp_path: Path, place: str, regions: list[list[object]], expected: str
) -> None:
    """The Region of its stacks is known where all groups of accounts name the same."""
    is_there = {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}
    inner = {"Conditions": {"Open": is_there}, "Resources": {"R": role({"Fn::If": ["Open", OUTSIDE, ACCOUNT]})}}
    body = {"TemplateBody": json.dumps(inner)} if place == "TemplateBody" else {"TemplateURL": "child.json"}
    groups = [{"Regions": one, "DeploymentTargets": {"OrganizationalUnitIds": ["r-ab12"]}} for one in regions]
    set_ = {"Type": "AWS::CloudFormation::StackSet", "Properties": {**body, "StackInstancesGroup": groups}}
    files: dict[str, Json] = {
        "parent.json": {"Parameters": {"Where": {"Type": "String"}}, "Resources": {"Set": set_}},
        **({} if place == "TemplateBody" else {"child.json": inner}),
    }
    report = check(tmp_path, files, region="us-east-1")
    assert [verdict for _, verdict in verdicts(report)] == [expected]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (overriding(None, f"{ACCOUNT},{OUTSIDE}"), REFUTED),
        (overriding(f"{ACCOUNT},{ACCOUNT}", ACCOUNT), PROVED),
    ],
)
def test_a_stack_set_passes_lists(tmp_path: Path, groups: Json, expected: str) -> None:
    """Each entry is somebody who gets in."""
    child = {**CHILD, "Parameters": {"Account": {"Type": "CommaDelimitedList", "Default": ACCOUNT}}}
    set_ = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": json.dumps(child), **groups}}
    report = check(tmp_path, {"parent.json": {"Resources": {"Set": set_}}})
    assert [verdict for _, verdict in verdicts(report)] == [expected]


@pytest.mark.parametrize(("values", "expected"), [((None, "yes"), REFUTED), (("no", None), PROVED)])
def test_what_a_stack_set_passes_decides_conditions(tmp_path: Path, values: tuple[object, ...], expected: str) -> None:
    """A condition of its template holds in the accounts that are given what it asks for."""
    child = {
        "Parameters": {"Open": {"Type": "String", "Default": "no"}},
        "Conditions": {"IsOpen": {"Fn::Equals": [{"Ref": "Open"}, "yes"]}},
        "Resources": {"R": role({"Fn::If": ["IsOpen", OUTSIDE, ACCOUNT]})},
    }
    properties = {"TemplateBody": json.dumps(child), **overriding(*values, name="Open")}
    set_ = {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}
    report = check(tmp_path, {"parent.json": {"Resources": {"Set": set_}}})
    assert [verdict for _, verdict in verdicts(report)] == [expected]


@pytest.mark.parametrize("is_inside", [True, False])
def test_a_file_is_asked_about_where_a_template_in_it_is(is_inside: bool) -> None:
    """The template of a stack set stands in that of another: what is in one of them is in the file."""
    body = {"Resources": {"R": role(ACCOUNT)} if is_inside else {}}
    around = {} if is_inside else {"R": role(ACCOUNT)}
    held = {
        "Type": "AWS::CloudFormation::StackSet",
        "Properties": {"StackSetName": "s", "TemplateBody": json.dumps(body)},
    }
    report = trustproof.check([{"Resources": {"Set": held, **around}}], config=CONFIG)
    assert not [note for note in report.notes if "a policy that was asked about" in note]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({}, REFUTED),
        ({"AllowedValues": [ACCOUNT]}, PROVED),
        ({"AllowedValues": [ACCOUNT, OUTSIDE]}, REFUTED),
        ({"AllowedPattern": "1111[0-9]*"}, PROVED),
        ({"AllowedPattern": "[0-9]*"}, REFUTED),
    ],
    ids=["anything", "a list without it", "a list with it", "a pattern without it", "a pattern with it"],
)
def test_a_value_that_the_nested_stack_refuses_is_not_passed(declared: Json, expected: str, tmp_path: Path) -> None:
    """Of what a parent may pass, there is no stack with what the nested template does not admit."""
    passed = {"Fn::If": ["Ours", ACCOUNT, OUTSIDE]}
    sections: Json = {
        "Parameters": {"T": {"Type": "String", "Default": "yes", "AllowedValues": ["yes", "no"]}},
        "Conditions": {"Ours": {"Fn::Equals": [{"Ref": "T"}, "yes"]}},
    }
    outer = parent(stack(parameters={"Account": passed}), **sections)
    inner = {"Parameters": {"Account": {"Type": "String", **declared}}, "Resources": {"R": role({"Ref": "Account"})}}
    assert verdicts(check(tmp_path, {"parent.json": outer, "child.json": inner})) == [("R", expected)]


@pytest.mark.parametrize(
    ("pattern", "is_prod", "named"),
    [
        ("dev|prod", False, {"Mode": "dev"}),
        ("dev|prod", True, {"Mode": "prod"}),
        ("[a-z]+", False, {"Mode": "example"}),
        ("dev|qa", False, {"Mode": "dev"}),
        # No value that its pattern admits makes such a role.
        ("dev|qa", True, None),
    ],
)
def test_a_value_that_a_pattern_of_the_parent_admits(
    pattern: str, is_prod: bool, named: dict[str, str] | None, tmp_path: Path
) -> None:
    """A counterexample of a nested stack names a value that the parent may be given, and none where there is none."""
    comparison: Json = {"Fn::Equals": [{"Ref": "Mode"}, "prod"]}
    child = {
        "Parameters": {"Mode": {"Type": "String"}},
        "Conditions": {"Open": comparison if is_prod else {"Fn::Not": [comparison]}},
        "Resources": {"R": {**role(OUTSIDE), "Condition": "Open"}},
    }
    declared = {"Parameters": {"Mode": {"Type": "String", "AllowedPattern": pattern}}}
    report = check(
        tmp_path, {"parent.json": parent(stack(parameters={"Mode": {"Ref": "Mode"}}), **declared), "child.json": child}
    )
    found = [one.counterexample.parameters for one in report.results if one.counterexample is not None]
    assert [{name.rpartition("/")[2]: value for name, value in one.items()} for one in found] == (
        [] if named is None else [named]
    )


def test_a_value_that_a_mapping_of_the_parent_has(tmp_path: Path) -> None:
    """What another nested stack is passed may tell what a parameter is, which then is no outsider's own name."""
    text: Json = {"Type": "String"}
    inner = {"Parameters": {"Who": text}, "Resources": {"R": role({"Ref": "Who"})}}
    other = {"Parameters": {"Id": text}, "Resources": {"R": role({"Fn::Sub": f"arn:aws:iam::{ACCOUNT}:role/${{Id}}"})}}
    sections = {"Parameters": {"Row": text, "Mode": text}, "Mappings": {"M": {"a": {"Id": "b"}, "b": {"Id": "a"}}}}
    outer: Json = {
        **sections,
        "Conditions": {"IsA": {"Fn::Equals": [{"Ref": "Mode"}, "a"]}},
        "Resources": {
            "Other": {
                **stack("other.json", {"Id": {"Fn::FindInMap": ["M", {"Ref": "Row"}, "Id"]}}),
                "Condition": "IsA",
            },
            "Child": {
                **stack("inner.json", {"Who": {"Fn::Sub": f"arn:aws:iam::{OUTSIDE}:role/${{Row}}"}}),
                "Condition": "IsA",
            },
        },
    }
    report = check(tmp_path, {"inner.json": inner, "outer.json": outer, "other.json": other})
    assert sorted(verdicts(report)) == [("R", PROVED), ("R", REFUTED)]
    (found,) = [one.counterexample for one in report.results if one.counterexample is not None]
    assert {value for name, value in found.parameters.items() if name.endswith("/Row")} <= {"a", "b"}


OWN_DEFAULT: Json = {"Parameters": {"Who": {"Type": "String", "Default": ACCOUNT}}}


@pytest.mark.parametrize(
    ("sections", "passed", "named"),
    [
        (OWN_DEFAULT, {"Ref": "Who"}, "Who"),
        (OWN_DEFAULT, {"Fn::Sub": "arn:aws:iam::${Who}:root"}, "Who"),
        (OWN_DEFAULT, {"Fn::Sub": "arn:${AWS::Partition}:iam::${Who}:root"}, "Who"),
        (OWN_DEFAULT, {"Fn::Join": ["", [{"Ref": "Who"}, ""]]}, "Who"),
        (OWN_DEFAULT, ACCOUNT, None),
        (OWN_DEFAULT, {"Fn::Sub": f"arn:aws:iam::{ACCOUNT}:role/${{Who}}"}, None),
        ({"Parameters": {"Who": {"Type": "String", "AllowedValues": [ACCOUNT]}}}, {"Ref": "Who"}, None),
    ],
)
@pytest.mark.parametrize("hops", [1, 2])
def test_a_proof_at_the_default_of_a_stack_around_it(
    sections: Json, passed: object, named: str | None, hops: int, tmp_path: Path
) -> None:
    """What is proved of a nested stack since a stack around it has a default says so, however far out that stands."""
    files = {"child.json": CHILD, "outer.json": parent(stack(parameters={"Account": passed}), **sections)}
    if hops == 2:
        files["middle.json"] = parent(
            stack(parameters={"Account": {"Ref": "On"}}), Parameters={"On": {"Type": "String"}}
        )
        files["outer.json"] = parent(stack("middle.json", {"On": passed}), **sections)
    report = check(tmp_path, files)
    assert verdicts(report) == [("R", PROVED)]
    said = [note for note in report.notes if "at the default of" in note]
    assert [
        note.partition("at the default of ")[2].endswith(f"outer/{named}: R (inside-boundary)") for note in said
    ] == ([] if named is None else [True])
    given = check(tmp_path, files, parameters={"Who": ACCOUNT})
    assert not any("at the default of" in note for note in given.notes)


@pytest.mark.parametrize("type_", ["AWS::CloudFormation::StackSet", "AWS::CloudFormation::Stack"])
def test_a_proof_at_the_default_of_what_carries_its_template(type_: str, tmp_path: Path) -> None:
    """What a stack set, or a stack, passes at a default to a template that it carries as text is named as well."""
    child = {key: value for key, value in CHILD.items() if key != "Outputs"}
    passed: object = {"Account": {"Ref": "Who"}}
    if type_.endswith("Set"):
        passed = [{"ParameterKey": "Account", "ParameterValue": {"Ref": "Who"}}]
    properties = {"TemplateBody": json.dumps(child), "Parameters": passed}
    files = {"outer.json": parent({"Type": type_, "Properties": properties}, **OWN_DEFAULT)}
    report = check(tmp_path, files)
    assert [one.verdict for one in report.results] == [PROVED]
    assert any("at the default of Child/Who" in note for note in report.notes)


def test_part_of_a_name_and_a_region_are_no_account(tmp_path: Path) -> None:
    """What is passed to a nested stack has so many characters, and is tried with a name that has; a Region is one."""
    name = {"Suffix": {"Type": "String", "MinLength": 4, "MaxLength": 8}}
    role_name = f"arn:aws:iam::{ACCOUNT}:role/x-${{Suffix}}-${{AWS::Region}}"
    child: Json = {"Parameters": name, "Resources": {"R": role([{"Fn::Sub": role_name}, OUTSIDE])}}
    above = parent(stack(parameters={"Suffix": {"Ref": "Suffix"}}), Parameters=name)
    report = check(tmp_path, {"child.json": child, "parent.json": above}, ["parent.json", "child.json"])
    assert [found.verdict for found in report.results] == [REFUTED]
    assert report.results[0].counterexample is not None
    assert report.results[0].counterexample.parameters.get("AWS::Region", "us-east-1") == "us-east-1"


@pytest.mark.parametrize("written", [{"Fn::Sub": "x-${Stage}"}, {"Fn::Join": ["-", ["x", {"Ref": "Stage"}]]}])
@pytest.mark.parametrize(
    ("text", "named"), [("x-other", None), ("x-prod", {"Stage": "prod"}), ("x-dev", {"Stage": "dev"})]
)
def test_a_text_of_a_nested_stack_that_is_made_of_what_it_is_passed(
    written: Json, text: str, named: dict[str, str] | None, tmp_path: Path
) -> None:
    """What conditions compare it with is decided by the values that the parent lists."""
    child: Json = {
        "Parameters": {"Stage": {"Type": "String"}},
        "Conditions": {"Outside": {"Fn::Equals": [written, text]}},
        "Resources": {"R": role({"Fn::If": ["Outside", OUTSIDE, ACCOUNT]})},
    }
    stage: Json = {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}}
    files = {
        "parent.json": parent(stack(parameters={"Stage": {"Ref": "Stage"}}), Parameters=stage),
        "child.json": child,
    }
    (found,) = check(tmp_path, files).results
    assert found.verdict == (REFUTED if named else PROVED)
    if found.counterexample is not None:
        assert {key.rpartition("/")[2]: value for key, value in found.counterexample.parameters.items()} == named


@pytest.mark.parametrize(
    ("passed", "default", "other", "expected"),
    [
        (ROW_OF_STAGE, "a", "", PROVED),
        (ROW_OF_STAGE, "b", "", REFUTED),
        (ROW_OF_STAGE, "a", "b", REFUTED),
        ({"Ref": "Stage"}, ACCOUNT, "", PROVED),
        ({"Ref": "Stage"}, ACCOUNT, OUTSIDE, REFUTED),
    ],
)
def test_a_stack_set_that_is_passed_a_default(
    passed: Json, default: str, other: str, expected: str, tmp_path: Path
) -> None:
    """It is judged at that, unless a condition has it made at another value."""
    given = [{"ParameterKey": "Account", "ParameterValue": passed}]
    body = {"Parameters": CHILD["Parameters"], "Resources": CHILD["Resources"]}
    properties = {"TemplateBody": json.dumps(body), "Parameters": given}
    nested = {
        "Type": "AWS::CloudFormation::StackSet",
        "Properties": properties,
        **({"Condition": "Is"} if other else {}),
    }
    outer = parent(
        nested,
        Parameters={"Stage": {"Type": "String", "Default": default}},
        Mappings={"M": {"a": {"Id": ACCOUNT}, "b": {"Id": OUTSIDE}}},
        Conditions={"Is": {"Fn::Equals": [{"Ref": "Stage"}, other or "b"]}},
    )
    (found,) = check(tmp_path, {"parent.json": outer}).results
    assert (found.verdict, bool(found.at_defaults)) == (expected, expected == PROVED)


def test_a_text_of_a_policy_that_the_parent_lists(tmp_path: Path) -> None:
    """It is none but those, though the nested stack lists nothing."""
    trust = role(OUTSIDE)
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    deny["Condition"] = {"StringNotEquals": {"aws:PrincipalAccount": [ACCOUNT, {"Ref": "V"}]}}
    trust["Properties"]["AssumeRolePolicyDocument"]["Statement"].append(deny)  # type: ignore[index]
    listed = {"V": {"Type": "String", "AllowedValues": [ACCOUNT, "222233334444"]}}
    files = {
        "parent.json": parent(stack(parameters={"V": {"Ref": "V"}}), Parameters=listed),
        "child.json": {"Parameters": {"V": {"Type": "String"}}, "Resources": {"R": trust}},
    }
    assert verdicts(check(tmp_path, files)) == [("R", PROVED)]
