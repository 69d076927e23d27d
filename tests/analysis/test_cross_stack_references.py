"""
What one template takes from another one of the same run: exports, and outputs of stacks.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.analysis.stacks import (
    CONFIG,
    HOME,
    HUB,
    MFA,
    OUTSIDE,
    OWN,
    Json,
    arn,
    assembly,
    check,
    demanding,
    document,
    exported,
    imported,
    plain,
    template,
    trusting,
    verdicts,
)

ENTRY = trusting(f"arn:aws:iam::{HUB}:root", MFA)
OWN_ROOT: Json = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}
ENV: Json = {"Env": {"Type": "String", "Default": "dev"}}
IS_PROD: Json = {"Prod": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}}


def hub(name: object, value: object, **sections: object) -> Json:
    """A template with a role, which exports something."""
    more = {key: sections.pop(key) for key in [*sections] if key == "Condition"}
    return template({"Out": exported(name, value, **more)}, Entry=ENTRY, **sections)


#: What is in the hub, what is in the other template, and what is then said of its role.
PAIRS: list[tuple[str, Json, Json, str, Json]] = [
    (
        "a role, or the root of the account",
        hub("x", arn("Entry")),
        hub("x", OWN_ROOT),
        "mfa-required",
        imported("x"),
    ),
    (
        "an account inside Fn::Sub",
        hub("x", OWN),
        hub("x", OUTSIDE),
        "inside-boundary",
        {"Fn::Sub": ["arn:aws:iam::${Who}:role/app", {"Who": imported("x")}]},
    ),
    (
        "an account inside Fn::Join",
        hub("x", OWN),
        hub("x", OUTSIDE),
        "inside-boundary",
        {"Fn::Join": ["", ["arn:aws:iam::", imported("x"), ":role/app"]]},
    ),
    (
        "an item of a list that is one text",
        hub("x", {"Fn::Join": [",", [f"arn:aws:iam::{OWN}:role/app", f"arn:aws:iam::{OUTSIDE}:root"]]}),
        hub("x", {"Fn::Join": [",", [f"arn:aws:iam::{OUTSIDE}:root", f"arn:aws:iam::{OWN}:role/app"]]}),
        "inside-boundary",
        {"Fn::Select": ["0", {"Fn::Split": [",", imported("x")]}]},
    ),
    (
        "the default of a parameter",
        hub("x", {"Ref": "Who"}, Parameters={"Who": {"Type": "String", "Default": HUB}}),
        hub("x", {"Ref": "Who"}, Parameters={"Who": {"Type": "String", "Default": OUTSIDE}}),
        "inside-boundary",
        imported("x"),
    ),
    (
        "one of the values that a parameter may have",
        hub("x", {"Ref": "Who"}, Parameters={"Who": {"Type": "String", "AllowedValues": [HUB, OWN]}}),
        hub("x", {"Ref": "Who"}, Parameters={"Who": {"Type": "String", "AllowedValues": [HUB, OUTSIDE]}}),
        "inside-boundary",
        imported("x"),
    ),
    (
        "what a condition over there decides",
        hub("x", {"Fn::If": ["Prod", arn("Entry"), arn("Entry")]}, Parameters=ENV, Conditions=IS_PROD),
        hub("x", {"Fn::If": ["Prod", OWN_ROOT, arn("Entry")]}, Parameters=ENV, Conditions=IS_PROD),
        "mfa-required",
        imported("x"),
    ),
    (
        "a name of the stack and the Region",
        hub({"Fn::Sub": "${AWS::StackName}-${AWS::Region}-entry"}, arn("Entry")),
        hub({"Fn::Sub": "${AWS::StackName}-${AWS::Region}-entry"}, OWN_ROOT),
        "mfa-required",
        imported({"Fn::Sub": "Hub-${AWS::Region}-entry"}),
    ),
    (
        "a role that the SAM transform makes",
        template(
            {"Out": exported("x", arn("WorkerRole"))},
            Worker={"Type": "AWS::Serverless::Function", "Properties": {}},
            Transform="AWS::Serverless-2016-10-31",
        ),
        hub("x", OWN_ROOT),
        "mfa-required",
        imported("x"),
    ),
    (
        "an output without a name for others",
        template({"Out": {"Value": arn("Entry")}}, Entry=ENTRY),
        template({"Out": {"Value": OWN_ROOT}}, Entry=ENTRY),
        "mfa-required",
        {"Fn::GetStackOutput": {"StackName": "Hub", "OutputName": "Out"}},
    ),
]


@pytest.mark.parametrize(("what", "right", "wrong", "asked", "principal"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_a_value_means_what_it_means_over_there(
    what: str, right: Json, wrong: Json, asked: str, principal: Json, tmp_path: Path
) -> None:
    """What is imported is the value of the output, however it is put together on either side."""
    for content, verdict in ((right, "proved"), (wrong, "refuted")):
        two = template(Target=trusting(principal))
        report = check(assembly(tmp_path, {"Hub": content, "Two": two}), asked)
        assert verdicts(report, "Target") == {asked: verdict}, what


@pytest.mark.parametrize(("value", "verdict"), [("true", "proved"), ("false", "refuted"), ({"Ref": "Flag"}, "refuted")])
def test_an_import_in_a_condition_of_a_policy(value: object, verdict: str, tmp_path: Path) -> None:
    """The operand of a condition is as good a place as a principal."""
    flag = hub("flag", value, Parameters={"Flag": {"Type": "String", "AllowedValues": ["true", "false"]}})
    role = trusting(OWN_ROOT, {"Bool": {"aws:MultiFactorAuthPresent": imported("flag")}})
    report = check(assembly(tmp_path, {"Hub": flag, "Two": template(Target=role)}), "mfa-required")
    assert verdicts(report, "Target") == {"mfa-required": verdict}


@pytest.mark.parametrize(("otherwise", "verdict"), [(imported("x"), "proved"), (OWN_ROOT, "refuted")])
def test_an_import_under_a_condition_of_its_own(otherwise: object, verdict: str, tmp_path: Path) -> None:
    """Each branch of an Fn::If is judged, whatever gives its value."""
    two = template(
        Target=trusting({"Fn::If": ["Use", imported("x"), otherwise]}),
        Parameters={"UseHub": {"Type": "String"}},
        Conditions={"Use": {"Fn::Equals": [{"Ref": "UseHub"}, "yes"]}},
    )
    report = check(assembly(tmp_path, {"Hub": hub("x", arn("Entry")), "Two": two}), "mfa-required")
    assert verdicts(report, "Target") == {"mfa-required": verdict}


@pytest.mark.parametrize(("values", "verdict"), [(["on"], "proved"), (["on", "off"], "refuted")])
def test_an_import_in_a_condition_of_the_template(values: list[str], verdict: str, tmp_path: Path) -> None:
    """What the other stack may give is what the condition may be, and the counterexample says which it is."""
    flag = hub("flag", {"Ref": "Flag"}, Parameters={"Flag": {"Type": "String", "AllowedValues": values}})
    two = template(
        Target=trusting(OWN_ROOT, {"Fn::If": ["Strict", MFA, {"Ref": "AWS::NoValue"}]}),
        Conditions={"Strict": {"Fn::Equals": [imported("flag"), "on"]}},
    )
    report = check(assembly(tmp_path, {"Hub": flag, "Two": two}), "mfa-required")
    assert verdicts(report, "Target") == {"mfa-required": verdict}
    shown = [result.counterexample.parameters for result in report.results if result.counterexample is not None]
    assert shown == ([] if verdict == "proved" else [{"Hub/Flag": "off"}])


@pytest.mark.parametrize(("flags", "verdict"), [(("true", "false"), "proved"), (("false", "true"), "refuted")])
def test_two_values_that_one_condition_decides(flags: tuple[str, str], verdict: str, tmp_path: Path) -> None:
    """They are never those of different deployments."""
    content = template(
        {
            "Who": exported("who", {"Fn::If": ["Prod", OWN_ROOT, arn("Entry")]}),
            "Flag": exported("flag", {"Fn::If": ["Prod", *flags]}),
        },
        Entry=ENTRY,
        Parameters=ENV,
        Conditions=IS_PROD,
    )
    role = trusting(imported("who"), {"Bool": {"aws:MultiFactorAuthPresent": imported("flag")}})
    report = check(assembly(tmp_path, {"Hub": content, "Two": template(Target=role)}), "mfa-required")
    assert verdicts(report, "Target") == {"mfa-required": verdict}


def test_a_value_that_has_to_be_there(tmp_path: Path) -> None:
    """A stack that imports what is exported under a condition can only be deployed where the condition holds."""
    content = template(
        {
            "Sure": exported("sure", arn("Entry"), Condition="Prod"),
            "Flag": exported("flag", {"Fn::If": ["Prod", "true", "false"]}),
        },
        Entry={**ENTRY, "Condition": "Prod"},
        Parameters=ENV,
        Conditions=IS_PROD,
    )
    role = trusting(OWN_ROOT, {"Bool": {"aws:MultiFactorAuthPresent": imported("flag")}})
    for more, verdict in (({"Other": trusting(imported("sure"))}, "proved"), ({}, "refuted")):
        two = template(Target=role, **more)
        report = check(assembly(tmp_path, {"Hub": content, "Two": two}), "mfa-required")
        assert verdicts(report, "Target") == {"mfa-required": verdict}


IF_PROD: Json = {"Fn::If": ["Prod", OWN_ROOT, arn("Entry")]}
IF_DEV: Json = {"Fn::If": ["Prod", arn("Entry"), OWN_ROOT]}


@pytest.mark.parametrize(("value", "verdict"), [(IF_PROD, "proved"), (IF_DEV, "refuted")])
@pytest.mark.parametrize("name", ["dev-entry", {"Fn::Sub": "${Env}-entry"}])
def test_a_name_that_a_parameter_is_in(name: object, value: Json, verdict: str, tmp_path: Path) -> None:
    """Whoever has the name knows the parameter: the value is the one of that deployment."""
    content = hub({"Fn::Sub": "${Env}-entry"}, value, Parameters=ENV, Conditions=IS_PROD)
    two = template(Target=trusting(imported(name)), Parameters=ENV)
    report = check(assembly(tmp_path, {"Hub": content, "Two": two}), "mfa-required")
    assert verdicts(report, "Target") == {"mfa-required": verdict}
    taken = {"Fn::GetStackOutput": {"StackName": "Hub", "OutputName": "Out"}}
    report = check(assembly(tmp_path, {"Hub": content, "Two": template(Target=trusting(taken))}), "mfa-required")
    assert verdicts(report, "Target") == {"mfa-required": "refuted"}


@pytest.mark.parametrize(("admitted", "verdict"), [([HUB], "proved"), ([HUB, OUTSIDE], "refuted")])
def test_rules_of_the_other_template(admitted: list[str], verdict: str, tmp_path: Path) -> None:
    """What CloudFormation asserts of parameters over there holds for the values that are made of them."""
    whom = {"Assertions": [{"Assert": {"Fn::Contains": [admitted, {"Ref": "Who"}]}}]}
    strict = {"Assertions": [{"Assert": {"Fn::Equals": [{"Ref": "Who"}, {"Ref": "Same"}]}}]}
    parameters = {name: {"Type": "String", "AllowedValues": [HUB, OWN, OUTSIDE]} for name in ("Who", "Same")}
    for name in parameters:
        content = hub("x", {"Ref": name}, Parameters=parameters, Rules={"Whom": whom, "Strict": strict})
        path = assembly(tmp_path, {"Hub": content, "Two": template(Target=trusting(imported("x")))})
        assert verdicts(check(path, "inside-boundary"), "Target") == {"inside-boundary": verdict}


def test_a_name_says_nothing_of_other_deployments(tmp_path: Path) -> None:
    """One deployment's name is not taken to be what others have, which a template may import something else from."""
    outputs = {
        "Entry": exported({"Fn::Sub": "${Env}-entry"}, arn("Entry")),
        "Flag": exported("flag", {"Fn::If": ["Prod", "false", "true"]}),
    }
    content = template(outputs, Entry=ENTRY, Parameters=ENV, Conditions=IS_PROD)
    two = template(
        Target=trusting(OWN_ROOT, {"Bool": {"aws:MultiFactorAuthPresent": imported("flag")}}),
        Other=trusting(imported({"Fn::Sub": "${Env}-entry"})),
        Parameters=ENV,
    )
    report = check(assembly(tmp_path, {"Hub": content, "Two": two}), "mfa-required")
    assert verdicts(report, "Target") == {"mfa-required": "refuted"}
    assert verdicts(report, "Other") == {"mfa-required": "proved"}


