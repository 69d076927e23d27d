"""
Actions that AWS has published: IAM takes a misspelt one, and a statement about it does nothing.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, known_later

_ALLOW = "allow_unknown_actions"


def refuse_unknown(actions: Iterable[str], argument: str, *, allow_unknown_actions: bool) -> None:
    """
    Refuse an action, or a pattern of actions, that is none which AWS has published.

    Args:
        actions: that are well-formed; what only a deployment knows passes.
        argument: by which they came.
        allow_unknown_actions: whether they may be newer than this release.

    Raises:
        ValueError: with the action that was meant, where one is near.
    """
    if arguments.flag(allow_unknown_actions, _ALLOW):
        return

    def once_known(text: str) -> None:
        refuse_unknown([text], argument, allow_unknown_actions=False)

    # Only who names actions has to wait for the names of all.
    import trustproof

    for action in actions:
        if arguments.is_token(action):
            known_later.note(action, argument, once_known)
            continue
        if action in ("*", arguments.LOOKED_UP_ACTION):
            continue
        if not trustproof.published_actions(action):
            raise ValueError(
                f"{argument} cannot have {_unknown(action)} (if it is newer than this library, say {_ALLOW}=True)"
            )


def refuse_unknown_in(statements: Sequence[iam.PolicyStatement], argument: str, *, allow_unknown_actions: bool) -> None:
    """
    Refuse such an action in a statement, likewise, and one that no policy governs.

    Args:
        statements: what they are is checked already.
    """
    for statement in statements:
        for listed in (statement.actions, statement.not_actions):
            refuse_unknown(listed, argument, allow_unknown_actions=allow_unknown_actions)
            for action in listed:
                if not arguments.is_token(action):
                    arguments.refuse_ungoverned(action, argument)


def refuse_unknown_resolved(document: Any, argument: str) -> None:
    """
    Refuse such an action in a document as it is in a template, likewise.

    Args:
        document: what is no text in it passes.
    """
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    for statement in statements if isinstance(statements, list) else ():
        for listed in (statement.get("Action", ()), statement.get("NotAction", ())):
            given = listed if isinstance(listed, list) else [listed]
            texts = [one for one in given if isinstance(one, str)]
            refuse_unknown(texts, argument, allow_unknown_actions=False)
            for action in texts:
                arguments.refuse_ungoverned(action, argument)


def warn_of_unknown_in(construct: Construct, document: Mapping[str, Any], argument: str) -> None:
    """
    Have the synthesis warn of such an action in a document that somebody has written: a construct takes what IAM does.

    Args:
        construct: that was given it.
        document: as the CDK writes it; what is not resolved yet passes.
        argument: by which it came.
    """
    for statement in document.get("Statement", ()):
        for listed in (statement.get("Action", ()), statement.get("NotAction", ())):
            warn_of_unknown(construct, [listed] if isinstance(listed, str) else listed, argument)


def warn_of_unknown(construct: Construct, actions: Iterable[object], argument: str) -> None:
    """
    Have the synthesis warn of such an action.

    Args:
        construct: that has them.
        actions: what is no text, or known only in a deployment, passes.
        argument: by which they came.
    """
    import trustproof

    for action in actions:
        prefix = str(action).partition(":")[0]
        is_known = not isinstance(action, str) or arguments.is_token(action) or "*" in prefix
        if isinstance(action, str) and not is_known and not trustproof.published_actions(action):
            cdk.Annotations.of(construct).add_warning_v2(
                "trustproof:unknown-action", f"{argument} of {construct.node.path} has {_unknown(action)}"
            )


def _unknown(action: str) -> str:
    import trustproof

    meant = trustproof.action_meant(action)
    asked = f"; did you mean {meant!r}?" if meant else ""
    return f"{action!r}, which matches no action that AWS has published{asked}"
