"""
What IAM refuses in the statements of its policies, and a reader of policies need not: actions, resources, keys and ids.

In the words that are reported of IAM, most of which the manual has as checks of IAM Access Analyzer.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from trustproof.aws.action_resources import about
from trustproof.model.policy import Policy
from trustproof.sandbox.credentials import PARTITION
from trustproof.sandbox.errors import Undecided

_SID = re.compile(r"[0-9A-Za-z]*")
_VENDOR = re.compile(r"[0-9A-Za-z.-]+")
#: Parts of an ARN in which something may stand that is not known before the request.
_PATTERN = re.compile(r"[*?$]")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
#: How the name of what belongs to IAM begins, besides those that the reference has.
_PATHS = (
    "user/ federated-user/ role/ group/ instance-profile/ mfa/ server-certificate/ policy/ sms-mfa/ saml-provider/"
    " oidc-provider/ report/ access-report/"
).split()
_NO_VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
_LEGACY = "The policy failed legacy parsing"


def refusals(policy: Policy) -> Iterator[str]:
    """
    What IAM would say of the statements of one of its policies.

    Args:
        policy: of an identity, or of trust.

    Yields:
        each message.

    Raises:
        Undecided: whether IAM takes a statement is not known.
    """
    sids = [one.sid for one in policy.statements if one.sid]
    if len(set(sids)) < len(sids):
        yield "Statement IDs (SID) in a single policy must be unique."
    if not all(_SID.fullmatch(one) for one in sids):
        yield (
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression"
            " [0-9A-Za-z]*"
        )
    for statement in policy.statements:
        yield from _of_actions(str(one) for one in (*(statement.actions or ()), *(statement.not_actions or ())))
        if any(":" not in one.key for one in statement.conditions):
            yield _NO_VENDOR
        for resource in (*(statement.resources or ()), *(statement.not_resources or ())):
            yield from _of_resource(str(resource))


def _of_actions(actions: Iterable[str]) -> Iterator[str]:
    for action in actions:
        vendor, _, name = action.partition(":")
        if ":" in name:
            yield "Actions/Condition can contain only one colon."
        elif vendor != "*" and not _VENDOR.fullmatch(vendor):
            yield f"Vendor {vendor} is not valid"


def _of_resource(resource: str) -> Iterator[str]:
    """What has a wildcard or a variable may be a pattern of many ARNs; fields without them are as they are."""
    fields = _VARIABLE.sub("$", resource).split(":", 5)
    if resource == "*":
        return
    begin, *pattern = _PATTERN.split(fields[0], maxsplit=1)
    if pattern and "arn".startswith(begin):
        raise Undecided(f"whether IAM takes a wildcard for the first word of an ARN is not known here: {resource}")
    if len(fields) < 2 or fields[0] != "arn":
        yield f'Resource {resource} must be in ARN format or "*".'
    elif fields[1] != PARTITION and not _PATTERN.search(fields[1]):
        yield f'Partition "{fields[1]}" is not valid for resource "{resource}".'
    elif not _PATTERN.search(resource) and ((len(fields) < 6 and "::" in resource) or fields[2:3] == [""]):
        yield _LEGACY
    elif len(fields) == 6 and fields[2] == "iam":
        yield from _of_iam(resource, fields[3], fields[5])


def _of_iam(resource: str, region: str, name: str) -> Iterator[str]:
    if region and not _PATTERN.search(region):
        yield f"IAM resource {resource} cannot contain region information."
    if name not in ("*", "root") and not name.startswith(("$", *_PATHS, *_published())):
        yield f'IAM resource path must either be "*", root, or start with {", ".join(_PATHS)}.'


def _published() -> Iterator[str]:
    """How names begin in the ARNs of the reference, which may have more than are reported."""
    for row in about("iam"):
        for arn in row.arns:
            begin, slash, _ = arn.rpartition(":")[2].partition("/")
            if slash and not _PATTERN.search(begin):
                yield f"{begin}/"
