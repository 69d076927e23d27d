"""
What services ask of the roles that they are handed, and of what they carry on.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root, trust

REGION = "eu-central-1"
ARCHIVE = base64.b64decode("UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==")
LAMBDA = {"Service": "lambda.amazonaws.com"}


def service(name: str) -> dict[str, str]:
    return {"Service": f"{name}.amazonaws.com"}


def home(cast: Cast, name: str) -> Any:
    return cast.aws.client(name, account=HOME)


def function(cast: Cast, name: str, role: str) -> Any:
    given = {"Runtime": "python3.13", "Handler": "a.b", "Role": role, "Code": {"ZipFile": ARCHIVE}}
    return home(cast, "lambda").create_function(FunctionName=name, **given)


def schedule(cast: Cast, name: str, role: str, group: str) -> Any:
    target = {"Arn": f"arn:aws:sqs:{REGION}:{HOME}:q", "RoleArn": role}
    given = {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
    return home(cast, "scheduler").create_schedule(Name=name, GroupName=group, **given)


DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
#: The service principal, the call, and what it is answered with where the role does not let the service in.
HANDED: list[tuple[str, Callable[[Cast, str], Any], str]] = [
    ("lambda", lambda cast, role: function(cast, f"f{role[-5:]}", role), "InvalidParameterValueException"),
    (
        "states",
        lambda cast, role: home(cast, "stepfunctions").create_state_machine(
            name=f"m{role[-5:]}", definition=DEFINITION, roleArn=role
        ),
        "AccessDeniedException",
    ),
    (
        "codebuild",
        lambda cast, role: home(cast, "codebuild").create_project(
            name=f"p{role[-5:]}",
            source={"type": "S3", "location": "a/b"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={"type": "LINUX_CONTAINER", "image": "a", "computeType": "BUILD_GENERAL1_SMALL"},
            serviceRole=role,
        ),
        "NotImplemented",
    ),
    (
        "scheduler",
        lambda cast, role: schedule(cast, f"s{role[-5:]}", role, "default"),
        "ValidationException",
    ),
    (
        "cloudformation",
        lambda cast, role: home(cast, "cloudformation").create_stack(
            StackName=f"s{role[-5:]}",
            TemplateBody=json.dumps({"Resources": {"G": {"Type": "AWS::IAM::Group"}}}),
            RoleARN=role,
            Capabilities=["CAPABILITY_IAM"],
        ),
        "ValidationError",
    ),
]

#: What each says of the resource for which it acts.
SOURCES = {"states": "stateMachine:m*", "codebuild": "project/p*", "scheduler": "schedule-group/default"}


@pytest.mark.parametrize(("name", "call", "code"), HANDED)
def test_a_role_lets_the_service_in(cast: Cast, name: str, call: Callable[[Cast, str], Any], code: str) -> None:
    """A role is taken by the service that it trusts; by another it is refused, as AWS says where that is known."""
    assert refusal(lambda: call(cast, cast.role(trust(service("ec2")))))[0] == code
    assert refusal(lambda: call(cast, cast.role(trust(root(HOME)))))[0] == code
    denies = {**trust(service(name)), "Effect": "Deny"}
    assert refusal(lambda: call(cast, cast.role(trust(service(name)), denies)))[0] == code
    assert refusal(lambda: call(cast, f"arn:aws:iam::{HOME}:role/no-such-role"))[0] == code
    assert call(cast, cast.role(trust(service(name))))


def graph(cast: Cast, role: str) -> Any:
    given = {"fieldLogLevel": "ALL", "cloudWatchLogsRoleArn": role}
    return home(cast, "appsync").create_graphql_api(name="a", authenticationType="API_KEY", logConfig=given)


def feedback(cast: Cast, role: str) -> Any:
    sns = home(cast, "sns")
    topic = sns.create_topic(Name="feedback")["TopicArn"]
    given = {"AttributeName": "SQSSuccessFeedbackRoleArn", "AttributeValue": role}
    answer = sns.set_topic_attributes(TopicArn=topic, **given)
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"][given["AttributeName"]] == role
    return answer


@pytest.mark.parametrize(("name", "call"), [("appsync", graph), ("sns", feedback)])
def test_a_service_that_acts_as_one(cast: Cast, name: str, call: Callable[[Cast, str], Any]) -> None:
    """A role for a service that acts as one principal has to let that one in; that it trusts another is not enough."""
    assert call(cast, cast.role(trust(service(name))))
    for other in (service("ec2"), root(HOME)):
        code, message = refusal(lambda other=other: call(cast, cast.role(trust(other))))  # type: ignore[misc]
        assert (code, f"whether {name}.amazonaws.com takes a role" in message) == ("NotImplemented", True)


def test_a_role_for_nobody_knows_whom(cast: Cast) -> None:
    """Where it is not known which service gets a role, it is handed to none, whomever it trusts."""
    role = cast.role(trust({"Service": [f"{name}.amazonaws.com" for name in ("ec2", "rds", "spotfleet", "ecs")]}))
    calls: list[tuple[str, Callable[[Any], Any]]] = [
        ("sagemaker", lambda client: client.create_model(ModelName="m", ExecutionRoleArn=role)),
        (
            "ec2",
            lambda client: client.request_spot_fleet(
                SpotFleetRequestConfig={"IamFleetRole": role, "TargetCapacity": 1, "LaunchSpecifications": []}
            ),
        ),
        ("ecs", lambda client: client.create_service(serviceName="s", role=role)),
    ]
    for name, call in calls:
        code, message = refusal(lambda name=name, call=call: call(home(cast, name)))  # type: ignore[misc]
        assert (code, "is not known here" in message) == ("NotImplemented", True), (name, message)


def test_where_a_service_calls_from_is_not_guessed(cast: Cast) -> None:
    """A trust that hangs on what a service says of its call is undecided."""
    condition = {"StringEquals": {"aws:SourceAccount": HOME}}
    role = cast.role(trust(LAMBDA, Condition=condition))
    code, message = refusal(lambda: function(cast, "guessed", role))
    assert (code, "aws:SourceAccount" in message) == ("NotImplemented", True)


def test_a_service_says_for_which_account_it_calls(cast: Cast) -> None:
    """A service that is documented to say for whom it calls does so for the account in which the role is."""
    _, call, code = next(one for one in HANDED if one[0] == "states")
    of_home = {"StringEquals": {"aws:SourceAccount": HOME}}
    of_other = {"StringEquals": {"aws:SourceAccount": OTHER}}
    assert call(cast, cast.role(trust(service("states"), Condition=of_home)))
    assert refusal(lambda: call(cast, cast.role(trust(service("states"), Condition=of_other))))[0] == code


@pytest.mark.parametrize(("name", "call", "code"), [one for one in HANDED if one[0] in SOURCES])
def test_a_service_says_for_which_resource_it_calls(
    cast: Cast, name: str, call: Callable[[Cast, str], Any], code: str
) -> None:
    """A service that is documented to say for which resource it calls names the one that the request makes."""
    for resource, taken in ((SOURCES[name], True), ("*", True), ("somethingelse", False)):
        condition = {"ArnLike": {"aws:SourceArn": f"arn:aws:{name}:{REGION}:{HOME}:{resource}"}}
        role = cast.role(trust(service(name), Condition=condition))
        if taken:
            assert call(cast, role), resource
        else:
            assert refusal(lambda role=role: call(cast, role))[0] == code  # type: ignore[misc]


def test_schedules_call_for_their_group(cast: Cast) -> None:
    """EventBridge Scheduler names the group of a schedule, not the schedule."""
    home(cast, "scheduler").create_schedule_group(Name="nightly")
    group = f"arn:aws:scheduler:{REGION}:{HOME}:schedule-group/nightly"
    role = cast.role(trust(service("scheduler"), Condition={"ArnEquals": {"aws:SourceArn": group}}))
    assert schedule(cast, "in", role, "nightly")
    assert refusal(lambda: schedule(cast, "out", role, "default"))[0] == "ValidationException"


@pytest.mark.parametrize(
    ("given", "trusted", "made"), [("night", "night", True), ("night", "day", False), (None, "named-M-*", True)]
)
def test_state_machines_of_templates(cast: Cast, given: str | None, trusted: str, made: bool) -> None:
    """A role may be for the state machine of a template by its name, which CloudFormation may have made up."""
    condition = {"ArnLike": {"aws:SourceArn": f"arn:aws:states:{REGION}:{HOME}:stateMachine:{trusted}"}}
    role = cast.role(trust(service("states"), Condition=condition))
    properties = {"RoleArn": role, "DefinitionString": DEFINITION, **({"StateMachineName": given} if given else {})}
    template = {"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}}
    client = home(cast, "cloudformation")
    client.create_stack(StackName="named", TemplateBody=json.dumps(template))
    assert client.describe_stacks(StackName="named")["Stacks"][0]["StackStatus"].startswith("CREATE") is made
    if made:
        changed = {**properties, "DefinitionString": DEFINITION.replace("A", "B")}
        template["Resources"]["M"]["Properties"] = changed
        client.update_stack(StackName="named", TemplateBody=json.dumps(template))
        assert client.describe_stacks(StackName="named")["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"
    client.delete_stack(StackName="named")


def test_another_role_for_a_function(cast: Cast) -> None:
    """A function is not given a role that it cannot have later either."""
    function(cast, "changing", cast.role(trust(LAMBDA)))
    wrong = cast.role(trust(service("ec2")))
    client = home(cast, "lambda")
    code, message = refusal(lambda: client.update_function_configuration(FunctionName="changing", Role=wrong))
    assert (code, "cannot be assumed by Lambda" in message) == ("InvalidParameterValueException", True)


@pytest.mark.parametrize(("principal", "made"), [("lambda", True), ("ec2", False)])
def test_functions_of_templates(cast: Cast, principal: str, made: bool) -> None:
    """A function of a stack has a role that lets Lambda in, or the stack is rolled back."""
    properties = {
        "Runtime": "python3.13",
        "Handler": "index.a",
        "Role": cast.role(trust(service(principal))),
        "Code": {"ZipFile": "def a(b, c): pass"},
    }
    template = {"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": properties}}}
    client = home(cast, "cloudformation")
    client.create_stack(StackName=f"of-{principal}", TemplateBody=json.dumps(template))
    status = client.describe_stacks(StackName=f"of-{principal}")["Stacks"][0]["StackStatus"]
    assert status == ("CREATE_COMPLETE" if made else "ROLLBACK_COMPLETE")
    events = client.describe_stack_events(StackName=f"of-{principal}")["StackEvents"]
    reasons = " ".join(one.get("ResourceStatusReason", "") for one in events)
    assert ("cannot be assumed by Lambda" in reasons) is not made


def test_what_a_function_reads(cast: Cast) -> None:
    """A function is wired to a queue that its role may read; what is sent there would run it, and is undecided."""
    queue = home(cast, "sqs").create_queue(QueueName="read")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{HOME}:read"
    role = cast.role(trust(LAMBDA))
    function(cast, "reader", role)
    client, sqs = home(cast, "lambda"), home(cast, "sqs")

    def wire() -> Any:
        return client.create_event_source_mapping(EventSourceArn=arn, FunctionName="reader")

    code, message = refusal(wire)
    assert (code, "does not have permissions to call" in message) == ("InvalidParameterValueException", True)
    sqs.send_message(QueueUrl=queue, MessageBody="a")
    reads = allow(["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn)
    cast.iam().put_role_policy(RoleName=role.rpartition("/")[2], PolicyName="reads", PolicyDocument=policy(reads))
    assert wire()
    code, message = refusal(lambda: sqs.send_message(QueueUrl=queue, MessageBody="a"))
    assert (code, "functions are not run" in message) == ("NotImplemented", True)
    nobody = cast.aws.client("sqs", cast.user())
    assert refusal(lambda: nobody.send_message(QueueUrl=queue, MessageBody="a"))[0] == "AccessDenied"


@pytest.mark.parametrize(
    ("actions", "answer"),
    [
        (("GetRecords", "GetShardIterator", "DescribeStream", "ListShards", "ListStreams"), ""),
        (("GetRecords", "GetShardIterator", "DescribeStream", "ListShards"), "NotImplemented"),
        (("GetShardIterator", "DescribeStream", "ListShards", "ListStreams"), "InvalidParameterValueException"),
    ],
)
def test_what_a_function_reads_of_a_stream(cast: Cast, actions: tuple[str, ...], answer: str) -> None:
    """A role as the CDK writes it is taken, which names its stream also for what has no resource."""
    name = f"stream{len(actions)}{answer}"
    home(cast, "kinesis").create_stream(StreamName=name, ShardCount=1)
    arn = f"arn:aws:kinesis:{REGION}:{HOME}:stream/{name}"
    role = cast.role(trust(LAMBDA), may=[allow([f"kinesis:{one}" for one in actions], arn)])
    function(cast, name, role)
    client = home(cast, "lambda")

    def wire() -> Any:
        return client.create_event_source_mapping(EventSourceArn=arn, FunctionName=name, StartingPosition="LATEST")

    if answer:
        assert refusal(wire)[0] == answer
    else:
        assert wire()


def test_what_a_bus_sends_on(cast: Cast) -> None:
    """An event reaches a queue whose policy lets EventBridge send for that rule; another target is not asked."""
    events, sqs = home(cast, "events"), home(cast, "sqs")
    queue = sqs.create_queue(QueueName="events")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{HOME}:events"
    rule = events.put_rule(Name="carries", EventPattern=json.dumps({"source": ["mine"]}))["RuleArn"]
    events.put_targets(Rule="carries", Targets=[{"Id": "a", "Arn": arn}])

    def put(source: str = "mine") -> Any:
        return events.put_events(Entries=[{"Source": source, "DetailType": "a", "Detail": "{}"}])

    assert put("other")
    events.disable_rule(Name="carries")
    assert put()
    events.enable_rule(Name="carries")
    assert refusal(put)[0] == "NotImplemented"
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    for source in (f"{rule}s", rule):
        condition = {"ArnEquals": {"aws:SourceArn": source}}
        send = {**allow("sqs:SendMessage", arn, Condition=condition), "Principal": service("events")}
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy(send)})
        if source == rule:
            assert put()
            assert sqs.receive_message(QueueUrl=queue)["Messages"]
        else:
            assert refusal(put)[0] == "NotImplemented"
    other = f"arn:aws:lambda:{REGION}:{HOME}:function:f"
    events.put_targets(Rule="carries", Targets=[{"Id": "b", "Arn": other}])
    assert other in refusal(put)[1]


@pytest.mark.parametrize(
    ("protocol", "endpoint", "sent"),
    [
        ("https", "https://example.com/a", False),
        ("lambda", f"arn:aws:lambda:{REGION}:{HOME}:function:f", False),
        ("email", "a@example.com", True),
    ],
)
def test_what_a_topic_sends_on(cast: Cast, protocol: str, endpoint: str, sent: bool) -> None:
    """What would leave the sandbox, or run a function, is not sent."""
    sns = home(cast, "sns")
    topic = sns.create_topic(Name=f"to-{protocol}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    if sent:
        assert sns.publish(TopicArn=topic, Message="a")
    else:
        assert endpoint in refusal(lambda: sns.publish(TopicArn=topic, Message="a"))[1]


def test_what_a_service_reads_for_the_caller(cast: Cast) -> None:
    """The template of a stack and the code of a function are read as whoever calls, over the account's border too."""
    s3 = cast.aws.client("s3", account=OTHER)
    s3.create_bucket(Bucket="templates", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="templates", Key="t", Body=json.dumps({"Resources": {"G": {"Type": "AWS::IAM::Group"}}}))
    s3.put_object(Bucket="templates", Key="c", Body=ARCHIVE)
    role = cast.role(trust(LAMBDA))
    user = cast.user(allow(["cloudformation:*", "lambda:*", "iam:*", "s3:*"]))
    given = {"FunctionName": "read-for", "Runtime": "python3.13", "Handler": "a.b", "Role": role}
    stacks, functions = cast.aws.client("cloudformation", user), cast.aws.client("lambda", user)
    url = f"https://templates.s3.{REGION}.amazonaws.com/t"

    def stack() -> Any:
        return stacks.create_stack(StackName="read-for", TemplateURL=url, Capabilities=["CAPABILITY_IAM"])

    def code() -> Any:
        return functions.create_function(**given, Code={"S3Bucket": "templates", "S3Key": "c"})

    for call in (stack, code):
        assert "s3:GetObject" in refusal(call)[1]
    s3.put_bucket_policy(
        Bucket="templates",
        Policy=policy({**allow("s3:GetObject", "arn:aws:s3:::templates/*"), "Principal": {"AWS": user["Arn"]}}),
    )
    assert stack()
    assert code()


