"""
Roles that do nothing but write records of a zone, for another account: CDK's custom resource assumes one to delegate.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_route53.CrossAccountZoneDelegationRecord.html
"""

from __future__ import annotations

from trustproof.properties.question import Finding, Subject
from trustproof.results.result import Remedy

_WRITES = "route53:changeresourcerecordsets"
#: What it needs to find the zone by its name. Whoever sits at a console lists the records, too.
_FINDS = frozenset(("route53:listhostedzones", "route53:listhostedzonesbyname"))


def delegates_zones(subject: Subject) -> bool:
    """Whether all that a role is allowed is to find a zone and to write its records."""
    allowed = subject.neighbours.all_actions_of(subject.document.logical_id)
    return _WRITES in allowed and allowed - {_WRITES} <= _FINDS


def for_delegations(finding: Finding) -> Finding:
    """The finding about users of the other account, with words for the program that this role is made for."""
    why = "all that it is allowed is to write records of a zone, which functions of the other account do without MFA"
    text = "name the role of the function that delegates there as principal, in place of the account"
    return finding._replace(why=(*finding.why, why), remedy=Remedy(text), otherwise=())
