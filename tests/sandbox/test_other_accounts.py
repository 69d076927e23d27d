"""
A request that names another account's resource is decided on that resource, and happens there.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root, trust
from trustproof.sandbox.authorization.actions.resource_accounts import function_name

REGION = "eu-central-1"
EVENTS = "events.amazonaws.com"
NUMBERS = count()


def client(cast: Cast, service: str, account: str) -> Any:
    return cast.aws.client(service, account=account)


def queues(cast: Cast, name: str) -> tuple[str, str]:
    """The URLs of two queues of one name, in either account."""
    urls = [client(cast, "sqs", account).create_queue(QueueName=name)["QueueUrl"] for account in (HOME, OTHER)]
    return urls[0], urls[1]


def test_a_queue_of_the_same_name(cast: Cast) -> None:
    """The queue of the URL is meant, by whatever the caller has of that name, and the message lands there."""
    home, other = queues(cast, "twins")
    user = cast.user(allow("sqs:*"), account=OTHER)
    sqs = cast.aws.client("sqs", user)
    assert refusal(lambda: sqs.send_message(QueueUrl=home, MessageBody="a"))[0] == "AccessDenied"
    assert refusal(lambda: sqs.purge_queue(QueueUrl=home))[0] == "AccessDenied"
    arn = f"arn:aws:sqs:{REGION}:{HOME}:twins"
    send = {**allow("sqs:*", arn), "Principal": {"AWS": user["Arn"]}}
    client(cast, "sqs", HOME).set_queue_attributes(QueueUrl=home, Attributes={"Policy": policy(send)})
    assert sqs.send_message(QueueUrl=home, MessageBody="a")
    one = {"Id": "1", "MessageBody": "b"}
    assert sqs.send_message_batch(QueueUrl=home, Entries=[one])["Successful"]
    assert len(client(cast, "sqs", HOME).receive_message(QueueUrl=home, MaxNumberOfMessages=10)["Messages"]) == 2
    assert "Messages" not in client(cast, "sqs", OTHER).receive_message(QueueUrl=other)
    # Its policy cannot give away who else gets in.
    assert refusal(lambda: sqs.set_queue_attributes(QueueUrl=home, Attributes={}))[0] == "AccessDenied"


def test_a_message_names_no_queue(cast: Cast) -> None:
    """What is written in a message is no resource that the request is about."""
    home, _ = queues(cast, "told")
    user = cast.user(allow("sqs:*", f"arn:aws:sqs:{REGION}:{HOME}:mine"))
    body = f"arn:aws:sqs:{REGION}:{HOME}:mine"
    code, _ = refusal(lambda: cast.aws.client("sqs", user).send_message(QueueUrl=home, MessageBody=body))
    assert code == "AccessDenied"


def test_a_service_sends_to_the_queue_of_the_url(cast: Cast) -> None:
    """A service has no account; the queue has the one of its URL."""
    home, _ = queues(cast, "served")
    arn = f"arn:aws:sqs:{REGION}:{HOME}:served"
    keys = cast.aws.as_service("sns.amazonaws.com", source_account=HOME)
    sqs = cast.aws.client("sqs", keys)
    assert refusal(lambda: sqs.send_message(QueueUrl=home, MessageBody="a"))[0] == "AccessDenied"
    send = {**allow("sqs:SendMessage", arn), "Principal": {"Service": "sns.amazonaws.com"}}
    client(cast, "sqs", HOME).set_queue_attributes(QueueUrl=home, Attributes={"Policy": policy(send)})
    assert sqs.send_message(QueueUrl=home, MessageBody="a")


def test_a_key(cast: Cast) -> None:
    """A key of another account is used where its policy and the caller's allow it, and managed from there by nobody."""
    user = cast.user(allow("kms:*"), account=OTHER)
    kms, home = cast.aws.client("kms", user), client(cast, "kms", HOME)
    arn = home.create_key()["KeyMetadata"]["Arn"]
    assert refusal(lambda: kms.encrypt(KeyId=arn, Plaintext=b"a"))[0] == "AccessDeniedException"
    statements = [{**allow("kms:*"), "Principal": root(one)} for one in (HOME, OTHER)]
    home.put_key_policy(KeyId=arn, PolicyName="default", Policy=policy(*statements))
    blob = kms.encrypt(KeyId=arn, Plaintext=b"a")["CiphertextBlob"]
    assert home.decrypt(KeyId=arn, CiphertextBlob=blob)["Plaintext"] == b"a"
    assert refusal(lambda: kms.schedule_key_deletion(KeyId=arn))[0] == "AccessDeniedException"


