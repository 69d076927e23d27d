"""
`trustproof.diff` of one statement that gives several things: each of them is named, with a request.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import trustproof
from trustproof.output.difference import render_difference
from trustproof.output.style import Style
from trustproof.results.difference import AccessChange

OWN = "222233334444"
ONE, TWO, THREE = "555566667777", "666677778888", "777788889999"
HOST = "token.actions.githubusercontent.com"
PLAIN = Style(coloured=False)
Json = dict[str, Any]


def role(*statements: Json, **more: Any) -> Json:
    """A template with one role."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return {
        **more,
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }


def bucket(*statements: Json) -> Json:
    """A template with one bucket policy."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    named = {"Bucket": "data", "PolicyDocument": document}
    return {"Resources": {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": named}}}


def user(*statements: Json, **more: Any) -> Json:
    """A template with one user."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    policies = [{"PolicyName": "p", "PolicyDocument": document}]
    return {
        "Resources": {"U": {"Type": "AWS::IAM::User", "Properties": {"UserName": "u", "Policies": policies, **more}}}
    }


def trust(who: Json, action: Any = "sts:AssumeRole", **more: Any) -> Json:
    """An Allow of a trust policy."""
    return {"Effect": "Allow", "Principal": who, "Action": action, **more}


def tokens(*subjects: str) -> Json:
    """An Allow for tokens of GitHub with some subjects."""
    condition = {"StringEquals": {f"{HOST}:aud": "sts.amazonaws.com"}, "StringLike": {f"{HOST}:sub": list(subjects)}}
    provider = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{HOST}"}
    return trust(provider, "sts:AssumeRoleWithWebIdentity", Condition=condition)


def on_data(who: Any, actions: Any, effect: str = "Allow", **more: Any) -> Json:
    """A statement about a bucket and what is in it."""
    things = ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]
    return {"Effect": effect, "Principal": who, "Action": actions, "Resource": things, **more}


def tagged(*keys: str) -> Json:
    """A condition on the tags that a request gives an object."""
    return {"ForAllValues:StringEquals": {"s3:RequestObjectTagKeys": list(keys)}}


def shown(change: AccessChange) -> list[str]:
    """What a change shows, in a line each: the caller's account or name, the action, and a subject."""
    out = []
    for one in (change.counterexample, *(further.counterexample for further in change.further)):
        caller = one.request.caller.account or one.caller
        caller = OWN if ":oidc-provider/" in caller else caller
        subject = one.context.get(f"{HOST}:sub", "")
        out.append(f"{caller} {one.action} {subject}".strip())
    return sorted(out)


