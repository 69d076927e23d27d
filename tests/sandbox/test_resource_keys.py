"""
Conditions on the resource of a request, and on what the request says of it: decided where both are known.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.cast import HOME, Cast, allow

REGION = "eu-central-1"
OF_TEAM = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}


def outcome(call: Callable[[], Any]) -> str:
    """The code with which a call is refused; empty where it gets in."""
    try:
        call()
    except Exception as error:  # noqa: BLE001
        return str(getattr(error, "response", {}).get("Error", {}).get("Code", error))
    return ""


@pytest.fixture(scope="module")
def red(cast: Cast) -> Callable[..., Any]:
    """Makes a client of a new user of the team red."""

    def make(service: str, *statements: dict[str, Any]) -> Any:
        user = cast.user(*statements)
        name = cast.sts(user).get_caller_identity()["Arn"].rpartition("/")[2]
        cast.iam().tag_user(UserName=name, Tags=[{"Key": "team", "Value": "red"}])
        return cast.aws.client(service, user, region=REGION)

    return make


@pytest.fixture(scope="module")
def instances(cast: Cast) -> dict[str, str]:
    """An instance of each of two teams."""
    ec2 = cast.aws.client("ec2", account=HOME, region=REGION)
    return {team: launch(ec2, team) for team in ("red", "blue")}


def launch(ec2: Any, team: str, type_: str = "t3.micro") -> str:
    image = "ami-12c6146b"
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": team}]}]
    made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType=type_, TagSpecifications=tags)
    return str(made["Instances"][0]["InstanceId"])


@pytest.mark.parametrize("family", ["aws:ResourceTag", "ec2:ResourceTag"])
def test_tags_of_instances(family: str, instances: dict[str, str], red: Callable[..., Any]) -> None:
    """A condition on the tag of an instance lets in to those of the own team."""
    condition = {"StringEquals": {f"{family}/team": "${aws:PrincipalTag/team}"}}
    ec2 = red("ec2", allow("ec2:StopInstances", "arn:aws:ec2:*:*:instance/*", Condition=condition))
    assert outcome(lambda: ec2.stop_instances(InstanceIds=[instances["red"]])) == ""
    assert outcome(lambda: ec2.stop_instances(InstanceIds=[instances["blue"]])) == "UnauthorizedOperation"
    assert outcome(lambda: ec2.stop_instances(InstanceIds=list(instances.values()))) == "UnauthorizedOperation"
    # Of an instance that is not there nobody knows the tags.
    assert outcome(lambda: ec2.stop_instances(InstanceIds=["i-0123456789abcdef0"])) == "NotImplemented"


def test_types_of_instances(instances: dict[str, str], red: Callable[..., Any]) -> None:
    """The type of an instance is that which it has, or that which a request asks for."""
    small = {"StringEquals": {"ec2:InstanceType": "t3.micro"}}
    others = [f"arn:aws:ec2:*:*:{kind}/*" for kind in ("subnet", "network-interface", "security-group", "volume")]
    while_made = {"StringEquals": {"ec2:CreateAction": "RunInstances"}}
    ec2 = red(
        "ec2",
        allow(["ec2:RunInstances", "ec2:StartInstances"], "arn:aws:ec2:*:*:instance/*", Condition=small),
        allow("ec2:RunInstances", ["arn:aws:ec2:*::image/*", *others]),  # type: ignore[arg-type]
        allow("ec2:CreateTags", "arn:aws:ec2:*:*:instance/*", Condition=while_made),
    )
    assert outcome(lambda: launch(ec2, "red")) == ""
    assert outcome(lambda: launch(ec2, "red", "m5.large")) == "UnauthorizedOperation"
    assert outcome(lambda: ec2.start_instances(InstanceIds=[instances["red"]])) == ""
    # Tags are given while something is made, and not afterwards.
    tags = [{"Key": "team", "Value": "red"}]
    assert outcome(lambda: ec2.create_tags(Resources=[instances["blue"]], Tags=tags)) == "UnauthorizedOperation"


def test_tags_of_secrets(cast: Cast, red: Callable[..., Any]) -> None:
    """A secret is read by those whose tag it has; a version by the stage that the request names."""
    admin = cast.aws.client("secretsmanager", account=HOME, region=REGION)
    for team in ("red", "blue"):
        admin.create_secret(Name=f"of-{team}", SecretString="s", Tags=[{"Key": "team", "Value": team}])
    secrets = red("secretsmanager", allow("secretsmanager:GetSecretValue", Condition=OF_TEAM))
    assert outcome(lambda: secrets.get_secret_value(SecretId="of-red")) == ""
    assert outcome(lambda: secrets.get_secret_value(SecretId="of-blue")) == "AccessDeniedException"
    current = {"ForAnyValue:StringEquals": {"secretsmanager:VersionStage": "AWSCURRENT"}}
    staged = red("secretsmanager", allow("secretsmanager:GetSecretValue", Condition=current))
    assert outcome(lambda: staged.get_secret_value(SecretId="of-red", VersionStage="AWSCURRENT")) == ""
    older = outcome(lambda: staged.get_secret_value(SecretId="of-red", VersionStage="AWSPREVIOUS"))
    assert older == "AccessDeniedException"
    # What is told where the request names no stage is not documented.
    assert outcome(lambda: staged.get_secret_value(SecretId="of-red")) == "NotImplemented"


def test_tags_of_objects(cast: Cast, red: Callable[..., Any]) -> None:
    """What a tag of an object lets in to, by version too; an object that is not there is undecided."""
    admin = cast.aws.client("s3", account=HOME, region=REGION)
    admin.create_bucket(Bucket="tagged-objects", CreateBucketConfiguration={"LocationConstraint": REGION})
    admin.put_bucket_versioning(Bucket="tagged-objects", VersioningConfiguration={"Status": "Enabled"})
    first = admin.put_object(Bucket="tagged-objects", Key="k", Body=b"1", Tagging="team=blue")["VersionId"]
    admin.put_object(Bucket="tagged-objects", Key="k", Body=b"2", Tagging="team=red")
    condition = {"StringEquals": {"s3:ExistingObjectTag/team": "red"}}
    s3 = red("s3", allow(["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTagging"], Condition=condition))
    named = {"Bucket": "tagged-objects", "Key": "k"}
    assert outcome(lambda: s3.get_object(**named)) == ""
    assert outcome(lambda: s3.get_object(**named, VersionId=first)) == "AccessDenied"
    assert outcome(lambda: s3.get_object_tagging(**named)) == ""
    assert outcome(lambda: s3.get_object(Bucket="tagged-objects", Key="none")) == "NotImplemented"


def test_leading_keys(cast: Cast, red: Callable[..., Any]) -> None:
    """Each user reads and writes the items with the own name, as the manual of DynamoDB has it."""
    admin = cast.aws.client("dynamodb", account=HOME, region=REGION)
    admin.create_table(
        TableName="scores",
        KeySchema=[{"AttributeName": "who", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "who", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    condition = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:PrincipalTag/team}"]}}
    table = red("dynamodb", allow("dynamodb:*", f"arn:aws:dynamodb:*:{HOME}:table/scores", Condition=condition))
    for who, code in (("red", ""), ("blue", "AccessDeniedException")):
        key = {"who": {"S": who}}
        assert outcome(lambda key=key: table.put_item(TableName="scores", Item=key)) == code  # type: ignore[misc]
        assert outcome(lambda key=key: table.get_item(TableName="scores", Key=key)) == code  # type: ignore[misc]
    assert outcome(lambda: table.scan(TableName="scores")) == "NotImplemented"


QUERIES: list[dict[str, Any]] = [
    {"KeyConditionExpression": "who = :w"},
    {"KeyConditionExpression": "#w = :w", "ExpressionAttributeNames": {"#w": "who"}},
    {"KeyConditionExpression": "begins_with(at, :at) AND who = :w"},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_leading_keys_of_queries(query: dict[str, Any], cast: Cast, scored: Callable[..., Any]) -> None:
    """A query is about the items with one partition key, however it says so."""
    table = scored()
    for who, code in (("red", ""), ("blue", "AccessDeniedException")):
        values = {":w": {"S": who}, ":at": {"S": "2"}}
        used = {name: value for name, value in values.items() if name in query["KeyConditionExpression"]}
        given = {"TableName": "events", "ExpressionAttributeValues": used, **query}
        assert outcome(lambda given=given: table.query(**given)) == code  # type: ignore[misc]


def test_leading_keys_of_queries_of_indexes(cast: Cast, scored: Callable[..., Any]) -> None:
    """A query of an index by the partition key of the table is about that; which key counts in others is not known."""
    table = scored()

    def query(index: str, attribute: str, who: str) -> Any:
        values, names = {":w": {"S": who}}, {"#w": attribute}
        return table.query(
            TableName="events",
            IndexName=index,
            KeyConditionExpression="#w = :w",
            ExpressionAttributeValues=values,
            ExpressionAttributeNames=names,
        )

    for index in ("local", "global"):
        assert outcome(lambda index=index: query(index, "who", "red")) == "", index  # type: ignore[misc]
        refused = outcome(lambda index=index: query(index, "who", "blue"))  # type: ignore[misc]
        assert refused == "AccessDeniedException", index
    for index, attribute in (("by-place", "place"), ("by-time", "who")):
        undecided = outcome(lambda index=index, attribute=attribute: query(index, attribute, "red"))  # type: ignore[misc]
        assert undecided == "NotImplemented", index


def test_leading_keys_of_batches(cast: Cast, scored: Callable[..., Any]) -> None:
    """A batch is about all its items: one of somebody else's is enough to be refused; so is one in a transaction."""
    table = scored()
    own, other = ({"who": {"S": who}, "at": {"S": "1"}} for who in ("red", "blue"))

    def write(*items: dict[str, Any]) -> Any:
        return table.batch_write_item(RequestItems={"events": [{"PutRequest": {"Item": one}} for one in items]})

    def delete(*items: dict[str, Any]) -> Any:
        return table.batch_write_item(RequestItems={"events": [{"DeleteRequest": {"Key": one}} for one in items]})

    def read(*items: dict[str, Any]) -> Any:
        return table.batch_get_item(RequestItems={"events": {"Keys": list(items)}})

    def transact(*items: dict[str, Any]) -> Any:
        return table.transact_write_items(TransactItems=[{"Put": {"TableName": "events", "Item": i}} for i in items])

    for call in (write, read, transact, delete):
        assert outcome(lambda call=call: call(own)) == "", call  # type: ignore[misc]
        assert outcome(lambda call=call: call(own, other)) == "AccessDeniedException", call  # type: ignore[misc]


