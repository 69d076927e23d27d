"""
To whom the identity pools of a template give a role: to those who have signed in, or to guests.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.model.document import GUESTS, IDENTITY_POOLS, SIGNED_IN, Source

#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-identitypoolroleattachment.html
_ATTACHMENT = "AWS::Cognito::IdentityPoolRoleAttachment"
#: By the type of what gives roles to users who have signed in, the property that has them.
_BY_CLAIMS = {_ATTACHMENT: "RoleMappings", "AWS::Cognito::UserPoolGroup": "RoleArn"}


def given_to(environment: Environment, role: str) -> Iterator[Source]:
    """Whom the pools of a template give a role to that they refer to, which has this logical id."""
    for name in environment.of_types((_ATTACHMENT,)):
        roles = environment.properties(name).get("Roles")
        plain = roles if isinstance(roles, dict) and roles.keys() <= {SIGNED_IN, GUESTS} else None
        for kind in (SIGNED_IN, GUESTS):
            # Of what a condition chooses, it may be either.
            if role in names_in(roles if plain is None else plain.get(kind)):
                yield Source(IDENTITY_POOLS, kind)
    for name in environment.of_types(_BY_CLAIMS):
        type_ = str(environment.resources[name].get("Type"))
        if role in names_in(environment.properties(name).get(_BY_CLAIMS[type_])):
            yield Source(IDENTITY_POOLS, SIGNED_IN)
