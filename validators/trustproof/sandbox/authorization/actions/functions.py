"""
What Lambda reads of others for whoever makes or changes a function: its code, and its layers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trustproof.sandbox.authorization.actions import s3
from trustproof.sandbox.authorization.actions.common import account_in
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.moto.policies import resource_policy
from trustproof.sandbox.requests.wire import Call

#: The image of a function: whose repository it is in, in which Region, and its name.
_IMAGE = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/(?P<name>[^:@]+)", re.ASCII
)


def code(call: Call) -> Iterator[Need]:
    """The archive of a function or a layer in S3, which Lambda reads as whoever calls."""
    for given in (call.parameters, call.parameters.get("Code") or {}, call.parameters.get("Content") or {}):
        bucket, key = given.get("S3Bucket"), given.get("S3Key")
        if bucket and key:
            yield s3.reads_for(call, str(bucket), str(key), given.get("S3ObjectVersion"))
        if given.get("ImageUri"):
            yield from _image(call, str(given["ImageUri"]))


def _image(call: Call, image: str) -> Iterator[Need]:
    """
    What an image takes: a repository that lets Lambda in, or a caller who may let it in.

    https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#gettingstarted-images-permissions

    Raises:
        Undecided: it is in another account, whose repository has to let both in.
    """
    found = _IMAGE.match(image)
    if found is None or found[1] != call.account:
        raise Undecided(f"whether the repository of {image} lets Lambda and the caller in is not asked here")
    repository = f"arn:{call.partition}:ecr:{found[2]}:{call.account}:repository/{found[3]}"
    doubt = "whether the repository lets Lambda in already is not asked here"
    for action in ("ecr:GetRepositoryPolicy", "ecr:SetRepositoryPolicy"):
        yield Need(action, repository, call.account, resource_policy("ecr", repository), delegated=True, doubt=doubt)


def layers(call: Call) -> Iterator[Need]:
    """
    The layers of a function, which whoever puts them there must be able to read.

    https://docs.aws.amazon.com/lambda/latest/dg/access-control-layers.html
    """
    for layer in call.parameters.get("Layers") or ():
        yield Need("lambda:GetLayerVersion", str(layer), account_in(str(layer)), delegated=True)