def test_a_secret(cast: Cast) -> None:
    """A secret of another account is read by its ARN."""
    user = cast.user(allow(["secretsmanager:*", "kms:Decrypt"]), account=OTHER)
    theirs, home = cast.aws.client("secretsmanager", user), client(cast, "secretsmanager", HOME)
    keys = policy(*({**allow("kms:*"), "Principal": root(account)} for account in (HOME, OTHER)))
    key = client(cast, "kms", HOME).create_key(Policy=keys)["KeyMetadata"]["Arn"]
    arn = home.create_secret(Name="both", SecretString="home", KmsKeyId=key)["ARN"]
    client(cast, "secretsmanager", OTHER).create_secret(Name="both", SecretString="other")
    assert refusal(lambda: theirs.get_secret_value(SecretId=arn))[0] == "AccessDeniedException"
    read = {**allow("secretsmanager:GetSecretValue"), "Principal": {"AWS": user["Arn"]}}
    home.put_resource_policy(SecretId=arn, ResourcePolicy=policy(read))
    assert theirs.get_secret_value(SecretId=arn)["SecretString"] == "home"


def test_a_repository(cast: Cast) -> None:
    """The registry that a request names is whose repository it is about."""
    user = cast.user(allow("ecr:*"), account=OTHER)
    theirs, home = cast.aws.client("ecr", user), client(cast, "ecr", HOME)
    home.create_repository(repositoryName="images")

    def images() -> Any:
        return theirs.describe_images(registryId=HOME, repositoryName="images")

    assert refusal(images)[0] == "AccessDeniedException"
    read = {"Effect": "Allow", "Action": "ecr:DescribeImages", "Principal": {"AWS": user["Arn"]}}
    home.set_repository_policy(repositoryName="images", policyText=policy(read))
    assert images()["imageDetails"] == []


def function(cast: Cast, account: str, name: str) -> Any:
    service = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = cast.role(service, account=account)
    made = client(cast, "lambda", account)
    made.create_function(
        FunctionName=name, Runtime="python3.13", Handler="a.b", Role=role, Code={"ZipFile": base64.b64decode(EMPTY)}
    )
    return made


#: An archive without files.
EMPTY = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="


def test_a_function(cast: Cast) -> None:
    """A function of another account is read by its ARN, by the whole one and by a part."""
    home = function(cast, HOME, "shared")
    user = cast.user(allow("lambda:*"), account=OTHER)
    theirs = cast.aws.client("lambda", user)
    arn = f"arn:aws:lambda:{REGION}:{HOME}:function:shared"
    for name in (arn, f"{HOME}:function:shared"):
        assert refusal(lambda name=name: theirs.get_function(FunctionName=name))[0] == "AccessDeniedException"
    home.add_permission(FunctionName="shared", StatementId="a", Action="lambda:GetFunction", Principal=OTHER)
    assert theirs.get_function(FunctionName=arn)["Configuration"]["FunctionArn"] == arn


def test_changes_of_a_function_of_another_account(cast: Cast) -> None:
    """Whether these reach another account is not known, whatever the policy of the function says."""
    home = function(cast, HOME, "changed")
    theirs = cast.aws.client("lambda", cast.user(allow("lambda:*"), account=OTHER))
    arn = f"arn:aws:lambda:{REGION}:{HOME}:function:changed"
    change = {"StatementId": "b", "Action": "lambda:GetFunction", "Principal": OTHER}
    calls: list[Callable[[], Any]] = [
        lambda: theirs.add_permission(FunctionName=arn, **change),
        lambda: theirs.remove_permission(FunctionName=arn, StatementId="a"),
        lambda: theirs.update_function_configuration(FunctionName=arn, Timeout=9),
    ]
    assert [refusal(call)[0] for call in calls] == ["AccessDeniedException"] * 3
    home.add_permission(FunctionName="changed", StatementId="a", Action="lambda:*", Principal=OTHER)
    assert [refusal(call)[0] for call in calls] == ["NotImplemented"] * 3


