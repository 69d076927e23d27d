"""
Which actions of a service no request to a resource policy is for: those about other types of resources than it is on.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from trustproof.aws import published
from trustproof.aws.resource_shapes import Shape, shapes_of
from trustproof.engine.operands import action_pattern
from trustproof.model.policy import ALLOW, Policy
from trustproof.sets.patterns import matches

#: The same as the table of shapes has, of types whose policies are about what has no name of its own there.
_SHAPES = {
    "AWS::Lambda::LayerVersionPermission": Shape("lambda", True, True, "layer:", False, True),
    "AWS::Lambda::Permission": Shape("lambda", True, True, "function:", False, True),
    "AWS::S3::BucketPolicy": Shape("s3", False, False, "", False, True),
}
#: How many fields an ARN has.
_FIELDS = 6


def other_actions(type_: str, policy: Policy) -> tuple[str, ...]:
    """
    The actions that a policy allows and that are about other types of resources only, lower-cased and sorted.

    What the reference says no type of is left out: many of these actions are about what their policies stand on.

    Args:
        type_: of the policy, or of the resource that has it.
    """
    others = _others(type_)
    if not others:
        return ()
    allows = [s for s in policy.statements if s.effect == ALLOW]
    if any(s.actions is None for s in allows):
        return others
    patterns = [one for s in allows for entry in s.actions or () for one in action_pattern(entry).larger]
    return tuple(action for action in others if any(matches(pattern, action) for pattern in patterns))


@cache
def _others(type_: str) -> tuple[str, ...]:
    shapes = (_SHAPES[type_],) if type_ in _SHAPES else shapes_of(type_)
    return tuple(sorted(action for service in {one.service for one in shapes} for action in _of(service, shapes)))


def _of(service: str, shapes: tuple[Shape, ...]) -> Iterator[str]:
    found = published.service(service)
    arns = {} if found is None else {type_.lower(): of for type_, of in found.resources.items()}
    for name, action in found.actions.items() if found is not None else ():
        about = [arn for type_ in action.resources for arn in arns.get(type_.lower(), ("*",))]
        if about and action.is_described and not any(_may_be(arn, shape) for arn in about for shape in shapes):
            yield f"{service}:{name}"


def _may_be(arn: str, shape: Shape) -> bool:
    """Whether an ARN of the reference may be that of a shape, by how the two begin."""
    fields = arn.split(":", _FIELDS - 1)
    if len(fields) < _FIELDS or "*" in fields[2]:
        return True
    _, _, service, _, account, resource = fields
    written, named = resource.partition("*")[0], shape.resource.partition("{")[0]
    is_alike = written.startswith(named) or named.startswith(written)
    return service == shape.service and (account == "") != shape.has_account and is_alike
