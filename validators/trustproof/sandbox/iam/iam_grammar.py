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
from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition, Policy
from trustproof.sandbox.credentials.credentials import PARTITION
from trustproof.sandbox.errors import Undecided
from trustproof.spec.operators.date import parse_date

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
#: What is written like a date of which the calendar has none, or the manual does not speak.
_LIKE_A_DATE = re.compile(
    r"-?\d+(?:-\d{1,2}(?:-\d{1,2}(?:T\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2})?)?)?)?"
)
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
        for condition in statement.conditions:
            if ":" not in condition.key:
                yield _NO_VENDOR
            yield from _of_dates(condition)
        for resource in (*(statement.resources or ()), *(statement.not_resources or ())):
            yield from _of_resource(str(resource))


def _of_dates(condition: Condition) -> Iterator[str]:
    """A condition on a date compares with dates: what is none would never be met, and denies nothing."""
    operator = parse_operator(condition.operator)
    if operator is None or operator.family != "date":
        return
    for operand in map(str, condition.operands):
        if parse_date(operand) is not None:
            continue
        if _LIKE_A_DATE.fullmatch(operand) or _PATTERN.search(operand):
            raise Undecided(f"whether IAM takes {operand} for a date is not known here")
        yield _LEGACY


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
    elif not _PATTERN.search(resource) and fields[2:3] == ["s3"] and (len(fields) < 6 or (fields[3] and not fields[4])):
        # A bucket is in no Region and no account by its ARN; an access point is in both.
        yield (
            _LEGACY
            if "::" in resource and len(fields) < 6
            else f"Resource {resource} can not contain region information."
        )
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