@pytest.mark.parametrize(("value", "verdict"), [(arn("Entry"), "proved"), (OWN_ROOT, "refuted")])
def test_an_export_of_an_import(value: object, verdict: str, tmp_path: Path) -> None:
    """A value may come through several stacks."""
    between = template({"Out": exported("b", imported("a"))}, Own=ENTRY)
    two = template(Target=trusting(imported("b")))
    report = check(assembly(tmp_path, {"Two": two, "Between": between, "Hub": hub("a", value)}), "mfa-required")
    assert verdicts(report, "Target") == {"mfa-required": verdict}


def test_exports_in_a_circle(tmp_path: Path) -> None:
    """Nobody can deploy them, and nothing is made up for what they give."""
    stacks = {
        "A": template({"Out": exported("a", imported("b"))}, Own=ENTRY),
        "B": template({"Out": exported("b", imported("a"))}, Own=ENTRY),
        "Two": template(Target=trusting(imported("b"))),
    }
    report = check(assembly(tmp_path, stacks), "mfa-required")
    (result,) = [result for result in report.results if result.logical_id == "Target"]
    assert result.verdict == "unknown"
    assert result.reasons == ("Fn::ImportValue b is a value that depends on itself",)


def test_two_templates_export_a_name(tmp_path: Path) -> None:
    """It is not guessed whose value it is, although both would be right."""
    stacks = {"A": hub("x", arn("Entry")), "B": hub("x", arn("Entry")), "Two": template(Target=trusting(imported("x")))}
    path = assembly(tmp_path, stacks)
    report = check(path, "mfa-required")
    (result,) = [result for result in report.results if result.logical_id == "Target"]
    assert result.verdict == "unknown"
    files = " and ".join(f"{path}/{name}.template.json" for name in "AB")
    assert result.reasons == (f"the name x is exported by {files}, and it is not known which is meant",)


