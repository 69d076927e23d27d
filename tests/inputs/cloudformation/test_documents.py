"""
Every resource type that grants something is read, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from trustproof.errors import PolicySyntaxError
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values import catalogue
from trustproof.model.document import IDENTITY, RESOURCE, TRUST
from trustproof.model.policy import Guard, Principal

#: What asks for the functions that few templates may use.
EXTENDED: dict[str, Any] = {"Transform": "AWS::LanguageExtensions"}
Read = Callable[..., Template]
Role = Callable[..., dict[str, Any]]

GRANT = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "x:Y", "Principal": {"AWS": "111122223333"}, "Resource": "*"}],
}
OWN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "x:Y", "Resource": "*"}]}


def nested(steps: tuple[str, ...], value: Any) -> Any:
    """A value below a path of the catalogue."""
    if not steps:
        return value
    inner = nested(steps[1:], value)
    return [inner] if steps[0] == "*" else {steps[0]: inner}


PLACES = [(type_, place) for type_, places in catalogue.RESOURCE_POLICIES.items() for place in places]


@pytest.mark.parametrize("as_text", [False, True], ids=["object", "text"])
@pytest.mark.parametrize(("type_", "place"), PLACES, ids=[f"{t}.{'.'.join(p)}" for t, p in PLACES])
def test_resource_policies_are_found(read: Read, type_: str, place: tuple[str, ...], as_text: bool) -> None:
    """The policy of each type of the catalogue is read where it stands, as an object or as JSON text."""
    properties = nested(place, json.dumps(GRANT) if as_text else GRANT)
    template = read({"Resources": {"Thing": {"Type": type_, "Properties": properties}}})
    (document,) = template.documents
    assert (document.kind, document.logical_id, document.resource_type) == (RESOURCE, "Thing", type_)
    steps = tuple(0 if step == "*" else step for step in place)
    assert document.path == ("Resources", "Thing", "Properties", *steps)
    assert document.policy.statements[0].principals == (Principal("AWS", "111122223333"),)


@pytest.mark.parametrize(
    "type_",
    [
        "AWS::IAM::Policy",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::UserPolicy",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::GroupPolicy",
    ],
)
def test_identity_policies_are_found(read: Read, type_: str) -> None:
    """A policy resource of its own is an identity policy."""
    template = read({"Resources": {"P": {"Type": type_, "Properties": {"PolicyDocument": OWN, "PolicyName": "n"}}}})
    (document,) = template.documents
    assert (document.kind, document.name) == (IDENTITY, "n")


def test_inline_policies_and_permission_sets_are_found(read: Read, role: Role) -> None:
    """Inline policies are documents of their entity, with their name and the guards around them."""
    inline = {"Fn::If": ["C", {"PolicyName": "one", "PolicyDocument": OWN}, {"Ref": "AWS::NoValue"}]}
    template = read(
        {
            "Parameters": {"P": {"Type": "String"}},
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
            "Resources": {
                "R": role("111122223333", Policies=[inline, {"PolicyName": "two", "PolicyDocument": OWN}]),
                "S": {"Type": "AWS::SSO::PermissionSet", "Properties": {"InlinePolicy": json.dumps(OWN)}},
            },
        }
    )
    assert [(d.kind, d.logical_id, d.name, d.guards) for d in template.documents] == [
        (TRUST, "R", "", ()),
        (IDENTITY, "R", "one", (Guard("C", True),)),
        (IDENTITY, "R", "two", ()),
        (IDENTITY, "S", "", ()),
    ]
    assert template.documents[1].path[-4:] == (0, "Fn::If", 1, "PolicyDocument")


@pytest.mark.parametrize(
    ("type_", "key"),
    [
        ("AWS::EC2::VPCEndpoint", "PolicyDocument"),
        ("AWS::Organizations::Policy", "Content"),
        ("AWS::RolesAnywhere::Profile", "SessionPolicy"),
        ("AWS::IoT::Policy", "PolicyDocument"),
        ("AWS::NetworkManager::CoreNetwork", "PolicyDocument"),
        ("AWS::OpenSearchServerless::AccessPolicy", "Policy"),
        ("OC::ORG::ServiceControlPolicy", "PolicyDocument"),
        ("Custom::Anything", "PolicyDocument"),
    ],
)
def test_what_grants_nothing_is_left_alone(read: Read, type_: str, key: str) -> None:
    """Policies that only restrict, and look-alikes, are no documents; even malformed ones are no errors."""
    template = read({"Resources": {"X": {"Type": type_, "Properties": {key: {"Statement": "?"}}}}})
    assert template.documents == ()
    assert template.unread == ()


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("s3.amazonaws.com", ("Service", "s3.amazonaws.com")),
        ({"Fn::Sub": "logs.${AWS::Region}.amazonaws.com"}, ("Service", "logs.<AWS::Region>.amazonaws.com")),
        ("111122223333", ("AWS", "111122223333")),
        ("arn:aws:iam::111122223333:role/x.y", ("AWS", "arn:aws:iam::111122223333:role/x.y")),
        ("*", ("*", "*")),
        ({"Ref": "Someone"}, ("AWS", "<Someone>")),
    ],
)
def test_a_lambda_permission_is_a_statement(read: Read, principal: Any, expected: tuple[str, str]) -> None:
    """The properties of a Lambda permission become the statement that Lambda adds to the function's policy."""
    properties = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "f",
        "Principal": principal,
        "SourceArn": "arn:aws:s3:::bucket",
        "SourceAccount": {"Ref": "AWS::AccountId"},
        "PrincipalOrgID": {"Ref": "AWS::NoValue"},
    }
    template = read(
        {"Resources": {"G": {"Type": "AWS::Lambda::Permission", "Properties": properties}}}, account="1" * 12
    )
    (document,) = template.documents
    (statement,) = document.policy.statements
    (found,) = statement.principals or ()
    assert (found.kind, str(found.value)) == expected
    assert [(c.operator, c.key, c.operands, c.path[-1]) for c in statement.conditions] == [
        ("ArnLike", "aws:SourceArn", ("arn:aws:s3:::bucket",), "SourceArn"),
        ("StringEquals", "aws:SourceAccount", ("1" * 12,), "SourceAccount"),
    ]