def test_what_is_done_for_the_caller_elsewhere(cast: Cast) -> None:
    """A call that lets a service write to a bucket, or run a function, is not done without asking these."""
    for name, call in (
        ("firehose", lambda client: client.put_record(DeliveryStreamName="a", Record={"Data": b"a"})),
        ("secretsmanager", lambda client: client.rotate_secret(SecretId="a")),
        ("secretsmanager", lambda client: client.create_secret(Name="r", SecretString="x", AddReplicaRegions=REPLICAS)),
        ("ssm", lambda client: client.get_parameter(Name="/aws/reference/secretsmanager/a", WithDecryption=True)),
        ("cloudtrail", lambda client: client.create_trail(Name="a", S3BucketName="b")),
        ("lambda", lambda client: client.delete_function_url_config(FunctionName="a", Qualifier="b")),
    ):
        code, _ = refusal(lambda name=name, call=call: call(home(cast, name)))  # type: ignore[misc]
        assert code == "NotImplemented", name


REPLICAS = [{"Region": "us-east-1"}]
QUEUE = f"arn:aws:sqs:{REGION}:{HOME}:dead"
IMAGE = "application/vnd.docker.distribution.manifest.v2+json"
FILES = [{"Arn": f"arn:aws:elasticfilesystem:{REGION}:{HOME}:access-point/fsap-1", "LocalMountPath": "/mnt/a"}]
IN_NETWORK = ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces"]