CASES = {
    "accounts": (
        role(trust({"AWS": OWN})),
        role(trust({"AWS": [OWN, ONE, TWO]})),
        {f"{ONE} sts:AssumeRole", f"{TWO} sts:AssumeRole"},
    ),
    "services": (
        role(trust({"Service": "lambda.amazonaws.com"})),
        role(trust({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]})),
        {"ec2.amazonaws.com sts:AssumeRole", "ecs-tasks.amazonaws.com sts:AssumeRole"},
    ),
    "subjects": (
        role(tokens("repo:acme/app:ref:refs/heads/main")),
        role(
            tokens(
                "repo:acme/app:ref:refs/heads/main", "repo:acme/tool:ref:refs/heads/main", "repo:evil/x:pull_request"
            )
        ),
        {
            f"{OWN} sts:AssumeRoleWithWebIdentity repo:acme/tool:ref:refs/heads/main",
            f"{OWN} sts:AssumeRoleWithWebIdentity repo:evil/x:pull_request",
        },
    ),
    "actions": (
        bucket(on_data({"AWS": ONE}, "s3:GetObject")),
        bucket(on_data({"AWS": ONE}, ["s3:GetObject", "s3:PutObject", "s3:PutBucketAcl"])),
        {f"{ONE} s3:PutObject", f"{ONE} s3:PutBucketAcl"},
    ),
    "only some combinations": (
        bucket(on_data({"AWS": ONE}, "s3:GetObject"), on_data({"AWS": TWO}, "s3:PutObject")),
        bucket(on_data({"AWS": [ONE, TWO]}, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])),
        {
            f"{ONE} s3:PutObject",
            f"{ONE} s3:DeleteObject",
            f"{TWO} s3:GetObject",
            f"{TWO} s3:DeleteObject",
        },
    ),
    "exceptions from a Deny that are gone": (
        bucket(on_data("*", "s3:GetObject"), on_data({"AWS": [ONE, TWO, THREE]}, "s3:*", "Deny")),
        bucket(on_data("*", "s3:GetObject"), on_data({"AWS": [THREE]}, "s3:*", "Deny")),
        {f"{ONE} s3:GetObject", f"{TWO} s3:GetObject"},
    ),
    "values that a Deny excepts": (
        bucket(
            on_data("*", "s3:GetObject"),
            on_data("*", "s3:*", "Deny", Condition={"StringNotEquals": {"aws:PrincipalAccount": [OWN]}}),
        ),
        bucket(
            on_data("*", "s3:GetObject"),
            on_data("*", "s3:*", "Deny", Condition={"StringNotEquals": {"aws:PrincipalAccount": [OWN, ONE, TWO]}}),
        ),
        {f"{ONE} s3:GetObject", f"{TWO} s3:GetObject"},
    ),
    "values that a key with several may all have": (
        bucket(on_data({"AWS": ONE}, "s3:PutObject", Condition=tagged("a"))),
        bucket(on_data({"AWS": ONE}, "s3:PutObject", Condition=tagged("a", "b", "c"))),
        {"('b',)", "('c',)"},
    ),
    "what a NotAction leaves out no more": (
        user({"Effect": "Allow", "NotAction": ["iam:*", "s3:*", "kms:*"], "Resource": "*"}),
        user({"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}),
        {"s3", "kms"},
    ),
    "a permissions boundary that is gone": (
        user(
            {"Effect": "Allow", "Action": ["s3:GetObject", "iam:CreateUser", "kms:Decrypt"], "Resource": "*"},
            PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
        ),
        user({"Effect": "Allow", "Action": ["s3:GetObject", "iam:CreateUser", "kms:Decrypt"], "Resource": "*"}),
        {f"{OWN} iam:CreateUser", f"{OWN} kms:Decrypt"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_everything_that_one_statement_gives_is_named(name: str) -> None:
    """Each principal, action and value that gives access has a request, and so has each combination of a few."""
    old, new, expected = CASES[name]
    found = trustproof.diff(old, new, account=OWN)
    (change,) = found.gained
    said = shown(change)
    if name.startswith("values that a key"):
        shown_ = (change.counterexample, *(one.counterexample for one in change.further))
        said = sorted(str(one.context["s3:RequestObjectTagKeys"]) for one in shown_)
    if name.startswith("what a NotAction"):
        said = sorted({line.split()[1].partition(":")[0] for line in said})
    assert set(said) >= expected
    assert len(said) == len(set(said))
    assert not change.not_asked
    lost = trustproof.diff(new, old, account=OWN).lost
    assert [sorted(shown(one)) for one in lost] == [shown(change)]


OBJECTS, ROLE_ARN = "arn:aws:s3:::app/*", f"arn:aws:iam::{OWN}:role/x"
#: What `NotAction` leaves out, beside which resource, the actions beside it, and what the former gives alone.
LEFT_OUT = [
    (["iam:*", "ec2:*"], OBJECTS, "s3:*", set()),
    (["iam:*"], {"Fn::Sub": "arn:${AWS::Partition}:s3:::${Name}/${!aws:username}"}, "s3:*", set()),
    (["iam:*"], [OBJECTS, "arn:aws:sqs:us-east-1:111122223333:q"], ["s3:*", "sqs:*", "backup:*"], set()),
    (["s3:DeleteBucket"], "arn:aws:s3:::app", ["s3:*"], {"ssm:SendCommand"}),
    (["iam:*"], ROLE_ARN, ["ec2:*", "ssm:*"], {"sts:AssumeRole"}),
    (["iam:*"], "*", ["s3:*"], {"secretsmanager:GetSecretValue"}),
]


@pytest.mark.parametrize(("left_out", "resource", "actions", "expected"), LEFT_OUT)
def test_not_action_allows_what_is_about_its_resource(
    left_out: list[str], resource: object, actions: object, expected: set[str]
) -> None:
    """Actions of other services are about no bucket, whoever allows them."""
    named = {"Parameters": {"Name": {"Type": "String"}}}
    old = {**named, **user({"Effect": "Allow", "Action": actions, "Resource": resource})}
    new = {**named, **user({"Effect": "Allow", "NotAction": left_out, "Resource": resource})}
    found = trustproof.diff(old, new, account=OWN)
    given = {part.counterexample.action for one in found.gained for part in (one, *one.further)}
    assert bool(given) is bool(expected)
    assert given >= expected
    swapped = trustproof.diff(new, old, account=OWN)
    assert {part.counterexample.action for one in swapped.lost for part in (one, *one.further)} == given


def test_every_form_names_them() -> None:
    """The text, the comment and the JSON have each account."""
    old, new, _ = CASES["accounts"]
    found = trustproof.diff(old, new, account=OWN)
    for form in ("text", "markdown", "json"):
        out = render_difference(found, form, PLAIN)
        assert ONE in out
        assert TWO in out
    (change,) = json.loads(render_difference(found, "json", PLAIN))["access"]
    assert [one["request"]["action"] for one in change["further"]] == ["sts:AssumeRole"]
    assert change["not_asked"] == 0


def test_what_is_alike_is_said_in_one_line() -> None:
    """Callers that may do the same, and actions on the same, are a line together."""
    old = bucket(on_data({"AWS": OWN}, "s3:GetObject"))
    new = bucket(on_data({"AWS": [OWN, ONE, TWO, THREE]}, ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]))
    out = render_difference(trustproof.diff(old, new, account=OWN), "text", PLAIN)
    (line,) = [line for line in out.splitlines() if TWO in line]
    assert THREE in line
    assert all(f"s3:{name}Object" in line for name in ("Get", "Put", "Delete"))


def test_a_line_that_differs_says_all_that_is_not_the_same_everywhere() -> None:
    """A request that differs in one value is said with its other ones too, where some request has others there."""
    own = on_data({"AWS": "*"}, "s3:GetObject")
    addresses, organizations = ["203.0.113.0/24", "198.51.100.0/24"], ["o-aaaaaaaaaa", "o-bbbbbbbbbb"]

    def within(number: int) -> Json:
        condition = {
            "StringEquals": {"aws:PrincipalOrgID": organizations[:number]},
            "IpAddress": {"aws:SourceIp": addresses[:number]},
        }
        return bucket({**own, "Condition": condition})

    out = render_difference(trustproof.diff(within(1), within(2), account=OWN), "text", PLAIN)
    lines = [line for line in out.splitlines() if ", where " in line]
    assert len(lines) == 2
    assert all("aws:PrincipalOrgID is" in line and "aws:SourceIp is" in line for line in lines)


def test_what_is_not_asked_about_is_counted() -> None:
    """Of very many combinations, each value is shown once, and it is said how many others there are."""
    accounts = [f"{number:012}" for number in range(100000000001, 100000000031)]
    actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:GetObjectTagging"]
    own = on_data({"AWS": OWN}, "s3:GetObject")
    found = trustproof.diff(bucket(own), bucket(own, on_data({"AWS": accounts}, actions)), account=OWN)
    (change,) = found.gained
    said = {line.split()[0] for line in shown(change)}
    assert said == set(accounts)
    assert {line.split()[1] for line in shown(change)} == set(actions)
    assert change.not_asked
    assert f"{change.not_asked} further combinations" in render_difference(found, "text", PLAIN)


def test_a_value_that_is_known_only_at_deployment_hides_behind_none() -> None:
    """An account beside one that is a parameter is named, and so is the one that the parameter gives."""
    parameters = {"P": {"Type": "String"}}
    old = role(trust({"AWS": OWN}), Parameters=parameters)
    new = role(trust({"AWS": [OWN, ONE, {"Fn::Sub": "arn:aws:iam::${P}:root"}]}), Parameters=parameters)
    found = trustproof.diff(old, new, account=OWN)
    (change,) = found.gained
    assert len(shown(change)) == 2
    assert f"{ONE} sts:AssumeRole" in shown(change)


def test_a_value_that_a_condition_chooses_is_named_too() -> None:
    """A principal at another value of a parameter is another gain, though it stands at the same place."""
    parameters = {"Env": {"Type": "String", "AllowedValues": ["dev", "prod"]}}
    conditions = {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}}
    old = role(trust({"AWS": OWN}), Parameters=parameters, Conditions=conditions)
    new = role(trust({"AWS": [OWN, {"Fn::If": ["IsProd", ONE, TWO]}]}), Parameters=parameters, Conditions=conditions)
    found = trustproof.diff(old, new, account=OWN)
    said = [line for one in found.gained for line in shown(one)]
    assert sorted(said) == [f"{ONE} sts:AssumeRole", f"{TWO} sts:AssumeRole"]


def test_a_role_beside_another_account_is_named_as_one_that_needs_no_policy() -> None:
    """What one's own role gets by name is said besides what another account gains by the same statement."""
    old = role(trust({"AWS": OWN}))
    new = role(trust({"AWS": [f"arn:aws:iam::{OWN}:role/x", ONE]}))
    found = trustproof.diff(old, new, account=OWN)
    assert [shown(one) for one in found.gained] == [[f"{ONE} sts:AssumeRole"]]
    assert [shown(one) for one in found.narrowed] == [[f"{OWN} sts:AssumeRole"]]


PARTS = ["sts:TagSession", "sts:SetSourceIdentity"]
OTHER = {"AWS": f"arn:aws:iam::{TWO}:user/bob"}
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ((), (trust(OTHER, ["sts:AssumeRole", *PARTS]),), ["sts:AssumeRole"]),
        ((), (trust(OTHER), trust(OTHER, PARTS)), ["sts:AssumeRole"]),
        ((trust({"AWS": ONE}),), (trust({"AWS": ONE}), trust(OTHER, ["sts:AssumeRole", *PARTS])), ["sts:AssumeRole"]),
        ((trust(OTHER),), (trust(OTHER, ["sts:AssumeRole", *PARTS]),), ["sts:SetSourceIdentity", "sts:TagSession"]),
        (
            (trust(OTHER, Condition=WITH_MFA),),
            (trust({"AWS": TWO}), trust(OTHER, PARTS[0])),
            ["sts:AssumeRole", PARTS[0]],
        ),
        (
            (trust(OTHER),),
            (trust(OTHER), trust({"AWS": ONE}), trust({"AWS": [ONE, TWO]}, PARTS[0])),
            ["sts:AssumeRole", "sts:TagSession"],
        ),
    ],
)
def test_a_part_of_a_call_that_is_gained_is_told_with_the_call(
    old: tuple[Json, ...], new: tuple[Json, ...], expected: list[str]
) -> None:
    """Tags of whoever could not assume the role before are no gain of their own; those of whoever could are."""
    before = role(*old) if old else {"Resources": {}}
    found = trustproof.diff(before, role(*new), account=OWN)
    told = [
        one.action
        for change in found.gained
        for one in (change.counterexample, *(part.counterexample for part in change.further))
    ]
    assert sorted(set(told)) == expected, told
    assert not found.undecided


def test_an_action_that_nobody_lists_is_shown_as_it_is_written() -> None:
    """IAM does not mind the case of an action, and whoever reads a report does."""
    allow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    found = trustproof.diff(
        user(allow), user(allow, {"Effect": "Allow", "Action": "foo:Bar*", "Resource": "*"}), account=OWN
    )
    (change,) = found.gained
    assert change.counterexample.action == "foo:Bar*"
