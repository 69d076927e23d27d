"""
Whoever reads or writes what is encrypted with a key needs the key, too; and what services send to each other.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root, trust

REGION = "eu-central-1"
SERVICES = ["s3:*", "secretsmanager:*", "ssm:*", "sqs:*", "sns:*"]


def home(cast: Cast, service: str) -> Any:
    return cast.aws.client(service, account=HOME)


@pytest.fixture(scope="module")
def key(cast: Cast) -> str:
    """A key that the account's policies decide on, and what is encrypted with it."""
    arn = str(home(cast, "kms").create_key()["KeyMetadata"]["Arn"])
    s3 = home(cast, "s3")
    for name in ("by-request", "by-default"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}}
    s3.put_bucket_encryption(Bucket="by-default", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_object(Bucket="by-request", Key="a", Body=b"a", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn)
    s3.put_object(Bucket="by-request", Key="plain", Body=b"a")
    s3.put_object(Bucket="by-default", Key="a", Body=b"a")
    s3.put_object(Bucket="by-default", Key="itself", Body=b"a")
    copy = {"Bucket": "by-default", "Key": "itself", "CopySource": "by-default/itself"}
    s3.copy_object(**copy, MetadataDirective="REPLACE", Metadata={"a": "b"})
    home(cast, "secretsmanager").create_secret(Name="kept", SecretString="a", KmsKeyId=arn)
    home(cast, "ssm").put_parameter(Name="/kept/a", Value="a", Type="SecureString", KeyId=arn)
    home(cast, "sqs").create_queue(QueueName="kept", Attributes={"KmsMasterKeyId": arn})
    home(cast, "sns").create_topic(Name="kept", Attributes={"KmsMasterKeyId": arn})
    return arn


def url(cast: Cast) -> str:
    return str(home(cast, "sqs").get_queue_url(QueueName="kept")["QueueUrl"])


#: The service, the action of the key, and what needs it.
CALLS: list[tuple[str, str, Callable[[Any, str], Any]]] = [
    ("s3", "Decrypt", lambda s3, _: s3.get_object(Bucket="by-request", Key="a")),
    ("s3", "Decrypt", lambda s3, _: s3.get_object(Bucket="by-default", Key="a")),
    ("s3", "Decrypt", lambda s3, _: s3.get_object(Bucket="by-default", Key="itself")),
    ("s3", "GenerateDataKey", lambda s3, _: s3.put_object(Bucket="by-default", Key="b", Body=b"b")),
    (
        "s3",
        "GenerateDataKey",
        lambda s3, key: s3.put_object(
            Bucket="by-request", Key="b", Body=b"b", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
        ),
    ),
    ("s3", "Decrypt", lambda s3, _: s3.copy_object(Bucket="by-request", Key="c", CopySource="by-request/a")),
    ("secretsmanager", "Decrypt", lambda client, _: client.get_secret_value(SecretId="kept")),
    ("secretsmanager", "GenerateDataKey", lambda client, _: client.put_secret_value(SecretId="kept", SecretString="b")),
    ("ssm", "Decrypt", lambda ssm, _: ssm.get_parameter(Name="/kept/a", WithDecryption=True)),
    ("ssm", "Decrypt", lambda ssm, _: ssm.get_parameters_by_path(Path="/kept", WithDecryption=True)),
    ("ssm", "Encrypt", lambda ssm, key: ssm.put_parameter(Name="/b", Value="b", Type="SecureString", KeyId=key)),
    ("sns", "GenerateDataKey", lambda sns, key: sns.publish(TopicArn=topic_of(key, "kept"), Message="a")),
]


def topic_of(key: str, name: str) -> str:
    return ":".join([*key.split(":")[:2], "sns", *key.split(":")[3:5], name])


@pytest.mark.parametrize(("service", "action", "call"), CALLS)
def test_what_is_encrypted(cast: Cast, key: str, service: str, action: str, call: Callable[[Any, str], Any]) -> None:
    """Without the key nobody reads or writes it; with the key, through the service, one does."""
    without = cast.aws.client(service, cast.user(allow(SERVICES)))
    code, message = refusal(lambda: call(without, key))
    assert code in ("AccessDenied", "AccessDeniedException", "AuthorizationError")
    assert f"kms:{action} on resource: {key}" in message
    condition = {"StringEquals": {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"}}
    other = {"StringEquals": {"kms:ViaService": f"rds.{REGION}.amazonaws.com"}}
    assert refusal(lambda: call(cast.aws.client(service, cast.user(allow(SERVICES), using(other))), key))[0] == code
    assert call(cast.aws.client(service, cast.user(allow(SERVICES), using(condition))), key)


def using(condition: dict[str, Any]) -> dict[str, Any]:
    return allow(["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], Condition=condition)


def test_messages_of_an_encrypted_queue(cast: Cast, key: str) -> None:
    """A queue's key is asked for sending and receiving."""
    sqs = cast.aws.client("sqs", cast.user(allow(SERVICES)))
    calls = [
        lambda: sqs.send_message(QueueUrl=url(cast), MessageBody="a"),
        lambda: sqs.receive_message(QueueUrl=url(cast)),
    ]
    assert [key in refusal(call)[1] for call in calls] == [True, True]


def test_what_is_not_encrypted_with_a_key(cast: Cast, key: str) -> None:
    """Keys that AWS owns or manages let whoever is of the account, through the service."""
    assert key
    limited = cast.user(allow(SERVICES))
    assert cast.aws.client("s3", limited).get_object(Bucket="by-request", Key="plain")
    ssm = cast.aws.client("ssm", limited)
    ssm.put_parameter(Name="/c", Value="c", Type="SecureString")
    assert ssm.get_parameter(Name="/c", WithDecryption=True)["Parameter"]["Value"] == "c"


def lent(cast: Cast) -> dict[str, Callable[[Any], Any]]:
    """By the service, how to ask for what another account was given and a key that AWS manages encrypts."""
    everything = {"Effect": "Allow", "Principal": root(OTHER), "Action": "*", "Resource": "*"}
    s3, queues = home(cast, "s3"), home(cast, "sqs")
    for name in ("lent", "lent-by-default"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        text = policy({**everything, "Action": "s3:*", "Resource": [f"arn:aws:s3:::{name}/*", f"arn:aws:s3:::{name}"]})
        s3.put_bucket_policy(Bucket=name, Policy=text)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket="lent-by-default", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_object(Bucket="lent", Key="a", Body=b"a", ServerSideEncryption="aws:kms")
    s3.put_object(Bucket="lent-by-default", Key="a", Body=b"a")
    s3.put_object(Bucket="lent-by-default", Key="plain", Body=b"a", ServerSideEncryption="AES256")
    arn = str(home(cast, "secretsmanager").create_secret(Name="lent", SecretString="a")["ARN"])
    text = policy({**everything, "Action": "secretsmanager:*"})
    home(cast, "secretsmanager").put_resource_policy(SecretId="lent", ResourcePolicy=text)
    queue = str(queues.create_queue(QueueName="lent", Attributes={"KmsMasterKeyId": "alias/aws/sqs"})["QueueUrl"])
    text = policy({**everything, "Action": "sqs:SendMessage"})
    queues.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": text})
    return {
        "s3:by-request": lambda s3: s3.get_object(Bucket="lent", Key="a"),
        "s3:by-default": lambda s3: s3.get_object(Bucket="lent-by-default", Key="a"),
        "s3:put": lambda s3: s3.put_object(Bucket="lent-by-default", Key="b", Body=b"b"),
        "secretsmanager:get": lambda secrets: secrets.get_secret_value(SecretId=arn),
        "sqs:send": lambda sqs: sqs.send_message(QueueUrl=queue, MessageBody="a"),
    }


def test_keys_that_aws_manages_let_nobody_of_another_account(cast: Cast) -> None:
    """Whatever the policy of a bucket, secret or queue says, AWS's key is for the account that it is in."""
    calls = lent(cast)
    own, foreign = cast.user(allow(SERVICES)), cast.user(allow([*SERVICES, "kms:*"]), account=OTHER)
    denied = cast.user(allow(SERVICES), {**allow("kms:*"), "Effect": "Deny"})
    elsewhere = {**allow("kms:*", f"arn:aws:kms:*:{HOME}:key/{OTHER}"), "Effect": "Deny"}
    spared = cast.user(allow(SERVICES), elsewhere)
    tagged = {**allow("*"), "Effect": "Deny", "Condition": {"StringEquals": {"aws:ResourceTag/data": "secret"}}}
    assert calls["secretsmanager:get"](cast.aws.client("secretsmanager", cast.user(allow(SERVICES), tagged)))
    for name, call in calls.items():
        service = name.split(":")[0]
        assert call(cast.aws.client(service, own)), name
        assert call(cast.aws.client(service, spared)), name
        for client in (cast.aws.client(service, foreign), cast.aws.client(service, denied)):
            code, message = refusal(lambda call=call, client=client: call(client))
            assert ("AccessDenied" in code, " kms:" in message) == (True, True), name
    assert cast.aws.client("s3", foreign).get_object(Bucket="lent-by-default", Key="plain")


def test_the_context_of_the_service_is_not_guessed(cast: Cast, key: str) -> None:
    """What a service writes into the encryption context is not known."""
    condition = {"StringLike": {"kms:EncryptionContext:aws:s3:arn": "*"}}
    s3 = cast.aws.client("s3", cast.user(allow(SERVICES), using(condition)))
    assert key
    assert refusal(lambda: s3.get_object(Bucket="by-request", Key="a"))[0] == "NotImplemented"


def test_grants(cast: Cast) -> None:
    """Whom no policy of a key lets in may have a grant: undecided while there are any, but for an explicit Deny."""
    role = cast.role(trust(root(OTHER)))
    kms = home(cast, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    granted = cast.user()
    denied = cast.user({**allow("kms:*"), "Effect": "Deny"})
    clients = [cast.aws.client("kms", user) for user in (granted, denied)]

    def codes() -> list[str]:
        return [refusal(lambda one=one: one.encrypt(KeyId=key, Plaintext=b"a"))[0] for one in clients]

    assert codes() == ["AccessDeniedException"] * 2
    kms.create_grant(KeyId=key, GranteePrincipal=role, Operations=["Encrypt"])
    assert codes() == ["NotImplemented", "AccessDeniedException"]


def test_what_a_topic_sends_to_queues(cast: Cast) -> None:
    """Nothing is delivered to a queue whose policy does not let SNS send; that is said, and the message not taken."""
    sns, sqs = home(cast, "sns"), home(cast, "sqs")
    topic = sns.create_topic(Name="sending")["TopicArn"]
    queue = sqs.create_queue(QueueName="getting")["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{HOME}:getting"
    assert sns.publish(TopicArn=topic, Message="a")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    code, message = refusal(lambda: sns.publish(TopicArn=topic, Message="a"))
    assert (code, arn in message) == ("NotImplemented", True)
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
    for source, taken in ((f"{topic}s", False), (topic, True)):
        condition = {"ArnEquals": {"aws:SourceArn": source}}
        send = {**allow("sqs:SendMessage", arn, Condition=condition), "Principal": {"Service": "sns.amazonaws.com"}}
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy(send)})
        if taken:
            assert sns.publish(TopicArn=topic, Message="a")
            assert sqs.receive_message(QueueUrl=queue)["Messages"]
        else:
            assert refusal(lambda: sns.publish(TopicArn=topic, Message="a"))[0] == "NotImplemented"


def table(cast: Cast, key: str) -> str:
    home(cast, "dynamodb").create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    return "kept"


def test_keys_of_other_services(cast: Cast, key: str) -> None:
    """Whether a service asks for its key is not guessed: whoever may use the key gets in, others are undecided."""
    name = table(cast, key)
    calls: list[tuple[str, Callable[[Any], Any]]] = [
        ("dynamodb", lambda client: client.get_item(TableName=name, Key={"a": {"S": "b"}})),
        (
            "ecr",
            lambda client: client.create_repository(
                repositoryName="kept", encryptionConfiguration={"encryptionType": "KMS", "kmsKey": key}
            ),
        ),
        ("logs", lambda client: client.create_log_group(logGroupName="kept", kmsKeyId=key)),
    ]
    for service, call in calls:
        without = cast.aws.client(service, cast.user(allow(f"{service}:*")))
        code, message = refusal(lambda call=call, without=without: call(without))  # type: ignore[misc]
        assert (code, "asks for the key" in message) == ("NotImplemented", True), service
        assert refusal(lambda call=call, service=service: call(cast.aws.client(service, cast.user())))[0] == (  # type: ignore[misc]
            "AccessDeniedException"
        )
        assert call(cast.aws.client(service, cast.user(allow(f"{service}:*"), allow("kms:*", key)))), service


def test_the_environment_of_a_function(cast: Cast, key: str) -> None:
    """AWS leaves it out for whoever may not use its key; here it is undecided, and so is what moto would not change."""
    role = cast.role(trust({"Service": "lambda.amazonaws.com"}))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("index.py", "")
    for name, more in (("kept", {"KMSKeyArn": key}), ("open", {})):
        home(cast, "lambda").create_function(
            FunctionName=name,
            Role=role,
            Runtime="python3.12",
            Handler="index.h",
            Code={"ZipFile": archive.getvalue()},
            Environment={"Variables": {"A": "b"}},
            **more,
        )
    without = cast.aws.client("lambda", cast.user(allow("lambda:*")))
    arn = f"arn:aws:lambda:eu-central-1:{HOME}:function:kept"
    for named in ("kept", arn, f"{arn}:$LATEST"):
        call = partial(without.get_function_configuration, FunctionName=named)
        assert refusal(call)[0] == "NotImplemented", named
    assert refusal(without.list_functions)[0] == "NotImplemented"
    assert without.get_function(FunctionName="open")
    reads = cast.aws.client("lambda", cast.user(allow("lambda:*"), allow("kms:Decrypt", key)))
    assert reads.get_function_configuration(FunctionName="kept")["Environment"]["Variables"] == {"A": "b"}
    change = partial(home(cast, "lambda").update_function_configuration, FunctionName="open", KMSKeyArn=key)
    assert refusal(change)[0] == "NotImplemented"
    off = {"SSESpecification": {"Enabled": False}}
    encrypt = partial(home(cast, "dynamodb").update_table, TableName="any", **off)
    assert refusal(encrypt)[0] == "NotImplemented"


def test_uploads_in_parts(cast: Cast, key: str) -> None:
    """Of an upload with a key of one's own the first request needs it; of the others that is undecided."""
    owner = home(cast, "s3")
    owner.create_bucket(Bucket="parts", CreateBucketConfiguration={"LocationConstraint": REGION})
    given = {"Bucket": "parts", "Key": "a"}
    upload = owner.create_multipart_upload(**given, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)["UploadId"]
    s3 = cast.aws.client("s3", cast.user(allow("s3:*")))
    assert refusal(lambda: s3.upload_part(**given, UploadId=upload, PartNumber=1, Body=b"a"))[0] == "NotImplemented"
    part = owner.upload_part(**given, UploadId=upload, PartNumber=1, Body=b"a")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    ending = {**given, "UploadId": upload, "MultipartUpload": parts}
    assert refusal(lambda: s3.complete_multipart_upload(**ending))[0] == "NotImplemented"
    assert owner.complete_multipart_upload(**ending)


def test_the_head_of_an_object(cast: Cast, key: str) -> None:
    """What S3 tells of an object needs no key, but for its checksum."""
    owner = home(cast, "s3")
    owner.create_bucket(Bucket="heads", CreateBucketConfiguration={"LocationConstraint": REGION})
    owner.put_object(Bucket="heads", Key="a", Body=b"a", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    s3 = cast.aws.client("s3", cast.user(allow("s3:*")))
    assert s3.head_object(Bucket="heads", Key="a")
    assert refusal(lambda: s3.head_object(Bucket="heads", Key="a", ChecksumMode="ENABLED"))[0] == "403"


def test_a_key_that_cannot_be_used(cast: Cast) -> None:
    """What is encrypted with a key that is disabled, or about to be deleted, nobody reads."""
    kms, s3 = home(cast, "kms"), home(cast, "s3")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    s3.create_bucket(Bucket="disabled", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="disabled", Key="a", Body=b"a", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)

    def codes() -> list[str]:
        calls = (
            lambda: s3.get_object(Bucket="disabled", Key="a"),
            lambda: kms.encrypt(KeyId=key, Plaintext=b"a"),
        )
        return [refusal(call)[0] for call in calls]

    kms.disable_key(KeyId=key)
    assert codes() == ["NotImplemented", "DisabledException"]
    kms.enable_key(KeyId=key)
    assert s3.get_object(Bucket="disabled", Key="a")
    kms.schedule_key_deletion(KeyId=key)
    assert codes() == ["NotImplemented", "KMSInvalidStateException"]
