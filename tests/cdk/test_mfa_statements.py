"""
`allow_with_mfa` and `deny_users_without_mfa`: what a resource policy with them means for each kind of caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_organizations as organizations
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs

from tests.cdk.policies import policy
from trustproof.model.request import (
    FEDERATED_USER,
    ROLE_SESSION,
    SERVICE,
    USER_KEY,
    USER_SESSION,
    USER_SESSION_MFA,
    Caller,
    Request,
)
from trustproof.spec.callers import principal_keys
from trustproof.spec.decision import EXPLICIT_DENY, decide
from trustproof_cdk import Trusted, TrustproofChecks, allow_with_mfa, deny_users_without_mfa
from trustproof_cdk._callers.denied_statements import denied_statements
from trustproof_cdk._synthesis.promises import broken_promises
from trustproof_cdk._trust.resource_statements import watch

HUB = "111122223333"
OBJECTS = "arn:aws:s3:::ledger/*"
KEY = Caller(USER_KEY, f"arn:aws:iam::{HUB}:user/people/alice")
SESSION = KEY._replace(kind=USER_SESSION)
WITH_MFA = KEY._replace(kind=USER_SESSION_MFA)
ROLE = Caller(ROLE_SESSION, f"arn:aws:iam::{HUB}:role/Builder", session="build")
FEDERATED = Caller(FEDERATED_USER, f"arn:aws:sts::{HUB}:federated-user/app")
CLOUDFRONT = Caller(SERVICE, "cloudfront.amazonaws.com")


def document(*statements: iam.PolicyStatement) -> dict[str, Any]:
    """A resource policy of these statements."""
    return {"Version": "2012-10-17", "Statement": [statement.to_statement_json() for statement in statements]}


def outcome(statements: list[iam.PolicyStatement], caller: Caller, age: str | None = None) -> str:
    """What the evaluator of the validator says of a caller who reads an object."""
    context = {**principal_keys(caller), **({} if age is None else {"aws:multifactorauthage": age})}
    return decide(policy(document(*statements)), Request(caller, "s3:GetObject", OBJECTS, context)).outcome


def test_allow_is_exact() -> None:
    """One statement for each who is trusted, all with MFA."""
    statements = allow_with_mfa(
        trusted=[Trusted.accounts(HUB), Trusted.organization("o-a1b2c3d4e5")],
        actions=["s3:GetObject"],
        resources=[OBJECTS],
        max_mfa_age=cdk.Duration.hours(1),
    )
    mfa = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThanEquals": {"aws:MultiFactorAuthAge": "3600"},
    }
    common = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": OBJECTS}
    assert document(*statements)["Statement"] == [
        {**common, "Principal": {"AWS": HUB}, "Condition": mfa},
        {
            **common,
            "Principal": {"AWS": "*"},
            "Condition": {**mfa, "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
        },
    ]


@pytest.mark.parametrize(
    ("caller", "allowed"),
    [(KEY, False), (SESSION, False), (WITH_MFA, True), (ROLE, False), (FEDERATED, False), (CLOUDFRONT, False)],
)
def test_only_users_with_mfa_are_allowed(caller: Caller, allowed: bool) -> None:
    """Credentials that carry no MFA are not let in, whoever they belong to."""
    statements = allow_with_mfa(trusted=Trusted.accounts(HUB), actions=["s3:GetObject"], resources=[OBJECTS])
    assert outcome(statements, caller) == ("allowed" if allowed else "implicit-deny")


@pytest.mark.parametrize(
    ("caller", "denied"),
    [(KEY, True), (SESSION, True), (WITH_MFA, False), (ROLE, False), (FEDERATED, True), (CLOUDFRONT, False)],
)
def test_users_without_mfa_are_denied_and_nobody_else(caller: Caller, denied: bool) -> None:
    """Roles and services are spared; a session that a user has made of an access key is not."""
    statement = deny_users_without_mfa(actions=["s3:*"], resources=[OBJECTS])
    assert (outcome([statement], caller) == EXPLICIT_DENY) is denied


@pytest.mark.parametrize(
    ("caller", "age", "denied"),
    [
        (KEY, None, True),
        (SESSION, None, True),
        (WITH_MFA, "900", False),
        (WITH_MFA, "901", True),
        (ROLE, None, False),
        (CLOUDFRONT, None, False),
    ],
)
def test_old_mfa_is_denied_too(caller: Caller, age: str | None, denied: bool) -> None:
    """A request without MFA has no age, and is denied as well."""
    statement = deny_users_without_mfa(actions=["s3:*"], resources=[OBJECTS], max_mfa_age=cdk.Duration.minutes(15))
    assert (outcome([statement], caller, age) == EXPLICIT_DENY) is denied


def test_bucket_takes_them(app: cdk.App, stack: cdk.Stack) -> None:
    """They are statements like any other of the CDK."""
    bucket = s3.Bucket(stack, "Ledger")
    for statement in allow_with_mfa(
        trusted=Trusted.accounts(HUB), actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")]
    ):
        bucket.add_to_resource_policy(statement)
    bucket.add_to_resource_policy(deny_users_without_mfa(actions=["s3:*"], resources=[bucket.arn_for_objects("*")]))
    template = app.synth().get_stack_artifact(stack.artifact_id).template
    (found,) = (one for one in template["Resources"].values() if one["Type"] == "AWS::S3::BucketPolicy")
    assert [one["Effect"] for one in found["Properties"]["PolicyDocument"]["Statement"]] == ["Allow", "Deny"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"trusted": Trusted.roles(f"arn:aws:iam::{HUB}:role/Builder")},
            f"Trusted.roles('arn:aws:iam::{HUB}:role/Builder') cannot be allowed something with MFA",
        ),
        ({"trusted": []}, "trusted must name at least one caller, got an empty list"),
        ({"actions": ["GetObject"]}, "actions must be an action like 'ec2:StopInstances', got 'GetObject'"),
        ({"actions": ["sts:GetCallerIdentity"]}, "no policy can allow or deny sts:GetCallerIdentity"),
        ({"resources": ["ledger"]}, "resources must be an ARN, or '*', got 'ledger'"),
        ({"max_mfa_age": cdk.Duration.hours(37)}, "max_mfa_age must be 1 second to 36 hours"),
        (
            {"conditions": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}},
            "Bool aws:MultiFactorAuthPresent cannot be both 'true' and 'false'",
        ),
    ],
)
def test_allow_refuses(arguments: dict[str, Any], message: str) -> None:
    """A bad argument fails where it is given, and the message shows it."""
    given = {"trusted": Trusted.accounts(HUB), "actions": ["s3:GetObject"], "resources": [OBJECTS], **arguments}
    with pytest.raises(ValueError, match=re.escape(message)):
        allow_with_mfa(**given)


def test_trusted_must_be_trusted() -> None:
    """An account id alone does not say what is trusted."""
    with pytest.raises(TypeError, match=r"trusted must be Trusted\.accounts"):
        allow_with_mfa(trusted=HUB, actions=["s3:GetObject"], resources=[OBJECTS])  # type: ignore[arg-type]


def _denied(action: str, *resources: str) -> iam.PolicyStatement:
    return deny_users_without_mfa(actions=[action], resources=list(resources))


QUEUE = f"arn:aws:sqs:eu-central-1:{HUB}"
#: Makes a queue or bucket with a statement, and what is said of it.
ADDED: list[
    tuple[Callable[[cdk.Stack, str], sqs.Queue | s3.Bucket | kms.Key], Callable[[Any], iam.PolicyStatement], str]
] = [
    (kms.Key, lambda _: _denied("kms:ScheduleKeyDeletion", "*"), ""),
    (kms.Key, lambda _: _denied("KMS:*", "*"), ""),
    (kms.Key, lambda _: _denied("s3:DeleteObject", "*"), "does nothing: s3:DeleteObject is never asked of the policy"),
    (sqs.Queue, lambda it: _denied("sqs:DeleteQueue", it.queue_arn), ""),
    (sqs.Queue, lambda _: _denied("sqs:DeleteQueue", "*"), ""),
    (sqs.Queue, lambda _: _denied("sqs:DeleteQueue", f"{QUEUE}:other"), f"is about {QUEUE}:other, and the policy it"),
    (sqs.Queue, lambda _: _denied("sqs:DeleteQueue", f"{QUEUE}:other", f"{QUEUE}:a-*"), ""),
    (sqs.Queue, lambda it: _denied("sqs:DeleteQueue", _beside(it, "Other").queue_arn), "is about {"),
    (sqs.Queue, lambda it: _denied("sqs:DeleteQueue", _given(it)), ""),
    (sqs.Queue, lambda _: _denied("sqs:DeleteQueue", cdk.Fn.import_value("Jobs")), ""),
    (s3.Bucket, lambda it: _denied("s3:DeleteObject", it.arn_for_objects("*")), ""),
    (s3.Bucket, lambda it: _denied("s3:DeleteObject", it.bucket_arn), "does nothing: s3:DeleteObject is about arn"),
    (s3.Bucket, lambda _: _denied("s3:DeleteObject", "arn:aws:s3:::other/*"), "is about arn:aws:s3:::other/*"),
    (s3.Bucket, lambda _: _denied("s3:DeleteObject", "arn:aws:s3:::*"), ""),
]


def _beside(made: sqs.Queue, name: str) -> sqs.Queue:
    return sqs.Queue(made, name)


def _given(made: sqs.Queue) -> str:
    return cdk.CfnParameter(made, "Given").value_as_string


def test_statements_about_another_resource_are_said_to_do_nothing(app: cdk.App) -> None:
    """What the policy of a queue says of another one is about nothing, and no service says so."""
    stack = cdk.Stack(app, "Own", env=cdk.Environment(account=HUB, region="eu-central-1"))
    for number, (make, statement, _) in enumerate(ADDED):
        made = make(stack, f"Made{number}")
        made.add_to_resource_policy(statement(made))
    template = app.synth().get_stack_artifact(stack.artifact_id).template_full_path
    watch(app)
    found = {one.construct_path.split("/")[1]: one for one in broken_promises(app, [Path(template)])}
    assert {one.rule for one in found.values()} == {"statement-usable"}
    for number, (_, _, said) in enumerate(ADDED):
        broken = found.get(f"Made{number}")
        assert (broken is not None) is bool(said), number
        assert broken is None or f"a statement of deny_users_without_mfa() {said}" in broken.said


def test_a_user_who_is_called_otherwise_is_nobody(app: cdk.App) -> None:
    """The user of the app has the name and another path; a namesake of another account may have this one."""
    stack = cdk.Stack(app, "Own", env=cdk.Environment(account=HUB, region="eu-central-1"))
    iam.User(stack, "Alice", user_name="alice", path="/people/")
    for name, arn in (
        ("Right", f"arn:aws:iam::{HUB}:user/people/alice"),
        ("Wrong", f"arn:aws:iam::{HUB}:user/alice"),
        ("Elsewhere", "arn:aws:iam::222233334444:user/alice"),
    ):
        bucket = s3.Bucket(stack, name)
        given = {"actions": ["s3:GetObject"], "resources": [bucket.arn_for_objects("*")]}
        (statement,) = allow_with_mfa(trusted=Trusted.users(arn), **given)
        bucket.add_to_resource_policy(statement)
    template = app.synth().get_stack_artifact(stack.artifact_id).template_full_path
    watch(app)
    (broken,) = broken_promises(app, [Path(template)])
    assert (broken.construct_path, broken.rule) == ("Own/Wrong/Policy/Resource", "statement-usable")
    assert "user/alice is nobody's, since Own/Alice/Resource has that name" in broken.said


def test_an_own_user_is_called_otherwise_where_only_a_deployment_knows_the_account(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Own")
    iam.User(stack, "Alice", user_name="alice", path="/people/")
    for name, path in (("Right", "/people/"), ("Wrong", "/")):
        bucket = s3.Bucket(stack, name)
        given = {"actions": ["s3:GetObject"], "resources": [bucket.arn_for_objects("*")]}
        arn = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:user{path}alice"
        (statement,) = allow_with_mfa(trusted=Trusted.users(arn), **given)
        bucket.add_to_resource_policy(statement)
    template = app.synth().get_stack_artifact(stack.artifact_id).template_full_path
    watch(app)
    (broken,) = broken_promises(app, [Path(template)])
    assert broken.construct_path == "Own/Wrong/Policy/Resource"
    assert "write arn:${AWS::Partition}:iam::${AWS::AccountId}:user/people/alice" in broken.said


def test_a_resource_without_a_policy_may_stand_beside_them(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Made", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    bucket = s3.Bucket(stack, "Bucket")
    bucket.add_to_resource_policy(
        deny_users_without_mfa(actions=["s3:DeleteObject"], resources=[bucket.arn_for_objects("*")])
    )
    ecr.Repository(stack, "Repository")
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={}, jobs=1))
    app.synth()


def everybody(**more: Any) -> dict[str, Any]:
    """A statement of a resource control policy."""
    return {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", **more}


def but_of(account: str) -> dict[str, Any]:
    return {"StringNotEquals": {"aws:PrincipalAccount": account}}


@pytest.mark.parametrize(
    ("kind", "statement", "target", "is_said"),
    [
        ("RESOURCE", everybody(), "r-ab12", True),
        ("RESOURCE", everybody(), "222233334444", True),
        ("RESOURCE", everybody(), HUB, False),
        ("RESOURCE", everybody(Resource="arn:aws:s3:::*"), "r-ab12", True),
        ("RESOURCE", everybody(Action="s3:Put*"), "r-ab12", False),
        ("RESOURCE", everybody(Condition=but_of("333344445555")), "r-ab12", True),
        ("RESOURCE", everybody(Condition=but_of(HUB)), "r-ab12", False),
        ("RESOURCE", everybody(Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}), "r-ab12", False),
        ("RESOURCE", everybody(Condition={"Bool": {"aws:SecureTransport": "false"}}), "r-ab12", False),
        ("SERVICE", {"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}, "r-ab12", True),
        ("SERVICE", {"Effect": "Deny", "Action": "s3:Get*", "Resource": "*"}, "222233334444", False),
        ("SERVICE", {"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"}, "r-ab12", False),
    ],
)
def test_control_policy_of_the_app(
    app: cdk.App, kind: str, statement: dict[str, Any], target: str, is_said: bool
) -> None:
    """The plugin warns where nobody gets anything by a statement, and of nothing that somebody may get."""
    management, own, _ = (
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        for name, account in (("Management", "999988887777"), ("Own", "222233334444"), ("Hub", HUB))
    )
    organizations.CfnPolicy(
        management,
        "Ours",
        name="Ours",
        type=f"{kind}_CONTROL_POLICY",
        target_ids=[target],
        content={"Version": "2012-10-17", "Statement": [statement]},
    )
    bucket = s3.Bucket(own, "Ledger")
    for one in allow_with_mfa(
        trusted=Trusted.accounts(HUB), actions=["s3:GetObject"], resources=[bucket.arn_for_objects("*")]
    ):
        bucket.add_to_resource_policy(one)
    app.synth()
    found = list(denied_statements(app))
    assert [(one.construct_path, one.is_warning) for one in found] == [("Own/Ledger/Policy/Resource", True)] * is_said
    assert all("Management/Ours denies all that it allows" in one.said for one in found)


@pytest.mark.parametrize("strict", [False, True])
def test_what_is_denied_anyway_fails_a_strict_gate_only(app: cdk.App, strict: bool) -> None:
    """Whether the account is the management account, which no control policy reaches, the app does not say."""
    management, own = (
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        for name, account in (("Management", "999988887777"), ("Own", "222233334444"))
    )
    content = {"Version": "2012-10-17", "Statement": [everybody(Action="sqs:*")]}
    given = {"type": "RESOURCE_CONTROL_POLICY", "target_ids": ["r-ab12"], "content": content}
    organizations.CfnPolicy(management, "Ours", name="Ours", **given)
    queue = sqs.Queue(own, "Orders")
    for one in allow_with_mfa(trusted=Trusted.accounts(HUB), actions=["sqs:SendMessage"], resources=[queue.queue_arn]):
        queue.add_to_resource_policy(one)
    config = {"boundary": {"accounts": [HUB, "222233334444", "999988887777"]}}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config, strict=strict, jobs=1))
    if strict:
        with pytest.raises(RuntimeError, match="ValidationFailed"):
            app.synth()
    else:
        app.synth()
    assert "nobody gets anything" in Path(app.outdir, "validation-report.json").read_text(encoding="utf-8")


#: What a queue, key, topic or secret that a stack of account 222233334444 in eu-central-1 makes may be denied by.
ABROAD = {"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}
PEOPLE = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}


def queue(stack: cdk.Stack, trusted: Trusted) -> None:
    orders = sqs.Queue(stack, "It", queue_name="orders")
    for one in allow_with_mfa(trusted=trusted, actions=["sqs:SendMessage"], resources=[orders.queue_arn]):
        orders.add_to_resource_policy(one)


def key(stack: cdk.Stack, trusted: Trusted) -> None:
    ours = kms.Key(stack, "It")
    for one in allow_with_mfa(trusted=trusted, actions=["kms:Decrypt"], resources=["*"]):
        ours.add_to_resource_policy(one)


def secret(stack: cdk.Stack, trusted: Trusted) -> None:
    ours = secretsmanager.Secret(stack, "It", secret_name="ours")
    for one in allow_with_mfa(trusted=trusted, actions=["secretsmanager:GetSecretValue"], resources=["*"]):
        ours.add_to_resource_policy(one)


def topic(stack: cdk.Stack, trusted: Trusted) -> None:
    ours = sns.Topic(stack, "It")
    for one in allow_with_mfa(trusted=trusted, actions=["sns:Publish"], resources=[ours.topic_arn]):
        ours.add_to_resource_policy(one)


def table(stack: cdk.Stack, trusted: Trusted) -> None:
    given = {"partition_key": dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING)}
    ours = dynamodb.Table(stack, "It", table_name="ours", **given)
    for one in allow_with_mfa(trusted=trusted, actions=["dynamodb:GetItem"], resources=["*"]):
        ours.add_to_resource_policy(one)


@pytest.mark.parametrize(
    ("make", "statement", "target", "is_said"),
    [
        (queue, everybody(Action="sqs:*", Resource="arn:aws:sqs:*:222233334444:orders"), "r-ab12", True),
        (queue, everybody(Action="sqs:*", Resource="arn:aws:sqs:*:222233334444:bills"), "r-ab12", False),
        (queue, everybody(Action="sqs:*", Resource="arn:aws:sqs:us-east-1:*:*"), "r-ab12", False),
        (key, everybody(Action="kms:*", Resource="arn:aws:kms:eu-central-1:222233334444:key/*"), "r-ab12", True),
        (key, everybody(Action="kms:*", Resource="arn:aws:kms:eu-central-1:333344445555:key/*"), "r-ab12", False),
        (key, everybody(Action="kms:*", Resource="arn:aws:kms:eu-central-1:*:key/1234*"), "r-ab12", False),
        (key, everybody(Action="kms:*", Condition=ABROAD), "r-ab12", True),
        (
            secret,
            everybody(Action="secretsmanager:*", Resource="arn:aws:secretsmanager:*:*:secret:ours-*"),
            "r-a",
            True,
        ),
        (secret, everybody(Action="secretsmanager:*", Resource="arn:aws:secretsmanager:*:*:secret:o-*"), "r-a", False),
        # It may have replicas.
        (secret, everybody(Action="secretsmanager:*", Condition=ABROAD), "r-ab12", False),
        (topic, {"Effect": "Deny", "Action": "sns:*", "Resource": "arn:aws:sns:*:222233334444:*"}, HUB, True),
        (topic, {"Effect": "Deny", "Action": "sns:*", "Resource": f"arn:aws:sns:*:{HUB}:*"}, HUB, False),
        (topic, {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": ABROAD}, HUB, True),
        (table, {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:dynamodb:*:*:table/ours"}, HUB, True),
        (table, {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:dynamodb:*:*:table/others"}, HUB, False),
        # Nobody says that the account of the callers is below our root.
        (topic, {"Effect": "Deny", "Action": "*", "Resource": "*"}, "r-ab12", False),
        # Who has used MFA is a user.
        (queue, everybody(Action="sqs:*", Condition=PEOPLE), "r-ab12", True),
        (queue, {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": PEOPLE}, HUB, True),
        (
            queue,
            everybody(Action="sqs:*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}),
            "r-ab12",
            False,
        ),
        (
            queue,
            everybody(Action="sqs:*", Condition={"StringNotEquals": {"aws:ResourceAccount": [HUB]}}),
            "r-ab12",
            True,
        ),
    ],
)
def test_what_a_resource_is(
    app: cdk.App, make: Callable[[cdk.Stack, Trusted], None], statement: dict[str, Any], target: str, is_said: bool
) -> None:
    """By account, Region and name of the resource, also where the app has no stack of those whom it lets in."""
    management, own = (
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        for name, account in (("Management", "999988887777"), ("Own", "222233334444"))
    )
    kind = "RESOURCE" if "Principal" in statement else "SERVICE"
    content = {"Version": "2012-10-17", "Statement": [statement]}
    given = {"type": f"{kind}_CONTROL_POLICY", "target_ids": [target], "content": content}
    organizations.CfnPolicy(management, "Ours", name="Ours", **given)
    make(own, Trusted.accounts(HUB))
    app.synth()
    assert len(list(denied_statements(app))) == is_said
