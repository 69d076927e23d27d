"""
What the SAM transform makes of serverless resources, as far as it concerns access.

A function without a ``Role`` gets one: its trust policy and its policies are read where the function stands.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from trustproof.aws.published import managed_policy_names
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.evaluation.functions.branches import outcomes
from trustproof.inputs.cloudformation.values.catalogue import ROLE_MAKERS
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.model.policy import Guard
from trustproof.model.text import Text


def default_trust(service: str) -> dict[str, object]:
    """The trust policy of a generated role."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }


def role_guards(
    scope: Scope, type_: str, properties: Mapping[str, object], guards: tuple[Guard, ...]
) -> tuple[Guard, ...] | None:
    """
    What must hold for a resource to get a role of its own; None where it never does.

    A ``Role`` that is removed by a condition is none, and the role is made then.

    Args:
        guards: what must hold for the resource to exist.
    """
    if type_ not in ROLE_MAKERS:
        return None
    if "Role" not in properties:
        return guards
    found = list(_without(scope, properties["Role"], guards))
    # Where several branches remove it, what they have in common; each is judged as it is deployed.
    return found[0] if len(found) == 1 else guards if found else None


def _without(scope: Scope, value: object, guards: tuple[Guard, ...]) -> Iterator[tuple[Guard, ...]]:
    """The outcomes of the conditions of a value in which it is not there."""
    name = intrinsic_name(value)
    argument = value[name] if name is not None and isinstance(value, dict) else None
    if name == "Ref" and argument == "AWS::NoValue":
        yield guards
    if name == "Fn::If" and isinstance(argument, list) and len(argument) == 3 and isinstance(argument[0], str):
        for index, inner in outcomes(scope, argument[0], guards):
            yield from _without(scope, argument[index], inner)


def policy_arn(type_: str, named: Text, partition: str) -> Text:
    """
    The ARN of a managed policy, which SAM lets a resource name by its name alone if AWS manages it.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html#sam-function-policies
    """
    if type_ not in ROLE_MAKERS or not isinstance(named, str) or ":" in named:
        return named
    found = _managed_policies().get(named)
    return named if found is None else f"arn:{partition}:iam::aws:policy/{found}"


@cache
def _managed_policies() -> Mapping[str, str]:
    """The name of each policy that AWS manages to its path and name."""
    return {one.rpartition("/")[2]: one for one in managed_policy_names()}