def index(name: str, *attributes: str) -> Any:
    """An index of a table, as DynamoDB is told of it: by a partition key and, of two attributes, a sort key."""
    keys = [{"AttributeName": one, "KeyType": kind} for one, kind in zip(attributes, ("HASH", "RANGE"), strict=False)]
    return {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}


@pytest.fixture(scope="module")
def scored(cast: Cast, red: Callable[..., Any]) -> Callable[..., Any]:
    """Makes a client of a user who may work with the items of the own team in a table."""
    cast.aws.client("dynamodb", account=HOME, region=REGION).create_table(
        TableName="events",
        KeySchema=[{"AttributeName": "who", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("who", "at", "place")],
        BillingMode="PAY_PER_REQUEST",
        LocalSecondaryIndexes=[index("local", "who", "place")],
        GlobalSecondaryIndexes=[index("global", "who"), index("by-place", "place")],
    )
    condition = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:PrincipalTag/team}"]}}
    allowed = allow("dynamodb:*", f"arn:aws:dynamodb:*:{HOME}:table/events*", Condition=condition)
    return lambda: red("dynamodb", allowed)


def test_tags_of_several_types(red: Callable[..., Any]) -> None:
    """EC2 asks for an instance with the tags of instances, and for its volumes with those of volumes."""

    def wanted(kind: str, team: str) -> dict[str, Any]:
        condition = {"StringEquals": {"aws:RequestTag/team": team}}
        return allow(["ec2:RunInstances", "ec2:CreateTags"], f"arn:aws:ec2:*:*:{kind}/*", Condition=condition)

    def run(**teams: str) -> Any:
        given = [{"ResourceType": kind, "Tags": [{"Key": "team", "Value": team}]} for kind, team in teams.items()]
        return ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=given)

    others = [f"arn:aws:ec2:*:*:{kind}/*" for kind in ("subnet", "network-interface", "security-group", "image")]
    plain = allow("ec2:RunInstances", ["arn:aws:ec2:*::image/*", *others])  # type: ignore[arg-type]
    ec2 = red("ec2", plain, wanted("instance", "red"), wanted("volume", "blue"))
    assert outcome(lambda: run(instance="red", volume="blue")) == ""
    # Whether an image has volumes is not known, where the request does not say so.
    assert outcome(lambda: run(instance="red")) == "NotImplemented"
    for teams in ({"instance": "blue", "volume": "red"}, {"instance": "red", "volume": "red"}):
        assert outcome(lambda teams=teams: run(**teams)) == "UnauthorizedOperation"  # type: ignore[misc]


