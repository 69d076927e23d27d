"""
What a report says of what it has not checked: templates elsewhere, macros, resources that are none.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.output.json import render as render_json

Json = dict[str, object]

ACCOUNT = "111122223333"
STATEMENT: Json = {
    "Effect": "Allow",
    "Principal": {"AWS": ACCOUNT},
    "Action": "sts:AssumeRole",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
}
ROLE: Json = {
    "Type": "AWS::IAM::Role",
    "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [STATEMENT]}},
}
HOLE: Json = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [{key: value for key, value in STATEMENT.items() if key != "Condition"}],
        }
    },
}

ROTATION = "arn:aws:serverlessrepo:us-east-1:297356227824:applications/Rotation"


def check(folder: Path, resources: object, **sections: object) -> trustproof.Report:
    """The report about one template."""
    file = folder / "template.json"
    file.write_text(json.dumps({**sections, "Resources": resources}, indent=1))
    return trustproof.check([str(file)], account=ACCOUNT, properties=["mfa-required", "mfa-survives-chaining"])


def of_type(type_: str, **properties: object) -> Json:
    """A resource."""
    return {"Type": type_, "Properties": properties}


@pytest.mark.parametrize(
    ("resource", "what"),
    [
        (of_type("AWS::CloudFormation::Stack", TemplateURL="https://s3/x.yaml"), "the nested stack X (TemplateURL)"),
        (of_type("AWS::CloudFormation::Stack", TemplateURL={"Ref": "Url"}), "the nested stack X (TemplateURL)"),
        (of_type("AWS::CloudFormation::StackSet", TemplateURL="https://s3/x.yaml"), "the StackSet X (TemplateURL)"),
        (of_type("AWS::CloudFormation::StackSet", TemplateBody="file://x.yaml"), "the StackSet X (TemplateBody)"),
        (of_type("AWS::Serverless::Application", Location={"ApplicationId": "a"}), "the application X (Location)"),
        (
            of_type("AWS::Serverless::Application", Location={"ApplicationId": ROTATION, "SemanticVersion": "1.1.671"}),
            "the application X (Location: Rotation 1.1.671 of 297356227824)",
        ),
        (
            of_type("AWS::Serverless::Application", Location={"ApplicationId": {"Fn::Sub": ROTATION}}),
            "the application X (Location: Rotation of 297356227824)",
        ),
        (
            of_type("AWS::Serverless::Application", Location={"ApplicationId": {"Ref": "Id"}}),
            "the application X (Location)",
        ),
        (of_type("Org::Access::Role::MODULE"), "the module X"),
        (of_type("AWS::ServiceCatalog::CloudFormationProvisionedProduct"), "the provisioned product X"),
        (
            of_type(
                "AWS::ServiceCatalog::CloudFormationProduct",
                ProvisioningArtifactParameters=[{"Info": {"LoadTemplateFromURL": "https://s3/x.yaml"}}],
            ),
            "the product X (ProvisioningArtifactParameters)",
        ),
    ],
)
def test_a_template_that_is_elsewhere_is_said(tmp_path: Path, resource: Json, what: str) -> None:
    """What a resource is made of and the input does not hold is no silent pass."""
    report = check(tmp_path, {"R": ROLE, "X": resource})
    expected = f"{tmp_path / 'template.json'}: not checked: {what}, whose template is elsewhere"
    assert report.notes == (expected,)
    assert json.loads(render_json(report))["notes"] == [expected]


def test_a_function_that_a_macro_makes_is_said(tmp_path: Path) -> None:
    """A hosted rotation is a nested stack of AWS, with a role and a permission; a function of one's own is no such."""
    hosted = of_type("AWS::SecretsManager::RotationSchedule", SecretId="s", HostedRotationLambda={"RotationType": "T"})
    own = of_type("AWS::SecretsManager::RotationSchedule", SecretId="s", RotationLambdaARN={"Ref": "F"})
    report = check(tmp_path, {"R": ROLE, "X": hosted, "Own": own}, Transform="AWS::SecretsManager-2024-09-16")
    which = "AWS makes in the deployment, with a role and a permission"
    place = tmp_path / "template.json"
    assert report.notes == (f"{place}: not checked: the function of X (HostedRotationLambda), which {which}",)


