"""
Whom the neighbours of a statement let in: their bounds are taken where they are one's own, and lock out nobody.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
PARTNER = "222233334444"
OF_PARTNER: Json = {"StringEquals": {"aws:SourceAccount": PARTNER}}
OWN: Json = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
#: To StringEquals a wildcard is a character, and no ARN has it.
NEVER: Json = {"StringEquals": {"aws:SourceArn": "arn:aws:s3:::app-*"}}


def allow(service: str, condition: Json | None = None, **more: object) -> Json:
    """A statement that lets a service send to the queue."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": "*"}
    return {**statement, **({} if condition is None else {"Condition": condition}), **more}


def policy(name: str, *statements: Json) -> Json:
    """A queue with a policy."""
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    properties = {"Queues": [{"Ref": name}], "PolicyDocument": document}
    return {
        name: {"Type": "AWS::SQS::Queue"},
        f"{name}Policy": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties},
    }


def remedy(resources: Json, **parameters: Json) -> trustproof.Remedy:
    """That of the one finding."""
    template = {"Parameters": parameters, "Resources": resources}
    report = trustproof.check([template], properties=["no-confused-deputy"], config={})
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    return found.remedy


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        # As a copy of its neighbour the second statement would let in nobody of one's own.
        (allow("s3.amazonaws.com", OF_PARTNER), ""),
        (allow("s3.amazonaws.com", OWN), "AWS::AccountId"),
        (allow("s3.amazonaws.com", OF_PARTNER, Action="sqs:GetQueueUrl"), PARTNER),
        (allow("s3.amazonaws.com", NEVER, Action="sqs:GetQueueUrl"), "AWS::AccountId"),
        (allow("x", None, Principal={"AWS": {"Ref": "Partner"}}, Action="sqs:ReceiveMessage"), ""),
        (allow("x", None, Principal={"AWS": {"Ref": "AWS::AccountId"}}, Action="sqs:ReceiveMessage"), "AWS::AccountId"),
    ],
    ids=["partner", "own", "something else", "never met", "given", "account"],
)
def test_the_bound_of_a_neighbour_locks_out_nobody(beside: Json, said: str) -> None:
    """Of another account, given or written out, the remedy is words, but where one statement adds to another."""
    found = remedy(policy("Q", beside, allow("s3.amazonaws.com")), Partner={"Type": "String"})
    assert bool(found.edits) is bool(said)
    assert said in "".join(found.diff)


def test_a_partner_of_another_queue_is_not_meant_here() -> None:
    """Whom the template lets in elsewhere says nothing of this queue, but where it is an own one."""
    found = remedy({**policy("Q", allow("s3.amazonaws.com")), **policy("Other", allow("s3.amazonaws.com", OF_PARTNER))})
    assert "AWS::AccountId" in "".join(found.diff)
    assert PARTNER not in "".join(found.diff)


def test_an_account_that_is_written_out_is_no_parameter() -> None:
    """A parameter that has the same default may have another value."""
    beside = allow("s3.amazonaws.com", OF_PARTNER, Action="sqs:GetQueueUrl")
    reader = allow("x", None, Principal={"AWS": {"Ref": "Reader"}}, Action="sqs:ReceiveMessage")
    resources = {**policy("Q", beside, allow("s3.amazonaws.com")), **policy("Other", reader)}
    found = remedy(resources, Reader={"Type": "String", "Default": PARTNER})
    assert f'"{PARTNER}"' in "".join(found.diff)


@pytest.mark.parametrize(
    ("whom", "is_diff"),
    [({"AWS": {"Ref": "Members"}}, False), ({"AWS": f"arn:aws:iam::{PARTNER}:root"}, False), ({"AWS": []}, True)],
    ids=["given", "partner", "nobody"],
)
def test_a_key_that_others_use_is_kept_for_their_log_groups(whom: Json, *, is_diff: bool) -> None:
    """CloudWatch Logs uses a key of another account for a log group of one who may use it."""
    use = ["kms:Decrypt", "kms:GenerateDataKey*"]
    logs = {"Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"}, "Action": use, "Resource": "*"}
    others = [{"Effect": "Allow", "Principal": whom, "Action": use, "Resource": "*"}] if whom["AWS"] else []
    document = {"Version": "2012-10-17", "Statement": [logs, *others]}
    key = {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document}}}
    assert bool(remedy(key, Members={"Type": "CommaDelimitedList"}).edits) is is_diff