@pytest.mark.parametrize(
    ("type_", "properties", "actions", "principal", "keys"),
    [
        (
            "AWS::Lambda::LayerVersionPermission",
            {"Action": "lambda:GetLayerVersion", "Principal": "*", "OrganizationId": "o-a1b2c3d4e5"},
            ("lambda:GetLayerVersion",),
            ("*", "*"),
            ["aws:PrincipalOrgID"],
        ),
        (
            "AWS::Events::EventBusPolicy",
            {
                "Action": "events:PutEvents",
                "Principal": "*",
                "Condition": {"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-a1b2c3d4e5"},
            },
            ("events:PutEvents",),
            ("*", "*"),
            ["aws:PrincipalOrgID"],
        ),
        (
            "AWS::Events::EventBusPolicy",
            {"StatementId": "x", "Statement": GRANT["Statement"][0]},  # type: ignore[index]
            ("x:Y",),
            ("AWS", "111122223333"),
            [],
        ),
        *(
            (
                "AWS::Events::EventBusPolicy",
                {"StatementId": "x", "Statement": text},
                ("x:Y",),
                ("AWS", "111122223333"),
                [],
            )
            for text in (
                json.dumps(GRANT["Statement"][0]),  # type: ignore[index]
                {"Fn::Sub": json.dumps(GRANT["Statement"][0])},  # type: ignore[index]
                {"Fn::ToJsonString": GRANT["Statement"][0]},  # type: ignore[index]
            )
        ),
        (
            "AWS::ACMPCA::Permission",
            {"Actions": ["acm-pca:IssueCertificate"], "Principal": "acm.amazonaws.com", "SourceAccount": "1" * 12},
            ("acm-pca:IssueCertificate",),
            ("Service", "acm.amazonaws.com"),
            ["aws:SourceAccount"],
        ),
        (
            "AWS::Signer::ProfilePermission",
            {"Action": "signer:StartSigningJob", "Principal": "111122223333"},
            ("signer:StartSigningJob",),
            ("AWS", "111122223333"),
            [],
        ),
    ],
)
def test_structured_grants_are_statements(
    read: Read, type_: str, properties: Any, actions: Any, principal: tuple[str, str], keys: list[str]
) -> None:
    """Each grant without a document becomes the statement it stands for."""
    template = read({**EXTENDED, "Resources": {"G": {"Type": type_, "Properties": properties}}})
    (statement,) = template.documents[0].policy.statements
    assert statement.actions == actions
    assert statement.principals == (Principal(*principal),)
    assert [c.key for c in statement.conditions] == keys


