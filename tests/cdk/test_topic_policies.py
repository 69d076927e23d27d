"""
Alarms that nobody would hear: the policy of the topic, or of the key that encrypts it, is against EventBridge.
"""

from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs

from trustproof_cdk import BreakGlassAlarm

OWN = "222233334444"
ROLE = f"arn:aws:iam::{OWN}:role/BreakGlass"
TOPIC = f"arn:aws:sns:eu-central-1:{OWN}:alarms"
EVENTS = iam.ServicePrincipal("events.amazonaws.com")
ABROAD = {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
SERVICES_SPARED = {**ABROAD, "Bool": {"aws:PrincipalIsAWSService": "false"}}


@pytest.fixture
def own(app: cdk.App) -> cdk.Stack:
    """A stack whose account and Region are known."""
    return cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))


def denied(**given: Any) -> iam.PolicyStatement:
    """A Deny for everybody, if nothing else is given."""
    everything: dict[str, Any] = {"principals": [iam.AnyPrincipal()], "actions": ["*"], "resources": ["*"]}
    return iam.PolicyStatement(effect=iam.Effect.DENY, **{**everything, **given})


#: What of a Deny is given, and whether EventBridge meets it.
DENIALS: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"actions": ["SNS:Pub*"]}, True),
    ({"actions": ["sns:Subscribe"]}, False),
    ({"principals": [EVENTS]}, True),
    ({"principals": [iam.ServicePrincipal("s3.amazonaws.com"), iam.AccountPrincipal(OWN)]}, False),
    ({"principals": None, "not_principals": [iam.AccountPrincipal(OWN)]}, True),
    ({"principals": None, "not_principals": [EVENTS]}, False),
    ({"resources": [TOPIC]}, True),
    ({"resources": [f"{TOPIC}2"]}, False),
    ({"conditions": ABROAD}, True),
    ({"conditions": SERVICES_SPARED}, False),
    ({"conditions": {"StringNotEquals": {"aws:SourceAccount": "111122223333"}}}, True),
    ({"conditions": {"StringNotEqualsIfExists": {"aws:SourceAccount": OWN}}}, False),
    ({"conditions": {"Bool": {"aws:SecureTransport": "false"}}}, False),
    ({"conditions": {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}}, False),
]


def test_policies_that_deny_the_alarm(app: cdk.App, own: cdk.Stack) -> None:
    """Also those that are changed later, and in a key what its topic has to ask of it."""
    expected = set()
    for number, (given, is_denied) in enumerate(DENIALS):
        topic = sns.Topic(own, f"Topic{number}", topic_name="alarms")
        topics = [(f"Topic{number}", topic, topic)]
        if "actions" not in given and "resources" not in given:
            key = kms.Key(own, f"Key{number}")
            topics.append((f"Key{number}", sns.Topic(own, f"Secret{number}", master_key=key), key))
        for shown, alarmed, denying in topics:
            BreakGlassAlarm(own, f"Alarm{shown}", roles=[ROLE], alarm_topic=alarmed)
            denying.add_to_resource_policy(denied(**given))
            expected |= {(f"Alarm{shown}", shown)} if is_denied else set()
    with pytest.raises(RuntimeError) as failed:
        app.synth()
    said = r"Own/(\S+): the policy of .*, Own/([^/]+)/.*, denies events.amazonaws.com (?:sns|kms):\w+: nobody hears"
    assert set(re.findall(said, str(failed.value))) == expected


def _written(stack: cdk.Stack, topic: str, who: dict[str, str], logical_id: str = "Written") -> None:
    statement = {"Effect": "Allow", "Principal": who, "Action": "sns:Publish", "Resource": topic}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    sns.CfnTopicPolicy(stack, logical_id, topics=[topic], policy_document=document)


