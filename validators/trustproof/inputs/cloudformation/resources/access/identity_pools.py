"""
To whom the identity pools of a template give a role: to those who have signed in, or to guests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
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
    pools = environment.indexes.of(environment, _Pools)
    for kind, name in (*pools.by_attachment.get(role, ()), *pools.by_claims.get(role, ())):
        # A group of users is of no identity pool: any that takes them may give them its role.
        pool = text_of(environment.properties(name).get("IdentityPoolId")) if name else None
        yield Source(IDENTITY_POOLS, kind, pool)
    for name in pools.closed_to_guests:
        yield Source(IDENTITY_POOLS, CLOSED_TO_GUESTS, text_of({"Ref": name}))


class _Pools:
    """
    What pools give to whom.

    Args:
        environment: the declarations of a template.
    """

    def __init__(self, environment: Environment) -> None:
        #: By logical ids of roles, to whom they are given, and by which attachment: an empty text where by none.
        self.by_attachment: dict[str, list[tuple[str, str]]] = {}
        self.by_claims: dict[str, list[tuple[str, str]]] = {}
        for name in environment.of_types((_ATTACHMENT,)):
            roles = environment.properties(name).get("Roles")
            plain = roles if isinstance(roles, dict) and roles.keys() <= {SIGNED_IN, GUESTS} else None
            for kind in (SIGNED_IN, GUESTS):
                # Of what a condition chooses, it may be either.
                for role in set(names_in(roles if plain is None else plain.get(kind))):
                    self.by_attachment.setdefault(role, []).append((kind, name))
        for name in environment.of_types(_BY_CLAIMS):
            type_ = str(environment.resources[name].get("Type"))
            for role in set(names_in(environment.properties(name).get(_BY_CLAIMS[type_]))):
                attachment = name if type_ == _ATTACHMENT else ""
                self.by_claims.setdefault(role, []).append((SIGNED_IN, attachment))
        #: Cognito makes no identity of whoever has not signed in to such a pool.
        self.closed_to_guests: list[str] = [
            name
            for name in environment.of_types((_POOL,))
            if str(environment.properties(name).get("AllowUnauthenticatedIdentities")).lower() == "false"
        ]
