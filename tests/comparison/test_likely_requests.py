"""
What `trustproof.diff` shows: requests that somebody would send, and nothing where the same is said in another way.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof
from trustproof.model.request import USER_KEY, Caller, Request
from trustproof.proving.likely_requests import is_likely

OWNER = "111122223333"
ALICE = f"arn:aws:iam::{OWNER}:user/alice"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
Json = dict[str, Any]
HOME, OWN_HOME = "arn:aws:s3:::home/alice/*", "arn:aws:s3:::home/${aws:username}/*"


def user(*statements: Json, **more: Any) -> Json:
    """A template with a user called alice, who has a policy."""
    policies = [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}]
    properties = {"UserName": "alice", **({"Policies": policies} if statements else {}), **more}
    return {"Resources": {"Alice": {"Type": "AWS::IAM::User", "Properties": properties}}}


def allow(actions: Any, resources: Any = "*", **condition: Json) -> Json:
    """A statement."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, "Condition": condition}


NOTHING = user(allow("sts:GetCallerIdentity"))


def equals(key: str, value: str) -> Json:
    """A condition on a key."""
    return {"StringEquals": {key: value}}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("iam:Get*", "iam:GetAccessKeyLastUsed"),
        ("iam:getaccount*", "iam:GetAccountAuthorizationDetails"),
        ("iam:createuser", "iam:CreateUser"),
        ("s3:getobj*", "s3:GetObject"),
        ("glue:G*", "glue:GetTable"),
    ],
)
def test_an_action_is_shown_as_the_reference_writes_it(written: str, shown: str) -> None:
    """Not as a policy does, and not one that the reference has in lower case, since it says nothing of it yet."""
    found = trustproof.diff(NOTHING, user(allow("sts:GetCallerIdentity"), allow(written)), account=OWNER)
    assert [one.counterexample.action for one in found.gained] == [shown]