def test_conditional_properties_of_a_grant_are_variants(read: Read) -> None:
    """A grant whose source depends on a condition is judged with and without it."""
    properties = {
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
        "SourceAccount": {"Fn::If": ["C", "111122223333", {"Ref": "AWS::NoValue"}]},
    }
    sections = {"Parameters": {"P": {"Type": "String"}}, "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}}}
    template = read({**sections, "Resources": {"G": {"Type": "AWS::Lambda::Permission", "Properties": properties}}})
    statements = template.documents[0].policy.statements
    assert [(s.guards, len(s.conditions)) for s in statements] == [
        ((Guard("C", True),), 1),
        ((Guard("C", False),), 0),
    ]


def test_serverless_functions_have_generated_roles(read: Read) -> None:
    """A function without a role gets one that Lambda may assume; its policies stand at the function."""
    own_trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}]}
    template = read(
        {
            "Transform": "AWS::Serverless-2016-10-31",
            "Globals": {"Function": {"Timeout": 3}},
            "Resources": {
                "Plain": {
                    "Type": "AWS::Serverless::Function",
                    "Properties": {"Policies": ["AWSLambdaExecute", {"S3ReadPolicy": {"BucketName": "b"}}, OWN]},
                },
                "Own": {"Type": "AWS::Serverless::Function", "Properties": {"AssumeRolePolicyDocument": own_trust}},
                "With": {"Type": "AWS::Serverless::Function", "Properties": {"Role": "arn:aws:iam::1:role/x"}},
                "Flow": {"Type": "AWS::Serverless::StateMachine", "Properties": {}},
                "Api": {
                    "Type": "AWS::Serverless::Api",
                    "Properties": {"Auth": {"ResourcePolicy": {"CustomStatements": GRANT["Statement"]}}},
                },
                "User": {
                    "Type": "AWS::KMS::Key",
                    "Properties": {
                        "KeyPolicy": {
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": "kms:*",
                                    "Resource": "*",
                                    "Principal": {"AWS": {"Fn::GetAtt": ["PlainRole", "Arn"]}},
                                }
                            ]
                        }
                    },
                },
            },
        },
        account="111122223333",
    )
    shown = [
        (d.kind, d.logical_id, [str(p.value) for s in d.policy.statements for p in s.principals or ()])
        for d in template.documents
    ]
    assert shown == [
        (TRUST, "Plain", ["lambda.amazonaws.com"]),
        (IDENTITY, "Plain", []),
        (IDENTITY, "Plain", []),
        (TRUST, "Own", ["111122223333"]),
        (TRUST, "Flow", ["states.amazonaws.com"]),
        (RESOURCE, "Api", ["111122223333"]),
        (RESOURCE, "User", ["arn:aws:iam::111122223333:role/<PlainRole>"]),
    ]
    assert next((r.logical_id, str(r.arn)) for r in template.roles) == (
        "Plain",
        "arn:aws:iam::111122223333:role/<PlainRole>",
    )
    assert template.unread == ()


def test_a_function_whose_role_a_condition_removes_gets_one(read: Read) -> None:
    """SAM makes the role in the branch without ``Role``, and only there."""
    removed = {"Ref": "AWS::NoValue"}
    own = {"If": {"Fn::If": ["C", "arn:aws:iam::1:role/x", removed]}, "Removed": removed, "Never": "arn:x"}
    nested = {"Fn::If": ["C", removed, {"Fn::If": ["D", removed, "arn:x"]}]}
    template = read(
        {
            "Parameters": {"P": {"Type": "String"}},
            "Conditions": {name: {"Fn::Equals": [{"Ref": "P"}, name]} for name in "CD"},
            "Resources": {
                name: {"Type": "AWS::Serverless::Function", "Properties": {"Role": role, "Policies": [OWN]}}
                for name, role in {**own, "Nested": nested}.items()
            },
        }
    )
    unless = (Guard("C", False),)
    found = [(document.kind, document.logical_id, document.guards) for document in template.documents]
    assert found == [
        (TRUST, "If", unless),
        (IDENTITY, "If", unless),
        (TRUST, "Removed", ()),
        (IDENTITY, "Removed", ()),
        (TRUST, "Nested", ()),
        (IDENTITY, "Nested", ()),
    ]
    assert [(holder.logical_id, holder.guards) for holder in template.holders] == [
        ("If", unless),
        ("Removed", ()),
        ("Nested", ()),
    ]
    # As it is deployed, a function with a role of somebody else's has none of its own.
    path = template.documents[4].path
    assert template.at({"P": "C"}).document("Nested", path) is not None
    assert template.at({"P": "x"}).document("Nested", path) is None


