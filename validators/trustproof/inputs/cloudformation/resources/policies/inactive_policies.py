"""
Policies that nobody asks: of a service of VPC Lattice, or a network of services, whose callers need not sign.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-vpclattice-authpolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.functions.branches import branches
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values.catalogue import STANDS_ON_ARN
from trustproof.inputs.cloudformation.values.intrinsics import reference
from trustproof.inputs.grammar.values import NO_VALUE, Unreadable
from trustproof.model.policy import Path
from trustproof.results.result import NOT_ASKED

_AUTH_POLICY = "AWS::VpcLattice::AuthPolicy"
_SIGNED = "AWS_IAM"


def inactive_policy(resolver: Resolver, logical_id: str) -> Iterator[tuple[Path, str]]:
    """
    Where a policy stands that is not asked, or may not be, with the reason; what stands on a resource of another
    template is taken to be asked.

    Args:
        logical_id: of the resource that is the policy.
    """
    environment = resolver.environment
    resource = environment.resources[logical_id]
    if resource.get("Type") != _AUTH_POLICY:
        return
    stands_on = resource.get(STANDS_ON_ARN, environment.properties(logical_id).get("ResourceIdentifier"))
    for named, _, _ in branches(resolver, stands_on, (), ()):
        found = reference(named)
        service = found[0] if found is not None else ""
        if environment.resource(service) is None:
            continue
        given = environment.properties(service).get("AuthType")
        said = {_said(resolver, one) for one, _, _ in branches(resolver, given, (), (), absent=True)} - {_SIGNED}
        if said:
            place = (*environment.path(logical_id), "Properties", "Policy")
            asks = f"{service} asks its callers for no signature (NONE)"
            open_ = f"{service} may ask its callers for no signature, which is not known before deployment"
            yield place, f"{asks if said == {'NONE'} else open_}, and then {NOT_ASKED}"
            return


def _said(resolver: Resolver, value: object) -> str:
    """What a service says of its callers; empty where that is not known."""
    if value is None or value is NO_VALUE:
        return "NONE"
    try:
        found = resolver.text(value)
    except Unreadable:
        return ""
    return found if isinstance(found, str) else ""