def test_paths_of_parameters(cast: Cast, red: Callable[..., Any]) -> None:
    """GetParametersByPath is about the path as it is passed, and about all that is below it."""
    admin = cast.aws.client("ssm", account=HOME, region=REGION)
    admin.put_parameter(Name="/app/own/a", Value="1", Type="String")
    ssm = red("ssm", allow("ssm:GetParametersByPath", f"arn:aws:ssm:{REGION}:{HOME}:parameter/app/own"))
    assert outcome(lambda: ssm.get_parameters_by_path(Path="/app/own")) == ""
    assert outcome(lambda: ssm.get_parameters_by_path(Path="/app/own/")) == "AccessDeniedException"
    assert outcome(lambda: ssm.get_parameters_by_path(Path="/app")) == "AccessDeniedException"
    everything = red("ssm", allow("ssm:GetParametersByPath", f"arn:aws:ssm:{REGION}:{HOME}:parameter/*"))
    assert outcome(lambda: everything.get_parameters_by_path(Path="/", Recursive=True)) == ""
    flat = red("ssm", allow("ssm:*", Condition={"StringEquals": {"ssm:Recursive": "false"}}))
    assert outcome(lambda: flat.get_parameters_by_path(Path="/", Recursive=True)) == "AccessDeniedException"
    assert outcome(lambda: flat.get_parameters_by_path(Path="/", Recursive=False)) == ""
    # What the key is where a request does not say so, is not documented.
    assert outcome(lambda: flat.get_parameters_by_path(Path="/")) == "NotImplemented"