@pytest.mark.parametrize(
    ("may", "more", "code", "message"),
    [
        (["sqs:SendMessage"], {"DeadLetterConfig": {"TargetArn": QUEUE}}, None, ""),
        (["sns:*"], {"DeadLetterConfig": {"TargetArn": QUEUE}}, "InvalidParameterValueException", "SendMessage on SQS"),
        (IN_NETWORK, {"VpcConfig": {}}, None, ""),
        (["sns:*"], {"VpcConfig": {}}, "InvalidParameterValueException", "CreateNetworkInterface on EC2"),
        (IN_NETWORK[:2], {"VpcConfig": {}}, "NotImplemented", "ec2:DescribeNetworkInterfaces"),
        (["sns:*"], {"FileSystemConfigs": FILES}, "NotImplemented", "elasticfilesystem:ClientMount"),
        (["elasticfilesystem:*"], {"FileSystemConfigs": FILES}, None, ""),
    ],
)
def test_what_a_function_needs_of_its_role(
    cast: Cast, may: list[str], more: dict[str, Any], code: str | None, message: str
) -> None:
    """Where it sends what fails, its network and its files: by a call, by a change, and in a template alike."""
    functions, stacks = home(cast, "lambda"), home(cast, "cloudformation")
    if "VpcConfig" in more:
        network = home(cast, "ec2")
        subnet = network.describe_subnets()["Subnets"][0]
        groups = network.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])
        group = groups["SecurityGroups"][0]["GroupId"]
        more = {"VpcConfig": {"SubnetIds": [subnet["SubnetId"]], "SecurityGroupIds": [group]}}
    role = cast.role(trust(LAMBDA), may=[allow(may)])
    name, plain = f"needs-{role[-5:]}", f"plain-{role[-5:]}"
    given = {"Runtime": "python3.13", "Handler": "a.b", "Role": role}
    function(cast, plain, role)
    for call in (
        lambda: functions.create_function(FunctionName=name, **given, Code={"ZipFile": ARCHIVE}, **more),
        lambda: functions.update_function_configuration(FunctionName=plain, **more),
    ):
        if code is None:
            assert call()
        else:
            found, text = refusal(call)
            assert (found, message in text) == (code, True)
    resource = {"Type": "AWS::Lambda::Function", "Properties": {**given, "Code": {"ZipFile": "x = 1"}, **more}}
    stacks.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"F": resource}}))
    status = stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    assert status == ("CREATE_COMPLETE" if code is None else "ROLLBACK_COMPLETE")


