"""
What credentials may do with IAM, S3, EC2, CloudFormation and the rest; and what is not decided.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.awslambda.policy import Policy

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root
from trustproof.sandbox.clock import Clock, iso

REGION = "eu-central-1"


@pytest.fixture(scope="module")
def bucket(cast: Cast) -> str:
    s3 = cast.aws.client("s3", account=HOME)
    s3.create_bucket(Bucket="things", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="things", Key="public/a", Body=b"a")
    s3.put_object(Bucket="things", Key="private/b", Body=b"b")
    return "things"


def test_identity_policies_by_resource(cast: Cast) -> None:
    """A user reads the role that the policy names, and no other."""
    mine, other = cast.role(allow_nobody()), cast.role(allow_nobody())
    iam = cast.aws.client("iam", cast.user(allow("iam:GetRole", mine)))
    assert iam.get_role(RoleName=mine.rpartition("/")[2])
    code, message = refusal(lambda: iam.get_role(RoleName=other.rpartition("/")[2]))
    assert (code, f"on resource: {other}" in message) == ("AccessDenied", True)


def allow_nobody() -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


def test_variables(cast: Cast) -> None:
    """Users manage their own keys by the variable with their name, without naming themselves too."""
    user = cast.user(allow("iam:*AccessKey*", f"arn:aws:iam::{HOME}:user/${{aws:username}}"))
    iam = cast.aws.client("iam", user)
    assert iam.list_access_keys()["AccessKeyMetadata"][0]["UserName"] == user["Name"]
    assert refusal(lambda: iam.list_access_keys(UserName=cast.user()["Name"]))[0] == "AccessDenied"


def test_a_bucket_policy_with_conditions(cast: Cast, bucket: str) -> None:
    """A bucket lets in by its policy whom it names, over the account's border too, and denies plain HTTP to nobody."""
    other = cast.user(allow("s3:*"), account=OTHER)
    s3 = cast.aws.client("s3", other)
    assert refusal(lambda: s3.get_object(Bucket=bucket, Key="public/a"))[0] == "AccessDenied"
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    cast.aws.client("s3", account=HOME).put_bucket_policy(
        Bucket=bucket,
        Policy=policy(
            {**allow("s3:GetObject", f"arn:aws:s3:::{bucket}/public/*"), "Principal": {"AWS": other["Arn"]}},
            {**deny, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        ),
    )
    assert s3.get_object(Bucket=bucket, Key="public/a")["Body"].read() == b"a"
    assert refusal(lambda: s3.get_object(Bucket=bucket, Key="private/b"))[0] == "AccessDenied"
    assert refusal(lambda: cast.aws.client("s3", cast.user(account=OTHER)).get_object(Bucket=bucket, Key="public/a"))
    with pytest.raises(ClientError, match="403"):
        s3.head_object(Bucket=bucket, Key="private/b")


def test_everybody(cast: Cast, bucket: str) -> None:
    """Without a signature S3 gives what a bucket's policy gives to everybody."""
    nobody = cast.aws.client("s3", config=Config(signature_version=UNSIGNED))
    assert refusal(lambda: nobody.get_object(Bucket=bucket, Key="private/b"))[0] == "AccessDenied"
    cast.aws.client("s3", account=HOME).delete_public_access_block(Bucket=bucket)
    cast.aws.client("s3", account=HOME).put_bucket_policy(
        Bucket=bucket,
        Policy=policy({**allow("s3:GetObject", f"arn:aws:s3:::{bucket}/private/*"), "Principal": "*"}),
    )
    assert nobody.get_object(Bucket=bucket, Key="private/b")["Body"].read() == b"b"
    saved = {"Bucket": bucket, "Key": "private/b", "ResponseContentType": "text/html"}
    assert refusal(lambda: nobody.get_object(**saved))[0] == "InvalidRequest"


def test_what_everybody_does_not(cast: Cast) -> None:
    """S3 copies nothing for who has no signature, and begins no upload in parts, even where a policy lets everybody."""
    admin = cast.aws.client("s3", account=HOME)
    admin.create_bucket(Bucket="of-everybody", CreateBucketConfiguration={"LocationConstraint": REGION})
    admin.delete_public_access_block(Bucket="of-everybody")
    everything = ["arn:aws:s3:::of-everybody", "arn:aws:s3:::of-everybody/*"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": everything}
    admin.put_bucket_policy(Bucket="of-everybody", Policy=policy(statement))
    nobody = cast.aws.client("s3", config=Config(signature_version=UNSIGNED))
    here = {"Bucket": "of-everybody", "Key": "a"}
    nobody.put_object(**here, Body=b"a")
    upload = admin.create_multipart_upload(**here)["UploadId"]
    calls: list[tuple[Callable[[], Any], str]] = [
        (lambda: nobody.create_multipart_upload(**here), "AccessDenied"),
        (lambda: nobody.copy_object(**here, CopySource="of-everybody/a"), "AccessDenied"),
        (lambda: nobody.upload_part(**here, UploadId=upload, PartNumber=1, Body=b"b"), "NotImplemented"),
        (lambda: nobody.delete_objects(Bucket="of-everybody", Delete={"Objects": [{"Key": "a"}]}), "NotImplemented"),
        (
            lambda: nobody.put_bucket_versioning(Bucket="of-everybody", VersioningConfiguration={"Status": "Enabled"}),
            "NotImplemented",
        ),
    ]
    assert [refusal(call)[0] for call, _ in calls] == [code for _, code in calls]


def test_prefixes(cast: Cast, bucket: str) -> None:
    """A condition on s3:prefix is of the request's."""
    condition = {"StringLike": {"s3:prefix": "public/*"}}
    s3 = cast.aws.client("s3", cast.user(allow("s3:ListBucket", f"arn:aws:s3:::{bucket}", Condition=condition)))
    assert s3.list_objects_v2(Bucket=bucket, Prefix="public/")["KeyCount"] == 1
    assert refusal(lambda: s3.list_objects_v2(Bucket=bucket))[0] == "AccessDenied"


def test_presigned(cast: Cast, bucket: str) -> None:
    """A presigned URL is good for what it names, and for nothing else."""
    import urllib.error
    import urllib.request

    s3 = cast.aws.client("s3", cast.user(allow("s3:GetObject")), config=Config(signature_version="s3v4"))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "public/a"})
    assert urllib.request.urlopen(url).read() == b"a"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url.replace("public/a", "public/b"))


