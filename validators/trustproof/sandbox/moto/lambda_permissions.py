"""
The door to the policies of functions, and a repair: moto loses conditions of a permission, and takes two of one id, of
which it would remove the first only.

Of `PrincipalOrgID` beside `SourceAccount` it keeps one, `EventSourceToken` it drops, and what else a permission may say
it leaves in the statement as it is. All of it is internal to moto 5.2, which is pinned; a test holds it to that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.awslambda.exceptions import GenericResourcNotFound, LambdaClientError
from moto.awslambda.policy import Policy

from trustproof.inputs.cloudformation.evaluation.declarations.constant_parts import TemplateText
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.access import grants
from trustproof.inputs.cloudformation.values.deployment import Deployment

_TYPE = "AWS::Lambda::Permission"
_MOTOS: Callable[..., tuple[Any, str]] = Policy.add_statement


def repair() -> None:
    """Let a permission say what AWS makes of it, and be told of what it is about."""
    from moto.awslambda.models import LambdaBackend

    setattr(Policy, "add_statement", _added)  # noqa: B010
    setattr(LambdaBackend, "get_policy", _told)  # noqa: B010


def _told(backend: Any, function: str, qualifier: str | None = None) -> str:
    """
    The policy of a function, or of one of its versions or aliases: what names another one is none of it.

    https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html
    """
    found = backend.get_function(function, qualifier)
    # A name, an ARN or a part of one, each of which may have the qualifier at its end.
    at_end = function.rpartition("function:")[2].partition(":")[2]
    asked = _unqualified(qualifier or at_end)
    about = [one for one in found.policy.statements if _qualifier(one) == asked]
    if not about:
        raise GenericResourcNotFound
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": about}
    return json.dumps({"Policy": json.dumps(policy), "RevisionId": found.policy.revision})


def _qualifier(statement: Mapping[str, Any]) -> str:
    return _unqualified(str(statement.get("Resource", "")).rpartition(":function:")[2].partition(":")[2])


def _unqualified(qualifier: str) -> str:
    return "" if qualifier == "$LATEST" else qualifier


def _added(policy: Policy, raw: str, qualifier: str | None = None) -> tuple[Any, str]:
    statement, revision = _MOTOS(policy, raw, qualifier)
    same = [
        one for one in policy.statements if (one["Sid"], one["Resource"]) == (statement["Sid"], statement["Resource"])
    ]
    if len(same) > 1:
        policy.statements.pop()
        raise _Conflict(statement["Sid"])
    given = json.loads(raw)
    written = grants.statement(Resolver(Environment(TemplateText({}, ""), Deployment()), {}), _TYPE, given)
    kept = {"Sid": statement["Sid"], **written, "Resource": statement["Resource"]}
    statement.clear()
    statement.update(kept)
    return statement, revision


class _Conflict(LambdaClientError):
    code = 409

    def __init__(self, sid: str) -> None:
        message = f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the"
        super().__init__("ResourceConflictException", f"{message} existing statement.")


def add_permission(
    account: str, region: str, function: str, qualifier: str | None, given: Mapping[str, Any]
) -> str | None:
    """
    Add a statement to the policy of a function, or of one of its versions or aliases.

    Args:
        account: of the function.
        region: of the function.
        function: its name.
        qualifier: of the version or alias; None for the function itself.
        given: the properties of `AWS::Lambda::Permission`.

    Returns:
        the id of the statement; None where there is no such function, version or alias.
    """
    found = _function(account, region, function)
    if found is None or (qualifier is not None and not _has(account, region, function, qualifier)):
        return None
    return str(found.policy.add_statement(json.dumps(dict(given)), qualifier)[0]["Sid"])


def remove_permission(account: str, region: str, function: str, sid: str) -> None:
    """Remove a statement, where it is still there."""
    found = _function(account, region, function)
    if found is not None:
        found.policy.statements[:] = [one for one in found.policy.statements if one.get("Sid") != sid]


def _function(account: str, region: str, function: str) -> Any:
    from moto.awslambda.models import lambda_backends

    functions = lambda_backends[account][region].list_functions()
    return next((one for one in functions if one.function_name == function), None)


def _has(account: str, region: str, function: str, qualifier: str) -> bool:
    """Whether a function has a version or an alias."""
    from moto.awslambda.models import lambda_backends

    held = lambda_backends[account][region]
    versions = {str(one.version) for one in held.list_versions_by_function(function)}
    return qualifier in versions | {str(one.name) for one in held.list_aliases(function)}
