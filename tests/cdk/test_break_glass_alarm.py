"""
`BreakGlassAlarm`: its event pattern, matched against events as CloudTrail writes them.

The events have the fields that CloudTrail documents for calls of STS and for switches of role in the console:
https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
"""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sns as sns

from tests.cdk.events import matches
from tests.cdk.policies import concrete
from trustproof_cdk import BreakGlassAlarm, BreakGlassRole

HUB, OWN = "111122223333", "222233334444"
ROLE = f"arn:aws:iam::{OWN}:role/ops/BreakGlass"
OTHER = f"arn:aws:iam::{OWN}:role/ops/BreakGlassReader"
ALICE = f"arn:aws:iam::{HUB}:user/alice"
#: As the account of the role sees the user of another account, and as the user's own account does.
FROM_ELSEWHERE = {"type": "AWSAccount", "principalId": "AIDAEXAMPLEALICE", "accountId": HUB}
USER = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLEALICE",
    "arn": ALICE,
    "accountId": HUB,
    "accessKeyId": "ASIAEXAMPLE",
    "userName": "alice",
    "sessionContext": {"attributes": {"creationDate": "2026-06-01T08:00:00Z", "mfaAuthenticated": "true"}},
}
SESSION = {
    "type": "AssumedRole",
    "principalId": "AROAEXAMPLE:alice",
    "arn": f"arn:aws:sts::{OWN}:assumed-role/BreakGlass/alice",
    "accountId": OWN,
}


def call(identity: dict[str, Any], **detail: Any) -> dict[str, Any]:
    """A call of AssumeRole."""
    return {
        "version": "0",
        "id": "11111111-2222-3333-4444-555555555555",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.sts",
        "account": identity["accountId"],
        "region": "eu-central-1",
        "resources": [],
        "detail": {
            "eventVersion": "1.11",
            "userIdentity": identity,
            "eventTime": "2026-06-01T08:15:30Z",
            "eventSource": "sts.amazonaws.com",
            "eventName": "AssumeRole",
            "awsRegion": "eu-central-1",
            "sourceIPAddress": "198.51.100.7",
            "userAgent": "aws-cli/2.30.0",
            "readOnly": True,
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "eventCategory": "Management",
            **detail,
        },
    }


def granted(identity: dict[str, Any], role: str) -> dict[str, Any]:
    """A call that succeeded."""
    return call(
        identity,
        requestParameters={"roleArn": role, "roleSessionName": "alice", "durationSeconds": 3600},
        responseElements={"assumedRoleUser": {"arn": SESSION["arn"], "assumedRoleId": "AROAEXAMPLE:alice"}},
        resources=[{"accountId": OWN, "type": "AWS::IAM::Role", "ARN": role}],
    )


def refused(identity: dict[str, Any], role: str, reason: str = "") -> dict[str, Any]:
    """A call that was refused: it has no parameters, only a message."""
    message = f"User: {ALICE} is not authorized to perform: sts:AssumeRole on resource: {role}{reason}"
    return call(identity, errorCode="AccessDenied", errorMessage=message, requestParameters=None, responseElements=None)


def switch(identity: dict[str, Any]) -> dict[str, Any]:
    """A switch of role in the console."""
    return {
        **call(identity),
        "detail-type": "AWS Console Sign In via CloudTrail",
        "source": "aws.signin",
        "detail": {
            "eventVersion": "1.08",
            "userIdentity": identity,
            "eventSource": "signin.amazonaws.com",
            "eventName": "SwitchRole",
            "awsRegion": "us-east-1",
            "requestParameters": None,
            "responseElements": {"SwitchRole": "Success"},
            "additionalEventData": {"SwitchFrom": ALICE, "RedirectTo": "https://console.aws.amazon.com/"},
            "eventType": "AwsConsoleSignIn",
        },
    }


EVENTS: list[tuple[str, dict[str, Any], bool]] = [
    ("a use, as the role's account sees it", granted(FROM_ELSEWHERE, ROLE), True),
    ("a use, as the user's account sees it", granted(USER, ROLE), True),
    ("a refusal, in the user's account", refused(USER, ROLE), True),
    (
        "a refusal that says why",
        refused(USER, ROLE, " because no identity-based policy allows the sts:AssumeRole action"),
        True,
    ),
    ("a refusal in the role's account", refused({**USER, "accountId": OWN}, ROLE), True),
    ("a switch in the console", switch(SESSION), True),
    ("a use of a role of a similar name", granted(USER, OTHER), False),
    ("a refusal of a role of a similar name", refused(USER, OTHER, " because no policy allows it"), False),
    ("a role of the same name in another account", granted(USER, ROLE.replace(OWN, HUB)), False),
    (
        "a switch to a role of a similar name",
        switch({**SESSION, "arn": f"arn:aws:sts::{OWN}:assumed-role/BreakGlassReader/alice"}),
        False,
    ),
    ("what a session does", {**granted(USER, ROLE), "source": "aws.ec2"}, False),
    ("a call of GetSessionToken", call(USER, eventName="GetSessionToken", requestParameters=None), False),
]


