"""
For whom a service may call: remedies that leave in whatever of the template has it call.
"""

from __future__ import annotations

from trustproof.aws.service_principals import FOR_ORGANIZATIONS, SAYING_IN, global_name
from trustproof.model.document import TRUST
from trustproof.properties.question import Subject
from trustproof.properties.remedies.edits import Demand

_EVENTS = "events.amazonaws.com"
_PERMISSION = "AWS::Lambda::Permission"


def says_in(subject: Subject, service: str) -> str:
    """The one action in which a service says for whom it calls, by its source's ARN; empty where that is not so."""
    return SAYING_IN.get(global_name(service), {}).get(subject.document.resource_type, "")


def template_sources(subject: Subject, service: str) -> Demand | None:
    """The test of ``aws:SourceArn`` that leaves in what of the template has the service call; None without such."""
    found = [one.arn for one in subject.document.sources if one.service == global_name(service)]
    arns = tuple(dict.fromkeys(arn for arn in found if arn is not None))
    # The ARN of a bucket does not say whose it is, and a permission has one SourceArn.
    if not arns or len(arns) < len({*found}) or global_name(service) == "s3.amazonaws.com":
        return None
    if subject.document.grant is not None and len(arns) > 1:
        return None
    return ("ArnLike", "aws:SourceArn", arns)


def our_own(subject: Subject, service: str) -> Demand | None:
    """For whom a service may call, so that it still calls for everybody who is meant; None where that is not known."""
    boundary = subject.config.boundary
    # EventBridge invokes no function whose permission tests the account:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
    by_arn = global_name(service) == _EVENTS and subject.document.resource_type == _PERMISSION
    if by_arn or says_in(subject, service):
        rules = f"arn:{subject.partition or 'aws'}:events:*:{subject.account}:rule/*"
        return ("ArnLike", "aws:SourceArn", (rules,))
    if subject.document.kind == TRUST or global_name(service) not in FOR_ORGANIZATIONS:
        return ("StringEquals", "aws:SourceAccount", (subject.account,))
    if boundary is None:
        return None
    if boundary.organizations:
        return ("StringEquals", "aws:SourceOrgID", boundary.organizations)
    return ("StringEquals", "aws:SourceAccount", tuple(dict.fromkeys((subject.account, *boundary.accounts))))