def test_each_service_that_uses_a_key_is_asked_by_what_it_sends() -> None:
    """For a log group CloudWatch Logs says what it encrypts, and no account: it would be kept out by a test of one."""
    logs, trail = "logs.eu-west-1.amazonaws.com", "cloudtrail.amazonaws.com"
    use = {"Effect": "Allow", "Principal": {"Service": [trail, logs]}, "Action": "kms:Decrypt", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [use]}
    found = remedy({"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document}}})
    assert not found.edits
    assert f"{trail}, with aws:SourceAccount; {logs}, with kms:EncryptionContext:aws:logs:arn" in found.text


def test_people_whom_not_principal_lets_in_are_not_asked_for_a_source() -> None:
    """Nobody but a service sends one, so the whole statement would be closed to whoever is meant."""
    everybody = allow("s3.amazonaws.com", NotPrincipal={"AWS": PARTNER})
    del everybody["Principal"]
    found = remedy(policy("Q", everybody, allow("s3.amazonaws.com", OWN, Action="sqs:GetQueueUrl")))
    assert not found.edits
    assert "in a statement of its own" in found.text


def of_the_world(template: Json, ident: str = "inside-boundary") -> trustproof.Remedy:
    """The remedy of what lets in everybody."""
    report = trustproof.check([template], properties=[ident], config={})
    (found, *_) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    return found.remedy


def test_an_identity_pool_comes_to_no_role() -> None:
    """Cognito is no caller of a role that lets in everybody, because some pool of the template takes no guests."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    trust = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [everybody]}}
    pool = {"Type": "AWS::Cognito::IdentityPool", "Properties": {"AllowUnauthenticatedIdentities": False}}
    found = of_the_world({"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": trust}, "Pool": pool}})
    assert found.text == "name the account, or test the organization"


SERVICE = {"Bool": {"aws:PrincipalIsAWSService": "true"}}


@pytest.mark.parametrize(
    ("loose", "beside", "is_diff"),
    [
        (SERVICE, [], True),
        (SERVICE, [allow("x", {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, Principal="*")], False),
        (SERVICE, [allow("x", None, Principal={"AWS": PARTNER}, Action="sqs:ReceiveMessage")], False),
        # Such a wildcard may stand for topics of others of ours.
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:events"}}, [], False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:*:*:alarm:*"}}, [], False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:other-bucket*"}}, [], True),
    ],
    ids=str,
)
def test_services_behind_a_wildcard_are_kept_in_likewise(loose: Json, beside: list[Json], *, is_diff: bool) -> None:
    """For whom they may call is not the own account alone where a neighbour or the source is of any other one."""
    found = of_the_world({"Resources": policy("Q", allow("x", loose, Principal="*"), *beside)})
    assert found.text.startswith("say for whom services may call")
    assert bool(found.edits) is is_diff


@pytest.mark.parametrize(("operator", "is_diff"), [("StringNotEquals", False), ("StringEqualsIfExists", True)])
def test_an_organization_that_is_to_be_kept_out_is_not_let_in(operator: str, *, is_diff: bool) -> None:
    """A negated test does not say whose the resource is."""
    tested = {operator: {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": tested}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    assert bool(of_the_world({"Resources": {"R": role}}).edits) is is_diff


def test_callers_of_a_public_url_are_asked_for_no_organization() -> None:
    """They sign nothing; what the permission allows besides is what is too much."""
    given = {"FunctionName": "hook", "Principal": "*"}
    resources = {
        "Url": {"Type": "AWS::Lambda::Url", "Properties": {"TargetFunctionArn": "hook", "AuthType": "NONE"}},
        "All": {"Type": "AWS::Lambda::Permission", "Properties": {**given, "Action": "lambda:*"}},
        "Ours": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {**given, "Action": "lambda:InvokeFunction", "PrincipalOrgID": "o-a1b2c3d4e5"},
        },
    }
    found = of_the_world({"Resources": resources})
    assert not found.edits
    assert "lambda:InvokeFunctionUrl only" in found.text


def test_whoever_passes_an_external_id_enters_other_accounts() -> None:
    """They are in organizations of their own."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    asked = {"Condition": {"StringLike": {"sts:ExternalId": "acme-*"}}}
    document = {"Version": "2012-10-17", "Statement": [{**statement, **asked}]}
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "p", "PolicyDocument": document}],
    }
    role = {"Type": "AWS::IAM::Role", "Properties": properties}
    assert not of_the_world({"Resources": {"R": role}}, "assume-role-scoped").edits
