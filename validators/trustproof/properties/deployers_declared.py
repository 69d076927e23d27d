"""
deployers-declared: whoever may deploy through the roles of a CDK bootstrap stack, or give itself every permission, is
declared to be an administrator.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.config.model import Config
from trustproof.engine.caller_records import role_arns
from trustproof.engine.domains import text
from trustproof.engine.region import Region
from trustproof.engine.request_space import RequestSpace
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Statement
from trustproof.model.principals import Holder
from trustproof.model.query import covers_everything
from trustproof.model.request import Request
from trustproof.model.text import GENERATED_NAME, Symbol
from trustproof.properties.base import IdentityProperty
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.shared.own_limits import LIFTS, NOT_DECIDED, REBINDS, UNBINDS, limiting_actions, own_limits
from trustproof.properties.shared.own_permissions import (
    ATTACHES_ONE,
    IN_GROUP,
    JOINS,
    JOINS_ONE,
    MAKES,
    NAMED,
    REWRITES,
    REWRITES_ANY,
    REWRITES_ONE,
    escalating_actions,
    own_permissions,
)
from trustproof.properties.shared.permission_changes import ATTACHED, CALLERS, FREES, MEMBER
from trustproof.properties.shared.regions import held_by, may_name, own_tags, own_values
from trustproof.results.result import UNKNOWN, Remedy
from trustproof.sets.patterns import Wildcard, join

_DEPLOY_ROLE = r"arn:[^:]*:iam::[0-9]{12}:role/cdk-[A-Za-z0-9_-]{1,10}-deploy-role-[^/:]*"
_IN_NAME = Wildcard("/:", True, True)
#: What a question is about that no template answers, and why it does not.
_PERHAPS = {
    NAMED: "{} may be given permissions, and whether that is its own name is known at deployment only",
    MEMBER: "{} may be given permissions, and no template says for good who is a member of the group",
    IN_GROUP: "{} may be given permissions, and no template says for good who is a member of that group",
    REWRITES_ONE: "it may give {} another text, and whether that is one of its own policies is not known",
    JOINS_ONE: "it may add itself to {}, and what that group may do is not known",
    ATTACHES_ONE: "it may attach managed policies of the account to {}, and what these say is not known",
    **NOT_DECIDED,
}
#: What a holder may do to what limits it, where it is known what follows.
_FOLLOWED = {
    UNBINDS: "take away its own permissions boundary",
    REBINDS: "give another text to its own permissions boundary",
    LIFTS: "take away a policy of its own that denies it something",
}
#: The bootstrap template takes a qualifier of so many of these characters at most.
_LONGEST_QUALIFIER = 10
_OF_QUALIFIER = Wildcard("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz", False, False)


def names(value: object) -> object:
    """
    The names in an array of the configuration.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(value, (list, tuple)) and all(isinstance(entry, str) and entry for entry in value):
        return tuple(value)
    raise ValueError("an array of names, or logical ids, of users, groups, roles and permission sets")


