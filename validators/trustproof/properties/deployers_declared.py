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
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, USER_KEY, USER_SESSION, USER_SESSION_MFA, Request
from trustproof.model.text import Symbol
from trustproof.properties.base import IdentityProperty
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.regions import held_by, may_name, own_arn, own_tags, own_values
from trustproof.results.result import Remedy
from trustproof.sets.patterns import Wild, join

_USERS = (USER_KEY, USER_SESSION, USER_SESSION_MFA)
_CALLERS = {"role": (ROLE_SESSION,), "permission set": (IDENTITY_CENTER,), "user": _USERS, "group": _USERS}
_DEPLOY_ROLE = r"arn:[^:]*:iam::[0-9]{12}:role/cdk-[A-Za-z0-9_-]{1,10}-deploy-role-[^/:]*"
_IN_NAME = Wild("/:", True, True)
#: Kind of holder to the actions that give it permissions.
_GIVING = {
    "role": ("iam:attachrolepolicy", "iam:putrolepolicy"),
    "user": ("iam:attachuserpolicy", "iam:putuserpolicy"),
    "group": ("iam:attachgrouppolicy", "iam:putgrouppolicy"),
}
_ATTACHED = "iam:policyarn"
_BOUNDARY = "iam:permissionsboundary"
#: The bootstrap template takes a qualifier of so many of these characters at most.
_LONGEST_QUALIFIER = 10
_OF_QUALIFIER = Wild("-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz", False, False)


def names(value: object) -> object:
    """
    The names in an array of the configuration.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(value, (list, tuple)) and all(isinstance(entry, str) and entry for entry in value):
        return tuple(value)
    raise ValueError("an array of names of users, groups, roles and permission sets")


class DeployersDeclared(IdentityProperty):
    """
    Whoever may deploy through the roles of a CDK bootstrap stack, or give itself every permission, is declared to be an
    administrator.

    Claim:
        No identity policy that the template attaches to a user, group, role or permission set allows
        ``sts:AssumeRole`` on the deploy role of a CDK bootstrap stack (``cdk-QUALIFIER-deploy-role-ACCOUNT-REGION``),
        in any account, unless the name of the holder is one of ``administrators``. Nor does one allow the holder to
        attach AdministratorAccess to itself, or to write itself an inline policy (``iam:AttachRolePolicy``,
        ``iam:PutUserPolicy`` and the like). Asked where administrators are declared, also as an empty array. What
        AWS's own managed policies allow is asked too: PowerUserAccess and IAMFullAccess, and AdministratorAccess, which
        makes administrators without a detour.

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
        Name the roles that are meant in Resource, or declare the holder one of the administrators.

    Limits:
        Managed policies whose content is not known are not asked about. Whether an account is bootstrapped, to trust
        whom, and with less than administrator rights for CloudFormation, is not known; nor are bootstrap stacks whose
        template gives the roles other names. Who may call CloudFormation and pass its role without the deploy role is
        not asked; nor who becomes an administrator by somebody else: by permissions or access keys of other users, by
        the trust policies of other roles, by new versions of policies, or by what passes a role on.
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

    def may_concern(self, resource_type: str, config: Config) -> bool:
        """Whatever attaches policies, where administrators are declared."""
        declared = config.option(self.ident, "administrators")
        return isinstance(declared, tuple) and super().may_concern(resource_type, config)

    def applies_to(self, subject: Subject) -> bool:
        """Identity policies of everybody but the declared administrators, where these are declared."""
        declared = subject.config.option(self.ident, "administrators")
        if subject.document.kind != IDENTITY or subject.holder is None or not isinstance(declared, tuple):
            return False
        return str(subject.holder.name) not in declared

    def concerns(self, subject: Subject, statement: Statement) -> bool:
        """Statements whose actions may be sts:AssumeRole, or give the holder permissions."""
        return any(may_name(statement, action) for action in (ASSUME_ROLE, *_giving(subject)))

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """Deploy roles of the own account first, then those of any, then the holder's own permissions."""
        return (
            _question(subject, join(subject.account)),
            _question(subject, join(Wild(":", True, True))),
            *_about_itself(subject),
        )

    def binding(self, subject: Subject, symbol: Symbol, place: str) -> str | None:
        """What is not known before deployment is taken to be ours."""
        return subject.account if place == "resource" or place.endswith("account") else None

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Name the role that may be assumed."""
        declare = f"declare who this is about: administrators of [properties.{self.ident}]"
        if _is_everything(refutation.statement):
            return Finding(
                "everything on everything is allowed, which makes administrators, also by the CDK's deploy roles",
                "this is everything",
                refutation.statement.path,
                (f"{refutation.request.resource} may be assumed, and needs not to be",),
                Remedy(f"give less than everything, or {declare}"),
            )
        if refutation.request.action.lower() != ASSUME_ROLE:
            return Finding(
                "it may give itself every permission, which makes administrators",
                "this covers its own permissions",
                refutation.statement.path,
                (f"{refutation.request.resource} can have AdministratorAccess, or whatever its inline policy says",),
                Remedy(f"leave its own permissions out of Resource, or {declare}"),
            )
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


def _is_everything(statement: Statement) -> bool:
    return "*" in (statement.actions or ()) and "*" in (statement.resources or ())


def _question(subject: Subject, account: tuple[str | Wild, ...]) -> Question:
    begin = join("arn:", Wild(":", True, True), ":iam::", account, ":role/cdk-")
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
        for kind in _CALLERS[subject.holder.kind]
    )
    return Question(regions, _is_deploy_role)


def _giving(subject: Subject) -> tuple[str, ...]:
    """The actions that give the holder permissions; none for permission sets, whose roles IAM lets nobody change."""
    return _GIVING.get("" if subject.holder is None else subject.holder.kind, ())


def _about_itself(subject: Subject) -> Sequence[Question]:
    """Whether the holder may make an administrator of itself."""
    assert subject.holder is not None
    administrator = f"arn:{subject.partition or 'aws'}:iam::aws:policy/AdministratorAccess"
    own = own_arn(subject.holder)

    def gives(request: Request) -> bool:
        if request.action.lower() not in _giving(subject) or _BOUNDARY in request.context:
            return False
        attaches = request.action.lower().startswith("iam:attach")
        return not attaches or request.context.get(_ATTACHED) == administrator

    found = []
    for action in _giving(subject):
        attached = ((_ATTACHED, administrator),) if action.startswith("iam:attach") else ()
        known = (*own_values(subject), *own_tags(subject), *attached)
        regions = tuple(
            Region(
                # With a boundary on it, what it gives itself is not everything.
                RequestSpace(kind, action, subject.partition, (_BOUNDARY,), known_keys=known),
                (("resource", text(own)), *held_by(subject)),
            )
            for kind in _CALLERS[subject.holder.kind]
        )
        found.append(Question(regions, gives))
    return found


def _is_deploy_role(request: Request) -> bool:
    return request.action.lower() == ASSUME_ROLE and re.fullmatch(_DEPLOY_ROLE, request.resource) is not None
