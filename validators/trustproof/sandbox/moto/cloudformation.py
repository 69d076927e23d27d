"""
The door to what moto has for CloudFormation: models of the resource types that are not ours, and the answer's form.

All of it is internal to moto 5.2, which is pinned; a test holds each name to what is expected of it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

from botocore.session import get_session
from moto.core.exceptions import ServiceException
from moto.core.model import ServiceModel
from moto.core.serialize import QuerySerializer, SerializationContext
from werkzeug.exceptions import HTTPException

from trustproof.sandbox.moto.iam import iam_backends

#: What moto raises where a service refuses.
SERVICE_ERRORS = (ServiceException, HTTPException)

#: Types that have no capitals in their names.
_LOWER_CASE = ("AWS::ECR::Repository", "AWS::RDS::", "AWS::Redshift::", "AWS::S3::Bucket")

#: How long the name of a resource may be, and how long the end of it that CloudFormation makes up.
_LONGEST = {
    "AWS::Events::Rule": 64,
    "AWS::Lambda::Function": 64,
    "AWS::S3::Bucket": 63,
    "AWS::SQS::Queue": 80,
}
_RANDOM = 13

_models: dict[str, ServiceModel] = {}


def service_model(name: str) -> ServiceModel:
    """The operations and shapes of a service, as moto's parser and serializer want them."""
    if name not in _models:
        loader = get_session().get_component("data_loader")
        _models[name] = ServiceModel(loader.load_service_model(name, "service-2"), name)
    return _models[name]


def answer_xml(service: str, operation: str, result: dict[str, Any], request_id: str) -> bytes:
    """
    The body of an answer in the query protocol.

    Args:
        service: `cloudformation`.
        operation: its name in the model: `DescribeStacks`.
        result: members of the output shape by name.
        request_id: what the answer says of itself.
    """
    serializer = QuerySerializer(service_model(service).operation_model(operation), SerializationContext(request_id))
    body = serializer.serialize(result)["body"]
    return body if isinstance(body, bytes) else body.encode()


def _code(error: BaseException) -> str:
    return str(getattr(error, "error_type", None) or getattr(error, "code", None) or type(error).__name__)


def is_gone(error: BaseException) -> bool:
    """Whether a service of moto says that what a request is about is not there."""
    return re.search("NotFound|NoSuch|NonExist|DoesNotExist", _code(error)) is not None


def is_empty(bucket: str) -> bool:
    """Whether a bucket has no object, no version of one and no delete marker; or is not there."""
    from moto.s3.models import s3_backends

    owner = s3_backends.bucket_accounts.get(bucket)
    return owner is None or not s3_backends[owner[1]][owner[0]].get_bucket(bucket).keys


def empty_repository(account: str, region: str, name: str) -> None:
    """Delete the images of a repository, if it is there."""
    from moto.ecr.models import ecr_backends

    found = ecr_backends[account][region].repositories.get(name)
    if found is not None:
        found.images.clear()


def exists(type_name: str, account: str, region: str, partition: str, name: str) -> bool:
    """
    Whether there is a resource of a type under a name already; of a type that is not told here it is not known.

    Args:
        type_name: `AWS::S3::Bucket`.
        account: the account id.
        region: the Region.
        partition: that of the Region.
        name: what a template would call it.
    """
    if type_name.startswith("AWS::IAM::"):
        iam = iam_backends[account][partition]
        named: dict[str, Callable[[], list[str]]] = {
            "AWS::IAM::Group": lambda: list(iam.groups),
            "AWS::IAM::InstanceProfile": lambda: [one.name for one in iam.instance_profiles.values()],
            "AWS::IAM::ManagedPolicy": lambda: [
                one.name for one in iam.managed_policies.values() if f":{account}:" in one.arn
            ],
            "AWS::IAM::Role": lambda: [one.name for one in iam.roles.values()],
            "AWS::IAM::User": lambda: list(iam.users),
        }
        return type_name in named and name in named[type_name]()
    if type_name == "AWS::S3::Bucket":
        from moto.s3.models import s3_backends

        return name in s3_backends[account][partition].buckets
    if type_name == "AWS::SSM::Parameter":
        return ssm_parameter(account, region, name) is not None
    if type_name == "AWS::ECR::Repository":
        from moto.ecr.models import ecr_backends

        return name in ecr_backends[account][region].repositories
    if type_name == "AWS::DynamoDB::Table":
        from moto.dynamodb.models import dynamodb_backends

        return name in dynamodb_backends[account][region].tables
    return False


def describe_error(error: BaseException, service: str) -> str:
    """What a service of moto says that it refuses, in the words in which CloudFormation passes it on."""
    code = _code(error)
    message = getattr(error, "message", None) or str(error)
    return f"{message} (Service: {service}, Status Code: 400, Error Code: {code})"


def foreign_model(type_name: str) -> Any:
    """
    Moto's model of a resource type; None when it has none.

    The import brings every service that moto has a resource type of, which takes a second: so it waits until a
    template has such a type.
    """
    from moto.cloudformation.parsing import get_model_map

    return get_model_map().get(type_name)


def foreign_name(type_name: str, stack_name: str, logical_id: str, properties: Mapping[str, Any]) -> str:
    """The name of a resource that has none in its template: moto's, as far as the service takes such names."""
    from moto.cloudformation.parsing import generate_resource_name

    name = str(generate_resource_name(type_name, stack_name, logical_id))
    if type_name.startswith(_LOWER_CASE):
        name = name.lower()
    ending = ""
    if type_name == "AWS::SQS::Queue" and str(properties.get("FifoQueue", "")).lower() == "true":
        ending = ".fifo"
    # moto makes names that are longer than services take them.
    longest = _LONGEST.get(type_name, len(name) + len(ending)) - len(ending)
    if len(name) > longest:
        name = name[: longest - _RANDOM] + name[-_RANDOM:]
    return name + ending


def function_code(code: Mapping[str, Any]) -> dict[str, Any]:
    """
    The `Code` of a function as moto's update takes it: an archive, where the template has the text of the function.
    """
    if "ZipFile" not in code:
        return dict(code)
    from moto.awslambda.models import LambdaFunction

    archive = LambdaFunction._create_zipfile_from_plaintext_code(str(code["ZipFile"]))
    return {**code, "ZipFile": b64encode(archive)}


def read_object(account: str, partition: str, bucket: str, key: str) -> bytes | None:
    """The content of an object in a bucket of any account; None when there is none."""
    from moto.s3.models import s3_backends

    for owner in [account, *(other for other in list(s3_backends) if other != account)]:
        found = s3_backends[owner][partition].buckets.get(bucket)
        if found is not None:
            stored = s3_backends[owner][partition].get_object(bucket, key)
            return None if stored is None else bytes(stored.value)
    return None


def s3_backend(account: str, partition: str) -> Any:
    """S3 of an account."""
    from moto.s3.models import s3_backends

    return s3_backends[account][partition]


def ssm_parameter(account: str, region: str, name: str) -> tuple[str, str] | None:
    """The value and the type of an SSM parameter, whose name may have a version; None when there is none."""
    from moto.ssm.models import ssm_backends

    found = next(iter(ssm_backends[account][region].get_parameters([name]).values()), None)
    return None if found is None else (str(found.value), str(found.parameter_type))


def zones(region: str) -> list[str]:
    """The names of the availability zones of a Region."""
    from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend

    return [zone.name for zone in RegionsAndZonesBackend.zones.get(region, [])]
