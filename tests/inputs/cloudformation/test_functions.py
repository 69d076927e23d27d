"""
Intrinsic functions give text where the template says enough, and a symbol for what it does not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from trustproof.errors import InputError
from trustproof.model.names import unique_id
from trustproof.model.text import Symbol, Symbolic

#: What asks for the functions that few templates may use.
EXTENDED: dict[str, Any] = {"Transform": "AWS::LanguageExtensions"}
ACCOUNT = "111122223333"
PARTITION = {"Ref": "AWS::Partition"}
MAPPINGS = {"Mappings": {"M": {"us-east-1": {"A": "first", "L": ["x", "y"]}, "eu-west-1": {"A": "second"}}}}
TRUSTING = {
    "AssumeRolePolicyDocument": {
        "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
    }
}
RESOURCES = {
    "Resources": {
        "Named": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "named", "Path": "/team/", **TRUSTING}},
        "Generated": {"Type": "AWS::IAM::Role", "Properties": TRUSTING},
        "Person": {"Type": "AWS::IAM::User", "Properties": {"UserName": "alice"}},
        "Team": {"Type": "AWS::IAM::Group"},
        "Managed": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {
                "ManagedPolicyName": "limits",
                "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
            },
        },
        "Saml": {"Type": "AWS::IAM::SAMLProvider", "Properties": {"Name": "idp"}},
        "Oidc": {"Type": "AWS::IAM::OIDCProvider", "Properties": {"Url": "https://token.example.com/x"}},
        "CdkOidc": {
            "Type": "Custom::AWSCDKOpenIdConnectProvider",
            "Properties": {"Url": "https://token.example.com", "ServiceToken": "arn:x"},
        },
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
        "Topic": {"Type": "AWS::SNS::Topic"},
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "data"}},
        "Custom": {"Type": "Custom::Thing"},
    }
}


def text(value: Any) -> str:
    """A resolved text as a user would see it."""
    return str(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "AWS::AccountId"}, ACCOUNT),
        ({"Ref": "AWS::Region"}, "<AWS::Region>"),
        ({"Ref": "AWS::StackName"}, "<AWS::StackName>"),
        ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
        ({"Fn::Join": ["", ["arn:", PARTITION, ":iam::", ACCOUNT, ":root"]]}, f"arn:aws:iam::{ACCOUNT}:root"),
        ({"Fn::Join": ["-", ["a", {"Ref": "AWS::NoValue"}, "b"]]}, "a-b"),
        ({"Fn::Join": ["-", {"Fn::Split": [":", "a:b"]}]}, "a-b"),
        # The text is another one than the items, and than they are with another text between them.
        (
            {"Fn::Join": ["*", {"Fn::Split": ["-", {"Ref": "AWS::StackName"}]}]},
            '<Fn::Join ["*", {"Fn::Split": ["-", {"Ref": "AWS::StackName"}]}]>',
        ),
        ({"Fn::Join": ["-", {"Fn::Split": ["-", {"Ref": "AWS::StackName"}]}]}, "<AWS::StackName>"),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}, f"arn:aws:iam::{ACCOUNT}:root"),
        # Where these stand, as a principal, nothing of AWS is written so.
        (
            {"Fn::Sub": ["${x}/${!aws:username}/${aws:userid}", {"x": "y"}]},
            "<y/${aws:username}/${aws:userid}>",
        ),
        ({"Fn::Sub": ["${x}", {"x": {"Fn::Select": [1, ["a", "b"]]}}]}, "b"),
        ({"Fn::Select": ["2", {"Fn::Split": [":", "a:b:c"]}]}, "c"),
        ({"Fn::Select": [4, {"Fn::Split": [":", {"Fn::GetAtt": ["Generated", "Arn"]}]}]}, ACCOUNT),
        ({"Fn::Select": [1, {"Fn::Split": [":role/", {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/x"}]}]}, "x"),
        ({"Fn::Select": [4, {"Fn::Split": [":", {"Ref": "AWS::StackId"}]}]}, ACCOUNT),
        ({"Fn::Select": ["2", {"Fn::Split": [":", {"Ref": "AWS::StackId"}]}]}, "cloudformation"),
        (
            {"Fn::Select": [3, {"Fn::Split": [":", {"Ref": "AWS::StackId"}]}]},
            '<Fn::Select [3, {"Fn::Split": [":", {"Ref": "AWS::StackId"}]}]>',
        ),
        (
            {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]},
            '<Fn::Select [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]>',
        ),
        # YAML has texts only, and JSON may have numbers: both are one name.
        (
            {"Fn::Select": ["3", {"Fn::Split": [":", {"Ref": "AWS::StackId"}]}]},
            '<Fn::Select [3, {"Fn::Split": [":", {"Ref": "AWS::StackId"}]}]>',
        ),
        ({"Fn::Select": ["²", ["a"]]}, '<Fn::Select ["\\u00b2", ["a"]]>'),
        ({"Fn::Select": ["x", ["a"]]}, '<Fn::Select ["x", ["a"]]>'),
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, '<Fn::Select [0, {"Fn::GetAZs": ""}]>'),
        ({"Fn::FindInMap": ["M", "us-east-1", "A"]}, "first"),
        ({"Fn::FindInMap": ["M", "none", "A", {"DefaultValue": "d"}]}, "d"),
        ({"Fn::Length": ["a", "b"]}, "2"),
        ({"Fn::Base64": "a"}, "<YQ==>"),
        ({"Fn::ToJsonString": {"a": ["b", PARTITION], "c": 1}}, '<{"a":["b","aws"],"c":1}>'),
        ({"Fn::ImportValue": "hub-account"}, "<Fn::ImportValue hub-account>"),
        ({"Fn::ImportValue": {"Fn::Sub": "${AWS::Partition}-x"}}, "<Fn::ImportValue aws-x>"),
        ({"Fn::Cidr": ["10.0.0.0/16", 2]}, '<Fn::Cidr ["10.0.0.0/16", 2]>'),
        ({"Fn::Transform": {"Name": "Mine"}}, "<Fn::Transform Mine>"),
        ("x-{{resolve:ssm:/hub/account}}", "x-<ssm:/hub/account>"),
        ({"Fn::Sub": "{{resolve:ssm:/${AWS::Region}}}"}, "<{{resolve:ssm:/<AWS::Region>}}>"),
        (111122223333, ACCOUNT),
    ],
)
def test_functions_give_text(resolved: Callable[..., list[Any]], value: Any, expected: str) -> None:
    """Each function resolves what is known, and names what is not."""
    ((found, guards),) = resolved(value, {**EXTENDED, **MAPPINGS, **RESOURCES}, account=ACCOUNT)
    assert [text(v) for v in found] == [expected]
    assert guards == {}


@pytest.mark.parametrize("value", [{"Fn::FindInMap": ["M", "a", "b"]}, [{"Fn::FindInMap": ["M", "a", "b"]}]])
def test_a_function_in_a_mapping_is_not_followed(resolved: Callable[..., list[Any]], value: Any) -> None:
    """CloudFormation takes none there, and one that leads back to its own place has no end."""
    ((found, _),) = resolved({"Fn::FindInMap": ["M", "a", "b"]}, {"Mappings": {"M": {"a": {"b": value}}}})
    assert [text(v) for v in found] == ['<Fn::FindInMap ["M", "a", "b"]>']


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Fn::GetAtt": ["Named", "Arn"]}, f"arn:aws:iam::{ACCOUNT}:role/team/named"),
        ({"Fn::Sub": "${Named.Arn}"}, f"arn:aws:iam::{ACCOUNT}:role/team/named"),
        ({"Ref": "Named"}, "named"),
        ({"Fn::GetAtt": "Generated.Arn"}, f"arn:aws:iam::{ACCOUNT}:role/<Generated>"),
        ({"Ref": "Generated"}, "<Generated>"),
        ({"Fn::GetAtt": ["Named", "RoleId"]}, unique_id("AROA", "Named")),
        ({"Fn::GetAtt": ["Person", "Arn"]}, f"arn:aws:iam::{ACCOUNT}:user/alice"),
        ({"Fn::GetAtt": ["Team", "Arn"]}, f"arn:aws:iam::{ACCOUNT}:group/<Team>"),
        ({"Ref": "Managed"}, f"arn:aws:iam::{ACCOUNT}:policy/limits"),
        ({"Ref": "Saml"}, f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"),
        ({"Fn::GetAtt": ["Oidc", "Arn"]}, f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com/x"),
        ({"Ref": "CdkOidc"}, f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.example.com"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"),
        ({"Ref": "Queue"}, f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/jobs"),
        ({"Ref": "Topic"}, f"arn:aws:sns:eu-west-1:{ACCOUNT}:<Topic>"),
        ({"Fn::GetAtt": ["Queue", "QueueName"]}, "jobs"),
        ({"Fn::GetAtt": ["Bucket", "Arn"]}, "arn:aws:s3:::data"),
        ({"Fn::GetAtt": ["Custom", "Value"]}, "<Custom.Value>"),
        ({"Ref": "Nowhere"}, "<Nowhere>"),
    ],
)
def test_own_resources_have_arns_as_far_as_they_are_known(
    resolved: Callable[..., list[Any]], value: Any, expected: str
) -> None:
    """An ARN of the template's own resource is in the template's account, with a symbol for a generated name."""
    ((found, _),) = resolved(value, RESOURCES, account=ACCOUNT, region="eu-west-1")
    assert [text(v) for v in found] == [expected]


def test_the_same_unknown_is_the_same_symbol(resolved: Callable[..., list[Any]]) -> None:
    """Two uses of one import are one symbol; without an account, the account is a symbol too."""
    value = [{"Fn::ImportValue": "a"}, {"Fn::Sub": ["${x}", {"x": {"Fn::ImportValue": "a"}}]}]
    (((first, second), _),) = resolved(value)
    assert first == second == Symbolic((Symbol("Fn::ImportValue a", "import"),))
    (((own,), _),) = resolved({"Ref": "AWS::AccountId"})
    assert own == Symbolic((Symbol("AWS::AccountId", "pseudo-parameter"),))


def in_map(table: str, *keys: Any, **default: Any) -> dict[str, Any]:
    """``Fn::FindInMap``."""
    return {"Fn::FindInMap": [table, *keys, *([default] if default else [])]}


REGION = {"Ref": "AWS::Region"}
TABLES: dict[str, Any] = {
    "Mappings": {
        "Same": {"a": {"A": "x"}, "b": {"A": "x"}},
        "Two": {"a": {"A": "1", "B": "2"}, "b": {"A": "3"}},
        "Listed": {"a": {"A": ["x", "y"]}, "b": {"A": "z"}},
        "Deep": {"a": {"A": in_map("Deep", "a", "A")}, "b": {"A": "z"}},
        "Accounts": {"111122223333": {"A": "1"}, "444455556666": {"A": "2"}},
        "Large": {f"k{number}": {"A": str(number)} for number in range(60)},
    },
    "Parameters": {
        "P": {"Type": "String", "AllowedPattern": "[a-c]"},
        "Few": {"Type": "String", "AllowedValues": ["b", "c"]},
    },
    "Conditions": {
        **{f"C{number}": {"Fn::Equals": [{"Ref": "AWS::StackName"}, str(number)]} for number in range(4)},
        "InIreland": {"Fn::Equals": [REGION, "eu-west-1"]},
    },
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (in_map("M", REGION, "A"), [("first", "us-east-1"), ("second", "eu-west-1")]),
        # One value for all is known.
        (in_map("Same", REGION, "A"), [("x", None)]),
        (in_map("Same", {"Ref": "P"}, "A"), [("x", None)]),
        (in_map("Two", {"Ref": "P"}, "A"), [("1", "a"), ("3", "b")]),
        # CloudFormation refuses what has no row.
        (in_map("Two", {"Ref": "Few"}, "A"), [("3", "b")]),
        (in_map("Two", "a", {"Ref": "AWS::StackName"}), [("1", "A"), ("2", "B")]),
        (in_map("Two", {"Fn::ImportValue": "key"}, "A"), [("1", "a"), ("3", "b")]),
        (in_map("Listed", {"Ref": "P"}, "A"), [("x y", "a"), ("z", "b")]),
        (in_map("Deep", {"Ref": "P"}, "A"), [('<Fn::FindInMap ["Deep", {"Ref": "P"}, "A"]>', "a"), ("z", "b")]),
        # Any other Region has the default.
        (
            in_map("M", REGION, "A", DefaultValue="other"),
            [("first", "us-east-1"), ("second", "eu-west-1"), ("other", "ap-southeast-2")],
        ),
    ],
)
def test_a_mapping_is_read_at_each_key_that_an_unknown_one_may_be(
    resolved: Callable[..., list[Any]], value: Any, expected: list[tuple[str, str | None]]
) -> None:
    """The guard says which key it is, so that the same key in another place is the same."""
    sections = {**TABLES, "Mappings": {**TABLES["Mappings"], **MAPPINGS["Mappings"]}}
    found = [
        (" ".join(map(text, texts)), next(iter(guards.values()), None)) for texts, guards in resolved(value, sections)
    ]
    assert found == expected


def test_two_uses_of_one_key_go_together(resolved: Callable[..., list[Any]]) -> None:
    """Neither a second mapping nor a condition multiplies what one key decides."""
    values = [in_map("M", REGION, "A"), REGION, {"Fn::If": ["InIreland", "yes", "no"]}]
    found = [texts for texts, _ in resolved(values, {**TABLES, **MAPPINGS})]
    assert found == [("first", "us-east-1", "no"), ("second", "eu-west-1", "yes")]


@pytest.mark.parametrize(
    ("value", "allowed"),
    [
        # Whose account it is, is another question.
        (in_map("Accounts", {"Ref": "AWS::AccountId"}, "A"), ("1", "2")),
        (in_map("Large", {"Ref": "AWS::StackName"}, "A"), tuple(str(number) for number in range(60))),
        (in_map("Two", {"Ref": "P"}, "A", DefaultValue="4"), ("1", "3", "4")),
    ],
)
def test_a_value_of_a_mapping_is_one_symbol_where_its_key_is_too_much_to_tell(
    resolved: Callable[..., list[Any]], value: Any, allowed: tuple[str, ...]
) -> None:
    """The symbol says which values it may have."""
    (((found,), guards),) = resolved(value, TABLES)
    assert (found.symbols[0].allowed, guards) == (allowed, {})


def test_conditions_come_before_keys_where_both_are_too_many(resolved: Callable[..., list[Any]]) -> None:
    """What depends on many conditions is read in each of their outcomes, with the value of a mapping left open."""
    sections = {**TABLES, "Mappings": {"M": {f"k{number}": {"A": str(number)} for number in range(20)}}}
    choices = [{"Fn::If": [f"C{number}", "t", "f"]} for number in range(4)]
    found = resolved([in_map("M", {"Ref": "P"}, "A"), *choices], {**sections, "Parameters": {"P": {"Type": "String"}}})
    assert len(found) == 5
    assert all(len(texts[0].symbols[0].allowed) == 20 for texts, _ in found)


def test_the_region_decides_the_partition(resolved: Callable[..., list[Any]]) -> None:
    """In a China Region, partition and URL suffix are China's."""
    value = {"Fn::Sub": "${AWS::Partition}.${AWS::URLSuffix}"}
    ((found, _),) = resolved(value, region="cn-north-1")
    assert found == ("aws-cn.amazonaws.com.cn",)


