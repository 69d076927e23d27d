"""
statement-usable: each Allow statement can be used by somebody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import ClassVar

from trustproof.aws.condition_keys import SET_SOURCE_IDENTITY, TAG_SESSION
from trustproof.aws.oidc_issuers import BUILT_IN_PROVIDERS
from trustproof.aws.service_principals import POD_IDENTITY, ROLES_ANYWHERE, global_name
from trustproof.config.model import Config
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.conflict import Conflict
from trustproof.engine.denote import type_mismatch
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import NOTHING, Values, text
from trustproof.engine.region import Region
from trustproof.engine.request_space import RequestSpace
from trustproof.model.arn import is_account
from trustproof.model.document import CONTROL, RESOURCE, TRUST, AllBut, Document
from trustproof.model.policy import ALLOW, DENY, Principal, Statement
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    WEB_IDENTITY,
    Request,
)
from trustproof.model.substitution import as_written, has_mistakes
from trustproof.properties.base import CONTROL_POLICY, IdentityProperty
from trustproof.properties.question import Direction, Finding, Question, Refutation, Subject
from trustproof.properties.shared.bounds import consulted_for
from trustproof.properties.shared.fitting_resources import may_be_elsewhere, may_fit, surely_fits
from trustproof.properties.shared.key_statements import is_without_effect
from trustproof.properties.shared.own_user import space_of_holder
from trustproof.properties.shared.plain_values import plain_values
from trustproof.properties.shared.refused_elements import refused_elements
from trustproof.properties.shared.regions import (
    TRUST_ACTIONS,
    Constraints,
    held_by,
    may_allow,
    may_name,
    own_tags,
    own_values,
    resource_regions,
    trust_regions,
)
from trustproof.properties.shared.table_grants import is_beside_a_table_grant
from trustproof.properties.wording.unusable_statements import unusable_finding
from trustproof.sets.patterns import ANY_RUN, Wildcard, exact, join, like

#: The kinds of caller that a holder of identity policies can be.
_USERS = (USER_SESSION_MFA, USER_KEY, USER_SESSION)
_HOLDERS = {
    "user": _USERS,
    "group": _USERS,
    "role": (ROLE_SESSION, IDENTITY_CENTER),
    "permission set": (IDENTITY_CENTER,),
}
#: The kinds of caller a trust policy can let in; the simplest first.
_CALLERS = (
    USER_KEY_MFA,
    USER_KEY,
    USER_SESSION_MFA,
    USER_SESSION,
    ROLE_SESSION,
    IDENTITY_CENTER,
    SERVICE,
    SAML,
    WEB_IDENTITY,
)
#: The kinds of caller that a service control policy is about: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
_MEMBERS = (*_USERS, ROLE_SESSION, IDENTITY_CENTER, FEDERATED_USER, ROOT)
#: The kinds of caller that a resource policy can let in: an MFA code is passed to STS alone.
_USERS_OF_RESOURCES = (*_CALLERS[1:7], FEDERATED_USER, ROOT, ANONYMOUS)
#: Keys that no request of some kinds of caller has, so that a statement for these asks for what they never send:
#: services are in nobody's organization, and neither they nor roles have an MFA.
_OF_SOME_CALLERS = (
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalorgid",
    "aws:principalorgpaths",
)
_TAGS_OF_CALLERS = "aws:principaltag/"
#: What services need besides the call, by the name of the service: IAM Roles Anywhere always passes what stands in a
#: certificate, and EKS Pod Identity which pod it is for:
#: https://docs.aws.amazon.com/rolesanywhere/latest/userguide/trust-model.html
#: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
_NEEDED_BESIDES = {ROLES_ANYWHERE: (TAG_SESSION, SET_SOURCE_IDENTITY), POD_IDENTITY: (TAG_SESSION,)}
#: What a key policy is about.
_OF_KEYS = text(like("kms:*"))


class StatementUsable(IdentityProperty):
    """
    Each Allow statement can be used by some caller.

    Claim:
        For every Allow statement of a trust policy, and every Allow statement of an identity policy that the template
        attaches to somebody, if it or a Deny of its holder has a condition, or if none of its actions is about its
        resources, there is a request that it lets in and that no Deny stops. So it is for Allow statements of resource
        policies that test an MFA or the organization of the caller, or whose principals are numbers that are no account
        ids, for those of key policies that have no Resource, and for those of service control policies that test
        anything. It is for every one of these that has what AWS takes in no policy: a role under Service, the host of a
        service under AWS, a name where an ARN is to stand, an action that is none.

    Threat:
        A statement that nobody can use locks out the people it was written for, usually on the day they need it. Then
        somebody "fixes" it by removing the condition.

    Severity:
        *error*; *warning* where the default of a parameter without ``AllowedValues``, or of a variable of Terraform,
        stops everybody, as a date of 1900 does: whoever deploys the template switches the statement on; *note* where
        that default is empty, as ``""`` or ``[]`` is, or is the name of its parameter: it is for whoever deploys it to
        give. One that an allowed value switches on is usable. *note* too where a number that is only counted out, as
        ``1234567890``, or nothing but zeros stand for each account: AWS takes none, so that it is replaced before
        anything is deployed; and where a tag of the caller or the resource is off (``Enabled=False``), as of
        break-glass access. *warning* too where a time is over, whoever wrote it: a grant for a while ends without a
        change, and nobody is to find the run of the next morning red.
        What is unknown is a *note*: nobody gets in by it.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
         "Action": "sts:AssumeRole",
         "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"},
         "Action": "sts:AssumeRole"}]}

    Remedy:
        Services, role sessions, SAML and web identities and IAM Identity Center carry no MFA key: ask for MFA where the
        person signs in, and test there what the caller does send.

    Limits:
        Whether a service sends aws:SourceAccount or aws:SourceArn differs from service to service; this property
        assumes that it does. It also assumes that an operand of the wrong type (NumericLessThan: 1h) matches nothing.
        What an action is about is decided as far as AWS publishes one form of ARN for it: not for services with
        resource types of others (route53, wafv2), for actions about no resource (ecr:GetAuthorizationToken on the ARN
        of a repository), nor for an action that AWS has not published, which may be new. Deleting a cluster of RDS is
        about the cluster: a statement for the snapshot that is taken at last, which AWS asks about besides, is refuted.
        The statement that the CDK writes beside a grant to read a table (dynamodb:GetRecords and GetShardIterator with
        the ARN of the table, which is none of a stream) lets nobody in, and is not asked about.
    """

    ident = "statement-usable"
    summary = "an Allow statement can be used by nobody"
    guards_entry = False
    kind = TRUST
    direction = Direction.WANTED
    holders: ClassVar[tuple[str, ...]] = ("user", "group", "role", "permission set")

    def may_concern(self, resource_type: str, config: Config) -> bool:
        """Control policies as well."""
        return resource_type == CONTROL_POLICY or super().may_concern(resource_type, config)

    def applies_to(self, subject: Subject) -> bool:
        """Trust policies, identity policies with a holder, and resource policies that ask who the caller is."""
        document = self.normalize(subject).document
        if document.kind == CONTROL:
            return any(s.effect == ALLOW for s in document.policy.statements)
        if document.kind == RESOURCE:
            return any(s.effect == ALLOW and _is_asked_of_resources(document, s) for s in document.policy.statements)
        return document.kind == TRUST or (subject.holder is not None and not document.is_foreign)

    def normalize(self, subject: Subject) -> Subject:
        """With what can never match as it is written: whoever wrote it is told that, whatever was meant."""
        boundary, others = subject.permissions_boundary, subject.others
        if others.has(has_mistakes) if isinstance(others, AllBut) else any(map(has_mistakes, others)):
            others = tuple(map(as_written, others))
        read = subject._replace(
            document=as_written(subject.document),
            others=others,
            permissions_boundary=None if boundary is None else as_written(boundary),
        )
        return read if any(one is not other for one, other in zip(read, subject, strict=True)) else subject

    def concerns(self, subject: Subject, statement: Statement) -> bool:
        """
        Of an identity policy, statements with a condition, those whose actions are about none of their resources, and
        those that a Deny with a condition may stop altogether; of a resource policy, those with a condition on what
        depends on the kind of caller, those for an account that none can be, and those of a key without Resource.
        """
        if subject.document.kind == RESOURCE:
            return _is_asked_of_resources(subject.document, statement)
        if subject.document.kind == CONTROL:
            return bool(statement.conditions or not may_fit(statement) or refused_elements(CONTROL, statement))
        if statement.conditions or statement.resources == () or _leaves_out(statement):
            return True
        if may_be_elsewhere(statement, subject.account):
            return True
        if refused_elements(subject.document.kind, statement):
            return True
        if not surely_fits(statement):
            return not is_beside_a_table_grant(statement, chain((subject.document,), subject.others))
        if _denies_at_times(subject.document):
            return True
        if subject.permissions_boundary is not None and _denies_at_times(subject.permissions_boundary):
            return True
        others = subject.others
        return others.has(_denies_at_times) if isinstance(others, AllBut) else any(map(_denies_at_times, others))

    def questions(self, subject: Subject, index: int) -> Iterator[Question]:
        """Anybody at all, one kind after the other; of an identity policy, anybody who holds it."""
        statement = subject.policy.statements[index]
        plain = plain_values(subject.policy, statement)
        if refused_elements(subject.document.kind, statement):
            plain += (("action", NOTHING),)
        if subject.holder is not None:
            kinds = _HOLDERS[subject.holder.kind]
            held = (*held_by(subject), *plain)
            fixed = own_values(subject)
            known = (*fixed, *own_tags(subject))
            spaces = [space_of_holder(subject, kind, known, asks_of_own_user=False) for kind in kinds]
            regions = tuple(Region(space, held) for space in spaces)
            if subject.holder.kind in ("user", "group"):
                # A GetFederationToken session has what the policies of its user allow.
                federated = text(
                    join("arn:", Wildcard(":", True, True), f":sts::{subject.account}:federated-user/", ANY_RUN)
                )
                # It has other tags than its user only where the user may pass some.
                tagged = any(may_allow(document.policy, TAG_SESSION) for document in subject.documents)
                space = RequestSpace(FEDERATED_USER, "", subject.partition, known_keys=fixed if tagged else known)
                regions += (Region(space, (("caller", federated), *plain)),)
            yield Question(regions, lambda request: True, "usable")
            return
        if subject.document.kind == RESOURCE:
            of_keys = (("action", _OF_KEYS),) if is_without_effect(subject.document, statement) else ()
            about = (*plain, *consulted_for(subject), *of_keys)
            found = tuple(region for kind in _USERS_OF_RESOURCES for region in resource_regions(subject, kind, about))
            yield Question(found, lambda request: True, "usable")
            return
        if subject.document.kind == CONTROL:
            spaces = [RequestSpace(kind, "", subject.partition) for kind in _MEMBERS]
            yield Question(tuple(Region(space, plain) for space in spaces), lambda request: True, "usable")
            return
        for kind in _CALLERS:
            which = (
                *plain,
                *_providers_here(subject, kind),
                *(_tags_of_services(statement) if kind == SERVICE else ()),
            )
            call, *besides = TRUST_ACTIONS[kind]
            actions = (call, *(action for action in besides if may_name(statement, action)))
            always = _needed_besides(statement) if kind == SERVICE else ()
            regions = tuple(
                region for action in actions for region in trust_regions(subject, kind, action, which, always=always)
            )
            yield Question(regions, lambda request: _is_here(subject, request), "usable")

    def reconsidered(self, subject: Subject, index: int) -> Sequence[Question]:
        """The same, where an operand of the wrong type matches nothing, if the statement has one."""
        if not any(type_mismatch(condition) for condition in subject.policy.statements[index].conditions):
            return ()
        return [question._replace(regions=_settled(question.regions)) for question in self.questions(subject, index)]

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Word the request that shows that the statement can be used."""
        statement = refutation.statement
        name = statement.sid or "the statement"
        return Finding(f"{name} can be used by {refutation.request.caller.display_arn}", "", statement.path)

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"each Allow statement of {subject.document.logical_id} can be used"

    def unusable(
        self, subject: Subject, statement: Statement, conflict: Conflict | None, request: Request | None
    ) -> Finding:
        """Word a statement that nobody can use."""
        return unusable_finding(subject, statement, conflict, request)


