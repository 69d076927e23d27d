"""
Which actions of a service no request to a resource policy is for: those about other types of resources than it is on.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from trustproof.aws import published
from trustproof.aws.resource_shapes import Shape, shapes_of
from trustproof.engine.operands import action_pattern
from trustproof.model.policy import ALLOW, Policy
from trustproof.model.text import Text
from trustproof.sets.patterns import Pattern, matches

#: The same as the table of shapes has, of types whose policies are about what has no name of its own there.
_SHAPES = {
    "AWS::Lambda::LayerVersionPermission": Shape("lambda", True, True, "layer:", False, True),
    "AWS::Lambda::Permission": Shape("lambda", True, True, "function:", False, True),
    "AWS::S3::BucketPolicy": Shape("s3", False, False, "", False, True),
}
#: Types of the reference, which writes what is in a stream as it writes the stream, to what the table of shapes has.
_NAMED = {"kinesis": {"consumer": "stream/{name}/consumer/{name}:{hex}", "stream": "stream/{name}"}}
#: What a page shows such a policy with, and the reference says of that it is about other things: who is given a model
#: package makes models of it.
#: https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy-xaccount.html
_BESIDES = ("sagemaker:createmodel",)
#: How many fields an ARN has.
_FIELDS = 6


def other_actions(type_: str, policy: Policy, form: str = "", own: Text = "*") -> tuple[str, ...]:
    """
    The actions that a policy allows and that are about other types of resources only, lower-cased and sorted.

    What the reference says no type of is left out: many of these actions are about what their policies stand on.

    Args:
        type_: of the policy, or of the resource that has it.
        form: which of the things that such a policy may stand on it is; empty where it may be each of them.
        own: the ARN of what the policy stands on. Of one that is none of those that are known of the type, nobody knows
            which actions are about it.
    """
    others = _others(type_, form)
    if not others or _is_of_no_shape(own, _shapes(type_)):
        return ()
    allows = [s for s in policy.statements if s.effect == ALLOW]
    if any(s.actions is None for s in allows):
        return others
    patterns = dict.fromkeys(one for s in allows for entry in s.actions or () for one in action_pattern(entry).larger)
    return _matching(type_, form, tuple(patterns))


# A long policy asks this for each of its statements, of each property, at each assignment of the parameters.
@lru_cache(maxsize=256)
def _matching(type_: str, form: str, patterns: tuple[Pattern, ...]) -> tuple[str, ...]:
    others = _others(type_, form)
    return tuple(action for action in others if any(matches(pattern, action) for pattern in patterns))


def _shapes(type_: str) -> tuple[Shape, ...]:
    return (_SHAPES[type_],) if type_ in _SHAPES else shapes_of(type_)


def _is_of_no_shape(own: Text, shapes: tuple[Shape, ...]) -> bool:
    is_known = isinstance(own, str) and own.count(":") >= _FIELDS - 1 and not set(own) & set("*?$")
    return is_known and not any(_may_be(str(own), shape) for shape in shapes)


@cache
def _others(type_: str, form: str) -> tuple[str, ...]:
    shapes = _shapes(type_)
    if form and shapes:
        is_first = shapes[0].resource == form
        shapes = tuple(
            one
            for one in shapes
            if form in (one.resource, one.beside) or (is_first and not one.instead and not one.beside)
        )
    return tuple(sorted(action for service in {one.service for one in shapes} for action in _of(service, shapes)))


def _of(service: str, shapes: tuple[Shape, ...]) -> Iterator[str]:
    found = published.service(service)
    arns = {} if found is None else {type_.lower(): of for type_, of in found.resources.items()}
    named = _NAMED.get(service, {})
    for name, action in found.actions.items() if found is not None else ():
        about = [arn for type_ in action.resources for arn in arns.get(type_.lower(), ("*",)) if type_ not in named]
        is_one = any(named.get(type_) == shape.resource for type_ in action.resources for shape in shapes)
        may_be = is_one or any(_may_be(arn, shape) for arn in about for shape in shapes)
        if action.resources and action.is_described and not may_be and f"{service}:{name}" not in _BESIDES:
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
