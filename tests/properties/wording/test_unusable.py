"""
What is said of a statement that nobody can use: which part of it no request meets, why, and what to write instead.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.properties.applying import applied, opened

Json = dict[str, object]
MFA, AGE, NAME = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", "${aws:username}"
WITH_MFA: Json = {"Bool": {MFA: "true"}}
ROOT: Json = {"AWS": "arn:aws:iam::111122223333:root"}
ROLE: Json = {"AWS": "arn:aws:iam::111122223333:role/app"}
HOST = "token.actions.githubusercontent.com"
GITHUB: Json = {"Federated": f"arn:aws:iam::111122223333:oidc-provider/{HOST}"}
KEYS_OF_GITHUB = (
    f"of the claims of {HOST} STS makes keys of actor, actor_id, amr, aud, email, enterprise_id, environment, "
    "job_workflow_ref, oaud, ref, repository, repository_id, repository_owner_id, sub, workflow, "
    "so StringEquals is false"
)
EXTERNAL_ID = "an external id has 2 to 1,224 characters, all of them letters, digits and _+=,.@:/-"
OTHER = f"arn:aws:iam::444455556666:oidc-provider/{HOST}"
SAML: Json = {"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}
SET_IDENTITY = "sts:SetSourceIdentity"
WITH_SAML, WITH_TOKEN = "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"
USER_WITH_MFA = "IAM user, long-term access key, MFA code passed in the call"


def allow(condition: Json | None = None, principal: Json = ROOT, action: object = "sts:AssumeRole") -> Json:
    """An Allow statement of a trust policy."""
    more = {} if condition is None else {"Condition": condition}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


def policy(*statements: Json, version: str | None = "2012-10-17") -> Json:
    """A trust policy."""
    return {**({} if version is None else {"Version": version}), "Statement": list(statements)}


def asked(written: Json) -> trustproof.Result:
    """The answer of statement-usable."""
    return trustproof.prove(written, "statement-usable", account="111122223333")


#: A policy, what is said of it, and whether its remedy is a diff that makes it usable.
CASES: list[tuple[str, Json, str, bool]] = [
    (
        "a tag that NotAction forbids",
        policy(
            {
                "Effect": "Allow",
                "Principal": ROOT,
                "NotAction": "sts:TagSession",
                "Condition": {"StringEquals": {"aws:RequestTag/id": "1"}},
            }
        ),
        "a call that passes aws:RequestTag/id needs sts:TagSession too, and no statement of this policy allows that",
        True,
    ),
    (
        "a tag that NotAction forbids among others",
        policy(
            {
                "Effect": "Allow",
                "Principal": ROOT,
                "NotAction": ["sts:tagsession", "sts:SetContext"],
                "Condition": {"StringEquals": {"aws:RequestTag/id": "1"}},
            }
        ),
        "a call that passes aws:RequestTag/id needs sts:TagSession too, and no statement of this policy allows that",
        True,
    ),
    *(
        (
            f"{operator} {operand}",
            policy(allow({operator: {key: operand}})),
            f"{operand} is not {what}, and what IAM makes of it is not documented; it is taken to match nothing",
            False,
        )
        for operator, key, operand, what in (
            ("Bool", MFA, "yes", "true or false"),
            ("Null", "sts:ExternalId", "0", "true or false"),
            ("NumericLessThan", AGE, "1h", "a number"),
            ("DateLessThan", "aws:CurrentTime", "tomorrow", "a date"),
            ("IpAddress", "aws:SourceIp", "10.0.0.0/33", "an address or a CIDR block"),
        )
    ),
    (
        "a user name that is the session's and is not",
        policy(
            allow(
                {
                    "StringEquals": {"sts:RoleSessionName": NAME, "aws:username": "bob"},
                    "StringNotEquals": {"sts:RoleSessionName": "bob"},
                }
            )
        ),
        f"sts:RoleSessionName and aws:username are the same where StringEquals sts:RoleSessionName {NAME}",
        False,
    ),
    ("MFA of a role", policy(allow(WITH_MFA, ROLE)), f"role session: {MFA} is never true, so Bool is false", True),
    (
        "an age of a role",
        policy(allow({"NumericLessThan": {AGE: "60"}}, ROLE)),
        f"role session: {AGE} is never in the request, so NumericLessThan is false",
        True,
    ),
    (
        "a part of a call",
        policy(allow(None, ROOT, "sts:TagSession")),
        f"{USER_WITH_MFA}: a call that needs sts:TagSession needs sts:AssumeRole too, and nothing allows that",
        True,
    ),
    (
        "a tag that others may pass",
        policy(
            allow({"StringEquals": {"aws:RequestTag/team": "red"}}),
            allow(None, {"AWS": "444455556666"}, ["sts:AssumeRole", "sts:TagSession"]),
        ),
        f"{USER_WITH_MFA}: a call that needs sts:AssumeRole needs sts:TagSession too, and nothing allows that",
        True,
    ),
    (
        "no MFA with an age",
        policy(allow({"Null": {MFA: "true"}, "NumericLessThan": {AGE: "3600"}})),
        f"each can be met, and no request meets all of them: Null {MFA} true and NumericLessThan {AGE} 3600",
        False,
    ),
    (
        "a claim of a URL",
        policy(allow({"StringLike": {f"https://{HOST}:sub": "repo:my-org/*"}}, GITHUB, WITH_TOKEN)),
        f"https://{HOST}:sub is not a condition key, so StringLike is never true",
        True,
    ),
    (
        "a claim that STS does not know",
        policy(allow({"StringEquals": {f"{HOST}:event_name": "push"}}, GITHUB, WITH_TOKEN)),
        KEYS_OF_GITHUB,
        False,
    ),
    (
        "a provider elsewhere",
        policy(allow(None, {"Federated": OTHER}, WITH_TOKEN)),
        f"STS looks for a provider in the account of the role, 111122223333: {OTHER} is elsewhere",
        False,
    ),
    (
        "a subject of nobody",
        policy(allow({"StringEquals": {f"{HOST}:sub": "repo:my-org"}}, GITHUB, WITH_TOKEN)),
        f"no token of {HOST} has such a subject",
        False,
    ),
    (
        "a negative age",
        policy(allow({**WITH_MFA, "NumericLessThan": {AGE: "0"}})),
        f"{AGE} counts the seconds since the MFA, so NumericLessThan {AGE} 0 is never true",
        True,
    ),
    (
        "two names",
        policy(allow({"StringEquals": {"aws:username": "alice"}, "StringLike": {"aws:username": "b*"}})),
        (
            "each can be met, and no request meets all of them: StringEquals aws:username alice and "
            "StringLike aws:username b*"
        ),
        False,
    ),
    (
        "an address through an endpoint",
        policy(allow({"StringEquals": {"aws:SourceVpce": "vpce-1"}, "IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})),
        "a request through a VPC endpoint has no aws:SourceIp",
        False,
    ),
    (
        "a root user",
        policy(allow({**WITH_MFA, "StringEquals": {"aws:PrincipalType": "Account"}})),
        f"{USER_WITH_MFA}: aws:PrincipalType is always User",
        False,
    ),
    (
        "a claim of another provider",
        policy(allow({"StringEquals": {"gitlab.com:sub": "project_path:group/app"}}, GITHUB, WITH_TOKEN)),
        "only gitlab.com issues its claims",
        False,
    ),
    (
        "a variable without Version",
        policy(allow({"StringEquals": {"sts:RoleSessionName": NAME}}), version=None),
        f"{NAME} is plain text here: policy variables need Version 2012-10-17",
        True,
    ),
    (
        "a variable of the old Version",
        policy(allow({"StringLike": {"sts:RoleSessionName": f"{NAME}-*"}}), version="2008-10-17"),
        f"{NAME} is plain text here: policy variables need Version 2012-10-17",
        True,
    ),
    (
        "a variable without Version in a Deny",
        policy(
            allow(WITH_MFA),
            {**allow({"StringNotEquals": {"sts:RoleSessionName": NAME}}), "Effect": "Deny"},
            version=None,
        ),
        f"the Deny applies: sts:RoleSessionName is alice, so StringNotEquals {NAME} is true",
        True,
    ),
    (
        "a variable that roles have no value for",
        policy(allow({"StringEquals": {"sts:RoleSessionName": NAME}}, ROLE)),
        f"role session: aws:username is never in the request, so nothing is equal to {NAME}",
        False,
    ),
    (
        "a source identity that may not be set",
        policy(allow({**WITH_MFA, "StringEquals": {"sts:SourceIdentity": "alice"}})),
        (
            "a call that passes sts:SourceIdentity needs sts:SetSourceIdentity too, and no statement of this policy "
            "allows that"
        ),
        True,
    ),
    (
        "a tag that may not be passed",
        policy(allow({"StringEquals": {"aws:RequestTag/team": "red"}})),
        "a call that passes aws:RequestTag/team needs sts:TagSession too, and no statement of this policy allows that",
        True,
    ),
    (
        "a source identity that nobody may have",
        policy(allow({"StringEquals": {"sts:SourceIdentity": "aws:me"}}, ROOT, ["sts:AssumeRole", SET_IDENTITY])),
        (
            "a source identity has 2 to 64 characters, all of them letters, digits and _+=,.@-, and does not begin "
            "with aws:; none meets StringEquals sts:SourceIdentity aws:me"
        ),
        False,
    ),
    (
        "an external id with a blank",
        policy(allow({"StringEquals": {"sts:ExternalId": "Unique ID"}})),
        f"{EXTERNAL_ID}; none meets StringEquals sts:ExternalId Unique ID",
        False,
    ),
    (
        "an external id of one character",
        policy(allow({"StringEquals": {"sts:ExternalId": "e"}})),
        f"{EXTERNAL_ID}; none meets StringEquals sts:ExternalId e",
        False,
    ),
    (
        "an organization without its beginning",
        policy(allow({"StringEquals": {"aws:PrincipalOrgID": "exampleorgid"}})),
        "the id of an organization begins with o-; none meets StringEquals aws:PrincipalOrgID exampleorgid",
        False,
    ),
    (
        "the ARN of a session",
        policy(allow({"StringEquals": {"aws:PrincipalArn": "arn:aws:sts::111122223333:assumed-role/app/x"}})),
        "aws:PrincipalArn of a session is the ARN of its role, with the path, and without the session's name",
        False,
    ),
    (
        "the ARN of an account",
        policy(allow({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:root"}})),
        "aws:PrincipalArn is the ARN of who calls, and :root is the root user, not each user and role",
        False,
    ),
    (
        "MFA demanded of everybody",
        policy(allow(None, ROLE), {**allow({"BoolIfExists": {MFA: "false"}}, {"AWS": "*"}), "Effect": "Deny"}),
        f"the Deny applies: {MFA} is absent, and BoolIfExists is true when the key is absent",
        True,
    ),
    (
        "a duration",
        policy(allow({**WITH_MFA, "NumericLessThanEquals": {"sts:DurationSeconds": "3600"}})),
        (
            "sts:DurationSeconds is in requests for sts:GetServiceBearerToken and sts:GetWebIdentityToken, never in "
            "one for sts:AssumeRole, so NumericLessThanEquals is false"
        ),
        True,
    ),
    (
        "a key of users",
        policy(allow({"StringLike": {"aws:username": "a*"}}, ROLE)),
        "role session: aws:username is never in the request, so StringLike is false",
        True,
    ),
    (
        "a misspelt key",
        policy(allow({"Bool": {"aws:MultiFactorAuthPresnt": "true"}})),
        "aws:MultiFactorAuthPresnt is not a condition key, so Bool is never true",
        True,
    ),
    (
        "a key without its prefix",
        policy(allow({"Bool": {"MultiFactorAuthPresent": "true"}})),
        "MultiFactorAuthPresent is not a condition key, so Bool is never true",
        True,
    ),
    (
        "a name that is no key",
        policy(allow({"StringEquals": {"clusterID": "1"}})),
        "clusterID is not a condition key, so StringEquals is never true",
        False,
    ),
    (
        "the action of assertions",
        policy(allow(WITH_MFA, ROOT, WITH_SAML)),
        f"{USER_WITH_MFA}: gets credentials by sts:AssumeRole, and this allows {WITH_SAML}",
        True,
    ),
    (
        "the action of users",
        policy(allow(None, SAML, ["sts:AssumeRole", WITH_TOKEN])),
        f"SAML assertion: gets credentials by {WITH_SAML}, and this allows sts:AssumeRole and {WITH_TOKEN}",
        True,
    ),
    (
        "the actions of others",
        policy({"Effect": "Allow", "Principal": GITHUB, "NotAction": "sts:*"}),
        f"web identity token: gets credentials by {WITH_TOKEN}, and this allows everything but sts:*",
        False,
    ),
]


@pytest.mark.parametrize(("written", "why", "has_diff"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_why_nobody_can_use_it(written: Json, why: str, *, has_diff: bool) -> None:
    """The reason is the one of the table, and a remedy with a diff makes the statement usable and opens nothing."""
    found = asked(written)
    assert found.verdict == "refuted"
    assert found.why[0] == why
    assert found.remedy is not None
    assert bool(found.remedy.diff) is has_diff
    if has_diff:
        fixed = applied(written, found)
        assert asked(fixed).verdict == "proved"
        assert opened(written, fixed, account="111122223333") == []


def test_an_action_of_another_service_has_no_diff() -> None:
    """There is no one action that the policy of a bucket has to allow."""
    written = policy({**allow(WITH_MFA, ROOT, "ec2:RunInstances"), "Resource": "arn:aws:s3:::ledger/*"})
    properties = {"Bucket": "ledger", "PolicyDocument": written}
    template = {"Resources": {"Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}}
    report = trustproof.check([template], account="111122223333", config={})
    (found,) = (one for one in report.results if one.verdict == "refuted")
    assert found.why == (
        "this allows ec2:RunInstances, and AWS asks the policy about requests to its own resource only",
    )
    assert found.remedy is not None
    assert not found.remedy.diff


PAST, PASSED = "2020-01-01T00:00:00Z", {"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}
DENIED: Json = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "*"}
#: What ends a grant, and how bad that is.
ENDED: list[tuple[str, Json, str]] = [
    ("a date", policy(allow(PASSED)), "warning"),
    ("a second", policy(allow({"NumericLessThan": {"aws:EpochTime": "1577836800"}})), "warning"),
    ("a window", policy(allow({**PASSED, "DateGreaterThan": {"aws:CurrentTime": "2019-01-01T00:00:00Z"}})), "warning"),
    (
        "a Deny from a day on",
        policy(allow(), {**DENIED, "Condition": {"DateGreaterThan": {"aws:CurrentTime": PAST}}}),
        "warning",
    ),
    ("a Deny besides", policy(allow(), DENIED), "error"),
    ("a date, and MFA of a role", policy(allow({**PASSED, **WITH_MFA}, ROLE)), "error"),
    ("a date of nobody", policy(allow(PASSED, {"AWS": "arn:aws:iam::111122223333:group/a"})), "error"),
]


@pytest.mark.parametrize(("written", "severity"), [one[1:] for one in ENDED], ids=[one[0] for one in ENDED])
def test_what_ends_by_itself_is_no_error(written: Json, severity: str) -> None:
    """A grant for a while that is over warns, and does not fail the run of the next morning."""
    found = asked(written)
    assert found.verdict == "refuted"
    assert found.severity == severity


#: A principal that nobody is, and why.
NOBODY: list[tuple[str, str]] = [
    ("arn:aws:iam::111122223333:group/admins", "a group is no principal, only its users are"),
    ("arn:aws:iam::111122223333:mfa/alice", "an MFA device is no principal"),
    ("arn:aws:sts::111122223333:federated-user/alice", "a federated user session cannot assume a role"),
    ("arn:aws:sts::111122223333:assumed-role/app/*", "a wildcard in the ARN of a Principal is an ordinary character"),
]


@pytest.mark.parametrize(("principal", "why"), NOBODY)
def test_nobody_of_that_name(principal: str, why: str) -> None:
    """Only where no caller is named that exists, that is what is said, and why there is none."""
    found = asked(policy(allow(None, {"AWS": principal})))
    assert found.label == "no caller that this names can exist"
    assert found.why == (f"{why}: {principal}",)


REFERENCES: list[object] = [{"Fn::GetAtt": ["Entry", "Arn"]}, {"Fn::Sub": "${Entry.Arn}"}]


@pytest.mark.parametrize("reference", REFERENCES, ids=str)
def test_a_role_of_the_template(reference: object, tmp_path: Path) -> None:
    """MFA demanded of a role that the template makes is explained as of one that is written out."""
    service = policy(allow(None, {"Service": "lambda.amazonaws.com"}))
    roles = {"Entry": service, "Access": policy(allow(WITH_MFA, {"AWS": reference}))}
    template = {
        "Resources": {
            name: {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
            for name, document in roles.items()
        }
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    report = trustproof.check([str(path)], account="111122223333", properties=["statement-usable"])
    (found,) = [result for result in report.results if result.verdict == "refuted"]
    assert found.why == (f"role session: {MFA} is never true, so Bool is false",)
    assert found.path[-3:] == ("Condition", "Bool", MFA)


def test_a_misspelt_key_of_a_tag_keeps_its_tag() -> None:
    """Only what stands before the slash is AWS's."""
    found = asked(policy(allow({"StringEquals": {"aws:PrincipleTag/Team": "x"}})))
    assert found.remedy is not None
    assert found.remedy.text.startswith("did you mean aws:PrincipalTag/Team?")