def test_two_outputs_of_which_one_is_there(tmp_path: Path) -> None:
    """One template may export a name by either of two outputs."""
    conditions = {**IS_PROD, "Dev": {"Fn::Not": [{"Condition": "Prod"}]}}
    for other, verdict in ((arn("Entry"), "proved"), (OWN_ROOT, "refuted")):
        outputs = {
            "Prod": exported("x", arn("Entry"), Condition="Prod"),
            "Dev": exported("x", other, Condition="Dev"),
        }
        content = template(outputs, Entry=ENTRY, Parameters=ENV, Conditions=conditions)
        two = template(Target=trusting(imported("x")))
        report = check(assembly(tmp_path, {"Hub": content, "Two": two}), "mfa-required")
        assert verdicts(report, "Target") == {"mfa-required": verdict}


ELSEWHERE = {
    "another account": (f"aws://{HUB}/eu-central-1", hub("x", arn("Entry"))),
    "another Region": (f"aws://{OWN}/eu-west-1", hub("x", arn("Entry"))),
    "an unknown account": ("aws://unknown-account/unknown-region", hub("x", arn("Entry"))),
    "another name": (HOME, hub("y", arn("Entry"))),
    "a condition that never holds": (
        HOME,
        hub("x", arn("Entry"), Condition="Never", Conditions={"Never": {"Fn::Equals": ["a", "b"]}}),
    ),
    "a condition that is not there": (HOME, hub("x", arn("Entry"), Condition="Forgotten")),
    "a macro": (HOME, hub("x", arn("Entry"), Transform="Macro")),
}


