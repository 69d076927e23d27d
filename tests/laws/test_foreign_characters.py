"""
What has characters that AWS has nowhere in its place is no text: no proof rests on it, whatever tool writes like that.

What AWS has in each place is written down here a second time, from its own pages.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import NamedTuple, cast

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import trustproof
from tests.strategies import examples
from trustproof.aws.published import managed_policy_document, managed_policy_names, service, service_prefixes
from trustproof.inputs.grammar.impossible_keys import is_impossible_key
from trustproof.inputs.grammar.impossible_texts import read_action, read_operand, read_resource
from trustproof.model.text import Text

Json = dict[str, object]

OUTSIDE = "999988887777"
ROOT = f"arn:aws:iam::{OUTSIDE}:root"
CONFIG = {"boundary": {"accounts": ["111122223333"], "organizations": ["o-a1b2c3d4e5"]}}
LETTERS = string.ascii_letters + string.digits
#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_User.html
NAMES = LETTERS + "_+=,.@-"
#: Wildcards are none of a placeholder: what begins with them may be anything.
SIGNS = " \té«" + "".join(sorted({*string.punctuation} - {*"*?"}))
ALLOW: Json = {
    "Effect": "Allow",
    "Principal": {"AWS": ROOT},
    "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
}


class Place(NamedTuple):
    """Where a text stands, and the characters that AWS has there."""

    policy: Callable[[str], list[Json]]
    characters: str


def spared(operator: str, key: str, before: str = "", behind: str = "") -> Callable[[str], list[Json]]:
    """An outsider is let in, and a Deny spares who has a value."""

    def written(text: str) -> list[Json]:
        condition = {operator: {key: f"{before}{text}{behind}"}}
        return [ALLOW, {**ALLOW, "Effect": "Deny", "Principal": "*", "Condition": condition}]

    return written


def let_in(operator: str, key: str, before: str = "", behind: str = "") -> Callable[[str], list[Json]]:
    """Whoever has a value is let in."""
    return lambda text: [
        {**ALLOW, "Principal": {"AWS": "*"}, "Condition": {operator: {key: f"{before}{text}{behind}"}}}
    ]


def principal(before: str, behind: str = "") -> Callable[[str], list[Json]]:
    """Somebody is let in by an ARN."""
    return lambda text: [{**ALLOW, "Principal": {"AWS": f"{before}{text}{behind}"}}]


_USER, _ROLE = f"arn:aws:iam::{OUTSIDE}:user/", f"arn:aws:iam::{OUTSIDE}:role/team/"
PLACES = {
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    "session": Place(spared("StringNotEquals", "sts:RoleSessionName"), NAMES),
    "end of session": Place(spared("StringNotLike", "sts:RoleSessionName", "a-"), NAMES),
    "source identity": Place(let_in("StringEquals", "sts:SourceIdentity"), NAMES),
    "external id": Place(spared("StringNotEquals", "sts:ExternalId"), NAMES + ":/"),
    "external id let in": Place(let_in("StringEqualsIgnoreCase", "sts:ExternalId"), NAMES + ":/"),
    "user": Place(spared("StringNotEquals", "aws:username"), NAMES),
    "end of user": Place(spared("StringNotLike", "aws:username", "a-"), NAMES),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
    "id of user": Place(spared("StringNotLike", "aws:userid"), NAMES + ":"),
    "account": Place(spared("StringNotEquals", "aws:PrincipalAccount"), string.digits),
    "account let in": Place(let_in("StringLike", "aws:PrincipalAccount"), string.digits),
    # https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
    "organization": Place(
        spared("StringNotEquals", "aws:PrincipalOrgID", "o-"), string.ascii_lowercase + string.digits
    ),
    "root": Place(
        let_in("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-x1y2z3a4b5/r-", "/*"),
        string.ascii_lowercase + string.digits + "/-",
    ),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
    "tag": Place(spared("StringNotEquals", "aws:PrincipalTag/team"), LETTERS + " _.:/=+-@é"),
    "tag of request": Place(let_in("StringEquals", "aws:RequestTag/team"), LETTERS + " _.:/=+-@é"),
    "kind": Place(spared("StringNotEquals", "aws:PrincipalType"), LETTERS),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    "ARN of a user": Place(spared("ArnNotEquals", "aws:PrincipalArn", _USER), NAMES + "/"),
    "ARN of a role": Place(spared("StringNotLike", "aws:PrincipalArn", _ROLE), NAMES + "/"),
    "ARN of roles": Place(spared("ArnNotLike", "aws:PrincipalArn", _ROLE, "*"), NAMES + "/"),
    "resource of an ARN": Place(spared("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{OUTSIDE}:"), NAMES + "/"),
    "account of an ARN": Place(spared("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::", ":user/a"), LETTERS + ":"),
    "partition of an ARN": Place(
        let_in("StringLike", "aws:PrincipalArn", "arn:", f":iam::{OUTSIDE}:user/a"), LETTERS + "-"
    ),
    "ARN": Place(spared("ArnNotLike", "aws:PrincipalArn"), LETTERS + "_-"),
    "principal": Place(principal(""), LETTERS + "_-"),
    "user as principal": Place(principal(_USER), NAMES + "/"),
    "account as principal": Place(principal("arn:aws:iam::", ":root"), LETTERS + ":"),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
    "action": Place(lambda text: [{**ALLOW, "Action": f"sts:{text}"}], LETTERS),
    "whole action": Place(lambda text: [{**ALLOW, "Action": f"{text}:x"}], LETTERS + "-"),
    "key": Place(lambda text: spared("StringNotEquals", f"aws:{text}")("a"), LETTERS + "/_.:=+@-"),
    "key of a service": Place(lambda text: spared("StringNotEquals", f"sts:{text}")("a"), LETTERS + "/_.:-"),
    "key of an issuer": Place(
        lambda text: spared("StringNotEquals", f"auth.example.com/{text}:sub")("a"), LETTERS + "/_.:=+@-~%"
    ),
}


def texts() -> st.SearchStrategy[str]:
    """Words with signs around them, and between them."""
    signs = st.text(SIGNS, max_size=3)
    word = st.text(string.ascii_letters, min_size=1, max_size=5)
    return st.tuples(signs, word, signs, word, signs).map("".join)


#: By a key, values that the pages of AWS have, or say to be legal.
HONEST = {
    "aws:PrincipalArn": [
        ROOT,
        "arn:aws:iam::111122223333:user/division_abc/subdivision_xyz/JaneDoe",
        "arn:aws:sts::111122223333:assumed-role/app/john.doe+x=y,z@example.com-1",
        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_Admin_*",
        "arn:aws-iso-b:iam::111122223333:role/x",
        "arn:*:iam::*:role/x",
        "arn:aws:iam::${aws:PrincipalAccount}:role/${aws:PrincipalTag/team}",
    ],
    "aws:SourceArn": [
        "arn:aws:s3:::amzn-s3-demo-bucket",
        "arn:aws:s3::111122223333:accesspoint/a1b2.mrap",
        "arn:aws-us-gov:sns:us-gov-west-1:111122223333:MyTopic.fifo",
        "arn:aws-iso-e:sqs:eu-isoe-west-1:111122223333:q",
        "arn:aws-eusc:lambda:eusc-de-east-1:111122223333:function:f:$LATEST",
        "arn:aws-iso-f:kms:us-isof-south-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:logs:*:111122223333:log-group:/aws/lambda/*:log-stream:a/b[$LATEST]c",
        "arn:aws:logs:*:log-group:/aws/lambda/*",
        "arn:aws:lambda:*:function:f",
        "arn:aws:sns:eu-west-1:1111*:t",
        "arn:aws:sns:*:????????????:t",
        "arn:aws:ses:eu-west-1:111122223333:identity/user@example.com",
        "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:errors > 5% (prod)",
        "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3/*/GET/{proxy+}",
        "arn:aws:events:*:111122223333:rule/a/b",
        "arn:aws:cloudfront::111122223333:distribution/E1",
        "arn:aws:securityhub:us-east-1::product/aws/guardduty",
        "arn:aws:health:*::event/*/*/*",
        "arn:aws:acm-pca:::template/EndEntityCertificate/V1",
        "arn:aws:elasticbeanstalk:us-west-2::platform/*",
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-v2:1",
        "arn:aws:ssm:us-east-1::parameter/aws/service/ami-amazon-linux-latest/*",
        "arn:aws:imagebuilder:us-west-2:third-party:component/x/1.0.0",
        "arn:aws:imagebuilder:us-west-2:aws:component/update-linux/x.x.x",
        "arn:aws:imagebuilder:us-west-2:aws-marketplace:component/x/1.0.0",
        "arn:aws:greengrass:eu-west-1:aws:components:aws.greengrass.Nucleus",
        "arn:aws:cloudformation:*:aws:transform/Serverless-2016-10-31",
        "arn:aws:ec2:us-east-1:aws:prefix-list/pl-63a5400a",
        "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1",
        "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "arn:aws:automate:us-east-1:ec2:stop",
        "arn:aws:mediaconnect:eu-west-1:offering:1-a",
    ],
    "aws:PrincipalTag/team": [
        "a b",
        "a+b-c=d._:/@e",
        "Größe 1",
        "チーム",
        "${aws:RequestTag/team}",
        "a?b*",
        "is it ? b",
    ],
    "aws:PrincipalOrgPaths": ["o-a1b2c3d4e5/*", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/*"],
    "aws:userid": [
        "AIDAEXAMPLE",
        "AROAEXAMPLE:*",
        "AROAEXAMPLE:john.doe+x=y,z@example.com",
        "111122223333",
        "*:i-0123",
    ],
    "aws:RequestedRegion": ["us-gov-west-1", "eu-isoe-west-1", "eusc-de-east-1", "eu-*", "ap-southeast-?"],
    "sts:RoleSessionName": ["${aws:username}", "a=b,c.d@e-f_g+h", "botocore-session-*"],
    "sts:ExternalId": ["a:b/c=d,e.f@g_h+i-j", "123e4567-e89b-12d3-a456-426614174000"],
    "saml:sub": ["_cbb88bf52c2510eabe00c1642d4643f41430fe25e3", "CN=John Doe, OU=x; y"],
    "saml:aud": ["https://signin.aws.amazon.com/saml", "https://us-gov-west-1.signin.amazonaws-us-gov.com/saml"],
    "token.actions.githubusercontent.com:sub": [
        "repo:octo-org/octo_repo.js:ref:refs/heads/feature/a#1",
        "repo:octo-org/*",
        "repo:o@1/r@2:environment:Prod (EU)",
        "repository_owner_id:1:repository_visibility:private",
    ],
    "cognito-identity.amazonaws.com:aud": ["us-east-1:12345678-dead-beef-cafe-123456790ab"],
    "oidc.eks.eu-west-1.amazonaws.com/id/A1:sub": [
        "system:serviceaccount:kube-system:*",
        "system:serviceaccount:a:b.c",
    ],
    "s3:prefix": ["home/${aws:username}/*", "", "a b!/(c)'*"],
}
OBJECTS = ["!-_.*'()", "&$@=;/:+ ,?", "a b/{c}^%`]>[~<#|é"]


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in HONEST.items() for value in values])
def test_what_the_pages_of_aws_have_is_a_text(key: str, value: str) -> None:
    """Nothing of it is taken for a placeholder."""
    assert not is_impossible_key(key)
    assert read_operand("StringLike", key, value, is_of_sts=True) == value
    if value.startswith("arn:"):
        assert read_resource(value) == value


@pytest.mark.parametrize("key", OBJECTS)
def test_the_key_of_an_object_has_any_characters(key: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html#object-key-guidelines"""
    value = f"arn:aws:s3:::amzn-s3-demo-bucket/{key}"
    assert read_resource(value) == value