@pytest.mark.parametrize("is_made", [False, True])
@pytest.mark.parametrize(("who", "is_heard"), [({"Service": "events.amazonaws.com"}, True), ({"AWS": OWN}, False)])
def test_a_policy_that_the_app_writes_by_hand(
    app: cdk.App, own: cdk.Stack, who: dict[str, str], is_heard: bool, is_made: bool
) -> None:
    """Of a topic that is imported, as the CDK sees it."""
    arn = sns.CfnTopic(own, "Made").ref if is_made else TOPIC
    _written(own, arn, who)
    BreakGlassAlarm(own, "Alarm", roles=[ROLE], alarm_topic=sns.Topic.from_topic_arn(own, "Topic", arn))
    if is_heard:
        app.synth()
    else:
        with pytest.raises(RuntimeError, match=r"Own/Written, does not allow events\.amazonaws\.com sns:Publish"):
            app.synth()


@pytest.mark.parametrize(
    "others", ["none", "of another topic", "in some deployments", "in those of the topic", "of topics elsewhere"]
)
def test_a_topic_of_the_app_has_a_policy(app: cdk.App, own: cdk.Stack, others: str) -> None:
    """One without lets no service publish; whether it has one must be known."""
    topic = sns.Topic(own, "Topic", topic_name="alarms")
    BreakGlassAlarm(own, "Alarm", roles=[ROLE], alarm_topic=topic)
    topic.node.try_remove_child("Policy")
    if others == "of another topic":
        _written(own, TOPIC + "2", {"Service": "events.amazonaws.com"})
    elif others in ("in some deployments", "in those of the topic"):
        _written(own, topic.topic_arn, {"Service": "events.amazonaws.com"})
        written, made = own.node.find_child("Written"), topic.node.default_child
        assert isinstance(written, cdk.CfnResource)
        assert isinstance(made, cdk.CfnResource)
        written.cfn_options.condition = cdk.CfnCondition(own, "Some")
        if others == "in those of the topic":
            made.cfn_options.condition = written.cfn_options.condition
    elif others == "of topics elsewhere":
        _written(own, cdk.Fn.import_value("topic"), {"Service": "events.amazonaws.com"})
    if others in ("none", "of another topic"):
        with pytest.raises(RuntimeError, match=r"its topic, Own/Topic/Resource, has no policy: nobody hears"):
            app.synth()
    elif others == "in some deployments":
        with pytest.raises(
            RuntimeError, match=r"the only policy of its topic, Own/Written, is not in every deployment"
        ):
            app.synth()
    else:
        app.synth()


def test_a_topic_has_one_policy(app: cdk.App, own: cdk.Stack) -> None:
    """The one that is written last is all of it, and which that is nobody knows."""
    topic = sns.Topic(own, "Topic")
    _written(own, topic.topic_arn, {"Service": "events.amazonaws.com"})
    BreakGlassAlarm(own, "Alarm", roles=[ROLE], alarm_topic=topic)
    with pytest.raises(RuntimeError, match=re.escape("several policies (Own/Topic/Policy/Resource and Own/Written)")):
        app.synth()


@pytest.mark.parametrize("reference", ["Ref", "Fn::GetAtt", "Fn::Sub"])
@pytest.mark.parametrize("is_conditional", [False, True])
def test_a_second_policy_by_another_reference_or_in_some_deployments(
    app: cdk.App, own: cdk.Stack, reference: str, is_conditional: bool
) -> None:
    """In some deployments it is the one that is written last."""
    topic = sns.Topic(own, "Topic")
    BreakGlassAlarm(own, "Alarm", roles=[ROLE], alarm_topic=topic)
    made = topic.node.default_child
    assert isinstance(made, sns.CfnTopic)
    logical_id = own.get_logical_id(made)
    arns = {
        "Ref": topic.topic_arn,
        "Fn::GetAtt": cdk.Fn.get_att(logical_id, "TopicArn").to_string(),
        "Fn::Sub": cdk.Fn.sub(f"${{{logical_id}}}"),
    }
    _written(own, arns[reference], {"AWS": OWN})
    if is_conditional:
        written = own.node.find_child("Written")
        assert isinstance(written, cdk.CfnResource)
        written.cfn_options.condition = cdk.CfnCondition(own, "Some")
    with pytest.raises(RuntimeError, match=re.escape("several policies (Own/Topic/Policy/Resource and Own/Written)")):
        app.synth()


