"""
`BreakGlassRole`: for named people, with fresh MFA, and not in silence.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from trustproof_cdk import BreakGlassAlarm, BreakGlassRole, OrganizationRole

ALICE = "arn:aws:iam::111122223333:user/alice"
BOB = "arn:aws:iam::111122223333:user/bob"

Resources = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def topic(stack: cdk.Stack) -> sns.Topic:
    """Where alarms go."""
    return sns.Topic(stack, "Alarms")


def test_trust_policy_names_the_users(stack: cdk.Stack, topic: sns.Topic, resources: Resources) -> None:
    """Only the named users, a quarter of an hour after MFA at most, for an hour."""
    BreakGlassRole(stack, "Role", users=[ALICE, BOB], alarm_topic=topic)
    (properties,) = resources("AWS::IAM::Role")
    assert properties["MaxSessionDuration"] == 3600
    assert properties["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": [ALICE, BOB]},
            "Condition": {
                "Bool": {"aws:MultiFactorAuthPresent": "true"},
                "NumericLessThanEquals": {"aws:MultiFactorAuthAge": "900"},
                "StringEquals": {"aws:RequestedRegion": {"Ref": "AWS::Region"}},
            },
        }
    ]


def test_uses_are_reported(stack: cdk.Stack, topic: sns.Topic, resources: Resources) -> None:
    """A rule sees calls of AssumeRole for this role and switches to it in the console, and may publish to the topic."""
    role = BreakGlassRole(stack, "Role", users=[ALICE], alarm_topic=topic)
    (rule,) = resources("AWS::Events::Rule")
    assert rule["State"] == "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
    assert rule["Targets"] == [{"Id": "Target0", "Arn": stack.resolve(topic.topic_arn)}]
    call, _, _ = rule["EventPattern"]["detail"]["$or"]
    assert call == {"eventName": ["AssumeRole"], "requestParameters": {"roleArn": [stack.resolve(role.role_arn)]}}
    (policy,) = resources("AWS::SNS::TopicPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == "sns:Publish"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"users": []}, "users must have at least one entry, got none"),
        ({"users": ["arn:aws:iam::111122223333:root"]}, "users must be the ARN of an IAM user like"),
        (
            {"users": [ALICE], "max_session_duration": cdk.Duration.hours(2)},
            "max_session_duration must be 1 hour in an emergency role, got 2 hours",
        ),
    ],
)
def test_constructor_refuses(stack: cdk.Stack, topic: sns.Topic, arguments: dict[str, Any], message: str) -> None:
    """A bad argument fails where it is given, and the message shows it."""
    with pytest.raises(ValueError, match=re.escape(message)):
        BreakGlassRole(stack, "Role", alarm_topic=topic, **arguments)


def test_one_user_must_be_in_a_list(stack: cdk.Stack, topic: sns.Topic) -> None:
    """A string is not a list of its characters."""
    with pytest.raises(TypeError, match="users must be a list of ARNs or users"):
        BreakGlassRole(stack, "Role", users=ALICE, alarm_topic=topic)


OWN = "222233334444"
HERE = cdk.Environment(account=OWN, region="eu-central-1")


def messages(app: cdk.App, stack: cdk.Stack) -> list[str]:
    """What the synthesis warns of."""
    return [str(one.entry.data) for one in app.synth().get_stack_artifact(stack.artifact_id).messages]


@pytest.mark.parametrize(
    ("region", "message"),
    [
        ("eu-centrall-1", "did you mean 'eu-central-1'?"),
        ("eusc-de-east-1", "regions must be in a Region of partition aws, that of the stack in eu-central-1"),
    ],
)
def test_regions_are_of_the_partition(app: cdk.App, region: str, message: str) -> None:
    """STS of another partition knows nothing of the role."""
    stack = cdk.Stack(app, "Own", env=HERE)
    with pytest.raises(ValueError, match=re.escape(message)):
        BreakGlassRole(stack, "Role", users=[ALICE], alarm_topic=sns.Topic(stack, "Topic"), regions=[region])


@pytest.mark.parametrize("env", [HERE, None], ids=["known", "agnostic"])
def test_users_of_the_same_stack_are_heard_of(app: cdk.App, env: cdk.Environment | None) -> None:
    """The alarm of the role is in the account of its users, whose ARNs only the deployment knows."""
    stack = cdk.Stack(app, "Own", env=env)
    people = [iam.User(stack, "Ann", user_name="ann"), iam.User(stack, "Bob")]
    BreakGlassRole(stack, "Role", users=people, alarm_topic=sns.Topic(stack, "Topic"))
    assert messages(app, stack) == []


def test_a_region_without_an_alarm_fails_synthesis(app: cdk.App) -> None:
    """STS is called in the Region of the caller's choice, and each Region logs its own calls."""
    stack = cdk.Stack(app, "Own", env=HERE)
    topic = sns.Topic(stack, "Topic")
    role = BreakGlassRole(
        stack, "Role", users=[ALICE], alarm_topic=topic, regions=["eu-central-1", "us-east-1"], role_name="Emergency"
    )
    (statement,) = role.trust_policy["Statement"]
    assert statement["Condition"]["StringEquals"] == {"aws:RequestedRegion": ["eu-central-1", "us-east-1"]}
    with pytest.raises(RuntimeError, match="the role can be assumed in us-east-1, where nobody would hear of it"):
        app.synth()
    there = cdk.Stack(app, "There", env=cdk.Environment(account=OWN, region="us-east-1"))
    BreakGlassAlarm(there, "Alarm", roles=[role], alarm_topic=sns.Topic(there, "Topic"))
    app.synth(force=True)