def test_lists_are_spliced_and_removed_items_are_gone(resolved: Callable[..., list[Any]]) -> None:
    """A list parameter in a list adds its items; ``AWS::NoValue`` adds nothing."""
    sections = {"Parameters": {"Ids": {"Type": "CommaDelimitedList", "Default": "a, b"}}}
    ((found, _),) = resolved(["x", {"Ref": "Ids"}, {"Ref": "AWS::NoValue"}], sections)
    assert found == ("x", "a", "b")
    ((found, _),) = resolved({"Fn::FindInMap": ["M", "us-east-1", "L"]}, MAPPINGS)
    assert found == ("x", "y")


def test_circular_names_end(resolved: Callable[..., list[Any]]) -> None:
    """Resources whose names refer to each other, which CloudFormation refuses, are symbols."""
    resources = {
        "A": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Fn::Sub": "x-${B}"}, **TRUSTING}},
        "B": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": {"Fn::Sub": "y-${A}"}, **TRUSTING}},
    }
    ((found, _),) = resolved({"Ref": "A"}, {"Resources": resources})
    assert text(found[0]) in ("x-<B>", "x-y-<A>")


JSON: dict[str, Any] = {"Fn::ToJsonString": {"a": "b"}}


@pytest.mark.parametrize(
    ("transform", "properties", "refused"),
    [
        (None, {"Name": JSON}, "Fn::ToJsonString"),
        (None, {"Size": {"Fn::Length": ["a"]}}, "Fn::Length"),
        ("AWS::Serverless-2016-10-31", {"Name": JSON}, "Fn::ToJsonString"),
        ("AWS::LanguageExtensions", {"Name": JSON}, ""),
        (["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"], {"Name": JSON}, ""),
        # A macro may leave nothing of it.
        ("Mine", {"Name": JSON}, ""),
        (None, {"Fn::Transform": {"Name": "Mine"}, "Name": JSON}, ""),
        (None, {"Name": "Fn::ToJsonString"}, ""),
    ],
)
def test_functions_that_need_a_transform(
    read: Callable[..., Any], transform: object, properties: dict[str, Any], refused: str
) -> None:
    """CloudFormation refuses a template with such a function that does not ask for the transform."""
    resources = {"A": {"Type": "AWS::SNS::Topic", "Properties": properties}}
    template = {"Resources": resources, **({} if transform is None else {"Transform": transform})}
    if not refused:
        read(template)
        return
    with pytest.raises(InputError, match=f"{refused} needs the transform AWS::LanguageExtensions"):
        read(template)