def _is_asked_of_resources(document: Document, statement: Statement) -> bool:
    """
    Whether a statement has a condition that only some kinds of caller can meet, is for no account, about no key or none
    of what its actions are about, or has what AWS refuses.
    """
    if is_without_effect(document, statement) or refused_elements(RESOURCE, statement) or not may_fit(statement):
        return True
    asks = any(condition.key.lower() in _OF_SOME_CALLERS for condition in statement.conditions)
    return asks or bool(statement.principals and all(map(_is_no_account, statement.principals)))


def _leaves_out(statement: Statement) -> bool:
    """Whether a statement says what it is not about, or for, which may be everything."""
    return statement.not_resources is not None or statement.not_actions is not None


def _is_no_account(principal: Principal) -> bool:
    """Whether an entry has a number in the place of an account id that is none."""
    if principal.kind != "AWS" or not isinstance(principal.value, str):
        return False
    fields = principal.value.split(":", 5)
    account = fields[4] if len(fields) == 6 else principal.value
    return account.isdigit() and not is_account(account)


def _denies_at_times(document: Document) -> bool:
    """Whether a policy has a Deny with a condition."""
    return any(one.effect == DENY and one.conditions for one in document.policy.statements)


def _tags_of_services(statement: Statement) -> Constraints:
    """
    A service has no tags: IAM Roles Anywhere alone sends what stands in a certificate in their place.
    """
    entries = statement.principals or ()
    are_known = all(entry.kind != "*" and isinstance(entry.value, str) and entry.value != "*" for entry in entries)
    if not entries or not are_known or any(global_name(str(entry.value)) == ROLES_ANYWHERE for entry in entries):
        return ()
    keys = {condition.key.lower() for condition in statement.conditions}
    return tuple((key_dimension(key), Values(True, None)) for key in sorted(keys) if key.startswith(_TAGS_OF_CALLERS))


