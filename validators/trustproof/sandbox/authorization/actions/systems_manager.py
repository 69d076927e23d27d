"""
What Systems Manager calls its resources: documents and parameters of AWS's own have no account, and only managed nodes
that are no instances of EC2 are its own.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from trustproof.sandbox.authorization.actions.common import arn_of
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.requests.wire import Call

#: What the names of documents begin with that are AWS's own, in any case of letters.
#: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html#systemsmanager-CreateDocument-request-Name
_OF_AWS = ("aws", "amazon", "amzn")
#: Those whose ARN is known from what AWS answers: `arn:aws:ssm:us-east-1::document/AWS-RunShellScript`.
_REPORTED = "AWS-"
_DOCUMENT = ":document/"
#: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
_PUBLIC = re.compile(r":parameter/aws/service(?:/|$)")
_NODE, _NODES = "mi-", ":managed-instance/"
_INSTANCES = ":instance/"
#: Operations about tags, and by the type that they say, what the ARN of the resource has before its id:
#: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html
TAGGING = ("AddTagsToResource", "ListTagsForResource", "RemoveTagsFromResource")
_TYPES = {
    "Association": "association",
    "Automation": "automation-execution",
    "Document": "document",
    "MaintenanceWindow": "maintenancewindow",
    "ManagedInstance": "managed-instance",
    "OpsItem": "opsitem",
    "OpsMetadata": "opsmetadata",
    "Parameter": "parameter",
    "PatchBaseline": "patchbaseline",
}
#: Whose something of AWS's own is, is not documented.
_UNKNOWN = ("aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths")


def as_named(arns: Iterable[str]) -> list[str]:
    """
    The ARNs of what a request names, of those that its names could be.

    Args:
        arns: with the account of the caller; a node once as an instance of EC2 and once as a managed node.
    """
    return [_without_account(one) if is_of_aws(one) else one for one in arns if _is_of_its_kind(one)]


def tagged(call: Call) -> str | None:
    """The ARN of the resource whose tags a request is about; None where that is not known."""
    given, kind = str(call.parameters.get("ResourceId") or ""), _TYPES.get(str(call.parameters.get("ResourceType")))
    if kind is None or not given:
        return None
    if given.startswith("arn:"):
        return given if given.split(":", 5)[-1].startswith(f"{kind}/") else None
    found = as_named([arn_of(call, "ssm", f"{kind}/{given.lstrip('/')}")])
    return found[0] if found else None


def is_of_aws(arn: str) -> bool:
    """Whether something is a document of AWS's own, as `AWS-RunShellScript`, or one of its public parameters."""
    return arn.partition(_DOCUMENT)[2].lower().startswith(_OF_AWS) or _PUBLIC.search(arn) is not None


def of_aws(need: Need, account: str | None) -> Need:
    """
    A need about something of AWS's own: whose that is, and for some whether its ARN has an account, is not known.

    Args:
        need: with an ARN that has none.
        account: of the caller.
    """
    resource = str(need.resource)
    fields = resource.split(":", 5)
    is_known = resource.partition(_DOCUMENT)[2].startswith(_REPORTED)
    other = None if is_known else ":".join((*fields[:4], account or "", fields[5]))
    return replace(need, unknown=(*need.unknown, *_UNKNOWN), alternative=other)


def _without_account(arn: str) -> str:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/security_iam_service-with-iam.html"""
    fields = arn.split(":", 5)
    return ":".join((*fields[:4], "", fields[5]))


def _is_of_its_kind(arn: str) -> bool:
    if _NODES in arn:
        return arn.partition(_NODES)[2].startswith(_NODE)
    return not arn.partition(_INSTANCES)[2].startswith(_NODE)