class DeployersDeclared(IdentityProperty):
    """
    Whoever may deploy through the roles of a CDK bootstrap stack, or give itself every permission, is declared to be an
    administrator.

    Claim:
        No identity policy that the template attaches to a user, group, role or permission set allows its holder, unless
        that is one of ``administrators``, any of this:

        * ``sts:AssumeRole`` on the deploy role of a CDK bootstrap stack (``cdk-QUALIFIER-deploy-role-ACCOUNT-REGION``),
          in any account;
        * to attach AdministratorAccess, IAMFullAccess or a managed policy that it may write to itself, or to write
          itself an inline policy (``iam:AttachRolePolicy``, ``iam:PutUserPolicy`` and the like): to its own user, role
          or group, to any user by the policy of a group, to a group that it is in or may enter, or to a role or user
          that it may make;
        * to add itself to every group, or, where it has managed policies of the account, to give these another text
          (``iam:CreatePolicyVersion``);
        * to come to any of this without what limits it and what it may take away: its permissions boundary
          (``iam:DeleteRolePermissionsBoundary``, another boundary, another text of it), policies of its own that deny
          (``iam:DeleteRolePolicy``, ``iam:DetachRolePolicy``), or the boundary of what it makes.

        Administrators are declared by name, or by logical id (in Terraform the address) where the template does not
        write the name out; it is asked where some are, also as an empty array.
        What AWS's own managed policies allow is asked too: PowerUserAccess and IAMFullAccess, and AdministratorAccess,
        which makes administrators without a detour.

    Threat:
        The deploy role hands templates to CloudFormation, which by default executes them as an administrator; and it
        trusts the whole account that it is in, and those that the stack was bootstrapped to trust. So everybody whose
        policies let them ask for it is an administrator, whatever else their policies leave out.
        https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html

    Severity:
        *error*. What is unknown is a *note*: nobody from outside gets in by it.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/cdk-*"}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/OrgReader"}]}

    Remedy:
        Name the roles that are meant in Resource, or declare the holder one of the administrators. The roles that CDK
        Pipelines makes deploy, and have no names: they are declared by their logical ids, which the finding has.

    Limits:
        * A holder of a managed policy whose content is not known is *unknown*, with the policy named.
        * Whether an account is bootstrapped, to trust whom, and with less than administrator rights for CloudFormation,
          is not known; nor are bootstrap stacks whose template gives the roles other names.
        * Who may call CloudFormation and pass its role without the deploy role is not asked; nor who becomes an
          administrator by somebody else: by permissions or access keys of other users, by the trust policies of other
          roles, by new versions of policies that others have, or by what passes a role on.
        * *Unknown* is whether a managed policy that may be given another text is one of the holder's own, where its
          name is not known; what other managed policies of the account say that it may attach; whether a user that the
          policy of a group names is a member; what a group may do that somebody may enter; what an older version of a
          managed policy says; and what somebody may do by other tags or another name, outside of a group, without the
          control policies of its account, or by changing permission sets.
        * Of AWS's other managed policies that somebody may attach, none is taken to make an administrator.
    """

    ident = "deployers-declared"
    of_roles = True
    guards_entry = False
    summary = (
        "somebody who is not a declared administrator may assume the deploy roles of CDK bootstrap stacks, or give "
        "itself every permission"
    )
    options: ClassVar[Mapping[str, object]] = {"administrators": names}
    holders: ClassVar[tuple[str, ...]] = ("user", "group", "role", "permission set")
    needs_whole_holder = True

    def may_concern(self, resource_type: str, config: Config) -> bool:
        """Whatever attaches policies, where administrators are declared."""
        declared = config.option(self.ident, "administrators")
        return isinstance(declared, tuple) and super().may_concern(resource_type, config)

    def applies_to(self, subject: Subject) -> bool:
        """Identity policies of everybody but the declared administrators, where these are declared."""
        if subject.document.kind != IDENTITY or subject.holder is None:
            return False
        return self.asks_about(subject.holder, subject.config)

    def asks_about(self, holder: Holder, config: Config) -> bool:
        """Everybody but the declared administrators, where these are declared."""
        declared = config.option(self.ident, "administrators")
        # A deployment makes the name of most roles, and nobody can declare that before.
        name = holder.name if isinstance(holder.name, str) else holder.logical_id
        return super().asks_about(holder, config) and isinstance(declared, tuple) and name not in declared

    def concerns(self, subject: Subject, statement: Statement) -> bool:
        """Statements whose actions may be sts:AssumeRole, or give the holder permissions."""
        giving, limiting = escalating_actions(subject.holder), limiting_actions(subject.holder)
        return may_name(statement, ASSUME_ROLE, *giving, *limiting)

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """Deploy roles of the own account first, then those of any, then the holder's permissions and its limits."""
        return (
            _question(subject, join(subject.account)),
            _question(subject, join(Wildcard(":", True, True))),
            *own_permissions(subject, index),
            *own_limits(subject, index),
        )

    def binding(self, subject: Subject, symbol: Symbol, place: str) -> str | None:
        """What is not known before deployment is taken to be ours."""
        if symbol.holds == GENERATED_NAME:
            return None
        return subject.account if place == "resource" or place.endswith("account") else None

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Name the role that may be assumed."""
        declare = (
            f"declare who this is about, by name, or by logical id where the template gives none: administrators of "
            f"[properties.{self.ident}]"
        )
        if refutation.about in _FOLLOWED and refutation.then is not None:
            finding = self.found(*refutation.then)
            return _unlimited(refutation, finding, declare)
        if refutation.about in _PERHAPS:
            return _gives_itself(refutation, declare)
        if _is_everything(refutation.statement):
            return Finding(
                "everything on everything is allowed, which makes administrators, also by the CDK's deploy roles",
                "this is everything",
                refutation.statement.path,
                (f"{refutation.request.resource} may be assumed, and needs not to be",),
                Remedy(f"give less than everything, or {declare}"),
            )
        if refutation.request.action.lower() != ASSUME_ROLE:
            return _gives_itself(refutation, declare)
        account = refutation.request.resource.split(":")[4]
        return Finding(
            f"the CDK's deploy role of account {account} may be assumed, which makes administrators",
            "this covers the deploy role of a CDK bootstrap stack",
            refutation.statement.path,
            (f"{refutation.request.resource} has CloudFormation do whatever a template says",),
            Remedy(f"name the roles that are meant in Resource, or {declare}"),
        )

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        name = subject.document.logical_id
        return f"{name} makes no administrators, by the CDK's deploy roles or by its own permissions"


def _unlimited(refutation: Refutation, then: Finding, declare: str) -> Finding:
    """Word that nothing but what it may take away keeps somebody from making administrators."""
    what, target = _FOLLOWED[refutation.about], refutation.request.resource
    message = f"it may {what}, and then: {then.message}"
    if then.verdict == UNKNOWN:
        reasons = (NOT_DECIDED[refutation.about].format(target), *then.reasons)
        label = "this may cover what limits it"
        return Finding(message, label, refutation.statement.path, reasons=reasons, verdict=UNKNOWN)
    return Finding(
        message,
        "this covers what limits it",
        refutation.statement.path,
        (f"{target} is what the request is about, and what is left allows more than now", *then.why),
        Remedy(f"deny it the change of its own limits, or {declare}"),
    )


def _gives_itself(refutation: Refutation, declare: str) -> Finding:
    target, path = refutation.request.resource, refutation.statement.path
    if refutation.about in _PERHAPS:
        what = _PERHAPS[refutation.about].format(target)
        return Finding(
            f"not decided whether it may give itself every permission: {what}",
            "this may cover its own permissions",
            path,
            reasons=(what, f"name those in Resource that are not meant to be its own, or {declare}"),
            verdict=UNKNOWN,
        )
    attached = str(refutation.request.context.get(ATTACHED, "")).partition("/")[2]
    can_have = {
        "": f"{target} can have whatever its inline policy says",
        "IAMFullAccess": f"{target} can have IAMFullAccess, by which it can have every other policy",
        "AdministratorAccess": f"{target} can have AdministratorAccess",
    }.get(attached, f"{target} can have the managed policy {attached}, and whoever attaches it may write its text")
    if refutation.about == FREES:
        return Finding(
            "it may give every permission to something below a permissions boundary that it may take away, which makes "
            "administrators",
            "this covers what it frees itself",
            path,
            (can_have, "and iam:Delete…PermissionsBoundary is allowed of it too"),
            Remedy(f"deny it to take permissions boundaries away, or {declare}"),
        )
    if refutation.about == MAKES:
        return Finding(
            "it may make, or enter, what it gives every permission, which makes administrators",
            "this covers what it makes itself",
            path,
            (can_have, "and whoever may do this may also make it and be it"),
            Remedy(f"demand a permissions boundary (iam:PermissionsBoundary) of what it makes, or {declare}"),
        )
    if refutation.about in (REWRITES, REWRITES_ANY):
        of_any = refutation.about == REWRITES_ANY
        return Finding(
            "it may give its own managed policies another text, which makes administrators",
            f"this covers {'every managed policy' if of_any else 'its own managed policy'}",
            path,
            (f"{target} is {'any managed policy at all, and it has some' if of_any else 'one of its own'}",),
            Remedy(f"name the policies that are meant in Resource, or {declare}"),
        )
    if refutation.about == JOINS:
        return Finding(
            "it may add itself to every group, also to that of the administrators",
            "this covers every group",
            path,
            (f"{target} is any group at all",),
            Remedy(f"name the groups that are meant in Resource, or {declare}"),
        )
    return Finding(
        "it may give itself every permission, which makes administrators",
        "this covers its own permissions",
        path,
        (can_have,),
        Remedy(f"leave its own permissions out of Resource, or {declare}"),
    )


def _is_everything(statement: Statement) -> bool:
    return covers_everything(statement.actions) and covers_everything(statement.resources)


def _question(subject: Subject, account: tuple[str | Wildcard, ...]) -> Question:
    begin = join("arn:", Wildcard(":", True, True), ":iam::", account, ":role/cdk-")
    deploy_roles = [
        join(begin, *([_OF_QUALIFIER] * length), "-deploy-role-", _IN_NAME)
        for length in range(1, _LONGEST_QUALIFIER + 1)
    ]
    assert subject.holder is not None
    regions = tuple(
        Region(
            RequestSpace(kind, ASSUME_ROLE, subject.partition, known_keys=(*own_values(subject), *own_tags(subject))),
            (("resource", text(*role_arns(subject.partition)) & text(*deploy_roles)), *held_by(subject)),
        )
        for kind in CALLERS[subject.holder.kind]
    )
    return Question(regions, _is_deploy_role)


def _is_deploy_role(request: Request) -> bool:
    return request.action.lower() == ASSUME_ROLE and re.fullmatch(_DEPLOY_ROLE, request.resource) is not None