def test_the_policies_of_aws_are_read_as_they_are() -> None:
    """Each action, resource, key and operand of those that AWS manages; and the ARNs of all types of resources."""
    found: list[tuple[str, Text]] = []
    for name in managed_policy_names():
        document = managed_policy_document(name)
        for statement in cast("list[Json]", [] if document is None else _several(document["Statement"])):
            for element, read in (("Action", read_action), ("NotAction", read_action), ("Resource", read_resource)):
                found += [(text, read(text)) for text in _texts(statement.get(element, []))]
            for operator, keys in cast("dict[str, Json]", statement.get("Condition", {})).items():
                for key, values in keys.items():
                    assert not is_impossible_key(key)
                    found += [(text, read_operand(operator, key, text)) for text in _texts(values)]
    for prefix in service_prefixes():
        about = service(prefix)
        arns = () if about is None else (arn for several in about.resources.values() for arn in several)
        found += [(arn, read_resource(arn)) for arn in arns]
    assert len(found) > 50_000
    assert [text for text, read in found if read != text] == []


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _texts(value: object) -> list[str]:
    return [one for one in _several(value) if isinstance(one, str)]


@given(st.sampled_from(sorted(PLACES)), texts())
@examples(400)
@example("ARN of a user", "$env:X")
@example("account as principal", "$env:X")
@example("action", "$env:X")
@example("organization", "__x__")
@example("user", "&acct;")
@example("external id", "vault:secret/path#key")
@example("tag", "$user")
@example("id of user", "=acct=")
@example("external id", "Fn::ImportValue: x")
@example("partition of an ARN", "ssm:/acct")
@example("organization", "op://v/i")
@example("user", "::acct::")
@example("key", "PrincipalOrgID ")
@example("key", " aws:username")
@example("key of a service", "ExternalIdé")
@example("whole action", "iam ? a ")
@example("whole action", "s*s ")
@example("id of user", "AIDAX ? a : b")
def test_no_proof_rests_on_characters_that_aws_has_not(place: str, text: str) -> None:
    """Whoever a tool writes there in the end may be let in."""
    policy, characters = PLACES[place]
    assume(not {*text} <= {*characters})
    document = {"Version": "2012-10-17", "Statement": policy(text)}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    report = trustproof.check([{"Resources": {"R": role}}], config=CONFIG, properties=["inside-boundary"])
    assert all(one.verdict != trustproof.PROVED for one in report.results)


