"""
Requests without a signature: S3, SQS and SNS let everybody ask, STS whoever brings a token.

A signature says the service and the Region; without one they follow from what the request is about.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.moto.policies import regions_of_queue
from trustproof.sandbox.sts.service import UNSIGNED
from trustproof.sandbox.wire import HttpRequest

#: Services that anybody may ask, as botocore names them; what a policy says of everybody counts there.
OPEN = ("s3", "sns", "sqs")
_GLOBAL_REGION = "us-east-1"
#: Versions of the APIs in the query protocol.
_VERSIONS = {"2010-03-31": "sns", "2010-05-08": "iam", "2011-06-15": "sts", "2012-11-05": "sqs"}


def service_of(request: HttpRequest) -> str:
    """
    Which service an unsigned request is for.

    Raises:
        Refused: it takes none.
    """
    if target := request.headers.get("x-amz-target"):
        if target.startswith("AmazonSQS."):
            return "sqs"
        raise missing_signature()
    action = request.form.get("Action")
    if action is None:
        return "s3"
    if action in UNSIGNED:
        return "sts"
    return _VERSIONS.get(request.form.get("Version", ""), "ec2" if action.startswith("Describe") else "iam")


def missing_signature() -> RefusedRequest:
    """The refusal of a request that has to be signed."""
    return RefusedRequest("Request is missing Authentication Token", "MissingAuthenticationToken", 403)


def region_of(service: str, parameters: Mapping[str, Any]) -> str:
    """
    The Region that an unsigned request is for: that of the topic or of the queue which it names.

    Raises:
        Undecided: the account has queues of that name in several Regions.
    """
    if service == "sns":
        fields = str(parameters.get("TopicArn") or parameters.get("TargetArn") or "").split(":")
        return fields[3] if len(fields) > 5 and fields[3] else _GLOBAL_REGION
    if service != "sqs":
        return _GLOBAL_REGION
    account, _, name = str(parameters.get("QueueUrl") or "").rpartition("/")
    found = regions_of_queue(account.rpartition("/")[2], name)
    if len(found) > 1:
        raise Undecided(f"there are queues of the name {name} in {', '.join(found)}; an unsigned request says none")
    return found[0] if found else _GLOBAL_REGION


def scope(service: str, region: str) -> str:
    """The header by which moto tells service and Region; nothing in it was signed."""
    credential = f"Credential=none/20000101/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=none"
