"""
Policies of REST APIs, which are in force from the next deployment of the API on: until then the former one is.

https://docs.aws.amazon.com/apigateway/latest/developerguide/updating-api.html
"""

from __future__ import annotations

from trustproof.inputs.terraform.lowering.expressions import unknown_policy
from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.values.conditions import Undecided
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Attribute, Known

_API, _POLICY, _DEPLOYMENT = "aws_api_gateway_rest_api", "aws_api_gateway_rest_api_policy", "aws_api_gateway_deployment"


def as_deployed(made: Lowering, instance: Instance, argument: str, document: object, below: str = "") -> object:
    """
    The policy that callers of an API meet: where a plan changes that of an API that is there, and deploys it no more,
    it may be the former one.

    Args:
        instance: the API, or its policy.
        argument: that holds the policy.
        document: the policy, lowered.
        below: the key that the policy has in it; empty where the document is the policy.
    """
    if instance.type not in (_API, _POLICY) or not isinstance(instance.values, KnownValues):
        return document
    api = instance if instance.type == _API else _api(made, instance)
    if (isinstance(api, Instance) and not api.existed) or _is_as_before(made, instance, argument):
        return document
    deployments = (one for one in made.of_type(_DEPLOYMENT) if not one.existed and one.condition is None)
    if api is not None and any(_api(made, one) == api for one in deployments):
        return document
    reason = (
        f"the plan changes {instance.address}, and makes no aws_api_gateway_deployment of its API: until there is one, "
        "the former policy is in force; name the policy in the triggers of the deployment"
    )
    former = unknown_policy(reason)
    is_deployed = Undecided(f"{instance.address} is deployed", is_expression=False)
    return {"Fn::If": [made.condition(is_deployed), document, {below: former} if below else former]}


def _is_as_before(made: Lowering, instance: Instance, argument: str) -> bool:
    """Whether a plan leaves a policy as it was: it is taken to be deployed."""
    value = made.value(instance, argument)
    before = [one for one in made.snapshot.replaced if one.address == instance.address]
    return instance.existed and all(made.value(one, argument) == value for one in before)


def _api(made: Lowering, instance: Instance) -> Instance | object:
    """The API that a policy or deployment is of, or its id; None where that is not known."""
    value = made.value(instance, "rest_api_id")
    value = value if value is None else made.told(value)
    if isinstance(value, Attribute):
        return made.by_address.get(value.address)
    if not isinstance(value, Known):
        return None
    return next(iter(made.having(_API, "id", value.value)), value.value)
