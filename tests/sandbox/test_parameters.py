"""
What is done is what was authorized: moto reads nothing out of a request that the gateway has not read there.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import botocore.credentials
import botocore.session
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.model import Shape
from botocore.serialize import create_serializer
from moto.core.responses import BaseResponse

from tests.sandbox.cast import HOME, Cast, allow, policy
from trustproof.sandbox.json_bodies import strangers
from trustproof.sandbox.moto import parameters

REGION = "eu-central-1"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PARTS = {"Content-Type": "multipart/form-data; boundary=X"}
JSON = {"Content-Type": "application/json"}


def field(name: str, value: str) -> str:
    return f'--X\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--X--\r\n'


def send(
    cast: Cast, keys: Any, service: str, method: str, path: str, headers: dict[str, str], body: str = ""
) -> tuple[int, str]:
    """The status and the body of the answer to a request that no client would write; unsigned without keys."""
    request = AWSRequest(method, cast.aws.url + path, data=body.encode(), headers=dict(headers))
    if keys is not None:
        credentials = botocore.credentials.Credentials(keys["AccessKeyId"], keys["SecretAccessKey"])
        (S3SigV4Auth if service == "s3" else SigV4Auth)(credentials, service, REGION).add_auth(request)
    sent = urllib.request.Request(
        cast.aws.url + path, data=body.encode() or None, method=method, headers=dict(request.headers)
    )
    try:
        with urllib.request.urlopen(sent) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture(scope="module")
def versions(cast: Cast) -> str:
    """A bucket `forms` with an object of which there is an older version; its id."""
    s3 = cast.aws.client("s3", account=HOME)
    s3.create_bucket(Bucket="forms", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="forms", VersioningConfiguration={"Status": "Enabled"})
    old = s3.put_object(Bucket="forms", Key="a", Body=b"old")["VersionId"]
    s3.put_object(Bucket="forms", Key="a", Body=b"new")
    iot = cast.aws.client("iot", account=HOME)
    for name in ("mine", "theirs"):
        iot.create_thing(thingName=name)
    return str(old)


DELETE = "<Delete><Object><Key>a</Key></Object></Delete>"


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("POST", "/forms?delete", PARTS, field("file", DELETE)),
        ("POST", "/forms?delete", {}, "<Delete></Delete>"),
        ("POST", "/forms?delete", {}, "<Delete><Object></Object></Delete>"),
        ("GET", "/forms/a", FORM, "versionId=VERSION"),
        ("GET", "/forms/a", PARTS, field("versionId", "VERSION")),
        ("GET", "/forms/a?versionId=VERSION&versionId=VERSION", {}, ""),
        ("PUT", "/forms?policy", PARTS, field("file", policy({**allow("s3:*"), "Principal": "*"}))),
        ("PUT", "/forms?policy", PARTS, field("file", '{"garbage"')),
        ("PUT", "/forms?ownershipControls", PARTS, field("file", "<OwnershipControls></OwnershipControls>")),
    ],
)
@pytest.mark.parametrize("signed", [True, False])
def test_s3_has_no_forms(
    cast: Cast, versions: str, method: str, path: str, headers: dict[str, str], body: str, signed: bool
) -> None:
    """Nobody deletes, reads or sets by a form, or by a list of nothing, what the same request says nowhere else."""
    keys = cast.user(allow(["s3:GetObject", "s3:PutBucketPolicy", "s3:PutBucketOwnershipControls"])) if signed else None
    given = [text.replace("VERSION", versions) for text in (path, body)]
    status, answer = send(cast, keys, "s3", method, given[0], headers, given[1])
    assert (status >= 400, "old" in answer) == (True, False)
    s3 = cast.aws.client("s3", account=HOME)
    assert len(s3.list_object_versions(Bucket="forms")["Versions"]) == 2
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket="forms")


def test_an_object_may_be_of_any_type(cast: Cast, versions: str) -> None:
    """An object is what was sent, also where its type is that of a form."""
    keys = cast.user(allow("s3:*"))
    assert send(cast, keys, "s3", "PUT", "/forms/form", FORM, "key=a&file=b")[0] == 200
    assert send(cast, keys, "s3", "GET", "/forms/form", {}) == (200, "key=a&file=b")
    cast.aws.client("s3", account=HOME).delete_object(
        Bucket="forms",
        Key="form",
        VersionId=cast.aws.client("s3", account=HOME).head_object(Bucket="forms", Key="form")["VersionId"],
    )


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("DELETE", "/things/mine?thingName=theirs", {}, ""),
        ("DELETE", "/things/mine", FORM, "thingName=theirs"),
        ("DELETE", "/things/mine", PARTS, field("thingName", "theirs")),
        ("DELETE", "/things/mine", JSON, '{"thingName": "theirs"}'),
        ("PATCH", "/things/mine?thingName=theirs", JSON, '{"attributePayload": {"attributes": {"a": "b"}}}'),
        ("PATCH", "/things/mine", JSON, '{"thingName": "theirs", "attributePayload": {"attributes": {"a": "b"}}}'),
    ],
)
def test_a_path_is_not_said_again(
    cast: Cast, versions: str, method: str, path: str, headers: dict[str, str], body: str
) -> None:
    """What the path names is not named anew by the query or the body."""
    keys = cast.user(allow("iot:*"), {**allow("iot:*", f"arn:aws:iot:{REGION}:{HOME}:thing/theirs"), "Effect": "Deny"})
    assert send(cast, keys, "iot", method, path, headers, body)[0] == 501
    iot = cast.aws.client("iot", account=HOME)
    assert [one["attributes"] for one in iot.list_things()["things"]] == [{}, {}]


def test_texts_are_not_parameters(cast: Cast) -> None:
    """A text of a body that looks like a form names nothing, and no other operation."""
    owner = cast.aws.client("secretsmanager", account=HOME)
    for name in ("mine", "theirs"):
        owner.create_secret(Name=name, SecretString=name)
    user = cast.user(
        allow("secretsmanager:*", f"arn:aws:secretsmanager:{REGION}:{HOME}:secret:mine-*"),
    )
    client = cast.aws.client("secretsmanager", user)
    client.update_secret(SecretId="mine", Description="a&SecretId=theirs&b")
    client.update_secret(SecretId="mine", Description="a&Action=DeleteSecret&b")
    found = {one["Name"]: one.get("Description") for one in owner.list_secrets()["SecretList"]}
    assert found == {"mine": "a&Action=DeleteSecret&b", "theirs": None}
    body = json.dumps({"SecretId": "mine", "secretId": "theirs"})
    headers = {"X-Amz-Target": "secretsmanager.DescribeSecret", "Content-Type": "application/x-amz-json-1.1"}
    assert send(cast, user, "secretsmanager", "POST", "/", headers, body)[0] == 501


@pytest.mark.parametrize(
    ("target", "service", "body", "said"),
    [
        ("secretsmanager.TagResource", "secretsmanager", {"SecretId": "a", "Tags": [{"key": "k"}]}, "Tags[0].key"),
        ("secretsmanager.DescribeSecret", "secretsmanager", {"SecretId": ["a"]}, "SecretId"),
        ("secretsmanager.DescribeSecret", "secretsmanager", {"SecretId": True}, "SecretId"),
        (
            "DynamoDB_20120810.GetItem",
            "dynamodb",
            {"TableName": "a", "Key": {"k": {"S": "v", "tableName": "b"}}},
            "Key.k.tableName",
        ),
        (
            "DynamoDB_20120810.BatchGetItem",
            "dynamodb",
            {"RequestItems": {"a": {"Keys": [], "TableName": "b"}}},
            "RequestItems.a.TableName",
        ),
        ("AmazonSQS.SendMessage", "sqs", {"QueueUrl": "u", "MessageBody": {"a": "b"}}, "MessageBody"),
    ],
)
def test_a_body_is_as_its_model(cast: Cast, target: str, service: str, body: dict[str, Any], said: str) -> None:
    """A key that the model does not have, or a value of another form, is refused at every depth of a body."""
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.0"}
    status, text = send(cast, cast.user(allow("*")), service, "POST", "/", headers, json.dumps(body))
    assert (status, f"has no parameter {said} there" in text) == (501, True), text


@pytest.mark.parametrize("service", ["dynamodb", "ecs", "lambda", "ssm"])
def test_bodies_of_clients(service: str) -> None:
    """Whatever a client writes into a body is there in the model."""
    model = botocore.session.get_session().get_service_model(service)
    serializer = create_serializer(model.protocol, include_validation=False)
    for name in model.operation_names:
        operation, body = model.operation_model(name), parameters.body_of(service, name)
        if operation.input_shape is None or body is None:
            continue
        written = serializer.serialize_to_request(example(operation.input_shape), operation)["body"]
        assert list(strangers(body[0], json.loads(written or "{}"), body[1])) == [], name


def example(shape: Shape, depth: int = 0) -> Any:
    """A value of a shape, as one hands it to a client."""
    if shape.type_name == "structure":
        return {name: example(one, depth + 1) for name, one in shape.members.items()} if depth < 5 else {}
    if shape.type_name == "list":
        return [example(shape.member, depth + 1)]
    if shape.type_name == "map":
        return {"key": example(shape.value, depth + 1)}
    times = {"timestamp": "2020-01-01T00:00:00Z", "blob": b"x", "boolean": True}
    return times.get(shape.type_name, 5 if shape.type_name in ("integer", "long", "float", "double") else "a")


def test_moto_reads_as_it_did(cast: Cast) -> None:
    """The method of moto's that is replaced takes what is handed to it, and finds parameters as it did."""
    code = parameters._MOTOS.__code__
    assert code.co_varnames[:5] == ("self", "request", "full_url", "headers", "use_raw_body")
    assert {"querystring", "data", "parsed_url", "automated_parameter_parsing"} <= set(code.co_names)
    assert BaseResponse.setup_class is parameters._set_up