def imported(scope: cdk.Stack, role: iam.Role, arn: str) -> str | iam.IRole:
    """The role as one that somebody else has made."""
    return iam.Role.from_role_arn(scope, "Imported", arn)


def imported_by_reference(scope: cdk.Stack, role: iam.Role, arn: str) -> str | iam.IRole:
    """The same, by what the app has."""
    return iam.Role.from_role_arn(scope, "Imported", role.role_arn)


def by_arn(scope: cdk.Stack, role: iam.Role, arn: str) -> str | iam.IRole:
    """The ARN as a text."""
    return arn


def by_parts(scope: cdk.Stack, role: iam.Role, arn: str) -> str | iam.IRole:
    """The ARN as a text in which the partition is that of the deployment."""
    return arn.replace("arn:aws:", f"arn:{cdk.Aws.PARTITION}:")


def by_own_account(scope: cdk.Stack, role: iam.Role, arn: str) -> str | iam.IRole:
    """An ARN whose account is that of the stack that has its alarm."""
    return arn.replace(OWN, cdk.Aws.ACCOUNT_ID if scope.account == OWN else OWN)


@pytest.mark.parametrize("given", [by_arn, by_parts, by_own_account, imported, imported_by_reference])
@pytest.mark.parametrize("is_first", [False, True], ids=["role first", "alarms first"])
def test_alarms_that_have_the_role_by_its_arn_count(app: cdk.App, given: Any, is_first: bool) -> None:
    """Over accounts and Regions a role is often named so, and the alarm hears the same."""
    stack = cdk.Stack(app, "Own" if is_first else "Zown", env=HERE)
    topic, regions = sns.Topic(stack, "Topic"), ["eu-central-1", "us-east-1"]
    role = BreakGlassRole(
        stack, "Role", users=[ALICE], alarm_topic=topic, regions=regions, role_name="Emergency", path="/ops/"
    )
    for account, region in ((OWN, "us-east-1"), ("111122223333", "eu-central-1"), ("111122223333", "us-east-1")):
        there = cdk.Stack(app, f"In{account}{region}", env=cdk.Environment(account=account, region=region))
        arn = given(there, role, f"arn:aws:iam::{OWN}:role/ops/Emergency")
        BreakGlassAlarm(there, "Alarm", roles=[arn], alarm_topic=sns.Topic(there, "Topic"))
    assert messages(app, stack) == []