#: By a field, the ARN of what a service acts for, before it and behind it, and what AWS has there.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
SOURCES = {
    "account": ("arn:aws:sns:eu-west-1:", ":t", string.digits),
    "account in any Region": ("arn:aws:sns:*:", ":t", string.digits),
    "account in some Regions": ("arn:aws:lambda:eu-*:", ":function:f", string.digits),
    "Region": ("arn:aws:sns:", ":111122223333:t", string.digits + "-"),
    "partition": ("arn:aws", ":sns:eu-west-1:111122223333:t", string.ascii_lowercase + "-"),
}


@given(st.sampled_from(sorted(SOURCES)), texts())
@examples(100)
@example("account", "my-account")
@example("account in any Region", "ACCOUNT")
@example("account in some Regions", "aws-account-id")
@example("Region", "REGION")
@example("partition", "_cn")
def test_no_service_acts_for_what_aws_has_not(field: str, text: str) -> None:
    """What a tool writes there in the end may be anybody's, whether a Deny spares it or an Allow demands it."""
    before, behind, characters = SOURCES[field]
    assume(not {*text} <= {*characters})
    source = {"aws:SourceArn": f"{before}{text}{behind}"}
    queue = "arn:aws:sqs:eu-west-1:111122223333:q"
    allow: Json = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    deny: Json = {**allow, "Effect": "Deny", "Principal": "*", "Condition": {"ArnNotLike": source}}
    for statements in ([{**allow, "Condition": {"ArnLike": source}}], [allow, deny]):
        document = {"Version": "2012-10-17", "Statement": [{**one, "Resource": queue} for one in statements]}
        resources = {
            "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}},
            "P": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": document},
            },
        }
        report = trustproof.check(
            [{"Resources": resources}],
            account="111122223333",
            region="eu-west-1",
            config=CONFIG,
            properties=["no-confused-deputy"],
        )
        assert [one.verdict for one in report.results] != [trustproof.PROVED]


@pytest.mark.parametrize("account", ["ACCOUNT", "my-account"])
def test_an_outsider_is_let_in_to_a_queue_of_any_account(account: str) -> None:
    """It may be the one that the policy stands on."""
    arn = f"arn:aws:sqs:eu-west-1:{account}:q"
    allow = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sqs:SendMessage", "Resource": arn}
    deny = {**allow, "Effect": "Deny", "Principal": "*", "NotResource": arn}
    del deny["Resource"]
    for statements in ([allow], [{**allow, "Resource": "*"}, deny]):
        document = {"Version": "2012-10-17", "Statement": statements}
        properties = {"Queues": ["https://sqs.eu-west-1.amazonaws.com/111122223333/q"], "PolicyDocument": document}
        resources = {"P": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}}
        report = trustproof.check([{"Resources": resources}], config=CONFIG, properties=["inside-boundary"])
        assert [one.verdict for one in report.results] == [trustproof.UNKNOWN]
