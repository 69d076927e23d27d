"""
Permission sets of IAM Identity Center, and who has them where.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sso as sso
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import arguments, durations, known_later, references, regions
from trustproof_cdk._arguments import published_actions as published
from trustproof_cdk._callers import permission_set_people as people
from trustproof_cdk._constructor import construct
from trustproof_cdk._names import misnamed_policies, objects, order, quotas, unique
from trustproof_cdk._names import policy_arns as arns
from trustproof_cdk._policies import kept_policies as kept
from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import Call, arn_pattern, denies, may_allow, statements_of
from trustproof_cdk._policies.known_keys import SESSION, demands_mfa
from trustproof_cdk._roles import permission_set_entry as entry
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import promise
from trustproof_cdk._synthesis.stack_checks import check_later
from trustproof_cdk._trust.trust import ASSUME_ROLE
from trustproof_cdk.trusted import Trusted

_SHORTEST, _LONGEST = cdk.Duration.hours(1), cdk.Duration.hours(12)
#: https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html
_MOST_POLICIES = 10
_ARN_COLONS = 5
_PRINCIPALS = ("GROUP", "USER")
#: What has their ids, of the resources of an app: CloudFormation makes no users.
_GIVERS: Mapping[str, references.Givers] = {"GROUP": {"AWS::IdentityStore::Group": ("GroupId", "Ref")}, "USER": {}}


@construct
class PermissionSet(sso.CfnPermissionSet):
    """
    A permission set: what people of Identity Center may do in the accounts that it is assigned to.

    MFA is for Identity Center to demand, in its settings: its sessions never carry ``aws:MultiFactorAuthPresent``.
    https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html

    Args:
        scope: as of every construct; a stack of the management account or of the delegated administrator.
        construct_id: as of every construct.
        name: 1 to 32 characters; roles that trust people with the set name it.
        instance_arn: of Identity Center, ``arn:aws:sso:::instance/ssoins-…``.
        description: what the set is for.
        session_duration: 1 to 12 hours. Default: 1 hour.
        managed_policies: AWS managed policies; one's own are `customer_managed_policies`.
        customer_managed_policies: names of managed policies that every account has where the set is assigned, with
            their path where they have one: ``ops/Deploy``.
        inline_policy: further permissions.
        permissions_boundary: an AWS managed policy, or the name of a managed policy that every account has.

    Raises:
        ValueError: more than 10 managed policies, or an argument that Identity Center would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        name: str,
        instance_arn: str,
        description: str | None = None,
        session_duration: cdk.Duration = _SHORTEST,
        managed_policies: Sequence[iam.IManagedPolicy] | None = None,
        customer_managed_policies: Iterable[str] | None = None,
        inline_policy: iam.PolicyDocument | None = None,
        permissions_boundary: iam.IManagedPolicy | str | None = None,
    ) -> None:
        given = objects.several(managed_policies, "managed_policies", "managed_policy_arn") or []
        # One that is given twice is attached once, as to roles of the CDK.
        attached = list({policy.managed_policy_arn: policy for policy in given}.values())
        for policy in attached:
            _refuse_own(policy, "managed_policies", "give its name as one of customer_managed_policies")
            arns.refuse_unusable(scope, policy.managed_policy_arn, "managed_policies")
        theirs = (
            []
            if customer_managed_policies is None
            else arguments.each(customer_managed_policies, "customer_managed_policies", _policy)
        )
        _refuse_two_of_one_name(theirs, "customer_managed_policies")
        if len(attached) + len(theirs) > _MOST_POLICIES:
            raise ValueError(
                f"managed_policies and customer_managed_policies must be at most {_MOST_POLICIES} together, got "
                f"{len(attached) + len(theirs)}"
            )
        hours = durations.seconds(session_duration, "session_duration", _SHORTEST, _LONGEST)
        document = None if inline_policy is None else objects.document(inline_policy, "inline_policy")
        if document is not None and (refused := document.validate_for_identity_policy()):
            raise ValueError(f"inline_policy must be what IAM takes of an identity: {refused[0]}")
        instance = _instance(scope, instance_arn)
        unique.claim(scope, construct_id, (instance, "permission set", _name(name)), "name", name)
        super().__init__(
            scope,
            construct_id,
            name=name,
            instance_arn=instance,
            description=arguments.optional(description, "description", _description),
            session_duration=f"PT{hours}S",
            managed_policies=[policy.managed_policy_arn for policy in attached] or None,
            customer_managed_policy_references=[
                sso.CfnPermissionSet.CustomerManagedPolicyReferenceProperty(**_reference(policy)) for policy in theirs
            ]
            or None,
            inline_policy=document,
            permissions_boundary=None if permissions_boundary is None else _boundary(scope, permissions_boundary),
        )
        self._name = name
        self._instance = instance_arn
        #: Who has it where, by the id of the assignment.
        self._assigned: dict[tuple[str, str], str] = {}
        #: Where a role trusts its people.
        self._trusted_in: set[str] = set()
        #: Whether the plugin sees that its name stays.
        self._is_held = False
        people.note_set(self, name, self._assigned)
        referred = {
            "customer_managed_policies": theirs,
            "permissions_boundary": [permissions_boundary] if isinstance(permissions_boundary, str) else [],
        }
        for argument, names in referred.items():
            misnamed_policies.refuse_misnamed_in(
                self, names, argument, lambda: dict.fromkeys(account for account, _ in self._assigned)
            )
            of_aws = f"give {argument.replace('customer_', '')} iam.ManagedPolicy.from_aws_managed_policy_name"
            for one in names:
                where = ", which each account must have where the set is assigned"
                arns.warn_of_name_of_aws(self, one, argument, f"{of_aws}({one!r})", where)
        check_later(stacks.stack_of(self), self._refuse_what_gives_nothing)
        check_later(stacks.stack_of(self), self._warn_of_no_people)
        if document is not None:
            published.warn_of_unknown_in(self, document.to_json() or {}, "inline_policy")
            quotas.limit_document(self, "inline policy", document, quotas.PERMISSION_SET_POLICY, "IAM Identity Center")

    def assign(
        self, construct_id: str, *, accounts: Iterable[str], principal_id: str, principal_type: str = "GROUP"
    ) -> list[sso.CfnAssignment]:
        """
        Give the set to a group or user of Identity Center, in accounts.

        Args:
            construct_id: of the assignments, which are below the set.
            accounts: ids of accounts; not the management account, where the delegated administrator may not assign.
            principal_id: the id of the group or user in the identity store.
            principal_type: ``GROUP`` or ``USER``.

        Raises:
            ValueError: they have the set in one of the accounts already.
        """
        with known_later.noted() as notes:
            listed = arguments.each(accounts, "accounts", arguments.account)
            kind = arguments.one_of(principal_type, "principal_type", _PRINCIPALS)
            holder = _principal(principal_id, kind)
        known_later.look_again(self, notes)
        for account in listed:
            other = self._assigned.setdefault((account, holder.lower()), construct_id)
            if other != construct_id:
                raise ValueError(
                    f"accounts cannot have {account!r} for {principal_id}, who has the set there by {other!r} already: "
                    "Identity Center takes an assignment once"
                )
        group = Construct(self, construct_id)
        made = [
            sso.CfnAssignment(
                group,
                # No construct has a token in its id.
                f"InAccount{position}" if arguments.is_token(account) else f"In{account}",
                instance_arn=self._instance,
                permission_set_arn=self.attr_permission_set_arn,
                principal_id=holder,
                principal_type=kind,
                target_id=account,
                target_type="AWS_ACCOUNT",
            )
            for position, account in enumerate(listed)
        ]
        for one, account in zip(made, listed, strict=True):
            kept.hold_to_properties(one, partial(self._assigned_as, account, holder, kind), "and somebody else has it")
        return made

    def _assigned_as(self, account: str, holder: str, kind: str) -> dict[str, str]:
        """What an assignment is in its template."""
        return {
            "PermissionSetArn": self.attr_permission_set_arn,
            "PrincipalId": holder,
            "PrincipalType": kind,
            "TargetId": account,
        }

    def trusted(self, *, accounts: Iterable[str]) -> Trusted:
        """
        The people who have the set in the given accounts, for a role that trusts them (with ``mfa=False``).

        Args:
            accounts: where the set is assigned.

        Raises:
            ValueError: an account that is none. The synthesis fails if no policy of the set allows ``sts:AssumeRole``
                on the role, and what it takes to pass the tags and the source identity that the role demands, or one
                denies it: the trust policy of a role names the account, and lets in whom its policies let out.
        """
        listed = arguments.each(accounts, "accounts", arguments.account)
        self._trusted_in.update(listed)
        return Trusted.permission_sets(self._name, accounts=listed)

    def _refuse_what_gives_nothing(self, stack: cdk.Stack, _there: Sequence[IConstruct]) -> list[str]:
        """What the policies of the set take that it is there to give."""
        document = stack.resolve(self.inline_policy)
        if denies(document, Call("*", known=SESSION)):
            return ["inline_policy denies everything, whatever else allows it: people with the set can do nothing"]
        allowed = [
            Call(action, arn_pattern(resource))
            for one in statements_of(document) or ()
            if isinstance(one, dict) and one.get("Effect") == "Allow"
            for action in _texts(one.get("Action", "*"))
            for resource in _texts(one.get("Resource", "*"))
        ]
        if allowed and all(denies(document, call) for call in allowed):
            return ["inline_policy denies all that it allows: take the Deny away, or what it allows"]
        entered = people.trusting(self, self._name, self._assigned)
        if any(demands_mfa(one) for one in statements_of(document) or ()):
            why = "nobody could use that statement; have Identity Center ask for MFA when people sign in"
            return [f"inline_policy cannot demand MFA, which sessions of Identity Center never carry: {why}"]
        if not self._trusted_in and not entered:
            return []
        if not self._is_held:
            self._is_held = True
            kept.hold_to_properties(self, lambda: {"Name": self._name}, "by which roles trust its people")
        said = self._why_not([Call(ASSUME_ROLE, known=SESSION)])
        if said:
            return [f"nobody gets into the roles that trust the set: {said}"]
        return [said for one in entered if (said := self._why_not_into(one)) or self._look_again(one)]

    def _why_not_into(self, one: people.Trusting, arn: str | None = None) -> str:
        """What is against people with the set getting into a role; see `entry.calls_for` for the ARN."""
        said = self._why_not(entry.calls_for(one.role, self._name, one.accounts, arn))
        role = stacks.carrier_of(one.role).node.path
        shown = f"people with the set {self._name!r} do not get into {role}, which trusts them"
        return f"{shown}: {said}" if said else ""

    def _look_again(self, one: people.Trusting) -> str:
        """Have the plugin ask with the name that the role has in its template: an override gives it another."""
        stack, made = cdk.Stack.of(one.role), order.created(one.role)
        promise(stack, lambda: made, lambda written: self._why_not_into(one, written_out.role_arn_in(stack, written)))
        return ""

    def _why_not(self, calls: Sequence[Call]) -> str:
        """Which of some calls people with the set surely may not make, in words; empty where they may all."""
        stack = cdk.Stack.of(self)
        own = (
            [] if self.inline_policy is None else [written_out.in_template_of(stack, stack.resolve(self.inline_policy))]
        )
        of_aws = [entry.text_of_aws(arn) for arn in self.managed_policies or ()]
        boundary = entry.boundary_of(self)
        for call in calls:
            on = "" if call.resource is None else f" on {call.resource}"
            where = f"{call.action}{on}"
            if any(denies(one, call) for one in own):
                return f"inline_policy denies {where}"
            if any(denies(one, call) for one in of_aws):
                return f"a policy of managed_policies denies {where}"
            # What is not known may allow it.
            is_known = None not in of_aws and not self.customer_managed_policy_references
            if is_known and not any(may_allow(one, call) for one in (*own, *of_aws)):
                return f"no policy of the set allows {where}: allow it on these roles in inline_policy"
            if boundary is not None and not may_allow(boundary, call):
                return f"permissions_boundary does not allow {where}"
        return ""

    def _warn_of_no_people(self, _stack: cdk.Stack, _there: Sequence[IConstruct]) -> list[str]:
        """
        Say where roles trust people whom nobody makes: in accounts where the app, which assigns the set elsewhere, does
        not assign it. A set that the app assigns nowhere is assigned by others.
        """
        assigned = {account for account, _ in self._assigned}
        is_known = assigned and not any(map(arguments.is_token, assigned))
        entered = people.trusting(self, self._name, self._assigned)
        trusted = self._trusted_in.union(*(one.accounts for one in entered))
        for account in sorted(trusted - assigned) if is_known else ():
            if not arguments.is_token(account):
                cdk.Annotations.of(self).add_warning_v2(
                    f"trustproof:assigned-to-nobody-{account}",
                    f"a role trusts who has the permission set in {account}, and the app assigns it there to nobody: "
                    "assign it, or trust the accounts where it is assigned",
                )
        for other, roles in people.trusted_in_other_letters(self, self._name).items():
            those = " and ".join(stacks.carrier_of(one.role).node.path for one in roles)
            cdk.Annotations.of(self).add_warning_v2(
                f"trustproof:set-in-other-letters-{other}",
                f"{those} trusts who has the permission set {other!r}, and the app makes {self._name!r}, which IAM "
                "tells from it: people with this set do not get in; write its name as it is",
            )
        return []


