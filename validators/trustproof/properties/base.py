"""
What a property is: questions for the engine, a predicate for the evaluator, and the words for the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from trustproof.config.model import Config
from trustproof.engine.conflict import Conflict
from trustproof.model.document import IDENTITY, TRUST
from trustproof.model.policy import Statement
from trustproof.model.principals import Holder, RoleFacts, SessionFacts
from trustproof.model.request import Request
from trustproof.model.text import Symbol
from trustproof.properties.question import Direction, Finding, Inquiry, Question, Refutation, Subject
from trustproof.results.result import (
    ERROR,
    HARDENING,
    NOTE,
    UNKNOWN,
    WARNING,
    Reach,
    Severity,
    Verdict,
    milder,
)
from trustproof.results.unknown_kinds import OUR_BUDGET, UNDOCUMENTED, VALUE, UnknownKind, gravest, kind_of_reasons

#: The type of service and resource control policies.
CONTROL_POLICY = "AWS::Organizations::Policy"
#: The services whose resources are roles, make roles or hold them.
_OF_ROLES = (
    "AWS::IAM::",
    "AWS::Serverless::",
    "AWS::SSO::",
    "AWS::RolesAnywhere::",
    "Trustproof::SSO::",
    "AWS::CloudFormation::",
)
#: What says what users, groups and roles may do, and of nothing who gets in.
_PERMISSIONS = tuple(
    f"AWS::IAM::{type_}" for type_ in "GroupPolicy ManagedPolicy Policy RolePolicy User UserPolicy Group".split()
)


class Property:
    """
    A claim about what is to be deployed. Subclasses document it under fixed headings, from which `docs/properties.md`
    is made; each is one of the four kinds below.
    """

    ident: ClassVar[str]
    #: What is wrong when it is refuted.
    summary: ClassVar[str]
    severity: ClassVar[Severity] = ERROR
    #: Options besides ``severity``: name to type or to a function that checks the value.
    options: ClassVar[Mapping[str, object]] = {}

    #: Whether it is asked of roles, users and groups only, and of no other resource.
    of_roles: ClassVar[bool] = False
    #: Whether it can matter for it what users, groups and roles may do.
    of_permissions: ClassVar[bool] = True
    #: From how far away somebody gets in where it is refuted, unless the finding says otherwise.
    reach: ClassVar[Reach] = HARDENING
    #: Whether somebody from outside, or without MFA, may get in where the answer is missing.
    guards_entry: ClassVar[bool] = True

    def severity_of(
        self,
        config: Config,
        verdict: Verdict,
        reasons: Sequence[str] = (),
        at_most: Severity = ERROR,
        unknown_kind: UnknownKind = VALUE,
    ) -> Severity:
        """
        The severity of an answer.

        What is unknown since a budget of ours was reached is as bad as a refutation: whoever writes a template could
        have it reached on purpose. So is, where somebody might get in, what is unknown since the policy itself says
        what has no documented meaning. What is unknown since nobody knows a value is a warning where somebody might get
        in, and a note elsewhere; it is never worse than a refutation.

        Args:
            verdict: of the answer.
            reasons: why it is unknown.
            at_most: how bad this one answer is at most, where the project does not say how bad the property is.
            unknown_kind: of what is unknown, unless the reasons name a graver one.
        """
        refuted = config.severity(self.ident, milder(self.severity, at_most))
        return self.unknown_severity(refuted, reasons, unknown_kind) if verdict == UNKNOWN else refuted

    def unknown_severity(
        self, refuted: Severity, reasons: Sequence[str], unknown_kind: UnknownKind = VALUE
    ) -> Severity:
        """
        The severity of what is unknown.

        Args:
            refuted: the severity of a refutation.
            reasons: why it is unknown.
            unknown_kind: of that, unless the reasons name a graver one.
        """
        unknown_kind = gravest((unknown_kind, kind_of_reasons(reasons)))
        if unknown_kind == OUR_BUDGET or (unknown_kind == UNDOCUMENTED and self.guards_entry):
            return refuted
        return milder(refuted, WARNING if self.guards_entry else NOTE)

    def may_concern(self, resource_type: str, config: Config) -> bool:
        """Whether what cannot be read of a resource may matter; the empty string is any, or the whole template."""
        if resource_type == CONTROL_POLICY:
            # It grants nothing to anybody.
            return False
        if resource_type in _PERMISSIONS and not self.of_permissions:
            return False
        known = resource_type.startswith(("AWS::", "Trustproof::"))
        return not (self.of_roles and known and not resource_type.startswith(_OF_ROLES))

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        raise NotImplementedError


class StatementProperty(Property):
    """
    A property of policies, asked of each of their Allow statements.
    """

    of_permissions = False
    #: The kind of policy that it is mostly about.
    kind: ClassVar[str] = TRUST
    #: Whether it takes what is given at deployment for a name without a wildcard.
    takes_names: ClassVar[bool] = False
    #: Whether its remedies ask for what sessions of roles never have.
    only_for_people: ClassVar[bool] = False
    #: Whether a request that gets through refutes the property, or is what it asks for.
    direction: ClassVar[Direction] = Direction.FORBIDDEN

    @property
    def inquiry(self) -> Inquiry:
        """What a prover is to find out."""
        return Inquiry(self.ident, self.questions, self.direction, self.normalize, self.reconsidered, self.binding)

    def applies_to(self, subject: Subject) -> bool:
        """Whether the property has something to ask of a policy."""
        return subject.document.kind == TRUST

    def normalize(self, subject: Subject) -> Subject:
        """The subject as this property looks at it."""
        return subject

    def concerns(self, subject: Subject, statement: Statement) -> bool:
        """Whether an Allow statement can be what the property asks about; a quick look that may say yes too often."""
        return True

    def questions(self, subject: Subject, index: int) -> Iterable[Question]:
        """What to ask of one Allow statement; the first question with an answer decides."""
        raise NotImplementedError

    def reconsidered(self, subject: Subject, index: int) -> Sequence[Question]:
        """
        What to ask where the questions leave a statement open, on an assumption that the answer then names; nothing
        where there is none.
        """
        return ()

    def assumptions(self, subject: Subject) -> Sequence[tuple[str, Sequence[Question]]]:
        """
        What a proof may rest on: a sentence, and the questions that are refuted where it does.
        """
        return ()

    def binding(self, subject: Subject, symbol: Symbol, place: str) -> str | None:
        """
        A value for something unknown before deployment, where the property has a preference.

        Args:
            place: ``AWS``, ``Service`` or ``Federated`` (an entry of Principal), ``action``, ``resource``, or the
                condition key, lower-cased.
        """
        return None

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Word a replayed request."""
        raise NotImplementedError

    def superseded(self, subject: Subject, found: Mapping[int, Refutation]) -> Sequence[int]:
        """
        The refutations that say nothing, since another statement changes what the policy does.

        Args:
            found: by the index of the Allow statement.
        """
        return ()

    def unusable(
        self, subject: Subject, statement: Statement, conflict: Conflict | None, request: Request | None
    ) -> Finding:
        """
        Word that no request gets through, for a property that wants one.

        Args:
            request: the nearest miss, replayed and refused; None where there is none.
        """
        raise NotImplementedError


