"""
Statements that several resources of a template add to one policy: what one of them denies, no other one lets in.

Of what adds statements, only the policies of event buses can deny: the permissions of functions, layers, signing
profiles, certificate authorities and applications of Q Business allow something. Everything else writes a whole policy,
and what is written last is the policy; so does a second statement with the id of a first, or none of the two is made.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.analysis.template_context import TemplateContext
from trustproof.model.document import Document
from trustproof.model.policy import DENY, Path
from trustproof.sets.search import BudgetReached

#: Types that add a statement, which may deny, to the policy of what they name, to the property that names it.
_ADDING = {"AWS::Events::EventBusPolicy": "EventBusName"}


def denied_beside(context: TemplateContext, document: Document) -> tuple[Document, ...]:
    """
    What other resources of the template certainly deny in the policy that a document is a statement of.

    Only what is the same in every deployment counts: a Deny that a condition or a parameter decides is not looked at.
    """
    return tuple(_beside(context, document)) if document.resource_type in _ADDING else ()


def _beside(context: TemplateContext, document: Document) -> Iterator[Document]:
    template, named = context.template, (*document.path, _ADDING[document.resource_type])
    if template.doubt or template.doubts or not _is_one_policy(document) or not _is_settled(context, named):
        return
    for other in context.documents:
        is_another = other.logical_id != document.logical_id and other.resource_type == document.resource_type
        if not is_another or other.resource_arn != document.resource_arn or not _is_one_policy(other):
            continue
        statements = other.policy.statements
        denies = tuple(s for s in statements if s.effect == DENY and not s.guards and not s.unreadable)
        if (
            other.name != document.name
            and denies
            and not other.guards
            and _is_settled(context, other.path)
            and not template.defaults_of(other)
            and not any(_may_replace(one, other) for one in context.documents)
        ):
            yield other._replace(policy=other.policy._replace(statements=denies), name="")


def _may_replace(one: Document, other: Document) -> bool:
    """Whether one statement may be put in the place of another one: that has its id, and the policy may be the same."""
    if one.resource_type != other.resource_type or one.logical_id == other.logical_id:
        return False
    arns = (one.resource_arn, other.resource_arn)
    is_elsewhere = arns[0] != arns[1] and "*" not in arns and all(isinstance(arn, str) for arn in arns)
    return one.name in ("", other.name) and not is_elsewhere


def _is_one_policy(document: Document) -> bool:
    """Whether it is known which policy a document is a statement of, and by which id."""
    return bool(document.name) and document.resource_arn != "*"


def _is_settled(context: TemplateContext, path: Path) -> bool:
    """Whether what stands at a path is the same at every value of the parameters."""
    try:
        return not context.template.classes((path,))
    except BudgetReached:
        return False
