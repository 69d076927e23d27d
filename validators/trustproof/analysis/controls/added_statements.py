"""
What other resources of a template deny of what a policy allows: what one of them denies, no other one lets in.

Statements that several resources add to one policy are in one policy.
Of what adds statements, only the policies of event buses can deny: the permissions of functions, layers, signing
profiles, certificate authorities and applications of Q Business allow something. Everything else writes a whole policy,
and what is written last is the policy; so does a second statement with the id of a first, or none of the two is made.
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html

Whoever comes by an access point needs the permission of the bucket that it leads to besides.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.model.document import Document
from trustproof.model.policy import DENY, Path, Statement
from trustproof.model.text import Text, concat
from trustproof.sets.search import BudgetReached

#: Types that add a statement, which may deny, to the policy of what they name, to the property that names it.
_ADDING = {"AWS::Events::EventBusPolicy": "EventBusName"}
_ACCESS_POINT, _BUCKET_POLICY, _BUCKET = "AWS::S3::AccessPoint", "AWS::S3::BucketPolicy", "Bucket"
#: The objects behind access points.
_OBJECTS = "arn:*:s3:*:*:accesspoint/*/object/*"


def denied_beside(context: TemplateContext, document: Document) -> tuple[Document, ...]:
    """
    What other resources of the template certainly deny of what a document allows.

    Only what is the same in every deployment counts: a Deny that a condition or a parameter decides is not looked at.
    """
    if document.resource_type == _ACCESS_POINT:
        return tuple(_by_bucket(context, document))
    return tuple(_beside(context, document)) if document.resource_type in _ADDING else ()


def resting_on_buckets(document: Document, denied: Iterable[Document]) -> tuple[str, ...]:
    """What a proof of an access point's policy has to say, for which the policy of its bucket counts."""
    if document.resource_type != _ACCESS_POINT:
        return ()
    names = dict.fromkeys(one.logical_id for one in denied if one.resource_type == _BUCKET_POLICY)
    return tuple(f"this rests on {name}, which denies it for the bucket behind the access point" for name in names)


def _by_bucket(context: TemplateContext, document: Document) -> Iterator[Document]:
    """What the policy of the bucket denies that an access point leads to."""
    template, bucket = context.template, document.bucket_arn
    if bucket is None or template.doubt or template.doubts or not _is_settled(context, (*document.path[:-1], _BUCKET)):
        return
    policies = [one for one in context.documents if one.resource_type == _BUCKET_POLICY]
    for other in policies:
        denies = tuple(found for one in other.policy.statements if (found := _through(one, bucket)) is not None)
        if (
            other.resource_arn == bucket
            and denies
            and _is_certain(context, other)
            and not any(_may_replace(one, other) for one in policies)
        ):
            yield other._replace(policy=other.policy._replace(statements=denies))


def _through(statement: Statement, bucket: Text) -> Statement | None:
    """
    What a statement of the bucket's policy denies by access points; None where it is not certain to be about the whole
    of the bucket, or all objects.
    """
    resources = statement.resources
    if statement.effect != DENY or statement.guards or statement.unreadable or resources is None:
        return None
    has_objects, has_bucket = (
        any(entry in named for entry in resources)
        for named in (("*", concat([bucket, "*"]), concat([bucket, "/*"])), ("*", concat([bucket, "*"]), bucket))
    )
    if not has_objects:
        return None
    return statement._replace(resources=("*",) if has_bucket else (_OBJECTS,))


def _is_certain(context: TemplateContext, other: Document) -> bool:
    """Whether a policy is there, and is the same, in every deployment."""
    is_same = not other.guards and _is_settled(context, other.path)
    return is_same and not context.template.defaults_of(other)


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
            and _is_certain(context, other)
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
