"""
Roles that do nothing but accept peerings of VPCs, for another account: CloudFormation assumes one for a stack there.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/peer-with-vpc-in-another-account.html
"""

from __future__ import annotations

from trustproof.properties.question import Finding, Subject
from trustproof.results.result import NOTE, Remedy

_ACCEPT = "ec2:acceptvpcpeeringconnection"


def accepts_peerings(subject: Subject) -> bool:
    """Whether all that a role is allowed is to accept peerings."""
    return subject.neighbours.all_actions_of(subject.document.logical_id) == {_ACCEPT}


def for_peerings(finding: Finding) -> Finding:
    """The finding about users of the other account, who get nothing but peerings that were offered to this one."""
    why = "all that it is allowed is to accept peerings, which stacks of the other account do by roles without MFA too"
    text = "name the role that deploys such stacks there as principal, in place of the account"
    return finding._replace(
        why=(*finding.why, why), remedy=Remedy(text), otherwise=(), severity=NOTE, by_what_it_gives=why
    )