@pytest.mark.parametrize("where", ELSEWHERE)
def test_a_name_that_nobody_exports_here(where: str, tmp_path: Path) -> None:
    """It may be anything, as where the template is judged by itself."""
    two = template(Target=trusting(imported("x")))
    report = check(assembly(tmp_path, {"Hub": ELSEWHERE[where], "Two": two}), "mfa-required")
    (result,) = [result for result in report.results if result.logical_id == "Target"]
    assert result.verdict == "refuted"
    assert result.counterexample is not None
    assert "Fn::ImportValue x" in result.counterexample.parameters


def test_an_output_of_another_region(tmp_path: Path) -> None:
    """Fn::GetStackOutput names the Region."""
    for region, verdict in (("eu-west-1", "proved"), ("us-east-1", "refuted")):
        taken = {"Fn::GetStackOutput": {"StackName": "Hub", "OutputName": "Out", "Region": region}}
        stacks = {
            "Hub": (f"aws://{OWN}/eu-west-1", hub("x", arn("Entry"))),
            "Two": template(Target=trusting(taken)),
        }
        report = check(assembly(tmp_path, stacks), "mfa-required")
        assert verdicts(report, "Target") == {"mfa-required": verdict}


def carried(value: object, region: str = "eu-central-1", **more: object) -> Json:
    """What the CDK writes into a stack so that one of another Region gets a value: ``cross_region_references``."""
    properties = {"WriterProps": {"region": region, "exports": {"/cdk/exports/Two/Out": value}}}
    return {"Type": "Custom::CrossRegionExportWriter", "Properties": properties, **more}


