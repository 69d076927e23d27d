"""
What the functions of the CDK's custom resources do.

https://github.com/aws/aws-cdk/tree/main/packages/%40aws-cdk/custom-resource-handlers
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import uuid4

from botocore.exceptions import ClientError

from trustproof.sandbox.cloudformation.custom_resources.base import CustomResource, without
from trustproof.sandbox.cloudformation.custom_resources.cdk_functions import CdkFunction
from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Made, Properties, removed_and_added

_URL, _CLIENTS, _THUMBPRINTS = "Url", "ClientIDList", "ThumbprintList"
_BUCKET, _REPOSITORY, _GROUP, _REGION = "BucketName", "RepositoryName", "LogGroupName", "LogGroupRegion"
_SECURITY_GROUP, _ACCOUNT = "DefaultSecurityGroupId", "Account"


class OpenIdConnectProvider(CustomResource):
    """
    A provider of tokens: `iam.OpenIdConnectProvider`.

    Where the template has no thumbprints, the function would ask the issuer for its certificate; here nobody does, and
    the provider has none.
    """

    name = "Custom::AWSCDKOpenIdConnectProvider"
    service = "iam"
    calls: ClassVar[frozenset[str]] = frozenset(
        {
            "AddClientIDToOpenIDConnectProvider",
            "CreateOpenIDConnectProvider",
            "DeleteOpenIDConnectProvider",
            "RemoveClientIDFromOpenIDConnectProvider",
            "UpdateOpenIDConnectProviderThumbprint",
        }
    )
    modules: ClassVar[frozenset[str]] = frozenset({"tls"})
    required: ClassVar[frozenset[str]] = frozenset({_URL})
    create_only: ClassVar[frozenset[str]] = frozenset({_URL})

    def made(self, function: CdkFunction, properties: Properties) -> Made:
        thumbprints = _sorted(properties, _THUMBPRINTS)
        given = {_URL: str(properties[_URL]), _CLIENTS: _sorted(properties, _CLIENTS)}
        held = {_THUMBPRINTS: thumbprints} if thumbprints else {}
        answer = function.client("iam").create_open_id_connect_provider(**given, **held)
        return Made(answer["OpenIDConnectProviderArn"], _told(thumbprints))

    def changed(self, function: CdkFunction, made: Made, old: Properties, new: Properties) -> Made:
        client, about = function.client("iam"), {"OpenIDConnectProviderArn": made.physical_id}
        thumbprints = _sorted(new, _THUMBPRINTS)
        if thumbprints:
            client.update_open_id_connect_provider_thumbprint(**about, ThumbprintList=thumbprints)
        gone, added = removed_and_added(_sorted(old, _CLIENTS), _sorted(new, _CLIENTS))
        for one in added:
            client.add_client_id_to_open_id_connect_provider(**about, ClientID=one)
        for one in gone:
            client.remove_client_id_from_open_id_connect_provider(**about, ClientID=one)
        return Made(made.physical_id, _told(thumbprints))

    def deleted(self, function: CdkFunction, made: Made, properties: Properties) -> None:
        function.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=made.physical_id)


def _sorted(properties: Properties, name: str) -> list[str]:
    return sorted(str(one) for one in properties.get(name) or ())


def _told(thumbprints: list[str]) -> Mapping[str, Any]:
    return {"Thumbprints": json.dumps(thumbprints)} if thumbprints else {}


class RestrictedSecurityGroup(CustomResource):
    """The default security group of a VPC, without its rules: `@aws-cdk/aws-ec2:restrictDefaultSecurityGroup`."""

    name = "Custom::VpcRestrictDefaultSG"
    service = "ec2"
    calls: ClassVar[frozenset[str]] = frozenset(
        {
            "AuthorizeSecurityGroupEgress",
            "AuthorizeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
        }
    )
    required: ClassVar[frozenset[str]] = frozenset({_ACCOUNT, _SECURITY_GROUP})

    def made(self, function: CdkFunction, properties: Properties) -> Made:
        client = function.client("ec2")
        with without("InvalidPermission.NotFound"):
            client.revoke_security_group_egress(**_outwards(properties))
        with without("InvalidPermission.NotFound"):
            client.revoke_security_group_ingress(**_inwards(properties))
        return Made(str(uuid4()))

    def changed(self, function: CdkFunction, made: Made, old: Properties, new: Properties) -> Made:
        if old.get(_SECURITY_GROUP) != new.get(_SECURITY_GROUP):
            self.deleted(function, made, {**new, _SECURITY_GROUP: old.get(_SECURITY_GROUP)})
            self.made(function, new)
        return made

    def deleted(self, function: CdkFunction, made: Made, properties: Properties) -> None:
        client = function.client("ec2")
        client.authorize_security_group_ingress(**_inwards(properties))
        client.authorize_security_group_egress(**_outwards(properties))


def _inwards(properties: Properties) -> dict[str, Any]:
    group = str(properties[_SECURITY_GROUP])
    pairs = [{"GroupId": group, "UserId": str(properties[_ACCOUNT])}]
    return {"GroupId": group, "IpPermissions": [{"UserIdGroupPairs": pairs, "IpProtocol": "-1"}]}


def _outwards(properties: Properties) -> dict[str, Any]:
    ranges = [{"CidrIp": "0.0.0.0/0"}]
    return {
        "GroupId": str(properties[_SECURITY_GROUP]),
        "IpPermissions": [{"IpRanges": ranges, "IpProtocol": "-1"}],
    }


class DeletedObjects(CustomResource):
    """The objects of a bucket, which are deleted with it: `auto_delete_objects`."""

    name = "Custom::S3AutoDeleteObjects"
    service = "s3"
    calls: ClassVar[frozenset[str]] = frozenset(
        {"DeleteObjects", "GetBucketPolicy", "GetBucketTagging", "ListObjectVersions", "PutBucketPolicy"}
    )
    required: ClassVar[frozenset[str]] = frozenset({_BUCKET})
    create_only: ClassVar[frozenset[str]] = frozenset({_BUCKET})

    def deleted(self, function: CdkFunction, made: Made, properties: Properties) -> None:
        client, bucket = function.client("s3"), str(properties[_BUCKET])
        with without("NoSuchBucket"):
            tags = client.get_bucket_tagging(Bucket=bucket)["TagSet"]
            if {"Key": "aws-cdk:auto-delete-objects", "Value": "true"} in tags:
                _deny_new_objects(client, bucket)
                _empty(client, bucket)


def _deny_new_objects(client: Any, bucket: str) -> None:
    """See that nobody puts an object there any more; that this is refused does not matter."""
    try:
        policy = json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"])
        denied = {"Principal": "*", "Effect": "Deny", "Action": ["s3:PutObject"]}
        policy["Statement"].append({**denied, "Resource": [f"arn:aws:s3:::{bucket}/*"]})
        client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            raise


def _empty(client: Any, bucket: str) -> None:
    while True:
        found = client.list_object_versions(Bucket=bucket)
        listed = [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]
        if not listed:
            return
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]
        failed = client.delete_objects(Bucket=bucket, Delete={"Objects": objects}).get("Errors")
        if failed:
            # The function asks again and again until its time is over.
            raise ResourceFailed(f"{failed[0].get('Message')} ({failed[0].get('Code')}): {failed[0].get('Key')}")
        if not found.get("IsTruncated"):
            return


class DeletedImages(CustomResource):
    """The images of a repository, which are deleted with it: `auto_delete_images`."""

    name = "Custom::ECRAutoDeleteImages"
    service = "ecr"
    calls: ClassVar[frozenset[str]] = frozenset(
        {"BatchDeleteImage", "DescribeRepositories", "ListImages", "ListTagsForResource"}
    )
    required: ClassVar[frozenset[str]] = frozenset({_REPOSITORY})
    create_only: ClassVar[frozenset[str]] = frozenset({_REPOSITORY})

    def deleted(self, function: CdkFunction, made: Made, properties: Properties) -> None:
        client, name = function.client("ecr"), str(properties[_REPOSITORY])
        with without("RepositoryNotFoundException"):
            (found,) = client.describe_repositories(repositoryNames=[name])["repositories"]
            tags = client.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
            if {"Key": "aws-cdk:auto-delete-images", "Value": "true"} in tags:
                images = client.list_images(repositoryName=name)["imageIds"]
                if images:
                    client.batch_delete_image(repositoryName=name, imageIds=images)


class LogRetention(CustomResource):
    """How long a log group is kept, which the stack does not have as a resource: `log_retention`."""

    name = "Custom::LogRetention"
    service = "logs"
    calls: ClassVar[frozenset[str]] = frozenset(
        {"CreateLogGroup", "DeleteLogGroup", "DeleteRetentionPolicy", "PutRetentionPolicy"}
    )
    required: ClassVar[frozenset[str]] = frozenset({_GROUP})
    create_only: ClassVar[frozenset[str]] = frozenset({_GROUP})

    def made(self, function: CdkFunction, properties: Properties) -> Made:
        group = str(properties[_GROUP])
        _keep(_logs(function, properties), group, properties.get("RetentionInDays"))
        # The function keeps its own logs for a day.
        _keep(function.client("logs"), f"/aws/lambda/{function.name}", 1)
        return Made(group, {_GROUP: group})

    def changed(self, function: CdkFunction, made: Made, old: Properties, new: Properties) -> Made:
        _keep(_logs(function, new), made.physical_id, new.get("RetentionInDays"))
        return made

    def deleted(self, function: CdkFunction, made: Made, properties: Properties) -> None:
        if properties.get("RemovalPolicy") == "destroy":
            with without("ResourceNotFoundException"):
                _logs(function, properties).delete_log_group(logGroupName=made.physical_id)


def _logs(function: CdkFunction, properties: Properties) -> Any:
    region = properties.get(_REGION)
    return function.client("logs", None if region is None else str(region))


def _keep(client: Any, group: str, days: Any) -> None:
    with without("ResourceAlreadyExistsException"):
        client.create_log_group(logGroupName=group)
    if days:
        client.put_retention_policy(logGroupName=group, retentionInDays=int(days))
    else:
        client.delete_retention_policy(logGroupName=group)
