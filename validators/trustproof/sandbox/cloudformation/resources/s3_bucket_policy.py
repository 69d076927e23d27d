"""
The policy of a bucket: `AWS::S3::BucketPolicy`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucketpolicy.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from trustproof.sandbox.cloudformation.errors import RefusedRequest, ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import DOCUMENT, STRING, DeclaredType, Made, Place, Properties
from trustproof.sandbox.cloudformation.resources.resource_policies import checked_policy
from trustproof.sandbox.moto.cloudformation import s3_backend
from trustproof.sandbox.moto.server import public_access_blocks
from trustproof.sandbox.resource_policies.bucket_policies import check_resources
from trustproof.sandbox.resource_policies.public_access import check_policy


class BucketPolicy(DeclaredType):
    """A bucket has one policy; a second resource for the same bucket is refused."""

    name = "AWS::S3::BucketPolicy"
    properties: ClassVar[Mapping[str, str]] = {"Bucket": STRING, "PolicyDocument": DOCUMENT}
    required: ClassVar[frozenset[str]] = frozenset({"Bucket", "PolicyDocument"})
    create_only: ClassVar[frozenset[str]] = frozenset({"Bucket"})

    def create(self, place: Place, properties: Properties) -> Made:
        bucket = str(properties["Bucket"])
        backend = s3_backend(place.account, place.partition)
        if bucket not in backend.buckets:
            raise ResourceFailed("The specified bucket does not exist")
        if backend.get_bucket_policy(bucket):
            raise ResourceFailed(f"The bucket policy already exists on bucket {bucket}.")
        self._put(place, properties)
        return Made(bucket)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._put(place, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        backend = s3_backend(place.account, place.partition)
        if made.physical_id in backend.buckets:
            backend.delete_bucket_policy(made.physical_id)

    def _put(self, place: Place, properties: Properties) -> None:
        text = checked_policy(place, "s3", properties["PolicyDocument"])
        try:
            check_resources(str(properties["Bucket"]), text)
            check_policy(text, blocked="BlockPublicPolicy" in public_access_blocks(str(properties["Bucket"])))
        except RefusedRequest as error:
            raise ResourceFailed(error.message) from None
        s3_backend(place.account, place.partition).put_bucket_policy(str(properties["Bucket"]), text.encode())
