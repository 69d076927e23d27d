"""
What Lambda reads of others for whoever makes or changes a function: its code, and its layers.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.sandbox.actions import s3
from trustproof.sandbox.actions.common import account_in
from trustproof.sandbox.context import Need
from trustproof.sandbox.wire import Call


def code(call: Call) -> Iterator[Need]:
    """The archive of a function or a layer in S3, which Lambda reads as whoever calls."""
    for given in (call.parameters, call.parameters.get("Code") or {}, call.parameters.get("Content") or {}):
        bucket, key = given.get("S3Bucket"), given.get("S3Key")
        if bucket and key:
            yield s3.reads_for(call, str(bucket), str(key), given.get("S3ObjectVersion"))


def layers(call: Call) -> Iterator[Need]:
    """
    The layers of a function, which whoever puts them there must be able to read.

    https://docs.aws.amazon.com/lambda/latest/dg/access-control-layers.html
    """
    for layer in call.parameters.get("Layers") or ():
        yield Need("lambda:GetLayerVersion", str(layer), account_in(str(layer)), delegated=True)
