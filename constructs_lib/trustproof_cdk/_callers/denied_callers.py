"""
Callers whom a service control policy of the app surely denies a call: of grants, and of roles that trust them.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations

from trustproof_cdk._arguments import references
from trustproof_cdk._callers.policy_targets import reaches, targets_of
from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import Call, covers, denies, may_be_one, statements_of
from trustproof_cdk._policies.known_keys import SESSION, WITH_MFA, KnownKey
from trustproof_cdk._synthesis import stacks, walk

_SERVICE_CONTROL = "SERVICE_CONTROL_POLICY"
_PRINCIPAL = "aws:principalarn"
#: Operators that match patterns, by whether they are negated; each may let pass a request without the key, which these
#: callers all have.
_LIKE = {"arnlike": False, "arnequals": False, "stringlike": False, "arnnotlike": True, "arnnotequals": True}
_LIKE["stringnotlike"] = True


class Caller(NamedTuple):
    """
    Somebody of an account, or several of one kind.
    """

    #: Of twelve digits.
    account: str
    #: Its ARN, or a pattern that theirs all match; None where nothing is known but the account.
    arn: str | None = None

    def keys(self) -> tuple[KnownKey, ...]:
        """What is known of its requests."""
        found = (
            KnownKey("aws:PrincipalAccount", ((self.account,),)),
            KnownKey("aws:PrincipalIsAWSService", (("false",),)),
        )
        if self.arn is None:
            return found
        if ":role/" in self.arn:
            return (*found, *SESSION)
        return (*found, KnownKey("aws:PrincipalType", (("User",),)))


def trusted_caller(value: str, made: iam.CfnRole) -> Caller | None:
    """Whom a principal of a trust policy means; None where only a deployment knows, or it is no one of an account."""
    theirs = references.referred_to(value)
    stack = cdk.Stack.of(made)
    if isinstance(theirs, (iam.CfnUser, iam.CfnRole)):
        found: str | None = written_out.arn_of(theirs)
    else:
        found = written_out.text_of(stack.resolve(value), stack)
    return None if found is None else caller_of(found)


def caller_of(principal: str) -> Caller | None:
    """Whom a principal means that is a text as a whole; None where that is no one of an account."""
    if principal.isdigit():
        return Caller(principal)
    parts = principal.split(":", 5)
    if len(parts) < 6 or not parts[4].isdigit():
        return None
    return Caller(parts[4], None if parts[5] == "root" else principal)


def service_control_policies(walked: walk.Walked) -> list[organizations.CfnPolicy]:
    """Those of an app or stage that are there in every deployment."""
    return [
        one
        for _, there in walked
        for one in there
        if isinstance(one, organizations.CfnPolicy)
        and one.type == _SERVICE_CONTROL
        and one.cfn_options.condition is None
    ]


def denying(
    policies: Iterable[organizations.CfnPolicy], caller: Caller, calls: Sequence[Call]
) -> organizations.CfnPolicy | None:
    """
    The first policy that surely denies a caller all of some calls; None where there is none.

    In which unit an account is the app does not say, and nothing reaches the management account: so only policies of
    the root and of accounts count, and none in the account of its own stack.
    """
    asked = [one._replace(known=(*caller.keys(), *one.known)) for one in calls]
    for policy in policies:
        if reaches(policy, caller.account):
            content = about(stacks.stack_of(policy).resolve(policy.content), caller.arn)
            if asked and all(denies(content, call) for call in asked):
                return policy
    return None


def demands_mfa(known: Collection[KnownKey]) -> bool:
    """Whether all that is known of a request has MFA in it."""
    return any(one in known for one in WITH_MFA)


def of_people(caller: Caller) -> Caller:
    """Whom an account stands for where MFA is demanded: its users, since sessions of roles never carry it."""
    return caller if caller.arn is not None else caller._replace(arn=f"arn:*:iam::{caller.account}:user/*")


def reaching_callers(
    policies: Sequence[organizations.CfnPolicy], caller: Caller, own: Collection[str]
) -> Sequence[organizations.CfnPolicy]:
    """
    The service control policies that may reach a caller: all, where its account is one of the app, and else those that
    are attached to its account. One of another organization has no policy of this root.
    """
    if caller.account in own:
        return policies
    return [one for one in policies if caller.account in targets_of(one)]


def about(content: Any, arn: str | None) -> Any:
    """A policy without the conditions on who calls that all of some callers meet."""
    statements = statements_of(content)
    if arn is None or statements is None:
        return content
    return {"Statement": [_without_met(one, arn) for one in statements]}


def _without_met(statement: Any, arn: str) -> Any:
    conditions = statement.get("Condition") if isinstance(statement, Mapping) else None
    if not isinstance(conditions, Mapping) or not all(isinstance(one, Mapping) for one in conditions.values()):
        return statement
    left = {
        operator: {key: values for key, values in keys.items() if not _is_met(str(operator), str(key), values, arn)}
        for operator, keys in conditions.items()
    }
    return {**statement, "Condition": {operator: keys for operator, keys in left.items() if keys}}


def _is_met(operator: str, key: str, values: Any, arn: str) -> bool:
    negated = _LIKE.get(operator.lower().removesuffix("ifexists"))
    listed = values if isinstance(values, list) else [values]
    if key.lower() != _PRINCIPAL or negated is None or not all(isinstance(one, str) for one in listed):
        return False
    if negated:
        return not any("${" in one or may_be_one(one, arn) for one in listed)
    return any("${" not in one and covers(_in_partition(one), _in_partition(arn)) for one in listed)


def _in_partition(arn: str) -> str:
    """An ARN without its partition, which an account is in with all that is about it."""
    return arn.split(":", 2)[2] if arn.startswith("arn:") and arn.count(":") > 1 else arn