@pytest.mark.parametrize(
    ("body", "which"),
    [
        ({"Ref": "Body"}, "has a template of values that are not known: Body"),
        ({"Fn::Sub": '{"Resources": ${Body}, "Outputs": ${More}}'}, "has a template of values that are not known: "),
        ({"a": ["b"]}, "has a template that cannot be read"),
    ],
)
def test_a_template_of_values_that_are_not_known_is_said(tmp_path: Path, body: Json, which: str) -> None:
    """A template that stands in another one is not elsewhere, and the note says what it lacks."""
    stack_set = of_type("AWS::CloudFormation::StackSet", TemplateBody=body)
    report = check(
        tmp_path, {"R": ROLE, "X": stack_set}, Parameters={"Body": {"Type": "String"}, "More": {"Type": "String"}}
    )
    (note,) = report.notes
    assert f": not checked: the StackSet X (TemplateBody), which {which}" in note
    assert "elsewhere" not in note
    assert [what for _, what in report.not_checked] == ["the StackSet X (TemplateBody)"]


@pytest.mark.parametrize(
    ("resource", "tag"),
    [
        ("Type: !Rain::Module ./bucket.yaml", "!Rain::Module"),
        ("Type: !Rain::Module ./bucket.yaml\n    Properties: {Name: x}", "!Rain::Module"),
        ("!Rain::Module ./bucket.yaml", "!Rain::Module"),
        ("Type: !Vendor thing", "!Vendor"),
        # As JSON has it.
        ('{"Type": {"Rain::Module": "./bucket.yaml"}}', "!Rain::Module"),
    ],
)
def test_what_another_tool_makes_is_said(tmp_path: Path, resource: str, tag: str) -> None:
    """A tag that is none of CloudFormation stands for a resource that another tool makes."""
    file = tmp_path / "template.yaml"
    own = json.dumps(ROLE)
    file.write_text(f"Resources:\n  R: {own}\n  X:{' ' if resource[0] == '!' else chr(10) + '    '}{resource}\n")
    report = trustproof.check([str(file)], account=ACCOUNT, properties=["mfa-required"])
    assert not report.errors
    assert [result.verdict for result in report.results] == ["proved"]
    assert report.notes == (f"{file}: not checked: the resource X, which another tool makes of {tag}",)


@pytest.mark.parametrize("type_", ["!Ref X", "!Sub 'AWS::IAM::${X}'", "[a]", "{a: b}"])
def test_a_type_that_is_no_text_is_an_error(tmp_path: Path, type_: str) -> None:
    """CloudFormation takes no function as a type."""
    file = tmp_path / "template.yaml"
    file.write_text(f"Resources:\n  X:\n    Type: {type_}\n")
    (error,) = trustproof.check([str(file)], account=ACCOUNT, properties=["mfa-required"]).errors
    assert "expected text" in str(error)


def test_several_of_them_are_said_together(tmp_path: Path) -> None:
    """There is one line for each template."""
    stack = of_type("AWS::CloudFormation::Stack", TemplateURL="https://s3/x.yaml")
    (note,) = check(tmp_path, {"R": ROLE, "X": stack, "Y": stack}).notes
    assert note.endswith(
        "the nested stack X (TemplateURL), the nested stack Y (TemplateURL), whose templates are elsewhere"
    )


def test_of_many_the_first_are_named_and_all_of_them_counted(tmp_path: Path) -> None:
    """A line that names thousands is read by nobody; whoever wants each has the omissions of the report."""
    stack = of_type("AWS::CloudFormation::Stack", TemplateURL="https://s3/x.yaml")
    report = check(tmp_path, {"R": ROLE, **{f"X{number}": stack for number in range(3000)}})
    (note,) = report.notes
    assert note.endswith("the nested stack X19 (TemplateURL) and 2980 more, whose templates are elsewhere")
    assert len(report.not_checked) == 3000


def test_a_template_that_is_in_the_input_is_not(tmp_path: Path) -> None:
    """Before it is packaged, a template names others by their paths."""
    (tmp_path / "inner.json").write_text(json.dumps({"Resources": {"R": ROLE}}))
    inner, other = (of_type("AWS::CloudFormation::Stack", TemplateURL=f"./{name}.json") for name in ("inner", "other"))
    (tmp_path / "outer.json").write_text(json.dumps({"Resources": {"R": ROLE, "Inner": inner, "Other": other}}))
    (note,) = trustproof.check([str(tmp_path)], properties=["mfa-required"]).notes
    assert note.endswith("outer.json: not checked: the nested stack Other (TemplateURL), whose template is elsewhere")


