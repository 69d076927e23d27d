"""
Resources that may be the caller's own: a name that a policy writes out is somebody else's as a rule.
"""

from __future__ import annotations

import pytest

import trustproof

USER = "arn:aws:iam::111122223333:user"
SECURE = {"Bool": {"aws:SecureTransport": "true"}}


def allow(action: str, resource: str, **more: object) -> dict[str, object]:
    """A policy with one statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("iam:CreateAccessKey", f"{USER}/bob", f"{USER}/bob"),
        ("iam:CreateAccessKey", f"{USER}/people/bob", f"{USER}/people/bob"),
        ("iam:CreateAccessKey", f"{USER}/alice", f"{USER}/alice"),
        ("iam:CreateAccessKey", f"{USER}/${{aws:username}}", f"{USER}/alice"),
        ("iam:EnableMFADevice", f"{USER}/bob", f"{USER}/bob"),
        # The policy is that of alice.
        ("iam:EnableMFADevice", f"{USER}/alice", None),
        ("iam:EnableMFADevice", f"{USER}/${{aws:username}}", None),
        # A user has a name, so that the default is never taken; and letter case does not count in it.
        ("iam:EnableMFADevice", f"{USER}/${{aws:username, 'nobody'}}", None),
        ("iam:EnableMFADevice", f"{USER}/${{AWS:UserName}}", None),
        ("iam:EnableMFADevice", f"{USER}/people/${{aws:username , 'nobody'}}", None),
        ("iam:CreateAccessKey", f"{USER}/${{aws:username, 'nobody'}}", f"{USER}/alice"),
        ("iam:EnableMFADevice", f"{USER}/${{aws:username}}x", f"{USER}/alicex"),
    ],
)
def test_sensitive_on_a_user(action: str, resource: str, expected: str | None) -> None:
    """What is done to a user is shown for that user, and one's own MFA device is spared under one's own name too."""
    found = trustproof.prove(allow(action, resource), "sensitive-actions-require-mfa", account="111122223333")
    assert found.verdict == (trustproof.PROVED if expected is None else trustproof.REFUTED)
    assert (found.counterexample.resource if found.counterexample else None) == expected


@pytest.mark.parametrize(
    ("allowed", "denied", "sensitive", "usable"),
    [
        ("${aws:username}", "alice", "proved", "refuted"),
        # A session of GetFederationToken has no user name, and so is not denied.
        ("alice", "${aws:username}", "proved", "proved"),
        ("${aws:username}", "a*", "proved", "refuted"),
        ("${aws:username}", "bob", "refuted", "proved"),
        ("a*", "${aws:username}", "refuted", "proved"),
        ("${aws:username}-2", "alice-?", "proved", "refuted"),
        ("${aws:username}", "${aws:username}", "proved", "refuted"),
        ("*", "alice", "refuted", "proved"),
    ],
)
def test_what_a_deny_says_of_a_known_user(allowed: str, denied: str, sensitive: str, usable: str) -> None:
    """The policy is that of alice, by her name and by the variable."""
    policy = allow("iam:DeleteUser", f"{USER}/{allowed}", Condition=SECURE)
    deny = {"Effect": "Deny", "Action": "*", "Resource": f"{USER}/{denied}", "Condition": SECURE}
    statements = policy["Statement"]
    assert isinstance(statements, list)
    statements.append(deny)
    found = [
        trustproof.prove(policy, ident, account="111122223333", kind="identity").verdict
        for ident in ("sensitive-actions-require-mfa", "statement-usable")
    ]
    assert found == [sensitive, usable]


@pytest.mark.parametrize(
    ("resource", "shown"),
    [
        ("*", {}),
        ("arn:aws:secretsmanager:*:*:secret:${aws:PrincipalTag/team}/*", {"aws:PrincipalTag/team": "alice"}),
        ("arn:aws:secretsmanager:*:*:secret:${aws:username}/*", {}),
    ],
)
def test_a_request_is_shown_with_what_its_resource_needs(resource: str, shown: dict[str, str]) -> None:
    """A tag that a policy variable needs stands in it, and the resource is one of the own account."""
    policy = allow("secretsmanager:GetSecretValue", resource)
    found = trustproof.prove(policy, "sensitive-actions-require-mfa", account="222233334444", kind="identity")
    assert found.counterexample is not None
    assert found.counterexample.resource.startswith("arn:aws:secretsmanager:us-east-1:222233334444:secret:")
    context = {key: value for key, value in found.counterexample.context.items() if "MultiFactor" not in key}
    assert context == shown


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ssm:GetParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/app/prefix"),
        ("iam:GetUser", f"{USER}/svc/bob"),
    ],
)
def test_a_resource_with_a_path_can_be_used(action: str, resource: str) -> None:
    """A resource that is written out in full is within reach, whoever calls."""
    found = trustproof.prove(allow(action, resource, Condition=SECURE), "statement-usable", kind="identity")
    assert (found.verdict, found.reasons) == (trustproof.PROVED, ())


@pytest.mark.parametrize("version", [None, "2008-10-17", "2012-10-17"])
def test_a_remedy_with_a_variable_comes_with_the_version_that_has_them(version: str | None) -> None:
    """Where ``${aws:username}`` is no variable, a Deny of everything but one's own user would be for everybody."""
    policy = allow("iam:EnableMFADevice", "*")
    policy["Version"] = version
    if version is None:
        del policy["Version"]
    found = trustproof.prove(policy, "sensitive-actions-require-mfa", account="111122223333", kind="identity")
    assert found.remedy is not None
    assert any("${aws:username}" in line for line in found.remedy.diff)
    lines = [line for line in found.remedy.diff if "Version" in line]
    old = [] if version is None else ['- "Version": "2008-10-17"']
    assert lines == ([] if version == "2012-10-17" else [*old, '+ "Version": "2012-10-17"'])


