"""
A role behind another role.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, durations
from trustproof_cdk._callers import useless_grants
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import order, quotas
from trustproof_cdk._policies import kept_policies as kept
from trustproof_cdk._policies.known_keys import KnownKey, demanded_by, never_met
from trustproof_cdk._roles import roles_by_arn
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._trust import demands
from trustproof_cdk._trust.trust import ASSUME_ROLE, SET_SOURCE_IDENTITY, TAG_SESSION, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin
from trustproof_cdk.trusted import Trusted

_CAP = cdk.Duration.hours(1)
#: How the keys of session tags that are asked for begin, in lower case.
_REQUESTED = "aws:requesttag/"


@construct
class RoleChain(TrustingRole):
    """
    The second role of a chain: only sessions of the entry role may assume it.

    MFA is demanded at the entry (`CrossAccountRole`), since a role session never carries it. What a session that was
    chained may do lasts an hour at most, whatever the role says:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        entry: the entry role, or its ARN. A role of this app is granted to assume this one; of a role that is given by
            ARN, its own account must grant it (`AssumeRoleGrant`).
        carries_source_identity: sessions of the entry role have a source identity (its ``source_identities``), which
            then must be allowed to go on to this one. Default: where the entry role is a construct of this library that
            lets it be set.
        carries_session_tags: sessions of the entry role have transitive session tags (its ``transitive_tags``, and
            those of pods), which go on with every call; a program may also pass tags of its own. Both take
            ``sts:TagSession``. It must be said where the entry role is a construct of this library that passes tags on.
            Default: False.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`; ``max_session_duration`` cannot be more than 1 hour.

    Raises:
        ValueError: a longer session, what sessions of the entry role have and this one does not let go on, conditions
            on other session tags than those that it demands, or an argument that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        entry: str | iam.IRole,
        carries_source_identity: bool | None = None,
        carries_session_tags: bool | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        duration = options.get("max_session_duration")
        if duration is not None and durations.session_seconds(duration) > _CAP.to_seconds():
            raise ValueError(
                "max_session_duration must be 1 hour, the most that AWS gives to a chained session, "
                f"got {duration.to_human_string()}"
            )
        accepted = "the ARN of an IAM role, or a role"
        caller = Trusted.roles(arguments.role_arn(arguments.arn(entry, "entry", "role_arn", accepted), "entry"))
        _refuse_itself(scope, entry, options)
        order.refuse_out_of_reach(scope, entry, "entry")
        demanded = conjoin(caller.conditions, conditions)
        demands.refuse_mfa_of("sessions of roles", demanded)
        _refuse_other_tags(entry, demanded)
        actions = [
            ASSUME_ROLE,
            *([SET_SOURCE_IDENTITY] if _carries_identity(entry, carries_source_identity) else []),
            *([TAG_SESSION] if _carries_tags(entry, carries_session_tags) else []),
        ]
        self._carries_tags = TAG_SESSION in actions
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"AWS": caller.principals}, actions, demanded)],
            trusted=[entry],
            **options,
        )
        roles_by_arn.hold_to_entry(self, entry, actions, is_said=carries_session_tags is not None)
        if not isinstance(entry, str):
            self._grant(entry, actions, options)

    @property
    def passes_tags_on(self) -> bool:
        """Whether sessions of the entry role have transitive tags: they go on with every call of the chain."""
        return self._carries_tags

    def _grant(self, entry: iam.IRole, actions: list[str], options: RoleOptions) -> None:
        """
        Let the entry role ask for this one.

        A policy of the entry role that refers to this role would have the stack of the entry role depend on this one,
        which depends on it already. So in another stack of the account the policy is here, and attached to the entry
        role; and for one of another account the policy there has this role by its name.
        """
        ours = stacks.stack_of(self)
        theirs = ours if order.created(entry) is None else stacks.stack_of(entry)
        if theirs is ours:
            iam.Grant.add_to_principal(grantee=entry, actions=actions, resource_arns=[self.role_arn])
            useless_grants.warn_of_grant_in_vain(self, entry, actions)
        elif theirs.account == ours.account:
            statement = iam.PolicyStatement(actions=actions, resources=[self.role_arn])
            name = order.by_name(self, entry, "role_name")
            by_name = entry if name is None else iam.Role.from_role_name(self, "EntryByName", name)
            document = iam.PolicyDocument(statements=[statement])
            policy = iam.Policy(self, "Entry", document=document, roles=[by_name])
            kept.refuse_injected(self, policy, document, 1)
            quotas.limit_granted(entry, self._written(actions, options))
        else:
            if stacks.is_of_each_account(self):
                raise ValueError(
                    f"entry cannot have {entry.node.path}, whose policy would have to name this role in each account: "
                    "give it by its ARN as a text, and grant it by AssumeRoleGrant with role_names and organization"
                )
            name = options.get("role_name")
            if name is None or arguments.is_token(ours.account):
                raise ValueError(
                    "role_name and the account of the stack must be given where the entry role is of another account: "
                    "its policy names this role, and nothing else can refer from there to here"
                )
            if name != cdk.PhysicalName.GENERATE_IF_NEEDED:
                why = "the policy of the entry role has it, to which no reference leads from another account"
                arguments.refuse_token(name, "role_name", f"{why}: write it out, or PhysicalName.GENERATE_IF_NEEDED")
            # From there it is a text, with the name and path that the role has got: property injectors change both.
            iam.Grant.add_to_principal(grantee=entry, actions=actions, resource_arns=[self.role_arn])
            order.hold_to_names(entry, [self])
            self._warn_of_no_policies(entry, actions, f"role {name} of account {ours.account}")

    def _warn_of_no_policies(self, entry: iam.IRole, actions: list[str], target: str) -> None:
        """The CDK says of `without_policy_updates()`, and of roles that others make, that they were granted."""
        resource = order.created(entry)
        around = None if resource is None else resource.node.scope
        if around is not None and stacks.path_of(around) != stacks.path_of(entry):
            cdk.Annotations.of(self).add_warning_v2(
                "trustproof:entry-not-granted",
                f"{around.node.path} takes no policies from here, and over accounts it must have one that allows "
                f"{' and '.join(actions)} on {target}: grant it where its policies are written, or nobody gets in",
            )

    def _written(self, actions: list[str], options: RoleOptions) -> dict[str, object]:
        """The policy of the entry role as it will be, as far as the name of this role is known."""
        name = options.get("role_name")
        path = options.get("path") or "/"
        arn: object = self.role_arn
        if not arguments.is_token(path):
            # No reference leads to this role from another Region: it is measured without a name that is not known.
            known = "" if name is None or arguments.is_token(name) else name
            arn = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:role{path}{known}"
        # The CDK writes one of a list as itself.
        statement = {"Action": actions if len(actions) > 1 else actions[0], "Effect": "Allow", "Resource": arn}
        return {"Version": "2012-10-17", "Statement": [statement]}


def _refuse_other_tags(entry: str | iam.IRole, demanded: ConditionBlock) -> None:
    """A session has the tags that it was asked for with, whatever tags its role has."""
    ways = [_session_tags(one) for one in entry.trust_statements] if isinstance(entry, TrustingRole) else []
    met_by_none = [next((tag for tag in tags if never_met(demanded, [tag])), None) for tags in ways]
    if met_by_none and all(met_by_none):
        raise ValueError(
            f"conditions are met by no session of {cast('TrustingRole', entry).node.path}, of which {met_by_none[0]}: "
            "nobody would get in"
        )


def _session_tags(statement: TrustStatement) -> Iterator[KnownKey]:
    """The tags that a session has which a statement lets begin, where it demands them."""
    for one in demanded_by([{"Condition": statement.conditions}]):
        if one.key.lower().startswith(_REQUESTED):
            yield one._replace(key=f"aws:PrincipalTag/{one.key[len(_REQUESTED) :]}")


def _carries_identity(entry: str | iam.IRole, given: bool | None) -> bool:
    """A source identity stays for the whole chain, and a role that does not let it be set refuses the session."""
    sets = isinstance(entry, TrustingRole) and entry.sets_source_identity
    if given is None:
        return sets
    if sets and not arguments.flag(given, "carries_source_identity"):
        raise ValueError(
            "carries_source_identity cannot be False where sessions of the entry role have a source identity: this "
            "role would refuse them"
        )
    return arguments.flag(given, "carries_source_identity")


def _carries_tags(entry: str | iam.IRole, given: bool | None) -> bool:
    """To let tags go on is to let callers pass tags of their own too, so that it is for the author to say."""
    if given is not None:
        return arguments.flag(given, "carries_session_tags")
    if isinstance(entry, TrustingRole) and entry.passes_tags_on:
        raise ValueError(
            "carries_session_tags must be given where the entry role passes tags on: with True they go on, and callers "
            "may pass tags of their own; with False this role refuses sessions that have transitive tags"
        )
    return False


def _refuse_itself(scope: Construct, entry: str | iam.IRole, options: RoleOptions) -> None:
    """IAM takes no principal that is not there yet, and so no role that trusts itself from its first day."""
    name, account = options.get("role_name"), stacks.stack_of(scope).account
    if isinstance(entry, str) and name is not None and not arguments.is_token(account):
        own = f":iam::{account}:role{options.get('path') or '/'}{name}"
        if entry.endswith(own):
            raise ValueError(f"entry must be another role than this one, got {entry!r}")