@pytest.mark.parametrize(
    ("sections", "resources", "reason"),
    [
        ({"Transform": "Mine"}, {}, "the macro Mine may change anything in the template"),
        ({"Transform": ["AWS::Serverless-2016-10-31", {"Name": "Mine"}]}, {}, "the macro Mine may change anything"),
        ({}, {"Fn::Transform": {"Name": "Mine"}}, "the macro Mine may change any resource"),
        ({}, {"Fn::Transform": [{"Name": "Mine"}]}, "a macro may change any resource"),
    ],
)
def test_nothing_is_proved_that_a_macro_may_change(
    tmp_path: Path, sections: Json, resources: Json, reason: str
) -> None:
    """What is refuted stays so, and a proof is none before the macro is expanded."""
    report = check(tmp_path, {"Held": ROLE, "Hole": HOLE, **resources}, **sections)
    found = {(r.property, r.logical_id): r for r in report.results if r.logical_id in ("Held", "Hole")}
    assert found["mfa-required", "Hole"].verdict == "refuted"
    for ident in ("mfa-required", "mfa-survives-chaining"):
        assert found[ident, "Held"].verdict == "unknown"
        assert found[ident, "Held"].reasons[0].startswith(reason)
        assert found[ident, "Held"].message.startswith("not decided whether ")


def test_a_transform_that_changes_no_resource_leaves_proofs(tmp_path: Path) -> None:
    """AWS's own transforms are known."""
    report = check(tmp_path, {"Held": ROLE}, Transform=["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"])
    assert {r.verdict for r in report.results if r.logical_id == "Held"} == {"proved"}


def test_what_is_included_is_besides_what_is_there(tmp_path: Path) -> None:
    """An included resource changes no trust policy, and may attach another policy to a role on the way."""
    include = {"Name": "AWS::Include", "Parameters": {"Location": "s3://x"}}
    report = check(tmp_path, {"Held": ROLE, "Fn::Transform": include})
    verdicts = {r.property: r.verdict for r in report.results if r.logical_id == "Held"}
    assert verdicts == {"mfa-required": "proved", "mfa-survives-chaining": "unknown"}


def test_a_macro_may_change_what_a_stack_set_carries(tmp_path: Path) -> None:
    """A template inside another one is as much before the macro as the rest."""
    body = json.dumps({"Resources": {"R": ROLE}})
    report = check(tmp_path, {"Set": of_type("AWS::CloudFormation::StackSet", TemplateBody=body)}, Transform="Mine")
    assert {r.verdict for r in report.results if r.logical_id == "Set/R"} == {"unknown"}


@pytest.mark.parametrize(("resource", "shown"), [(None, "null"), ([], "an empty list"), ("x", '"x"')])
def test_a_resource_that_is_none_is_an_error(tmp_path: Path, resource: object, shown: str) -> None:
    """The place is said, and the other resources are judged."""
    report = check(tmp_path, {"Held": ROLE, "R": resource})
    (error,) = report.errors
    assert error.message == f"the resource R is {shown}, expected an object with Type"
    assert error.line is not None
    assert {r.verdict for r in report.results} == {"proved"}


def test_a_function_in_place_of_resources_is_an_error(tmp_path: Path) -> None:
    """Only a macro and a loop may stand there: whatever else stands beside the resources hides none of its own."""
    report = check(tmp_path, {"Held": ROLE, "Fn::If": ["C", {"R": ROLE}, {}]})
    (error,) = report.errors
    assert error.message.startswith("the resource Fn::If is a list")
    assert {r.verdict for r in report.results} == {"proved"}


def test_several_macros_in_place_of_resources_may_change_any(tmp_path: Path) -> None:
    """A list of calls of macros is read as one call of them."""
    report = check(tmp_path, {"Held": ROLE, "Fn::Transform": [{"Name": "A"}, {"Name": "B"}]})
    assert report.errors == ()
    assert any("a macro may change any resource" in reason for r in report.results for reason in r.reasons)


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        ({"Properties": {"Policies": []}}, "the resource R has no Type"),
        ({}, "the resource R has no Type"),
        ({"type": "AWS::IAM::Role"}, "the resource R has no Type"),
        ({"Type": None}, "the Type of R is null, expected text"),
        ({"Type": {"Ref": "Kind"}}, "the Type of R is an object, expected text"),
        ({"Type": ["AWS::IAM::Role"]}, "the Type of R is a list, expected text"),
    ],
)
def test_a_resource_without_a_type_is_an_error(tmp_path: Path, resource: Json, message: str) -> None:
    """It may be the role that nobody asked about; the place is said, and the other resources are judged."""
    report = check(tmp_path, {"Held": ROLE, "R": resource})
    (error,) = report.errors
    assert error.message == message
    assert error.line is not None
    assert {r.verdict for r in report.results} == {"proved"}


