"""
Resources that grant something without a policy document: their properties, as the statement AWS makes of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.inputs.grammar.expressions import Expressions
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.document import Grant
from trustproof.model.policy import Path, Policy
from trustproof.model.text import Symbolic

Raw = dict[str, object]

#: Condition keys to the property that the operands of a grant come from.
OPERAND_PROPERTIES = {
    "aws:SourceArn": "SourceArn",
    "aws:SourceAccount": "SourceAccount",
    "lambda:EventSourceToken": "EventSourceToken",
    "lambda:FunctionUrlAuthType": "FunctionUrlAuthType",
    "lambda:InvokedViaFunctionUrl": "InvokedViaFunctionUrl",
}


def is_grant(type_: str) -> bool:
    """Whether a resource type is one of those this module knows."""
    return type_ in _KINDS


def form(type_: str) -> Grant:
    """How a grant of a type says what a condition says."""
    return _KINDS[type_].form


def statement(reading: Expressions, type_: str, properties: Mapping[str, object]) -> Raw:
    """
    The elements of the statement that a structured grant stands for; its ``Resource`` is what the grant stands on.

    Raises:
        Unreadable: the shape of the grant depends on what is not known before deployment.
    """
    return _KINDS[type_].build(reading, properties)


def principal(reading: Expressions, value: object) -> object:
    """
    The ``Principal`` element for a principal that is only named: a service's host, an account, an ARN, or ``*``.
    """
    resolved = reading.text(value)
    if not isinstance(resolved, (str, Symbolic)):
        raise Unreadable("the Principal is removed")
    if resolved == "*":
        return "*"
    literal = resolved if isinstance(resolved, str) else "".join(p for p in resolved.parts if isinstance(p, str))
    is_service = ".amazonaws.com" in literal or (
        isinstance(resolved, str) and "." in resolved and not resolved.startswith("arn:")
    )
    return {"Service" if is_service else "AWS": resolved}


def _conditions(properties: Mapping[str, object], table: tuple[tuple[str, str, str], ...]) -> Raw:
    """The ``Condition`` element from (property, operator, key); a property that is not there demands nothing."""
    found: dict[str, Raw] = {}
    for name, operator, key in table:
        if name in properties:
            found.setdefault(operator, {})[key] = properties[name]
    return {"Condition": found} if found else {}


def _lambda_permission(reading: Expressions, properties: Mapping[str, object]) -> Raw:
    # https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
    table = (
        ("SourceArn", "ArnLike", "aws:SourceArn"),
        ("SourceAccount", "StringEquals", "aws:SourceAccount"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
        ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
    )
    return {
        "Effect": "Allow",
        "Principal": principal(reading, properties.get("Principal")),
        "Action": properties.get("Action"),
        "Resource": "*",
        **_conditions(properties, table),
    }


def _layer_permission(reading: Expressions, properties: Mapping[str, object]) -> Raw:
    # https://docs.aws.amazon.com/lambda/latest/api/API_AddLayerVersionPermission.html
    return {
        "Effect": "Allow",
        "Principal": principal(reading, properties.get("Principal")),
        "Action": properties.get("Action"),
        "Resource": "*",
        **_conditions(properties, (("OrganizationId", "StringEquals", "aws:PrincipalOrgID"),)),
    }


def _event_bus_policy(reading: Expressions, properties: Mapping[str, object]) -> Raw:
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
    raw: Raw = {
        "Effect": "Allow",
        "Principal": principal(reading, properties.get("Principal")),
        "Action": properties.get("Action", "events:PutEvents"),
        "Resource": "*",
    }
    condition = reading.resolve(properties["Condition"]) if "Condition" in properties else None
    if isinstance(condition, Symbolic):
        raise Unreadable(f"the Condition is the value of {condition}")
    if isinstance(condition, dict):
        operator, key = reading.text(condition.get("Type")), reading.text(condition.get("Key"))
        if not isinstance(operator, str) or not isinstance(key, str):
            raise Unreadable("the Condition is not known before deployment")
        raw["Condition"] = {operator: {key: condition.get("Value")}}
    return raw


def _acm_pca_permission(reading: Expressions, properties: Mapping[str, object]) -> Raw:
    # https://docs.aws.amazon.com/privateca/latest/APIReference/API_CreatePermission.html
    # The actions are given without their service.
    actions = [
        f"acm-pca:{name}" if isinstance(name, str) and ":" not in name else name
        for name in reading.items(properties.get("Actions"))
    ]
    if any(isinstance(name, Symbolic) for name in actions):
        raise Unreadable("the actions of the permission are not known before deployment")
    return {
        "Effect": "Allow",
        "Principal": principal(reading, properties.get("Principal")),
        "Action": actions,
        "Resource": "*",
        **_conditions(properties, (("SourceAccount", "StringEquals", "aws:SourceAccount"),)),
    }


def _signer_permission(reading: Expressions, properties: Mapping[str, object]) -> Raw:
    # https://docs.aws.amazon.com/signer/latest/api/API_AddProfilePermission.html
    return {
        "Effect": "Allow",
        "Principal": principal(reading, properties.get("Principal")),
        "Action": properties.get("Action"),
        "Resource": "*",
    }


def _q_business_permission(reading: Expressions, properties: Mapping[str, object]) -> Raw:
    # https://docs.aws.amazon.com/amazonq/latest/api-reference/API_AssociatePermission.html
    if "Conditions" in properties:
        raise Unreadable("the Conditions of a Q Business permission are not read")
    return {
        "Effect": "Allow",
        "Principal": principal(reading, properties.get("Principal")),
        "Action": properties.get("Actions"),
        "Resource": "*",
    }


def _kms_grant(reading: Expressions, properties: Mapping[str, object]) -> Raw:
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
    actions = [f"kms:{name}" if isinstance(name, str) else name for name in reading.items(properties.get("Operations"))]
    raw: Raw = {
        "Effect": "Allow",
        "Principal": principal(reading, properties.get("Principal")),
        "Action": actions,
        "Resource": "*",
    }
    if any(isinstance(name, Symbolic) for name in actions):
        raise Unreadable("the operations of the grant are not known before deployment")
    # A constraint on the encryption context is a condition on each of its pairs.
    return {**raw, "Condition": properties["Condition"]} if "Condition" in properties else raw


class _Kind(NamedTuple):
    #: The statement that AWS makes of the properties.
    build: Callable[[Expressions, Mapping[str, object]], Raw]
    form: Grant


_KINDS = {
    "Trustproof::KMS::Grant": _Kind(_kms_grant, Grant()),
    "AWS::Lambda::Permission": _Kind(
        _lambda_permission,
        Grant(
            (
                ("aws:principalorgid", "PrincipalOrgID"),
                ("aws:sourceaccount", "SourceAccount"),
                ("aws:sourcearn", "SourceArn"),
                ("lambda:functionurlauthtype", "FunctionUrlAuthType"),
                ("lambda:invokedviafunctionurl", "InvokedViaFunctionUrl"),
            )
        ),
    ),
    "AWS::Lambda::LayerVersionPermission": _Kind(_layer_permission, Grant((("aws:principalorgid", "OrganizationId"),))),
    "AWS::Events::EventBusPolicy": _Kind(_event_bus_policy, Grant(has_condition=True)),
    "AWS::ACMPCA::Permission": _Kind(_acm_pca_permission, Grant((("aws:sourceaccount", "SourceAccount"),))),
    "AWS::Signer::ProfilePermission": _Kind(_signer_permission, Grant()),
    "AWS::QBusiness::Permission": _Kind(_q_business_permission, Grant()),
}
#: The types that this module knows.
TYPES = tuple(_KINDS)


def with_condition_places(policy: Policy, path: Path) -> Policy:
    """A grant's policy with each condition at the property that it was made of."""
    statements = []
    for statement in policy.statements:
        conditions = tuple(
            condition._replace(path=(*path, OPERAND_PROPERTIES.get(condition.key, "PrincipalOrgID")))
            for condition in statement.conditions
        )
        statements.append(statement._replace(conditions=conditions))
    return policy._replace(statements=tuple(statements))


def around(statement: object) -> object:
    """The policy with one statement, which may be JSON text, or an intrinsic function that gives one or the other."""
    if isinstance(statement, dict) and intrinsic_name(statement) == "Fn::ToJsonString":
        statement = statement["Fn::ToJsonString"]
    if isinstance(statement, str) or intrinsic_name(statement) is not None:
        return {"Fn::Join": ["", ['{"Version": "2012-10-17", "Statement": ', statement, "}"]]}
    return {"Version": "2012-10-17", "Statement": statement}