#: What the CDK writes into the other stack, and how that takes the value.
CARRYING: Json = {
    "Type": "Custom::CrossRegionExportReader",
    "Properties": {
        "ReaderProps": {
            "region": "eu-central-1",
            "imports": {"/cdk/exports/Two/Out": "{{resolve:ssm:/cdk/exports/Two/Out}}"},
        }
    },
}
TAKEN: Json = {"Fn::GetAtt": ["Reader", "/cdk/exports/Two/Out"]}


@pytest.mark.parametrize(
    ("where", "written", "verdict"),
    [
        (f"aws://{OWN}/eu-west-1", {"Writer": carried(arn("Entry"))}, "proved"),
        (f"aws://{OWN}/eu-west-1", {"Writer": carried(OWN_ROOT)}, "refuted"),
        (f"aws://{HUB}/eu-west-1", {"Writer": carried(arn("Entry"))}, "refuted"),
        (f"aws://{OWN}/eu-west-1", {"Writer": carried(arn("Entry"), "us-east-1")}, "refuted"),
        (f"aws://{OWN}/eu-west-1", {"Writer": carried(arn("Entry"), Condition="Never")}, "refuted"),
        (f"aws://{OWN}/eu-west-1", {"Writer": carried(arn("Entry")), "Other": carried(OWN_ROOT)}, "refuted"),
        (f"aws://{OWN}/eu-west-1", {"Other": carried(OWN_ROOT), "Writer": carried(arn("Entry"))}, "refuted"),
        (f"aws://{OWN}/eu-west-1", {}, "refuted"),
    ],
    ids=[
        "a role",
        "an account",
        "another account",
        "to another Region",
        "a condition",
        "two values",
        "two others",
        "nobody",
    ],
)
def test_what_the_cdk_takes_to_another_region(where: str, written: Json, verdict: str, tmp_path: Path) -> None:
    """Its custom resources give what they are given: by the account, the Region and the name of the parameter."""
    stacks = {
        "Hub": (where, template(Entry=ENTRY, Conditions={"Never": {"Fn::Equals": ["a", "b"]}}, **written)),
        "Two": template(Reader=CARRYING, Target=trusting(TAKEN)),
    }
    report = check(assembly(tmp_path, stacks), "mfa-required")
    assert verdicts(report, "Target") == {"mfa-required": verdict}