def test_versions_of_functions(cast: Cast) -> None:
    """Whether a version or its function is meant is not guessed where policies tell them apart."""
    home = function(cast, HOME, "versioned")
    home.publish_version(FunctionName="versioned")
    arn = f"arn:aws:lambda:{REGION}:{HOME}:function:versioned"
    deny = {**allow("lambda:*", f"{arn}:1"), "Effect": "Deny"}
    limited = cast.aws.client("lambda", cast.user(allow("lambda:*"), deny))
    code, message = refusal(lambda: limited.get_function(FunctionName="versioned", Qualifier="1"))
    assert (code, f"{arn}:1" in message) == ("NotImplemented", True)
    assert limited.get_function(FunctionName="versioned")
    both = cast.aws.client("lambda", cast.user(allow("lambda:*", f"{arn}*")))
    assert both.get_function(FunctionName="versioned", Qualifier="1")


def test_policies_of_versions(cast: Cast) -> None:
    """A version has its own, and none of those who are let in by its function's."""
    home = function(cast, HOME, "read")
    home.publish_version(FunctionName="read")
    arn = f"arn:aws:lambda:{REGION}:{HOME}:function:read"
    home.add_permission(FunctionName="read", StatementId="f", Action="lambda:InvokeFunction", Principal=OTHER)
    assert refusal(lambda: home.get_policy(FunctionName="read", Qualifier="1"))[0] == "ResourceNotFoundException"
    given = {"StatementId": "v", "Action": "lambda:InvokeFunction", "Principal": OTHER}
    home.add_permission(FunctionName="read", Qualifier="1", **given)

    def ids(**named: str) -> list[str]:
        return [one["Sid"] for one in json.loads(home.get_policy(**named)["Policy"])["Statement"]]

    assert (ids(FunctionName="read"), ids(FunctionName=arn), ids(FunctionName=f"{arn}:1")) == (["f"], ["f"], ["v"])
    assert (ids(FunctionName="read:1"), ids(FunctionName="read", Qualifier="1")) == (["v"], ["v"])


def test_another_region(cast: Cast) -> None:
    """What is named in another Region than is asked is not taken for what has its name in this one."""
    client(cast, "secretsmanager", HOME).create_secret(Name="placed", SecretString="a")
    arn = f"arn:aws:secretsmanager:eu-west-1:{HOME}:secret:placed-abcdef"
    user = cast.aws.client("secretsmanager", cast.user(allow("*")))
    assert refusal(lambda: user.get_secret_value(SecretId=arn))[0] == "NotImplemented"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f", ("f", None)),
        ("f:1", ("f", "1")),
        ("function:f", ("f", None)),
        (f"{HOME}:function:f:$LATEST", ("f", "$LATEST")),
        (f"arn:aws:lambda:{REGION}:{HOME}:function:f", ("f", None)),
    ],
)
def test_names_of_functions(text: str, expected: tuple[str, str | None]) -> None:
    """A function is named in many ways."""
    assert function_name(text) == expected