@pytest.mark.parametrize(("who", "is_heard"), [({"Service": "events.amazonaws.com"}, True), ({"AWS": OWN}, False)])
def test_two_policies_of_which_each_is_in_some_deployments(
    app: cdk.App, own: cdk.Stack, who: dict[str, str], is_heard: bool
) -> None:
    """Whichever is there has to let EventBridge in, where the alarm is in every deployment."""
    topic = sns.Topic(own, "Topic")
    BreakGlassAlarm(own, "Alarm", roles=[ROLE], alarm_topic=topic)
    topic.node.try_remove_child("Policy")
    for logical_id, named in (("Written", {"Service": "events.amazonaws.com"}), ("Other", who)):
        _written(own, topic.topic_arn, named, logical_id)
        made = own.node.find_child(logical_id)
        assert isinstance(made, cdk.CfnResource)
        made.cfn_options.condition = cdk.CfnCondition(own, f"Some{logical_id}")
    if is_heard:
        app.synth()
        return
    with pytest.raises(RuntimeError, match=r"Own/Other, does not allow events\.amazonaws\.com sns:Publish"):
        app.synth()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"enabled": False}, "which is disabled"),
        (
            {"key_spec": kms.KeySpec.HMAC_256, "key_usage": kms.KeyUsage.GENERATE_VERIFY_MAC},
            "which is no symmetric key",
        ),
    ],
)
@pytest.mark.parametrize("by_alias", [False, True])
def test_a_key_that_encrypts_nothing(own: cdk.Stack, given: dict[str, Any], why: str, by_alias: bool) -> None:
    """Known when the alarm is made."""
    key: kms.IKey = kms.Key(own, "Key", **given)
    if by_alias:
        key = kms.Alias(own, "Alias", alias_name="alias/alarms", target_key=key)
    topic = sns.Topic(own, "Topic", master_key=key)
    with pytest.raises(ValueError, match=f"alarm_topic cannot be encrypted with Own/Key/Resource, {why}"):
        BreakGlassAlarm(own, "Alarm", roles=[ROLE], alarm_topic=topic)