@pytest.mark.parametrize(("condition", "verdict"), [(None, "refuted"), (MFA, "proved")])
def test_a_chain_through_a_role_of_another_region(condition: Json | None, verdict: str, tmp_path: Path) -> None:
    """A role that is trusted so is the one over there, also where CloudFormation makes up its name."""
    entry = trusting(f"arn:aws:iam::{HUB}:root", condition)
    stacks = {
        "Hub": (f"aws://{OWN}/eu-west-1", template(Entry=entry, Writer=carried(arn("Entry")))),
        "Two": template(Reader=CARRYING, Target=demanding(TAKEN)),
    }
    report = check(assembly(tmp_path, stacks), "mfa-survives-chaining")
    assert verdicts(report, "Target") == {"mfa-survives-chaining": verdict}


@pytest.mark.parametrize(("condition", "verdict"), [(None, "refuted"), (MFA, "proved")])
def test_a_chain_through_an_imported_role(condition: Json | None, verdict: str, tmp_path: Path) -> None:
    """A role that is trusted by an import is the one over there, also where CloudFormation makes up its name."""
    hub_ = template({"Out": exported("x", arn("Entry"))}, Entry=trusting(f"arn:aws:iam::{HUB}:root", condition))
    path = assembly(tmp_path, {"Hub": hub_, "Two": template(Target=demanding(imported("x")))})
    assert verdicts(check(path, "mfa-survives-chaining"), "Target") == {"mfa-survives-chaining": verdict}


@pytest.mark.parametrize(("value", "verdict"), [(OWN, "proved"), (OUTSIDE, "refuted")])
def test_a_resource_policy(value: str, verdict: str, tmp_path: Path) -> None:
    """A template that declares nobody may import as well."""
    statement = {"Effect": "Allow", "Principal": {"AWS": imported("x")}, "Action": "sns:Publish", "Resource": "*"}
    properties = {"Topics": ["arn:aws:sns:eu-central-1:333344445555:t"], "PolicyDocument": document(statement)}
    policy = {"Type": "AWS::SNS::TopicPolicy", "Properties": properties}
    report = check(assembly(tmp_path, {"Hub": hub("x", value), "Two": template(Target=policy)}), "inside-boundary")
    assert verdicts(report, "Target") == {"inside-boundary": verdict}


def test_plain_templates(tmp_path: Path) -> None:
    """Templates that do not say where they go are taken to go to one place, and the report says so."""
    files = plain(tmp_path, {"hub": hub("x", arn("Entry")), "two": template(Target=trusting(imported("x")))})
    report = check(files, "mfa-required")
    assert verdicts(report, "Target") == {"mfa-required": "proved"}
    assert report.notes == (
        f"assumed to be deployed to one account, since they name what others of them declare: {files[0]}, {files[1]}",
    )
    assert check(files, "mfa-required", account=OWN).notes == ()
    alone = check(files[1:], "mfa-required")
    assert verdicts(alone, "Target") == {"mfa-required": "refuted"}
    assert alone.notes == ()


def test_a_file_that_is_named_twice(tmp_path: Path) -> None:
    """It is one template, judged once, and exports its names once."""
    files = plain(tmp_path, {"hub": hub("x", arn("Entry")), "two": template(Target=trusting(imported("x")))})
    report = check([str(tmp_path), *files], "mfa-required")
    assert [result.verdict for result in report.results] == ["proved"] * 2