def _texts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _name(value: str) -> str:
    return arguments.matching(value, "name", r"[\w+=,.@-]{1,32}", "1 to 32 letters, digits or any of _+=,.@-")


def _instance(scope: Construct, value: str) -> str:
    accepted = "the ARN of an instance of Identity Center like 'arn:aws:sso:::instance/ssoins-0123456789abcdef'"
    pattern = r"arn:aws[a-z-]*:sso:::instance/(sso)?ins-[a-zA-Z0-9-.]{16}"
    given = arguments.matching(value, "instance_arn", pattern, accepted, {"AWS::SSO::Instance": ("Ref", "InstanceArn")})
    regions.of_partition(scope, [given], "instance_arn")
    return value


def _principal(value: str, kind: str) -> str:
    accepted = "the id of a group or user like '11111111-2222-3333-4444-555555555555', not its name"
    uuid = r"[A-Fa-f0-9]{8}(-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}"
    return arguments.matching(value, "principal_id", rf"([0-9a-f]{{10}}-)?{uuid}", accepted, _GIVERS[kind])


def _description(value: str, argument: str) -> str:
    return arguments.matching(value, argument, "[\t\n\r\x20-\x7e\xa1-\xff]{1,700}", "1 to 700 characters of Latin-1")


def _policy(value: str, argument: str) -> str:
    accepted = "the name of a managed policy like 'Deploy', after its path where it has one"
    if str(value).startswith("arn:"):
        raise ValueError(f"{argument} must be {accepted}, and not its ARN, got {value!r}")
    return arguments.matching(value, argument, r"([!-.0-~]+/)*[\w+=,.@-]{1,128}", accepted)