def test_the_role_of_a_function_in_a_network_changes(cast: Cast) -> None:
    """A role that cannot be in the network of the function is not taken for it."""
    functions, network = home(cast, "lambda"), home(cast, "ec2")
    role, other = cast.role(trust(LAMBDA), may=[allow(IN_NETWORK)]), cast.role(trust(LAMBDA))
    function(cast, "networked", role)
    config = {"SubnetIds": [network.describe_subnets()["Subnets"][0]["SubnetId"]], "SecurityGroupIds": ["sg-1"]}
    functions.update_function_configuration(FunctionName="networked", VpcConfig=config)
    code, message = refusal(lambda: functions.update_function_configuration(FunctionName="networked", Role=other))
    assert (code, "CreateNetworkInterface" in message) == ("InvalidParameterValueException", True)
    assert functions.update_function_configuration(FunctionName="networked", Timeout=5)


def test_destinations_of_a_function(cast: Cast) -> None:
    """What Lambda says of a role that may not send there is not documented."""
    functions = home(cast, "lambda")
    to = {"OnFailure": {"Destination": QUEUE}}
    for name, may, expected in (("closed", "sns:*", "NotImplemented"), ("open", "sqs:SendMessage", None)):
        function(cast, f"to-{name}", cast.role(trust(LAMBDA), may=[allow(may)]))

        def put(name: str = name) -> Any:
            return functions.put_function_event_invoke_config(FunctionName=f"to-{name}", DestinationConfig=to)

        assert put() if expected is None else refusal(put)[0] == expected


