"""
The grammar of policies: every legal shape is read, every other one is refused with its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from trustproof.errors import PolicySyntaxError
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import IDENTITY, RESOURCE, TRUST
from trustproof.model.policy import Condition, Principal, Statement
from trustproof.model.text import Symbol, Symbolic
from trustproof.results.result import NOT_DECLARED

#: What asks for the functions that few templates may use.
EXTENDED: dict[str, Any] = {"Transform": "AWS::LanguageExtensions"}
Read = Callable[..., Template]
Role = Callable[..., dict[str, Any]]

KINDS = "AWS, CanonicalUser, Federated, Service"
ALLOW: dict[str, Any] = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "111122223333"}}


def trust(**elements: Any) -> Statement:
    """The statement of a trust policy with some elements replaced; None removes one."""
    raw = {key: value for key, value in {**ALLOW, **elements}.items() if value is not None}
    (statement,) = parse_policy({"Version": "2012-10-17", "Statement": raw}, kind=TRUST).statements
    return statement


def test_a_whole_statement_is_typed() -> None:
    """Every element of a statement lands in its field, with the path of each condition."""
    policy = parse_policy(
        {
            "Version": "2008-10-17",
            "Id": "x",
            "Statement": [
                {
                    "Sid": "One",
                    "Effect": "Deny",
                    "NotPrincipal": {"AWS": ["a", "b"], "Service": "ec2.amazonaws.com"},
                    "NotAction": ["s3:Get*"],
                    "NotResource": "arn:aws:s3:::b",
                    "Condition": {
                        "Bool": {"aws:SecureTransport": False},
                        "NumericLessThan": {"aws:MultiFactorAuthAge": 3600, "AWS:multifactorauthage": "1"},
                        "StringEquals": {"aws:PrincipalAccount": ["1", "2"], "aws:username": []},
                    },
                }
            ],
        },
        kind=RESOURCE,
    )
    assert policy.version == "2008-10-17"
    assert not policy.has_variables
    (statement,) = policy.statements
    base = ("Statement", 0, "Condition")
    assert statement == Statement(
        effect="Deny",
        not_principals=(Principal("AWS", "a"), Principal("AWS", "b"), Principal("Service", "ec2.amazonaws.com")),
        not_actions=("s3:Get*",),
        not_resources=("arn:aws:s3:::b",),
        conditions=(
            Condition("Bool", "aws:SecureTransport", ("false",), (*base, "Bool", "aws:SecureTransport")),
            Condition(
                "NumericLessThan",
                "aws:MultiFactorAuthAge",
                ("3600",),
                (*base, "NumericLessThan", "aws:MultiFactorAuthAge"),
            ),
            Condition(
                "NumericLessThan",
                "AWS:multifactorauthage",
                ("1",),
                (*base, "NumericLessThan", "AWS:multifactorauthage"),
            ),
            Condition(
                "StringEquals", "aws:PrincipalAccount", ("1", "2"), (*base, "StringEquals", "aws:PrincipalAccount")
            ),
            Condition("StringEquals", "aws:username", (), (*base, "StringEquals", "aws:username")),
        ),
        sid="One",
        path=("Statement", 0),
    )


def test_principal_forms() -> None:
    """The star, lists, and several kinds in one map."""
    assert trust(Principal="*").principals == (Principal("*", "*"),)
    assert trust(Principal={"AWS": "*"}).principals == (Principal("AWS", "*"),)
    assert trust(Principal={"AWS": 111122223333}).principals == (Principal("AWS", "111122223333"),)
    assert trust(Principal=None, NotPrincipal={"AWS": "a"}).not_principals == (Principal("AWS", "a"),)


def test_a_missing_version_is_no_version() -> None:
    """Without Version the document has none, which is not 2012-10-17."""
    assert parse_policy({"Statement": [ALLOW]}, kind=TRUST).version is None


@pytest.mark.parametrize(
    ("kind", "elements", "message"),
    [
        (TRUST, {"Effect": "Permit"}, 'Statement.0.Effect: the Effect is "Permit", expected Allow or Deny'),
        (RESOURCE, {"Effect": "allow"}, 'Statement.0.Effect: the Effect is "allow", expected Allow or Deny'),
        (
            TRUST,
            {"Condition": {"Boool": {"aws:MultiFactorAuthPresent": "true"}}},
            'Statement.0.Condition.Boool: unknown condition operator "Boool", expected one such as Bool',
        ),
        (
            TRUST,
            {"Condition": {"NullIfExists": {"sts:ExternalId": "true"}}},
            'Statement.0.Condition.NullIfExists: unknown condition operator "NullIfExists", expected one such as Null',
        ),
        (
            TRUST,
            {"Condition": {"ForSomeValues:StringEquals": {"aws:TagKeys": "a"}}},
            (
                "Statement.0.Condition.ForSomeValues:StringEquals: unknown condition operator "
                '"ForSomeValues:StringEquals", expected one such as ForAnyValue:StringEquals'
            ),
        ),
        (
            TRUST,
            {"Condition": {"=": {"a": "b"}}},
            'Statement.0.Condition.=: unknown condition operator "=", expected one such as StringEquals',
        ),
        (TRUST, {"Effect": None}, "Statement.0: a statement has no Effect, expected Allow or Deny"),
        (TRUST, {"Action": None}, "Statement.0: a statement has neither Action nor NotAction"),
        (TRUST, {"NotAction": "x"}, "Statement.0.NotAction: a statement has both Action and NotAction"),
        (TRUST, {"NotPrincipal": "*"}, "Statement.0.NotPrincipal: a statement has both Principal and NotPrincipal"),
        (
            RESOURCE,
            {"Action": ["s3:GetObject", "PutObject"]},
            'Statement.0.Action: "PutObject" is no action, expected SERVICE:ACTION or *',
        ),
        (TRUST, {"Action": {}}, "Statement.0.Action: Action is an object, expected text or a list of texts"),
        (TRUST, {"Action": []}, "Statement.0.Action: Action is an empty list, expected text or a list of texts"),
        (TRUST, {"Action": ["a", ["b"]]}, "Statement.0.Action.1: Action holds a list, expected texts"),
        (TRUST, {"Action": 7.5, "Resource": "*"}, "Statement.0.Resource: a statement of a trust policy has a Resource"),
        (TRUST, {"Principal": None}, "Statement.0: a statement of a trust policy has no Principal"),
        (RESOURCE, {"Principal": None}, "Statement.0: a statement of a resource policy has no Principal"),
        (IDENTITY, {"Resource": "*"}, "Statement.0.Principal: a statement of an identity policy has a Principal"),
        (
            IDENTITY,
            {"Principal": None},
            "Statement.0: a statement of an identity policy has neither Resource nor NotResource",
        ),
        (
            TRUST,
            {"Principal": "111122223333"},
            f'Statement.0.Principal: Principal is "111122223333", expected "*" or an object with {KINDS}',
        ),
        (
            TRUST,
            {"Principal": {"Aws": "x"}},
            f'Statement.0.Principal.Aws: unknown kind of principal "Aws", expected one of {KINDS}',
        ),
        (
            TRUST,
            {"Conditions": {}},
            (
                'Statement.0.Conditions: unknown element "Conditions" in a statement, expected one of Sid, Effect,'
                " Principal, NotPrincipal, Action, NotAction, Resource, NotResource, Condition"
            ),
        ),
        (TRUST, {"Condition": []}, "Statement.0.Condition: Condition is an empty list, expected an object"),
        (
            TRUST,
            {"Condition": {"Bool": "x"}},
            'Statement.0.Condition.Bool: Bool is "x", expected an object of condition keys',
        ),
        (
            TRUST,
            {"Condition": {"Bool": {"k": {"a": 1}}}},
            "Statement.0.Condition.Bool.k: k is an object, expected text or a list of texts",
        ),
    ],
)
def test_what_aws_refuses_is_an_error(kind: str, elements: dict[str, Any], message: str) -> None:
    """A malformed statement gives the path, the value received and the values accepted."""
    raw = {key: value for key, value in {**ALLOW, **elements}.items() if value is not None}
    with pytest.raises(PolicySyntaxError) as caught:
        parse_policy({"Version": "2012-10-17", "Statement": [raw]}, kind=kind)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            {"Statement": [ALLOW], "statement": []},
            'statement: unknown element "statement" in a policy, expected Version,',
        ),
        ({"Version": "2012-10-17"}, "a policy has no Statement"),
        ({"Statement": []}, "Statement: a policy has no statements"),
        ({"Statement": ["x"]}, 'Statement.0: a statement is an object, not "x"'),
        ({"Version": "2020-01-01", "Statement": [ALLOW]}, 'Version: the Version is "2020-01-01", expected one of'),
        ("[]", "a policy is an object or its JSON text, not an empty list"),
        (
            '{"Statement": {}, "Statement": []}',
            'the policy is text, and the key "Statement" stands twice in one object',
        ),
        (
            "{,}",
            "the policy is text, and not JSON: expecting property name enclosed in double quotes at line 1, column 2",
        ),
        ('{\n "Statement": [{}]}', "2:16: a statement has no Effect"),
    ],
)
def test_a_malformed_document_is_an_error(document: Any, message: str) -> None:
    """What is wrong with a document as a whole is said, with the place where a text has one."""
    with pytest.raises(PolicySyntaxError) as caught:
        parse_policy(document, kind=TRUST)
    assert str(caught.value).startswith(message)


def test_errors_of_a_template_have_file_line_and_column(read: Read, role: Role) -> None:
    """One malformed policy is located; the other documents of the template are read all the same."""
    resources = {"Bad": role(statement=[{**ALLOW, "Effect": "Permit"}]), "Good": role("111122223333")}
    with pytest.raises(PolicySyntaxError) as caught:
        read({"Resources": resources}, name="t.json")
    assert str(caught.value).endswith('t.json:10:15: the Effect is "Permit", expected Allow or Deny')


@pytest.mark.parametrize(
    ("sids", "is_refused"),
    [("AA", True), ("ABA", True), ("AB", False), ("Aa", False), (["", ""], False), ([None, None], False)],
)
def test_two_statements_of_iam_have_two_ids(sids: Any, is_refused: bool, read: Read, role: Role) -> None:
    """IAM refuses a policy of which two statements have one ``Sid``; an empty one is none."""
    statements = [{**ALLOW, "Sid": sid} if sid is not None else ALLOW for sid in sids]
    template = {"Resources": {"R": role(statement=statements)}}
    if not is_refused:
        assert read(template).documents
        return
    with pytest.raises(PolicySyntaxError, match='another statement has the Sid "A"'):
        read(template)


@pytest.mark.parametrize(
    ("type_", "properties", "is_refused"),
    [
        ("AWS::Serverless::Function", lambda one: {"Policies": [one], "InlineCode": "", "Handler": "a.b"}, True),
        ("AWS::SSO::PermissionSet", lambda one: {"Name": "p", "InstanceArn": "arn", "InlinePolicy": one}, True),
        ("AWS::SQS::QueuePolicy", lambda one: {"Queues": ["q"], "PolicyDocument": one}, False),
    ],
)
def test_what_becomes_the_policy_of_a_role_has_two_ids(
    type_: str, properties: Any, is_refused: bool, read: Read
) -> None:
    """Other services differ: S3 has taken two of one ``Sid``."""
    statement = {"Sid": "A", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    if not is_refused:
        statement["Principal"] = "*"
    document = {"Version": "2012-10-17", "Statement": [statement, statement]}
    resource = {"Type": type_, "Properties": properties(document)}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"R": resource}}
    if not is_refused:
        assert read(template).documents
        return
    with pytest.raises(PolicySyntaxError, match='another statement has the Sid "A"'):
        read(template)


def test_two_statements_of_which_conditions_decide_may_have_one_id(read: Read, role: Role) -> None:
    """At most one of them is there."""
    sides = [{**ALLOW, "Sid": "A"}, {"Ref": "AWS::NoValue"}]
    statements = [{"Fn::If": ["C", *sides]}, {"Fn::If": ["C", *sides[::-1]]}]
    conditions = {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}}
    template = {"Parameters": {"P": {"Type": "String"}}, "Conditions": conditions}
    assert read({**template, "Resources": {"R": role(statement=statements)}}).documents


def test_a_malformed_policy_does_not_hide_the_others(tmp_path: Any, role: Role) -> None:
    """The template is given, with its error in the inputs."""
    from trustproof.inputs.discovery.inputs import read_paths

    resources = {"Bad": role(statement=[]), "Good": role("111122223333")}
    path = tmp_path / "t.json"
    path.write_text(json.dumps({"Resources": resources}))
    inputs = read_paths([str(path)])
    (template,) = inputs.templates
    assert [d.logical_id for d in template.documents] == ["Good"]
    assert [e.message for e in inputs.errors] == ["a policy has no statements"]


DOCUMENT = {"Version": "2012-10-17", "Statement": [{**ALLOW, "Principal": {"AWS": "arn:aws:iam::${A}:root"}}]}
TEXT = json.dumps(DOCUMENT)


@pytest.mark.parametrize(
    "value",
    [
        TEXT.replace("${A}", "111122223333"),
        {"Fn::Sub": TEXT},
        {"Fn::Sub": [TEXT.replace("${A}", "${X}"), {"X": {"Ref": "A"}}]},
        {"Fn::Join": ["", [TEXT.partition("${A}")[0], {"Ref": "A"}, TEXT.partition("${A}")[2]]]},
        {
            "Fn::ToJsonString": {
                **DOCUMENT,
                "Statement": [{**ALLOW, "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${A}:root"}}}],
            }
        },
    ],
)
def test_policies_as_text_are_read(read: Read, value: Any) -> None:
    """A policy that is JSON text, composed or not, is the same policy; unknown parts stay unknown parts."""
    resource = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": value}}
    parameter = {"Type": "String", "Default": "111122223333"}
    known = read({**EXTENDED, "Parameters": {"A": parameter}, "Resources": {"R": resource}})
    (statement,) = known.documents[0].policy.statements
    assert statement.principals == (Principal("AWS", "arn:aws:iam::111122223333:root"),)
    if isinstance(value, dict):
        unknown = read({**EXTENDED, "Parameters": {"A": {"Type": "String"}}, "Resources": {"R": resource}})
        (statement,) = unknown.documents[0].policy.statements
        (principal,) = statement.principals or ()
        symbol = Symbol("A", "parameter", type="String")
        assert principal.value == Symbolic(("arn:aws:iam::", symbol, ":root"))
        assert unknown.locate(statement.path).line >= 1


def test_a_key_that_is_not_known_is_unreadable(read: Read) -> None:
    """A condition key composed of an unknown issuer may be any key."""
    text = json.dumps({"Statement": {**ALLOW, "Condition": {"StringEquals": {"${I}:sub": "x"}}}})
    resource = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Fn::Sub": text}}}
    template = read({"Parameters": {"I": {"Type": "String"}}, "Resources": {"R": resource}})
    (statement,) = template.documents[0].policy.statements
    assert statement.unreadable == ("Condition: StringEquals: the key <I>:sub is not known before deployment",)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"Ref": "P"}, "the policy is the value of <P>"),
        ({"Ref": "Nothing"}, f"the policy is the value of <Nothing>, {NOT_DECLARED}"),
        ({"Fn::Transform": {"Name": "Mine"}}, "the policy is the value of <Fn::Transform Mine>"),
        ({"Fn::Sub": '{"Statement": ${P}}'}, "the policy is text that is not JSON before P is known"),
        ({"Fn::Transform": {"Name": "AWS::Include"}, "Version": "2012-10-17"}, "the policy holds Fn::Transform"),
    ],
)
def test_what_only_the_deployment_knows_is_unread_with_a_reason(read: Read, value: Any, reason: str) -> None:
    """A document of which nothing is known is no error and no document, and is named with its place."""
    resource = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": value}}
    template = read({"Parameters": {"P": {"Type": "String"}}, "Resources": {"R": resource}})
    path = ("Resources", "R", "Properties", "AssumeRolePolicyDocument")
    assert template.unread == ((path, reason),)
    assert template.documents == ()
    assert template.roles[0].trust is None


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"Condition": {"Ref": "P"}}, "Condition: it is the value of <P>"),
        (
            {"Condition": {"StringEquals": {"Fn::GetAtt": ["Json", "Value"]}}},
            "Condition: StringEquals: its keys are the value of <Json.Value>",
        ),
        ({"Principal": {"Fn::Transform": {"Name": "M"}}}, "Principal: it is the value of <Fn::Transform M>"),
        (
            {"Condition": {"Bool": {"Fn::Transform": {"Name": "M"}, "aws:MultiFactorAuthPresent": "true"}}},
            "Condition: Bool: the key Fn::Transform is not known before deployment, and may change the others",
        ),
        (
            {"Condition": {"StringNotEquals": {"aws:PrincipalAccount": {"Ref": "L"}}}},
            "Condition: StringNotEquals: aws:PrincipalAccount: a list that is not known before deployment",
        ),
    ],
)
def test_an_element_that_is_not_known_is_unreadable(read: Read, role: Role, elements: Any, reason: str) -> None:
    """The rest of the statement is read; the part that may be anything is named."""
    parameters = {"P": {"Type": "String"}, "L": {"Type": "CommaDelimitedList"}}
    template = read({"Parameters": parameters, "Resources": {"R": role(statement=[{**ALLOW, **elements}])}})
    (statement,) = template.documents[0].policy.statements
    assert statement.unreadable == (reason,)
    assert statement.actions == ("sts:AssumeRole",)


def test_a_macro_in_a_statement_may_change_all_of_it(read: Read, role: Role) -> None:
    """It is given the other elements, and may return another effect."""
    statement = {**ALLOW, "Fn::Transform": {"Name": "M"}}
    template = read({"Resources": {"R": role(statement=[statement])}})
    found = template.documents[0].policy.statements
    assert [(one.effect, one.actions) for one in found] == [("Allow", None), ("Deny", None)]
    assert {one.unreadable for one in found} == {("Fn::Transform: it may stand for any element",)}


def test_a_text_for_a_statement_is_not_known_where_a_tool_fills_it_in(read: Read, role: Role) -> None:
    """The file that it names may hold any statement."""
    template = read({"Resources": {"R": role(statement=["${file(statement.yml)}"])}})
    ((reason,),) = {one.unreadable for one in template.documents[0].policy.statements}
    assert reason.startswith(
        "the statement is the value of <${file(statement.yml)}>, which has something left over in it"
    )


def test_the_effect_of_a_trust_policy_in_other_letters() -> None:
    """IAM takes "allow" in a trust policy for Allow; whether it takes "deny" for Deny is not known."""
    (allowed,) = parse_policy({"Statement": [{**ALLOW, "Effect": "allow"}]}, kind=TRUST).statements
    assert (allowed.effect, allowed.unreadable) == ("Allow", ())
    either = parse_policy({"Statement": [{**ALLOW, "Effect": "deny"}]}, kind=TRUST).statements
    reason = 'Effect: whether IAM takes "deny" for Deny is not known: write Deny'
    assert [(one.effect, one.unreadable) for one in either] == [("Allow", (reason,)), ("Deny", (reason,))]


def test_a_statement_that_is_not_known_may_allow_and_deny(read: Read, role: Role) -> None:
    """An unexpanded macro in the list of statements stands for both effects."""
    template = read({"Resources": {"R": role(statement=[ALLOW, {"Fn::Transform": {"Name": "M"}}])}})
    statements = template.documents[0].policy.statements
    assert [(s.effect, bool(s.unreadable)) for s in statements] == [("Allow", False), ("Allow", True), ("Deny", True)]
    template = read(
        {"Parameters": {"E": {"Type": "String"}}, "Resources": {"R": role(statement={**ALLOW, "Effect": {"Ref": "E"}})}}
    )
    statements = template.documents[0].policy.statements
    assert [(s.effect, bool(s.unreadable)) for s in statements] == [("Allow", True), ("Deny", True)]


def test_documents_of_different_versions_make_each_other_unreadable(read: Read) -> None:
    """Where a condition decides the Version, what a variable means is not known."""
    named = {**ALLOW, "Condition": {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}}
    old = {"Version": "2008-10-17", "Statement": [named]}
    value = {"Fn::If": ["C", DOCUMENT, old]}
    sections = {"Parameters": {"P": {"Type": "String"}}, "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}}}
    resource = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": value}}
    template = read({**sections, "Resources": {"R": resource}})
    statements = template.documents[0].policy.statements
    assert [s.unreadable for s in statements] == [(), ("Version: it depends on a condition",)]


@pytest.mark.parametrize("element", ["Principal", "Action", "Effect", "Condition"])
def test_a_statement_without_its_policy(element: str) -> None:
    """Where the elements of a statement stand in the policy itself, that is what is said."""
    with pytest.raises(PolicySyntaxError, match=f"{element} stands in the policy itself, expected in a Statement"):
        parse_policy({element: "x", "Version": "2012-10-17"}, kind="trust")


VERSIONS = {"Fn::If": ["C", "2012-10-17", "2008-10-17"]}


@pytest.mark.parametrize("version", [VERSIONS, {"Ref": "P"}, {"Fn::If": ["C", "2012-10-17", {"Ref": "AWS::NoValue"}]}])
def test_a_version_that_is_not_known_matters_where_there_may_be_variables(read: Read, version: object) -> None:
    """Of a policy that may be of either version the statements are unread that hold what may be a policy variable."""
    named = {**ALLOW, "Condition": {"StringEquals": {"sts:RoleSessionName": {"Fn::Sub": "${!aws:username}"}}}}
    policy = {"Version": version, "Statement": [ALLOW, named]}
    resource = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    conditions = {"C": {"Fn::Equals": [{"Ref": "P"}, "x"]}}
    parameters = {"P": {"Type": "String"}}
    template = read({"Parameters": parameters, "Conditions": conditions, "Resources": {"R": resource}})
    plain, other = template.documents[0].policy.statements
    assert plain.unreadable == ()
    assert other.unreadable == ("Version: it depends on a condition",)


def test_a_kind_of_principal_may_be_empty_beside_another() -> None:
    """A module that is given no services makes an empty list of them, which IAM takes; nobody at all is an error."""
    assert trust(Principal={"AWS": "111122223333", "Service": []}).principals == (Principal("AWS", "111122223333"),)
    with pytest.raises(PolicySyntaxError, match="Service is an empty list"):
        trust(Principal={"Service": [], "AWS": []})