def test_aliases_of_keys(cast: Cast, red: Callable[..., Any]) -> None:
    """An alias is given and taken by whoever may do so with the alias and with its key."""
    admin = cast.aws.client("kms", account=HOME, region=REGION)
    key = admin.create_key()["KeyMetadata"]["Arn"]
    admin.create_alias(AliasName="alias/given", TargetKeyId=key)
    alias = f"arn:aws:kms:{REGION}:{HOME}:alias/given"
    for resources, code in (((key,), "AccessDeniedException"), ((alias,), "AccessDeniedException"), ((alias, key), "")):
        kms = red("kms", *(allow("kms:DeleteAlias", one) for one in resources))
        assert outcome(lambda kms=kms: kms.delete_alias(AliasName="alias/given")) == code  # type: ignore[misc]


def test_the_alias_of_a_request(cast: Cast, red: Callable[..., Any]) -> None:
    """A key is used by an alias, and not by its id, where a policy asks for that."""
    admin = cast.aws.client("kms", account=HOME, region=REGION)
    key = admin.create_key()["KeyMetadata"]["KeyId"]
    admin.create_alias(AliasName="alias/app", TargetKeyId=key)
    kms = red("kms", allow("kms:Encrypt", Condition={"StringEquals": {"kms:RequestAlias": "alias/app"}}))
    assert outcome(lambda: kms.encrypt(KeyId="alias/app", Plaintext=b"x")) == ""
    assert outcome(lambda: kms.encrypt(KeyId=f"arn:aws:kms:{REGION}:{HOME}:alias/app", Plaintext=b"x")) == ""
    assert outcome(lambda: kms.encrypt(KeyId=key, Plaintext=b"x")) == "AccessDeniedException"


def _queue(cast: Cast, team: str) -> dict[str, str]:
    sqs = cast.aws.client("sqs", account=HOME, region=REGION)
    return {"QueueUrl": sqs.create_queue(QueueName=f"of-{team}", tags={"team": team})["QueueUrl"]}


def _topic(cast: Cast, team: str) -> dict[str, str]:
    sns = cast.aws.client("sns", account=HOME, region=REGION)
    return {"TopicArn": sns.create_topic(Name=f"of-{team}", Tags=[{"Key": "team", "Value": team}])["TopicArn"]}


def _key(cast: Cast, team: str) -> dict[str, str]:
    kms = cast.aws.client("kms", account=HOME, region=REGION)
    return {"KeyId": kms.create_key(Tags=[{"TagKey": "team", "TagValue": team}])["KeyMetadata"]["KeyId"]}