@pytest.mark.parametrize(
    ("account", "may", "code"),
    [
        (HOME, ["ecr:GetRepositoryPolicy", "ecr:SetRepositoryPolicy", "iam:PassRole", "lambda:*"], None),
        (HOME, ["iam:PassRole", "lambda:*"], "NotImplemented"),
        (OTHER, ["*"], "NotImplemented"),
    ],
)
def test_the_image_of_a_function(cast: Cast, account: str, may: list[str], code: str | None) -> None:
    """Lambda has to be let into the repository, by whoever makes the function, or before."""
    repository = f"image-{may[0][:3].strip('*') or 'all'}"
    ecr, manifest = cast.aws.client("ecr", account=account), {"schemaVersion": 2, "mediaType": IMAGE, "layers": []}
    ecr.create_repository(repositoryName=repository)
    ecr.put_image(repositoryName=repository, imageTag="a", imageManifest=json.dumps(manifest))
    functions = cast.aws.client("lambda", cast.user(allow(may)))
    given = {"Role": cast.role(trust(LAMBDA)), "PackageType": "Image"}
    code_of = {"ImageUri": f"{account}.dkr.ecr.{REGION}.amazonaws.com/{repository}:a"}

    def make() -> Any:
        return functions.create_function(FunctionName=repository, **given, Code=code_of)

    assert make() if code is None else refusal(make)[0] == code
    stacks, name = cast.aws.client("cloudformation", cast.user(allow([*may, "cloudformation:*"]))), f"of-{repository}"
    resource = {"Type": "AWS::Lambda::Function", "Properties": {**given, "Code": code_of}}
    stacks.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": {"F": resource}}))
    status = stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    assert status == ("CREATE_COMPLETE" if code is None else "ROLLBACK_COMPLETE")