@pytest.mark.parametrize(
    ("action", "written", "resource"),
    [
        ("secretsmanager:GetSecretValue", "${Arn}", f"arn:aws:secretsmanager:us-east-1:{OWNER}:secret:app-AbCdEf"),
        ("s3:PutObject", "${Arn}/*", "arn:aws:s3:::app/app"),
        ("dynamodb:Query", "${Arn}/index/*", f"arn:aws:dynamodb:us-east-1:{OWNER}:table/app/index/app"),
        ("sqs:*", "${Arn}", f"arn:aws:sqs:us-east-1:{OWNER}:app"),
    ],
)
def test_a_parameter_that_names_a_resource_is_one_that_the_action_takes(
    action: str, written: str, resource: str
) -> None:
    """No secret is called ``example``: at such a value the statement gives nothing, and it was not decided."""
    old, new = NOTHING, user(allow("sts:GetCallerIdentity"), allow(action, {"Fn::Sub": written}))
    given = {"Parameters": {"Arn": {"Type": "String", "Default": ""}}}
    chosen = {"Conditions": {"Given": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Arn"}, ""]}]}}}
    statements = new["Resources"]["Alice"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    statements[1] = {"Fn::If": ["Given", statements[1], {"Ref": "AWS::NoValue"}]}
    found = trustproof.diff(old, {**new, **given, **chosen}, account=OWNER)
    assert [one.counterexample.resource for one in found.gained] == [resource]
    assert not found.undecided


@pytest.mark.parametrize(
    ("statement", "action", "resource"),
    [
        pytest.param(allow("*"), "iam:AttachUserPolicy", f"arn:aws:iam::{OWNER}:user/app", id="anything"),
        pytest.param(
            allow("ec2:*"),
            "ec2:TerminateInstances",
            f"arn:aws:ec2:us-east-1:{OWNER}:instance/i-0123456789abcdef0",
            id="a name that AWS gives",
        ),
        pytest.param(
            allow("secretsmanager:*"),
            "secretsmanager:GetSecretValue",
            f"arn:aws:secretsmanager:us-east-1:{OWNER}:secret:app-AbCdEf",
            id="a type that the reference writes in two ways",
        ),
        pytest.param(
            allow("*", **equals("ec2:ResourceTag/team", "a")),
            "ec2:TerminateInstances",
            f"arn:aws:ec2:us-east-1:{OWNER}:instance/i-0123456789abcdef0",
            id="a key of a service",
        ),
        pytest.param(
            allow("ec2:*", **equals("aws:RequestTag/team", "a")),
            "ec2:RunInstances",
            f"arn:aws:ec2:us-east-1:{OWNER}:instance/i-0123456789abcdef0",
            id="a tag in the request",
        ),
        pytest.param(
            allow("ec2:Describe*", "arn:aws:ec2:*:*:instance/i-1"),
            "ec2:DescribeInstanceAttribute",
            f"arn:aws:ec2:us-east-1:{OWNER}:instance/i-1",
            id="an action that takes the resource",
        ),
        pytest.param(
            allow("lambda:*", StringLike={"kms:ViaService": "*"}),
            "lambda:InvokeFunction",
            f"arn:aws:lambda:us-east-1:{OWNER}:function:app",
            id="a key that no action carries",
        ),
        pytest.param(
            allow(["iam:*", "ec2:*"], **equals("aws:RequestedRegion", "eu-west-1")),
            "ec2:TerminateInstances",
            f"arn:aws:ec2:eu-west-1:{OWNER}:instance/i-0123456789abcdef0",
            id="a Region that IAM has no endpoint in",
        ),
    ],
)
def test_the_request_is_one_that_aws_knows(statement: Json, action: str, resource: str) -> None:
    """The action exists, takes the resource, and carries what the policy asks for, where there is one like that."""
    found = trustproof.diff(NOTHING, user(statement), account=OWNER, properties=["mfa-required"])
    request = found.gained[0].counterexample.request
    assert (request.action, request.resource) == (action, resource)


READS = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.mark.parametrize(
    ("old", "new", "action"),
    [
        pytest.param(
            user(allow("s3:*")),
            user({"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}),
            "secretsmanager:GetSecretValue",
            id="all but some",
        ),
        pytest.param(user(allow(["iam:Get*", "s3:*"])), user(allow("*")), "iam:AttachUserPolicy", id="all"),
        pytest.param(user(allow("iam:*Role*")), user(allow("iam:*")), "iam:AttachUserPolicy", id="a service"),
        # The search of all actions beside so many comes to the end of its budget; that of one does not.
        pytest.param(
            user(ManagedPolicyArns=[READS]), user(ManagedPolicyArns=[ADMIN]), "iam:AttachUserPolicy", id="AWS's own"
        ),
    ],
)
def test_the_action_that_matters_most_is_shown(old: Json, new: Json, action: str) -> None:
    """Of many actions that are gained, a report names one that gives permissions, credentials or secrets."""
    found = trustproof.diff(old, new, account=OWNER, properties=["mfa-required"])
    assert [one.counterexample.action for one in found.gained] == [action]
    assert found.undecided == ()


def test_only_keys_of_statements_about_the_request_are_shown() -> None:
    """What another statement tests says nothing of the request, and is not in its words."""
    other = allow("s3express:CreateSession", **equals("s3express:SessionMode", "ReadOnly"))
    tagged = allow("s3:GetObject", HOME, **equals("s3:ExistingObjectTag/team", "a"))
    found = trustproof.diff(NOTHING, user(tagged, other), account=OWNER, properties=["mfa-required"])
    shown = {one.counterexample.action: set(one.counterexample.context) for one in found.gained}
    assert shown["s3:GetObject"] == {"s3:ExistingObjectTag/team"}
    assert "s3:ExistingObjectTag/team" not in shown["s3express:CreateSession"]


@pytest.mark.parametrize(
    "actions", [("s3:GetBucketLocation", "s3:ListBucket"), ("s3:ListBucket", "s3:GetBucketLocation")]
)
def test_an_action_without_the_key_of_a_statement_is_not_shown_beside_one_that_has_it(actions: tuple[str, str]) -> None:
    """No request for the location of a bucket has a prefix; where a statement has no other action, it is shown."""
    prefix = {"StringLike": {"s3:prefix": "home/*"}}
    both = {**allow("s3:ListBucket", "arn:aws:s3:::home", **prefix), "Action": list(actions)}
    for statement, shown in (
        (both, "s3:ListBucket"),
        ({**both, "Action": "s3:GetBucketLocation"}, "s3:GetBucketLocation"),
    ):
        (one,) = trustproof.diff(NOTHING, user(statement), account=OWNER, properties=["mfa-required"]).gained
        assert (one.counterexample.action, one.further) == (shown, ())


@pytest.mark.parametrize(
    ("action", "resource", "context", "expected"),
    [
        ("s3:GetObject", "arn:aws:s3:::app/app", {}, True),
        ("s3:GetObject", "*", {}, True),
        ("s3:GetObject", "arn:aws:s3:::app/app", {"ec2:resourcetag/team": "a"}, False),
        ("s3:Invented", "arn:aws:s3:::app/app", {}, False),
        ("ec2:DescribeInstances", f"arn:aws:ec2:us-east-1:{OWNER}:instance/i-1", {}, False),
        ("ec2:TerminateInstances", "*", {}, False),
        ("ec2:TerminateInstances", f"arn:aws:ec2:us-east-1:{OWNER}:instance/i-1", {"aws:requesttag/a": "b"}, False),
        ("iam:CreateUser", f"arn:aws:iam::{OWNER}:user/bob", {"aws:requestedregion": "eu-west-1"}, False),
        ("iam:CreateUser", f"arn:aws:iam::{OWNER}:user/bob", {"aws:requestedregion": "us-east-1"}, True),
    ],
)
def test_what_is_likely(action: str, resource: str, context: dict[str, str], expected: bool) -> None:
    """By the service authorization reference."""
    assert (
        is_likely(Request(Caller(USER_KEY, ALICE, "", "AIDAALICEEXAMPLE00000"), action, resource, context)) is expected
    )


def test_a_request_that_nobody_sends_is_shown_where_there_is_no_other() -> None:
    """What the reference does not know may be all that a policy allows."""
    found = trustproof.diff(NOTHING, user(allow("s3:Invented", HOME)), account=OWNER, properties=["mfa-required"])
    request = found.gained[0].counterexample.request
    assert (request.action, request.resource) == ("s3:Invented", "arn:aws:s3:::home/alice/app")


TAGGED = (
    equals("s3:ExistingObjectTag/owner", "alice"),
    equals("s3:ExistingObjectTag/owner", "${aws:username, 'nobody'}"),
)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(user(allow("s3:GetObject", HOME)), user(allow("s3:GetObject", OWN_HOME)), id="resource"),
        pytest.param(
            user(allow("s3:GetObject", **TAGGED[0])), user(allow("s3:GetObject", **TAGGED[1])), id="condition"
        ),
        pytest.param(user(allow("*")), user(ManagedPolicyArns=[ADMIN]), id="a managed policy"),
        pytest.param(
            user(allow("iam:PassRole", **equals("iam:PassedToService", "ec2.amazonaws.com"))),
            user(allow("iam:PassRole", **{"ForAnyValue:StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}})),
            id="a set operator on one value",
        ),
    ],
)
def test_what_means_the_same_is_no_difference(old: Json, new: Json) -> None:
    """Neither of access nor of verdicts, in either direction: the name of the user is known, and so are policies."""
    assert trustproof.diff(old, new, account=OWNER).is_empty
    assert trustproof.diff(new, old, account=OWNER).is_empty


@pytest.mark.parametrize(
    "wider",
    [
        equals("s3:ExistingObjectTag/team", "${aws:PrincipalTag/team, 'x'}"),
        {"StringLike": {"s3:ExistingObjectTag/team": "${aws:PrincipalTag/team}*"}},
    ],
)
def test_a_wider_comparison_loses_nothing(wider: Json) -> None:
    """Whatever the value of the variable is, the other one holds too; what it adds is gained."""
    old = user(allow("s3:GetObject", **equals("s3:ExistingObjectTag/team", "${aws:PrincipalTag/team}")))
    found = trustproof.diff(old, user(allow("s3:GetObject", **wider)), account=OWNER, properties=["mfa-required"])
    assert [one.direction for one in found.access] == ["gained"]
    assert not found.undecided


def test_the_name_of_another_user_is_a_difference() -> None:
    """What alice may do no more, and what she may do instead."""
    bobs = user(allow("s3:GetObject", "arn:aws:s3:::home/bob/*"))
    found = trustproof.diff(bobs, user(allow("s3:GetObject", OWN_HOME)), account=OWNER)
    assert [change.counterexample.request.resource for change in found.gained] == ["arn:aws:s3:::home/alice/app"]
    assert [change.counterexample.request.resource for change in found.lost] == ["arn:aws:s3:::home/bob/app"]


def test_a_verdict_about_what_is_new_is_told_where_access_is() -> None:
    """A policy that says more than there was is a change, and so is what is wrong about it."""
    found = trustproof.diff(user(), user(allow("*")), account=OWNER, properties=["assume-role-scoped"])
    assert found.gained
    assert [(change.before, change.after) for change in found.verdicts] == [(None, "refuted")]


@pytest.mark.parametrize(
    ("service", "resource", "called"),
    [
        ("payment-cryptography", "arn:aws:s3:::app/b", []),
        ("sts", "arn:aws:s3:::app", []),
        ("sts", "arn:aws:iam::222233334444:role/r", ["AssumeRole"]),
        (
            "payment-cryptography",
            "arn:aws:payment-cryptography:eu-west-1:222233334444:key/abcdefghijklmnop",
            ["DecryptData"],
        ),
        ("payment-cryptography", "arn:aws:mpa:eu-west-1:222233334444:approval-team/t/1", ["AssociateMpaTeam"]),
    ],
)
def test_a_service_is_asked_about_the_resources_that_it_has(service: str, resource: str, called: list[str]) -> None:
    """Those of another service only where the reference says that some of its actions are about them."""
    other = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::other"}
    more = {"Effect": "Allow", "Action": f"{service}:*", "Resource": resource}
    old, new = ({"Version": "2012-10-17", "Statement": written} for written in ([other], [other, more]))
    found = trustproof.diff(old, new, account="222233334444", policy_kind="identity").gained
    actions = [one.counterexample.action for one in found if one.counterexample is not None]
    assert [one.lower() for one in actions] == [f"{service}:{name}".lower() for name in called]


def test_a_pattern_of_actions_on_objects_is_shown_with_one() -> None:
    """Where some objects could be read before, another one is shown, and no action that there is not."""
    sides = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"},
        {"Effect": "Allow", "Action": "s3:GetObj*", "Resource": "*"},
    ]
    old, new = ({"Version": "2012-10-17", "Statement": [one]} for one in sides)
    (gained,) = trustproof.diff(old, new, account="222233334444", policy_kind="identity").gained
    assert gained.counterexample.action.startswith("s3:GetObject")
    assert gained.counterexample.resource == "arn:aws:s3:::app/app"


@pytest.mark.parametrize(
    ("action", "note"),
    [
        ("zzz:*", "zzz:* is of no service that AWS had published by"),
        ("s3:GetObjekt", "s3:GetObjekt is about nothing: AWS had published no such action of s3 by"),
        ("s3:*Objekt", "s3:*Objekt is about nothing: AWS had published no such action of s3 by"),
        ("s3:GetObj*", ""),
        ("iam:AcquireRole", ""),
        ("*", ""),
        ("*:*", ""),
        ("s3*:Get*", ""),
    ],
)
def test_an_action_that_aws_does_not_have_says_so(action: str, note: str) -> None:
    """A typing error gives nobody anything today: the change names it."""
    allow = {"Effect": "Allow", "Action": action, "Resource": "*"}
    other = {"Effect": "Allow", "Action": "ec2:DescribeRegions", "Resource": "*"}
    old, new = ({"Version": "2012-10-17", "Statement": written} for written in ([other], [other, allow]))
    (gained,) = trustproof.diff(old, new, account="222233334444", policy_kind="identity").gained
    assert [one for one in gained.notes if note and one.startswith(note)] == [*gained.notes]
    assert bool(gained.notes) == bool(note)
    # What nobody has published is called as the policy calls it.
    assert not note or f" may call {action} on " in gained.message
    assert not note or (gained.counterexample is not None and gained.counterexample.action == action)


def test_a_wider_pattern_of_the_same_actions_is_not_decided() -> None:
    """AWS may have added an action since, and no request by one that there is not is shown."""
    patterns = ("s3:PutBucketPol*", "s3:PutBucketPo*")
    sides = ({"Effect": "Allow", "Action": action, "Resource": "*"} for action in patterns)
    old, new = ({"Version": "2012-10-17", "Statement": [one]} for one in sides)
    found = trustproof.diff(old, new, account="222233334444", policy_kind="identity")
    assert not found.access
    assert [one.reasons[0].split(" by ")[0] for one in found.undecided] == [
        "what differs is about actions alone that AWS has not published"
    ]


def test_kms_says_for_whose_account_it_takes_a_caller() -> None:
    """Whoever has an account comes with it: what a condition on that has kept out is shown with its own."""

    def key(*conditions: Json) -> Json:
        anybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}
        operators = {name: value for one in conditions for name, value in one.items()}
        policy = {"Version": "2012-10-17", "Statement": [{**anybody, "Condition": operators}]}
        return {"Resources": {"K": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}}}

    via = {"kms:ViaService": "s3.us-east-1.amazonaws.com"}
    old = key({"StringEquals": {**via, "kms:CallerAccount": OWNER}})
    (found,) = trustproof.diff(old, key({"StringEquals": via}), account=OWNER).gained
    request = found.counterexample.request
    assert request.context["kms:calleraccount"] == request.caller.account != OWNER


def test_two_resources_without_names_are_two() -> None:
    """What is allowed on one that CloudFormation names is not what is allowed on the other, as `cdk synth` has it."""
    queues = {name: {"Type": "AWS::SQS::Queue"} for name in ("Orders", "Refunds")}
    arns = {name: {"Fn::GetAtt": [name, "Arn"]} for name in queues}

    def sender(*names: str) -> Json:
        written = user(*(allow("sqs:SendMessage", arns[name]) for name in names))
        return {"Resources": {**written["Resources"], **queues}}

    found = trustproof.diff(sender("Orders"), sender("Orders", "Refunds"), account=OWNER)
    assert not found.undecided
    assert [one.counterexample.resource.rpartition(":")[2] for one in found.gained] == ["example-refunds"]
    assert not found.lost
    assert trustproof.diff(sender("Orders", "Refunds"), sender("Refunds", "Orders"), account=OWNER).is_empty


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        (["${A}"], ["${A}", "${B}"], "arn:aws:s3:::app/app-b"),
        (["arn:aws:s3:::${A}/*"], ["arn:aws:s3:::${A}/*", "arn:aws:s3:::${B}/*"], "arn:aws:s3:::example-b/app"),
        (["arn:aws:s3:::x/${A}/*"], ["arn:aws:s3:::x/${A}/*", "arn:aws:s3:::x/${B}/*"], "arn:aws:s3:::x/example-b/app"),
    ],
)
def test_two_parameters_may_have_two_values(one: list[str], other: list[str], shown: str) -> None:
    """The sample of both is the same text, at which a resource more is none."""

    def reader(*resources: str) -> Json:
        written = user(allow("s3:GetObject", [{"Fn::Sub": text} for text in resources]))
        return {"Parameters": {name: {"Type": "String"} for name in "AB"}, **written}

    found = trustproof.diff(reader(*one), reader(*other), account=OWNER)
    assert [gain.counterexample.resource for gain in found.gained] == [shown]
    assert not found.lost
    assert not found.undecided
    turned = trustproof.diff(reader(*other), reader(*one), account=OWNER)
    assert [loss.counterexample.resource for loss in turned.lost] == [shown]


@pytest.mark.parametrize(
    ("key", "value"),
    [("sts:ExternalId", "example-b"), ("aws:PrincipalOrgID", "o-exampleorgb"), ("aws:SourceVpc", None)],
)
def test_two_parameters_of_a_condition_may_be_two(key: str, value: str | None) -> None:
    """Not where the second value is none that AWS would give, or the type of the parameter has a sample of its own."""

    def trusting(*names: str) -> Json:
        condition = {"StringEquals": {key: [{"Ref": name} for name in names]}}
        statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": condition}
        properties = {"RoleName": "r", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
        type_ = "String" if value else "AWS::EC2::VPC::Id"
        role = {"Type": "AWS::IAM::Role", "Properties": properties}
        return {"Parameters": {name: {"Type": type_} for name in "AB"}, "Resources": {"R": role}}

    found = trustproof.diff(trusting("A"), trusting("A", "B"), account=OWNER)
    (gain,) = found.gained
    assert gain.counterexample.request.context[key.lower()] == (value or "vpc-0123456789abcdefb")


def test_what_only_the_own_account_may_do_is_asked_by_somebody_of_it() -> None:
    """The sample of a principal is somebody else, to whom `kms:CancelKeyDeletion` is of no use."""

    def key(*actions: str) -> Json:
        named = {"One": ["kms:CancelKeyDeletion"], "Other": list(actions)}
        statements = [
            {"Effect": "Allow", "Principal": {"AWS": {"Ref": name}}, "Action": listed, "Resource": "*"}
            for name, listed in named.items()
        ]
        properties = {"KeyPolicy": {"Version": "2012-10-17", "Statement": statements}}
        parameters = {name: {"Type": "CommaDelimitedList"} for name in named}
        return {"Parameters": parameters, "Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": properties}}}

    account = "999988887777"
    found = trustproof.diff(key("kms:Describe*"), key("kms:Describe*", "kms:CancelKeyDeletion"), account=account)
    (gain,) = found.gained
    assert gain.counterexample.caller == f"arn:aws:sts::{account}:assumed-role/app/session"
    assert not found.undecided


@pytest.mark.parametrize(("before", "is_change"), [("iam:*", False), ("s3:*", True)])
def test_what_a_boundary_denies_on_both_sides_is_no_difference(before: str, is_change: bool) -> None:
    """A name that nobody knows in its Deny says nothing of what more the limit lets in."""

    def limited(actions: str) -> Json:
        denied = {"Effect": "Deny", "Action": "iam:DeletePolicy", "Resource": {"Fn::Sub": "arn:aws:iam::*:policy/${P}"}}
        document = {"Version": "2012-10-17", "Statement": [allow(actions), denied]}
        limit = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}
        written = user(allow("iam:DeletePolicy", "arn:aws:iam::*:policy/x-*"), PermissionsBoundary={"Ref": "Limit"})
        return {"Parameters": {"P": {"Type": "String"}}, "Resources": {**written["Resources"], "Limit": limit}}

    found = trustproof.diff(limited(before), limited("*"), account=OWNER)
    assert bool(found.gained) is is_change
    assert not found.undecided
    assert trustproof.diff(limited("*"), limited(before), account=OWNER).is_empty is not is_change
