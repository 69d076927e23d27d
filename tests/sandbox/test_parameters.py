"""
What is done is what was authorized: moto reads nothing out of a request that the gateway has not read there.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import botocore.credentials
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.model import Shape
from botocore.serialize import create_serializer
from moto.core.responses import BaseResponse

from tests.sandbox.cast import HOME, Cast, allow, model_of, policy
from trustproof.sandbox.moto import parameters
from trustproof.sandbox.requests import form_bodies, xml_bodies
from trustproof.sandbox.requests.json_bodies import strangers

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


VERSIONING = "<VersioningConfiguration>{}</VersioningConfiguration>"
TAGGING = "<Tagging><TagSet><Tag>{}</Tag></TagSet></Tagging>"


@pytest.mark.parametrize(
    ("service", "path", "body", "said"),
    [
        ("s3", "/forms?versioning", VERSIONING.format("<Status>Enabled</Status>"), None),
        ("s3", "/forms?versioning", f"<?xml version='1.0'?>\n{VERSIONING.format(' <Status>Enabled</Status> ')}", None),
        ("s3", "/forms?versioning", VERSIONING.format("<Status>Enabled</Status><Status>Suspended</Status>"), "Status"),
        ("s3", "/forms?versioning", VERSIONING.format("<x:Status xmlns:x='u'>Suspended</x:Status>"), "x:Status"),
        ("s3", "/forms?versioning", VERSIONING.format("<Status>Suspended<a/></Status>"), "Status"),
        ("s3", "/forms?versioning", VERSIONING.format("Suspended"), "VersioningConfiguration"),
        ("s3", "/forms?versioning", VERSIONING.format("<Status>Sus<!-- -->pended</Status>"), "one way only"),
        ("s3", "/forms?versioning", VERSIONING.format("<Status><![CDATA[Suspended]]></Status>"), "one way only"),
        ("s3", "/forms?versioning", "<!DOCTYPE a>" + VERSIONING.format("<Status>Suspended</Status>"), "one way only"),
        ("s3", "/forms?versioning", VERSIONING.format("<Status Status='a'>Suspended</Status>"), "Status@Status"),
        ("s3", "/forms?versioning", "<Other><Status>Suspended</Status></Other>", "Other"),
        ("s3", "/forms?tagging", TAGGING.format("<Key>a</Key><Value>b </Value>"), "TagSet.Tag.Value"),
        ("s3", "/forms?tagging", TAGGING.format("<Key>a</Key><Key>b</Key><Value>b</Value>"), "TagSet.Tag.Key"),
        ("s3", "/forms?tagging", "<Tagging><TagSet><Foo><Key>a</Key></Foo></TagSet></Tagging>", "TagSet.Foo"),
        ("s3", "/forms/a?tagging&versionId=null", "<Tagging><TagSet/><TagSet/></Tagging>", "Tagging.TagSet"),
        (
            "route53",
            "/2013-04-01/tags/hostedzone/Z1",
            "<ChangeTagsForResourceRequest><AddTags><Tag><key>b</key></Tag></AddTags></ChangeTagsForResourceRequest>",
            "AddTags.Tag.key",
        ),
    ],
)
def test_a_body_of_xml_is_as_its_model(
    cast: Cast, versions: str, service: str, path: str, body: str, said: str | None
) -> None:
    """An element that the model does not have, or twice, or in a form that is read in two ways, is refused."""
    method = "PUT" if service == "s3" else "POST"
    status, text = send(cast, cast.user(allow("*")), service, method, path, {"Content-Type": "application/xml"}, body)
    assert (status, said is None or said in text) == (200 if said is None else 501, True), text
    assert cast.aws.client("s3", account=HOME).get_bucket_versioning(Bucket="forms")["Status"] == "Enabled"


@pytest.mark.parametrize(
    ("service", "body", "said"),
    [
        ("iam", "Action=TagUser&UserName=u&Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.member.1.Foo=c", "1.Foo"),
        ("iam", "Action=TagUser&UserName=u&Tags.member.1.Key=a&Tags.member.1.Value=b&Tags.Tag.1.Key=c", "Tags.Tag"),
        ("iam", "Action=TagUser&UserName=u&Tags.member.1.Key=a&Tags.member.3.Key=b", "Tags.member.3"),
        ("iam", "Action=TagUser&UserName.1=u", "UserName.1"),
        ("ec2", "Action=DescribeInstances&InstanceId.1=i-1&InstanceId.x=i-2", "InstanceId.x"),
        ("ec2", "Action=DescribeInstances&InstanceId.01=i-1", "InstanceId.01"),
        ("sns", "Action=CreateTopic&Name=a&Attributes.entry.1.Key=a&Attributes.entry.1.value=b", "entry.1.Key"),
    ],
)
def test_a_form_is_as_its_model(cast: Cast, service: str, body: str, said: str) -> None:
    """A name in a form that the model does not have is refused at every depth, and so is a number that is skipped."""
    status, text = send(cast, cast.user(allow("*")), service, "POST", "/", FORM, f"Version=2010-05-08&{body}")
    assert (status, "has no parameter" in text, said in text) == (501, True, True), text


def test_a_host_names_nothing_else(cast: Cast) -> None:
    """An account in the name of a host is the one that the request says."""
    path = "/v20180820/configuration/publicAccessBlock"
    for account, said in ((HOME, "S3 Control"), ("999988887777", "name of the host")):
        host = f"{account}.s3-control.localhost:{cast.aws.url.rpartition(':')[2]}"
        headers = {"x-amz-account-id": HOME, "Host": host}
        status, text = send(cast, cast.user(allow("*")), "s3", "GET", path, headers)
        assert (status, said in text) == (501, True), text


@pytest.mark.parametrize("service", ["dynamodb", "ecs", "lambda", "ssm"])
def test_bodies_of_clients(service: str) -> None:
    """Whatever a client writes into a body is there in the model."""
    model = model_of(service)
    serializer = create_serializer(model.protocol, include_validation=False)
    for name in model.operation_names:
        operation, body = model.operation_model(name), parameters.body_of(service, name)
        if operation.input_shape is None or body is None:
            continue
        written = serializer.serialize_to_request(example(operation.input_shape), operation)["body"]
        assert list(strangers(body.shape, json.loads(written or "{}"), body.elsewhere)) == [], name


@pytest.mark.parametrize("service", ["s3", "s3control", "route53", "cloudfront"])
def test_bodies_of_xml_of_clients(service: str) -> None:
    """Whatever a client writes into a body of XML is there in the model."""
    model = model_of(service)
    serializer = create_serializer("rest-xml", include_validation=False)
    for name in model.operation_names:
        operation, body = model.operation_model(name), parameters.body_of(service, name)
        if operation.input_shape is None or body is None:
            continue
        written = serializer.serialize_to_request(example(operation.input_shape), operation)["body"]
        if written:
            element = xml_bodies.read(written)
            assert list(xml_bodies.strangers(body.shape, element, body.elsewhere)) == [], name
            assert body.element in (None, element.name)


@pytest.mark.parametrize(
    ("service", "protocol"), [("iam", "query"), ("sns", "query"), ("elb", "query"), ("ec2", "ec2")]
)
def test_forms_of_clients(service: str, protocol: str) -> None:
    """Whatever a client writes into a form is there in the model."""
    model = model_of(service)
    serializer = create_serializer(protocol, include_validation=False)
    for name in model.operation_names[:: 9 if service == "ec2" else 1]:
        operation = model.operation_model(name)
        if operation.input_shape is not None:
            written = serializer.serialize_to_request(example(operation.input_shape), operation)["body"]
            given = [(one, str(value)) for one, value in written.items() if one not in ("Action", "Version")]
            assert list(form_bodies.strangers(parameters.input_of(service, name), given, protocol)) == [], name


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