def test_where_logs_are_sent(cast: Cast) -> None:
    """To a function that lets the service in for the log group; what is written there is then undecided."""
    logs, functions = home(cast, "logs"), home(cast, "lambda")
    logs.create_log_group(logGroupName="sent")
    logs.create_log_stream(logGroupName="sent", logStreamName="s")
    function(cast, "reads-logs", cast.role(trust(LAMBDA)))
    arn = f"arn:aws:lambda:{REGION}:{HOME}:function:reads-logs"

    def send(to: str = arn) -> Any:
        return logs.put_subscription_filter(logGroupName="sent", filterName="f", filterPattern="", destinationArn=to)

    assert refusal(send)[0] == "InvalidParameterException"
    given = {"FunctionName": arn, "Action": "lambda:InvokeFunction", "Principal": "logs.amazonaws.com"}
    functions.add_permission(**given, StatementId="a", SourceArn=f"arn:aws:logs:{REGION}:{HOME}:log-group:other:*")
    assert refusal(send)[0] == "InvalidParameterException"
    functions.add_permission(**given, StatementId="b", SourceArn=f"arn:aws:logs:{REGION}:{HOME}:log-group:sent:*")
    assert send()
    assert refusal(lambda: send(f"arn:aws:logs:{REGION}:{OTHER}:destination:d"))[0] == "AccessDeniedException"
    event = {"logGroupName": "sent", "logStreamName": "s", "logEvents": [{"timestamp": 1, "message": "m"}]}
    assert refusal(lambda: logs.put_log_events(**event))[0] == "NotImplemented"


def test_a_function_mounts_its_access_point(cast: Cast) -> None:
    """By its file system, and on the condition of the access point, as the CDK writes it."""
    files, functions = home(cast, "efs"), home(cast, "lambda")
    system = files.create_file_system(CreationToken="mounted")
    point = files.create_access_point(ClientToken="p", FileSystemId=system["FileSystemId"])["AccessPointArn"]
    config = [{"Arn": point, "LocalMountPath": "/mnt/a"}]
    for index, (about, through) in enumerate(
        ((system["FileSystemArn"], point), (system["FileSystemArn"], FILES[0]["Arn"]), ("arn:aws:s3:::x", point))
    ):
        condition = {"StringEquals": {"elasticfilesystem:AccessPointArn": through}}
        role = cast.role(trust(LAMBDA), may=[allow("elasticfilesystem:ClientMount", about, Condition=condition)])
        given = {"Runtime": "python3.13", "Handler": "a.b", "Role": role, "Code": {"ZipFile": ARCHIVE}}

        def make(index: int = index, given: dict[str, Any] = given) -> Any:
            return functions.create_function(FunctionName=f"mounts{index}", **given, FileSystemConfigs=config)

        if index:
            assert refusal(make)[0] == "NotImplemented"
        else:
            assert make()