def test_everybody_sends(cast: Cast) -> None:
    """A queue or topic that is open to everybody is used without a signature, and another one is not."""
    nobody = Config(signature_version=UNSIGNED)
    sqs, sns = client(cast, "sqs", HOME), client(cast, "sns", HOME)
    anybody_sqs, anybody_sns = cast.aws.client("sqs", config=nobody), cast.aws.client("sns", config=nobody)
    url = sqs.create_queue(QueueName="open")["QueueUrl"]
    topic = sns.create_topic(Name="open")["TopicArn"]
    calls = [
        lambda: anybody_sqs.send_message(QueueUrl=url, MessageBody="a"),
        lambda: anybody_sns.publish(TopicArn=topic, Message="a"),
    ]
    assert [refusal(call)[0] for call in calls] == ["AccessDenied", "AuthorizationError"]
    send = {**allow("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{HOME}:open"), "Principal": "*"}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(send)})
    publish = {**allow("sns:Publish", topic), "Principal": "*"}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(publish))
    assert all(call() for call in calls)
    assert sqs.receive_message(QueueUrl=url)["Messages"]
    assert refusal(lambda: anybody_sqs.delete_queue(QueueUrl=url))[0] == "AccessDenied"
    client_in_us = cast.aws.client("sqs", account=HOME, region="us-east-1")
    client_in_us.create_queue(QueueName="open")
    assert refusal(calls[0])[0] == "NotImplemented"