@pytest.mark.parametrize(("allowed", "verdict"), [("bob", "proved"), ("alice", "refuted"), ("a*", "refuted")])
def test_a_deny_of_all_but_oneself(allowed: str, verdict: str) -> None:
    """What is left of an Allow is about alice, whose policy it is."""
    policy = allow("iam:DeleteUser", f"{USER}/{allowed}")
    deny = {"Effect": "Deny", "Action": "*", "NotResource": f"{USER}/${{aws:username}}"}
    statements = policy["Statement"]
    assert isinstance(statements, list)
    statements.append(deny)
    found = trustproof.prove(policy, "sensitive-actions-require-mfa", account="111122223333", kind="identity")
    assert found.verdict == verdict


@pytest.mark.parametrize("other", ["arn:aws:s3:::bucket", "arn:aws:dynamodb:us-east-1:111122223333:table/other"])
@pytest.mark.parametrize(
    ("condition", "usable"),
    [(SECURE, "refuted"), ({"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "60"}}, "proved")],
)
def test_no_name_is_the_callers_where_no_policy_says_it(other: str, condition: dict[str, object], usable: str) -> None:
    """A Deny of the one thing that an Allow is about stops it, or does so at times, whatever else it lists."""
    table = "arn:aws:dynamodb:us-east-1:111122223333:table/name"
    deny = {"Effect": "Deny", "Action": "dynamodb:*", "Resource": table, "Condition": condition}
    policy = allow("dynamodb:PutItem", table, Condition=SECURE)
    statements = policy["Statement"]
    assert isinstance(statements, list)
    statements[0]["Resource"] = [table, other]
    statements.append(deny)
    found = trustproof.prove(policy, "statement-usable", account="111122223333", kind="identity")
    expected = "proved" if other.startswith("arn:aws:dynamodb") else usable
    assert (found.verdict, found.reasons) == (expected, ())


@pytest.mark.parametrize(
    ("resource", "denied", "usable"),
    [("i-0123", "i-0123", "refuted"), ("i-0123", "*i-0123", "refuted"), ("i-0123", "i-01?4", "proved")],
)
def test_a_pattern_of_a_deny_covers_what_is_written_out(resource: str, denied: str, usable: str) -> None:
    """It does so however it is written."""
    instances = "arn:aws:ec2:us-east-1:111122223333:instance"
    policy = allow("ssm:StartSession", f"{instances}/{resource}", Condition=SECURE)
    statements = policy["Statement"]
    assert isinstance(statements, list)
    statements.append({"Effect": "Deny", "Action": "ssm:*", "Resource": f"{instances}/{denied}"})
    found = trustproof.prove(policy, "statement-usable", account="111122223333", kind="identity")
    assert (found.verdict, found.reasons) == (usable, ())
