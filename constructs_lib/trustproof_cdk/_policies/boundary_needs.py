"""
What somebody who has a permissions boundary must be able to call, and what the boundary has against it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple, TypeAlias

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._names import order
from trustproof_cdk._policies import boundaries, written_out
from trustproof_cdk._policies.calls import Call, allowing, arn_pattern, denies, may_allow, statements_of
from trustproof_cdk._policies.known_keys import WITHOUT_MFA, KnownKey, demanded_by, together
from trustproof_cdk._synthesis import stacks

#: A user, role or group.
Holder: TypeAlias = "boundaries.Bounded | iam.CfnGroup"

_BOUNDARY = "permissions boundary"
_NO_ROLE = "it gets into no role"
_KIND = "aws:PrincipalType"
_IN_SESSION = KnownKey(_KIND, (("FederatedUser",),))
#: So many are named in a message.
_SHOWN = 3
_AND_SO = "whatever else allows it, {lost}; {do}, or take the caller away"


class Rest(NamedTuple):
    """
    Something of what a policy allows, beside what is needed in any case; of the rest, the synthesis warns.
    """

    #: What becomes of who gets nothing of it, in words.
    lost: str = "it gets nothing by this policy"


class Need(NamedTuple):
    """
    What somebody must be able to call, by what it is granted or let in by.
    """

    actions: tuple[str, ...]
    #: What becomes of who cannot, in words.
    lost: str = _NO_ROLE
    #: On one of these, by ARN or as objects of the CDK. Default: on anything.
    on: tuple[str | IConstruct, ...] | None = None
    #: What these are.
    kind: str = "roles"
    #: What is left to who can do so on some of them only, of which is warned; empty where it does not matter.
    left: str = ""
    #: What is known of the condition keys of a call, beside what a policy demands of it and what the caller is.
    known: tuple[KnownKey, ...] = ()


class Entitlement(NamedTuple):
    """
    Who is let in by a construct, or granted something, and what they must be able to call for that.
    """

    construct: iam.Role | iam.ManagedPolicy
    callers: Sequence[Holder]
    needs: Sequence[Need | Rest]
    #: Whether who gets nothing by it is warned of only, since somebody else may do for it what it needs.
    is_only_warned_of: bool = False


def any_allows(policies: Sequence[boundaries.Policy], call: Call) -> bool:
    # Of two of one name, conditions leave one in a deployment.
    return any(may_allow(one.document, call) for one in policies)


class Bound(NamedTuple):
    """Somebody who has a boundary, or another policy that is asked in its place; of a group, its members."""

    #: What lets it in or grants.
    construct: iam.Role | iam.ManagedPolicy
    caller: Holder
    policies: Sequence[boundaries.Policy]

    #: Whether all that matters is what the boundary denies.
    is_let_in: bool = False
    #: What is asked in place of a boundary, in words.
    kind: str = _BOUNDARY

    def refused(self, needs: Sequence[Need | Rest]) -> str:
        """What is wrong, and empty where nothing is; of what is wrong in part, a warning is added."""
        needed = {action for need in needs if isinstance(need, Need) for action in need.actions}
        said = (self._of_need(need) if isinstance(need, Need) else self._of_rest(need, needed) for need in needs)
        return next(filter(None, said), "")

    def _of_need(self, need: Need) -> str:
        lacking: dict[str, list[str]] = {}
        on: list[str | IConstruct | None] = [None] if need.on is None else list(need.on)
        named = "this role" if self.construct in (need.on or ()) else f"any of the {need.kind}"
        for action in need.actions:
            where = self._where_not([self._call(action, one, need.known) for one in on], named)
            if where is not None:
                lacking.setdefault(where, []).append(action)
        if lacking:
            return self._worded(lacking, need.lost)
        if need.left and need.on is not None and len(need.on) > 1:
            self._warn_of_some(need)
        return ""

    def _of_rest(self, rest: Rest, needed: Set[str]) -> str:
        """What of the statements of the policy the boundary lets pass."""
        granted = [one for one in _granted(self._granting()) if one[0] not in needed]
        if not granted or any(action is None for action, _, _ in granted):
            return ""
        lacking: dict[str, list[str]] = {}
        for action, resources, demanded in granted:
            known = together([*self._mine(), *demanded])
            # Nobody hands out a session with MFA.
            known += WITHOUT_MFA if _IN_SESSION in known else ()
            where = self._where_not([Call(str(action), one, known) for one in resources], "its resources")
            if where is not None and action not in lacking.get(where, ()):
                lacking.setdefault(where, []).append(str(action))
        if sum(map(len, lacking.values())) >= len(dict.fromkeys(action for action, _, _ in granted)):
            return self._worded(lacking, rest.lost)
        if lacking:
            self._warn(f"which {self._against()} {_in_words(lacking)}: it gets the rest of the policy only")
        return ""

    def _where_not(self, calls: Sequence[Call], named: str) -> str | None:
        """
        What calls have of which the boundary lets none pass, in words, after the name of the action; else None.

        Args:
            calls: of one action.
            named: what they are about.
        """
        if not self._lets_pass(calls[:1], resource=None, known=()):
            return ""
        if not self._lets_pass(calls, known=()):
            return f" on {named}"
        mfa = tuple(one for one in self._mine() if one in WITHOUT_MFA)
        if mfa and not self._lets_pass(calls, known=mfa):
            return " without MFA, which no session of a role has"
        if self._lets_pass(calls):
            return None
        every = [one for one in dict.fromkeys(one for call in calls for one in call.known) if one not in mfa]
        alone = [one for one in every if not self._lets_pass(calls, known=(*mfa, one))]
        return f" where {' and '.join(map(str, alone[:1] or every))}"

    def _lets_pass(self, calls: Sequence[Call], **otherwise: Any) -> bool:
        """Whether the boundary lets one of some calls pass, perhaps with less that is known of them."""
        asked = [call._replace(**otherwise) for call in calls]
        if self.is_let_in:
            return not all(denies(one.document, call) for one in self.policies for call in asked)
        return any(any_allows(self.policies, call) for call in asked)

    def _call(self, action: str, target: str | IConstruct | None, known: Sequence[KnownKey]) -> Call:
        """An action on what is granted, or on the role that lets the caller in, with all that is known of it."""
        pattern = None if target is None else self._pattern(target)
        roles = {stacks.path_of(one): one for one in (self.construct, target) if isinstance(one, iam.Role)}
        demanded = [*known, *demanded_by(allowing(self._granting(), action, pattern))]
        for role in roles.values():
            demanded += demanded_by(allowing(_trust_policy(role), action, None))
        return Call(action, pattern, together([*self._mine(), *demanded]))

    def _granting(self) -> Any:
        """The policy that grants, as it is in the template."""
        if not isinstance(self.construct, iam.ManagedPolicy):
            return None
        return stacks.stack_of(self.construct).resolve(self.construct.document)

    def _mine(self) -> list[KnownKey]:
        """What is known of all requests of the caller."""
        account = stacks.account_of(stacks.stack_of(self.caller))
        own = [] if arguments.is_token(account) else [KnownKey("aws:PrincipalAccount", ((account,),))]
        if isinstance(self.caller, iam.CfnRole):
            return [*WITHOUT_MFA, KnownKey(_KIND, (("AssumedRole",),)), *own]
        # Sessions that a user hands out have its policies too.
        return [KnownKey(_KIND, (("User",), ("FederatedUser",))), *own]

    def _worded(self, lacking: Mapping[str, Sequence[str]], lost: str) -> str:
        shown, _, is_of_aws = self.policies[0]
        named = _in_words(lacking)
        add = f"add {named} to the boundary" if lacking.keys() == {""} else "let the boundary allow that"
        if self.kind != _BOUNDARY:
            do = "take that policy away from it" if is_of_aws else "take that out of the policy"
        else:
            do = "give it another boundary" if is_of_aws else "take that out of the boundary" if self.is_let_in else add
        return (
            f"{stacks.path_of(self.caller)} has the {self.kind} {shown}, which "
            f"{self._against()} {named}: "
            f"{_AND_SO.format(lost=lost, do=do)}"
        )

    def _warn_of_some(self, need: Need) -> None:
        """Warn of those of several that the boundary does not have, where it has others."""
        action = need.actions[0]
        missed = [
            one if isinstance(one, str) else one.node.path
            for one in need.on or ()
            if not self._lets_pass([self._call(action, one, need.known)])
        ]
        if missed:
            more = f" and {len(missed) - _SHOWN} more" if len(missed) > _SHOWN else ""
            self._warn(
                f"which {self._against()} {action} on {', '.join(missed[:_SHOWN])}{more}: {need.left}; let the "
                f"{self.kind.split()[-1]} {'leave' if self.is_let_in else 'allow'} that, or grant the others only"
            )

    def _against(self) -> str:
        return "denies" if self.is_let_in else "does not allow"

    def _warn(self, what: str) -> None:
        path = self.caller.node.path
        cdk.Annotations.of(stacks.carrier_of(self.construct)).add_warning_v2(
            f"trustproof:grant-{self.kind.split()[-1]}-{path}",
            f"{path} has the {self.kind} {self.policies[0].shown}, {what}",
        )

    def _pattern(self, target: str | IConstruct) -> str:
        """The ARNs that a role or user may have: no reference says what is called by its name."""
        stack = stacks.stack_of(self.construct)
        made = order.created(target)
        if not isinstance(made, (iam.CfnRole, iam.CfnUser)):
            return arn_pattern(stack.resolve(target if isinstance(target, str) else _arn(target)))
        return written_out.arn_of(made)


def _arn(target: Any) -> Any:
    return target.role_arn if hasattr(target, "role_arn") else target.user_arn


def _in_words(lacking: Mapping[str, Sequence[str]]) -> str:
    parts = []
    for where, actions in lacking.items():
        more = [f"{len(actions) - _SHOWN} more"] if len(actions) > _SHOWN else []
        parts.append(f"{' and '.join([*actions[:_SHOWN], *more])}{where}")
    return " and ".join(parts)


def _trust_policy(role: iam.Role) -> Any:
    return stacks.stack_of(role).resolve(role.assume_role_policy)


def _granted(document: Any) -> Iterator[tuple[str | None, Sequence[str | None], tuple[KnownKey, ...]]]:
    """The actions that a policy allows, on what, and what it demands of a call; None for what cannot be read."""
    for statement in statements_of(document) or [None]:
        readable = statement if isinstance(statement, Mapping) else {}
        if readable.get("Effect") == "Deny":
            continue
        actions = readable.get("Action") if readable.get("Effect") == "Allow" else None
        resources = readable.get("Resource")
        listed = resources if isinstance(resources, list) else [resources]
        on = [None] if resources is None else [arn_pattern(one) for one in listed]
        for action in actions if isinstance(actions, list) else [actions]:
            yield (action if isinstance(action, str) else None), on, demanded_by([readable])
