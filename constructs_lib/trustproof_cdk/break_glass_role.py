"""
A role for emergencies.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct, IValidation

from trustproof_cdk._arguments import arguments, durations, messages
from trustproof_cdk._arguments import regions as regions_
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import objects, order
from trustproof_cdk._roles.role import RoleOptions
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._trust import demands
from trustproof_cdk._trust.trust import ASSUME_ROLE, TrustStatement
from trustproof_cdk.break_glass_alarm import UNSEEN_REFUSALS, AlarmedRole, BreakGlassAlarm, alarms_of
from trustproof_cdk.conditions import ConditionBlock, conjoin
from trustproof_cdk.mfa import mfa_conditions
from trustproof_cdk.trusted import Trusted

_FRESH = cdk.Duration.minutes(15)
#: The warning of one in many accounts, which can be assumed where the template of the accounts has no alarm.
UNWATCHED_REGIONS = "trustproof:unwatched-regions"
_SHORT = cdk.Duration.hours(1)


@construct
class BreakGlassRole(AlarmedRole):
    """
    A role that named users may assume in an emergency, right after they have used MFA; every use raises an alarm.

    A `BreakGlassAlarm` of its own reports each use to a topic. It sees what CloudTrail logs in the account and Region
    of its stack, so the role can be assumed by STS in this Region only, or in those that have an alarm too. What is
    refused to users of another account is logged there: put a `BreakGlassAlarm` into their account as well.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        users: ARNs of IAM users, or users of this app.
        alarm_topic: where uses are reported to.
        regions: the Regions whose STS may be called for the role. Default: the Region of the stack. Each other one
            needs a `BreakGlassAlarm` of this role in a stack there. The global endpoint, which the console uses as
            well, is ``us-east-1``. Give two where one may be what the emergency is about.
        max_mfa_age: how long ago the MFA code may have been entered at most. Default: 15 minutes.
        source_ips: public addresses or prefixes that requests must come from.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`; ``max_session_duration`` cannot be more than 1 hour.

    Raises:
        ValueError: a longer session, or an argument that IAM would refuse. The synthesis fails if there is a Region
            without an alarm.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        users: Iterable[str | iam.IUser],
        alarm_topic: sns.ITopic | sns.Topic,
        regions: Iterable[str] | None = None,
        max_mfa_age: cdk.Duration = _FRESH,
        source_ips: Iterable[str] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        duration = options.get("max_session_duration")
        if duration is not None and durations.session_seconds(duration) > _SHORT.to_seconds():
            raise ValueError(
                f"max_session_duration must be 1 hour in an emergency role, got {duration.to_human_string()}"
            )
        objects.one(alarm_topic, "alarm_topic", "topic_arn")
        stack = stacks.stack_of(scope)
        given = [stack.region] if regions is None else arguments.each(regions, "regions", regions_.region)
        # The Region of a deployment is that of the stack, where it is known.
        allowed = [stack.region if stack.resolve(one) == {"Ref": "AWS::Region"} else one for one in given]
        for one in allowed:
            regions_.beside_stack(scope, one, "regions")
            if one != stack.region:
                arguments.refuse_token(
                    one, "regions", "each Region needs an alarm: name it, or leave regions out for that of the stack"
                )
        people = arguments.once(users)
        arguments.arns(people, "users", "user_arn")
        caller = Trusted.users(*people)
        demanded = conjoin(
            mfa_conditions(max_mfa_age),
            {"StringEquals": {"aws:RequestedRegion": allowed}},
            demands.network(source_ips, None),
            conditions,
        )
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"AWS": caller.principals}, [ASSUME_ROLE], demanded)],
            trusted=caller.entities,
            trusted_as="users",
            **options,
        )
        self.alarms: set[tuple[str, str]] = set()
        accounts = {objects.account_of(user, "user_arn") for user in people}
        known = {account for account in accounts if account is not None}
        is_known = known == accounts and not arguments.is_token(stack.account)
        self.logged_in = frozenset({*known, stack.account} if is_known else ())
        # Where one user is of an account that only a deployment knows, the others' accounts still need an alarm.
        refusals = _RefusalsSeen(self, known - {stack.account}, allowed)
        cdk.Aspects.of(self).add(refusals)
        BreakGlassAlarm(self, "OnUse", roles=[self], alarm_topic=alarm_topic)
        stacks.node_of(self).add_validation(_EveryRegionWatched(self, stack, allowed, refusals))


@jsii.implements(cdk.IAspect)
class _RefusalsSeen:
    """
    Warns, when all alarms are there, of the accounts and Regions where nobody hears of what is refused to users.

    It is an Aspect for the template of an `OrganizationRole`, whose warnings are read before it is validated.
    """

    def __init__(self, role: AlarmedRole, accounts: set[str], allowed: list[str]) -> None:
        self._role, self._accounts, self._allowed = role, sorted(accounts), allowed

    def visit(self, node: IConstruct) -> None:
        if stacks.path_of(node) == stacks.path_of(self._role) and order.is_carried(self._role):
            self._warn_of_regions()
            self.warn(self._role.alarms)

    def warn(self, alarms: set[tuple[str, str]]) -> None:
        """Warn, given the account and Region of each alarm."""
        unseen = {
            account: [self._called(region) for region in self._allowed if _is_unseen(alarms, account, region)]
            for account in self._accounts
        }
        where = "; ".join(f"{account}, in {' and '.join(regions)}" for account, regions in unseen.items() if regions)
        if not where:
            # There may have been a synthesis before the alarms.
            cdk.Annotations.of(self._role).acknowledge_warning(UNSEEN_REFUSALS, "its users' accounts have alarms")
            return
        shown, do = self._role.node.path, "add a BreakGlassAlarm with this role to a stack of each"
        if order.is_carried(self._role):
            # Who has an alarm by ARN is not known here, where the template is made.
            shown = f"{shown.partition('/')[2]} of the template of an OrganizationRole"
            do = (
                "add a BreakGlassAlarm with its arn_in(account) of every account that has it to a stack of each, and "
                "say that it is there by cdk.Annotations.of(role).acknowledge_warning of the OrganizationRole, with "
                f"{UNSEEN_REFUSALS!r}"
            )
        cdk.Annotations.of(self._role).add_warning_v2(
            UNSEEN_REFUSALS,
            f"attempts on {shown} that are refused to its users are logged only in their account, and nobody hears of "
            f"them there ({where}): {do}",
        )

    def _warn_of_regions(self) -> None:
        """Of the template of an OrganizationRole, where alarms in other Regions of each account are not known."""
        stack = cdk.Stack.of(self._role)
        named = [region for region in self._allowed if region not in (stack.region, stacks.region_of(stack))]
        if named:
            cdk.Annotations.of(self._role).add_warning_v2(
                UNWATCHED_REGIONS,
                f"{self._role.node.path.partition('/')[2]} of the template of an OrganizationRole can be assumed in "
                f"{' and '.join(named)}, and its alarm is in the Region of the StackSet only: add a BreakGlassAlarm "
                "with its arn_in(account) of every account that has it to a stack there in each other Region, and say "
                "that it is there by cdk.Annotations.of(role).acknowledge_warning of the OrganizationRole, with "
                f"{UNWATCHED_REGIONS!r}; or leave regions out",
            )

    @staticmethod
    def _called(region: str) -> str:
        return "its Region" if arguments.is_token(region) else region


def _is_unseen(alarms: set[tuple[str, str]], account: str, region: str) -> bool:
    """A Region that only a deployment knows may be any."""
    return not any(
        one == account and (arguments.is_token(where) or arguments.is_token(region) or where == region)
        for one, where in alarms
    )


@jsii.implements(IValidation)
class _EveryRegionWatched:
    """Fails the synthesis while a Region has no alarm, and warns of what nobody hears of in the users' accounts."""

    def __init__(self, role: AlarmedRole, stack: cdk.Stack, allowed: list[str], refusals: _RefusalsSeen) -> None:
        self._role, self._stack, self._allowed, self._refusals = role, stack, allowed, refusals

    def validate(self) -> list[str]:
        if order.is_carried(self._role):
            # Who has an alarm by ARN is not known here; the synthesis has warned.
            return []
        alarms = alarms_of(self._role)
        self._refusals.warn(alarms)
        watched = {region for account, region in alarms if account == self._stack.account}
        return [
            messages.plain(
                f"the role can be assumed in {region}, where nobody would hear of it: add a BreakGlassAlarm with this "
                f"role to a stack of account {self._stack.account} in {region}, or leave it out of regions"
            )
            for region in self._allowed
            if region not in watched and not arguments.is_looked_up(region)
        ]