def _refuse_two_of_one_name(names: Iterable[str], argument: str) -> None:
    """Refuse policies of which an account can have one only: a set that names both cannot be provisioned there."""
    known: dict[str, str] = {}
    for name in names:
        other = known.setdefault(name.rpartition("/")[2].lower(), name)
        if other != name and not arguments.is_token(name):
            raise ValueError(
                f"{argument} cannot have both {other!r} and {name!r}: IAM takes a name once in an account, whatever "
                "its path and case"
            )


def _reference(value: str) -> dict[str, str]:
    path, slash, name = value.rpartition("/")
    return {"name": name, "path": f"/{path}/"} if slash else {"name": name}


def _refuse_own(policy: iam.IManagedPolicy, argument: str, instead: str) -> None:
    """Identity Center takes the ARNs of AWS's policies; those of accounts are named, since each has its own."""
    parts = policy.managed_policy_arn.split(":")
    # The ARN of a policy of this app is a token as a whole.
    is_own = order.created(policy) is not None if len(parts) <= _ARN_COLONS else parts[4] != "aws"
    if is_own:
        shown = policy.managed_policy_arn if len(parts) > _ARN_COLONS else policy.node.path
        raise ValueError(
            f"{argument} must be of AWS, like iam.ManagedPolicy.from_aws_managed_policy_name('ReadOnlyAccess'), got "
            f"{shown!r}, which is of one account: {instead}, and have it in every account where the set is assigned"
        )


def _boundary(scope: Construct, value: iam.IManagedPolicy | str) -> sso.CfnPermissionSet.PermissionsBoundaryProperty:
    if isinstance(value, str):
        if value.startswith("arn:"):
            raise ValueError(
                "permissions_boundary must be the name of a managed policy of the accounts, or an AWS managed policy "
                f"like iam.ManagedPolicy.from_aws_managed_policy_name('PowerUserAccess'), got {value!r}"
            )
        named = _reference(_policy(value, "permissions_boundary"))
        return sso.CfnPermissionSet.PermissionsBoundaryProperty(
            customer_managed_policy_reference=sso.CfnPermissionSet.CustomerManagedPolicyReferenceProperty(**named)
        )
    objects.one(value, "permissions_boundary", "managed_policy_arn")
    _refuse_own(value, "permissions_boundary", "give its name")
    arns.refuse_unusable(scope, value.managed_policy_arn, "permissions_boundary")
    return sso.CfnPermissionSet.PermissionsBoundaryProperty(managed_policy_arn=value.managed_policy_arn)
