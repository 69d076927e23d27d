"""
What the distributions of CloudFront come to: buckets that they read, and functions that they call by their URLs.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.values.catalogue import FURTHER
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.lowering.service_uses import ServiceUse
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.values import Attribute, Items, Known, Unknown, Value

_CLOUDFRONT = "cloudfront.amazonaws.com"
_BUCKET, _URL, _FUNCTION = "aws_s3_bucket", "aws_lambda_function_url", "aws_lambda_function"
#: Attributes of a bucket by which a distribution reads it with signed requests.
DOMAINS = ("bucket_domain_name", "bucket_regional_domain_name")


def origins(made: Lowering, instance: Instance) -> Iterator[ServiceUse]:
    """
    The buckets that a distribution reads, and the functions whose URLs it calls with signed requests; an origin that is
    none of these, nor a server, may be any bucket.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
    """
    own = Attribute(instance.address, "arn")
    for _, origin in made.blocks(instance, "origin"):
        domain = origin.get("domain_name")
        functions = list(_called(made, instance, domain)) if "origin_access_control_id" in origin else []
        bucket = made.by_address.get(domain.address) if isinstance(domain, Attribute) else None
        for function in functions:
            target = made.attribute(Attribute(function, "arn"))
            yield ServiceUse(_CLOUDFRONT, target, own, instance.address)
        if isinstance(domain, Attribute) and domain.name in DOMAINS and bucket is not None and bucket.type == _BUCKET:
            target = made.attribute(Attribute(domain.address, "arn"))
            yield ServiceUse(_CLOUDFRONT, target, own, instance.address)
        elif not functions and not isinstance(origin.get("custom_origin_config"), Items):
            yield ServiceUse(FURTHER, None, None, instance.address)


def _called(made: Lowering, instance: Instance, domain: Value | None) -> Iterator[str]:
    """The addresses of the functions whose URLs a domain is taken out of, as ``replace(….function_url, …)`` does."""
    parts = [] if domain is None else [domain, *domain.parts()]
    said = " ".join(one.shown for one in parts if isinstance(one, Unknown))
    for url in made.of_type(_URL):
        module, _, name = url.address.rpartition(f"{_URL}.")
        is_beside = instance.address.rpartition(f"{instance.type}.")[0] == module
        if is_beside and f"{_URL}.{name}." in said:
            yield from _named(made, made.value(url, "function_name"))


def _named(made: Lowering, called: Value | None) -> Iterator[str]:
    """The address of the function that a value names: by an attribute of it, or by its name."""
    if isinstance(called, Attribute):
        function = made.by_address.get(called.address)
        if function is not None and function.type == _FUNCTION:
            yield called.address
    elif isinstance(called, Known):
        named = made.having(_FUNCTION, "function_name", called.value)
        if len(named) == 1:
            yield named[0].address
