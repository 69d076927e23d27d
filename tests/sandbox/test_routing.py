"""
Service, Region and account of a request are those that were signed and authorized, whatever else it says.
"""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from typing import Any

import botocore.credentials
import pytest
from botocore.auth import S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest, prepare_request_dict
from botocore.serialize import create_serializer

from tests.sandbox.cast import HOME, Cast, allow, model_of, refusal
from trustproof.sandbox.moto.parameters import path_of
from trustproof.sandbox.requests import request_paths

REGION, OTHER_REGION = "eu-central-1", "us-east-1"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TABLES = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}


@pytest.fixture(scope="module", autouse=True)
def _made(cast: Cast) -> None:
    s3 = cast.aws.client("s3", account=HOME)
    s3.create_bucket(Bucket="routes", CreateBucketConfiguration={"LocationConstraint": REGION})
    for key in (".well-known/jwks.json", "x.s3.cn-north-1.amazonaws.com"):
        s3.put_object(Bucket="routes", Key=key, Body=b"mine")
    cast.aws.client("dynamodb", account=HOME, region=REGION).create_table(
        TableName="here",
        KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def credentials(keys: dict[str, str]) -> Any:
    return botocore.credentials.Credentials(keys["AccessKeyId"], keys["SecretAccessKey"])


def signed(
    cast: Cast, keys: dict[str, str], service: str, path: str, headers: dict[str, str], body: bytes, region: str
) -> dict[str, str]:
    request = AWSRequest("POST", cast.aws.url + path, data=body, headers=dict(headers))
    SigV4Auth(credentials(keys), service, region).add_auth(request)
    return dict(request.headers)


def presigned(
    cast: Cast, keys: dict[str, str], service: str, method: str, path: str, headers: dict[str, str], body: bytes
) -> str:
    # The signer would take a form for what belongs into the address.
    request = AWSRequest(method, cast.aws.url + path, headers={} if headers == FORM else dict(headers))
    if service == "s3":
        S3SigV4QueryAuth(credentials(keys), service, REGION).add_auth(request)
    else:
        signer = SigV4QueryAuth(credentials(keys), service, REGION)
        signer.payload = lambda _: hashlib.sha256(body).hexdigest()
        signer.add_auth(request)
    return str(request.url)


def answer(url: str, method: str, headers: dict[str, str], body: bytes) -> tuple[int, str]:
    sent = urllib.request.Request(url, data=body or None, method=method, headers=headers)
    try:
        with urllib.request.urlopen(sent) as found:
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize(
    ("service", "method", "path", "headers", "body", "said"),
    [
        ("iam", "GET", "/?Action=GetUser&Version=2010-05-08&UserName=NAME", {}, b"", "<GetUserResponse"),
        ("dynamodb", "POST", "/", TABLES, b"{}", '{"TableNames": ["here"]}'),
        ("lambda", "GET", "/2015-03-31/functions/", {}, b"", '"Functions"'),
        ("sns", "GET", "/?Action=ListTopics&Version=2010-03-31", {}, b"", "<ListTopicsResponse"),
        ("s3", "GET", "/routes/.well-known/jwks.json", {}, b"", "mine"),
        ("s3", "GET", "/routes/x.s3.cn-north-1.amazonaws.com", {}, b"", "mine"),
        ("s3", "PUT", "/routes/form", FORM, b"Action=AssumeRoleWithSAML&Version=2009-04-15", ""),
    ],
)
def test_addresses_that_are_signed(
    cast: Cast, service: str, method: str, path: str, headers: dict[str, str], body: bytes, said: str
) -> None:
    """A signed address asks the service that it was signed for, and not S3 or what its body seems to be for."""
    keys = cast.user(allow(f"{service}:*"))
    path = path.replace("NAME", cast.sts(keys).get_caller_identity()["Arn"].rpartition("/")[2])
    status, text = answer(presigned(cast, keys, service, method, path, headers, body), method, headers, body)
    assert (status, said in text, "<Buckets>" in text) == (200, True, False), text


def test_what_nobody_signed_is_of_s3(cast: Cast) -> None:
    """A public object has the name that it has, also where other services have something of that name."""
    s3 = cast.aws.client("s3", account=HOME)
    s3.create_bucket(Bucket="public-routes", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="public-routes", Key=".well-known/jwks.json", Body=b"ours")
    s3.delete_public_access_block(Bucket="public-routes")
    open_to_all = {**allow("s3:GetObject", "arn:aws:s3:::public-routes/*"), "Principal": "*"}
    s3.put_bucket_policy(
        Bucket="public-routes", Policy=json.dumps({"Version": "2012-10-17", "Statement": [open_to_all]})
    )
    assert answer(f"{cast.aws.url}/public-routes/.well-known/jwks.json", "GET", {}, b"") == (200, "ours")


@pytest.mark.parametrize(
    "more",
    [{}, {"User-Agent": f"region/{REGION}"}, {"Host": f"x.{REGION}.amazonaws.com.localhost"}],
    ids=lambda more: "".join(more) or "plain",
)
def test_the_region_is_the_one_that_was_signed(cast: Cast, more: dict[str, str]) -> None:
    """Neither the name of the client nor that of the host makes another Region of it."""
    condition = {"StringEquals": {"aws:RequestedRegion": OTHER_REGION}}
    keys = cast.user(allow("dynamodb:*", Condition=condition))
    headers = signed(cast, keys, "dynamodb", "/", {**TABLES, **more}, b"{}", OTHER_REGION)
    assert answer(cast.aws.url + "/", "POST", headers, b"{}") == (200, '{"TableNames": []}')


@pytest.mark.parametrize("scope", [f"{OTHER_REGION}/sns", f"{REGION}/iam"])
def test_a_second_credential(cast: Cast, scope: str) -> None:
    """A header that names two scopes names none."""
    keys = cast.user(allow("sns:*"))
    body = b"Action=ListTopics&Version=2010-03-31"
    headers = signed(cast, keys, "sns", "/", FORM, body, REGION)
    first = f"AWS4-HMAC-SHA256 Credential={keys['AccessKeyId']}/20200101/{scope}/aws4_request, "
    doubled = {**headers, "Authorization": headers["Authorization"].replace("AWS4-HMAC-SHA256 ", first)}
    status, text = answer(cast.aws.url + "/", "POST", doubled, body)
    assert (status, "IncompleteSignature" in text) == (400, True)
    algorithm, _, rest = headers["Authorization"].partition(" ")
    turned = {**headers, "Authorization": f"{algorithm} {', '.join(reversed(rest.split(', ')))}"}
    assert "<ListTopicsResponse" in answer(cast.aws.url + "/", "POST", turned, body)[1]


@pytest.mark.parametrize("more", ["X-Amz-Signature=a", "X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Date=a"])
def test_two_signatures(cast: Cast, more: str) -> None:
    """A request is signed in its header or in its address, and not in both."""
    keys = cast.user(allow("dynamodb:*"))
    headers = signed(cast, keys, "dynamodb", f"/?{more}", TABLES, b"{}", REGION)
    assert "Only one auth mechanism" in answer(f"{cast.aws.url}/?{more}", "POST", headers, b"{}")[1]


@pytest.mark.parametrize("path", ["/%6doto-api/data.json", "/moto%2dapi/reset", "/%6catest/meta-data/"])
def test_closed_doors_in_other_words(cast: Cast, path: str) -> None:
    """A path that is written in another way is the same path."""
    keys = cast.user(allow("s3:*"))
    assert answer(presigned(cast, keys, "s3", "GET", path, {}, b""), "GET", {}, b"")[0] == 403


def test_how_the_address_was_signed_is_told(cast: Cast) -> None:
    """What only signed addresses may do, a signature in the header may not."""
    condition = {"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}
    keys = cast.user(allow("s3:GetObject", "arn:aws:s3:::routes/*", Condition=condition))
    client = cast.aws.client("s3", keys)
    key = ".well-known/jwks.json"
    assert refusal(lambda: client.get_object(Bucket="routes", Key=key))[0] == "AccessDenied"
    assert answer(presigned(cast, keys, "s3", "GET", f"/routes/{key}", {}, b""), "GET", {}, b"") == (200, "mine")


@pytest.mark.parametrize(
    ("service", "method", "path"),
    [
        ("lambda", "DELETE", "/2015-03-31/functions/prod;x"),
        ("iot", "DELETE", "/things/one;x"),
        ("iot", "DELETE", "/things/one/"),
        ("pipes", "GET", "/tags/arn:aws:pipes:eu-central-1:111122223333:pipe/a/tags/arn:b"),
        ("dynamodb", "POST", "/other"),
    ],
)
def test_paths_that_end_in_two_places(cast: Cast, service: str, method: str, path: str) -> None:
    """A path of which a part may be the name or none of it is undecided."""
    keys = cast.user(allow("*"))
    headers = TABLES if service == "dynamodb" else {}
    body = b"{}" if service == "dynamodb" else b""
    request = AWSRequest(method, cast.aws.url + path, data=body, headers=dict(headers))
    SigV4Auth(credentials(keys), service, REGION).add_auth(request)
    assert answer(cast.aws.url + path, method, dict(request.headers), body)[0] == 501


@pytest.mark.parametrize("service", ["iot", "lambda", "pipes", "route53", "securityhub"])
def test_paths_of_clients(service: str) -> None:
    """Whatever a client writes for an operation is written as its model has it."""
    model = model_of(service)
    serializer = create_serializer(model.protocol, include_validation=False)
    for name in model.operation_names:
        operation = model.operation_model(name)
        members = {} if operation.input_shape is None else operation.input_shape.members
        given = {
            one: 5 if shape.type_name in ("integer", "long") else "arn:aws:x:r:1:a/b c;d#%~é"
            for one, shape in members.items()
            if shape.serialization.get("location") == "uri"
        }
        request = serializer.serialize_to_request(given, operation)
        prepare_request_dict(request, "http://localhost")
        template, named = path_of(service, name)
        values = {said: str(given[one]) for said, one in named.items()}
        assert request_paths.is_written(
            template, request["url"].removeprefix("http://localhost").partition("?")[0], values
        )


OLD_ALARMS, OLD_QUEUES = "Version=2010-08-01&AlarmNames.member.1=a", "Version=2012-11-05&MessageBody=a&QueueUrl="


@pytest.mark.parametrize(
    ("service", "path", "headers", "body", "status"),
    [
        ("monitoring", "/", FORM, f"Action=DescribeAlarms&{OLD_ALARMS}", 200),
        ("monitoring", "/", FORM, f"Action=DeleteAlarms&{OLD_ALARMS}", 403),
        ("monitoring", "/?Action=DescribeAlarms", FORM, f"Action=DeleteAlarms&{OLD_ALARMS}", 501),
        ("monitoring", "/service/a/operation/DeleteAlarms", FORM, f"Action=DescribeAlarms&{OLD_ALARMS}", 501),
        ("monitoring", "/", FORM, "Action=DescribeAlarms&Version=2010-08-01&alarmNames.member.1=a", 501),
        (
            "monitoring",
            "/",
            {**FORM, "X-Amz-Target": "GraniteServiceVersion20100801.DeleteAlarms"},
            f"Action=DescribeAlarms&{OLD_ALARMS}",
            501,
        ),
        ("sqs", "/", FORM, f"Action=SendMessage&{OLD_QUEUES}URL/mine", 200),
        ("sqs", "/HOME/mine", FORM, f"Action=SendMessage&{OLD_QUEUES}URL/mine", 200),
        ("sqs", "/", FORM, f"Action=SendMessage&{OLD_QUEUES}URL/theirs", 403),
        ("sqs", "/HOME/mine", FORM, f"Action=SendMessage&{OLD_QUEUES}URL/theirs", 501),
        ("sqs", "/HOME/theirs", FORM, f"Action=SendMessage&{OLD_QUEUES}URL/mine", 501),
        ("sqs", "/HOME/mine", FORM, "Action=SendMessage&Version=2012-11-05&MessageBody=a", 501),
    ],
)
def test_what_older_clients_send(
    cast: Cast, service: str, path: str, headers: dict[str, str], body: str, status: int
) -> None:
    """A form is taken by services whose clients send something else today, and is authorized as what it asks for."""
    queues = cast.aws.client("sqs", account=HOME)
    for name in ("mine", "theirs"):
        queues.create_queue(QueueName=name)
    queue = f"arn:aws:sqs:{REGION}:{HOME}:mine"
    keys = cast.user(allow("cloudwatch:DescribeAlarms"), allow("sqs:SendMessage", queue))
    path, body = path.replace("HOME", HOME), body.replace("URL", f"{cast.aws.url}/{HOME}")
    sent = signed(cast, keys, service, path, headers, body.encode(), REGION)
    assert answer(cast.aws.url + path, "POST", sent, body.encode())[0] == status