def test_policy_templates_that_nobody_knows_are_said(read: Read) -> None:
    """What an unknown policy template allows is not known, and must not look like nothing."""
    policies = [{"S3ReadPolicy": {"BucketName": "b"}}, {"FooPolicy": {"A": "b"}}, {"Ref": "Q"}]
    template = read({"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {"Policies": policies}}}})
    path = ("Resources", "F", "Properties", "Policies", 1)
    assert template.unread == ((path, "no policy template of SAM that is known here: FooPolicy"),)


def test_globals_of_serverless_functions_apply(read: Read) -> None:
    """What ``Globals`` says of functions holds where the function says nothing."""
    own_trust = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}]}
    template = read(
        {
            "Globals": {"Function": {"AssumeRolePolicyDocument": own_trust}},
            "Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {}}},
        }
    )
    assert template.documents[0].policy.statements[0].principals == (Principal("AWS", "111122223333"),)


def test_roles_say_how_long_their_sessions_last(read: Read, role: Role) -> None:
    """The duration is a number where it is known, one entry for each value of a condition."""
    sections = {
        "Parameters": {"P": {"Type": "String"}, "D": {"Type": "Number"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}},
    }
    resources = {
        "Silent": role("*"),
        "Said": role("*", MaxSessionDuration=7200),
        "Text": role("*", MaxSessionDuration="43200"),
        "If": role("*", MaxSessionDuration={"Fn::If": ["C", 3600, {"Ref": "AWS::NoValue"}]}),
        "Open": role("*", MaxSessionDuration={"Ref": "D"}),
    }
    template = read({**sections, "Resources": resources})
    found = [(r.logical_id, str(r.max_session_duration), r.guards) for r in template.roles]
    assert found == [
        ("Silent", "3600", ()),
        ("Said", "7200", ()),
        ("Text", "43200", ()),
        ("If", "3600", (Guard("C", True),)),
        ("If", "3600", (Guard("C", False),)),
        ("Open", "<D>", ()),
    ]
    assert template.roles[1].path[-1] == "MaxSessionDuration"
    assert template.documents[template.roles[1].trust or 0].logical_id == "Said"


@pytest.mark.parametrize("duration", ["9" * 5000, "²", "an hour"])
def test_a_duration_is_a_number_of_seconds(read: Read, role: Role, duration: str) -> None:
    """AWS refuses any other text, and so do we, with its place."""
    with pytest.raises(PolicySyntaxError, match=r"MaxSessionDuration is .* expected a number of seconds$") as caught:
        read({"Resources": {"R": role("*", MaxSessionDuration=duration)}})
    assert caught.value.line is not None


def test_loops_are_written_out(read: Read) -> None:
    """``Fn::ForEach`` gives one role for each item, at the place where the body is written."""
    text = """
Transform: AWS::LanguageExtensions
Parameters:
  Teams: {Type: CommaDelimitedList, Default: "red,blue-1"}
Resources:
  Fn::ForEach::Roles:
    - Team
    - !Ref Teams
    - Role&{Team}:
        Type: AWS::IAM::Role
        Properties:
          RoleName: !Sub "x-${Team}"
          AssumeRolePolicyDocument:
            Version: 2012-10-17
            Statement:
              Effect: Allow
              Action: sts:AssumeRole
              Principal: {AWS: !Sub "arn:aws:iam::111122223333:user/${Team}"}
"""
    template = read(text)
    shown = [(d.logical_id, [p.value for p in d.policy.statements[0].principals or ()]) for d in template.documents]
    assert shown == [
        ("Rolered", ["arn:aws:iam::111122223333:user/red"]),
        ("Roleblue1", ["arn:aws:iam::111122223333:user/blue-1"]),
    ]
    path = template.documents[0].policy.statements[0].path
    assert template.source_line(template.locate((*path, "Action")).line).strip() == "Action: sts:AssumeRole"
    assert template.resource_type("Roleblue1") == "AWS::IAM::Role"


