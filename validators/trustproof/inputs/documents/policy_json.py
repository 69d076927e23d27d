"""
A policy document that stands by itself, for the library.
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.errors import PolicySyntaxError
from trustproof.inputs.cloudformation.evaluation.declarations.constant_parts import TemplateText
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.grammar.malformed_policies import MalformedPolicy
from trustproof.inputs.grammar.policies import PolicyReader
from trustproof.inputs.grammar.values import Unreadable
from trustproof.inputs.text.given_values import check_policy_values
from trustproof.inputs.text.positions import SourceMap
from trustproof.model.policy import Policy


def parse_policy(document: Mapping[str, object] | str, *, kind: str) -> Policy:
    """
    A policy document as a value.

    Args:
        document: a mapping, or JSON text.
        kind: `TRUST`, `IDENTITY` or `RESOURCE`.

    Raises:
        PolicySyntaxError: AWS would refuse it; with line and column where a text was given and is JSON.
    """
    try:
        check_policy_values(document)
    except ValueError as error:
        raise PolicySyntaxError(str(error)) from None
    resolver = Resolver(Environment(TemplateText({}, ""), Deployment()), {})
    value: object = document if isinstance(document, str) else dict(document)
    try:
        policy = PolicyReader(resolver, kind).read(value, ())
    except MalformedPolicy as error:
        if isinstance(document, str) and error.path:
            position = SourceMap(document).key(error.path)
            raise PolicySyntaxError(error.message, "", position.line, position.column) from None
        place = ".".join(str(step) for step in error.path)
        raise PolicySyntaxError(f"{place}: {error.message}" if place else error.message) from None
    except Unreadable as error:
        raise PolicySyntaxError(str(error)) from None
    if policy is None:
        raise PolicySyntaxError("the policy is empty")
    return policy