def test_a_rule_on_the_bus_of_another_account(cast: Cast) -> None:
    """Whom the policy of a bus lets make rules nobody here asks, and no rule lands on the caller's own bus instead."""
    bus, pattern = f"arn:aws:events:{REGION}:{OTHER}:event-bus/default", {"source": ["a"]}
    events = client(cast, "events", HOME)
    for call in (
        lambda: events.put_rule(Name="foreign", EventBusName=bus, EventPattern=json.dumps(pattern)),
        lambda: events.put_targets(Rule="foreign", EventBusName=bus, Targets=[{"Id": "a", "Arn": "arn:aws:sqs:a:b:c"}]),
        lambda: events.list_rules(EventBusName=bus),
    ):
        assert refusal(call)[0] == "NotImplemented"
    rule = {"Type": "AWS::Events::Rule", "Properties": {"EventBusName": bus, "EventPattern": pattern}}
    stacks = client(cast, "cloudformation", HOME)
    stacks.create_stack(StackName="foreign-bus", TemplateBody=json.dumps({"Resources": {"R": rule}}))
    assert stacks.describe_stacks(StackName="foreign-bus")["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE"
    own = f"arn:aws:events:{REGION}:{HOME}:event-bus/default"
    assert events.put_rule(Name="own", EventBusName=own, EventPattern=json.dumps(pattern))


def bus_policy(arn: str, *accounts: str, effect: str = "Allow", **more: Any) -> str:
    """Lets accounts put events on a bus."""
    principal = {"AWS": [f"arn:aws:iam::{one}:root" for one in accounts]}
    return policy({"Effect": effect, "Principal": principal, "Action": "events:PutEvents", "Resource": arn, **more})


def test_events_for_the_bus_of_another_account(cast: Cast) -> None:
    """The policy of the bus lets them in, as it says, and keeps out whom it denies, of its own account too."""
    owner, arn = client(cast, "events", OTHER), f"arn:aws:events:{REGION}:{OTHER}:event-bus/shared"
    owner.create_event_bus(Name="shared")
    user = cast.user(allow("events:PutEvents"))
    event = {"Source": "a", "DetailType": "b", "Detail": "{}", "EventBusName": arn}

    def put(source: str = "a", sender: Any = user) -> str:
        events = cast.aws.client("events", sender)
        try:
            return "" if events.put_events(Entries=[{**event, "Source": source}]) else "-"
        except events.exceptions.ClientError as error:
            return str(error.response["Error"]["Code"])

    assert put() == "AccessDeniedException"
    owner.put_permission(
        EventBusName="shared", Policy=bus_policy(arn, HOME, Condition={"StringEquals": {"aws:PrincipalAccount": OTHER}})
    )
    assert put() == "AccessDeniedException"
    owner.put_permission(EventBusName="shared", Policy=bus_policy(arn, HOME))
    assert put() == ""
    # Alike of both events that one request holds, or neither is known.
    only = {"StringEquals": {"events:source": "a", "events:detail-type": "b"}}
    owner.put_permission(EventBusName="shared", Policy=bus_policy(arn, HOME, Condition=only))
    assert (put(), put("other")) == ("", "AccessDeniedException")
    sender = cast.aws.client("events", user)
    assert refusal(lambda: sender.put_events(Entries=[event, {**event, "Source": "c"}]))[0] == "NotImplemented"
    owner.put_permission(EventBusName="shared", Policy=bus_policy(arn, HOME))
    # What a rule there makes of whose account it is, moto would get wrong.
    owner.put_rule(Name="r", EventBusName="shared", EventPattern=json.dumps({"account": [HOME]}))
    owner.put_targets(Rule="r", EventBusName="shared", Targets=[{"Id": "a", "Arn": "arn:aws:sqs:a:b:c"}])
    assert put() == "NotImplemented"
    owner.remove_targets(Rule="r", EventBusName="shared", Ids=["a"])
    owner.remove_permission(EventBusName="shared", RemoveAllPermissions=True)
    assert put() == "AccessDeniedException"
    owner.put_permission(EventBusName="shared", Action="events:PutEvents", Principal=HOME, StatementId="s")
    assert put() == ""
    owner.remove_permission(EventBusName="shared", StatementId="s")
    assert put() == "AccessDeniedException"
    own = cast.user(allow("events:PutEvents"), account=OTHER)
    assert put(sender=own) == ""
    owner.put_permission(EventBusName="shared", Policy=bus_policy(arn, OTHER, effect="Deny"))
    assert put(sender=own) == "AccessDeniedException"
    rules = {**json.loads(bus_policy(arn, HOME)), "Statement": [{**allow("events:PutRule"), "Principal": "*"}]}
    assert refusal(lambda: owner.put_permission(EventBusName="shared", Policy=json.dumps(rules)))[0] == "NotImplemented"


def test_a_bus_of_another_account_as_a_target(cast: Cast) -> None:
    """EventBridge takes it with a role, and where the policy of the bus lets that in, by a call and in a template."""
    owner, arn = client(cast, "events", OTHER), f"arn:aws:events:{REGION}:{OTHER}:event-bus/target"
    events, stacks = client(cast, "events", HOME), client(cast, "cloudformation", HOME)
    trusted = trust({"Service": EVENTS})
    role, other = (cast.role(trusted, may=[allow(action)]) for action in ("events:PutEvents", "s3:*"))
    owner.create_event_bus(Name="target")
    events.put_rule(Name="on", EventPattern=json.dumps({"source": ["a"]}))

    def refused(**role_arn: str) -> tuple[str, str]:
        target = {"Id": "a", "Arn": arn, **role_arn}
        code = ""
        try:
            events.put_targets(Rule="on", Targets=[target])
        except events.exceptions.ClientError as error:
            code = str(error.response["Error"]["Code"])
        name = f"target-{next(NUMBERS)}"
        rule = {"EventPattern": {"source": ["a"]}, "Targets": [target]}
        resources = {"R": {"Type": "AWS::Events::Rule", "Properties": rule}}
        stacks.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
        return code, str(stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    assert refused() == ("ValidationException", "ROLLBACK_COMPLETE")
    assert refused(RoleArn=role) == ("AccessDeniedException", "ROLLBACK_COMPLETE")
    owner.put_permission(EventBusName="target", Policy=bus_policy(arn, OTHER))
    assert refused(RoleArn=role) == ("NotImplemented", "ROLLBACK_COMPLETE")
    owner.put_permission(EventBusName="target", Policy=bus_policy(arn, HOME))
    assert refused(RoleArn=role) == ("", "CREATE_COMPLETE")
    # Which events get in is no matter of the target.
    for account, code in ((HOME, ""), (OTHER, "NotImplemented")):
        only = {"StringEquals": {"events:source": "a"}}
        owner.put_permission(EventBusName="target", Policy=bus_policy(arn, account, Condition=only))
        assert refused(RoleArn=role)[0] == code
    owner.put_permission(EventBusName="target", Policy=bus_policy(arn, HOME))
    assert refused(RoleArn=other) == ("NotImplemented", "ROLLBACK_COMPLETE")


def test_whose_dead_letters_a_queue_takes(cast: Cast) -> None:
    """A queue is told where its dead letters may not go, by a call and in a template."""
    sqs, stacks = client(cast, "sqs", HOME), client(cast, "cloudformation", HOME)
    held = [f"arn:aws:sqs:{REGION}:{HOME}:{name}" for name in ("letters", "listed")]
    url = sqs.create_queue(QueueName="letters")["QueueUrl"]

    def redrive(permission: str, *sources: str) -> None:
        more = {"sourceQueueArns": list(sources)} if sources else {}
        given = {"RedriveAllowPolicy": json.dumps({"redrivePermission": permission, **more})}
        sqs.set_queue_attributes(QueueUrl=url, Attributes=given)
        assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedriveAllowPolicy"])["Attributes"] == given

    def answers(name: str) -> tuple[str, str]:
        given = {"deadLetterTargetArn": held[0], "maxReceiveCount": 1}
        code = ""
        try:
            sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": json.dumps(given)})
        except sqs.exceptions.ClientError as error:
            code = str(error.response["Error"]["Code"])
        else:
            sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"])
        resources = {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, "RedrivePolicy": given}}}
        stack = f"letters-{next(NUMBERS)}"
        stacks.create_stack(StackName=stack, TemplateBody=json.dumps({"Resources": resources}))
        status = str(stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
        stacks.delete_stack(StackName=stack)
        return code, status

    taken, refused = ("", "CREATE_COMPLETE"), ("InvalidParameterValue", "ROLLBACK_COMPLETE")
    assert answers("anyone") == taken
    redrive("byQueue", held[1])
    assert (answers("listed"), answers("other")) == (taken, refused)
    redrive("denyAll")
    assert answers("listed") == refused
    redrive("allowAll")
    given = {"deadLetterTargetArn": held[0], "maxReceiveCount": 1}
    sqs.create_queue(QueueName="there", Attributes={"RedrivePolicy": json.dumps(given)})
    assert refusal(lambda: redrive("denyAll"))[0] == "NotImplemented"
    assert refusal(lambda: redrive("byQueue"))[0] == "InvalidParameterValue"


def test_who_ends_a_subscription(cast: Cast) -> None:
    """Whoever has the topic and whoever subscribed may; anybody else is refused, whatever its policies say."""
    home, _ = queues(cast, "subscribed")
    endpoint = f"arn:aws:sqs:{REGION}:{HOME}:subscribed"
    sns, stranger = client(cast, "sns", HOME), client(cast, "sns", OTHER)
    topic = sns.create_topic(Name="subscribed")["TopicArn"]
    send = {**allow("sqs:SendMessage", endpoint), "Principal": {"Service": "sns.amazonaws.com"}}
    client(cast, "sqs", HOME).set_queue_attributes(QueueUrl=home, Attributes={"Policy": policy(send)})
    own = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)["SubscriptionArn"]
    assert refusal(lambda: stranger.unsubscribe(SubscriptionArn=own))[0] == "AuthorizationError"
    assert len(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]) == 1
    sns.unsubscribe(SubscriptionArn=own)
    lets = {**allow(["sns:Subscribe"], topic), "Principal": {"AWS": OTHER}}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(lets))
    theirs = stranger.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)["SubscriptionArn"]
    stranger.unsubscribe(SubscriptionArn=theirs)
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_a_service_writes_logs(cast: Cast) -> None:
    """A service writes logs of the account for which it calls, where a policy of the logs there lets it in."""
    logs = client(cast, "logs", HOME)
    logs.create_log_group(logGroupName="written")
    group = f"arn:aws:logs:{REGION}:{HOME}:log-group:written:*"
    lets_in = {**allow("logs:CreateLogStream", group), "Principal": {"Service": EVENTS}}
    logs.put_resource_policy(policyName="p", policyDocument=policy(lets_in))
    for service, account, code in (
        (EVENTS, HOME, None),
        (EVENTS, OTHER, "AccessDeniedException"),
        (EVENTS, None, "NotImplemented"),
        ("es.amazonaws.com", HOME, "AccessDeniedException"),
    ):
        there = cast.aws.client("logs", cast.aws.as_service(service, source_account=account))

        def write(there: Any = there) -> Any:
            return there.create_log_stream(logGroupName="written", logStreamName="s")

        if code is None:
            write()
        else:
            assert refusal(write)[0] == code