def test_what_cannot_be_expanded_is_unread(read: Read, role: Role) -> None:
    """A loop over an unknown list and macros are named with their place; the rest of the template is read."""
    template = read(
        {
            "Transform": ["AWS::LanguageExtensions", "Mine"],
            "Parameters": {"L": {"Type": "CommaDelimitedList"}},
            "Resources": {
                "Fn::ForEach::X": ["I", {"Ref": "L"}, {"R${I}": role("*")}],
                "Fn::Transform": {"Name": "AWS::Include"},
                "Good": role("*"),
                "Open": {"Type": "AWS::IAM::Role", "Properties": {}},
                "Macro": {"Type": "AWS::IAM::Role", "Properties": {"Fn::Transform": {"Name": "Mine"}}},
            },
        }
    )
    assert [d.logical_id for d in template.documents] == ["Good"]
    assert dict(template.unread) == {
        (
            "Resources",
            "Fn::ForEach::X",
        ): "Fn::ForEach::X is not expanded: its collection is not known before deployment: give --parameter L=VALUE",
        ("Resources", "Fn::Transform"): "Fn::Transform is a macro that is not expanded",
        ("Transform",): "the macro Mine may change anything in the template",
        ("Resources", "Open", "Properties"): "the AssumeRolePolicyDocument of Open is left to a macro",
        ("Resources", "Macro", "Properties"): "the properties of Macro come from a macro or an intrinsic function",
    }


@pytest.mark.parametrize(
    ("top", "reason"),
    [
        ({"Fn::Transform": {"Name": "Mine"}}, "the macro Mine at the top may change anything in the template"),
        ({"Transform": {"Ref": "Mine"}}, "the macro that is not named may change anything in the template"),
        ({"Transform": [{"Fn::Sub": "Mine"}]}, "the macro that is not named may change anything in the template"),
    ],
)
def test_a_macro_for_the_whole_template_is_unread_however_it_is_written(
    read: Read, top: dict[str, object], reason: str
) -> None:
    """Also of a template without policies: the macro may make some."""
    template = read({**top, "Resources": {"T": {"Type": "AWS::SNS::Topic"}}})
    assert dict(template.unread) == {(next(iter(top)),): reason}


@pytest.mark.parametrize(
    ("body", "is_noted"),
    [
        ({"L${I}": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"LayerName": {"Ref": "I"}}}}, False),
        ({"Fn::ForEach::Y": ["J", ["a"], {"T${I}${J}": {"Type": "AWS::SNS::Topic"}}]}, False),
        ({"Q${I}": {"Type": "AWS::SQS::Queue", "Properties": {"RedrivePolicy": {"maxReceiveCount": 1}}}}, False),
        ({"B${I}": {"Type": "AWS::S3::Bucket"}}, True),
        ({"L${I}": {"Type": "AWS::Lambda::LayerVersion"}, "R${I}": {"Type": "AWS::IAM::Role"}}, True),
        ({"T${I}": {"Type": "AWS::DynamoDB::Table", "Properties": {"ResourcePolicy": {"Ref": "L"}}}}, True),
        ({"T${I}": {"Type": "AWS::SNS::Topic", "Properties": {"Fn::Transform": {"Name": "Mine"}}}}, True),
        ({"T${I}": {"Type": {"Fn::Sub": "AWS::${I}"}}}, True),
        ({"T${I}": {"Fn::Transform": {"Name": "Mine"}, "Type": "AWS::SNS::Topic"}}, True),
        ("R", True),
    ],
)
def test_a_loop_that_makes_nothing_of_access_is_not_noted(read: Read, body: object, *, is_noted: bool) -> None:
    """However often it is run, no policy comes of it; where one may, it is named."""
    parameters = {"L": {"Type": "CommaDelimitedList"}}
    loop = {"Fn::ForEach::X": ["I", {"Ref": "L"}, body]}
    template = read({"Transform": "AWS::LanguageExtensions", "Parameters": parameters, "Resources": loop})
    assert bool(template.unread) is is_noted


def test_construct_paths_and_arns_come_with_documents(read: Read, role: Role) -> None:
    """CDK's metadata gives the construct, and the resource's name the ARN that the policy stands on."""
    template = read(
        {
            "Resources": {
                "R": {**role("*", RoleName="deploy"), "Metadata": {"aws:cdk:path": "Stack/R/Resource"}},
                "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data"}},
                "P": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": GRANT}},
            }
        },
        account="111122223333",
    )
    first, second = template.documents
    assert (first.construct_path, first.resource_arn) == ("Stack/R/Resource", "arn:aws:iam::111122223333:role/deploy")
    assert (second.construct_path, second.resource_arn) == (None, "arn:aws:s3:::data")


def test_who_may_tell_a_role_is_found_once_for_all_roles(read: Read) -> None:
    """Roles that name other roles tell nobody of them: thousands of them are not gone through for each one."""
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::111122223333:role/a"}}
    trust = {"Version": "2012-10-17", "Statement": [allow]}
    roles = {f"R{n}": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}} for n in range(3)}
    told = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": "arn:aws:iam::111122223333:role/a"}}
    assert [*read({"Resources": {**roles, "P": told}}).environment.naming_roles] == ["P"]