def test_subscriptions_that_get_nothing(app: cdk.App, own: cdk.Stack) -> None:
    """By a filter of what no alarm has in attributes or body, and what has no policy that lets SNS in."""
    topic, other = sns.Topic(own, "Topic"), sns.Topic(own, "Other")
    refusing, open_to_sns = sqs.Queue(own, "Q3"), sqs.Queue(own, "Q4")
    refusing.grant_send_messages(iam.AccountPrincipal(OWN))
    open_to_sns.grant_send_messages(iam.ServicePrincipal("sns.amazonaws.com"))
    denying, over_tls = sqs.Queue(own, "Q5"), sqs.Queue(own, "Q6", enforce_ssl=True)
    for queue in (denying, over_tls):
        queue.grant_send_messages(iam.ServicePrincipal("sns.amazonaws.com"))
    ours = {"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    denying.add_to_resource_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=["sqs:*"],
            resources=[denying.queue_arn],
            conditions=ours,
        )
    )
    code = functions.Code.from_inline("def handler(event, context): pass")
    made = [
        functions.Function(own, f"F{number}", code=code, handler="index.handler", runtime=functions.Runtime.PYTHON_3_12)
        for number in range(3)
    ]
    made[0].add_permission("Events", principal=iam.ServicePrincipal("events.amazonaws.com"))
    made[1].add_permission("Topics", principal=iam.ServicePrincipal("sns.amazonaws.com"))
    BreakGlassAlarm(own, "Alarm", roles=[ROLE], alarm_topic=topic)
    body = {"filter_policy_scope": "MessageBody"}
    given: dict[str, dict[str, Any]] = {
        "Plain": {},
        "Filtered": {"filter_policy": {"severity": ["high"]}},
        "ByBody": {"filter_policy": {"source": ["aws.sts"]}, **body},
        "ByPrefix": {
            "filter_policy": {"source": [{"prefix": "aws."}], "detail": {"eventName": ["AssumeRole"]}},
            **body,
        },
        "ByAbsence": {"filter_policy": {"severity": ["high", {"exists": False}]}, **body},
        "OtherBody": {"filter_policy": {"source": ["aws.ec2", {"prefix": "acme."}]}, **body},
        "OtherKind": {"filter_policy": {"source": ["aws.sts"], "detail-type": ["Alarm"]}, **body},
        "NoField": {"filter_policy": {"severity": ["high"]}, **body},
        "Absent": {"filter_policy": {"severity": ["high", {"exists": False}]}},
        "Elsewhere": {"filter_policy": {"severity": ["high"]}, "topic_arn": other.topic_arn},
        "Deaf": {"protocol": "sqs", "endpoint": sqs.Queue(own, "Q1").queue_arn},
        "Foreign": {"protocol": "sqs", "endpoint": f"arn:aws:sqs:eu-central-1:{OWN}:theirs"},
        "Refusing": {"protocol": "sqs", "endpoint": refusing.queue_arn},
        "Open": {"protocol": "sqs", "endpoint": open_to_sns.queue_arn},
        "Denying": {"protocol": "sqs", "endpoint": denying.queue_arn},
        "OverTls": {"protocol": "sqs", "endpoint": over_tls.queue_arn},
        "ForEvents": {"protocol": "lambda", "endpoint": made[0].function_arn},
        "ForTopics": {"protocol": "lambda", "endpoint": made[1].function_arn},
    }
    for name, one in given.items():
        to = {"protocol": "email", "endpoint": "security@example.com", "topic_arn": topic.topic_arn, **one}
        sns.CfnSubscription(own, name, **to)
    topic.add_subscription(subscriptions.SqsSubscription(sqs.Queue(own, "Q2")))
    topic.add_subscription(subscriptions.LambdaSubscription(made[2]))
    messages = [str(one.entry.data) for one in app.synth().get_stack_artifact(own.artifact_id).messages]
    why = [
        "its filter demands",
        "Own/Q1/Resource has no policy",
        r"Own/Q[35]/Resource has a policy \(Own/Q[35]/Policy/Resource\) that does not allow",
        "Own/F0/Resource has no permission",
    ]
    said = rf"Own/(\w+) never gets an alarm of Own/Alarm: ({'|'.join(why)})"
    found = [one[1] for text in messages if (one := re.match(said, text))]
    assert found == ["Filtered", "OtherBody", "OtherKind", "NoField", "Deaf", "Refusing", "Denying", "ForEvents"]
    assert sum("never gets" in text for text in messages) == len(found)


def test_a_queue_policy_without_statements_is_refused_in_the_words_of_the_cdk(app: cdk.App, own: cdk.Stack) -> None:
    topic, queue = sns.Topic(own, "Topic", topic_name="alarms"), sqs.CfnQueue(own, "Q")
    BreakGlassAlarm(own, "Alarm", roles=[ROLE], alarm_topic=topic)
    sns.CfnSubscription(own, "Sub", topic_arn=topic.topic_arn, protocol="sqs", endpoint=queue.attr_arn)
    sqs.CfnQueuePolicy(own, "Empty", queues=[queue.ref], policy_document=iam.PolicyDocument())
    with pytest.raises(RuntimeError, match="policyDocument: required but missing"):
        app.synth()