def _function(cast: Cast, team: str) -> dict[str, str]:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = cast.role(trust)
    functions = cast.aws.client("lambda", account=HOME, region=REGION)
    code = {"ZipFile": b"PK\x05\x06" + bytes(18)}
    functions.create_function(FunctionName=f"of-{team}", Role=role, Code=code, Tags={"team": team})
    return {"FunctionName": f"of-{team}"}


def _repository(cast: Cast, team: str) -> dict[str, str]:
    ecr = cast.aws.client("ecr", account=HOME, region=REGION)
    ecr.create_repository(repositoryName=f"of-{team}", tags=[{"Key": "team", "Value": team}])
    ecr.put_lifecycle_policy(repositoryName=f"of-{team}", lifecyclePolicyText=LIFECYCLE)
    return {"repositoryName": f"of-{team}"}


def _table(cast: Cast, team: str) -> dict[str, str]:
    dynamodb = cast.aws.client("dynamodb", account=HOME, region=REGION)
    dynamodb.create_table(
        TableName=f"of-{team}",
        KeySchema=[{"AttributeName": "who", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "who", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "team", "Value": team}],
    )
    return {"TableName": f"of-{team}"}


RULE = {"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1}}
LIFECYCLE = json.dumps({"rules": [{**RULE, "action": {"type": "expire"}}]})


@pytest.mark.parametrize(
    ("service", "make", "operation", "code"),
    [
        ("sqs", _queue, "get_queue_attributes", "AccessDenied"),
        # Its own policy may let the caller in.
        ("sns", _topic, "get_topic_attributes", "NotImplemented"),
        ("kms", _key, "get_key_rotation_status", "AccessDeniedException"),
        ("lambda", _function, "get_function_configuration", "AccessDeniedException"),
        ("dynamodb", _table, "scan", "AccessDeniedException"),
        ("ecr", _repository, "get_lifecycle_policy", "AccessDeniedException"),
    ],
)
def test_tags_of_other_resources(
    service: str,
    make: Callable[[Cast, str], dict[str, str]],
    operation: str,
    code: str,
    cast: Cast,
    red: Callable[..., Any],
) -> None:
    """A condition on the tag of a queue, topic, key, function, table or repository lets in to those of the own team."""
    client = red(service, allow(f"{service}:*", Condition=OF_TEAM))
    assert outcome(lambda: getattr(client, operation)(**make(cast, "red"))) == ""
    assert outcome(lambda: getattr(client, operation)(**make(cast, "blue"))) == code


def test_tags_in_policies_of_queues(cast: Cast, red: Callable[..., Any]) -> None:
    """SQS says only to policies of identities which tags a queue has: what hangs on a queue policy is undecided."""
    admin = cast.aws.client("sqs", account=HOME, region=REGION)
    url = admin.create_queue(QueueName="with-policy", tags={"team": "red"})["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{HOME}:with-policy"
    lets_in = {**allow("sqs:SendMessage", arn, Condition=OF_TEAM), "Principal": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [lets_in]})
    admin.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    by_nothing, by_itself = red("sqs"), red("sqs", allow("sqs:SendMessage", arn, Condition=OF_TEAM))
    send = {"QueueUrl": url, "MessageBody": "m"}
    assert outcome(lambda: by_nothing.send_message(**send)) == "NotImplemented"
    assert outcome(lambda: by_itself.send_message(**send)) == ""
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**lets_in, "Effect": "Deny", "Principal": "*"}]})
    admin.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    assert outcome(lambda: by_itself.send_message(**send)) == "NotImplemented"


def test_tags_of_the_key_of_what_is_encrypted(cast: Cast, red: Callable[..., Any]) -> None:
    """What is encrypted with a key is read by whom the tag of that key lets use it."""
    secrets = cast.aws.client("secretsmanager", account=HOME, region=REGION)
    client = red("secretsmanager", allow("secretsmanager:GetSecretValue"), allow("kms:Decrypt", Condition=OF_TEAM))
    for team, code in (("red", ""), ("blue", "AccessDeniedException")):
        secrets.create_secret(Name=f"under-{team}", SecretString="s", KmsKeyId=_key(cast, team)["KeyId"])
        assert outcome(lambda team=team: client.get_secret_value(SecretId=f"under-{team}")) == code  # type: ignore[misc]
