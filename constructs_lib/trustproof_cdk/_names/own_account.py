"""
ARNs of what is of use in the account of the stack only.
"""

from __future__ import annotations

from collections.abc import Mapping

from constructs import Construct

from trustproof_cdk._arguments import arguments, known_later, regions
from trustproof_cdk._names import objects
from trustproof_cdk._synthesis import stacks

_ARN_COLONS = 5


def of_stack(scope: Construct, arns: list[str], argument: str, why: str) -> list[str]:
    """
    ARNs of the account of the stack.

    Args:
        scope: in the stack.
        arns: as texts, or references to resources of the app; another token is looked at again in the synthesis, and
            every ARN passes where the account of the stack is known only in a deployment.
        argument: the name of the argument, as the caller wrote it.
        why: one of another account would be of no use, to end the sentence ``..., since``.
    """
    regions.of_partition(scope, arns, argument)
    own = stacks.account_of(stacks.stack_of(scope))
    accounts = {arn: _account_of(arn) for arn in arns}
    _refuse_of_one_account(scope, accounts, argument, why)
    if arguments.is_token(own):
        return arns

    def refuse(arn: str) -> None:
        parts = arn.split(":")
        if len(parts) > _ARN_COLONS and parts[4].isdigit() and parts[4] != own:
            raise ValueError(f"{argument} must be of account {own}, that of the stack, since {why}; got {arn!r}")

    for arn, theirs in accounts.items():
        if theirs is None:
            known_later.note_place(arn, argument, refuse)
        elif theirs != own:
            shown = f"one of account {theirs}" if arguments.is_token(arn) else repr(arn)
            raise ValueError(f"{argument} must be of account {own}, that of the stack, since {why}; got {shown}")
    return arns


def _account_of(arn: str) -> str | None:
    """As an ARN says it, or the stack of the resource that it refers to; None where only a deployment knows it."""
    return objects.account_of(arn, "") if arguments.is_token(arn) else arn.split(":")[4]


def _refuse_of_one_account(scope: Construct, accounts: Mapping[str, str | None], argument: str, why: str) -> None:
    """Refuse in the template of a StackSet what is in one account only: in all others it is nothing."""
    if not any(accounts.values()) or not stacks.is_of_each_account(scope):
        return
    for arn, account in accounts.items():
        if account is not None and account.isdigit():
            raise ValueError(
                f"{argument} must be of each account that the OrganizationRole is for, since {why}; got {arn!r}, which "
                "is in one: write Aws.ACCOUNT_ID in its place, or take a parameter, with account_parameters"
            )
