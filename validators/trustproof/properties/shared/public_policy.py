"""
When AWS calls a resource policy public, so that a setting against public policies takes effect.

A policy is public unless it grants access to fixed values only: of a principal, of a network, of a source, of an access
point. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

from trustproof.aws.condition_keys import lookup
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values
from trustproof.model.policy import DENY, Policy, Statement
from trustproof.model.text import Symbolic
from trustproof.properties.question import Subject
from trustproof.properties.shared.bounds import is_everybody, operands_of
from trustproof.properties.shared.networks import narrow_ranges
from trustproof.properties.shared.regions import Constraints
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import Pattern, exact, like
from trustproof.sets.strings import StringSet

#: Beginnings of what settings are called that refuse a public policy; the others let the services of AWS in.
REFUSING = "BlockPublicPolicy"
#: Keys of which a fixed value makes a policy not public. The last few are not on AWS's list, or no longer: a setting
#: is not relied on where AWS may count them.
_FIXING = (
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "aws:sourcevpcarn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:ec2instancesourcevpc",
)


def with_no_fixed_value(policy: Policy) -> Constraints:
    """The requests to which no key brings a value that the policy fixes, besides those that say who calls."""
    out: list[tuple[str, Values]] = []
    for name in _FIXING:
        fixed = [pattern for operand in operands_of(policy, name) for pattern in _fixed(operand)]
        if fixed:
            others = StringSet.outside(fixed)
            out.append((key_dimension(name), Values(True, CollectionSet(others) if lookup(name).multi else others)))
    narrow = narrow_ranges(policy)
    if not narrow.is_empty:
        out.append(("key:aws:sourceip", Values(True, ~narrow)))
    return tuple(out)


def _fixed(operand: str) -> list[Pattern]:
    """What an operand fixes: itself, and with the account of an ARN everything of that account."""
    fields = operand.split(":", 5)
    if len(fields) == 6 and len(fields[4]) == 12 and fields[4].isdigit():
        return [like(operand)]
    return [] if set(operand) & set("*?") or "${" in operand else [exact(operand)]


def is_settled(subject: Subject, statement: Statement) -> bool:
    """
    Whether a statement that is public makes the policy public in every deployment that has the statement.
    """
    everybody = any(is_everybody(p) for p in statement.principals or ()) or bool(statement.not_principals)
    denies = [s for s in subject.policy.statements if s.effect == DENY]
    return everybody and _is_known(statement) and all(_is_known(s) and _always_there(subject, s) for s in denies)


def makes_public(subject: Subject, statement: Statement) -> bool:
    """Whether a statement that is public makes the policy public in every deployment."""
    return is_settled(subject, statement) and _always_there(subject, statement)


def _is_known(statement: Statement) -> bool:
    """Whether nothing but the resource waits for the deployment."""
    known = (
        *(principal.value for principal in (*(statement.principals or ()), *(statement.not_principals or ()))),
        *(statement.actions or ()),
        *(statement.not_actions or ()),
        *(operand for condition in statement.conditions for operand in condition.operands),
    )
    return not statement.unreadable and not any(isinstance(text, Symbolic) for text in known)


def _always_there(subject: Subject, statement: Statement) -> bool:
    """Whether a statement is in the policy in every deployment that has the policy."""
    return set(statement.guards) <= set(subject.document.guards)