def of_role(app: cdk.App) -> Any:
    """The pattern of the rule that comes with the role."""
    stack = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    topic = sns.Topic(stack, "Topic")
    BreakGlassRole(stack, "Role", users=[ALICE], alarm_topic=topic, role_name="BreakGlass", path="/ops/")
    return deployed(app, stack)


def of_arn(app: cdk.App) -> Any:
    """The pattern of a rule in the users' account, which knows the role by ARN."""
    stack = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    BreakGlassAlarm(stack, "Alarm", roles=[ROLE], alarm_topic=sns.Topic(stack, "Topic"))
    return deployed(app, stack)


def of_object(app: cdk.App) -> Any:
    """The pattern of a rule in the users' account, which is given the role."""
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    topic = sns.Topic(own, "Topic")
    role = BreakGlassRole(own, "Role", users=[ALICE], alarm_topic=topic, role_name="BreakGlass", path="/ops/")
    stack = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    BreakGlassAlarm(stack, "Alarm", roles=[role], alarm_topic=sns.Topic(stack, "Topic"))
    return deployed(app, stack)


def deployed(app: cdk.App, stack: cdk.Stack) -> Any:
    """The pattern of the only rule of a stack, as it is deployed."""
    template = app.synth().get_stack_artifact(stack.artifact_id).template
    ids = {name: f"{ROLE}" for name, one in template["Resources"].items() if one["Type"] == "AWS::IAM::Role"}
    (rule,) = (one for one in template["Resources"].values() if one["Type"] == "AWS::Events::Rule")

    def filled(value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"Fn::GetAtt"}:
            return ids[value["Fn::GetAtt"][0]]
        if isinstance(value, dict) and set(value) == {"Ref"} and value["Ref"] in ids:
            return "BreakGlass"
        if isinstance(value, dict):
            return {key: filled(inner) for key, inner in value.items()}
        return [filled(inner) for inner in value] if isinstance(value, list) else value

    return concrete(filled(rule["Properties"]["EventPattern"]), OWN)


@pytest.mark.parametrize("made", [of_role, of_arn, of_object], ids=lambda made: made.__name__)
def test_pattern_sees_attempts_and_nothing_else(app: cdk.App, made: Any) -> None:
    """Uses, refusals and switches of this role; not those of a role whose name begins alike."""
    pattern = made(app)
    assert {name: matches(pattern, event) for name, event, _ in EVENTS} == {name: seen for name, _, seen in EVENTS}


@pytest.mark.parametrize("known", [True, False])
def test_many_roles_are_divided_over_rules(app: cdk.App, known: bool) -> None:
    """EventBridge takes 2,048 characters of a pattern; every role is in one of them, and every rule sees reads."""
    stack = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    names = [f"EmergencyAccess-{number:03d}" for number in range(25)]
    topic = sns.Topic(stack, "Topic")
    roles: list[Any] = [f"arn:aws:iam::{OWN}:role/{name}" for name in names]
    if not known:
        users = [ALICE]
        roles = [BreakGlassRole(stack, name, users=users, alarm_topic=topic, role_name=name) for name in names]
    BreakGlassAlarm(stack, "Alarm", roles=roles, alarm_topic=topic)
    resources = app.synth().get_stack_artifact(stack.artifact_id).template["Resources"]
    rules = [one["Properties"] for name, one in resources.items() if name.startswith("Alarm") and "Rule" in one["Type"]]
    assert len(rules) > 1
    assert {rule["State"] for rule in rules} == {"ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}
    watched = [
        arn for rule in rules for arn in rule["EventPattern"]["detail"]["$or"][0]["requestParameters"]["roleArn"]
    ]
    assert len(watched) == 25
    if known:
        assert watched == roles
        assert max(len(json.dumps(rule["EventPattern"], separators=(",", ":"))) for rule in rules) <= 2048


@pytest.mark.parametrize("imported", [True, False])
def test_a_topic_of_another_account_is_refused(app: cdk.App, imported: bool) -> None:
    """A rule of the CDK does not reach one, whether it is imported or of another stack."""
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    arn = f"arn:aws:sns:eu-central-1:{HUB}:alarms"
    topic = sns.Topic.from_topic_arn(own, "Topic", arn) if imported else sns.Topic(hub, "Topic", topic_name="alarms")
    with pytest.raises(ValueError, match=f"alarm_topic must be of account {OWN}, that of the rule, got one of {HUB}"):
        BreakGlassAlarm(own, "Alarm", roles=[ROLE], alarm_topic=topic)