def test_a_parameter_of_the_other_template(tmp_path: Path) -> None:
    """A value that is pinned is pinned there too, and a reason says by which name it can be."""
    content = hub("x", {"Ref": "Who"}, Parameters={"Who": {"Type": "String"}})
    path = assembly(tmp_path, {"Hub": content, "Two": template(Target=trusting(imported("x")))})
    for who, verdict in ((HUB, "proved"), (OUTSIDE, "refuted")):
        report = trustproof.check([path], config=CONFIG, parameters={"Who": who}, properties=["inside-boundary"])
        assert verdicts(report, "Target") == {"inside-boundary": verdict}
    (result,) = [r for r in check(path, "inside-boundary").results if r.logical_id == "Target"]
    assert "give the value of Hub/Who: --parameter Who=VALUE" in result.reasons


def test_what_is_malformed_only_with_the_value(tmp_path: Path) -> None:
    """A policy that comes from another stack as text is refused like any other, and not passed over."""
    two = template(Target={"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": imported("x")}})
    report = check(assembly(tmp_path, {"Hub": hub("x", "{nonsense"), "Two": two}), "mfa-required")
    (error,) = report.errors
    assert "the policy is text, and not JSON" in str(error)


NESTED_HASH = "ab" * 32


def nested(folder: Path, parent: Json, child: Json, **others: Json) -> str:
    """An assembly with a stack and one that is nested in it."""
    path = assembly(folder, {"Parent": parent, **others})
    place = {"bucketName": "assets", "objectKey": f"{NESTED_HASH}.json"}
    files = {NESTED_HASH: {"source": {"path": "ParentChild.nested.template.json"}, "destinations": {"there": place}}}
    (folder / "Parent.assets.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    (folder / "ParentChild.nested.template.json").write_text(json.dumps(child), encoding="utf-8")
    return path


def stack(**parameters: object) -> Json:
    """The resource of the nested stack."""
    properties = {
        "TemplateURL": f"https://s3.eu-central-1.amazonaws.com/assets/{NESTED_HASH}.json",
        "Parameters": parameters,
    }
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}


@pytest.mark.parametrize(("value", "verdict"), [(arn("Entry"), "proved"), (OWN_ROOT, "refuted")])
def test_outputs_of_nested_stacks(value: object, verdict: str, tmp_path: Path) -> None:
    """A stack takes the outputs of those nested in it, and may export them."""
    child = template({"Out": {"Value": value}}, Entry=ENTRY)
    output = {"Fn::GetAtt": ["Child", "Outputs.Out"]}
    parent = template({"Passed": exported("x", output)}, Child=stack(), Target=trusting(output))
    two = template(Other=trusting(imported("x")), Third=trusting({"Fn::Sub": ["${It}", {"It": imported("x")}]}))
    report = check(nested(tmp_path, parent, child, Two=two), "mfa-required")
    for logical_id in ("Target", "Other", "Third"):
        assert verdicts(report, logical_id) == {"mfa-required": verdict}
    files = [str(tmp_path / f"{name}.template.json") for name in ("Parent", "ParentChild.nested", "Two")]
    by_hand = trustproof.check_templates([(file, OWN, "eu-central-1") for file in files], properties=["mfa-required"])
    assert [(r.logical_id, r.verdict) for r in by_hand.results] == [(r.logical_id, r.verdict) for r in report.results]


@pytest.mark.parametrize(("condition", "verdict"), [(None, "refuted"), (MFA, "proved")])
def test_a_chain_through_a_role_that_a_nested_stack_is_given(
    condition: Json | None, verdict: str, tmp_path: Path
) -> None:
    """A role of the parent is the same role where the nested stack trusts it."""
    child = template(Target=demanding({"Ref": "Who"}), Parameters={"Who": {"Type": "String"}})
    parent = template(Child=stack(Who=arn("Entry")), Entry=trusting(f"arn:aws:iam::{HUB}:root", condition))
    report = check(nested(tmp_path, parent, child), "mfa-survives-chaining")
    assert verdicts(report, "Target") == {"mfa-survives-chaining": verdict}