def test_a_macro_may_give_a_type(tmp_path: Path) -> None:
    """What a macro makes of a resource is not known, and no error."""
    inside = {"Fn::Transform": {"Name": "Mine"}}
    for resource, sections in ((inside, {}), ({"Properties": {}}, {"Transform": "Mine"})):
        report = check(tmp_path, {"Held": ROLE, "R": resource}, **sections)
        assert report.errors == ()
        assert any(r.verdict == "unknown" for r in report.results)


def test_what_no_deployment_has_is_named(tmp_path: Path) -> None:
    """A policy whose condition never holds is in no result, and the report says so by name."""
    document = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    one = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    file = tmp_path / "t.json"
    content = {
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}, "Always": {"Fn::Equals": ["a", "a"]}},
        "Resources": {"Gone": {**one, "Condition": "Never"}, "There": {**one, "Condition": "Always"}},
    }
    file.write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([file])
    assert f"{file}: in no deployment, and so not asked about: Gone" in report.notes
    assert {result.logical_id for result in report.results} == {"There"}


#: A parameter that would have to be two things at once, a Region that there is not, and a value that a list excludes.
NEVER = {
    "Both": {"Fn::And": [{"Condition": "IsA"}, {"Condition": "IsB"}]},
    "Mars": {"Fn::Equals": [{"Ref": "AWS::Region"}, "mars-1"]},
    "Unlisted": {"Fn::Equals": [{"Ref": "Size"}, "medium"]},
}


@pytest.mark.parametrize("name", NEVER)
def test_what_contradicts_itself_is_named_and_not_proved(name: str, tmp_path: Path) -> None:
    """A role whose condition holds in no deployment has no result, and a statement under one is named by its place."""
    hole = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    sound = {**hole, "Principal": {"Service": "ec2.amazonaws.com"}}
    nothing = {"Ref": "AWS::NoValue"}
    nested = {"Fn::If": ["IsA", {"Fn::If": ["IsB", hole, nothing]}, nothing]}
    trust = {"Statement": [sound, {"Fn::If": [name, hole, nothing]}, nested]}
    file = tmp_path / "t.json"
    content = {
        "Parameters": {"Kind": {"Type": "String"}, "Size": {"Type": "String", "AllowedValues": ["small", "large"]}},
        "Conditions": {
            "IsA": {"Fn::Equals": [{"Ref": "Kind"}, "a"]},
            "IsB": {"Fn::Equals": [{"Ref": "Kind"}, "b"]},
            **NEVER,
        },
        "Resources": {
            "Gone": {
                "Type": "AWS::IAM::Role",
                "Condition": name,
                "Properties": {"AssumeRolePolicyDocument": {"Statement": [hole]}},
            },
            "There": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
        },
    }
    file.write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([file])
    assert {result.logical_id for result in report.results} == {"There"}
    assert {result.verdict for result in report.results} == {"proved"}
    statements = "/AssumeRolePolicyDocument/Statement"
    second = f"There ({statements}/1/Fn::If/1), There ({statements}/2/Fn::If/1/Fn::If/1)"
    assert f"{file}: in no deployment, and so not asked about: Gone, {second}" in report.notes


def test_what_may_be_in_a_deployment_is_asked_about(tmp_path: Path) -> None:
    """A role under a condition that some Region meets, of whatever partition, is judged."""
    hole = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    for region in ("eu-west-1", "cn-north-1"):
        file = tmp_path / f"{region}.json"
        role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Statement": [hole]}}}
        content = {
            "Conditions": {"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, region]}},
            "Resources": {"R": {**role, "Condition": "Here"}},
        }
        file.write_text(json.dumps(content), encoding="utf-8")
        report = trustproof.check([file])
        assert "refuted" in {result.verdict for result in report.results}
        assert not [note for note in report.notes if "in no deployment" in note]