def _needed_besides(statement: Statement) -> tuple[str, ...]:
    """The actions that each of the services needs besides the call that are the only callers of a statement."""
    entries = statement.principals or ()
    names = [str(e.value) if e.kind == "Service" and isinstance(e.value, str) else "" for e in entries]
    needed = [_NEEDED_BESIDES.get(global_name(name), ()) for name in names]
    return tuple(action for action in needed[0] if all(action in one for one in needed)) if needed else ()


def _providers_here(subject: Subject, kind: str) -> Constraints:
    """
    STS looks for the provider of a web identity token in the account of the role.

    https://repost.aws/knowledge-center/eks-troubleshoot-irsa-errors
    """
    if kind != WEB_IDENTITY or not subject.account_known:
        return ()
    here = join("arn:", Wildcard(":", True, True), f":iam::{subject.account}:", ANY_RUN)
    return (("caller", text(here, *(exact(host + SEPARATOR) for host in BUILT_IN_PROVIDERS))),)


def _is_here(subject: Subject, request: Request) -> bool:
    """The same of a request."""
    fields = request.caller.arn.split(":", 5)
    known = subject.account_known and request.caller.kind == WEB_IDENTITY
    return not known or len(fields) < 6 or fields[4] == subject.account


def _settled(regions: Sequence[Region]) -> tuple[Region, ...]:
    """Regions in which an Allow is read as if an operand of the wrong type matched nothing."""
    return tuple(
        region._replace(
            space=region.space.narrowed({}, settled=True),
            also=tuple(space.narrowed({}, settled=True) for space in region.also),
        )
        for region in regions
    )