def test_alarms_of_other_stages_count_by_the_arn(app: cdk.App) -> None:
    """Which is how one stage has the role of another one."""
    for name, account, region in (("A", OWN, "us-east-1"), ("Z", "111122223333", "eu-central-1")):
        there = cdk.Stack(cdk.Stage(app, name), "There", env=cdk.Environment(account=account, region=region))
        arn = f"arn:aws:iam::{OWN}:role/Emergency"
        BreakGlassAlarm(there, "Alarm", roles=[arn], alarm_topic=sns.Topic(there, "Topic"))
    stack = cdk.Stack(cdk.Stage(app, "M"), "Own", env=HERE)
    topic, regions = sns.Topic(stack, "Topic"), ["eu-central-1", "us-east-1"]
    BreakGlassRole(stack, "Role", users=[ALICE], alarm_topic=topic, regions=regions, role_name="Emergency")
    assembly = app.synth().get_nested_assembly("assembly-M")
    (said,) = [str(one.entry.data) for one in assembly.get_stack_by_name("M-Own").messages]
    assert "(111122223333, in us-east-1)" in said


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{OWN}:role/Other",
        f"arn:aws:iam::{OWN}:role/ops/Emergency",
        "arn:aws:iam::111122223333:role/Emergency",
        f"arn:aws-cn:iam::{OWN}:role/Emergency",
        f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:role/Emergency",
    ],
    ids=["name", "path", "account", "partition", "own account"],
)
def test_alarms_of_other_roles_do_not_count(app: cdk.App, arn: str) -> None:
    stack = cdk.Stack(app, "Own", env=cdk.Environment(region="eu-central-1") if "Token" in arn else HERE)
    topic, regions = sns.Topic(stack, "Topic"), ["eu-central-1", "us-east-1"]
    BreakGlassRole(stack, "Role", users=[ALICE], alarm_topic=topic, regions=regions, role_name="Emergency")
    there = cdk.Stack(app, "There", env=cdk.Environment(account=OWN, region="us-east-1"))
    BreakGlassAlarm(there, "Alarm", roles=[arn], alarm_topic=sns.Topic(there, "Topic"))
    with pytest.raises(RuntimeError, match="the role can be assumed in us-east-1, where nobody would hear of it"):
        app.synth()


def test_refused_attempts_need_an_alarm_where_the_users_are(app: cdk.App) -> None:
    """CloudTrail of the role's account does not log what is refused to users of another one."""
    stack = cdk.Stack(app, "Own", env=HERE)
    role = BreakGlassRole(stack, "Role", users=[ALICE], alarm_topic=sns.Topic(stack, "Topic"), role_name="Emergency")
    (warning,) = messages(app, stack)
    assert "nobody hears of them there (111122223333, in eu-central-1): add a BreakGlassAlarm with this" in warning
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    BreakGlassAlarm(hub, "Alarm", roles=[role], alarm_topic=sns.Topic(hub, "Topic"))
    app.synth(force=True)
    assert messages(app, stack) == []


def test_an_alarm_of_a_role_in_each_account_is_said_to_be_there(app: cdk.App) -> None:
    """The template of an OrganizationRole is finished before its alarms, which have the role by its ARNs."""
    stack = cdk.Stack(app, "Own", env=HERE)

    def role(inner: cdk.Stack) -> iam.Role:
        return BreakGlassRole(
            inner, "Role", users=[ALICE], alarm_topic=sns.Topic(inner, "Topic"), role_name="Emergency"
        )

    everywhere = OrganizationRole(stack, "Everywhere", organizational_units=["ou-ab12-11111111"], role=role)
    (warning,) = messages(app, stack)
    assert "attempts on Role of the template of an OrganizationRole" in warning
    assert "add a BreakGlassAlarm with its arn_in(account) of every account" in warning
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    BreakGlassAlarm(hub, "Alarm", roles=[everywhere.arn_in("333344445555")], alarm_topic=sns.Topic(hub, "Topic"))
    cdk.Annotations.of(everywhere).acknowledge_warning("trustproof:refused-attempts", "the hub has alarms")
    app.synth(force=True)
    assert messages(app, stack) == []


