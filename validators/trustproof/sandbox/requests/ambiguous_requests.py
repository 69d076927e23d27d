"""
Requests that mean one thing: who decides and who acts must not read two different things out of one.

The gateway finds the operation as the models of AWS say, and moto in ways of its own: it takes `Action` from wherever
it is, and the first of several sub-resources of S3. No client of AWS writes a request that could be read twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from urllib.parse import parse_qsl

from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.requests.wire import HttpRequest

_FORM = "application/x-www-form-urlencoded"
#: Each makes another operation of a request to S3:
#: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
_SUB_RESOURCES = frozenset(
    """
    accelerate acl analytics annotation attributes cors delete encryption intelligent-tiering inventory legal-hold
    lifecycle location logging metadataConfiguration metadataTable metrics notification object-lock ownershipControls
    policy policyStatus publicAccessBlock replication requestPayment restore retention select session tagging torrent
    uploadId uploads versioning versions website
    """.split()
)


def check(request: HttpRequest, service: str, protocol: str) -> None:
    """
    See that a request can be read in one way only.

    Args:
        request: the request.
        service: as botocore names it.
        protocol: that the service speaks.

    Raises:
        Undecided: it can be read in several ways.
    """
    form = request.headers.get("content-type", "").partition(";")[0].strip().lower() == _FORM
    address = [name for name, _ in parse_qsl(request.raw_query, keep_blank_values=True)]
    body = _names(request.body) if form and service != "s3" else []
    if twice := [name for name, count in Counter([*address, *body]).items() if count > 1 and _counts(name, protocol)]:
        raise Undecided(f"the request has {', '.join(twice)} more than once")
    if service == "s3":
        if len(named := [name for name in address if name in _SUB_RESOURCES]) > 1:
            raise Undecided(f"the request is about several sub-resources: {', '.join(named)}")
        return
    target = "x-amz-target" in request.headers
    if protocol in ("query", "ec2") and not target:
        if (request.body and address) or (request.body and not form):
            raise Undecided("parameters are taken from a form in the body, or all of them from the address")
    elif "Action" in (*address, *body) or (target and (address or form)) or (target and protocol.startswith("rest")):
        raise Undecided("the request names its operation in more than one way")


def _counts(name: str, protocol: str) -> bool:
    """Whether a parameter means one thing; those of services with paths may be lists."""
    return not protocol.startswith("rest") or name == "Action"


def _names(body: bytes) -> Iterable[str]:
    return [name for name, _ in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)]