class IdentityProperty(StatementProperty):
    """
    A property of what users, groups, roles and permission sets may do, by all their policies together.
    """

    kind, of_permissions = IDENTITY, True
    #: The kinds of holder that it asks about.
    holders: ClassVar[tuple[str, ...]]
    #: Whether a managed policy that is not in the template leaves the property open, since it may allow anything.
    needs_whole_holder: ClassVar[bool] = False

    def asks_about(self, holder: Holder, config: Config) -> bool:
        """Whether it is asked of somebody at all, whatever policies there are."""
        return holder.kind in self.holders

    def for_one_holder(self, subject: Subject, finding: Finding) -> Finding:
        """The finding about a policy that one user, group or role has, with what it has in common with its others."""
        return finding

    def for_holders(
        self, subject: Subject, refutation: Refutation, finding: Finding, holders: Sequence[Holder]
    ) -> Finding:
        """The finding about a policy that several users and groups have, with a remedy for all of them."""
        return finding


class RoleProperty(Property):
    """
    A property of what a template says of a role, or of sessions, besides policies.
    """

    of_permissions = False

    @property
    def inquiry(self) -> Inquiry:
        """What a prover is to find out of the role's trust policy."""
        return Inquiry(self.ident, lambda subject, index: self.callers(subject))

    def callers(self, subject: Subject) -> Sequence[Question]:
        """Who may assume the role, a question for each kind of caller that matters."""
        raise NotImplementedError

    def depends_on_callers(self, subject: Subject, role: RoleFacts) -> bool:
        """Whether who may assume a role can matter for what is said of it; a quick look that may say yes too often."""
        return True

    def judge(self, subject: Subject, role: RoleFacts, callers: Sequence[str]) -> Finding:
        """
        Judge what a template says of a role besides its policies.

        Args:
            callers: the `about` of each question that some request answers.
        """
        raise NotImplementedError

    def judge_sessions(self, subject: Subject, sessions: SessionFacts) -> Finding:
        """Judge how long the sessions last that a permission set, or a profile of Roles Anywhere, gives."""
        raise NotImplementedError


class RunProperty(Property):
    """
    A property of all templates of a run together.
    """
