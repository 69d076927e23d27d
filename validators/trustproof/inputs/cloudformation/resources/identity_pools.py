"""
To whom the identity pools of a template give a role: to those who have signed in, or to guests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.model.document import CLOSED_TO_GUESTS, GUESTS, IDENTITY_POOLS, SIGNED_IN, Source
from trustproof.model.text import Text

#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-identitypoolroleattachment.html
_POOL, _ATTACHMENT = "AWS::Cognito::IdentityPool", "AWS::Cognito::IdentityPoolRoleAttachment"
#: By the type of what gives roles to users who have signed in, the property that has them.
_BY_CLAIMS = {_ATTACHMENT: "RoleMappings", "AWS::Cognito::UserPoolGroup": "RoleArn"}


def given_to(environment: Environment, role: str, text_of: Callable[[object], Text | None]) -> Iterator[Source]:
    """
    Whom the pools of a template give a role to that they refer to, which has this logical id; and which of them take
    no guests.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-identitypool.html

    Args:
        text_of: gives the text that a value of the template comes to; None where there is none.
    """
    for name in environment.of_types((_ATTACHMENT,)):
        properties = environment.properties(name)
        roles, pool = properties.get("Roles"), text_of(properties.get("IdentityPoolId"))
        plain = roles if isinstance(roles, dict) and roles.keys() <= {SIGNED_IN, GUESTS} else None
        for kind in (SIGNED_IN, GUESTS):
            # Of what a condition chooses, it may be either.
            if role in names_in(roles if plain is None else plain.get(kind)):
                yield Source(IDENTITY_POOLS, kind, pool)
    for name in environment.of_types(_BY_CLAIMS):
        type_ = str(environment.resources[name].get("Type"))
        properties = environment.properties(name)
        if role in names_in(properties.get(_BY_CLAIMS[type_])):
            # A group of users is of no identity pool: any that takes them may give them its role.
            pool = text_of(properties.get("IdentityPoolId")) if type_ == _ATTACHMENT else None
            yield Source(IDENTITY_POOLS, SIGNED_IN, pool)
    for name in environment.of_types((_POOL,)):
        # Cognito makes no identity of whoever has not signed in to such a pool.
        if str(environment.properties(name).get("AllowUnauthenticatedIdentities")).lower() == "false":
            yield Source(IDENTITY_POOLS, CLOSED_TO_GUESTS, text_of({"Ref": name}))
