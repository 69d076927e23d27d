"""
Which buckets CloudFront reads, for its distributions and key value stores, and which functions it calls by their URLs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.values.intrinsics import names_in

DISTRIBUTION = "AWS::CloudFront::Distribution"
KEY_VALUE_STORE = "AWS::CloudFront::KeyValueStore"
_BUCKET, _URL = "AWS::S3::Bucket", "AWS::Lambda::Url"
#: Attributes of a bucket by which a distribution reads it with signed requests.
_DOMAINS = ("DomainName", "RegionalDomainName", "DualStackDomainName")
#: What an origin has that is a server, or a bucket that serves a website to everybody.
_SERVER = "CustomOriginConfig"


def buckets_read_by(environment: Environment, distribution: str) -> Iterator[str]:
    """The buckets of the template that origins of a distribution refer to, by their logical ids."""
    for origin in _origins(environment, distribution) or ():
        if (bucket := _bucket(environment, origin)) is not None:
            yield bucket


def buckets_imported_by(environment: Environment, store: str) -> Iterator[str]:
    """The buckets of the template of which a key value store imports an object, by their logical ids."""
    imported = environment.properties(store).get("ImportSource")
    for name in names_in(imported):
        if environment.resources.get(name, {}).get("Type") == _BUCKET:
            yield name


def functions_called_by(environment: Environment, distribution: str) -> Iterator[object]:
    """
    The functions whose URLs a distribution calls with signed requests, as the URLs name them.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
    """
    for origin in _origins(environment, distribution) or ():
        if "OriginAccessControlId" in origin:
            for name in names_in(origin.get("DomainName")):
                if environment.resources.get(name, {}).get("Type") == _URL:
                    yield environment.properties(name).get("TargetFunctionArn")


def may_read_any_bucket(environment: Environment, distribution: str) -> bool:
    """
    Whether an origin of a distribution may be any bucket: one that is no server, and does not refer to a bucket.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-cloudfront-distribution-origin.html
    """
    config = environment.properties(distribution).get("DistributionConfig")
    if not isinstance(config, dict):
        # A reader of another language says which buckets it reads.
        return False
    origins = _origins(environment, distribution)
    return origins is None or any(_SERVER not in one and _bucket(environment, one) is None for one in origins)


def _origins(environment: Environment, distribution: str) -> list[Mapping[str, object]] | None:
    """The origins of a distribution, as they are written; None where they are no list."""
    config = environment.properties(distribution).get("DistributionConfig")
    listed = config.get("Origins") if isinstance(config, dict) else None
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else None


def _bucket(environment: Environment, origin: Mapping[str, object]) -> str | None:
    domain = origin.get("DomainName")
    attribute = domain.get("Fn::GetAtt") if isinstance(domain, dict) else None
    if isinstance(attribute, str):
        attribute = attribute.split(".")
    if not isinstance(attribute, list) or len(attribute) != 2 or attribute[1] not in _DOMAINS:
        return None
    name = str(attribute[0])
    return name if environment.resources.get(name, {}).get("Type") == _BUCKET else None