def test_other_regions_of_a_role_in_each_account_are_said_to_be_watched(app: cdk.App) -> None:
    """They cannot be counted, so that one who has alarms there says so."""
    stack = cdk.Stack(app, "Own", env=HERE)

    def role(inner: cdk.Stack) -> iam.Role:
        users, topic = [f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:user/alice"], sns.Topic(inner, "Topic")
        regions = ["eu-central-1", "us-east-1"]
        return BreakGlassRole(inner, "Role", users=users, alarm_topic=topic, regions=regions, role_name="Emergency")

    everywhere = OrganizationRole(stack, "Everywhere", organizational_units=["ou-ab12-11111111"], role=role)
    (warning,) = messages(app, stack)
    assert "Role of the template of an OrganizationRole can be assumed in us-east-1, and its alarm" in warning
    cdk.Annotations.of(everywhere).acknowledge_warning("trustproof:unwatched-regions", "all have alarms")
    app.synth(force=True)
    assert messages(app, stack) == []


@pytest.mark.parametrize(("region", "is_said"), [(HERE.region, False), ("us-east-1", True)])
def test_the_region_of_a_stack_set_has_the_alarm(app: cdk.App, region: str, is_said: bool) -> None:
    """The template is deployed there in each account, with the alarm."""
    stack = cdk.Stack(app, "Own", env=HERE)

    def role(inner: cdk.Stack) -> iam.Role:
        users, topic = [f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:user/alice"], sns.Topic(inner, "Topic")
        return BreakGlassRole(inner, "Role", users=users, alarm_topic=topic, regions=[region], role_name="Emergency")

    OrganizationRole(stack, "Everywhere", organizational_units=["ou-ab12-11111111"], role=role)
    assert bool(messages(app, stack)) == is_said


@pytest.mark.parametrize("is_imported", [False, True])
def test_a_user_by_a_parameter_may_be_of_any_account(app: cdk.App, is_imported: bool) -> None:
    """An alarm in whichever account is taken, and in those of the other users it is asked for."""
    stack = cdk.Stack(app, "Own", env=HERE)
    arn = cdk.CfnParameter(stack, "User").value_as_string
    other = iam.User.from_user_arn(stack, "Imported", arn) if is_imported else arn
    topic = sns.Topic(stack, "Topic")
    role = BreakGlassRole(stack, "Role", users=[other, ALICE], alarm_topic=topic, role_name="Emergency")
    (warning,) = messages(app, stack)
    assert "nobody hears of them there (111122223333, in eu-central-1)" in warning
    for name, account in (("Hub", "111122223333"), ("Elsewhere", "999999999999")):
        there = cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        BreakGlassAlarm(there, "Alarm", roles=[role], alarm_topic=sns.Topic(there, "Topic"))
    app.synth(force=True)
    assert messages(app, stack) == []


def test_imported_topic_is_warned_of(app: cdk.App) -> None:
    """Its policy is somebody else's, and without a statement there the alarm is silent; here is the statement."""
    stack = cdk.Stack(app, "Own", env=HERE)
    arn = f"arn:aws:sns:eu-central-1:{OWN}:alarms"
    users = [f"arn:aws:iam::{OWN}:user/alice"]
    BreakGlassRole(stack, "Role", users=users, alarm_topic=sns.Topic.from_topic_arn(stack, "Topic", arn))
    (warning,) = messages(app, stack)
    statement = json.loads(warning[warning.index("{") : warning.rindex("}") + 1])
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": arn,
    }


CAROL = "arn:aws:iam::333344445555:user/carol"


@pytest.mark.parametrize(
    ("alarms", "missing"),
    [
        ([], "(111122223333, in eu-central-1 and us-east-1; 333344445555, in eu-central-1 and us-east-1)"),
        ([("111122223333", "us-west-2")], "(111122223333, in eu-central-1 and us-east-1; 333344445555, in eu-c"),
        ([("111122223333", "us-east-1")], "(111122223333, in eu-central-1; 333344445555, in eu-central-1 and us-"),
        (
            [("111122223333", "us-east-1"), ("111122223333", "eu-central-1"), ("333344445555", "us-east-1")],
            "(333344445555, in eu-central-1)",
        ),
    ],
)
def test_each_account_of_users_needs_an_alarm_in_each_region(
    app: cdk.App, alarms: list[tuple[str, str]], missing: str
) -> None:
    """One alarm somewhere does not hear what is refused elsewhere: the warning names the accounts and the Regions."""
    stack = cdk.Stack(app, "Own", env=HERE)
    role = BreakGlassRole(
        stack,
        "Role",
        users=[ALICE, CAROL],
        alarm_topic=sns.Topic(stack, "Topic"),
        regions=["eu-central-1", "us-east-1"],
        role_name="Emergency",
    )
    for account, region in [(OWN, "us-east-1"), *alarms]:
        other = cdk.Stack(app, f"In{account}{region}", env=cdk.Environment(account=account, region=region))
        BreakGlassAlarm(other, "Alarm", roles=[role], alarm_topic=sns.Topic(other, "Topic"))
    (warning,) = messages(app, stack)
    assert missing in warning


def test_an_alarm_where_nothing_is_logged_is_refused(app: cdk.App) -> None:
    """Attempts are logged in the account of the role and in those of its users."""
    stack = cdk.Stack(app, "Own", env=HERE)
    role = BreakGlassRole(stack, "Role", users=[ALICE], alarm_topic=sns.Topic(stack, "Topic"), role_name="Emergency")
    other = cdk.Stack(app, "Other", env=cdk.Environment(account="333344445555", region="eu-central-1"))
    message = "in an alarm of account 333344445555, where no attempt on it is logged: only in .*, 111122223333, 2222"
    with pytest.raises(ValueError, match=message):
        BreakGlassAlarm(other, "Alarm", roles=[role], alarm_topic=sns.Topic(other, "Topic"))


def test_imported_key_is_warned_of(app: cdk.App) -> None:
    """Its policy is somebody else's too; that of a key of this app is written."""
    stack = cdk.Stack(app, "Own", env=HERE)
    users = [f"arn:aws:iam::{OWN}:user/alice"]
    arn = f"arn:aws:kms:eu-central-1:{OWN}:key/11111111-2222-3333-4444-555555555555"
    imported = sns.Topic(stack, "Imported", master_key=kms.Key.from_key_arn(stack, "ImportedKey", arn))
    own = sns.Topic(stack, "Topic", master_key=kms.Key(stack, "Key"))
    BreakGlassRole(stack, "Heard", users=users, alarm_topic=own)
    BreakGlassRole(stack, "Unheard", users=users, alarm_topic=imported)
    (warning,) = messages(app, stack)
    assert "the key that encrypts the topic of Own/Unheard/OnUse is imported" in warning
    statement = json.loads(warning[warning.index("{") : warning.rindex("}") + 1])
    assert (statement["Principal"], statement["Action"]) == (
        {"Service": "events.amazonaws.com"},
        ["kms:Decrypt", "kms:GenerateDataKey"],
    )


@pytest.mark.parametrize(
    ("topic", "message"),
    [
        (
            lambda stack: sns.Topic.from_topic_arn(stack, "Topic", f"arn:aws:sns:us-east-1:{OWN}:alarms"),
            "alarm_topic must be in eu-central-1, the Region of the rule",
        ),
        (
            lambda stack: sns.Topic(stack, "Topic", fifo=True, topic_name="alarms.fifo"),
            "alarm_topic cannot be a FIFO topic",
        ),
        (
            lambda stack: sns.Topic.from_topic_arn(stack, "Topic", f"arn:aws:sns:eu-central-1:{OWN}:alarms.fifo"),
            "alarm_topic cannot be a FIFO topic",
        ),
        (
            lambda stack: sns.Topic(
                stack, "Topic", master_key=kms.Alias.from_alias_name(stack, "Key", "alias/aws/sns")
            ),
            "alarm_topic cannot be encrypted with 'alias/aws/sns'",
        ),
    ],
)
def test_topic_that_events_do_not_reach(app: cdk.App, topic: Callable[[cdk.Stack], sns.ITopic], message: str) -> None:
    """An alarm that could not ring is refused."""
    stack = cdk.Stack(app, "Own", env=HERE)
    with pytest.raises(ValueError, match=re.escape(message)):
        BreakGlassRole(stack, "Role", users=[ALICE], alarm_topic=topic(stack))


@pytest.mark.parametrize(
    ("roles", "error", "message"),
    [
        ([], ValueError, "roles must have at least one entry, got none"),
        (["arn:aws:iam::222233334444:role/*"], ValueError, "roles must be the ARN of an IAM role like"),
        ("arn:aws:iam::222233334444:role/A", TypeError, "roles must be a list of ARNs or roles, got the string"),
    ],
)
def test_alarm_refuses(stack: cdk.Stack, topic: sns.Topic, roles: Any, error: type[Exception], message: str) -> None:
    """An alarm is about certain roles."""
    with pytest.raises(error, match=re.escape(message)):
        BreakGlassAlarm(stack, "Alarm", roles=roles, alarm_topic=topic)
