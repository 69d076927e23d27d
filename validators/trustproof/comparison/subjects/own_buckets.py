"""
What bucket policies say of other buckets than their own: S3 refuses such a policy, so that nobody gets anything by it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
"""

from __future__ import annotations

from trustproof.comparison.subjects.subjects import Subject
from trustproof.engine.domains import text
from trustproof.properties.shared.regions import Constraints
from trustproof.sets.patterns import ANY_RUN, exact, join

#: The type of such policies.
BUCKET_POLICY = "AWS::S3::BucketPolicy"
_BUCKET = "Bucket"


def of_own_bucket(subject: Subject) -> Constraints:
    """The requests for the bucket that a policy is put on, and its objects, where it is the same at all values."""
    if subject.resource_type != BUCKET_POLICY:
        return ()
    names = {one.resource_arn for one in subject.documents}
    own = names.pop() if len(names) == 1 else None
    if not isinstance(own, str) or "/" in own or "*" in own or buckets_by_default(subject):
        return ()
    return (("resource", text(exact(own), join(f"{own}/", ANY_RUN))),)


def buckets_by_default(subject: Subject) -> list[str]:
    """The parameters at whose defaults it is known which bucket a policy is put on."""
    found = {
        name for one in subject.documents for name in subject.context.deployments.defaults_in((*one.path[:-1], _BUCKET))
    }
    return sorted(found)