def test_presigned_urls_get_old_by_the_clock(cast: Cast, bucket: str) -> None:
    """A URL that was made before the clock was advanced expires by that, and one that is made afterwards does not."""
    import urllib.error
    import urllib.request

    def next_second() -> None:
        made = int(time.time())
        while int(time.time()) == made:
            time.sleep(0.02)

    s3 = cast.aws.client("s3", cast.user(allow("s3:GetObject")), config=Config(signature_version="s3v4"))
    named = {"Params": {"Bucket": bucket, "Key": "public/a"}, "ExpiresIn": 300}
    url = s3.generate_presigned_url("get_object", **named)
    next_second()
    cast.aws.clock.advance(200)
    assert urllib.request.urlopen(url).read() == b"a"
    cast.aws.clock.advance(200)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url)
    next_second()
    assert urllib.request.urlopen(s3.generate_presigned_url("get_object", **named)).read() == b"a"


def test_the_age_of_what_was_made_in_the_second_of_an_advance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the clock was advanced before or after is not known, and both ages are told."""
    now = 1000.75
    monkeypatch.setattr("trustproof.sandbox.clock.time.time", lambda: now)
    clock = Clock()
    clock.advance(60)
    assert clock.age(999) == (61.75, 61.75)
    assert clock.age(1000) == (0.75, 60.75)
    now = 1001.0
    assert clock.age(1001) == (0, 0)
    clock.advance(30)
    assert clock.age(1000) == (31, 91)


def test_the_second_of_a_moment_is_one_that_has_begun() -> None:
    """``aws:CurrentTime`` and ``aws:EpochTime`` of a request say the same second, however near the next one is."""
    moment = 1796121000.9999998
    assert iso(moment) == iso(int(moment)) == "2026-12-01T10:30:00Z"


def test_refusals_have_the_form_of_their_protocol(cast: Cast) -> None:
    """Each protocol has a code of its own for the same refusal."""
    user = cast.user()
    found = {
        service: refusal(getattr(cast.aws.client(service, user), operation))
        for service, operation in (
            ("iam", "list_users"),
            ("s3", "list_buckets"),
            ("ec2", "describe_vpcs"),
            ("dynamodb", "list_tables"),
            ("lambda", "list_functions"),
            ("sqs", "list_queues"),
            ("sns", "list_topics"),
            ("cloudwatch", "describe_alarms"),
            ("cloudformation", "list_stacks"),
        )
    }
    assert {service: code for service, (code, _) in found.items()} == {
        "iam": "AccessDenied",
        "s3": "AccessDenied",
        "ec2": "UnauthorizedOperation",
        "dynamodb": "AccessDeniedException",
        "lambda": "AccessDeniedException",
        # These speak JSON now, and still say what they said in the query protocol.
        "sqs": "AccessDenied",
        "cloudwatch": "AccessDenied",
        "sns": "AuthorizationError",
        "cloudformation": "AccessDenied",
    }
    assert "Encoded authorization failure message: " in found["ec2"][1]


def test_resources_by_the_reference(cast: Cast) -> None:
    """What the service authorization reference tells of a service suffices to tell its resources apart."""
    table = f"arn:aws:dynamodb:{REGION}:{HOME}:table/mine"
    dynamodb = cast.aws.client("dynamodb", cast.user(allow("dynamodb:*", table)))
    given: dict[str, Any] = {
        "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    assert dynamodb.create_table(TableName="mine", **given)
    assert refusal(lambda: dynamodb.create_table(TableName="yours", **given))[0] == "AccessDeniedException"
    ssm = cast.aws.client("ssm", cast.user(allow("ssm:*", f"arn:aws:ssm:{REGION}:{HOME}:parameter/a/*")))
    assert ssm.put_parameter(Name="/a/b", Value="c", Type="String")
    assert ssm.get_parameter(Name="/a/b")
    assert refusal(lambda: ssm.get_parameter(Name="/b"))[0] == "AccessDeniedException"


def test_what_a_request_names_in_two_ways(cast: Cast) -> None:
    """Whoever may use one stream uses no other by naming both, or by an iterator of the other."""
    admin = cast.aws.client("kinesis", account=HOME)
    for name in ("mine", "theirs"):
        admin.create_stream(StreamName=name, ShardCount=1)
    mine = f"arn:aws:kinesis:{REGION}:{HOME}:stream/mine"
    kinesis = cast.aws.client("kinesis", cast.user(allow("kinesis:*", mine)))
    record = {"Data": b"x", "PartitionKey": "a"}
    kinesis.put_record(StreamARN=mine, **record)
    kinesis.put_record(StreamName="mine", StreamARN=mine, **record)
    for call in (kinesis.put_record, kinesis.delete_stream):
        given = record if call == kinesis.put_record else {}
        assert refusal(lambda call=call, given=given: call(StreamName="theirs", StreamARN=mine, **given))[0] == (
            "AccessDeniedException"
        )
    start = {"ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    own = kinesis.get_shard_iterator(StreamName="mine", **start)["ShardIterator"]
    other = admin.get_shard_iterator(StreamName="theirs", **start)["ShardIterator"]
    assert kinesis.get_records(ShardIterator=own)["Records"]
    assert kinesis.get_records(ShardIterator=own, StreamARN=mine)["Records"]
    for given in ({}, {"StreamARN": mine}):
        code, _ = refusal(lambda given=given: kinesis.get_records(ShardIterator=other, **given))
        assert code == "AccessDeniedException"
    logs = cast.aws.client("logs", account=HOME)
    code, message = refusal(lambda: logs.get_log_events(logGroupName="a", logGroupIdentifier="b", logStreamName="c"))
    assert (code, "in two ways" in message) == ("NotImplemented", True)


def test_a_volume_is_taken_off_its_own_instance(cast: Cast) -> None:
    """Whoever may touch one instance takes no volume off another by the name of the device that both have."""
    admin = cast.aws.client("ec2", account=HOME)
    mine, theirs = admin.run_instances(ImageId=cast.image(), MinCount=2, MaxCount=2)["Instances"]
    (root_device,) = admin.describe_instances(InstanceIds=[theirs["InstanceId"]])["Reservations"][0]["Instances"][0][
        "BlockDeviceMappings"
    ]
    volume = root_device["Ebs"]["VolumeId"]
    arns = [f"arn:aws:ec2:{REGION}:{HOME}:instance/{mine['InstanceId']}", f"arn:aws:ec2:{REGION}:{HOME}:volume/*"]
    ec2 = cast.aws.client("ec2", cast.user(allow("ec2:*", arns)))
    for instance, code in ((mine, "InvalidAttachment.NotFound"), (theirs, "UnauthorizedOperation")):
        asked = {"VolumeId": volume, "InstanceId": instance["InstanceId"]}
        assert refusal(lambda asked=asked: ec2.detach_volume(**asked))[0] == code
    admin.detach_volume(VolumeId=volume, InstanceId=theirs["InstanceId"])


def test_a_queue_of_another_account(cast: Cast) -> None:
    """A queue's policy counts as a bucket's does."""
    url = cast.aws.client("sqs", account=HOME).create_queue(QueueName="jobs")["QueueUrl"]
    other = cast.user(allow("sqs:*"), account=OTHER)
    arn = f"arn:aws:sqs:{REGION}:{HOME}:jobs"
    send = {**allow("sqs:SendMessage", arn), "Principal": {"AWS": other["Arn"]}}
    cast.aws.client("sqs", account=HOME).set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(send)})
    assert cast.aws.client("sqs", account=HOME).get_queue_attributes(QueueUrl=url, AttributeNames=["All"])


def test_permissions_beside_statements_without_a_name(cast: Cast) -> None:
    """AddPermission leaves the statements without a Sid as they are."""
    user = cast.user()
    sqs, sns = cast.aws.client("sqs", account=HOME), cast.aws.client("sns", account=HOME)
    url = sqs.create_queue(QueueName="nameless")["QueueUrl"]
    topic = sns.create_topic(Name="nameless")["TopicArn"]
    deny = {"Effect": "Deny", "Principal": {"AWS": user["Arn"]}}
    to_queue = {**deny, "Action": "sqs:*", "Resource": f"arn:aws:sqs:{REGION}:{HOME}:nameless"}
    to_topic = {**deny, "Action": "sns:Publish", "Resource": topic}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(to_queue)})
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy(to_topic))
    sqs.add_permission(QueueUrl=url, Label="a", AWSAccountIds=[OTHER], Actions=["SendMessage"])
    sns.add_permission(TopicArn=topic, Label="a", AWSAccountId=[OTHER], ActionName=["Publish"])

    def both() -> list[list[str | None]]:
        texts = (
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"],
            sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"],
        )
        return [[one.get("Sid") for one in json.loads(text)["Statement"]] for text in texts]

    assert both() == [[None, "a"], [None, "a"]]
    sqs.remove_permission(QueueUrl=url, Label="a")
    sns.remove_permission(TopicArn=topic, Label="a")
    assert both() == [[None], [None]]


def test_passing_a_role(cast: Cast) -> None:
    """Whoever hands a role to a service needs iam:PassRole for it, for that service."""
    role = cast.role(allow_nobody())
    given = {"StackName": "one", "TemplateBody": json.dumps({"Resources": {}}), "RoleARN": role}
    deploys = cast.user(allow("cloudformation:*"))
    refused = refusal(lambda: cast.aws.client("cloudformation", deploys).create_stack(**given))
    assert "iam:PassRole" in refused[1]


def test_what_hangs_on_an_unknown_key_is_undecided(cast: Cast) -> None:
    """Where a statement asks for what the sandbox does not compute, it says so; where it makes no difference, not."""
    condition = {"StringEquals": {"ec2:ResourceTag/team": "a"}}
    ec2 = cast.aws.client("ec2", cast.user(allow("ec2:DescribeVpcs", Condition=condition)))
    code, message = refusal(ec2.describe_vpcs)
    assert (code, "ec2:ResourceTag/team" in message) == ("NotImplemented", True)
    ec2 = cast.aws.client("ec2", cast.user(allow("ec2:DescribeVpcs", Condition=condition), allow("ec2:*")))
    assert ec2.describe_vpcs()
    deny = {"Effect": "Deny", "Action": "ec2:*", "Resource": "*", "Condition": condition}
    ec2 = cast.aws.client("ec2", cast.user(allow("ec2:*"), deny))
    assert refusal(ec2.describe_vpcs)[0] == "NotImplemented"


def test_an_operation_without_an_action_is_undecided(cast: Cast) -> None:
    """Some operations of API Gateway act on more than their paths say: nobody is let in by guess."""
    code, _ = refusal(cast.aws.client("apigateway", account=HOME).get_usage_plans)
    assert code == "NotImplemented"


SETTINGS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def blocking(*names: str) -> dict[str, bool]:
    return {name: name in names for name in SETTINGS}


def test_public_access_blocks(cast: Cast) -> None:
    """A new bucket takes no public policy; one that has it lets nobody else in while public access is restricted."""
    s3 = cast.aws.client("s3", account=HOME)
    s3.create_bucket(Bucket="blocked", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="blocked", Key="a", Body=b"a")
    stranger = cast.aws.client("s3", cast.user(allow("s3:*"), account=OTHER))
    inside = cast.aws.client("s3", cast.user())
    everybody = {**allow("s3:GetObject", "arn:aws:s3:::blocked/*"), "Principal": "*"}
    code, message = refusal(lambda: s3.put_bucket_policy(Bucket="blocked", Policy=policy(everybody)))
    assert (code, "BlockPublicPolicy" in message) == ("AccessDenied", True)
    one = {**everybody, "Principal": root(OTHER)}
    s3.put_bucket_policy(Bucket="blocked", Policy=policy(one))
    assert stranger.get_object(Bucket="blocked", Key="a")
    s3.put_public_access_block(Bucket="blocked", PublicAccessBlockConfiguration=blocking())
    s3.put_bucket_policy(Bucket="blocked", Policy=policy(everybody))
    assert stranger.get_object(Bucket="blocked", Key="a")
    s3.put_public_access_block(Bucket="blocked", PublicAccessBlockConfiguration=blocking("RestrictPublicBuckets"))
    assert refusal(lambda: stranger.get_object(Bucket="blocked", Key="a"))[0] == "AccessDenied"
    assert inside.get_object(Bucket="blocked", Key="a")
    # A policy that fixes who or from where is no public one, and of others it is not decided here.
    office = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    s3.put_bucket_policy(Bucket="blocked", Policy=policy({**everybody, "Condition": office}))
    refusal(lambda: stranger.get_object(Bucket="blocked", Key="none"))
    assert s3.get_bucket_policy_status(Bucket="blocked")["PolicyStatus"] == {"IsPublic": False}
    agent = {"StringLike": {"aws:UserAgent": "*"}}
    s3.put_bucket_policy(Bucket="blocked", Policy=policy({**everybody, "Condition": agent}))
    assert refusal(lambda: stranger.get_object(Bucket="blocked", Key="a"))[0] == "NotImplemented"
    assert refusal(lambda: s3.get_bucket_policy_status(Bucket="blocked"))[0] == "NotImplemented"


def test_conditions_of_permissions(cast: Cast) -> None:
    """Every condition of a permission of a function counts, which moto loses some of."""
    made = Policy(lambda_function())
    statement, _ = made.add_statement(
        json.dumps(
            {
                "StatementId": "one",
                "Action": "lambda:InvokeFunction",
                "Principal": OTHER,
                "PrincipalOrgID": "o-abcdefghij",
                "SourceAccount": HOME,
                "EventSourceToken": "token",
            }
        )
    )
    assert statement["Principal"] == {"AWS": OTHER}
    assert statement["Condition"] == {
        "StringEquals": {
            "aws:SourceAccount": HOME,
            "aws:PrincipalOrgID": "o-abcdefghij",
            "lambda:EventSourceToken": "token",
        }
    }
    assert set(statement) == {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}


def lambda_function() -> Any:
    return SimpleNamespace(function_arn=f"arn:aws:lambda:{REGION}:{HOME}:function:f")


def test_a_policy_counts_by_whatever_name(cast: Cast) -> None:
    """A key has its policy by an alias too, and a secret by its name and without the end of its ARN."""
    kms = cast.aws.client("kms", account=HOME)
    admin = {"AWS": f"arn:aws:iam::{HOME}:role/OrganizationAccountAccessRole"}
    key = kms.create_key(Policy=policy({**allow("kms:*"), "Principal": admin}))["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/by-alias", TargetKeyId=key)
    blob = kms.encrypt(KeyId="alias/by-alias", Plaintext=b"a")["CiphertextBlob"]
    other = cast.aws.client("kms", cast.user(allow("kms:*")))
    for name in (key, "alias/by-alias", f"arn:aws:kms:{REGION}:{HOME}:alias/by-alias"):
        assert refusal(lambda name=name: other.encrypt(KeyId=name, Plaintext=b"a"))[0] == "AccessDeniedException"
    assert refusal(lambda: other.decrypt(CiphertextBlob=blob))[0] == "NotImplemented"

    secrets = cast.aws.client("secretsmanager", account=HOME)
    arn = secrets.create_secret(Name="by-name", SecretString="s")["ARN"]
    nobody = {**allow("secretsmanager:GetSecretValue"), "Effect": "Deny", "Principal": "*"}
    secrets.put_resource_policy(SecretId="by-name", ResourcePolicy=policy(nobody))
    reader = cast.aws.client("secretsmanager", cast.user(allow("secretsmanager:*")))
    for name in (arn, arn[:-7], "by-name"):
        assert refusal(lambda name=name: reader.get_secret_value(SecretId=name))[0] == "AccessDeniedException"
    assert refusal(lambda: reader.batch_get_secret_value(SecretIdList=["by-name"]))[0] == "NotImplemented"


def test_a_secret_that_is_kept_from_everybody(cast: Cast) -> None:
    """Where a caller says so, a secret gets no policy that lets everybody in."""
    secrets = cast.aws.client("secretsmanager", account=HOME)
    secrets.create_secret(Name="kept", SecretString="a")

    def put(principal: Any, **more: Any) -> Any:
        statement = {**allow("secretsmanager:GetSecretValue", **more), "Principal": principal}
        return secrets.put_resource_policy(SecretId="kept", ResourcePolicy=policy(statement), BlockPublicPolicy=True)

    assert put(root(OTHER))
    assert refusal(lambda: put("*"))[0] == "PublicPolicyException"
    assert put("*", Condition={"StringEquals": {"aws:PrincipalAccount": OTHER}})
    assert refusal(lambda: put("*", Condition={"Bool": {"aws:SecureTransport": "true"}}))[0] == "NotImplemented"


def test_a_user_with_another_name(cast: Cast) -> None:
    """Whoever is renamed keeps keys, tags and policies, and is the one whom trust policies name."""
    tags = [{"Key": "team", "Value": "a"}]
    user = cast.user(allow("iam:GetUser", "*", Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}}), Tags=tags)
    role = cast.role({**allow_nobody(), "Principal": {"AWS": user["Arn"]}})
    iam = cast.iam()
    iam.update_user(UserName=user["Name"], NewUserName="renamed", NewPath="/there/")
    assert cast.assume(user, role)
    assert cast.aws.client("iam", user).get_user(UserName="renamed")["User"]["Arn"].endswith(":user/there/renamed")
    shown = iam.get_role(RoleName=role.rpartition("/")[2])["Role"]["AssumeRolePolicyDocument"]
    assert shown["Statement"][0]["Principal"]["AWS"].endswith(":user/there/renamed")
    other = cast.user()
    code, _ = refusal(lambda: iam.update_user(UserName=other["Name"], NewUserName="renamed"))
    assert code == "EntityAlreadyExists"


def test_a_service_names_a_function_by_its_arn(cast: Cast) -> None:
    """A service has no account in which a function could have a name: by that alone nothing is decided."""
    client = cast.aws.client("lambda", cast.aws.as_service("events.amazonaws.com", HOME), region=REGION)
    assert refusal(lambda: client.invoke(FunctionName="f"))[0] == "NotImplemented"
    arn = f"arn:aws:lambda:{REGION}:{HOME}:function:f"
    code, message = refusal(lambda: client.invoke(FunctionName=arn))
    assert code == "AccessDeniedException"
    assert arn in message


def test_what_is_not_there(cast: Cast) -> None:
    """It is said as the services say it, of an API and of the copy of a file system."""
    apis, files = cast.aws.client("apigateway", account=HOME), cast.aws.client("efs", account=HOME)
    assert refusal(lambda: apis.delete_rest_api(restApiId="none"))[0] == "NotFoundException"
    system = files.create_file_system(CreationToken="t")["FileSystemId"]
    for name, code in ((system, "ReplicationNotFound"), ("fs-00000000", "FileSystemNotFound")):
        assert refusal(lambda name=name: files.describe_replication_configurations(FileSystemId=name))[0] == code  # type: ignore[misc]
