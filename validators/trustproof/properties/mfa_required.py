"""
mfa-required: no IAM user gets credentials of a role without MFA.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from trustproof.aws.condition_keys import ASSUME_ROLE, MFA_AGE, MFA_PRESENT
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values
from trustproof.model.arn import accounts_in
from trustproof.model.policy import Condition
from trustproof.model.request import USER_KEY_MFA, USER_SESSION_MFA, USERS, USERS_WITHOUT_MFA, Request
from trustproof.properties.base import StatementProperty
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.sentences import who
from trustproof.properties.shared.delegation_roles import delegates_zones, for_delegations
from trustproof.properties.shared.external_ids import external_id_tests, insists_on_external_id
from trustproof.properties.shared.odd_paths import is_odd, plain_first
from trustproof.properties.shared.peering_roles import accepts_peerings, for_peerings
from trustproof.properties.shared.programs import is_of_a_bootstrap
from trustproof.properties.shared.regions import machine_accounts, outside_accounts, trust_regions
from trustproof.properties.shared.unique_ids import unique_ids
from trustproof.properties.wording.admitted_principals import is_of_an_open_account, users_of
from trustproof.properties.wording.mfa import by_age, explain, explain_age
from trustproof.properties.wording.odd_paths import by_an_odd_path
from trustproof.properties.wording.unique_ids import without_mfa
from trustproof.results.groups import cause_of_entry
from trustproof.results.result import NOTE, OWN, WARNING, Reach, Remedy
from trustproof.sets.numbers import NumberSet


def seconds(value: object) -> int:
    """Check an option that is a number of seconds."""
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise ValueError("a whole number of seconds, greater than 0")
    return value


class MfaRequired(StatementProperty):
    """
    No IAM user gets credentials of the role without MFA.

    Claim:
        No request by an IAM user without MFA is given credentials of the role: not with a long-term access key, not
        with a session token obtained without MFA. With ``max-age``, none whose MFA is older than that many seconds.
        Role sessions, services and federated callers carry no MFA key and are not what this asks about; a third party,
        declared or one of a few vendors whose accounts are publicly known, is a machine, and held by its external id
        instead.

    Threat:
        An access key leaks, in a repository or from a laptop. If the role lets its user in without MFA, whoever finds
        the key holds the role.

    Severity:
        *error*, but

        * *warning* where a parameter of the template, or a variable of Terraform, switches on that the role asks for
          MFA (``RequireMfa=false``), which the finding names, and where only a unique id (``AIDA…``) lets a user in,
          which AWS shows where it has deleted the user;
        * *note* where a statement or a Deny asks another account for an external id, as one asks a vendor: one that is
          declared is left alone;
        * *note* where the role may only accept peerings of VPCs: by what its policies in the templates of the run give,
          with nothing attached that they do not hold, and nothing that names it as a principal;
        * *warning* of the roles that are called as ``cdk bootstrap`` calls those for whoever deploys
          (``cdk-hnb659fds-deploy-role-…``), which nobody edits, where only accounts of one's own get in, or
          those that a parameter without a value names: ``deployers-declared`` asks who that is;
        * *note* where only a user gets in whose path looks like the ARN of a role (``user/:role/x``), or who is called
          like a role of Identity Center (``AWSReservedSSO_Admin``), since a test of ARNs is written with StringLike, or
          has a wildcard in place of ``role``.

        What is unknown is a *warning*.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"},
         "Action": "sts:AssumeRole",
         "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"},
         "Action": "sts:AssumeRole",
         "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}

    Remedy:
        Requests signed with a long-term access key do not carry aws:MultiFactorAuthPresent at all. So an Allow wants
        the operator that is false when the key is absent, ``Bool`` with ``true``; a Deny wants the one that is true
        when the key is absent, ``BoolIfExists`` with ``false``. The two are opposite, and each is a hole in the place
        of the other. Roles and programs never have MFA, and many a template does not speak of those that are to assume
        its roles: the remedy has a diff where the template says that people are meant (it sends users or groups there,
        speaks of MFA, or calls the role so: ``AdminRole``), and is words elsewhere.

    Limits:
        MFA is as strong as the account that the user lives in: who may create MFA devices there can satisfy it. What
        happens after the role is assumed is not asked here. A list of principals that somebody gives at deployment may
        have roles in it alone: it is *unknown* until it is given, unless its name speaks of accounts or of people.
    """

    ident = "mfa-required"
    summary = "an IAM user without MFA may get credentials of the role"
    of_roles = True
    reach: ClassVar[Reach] = OWN
    only_for_people = True
    options: ClassVar[Mapping[str, object]] = {"max-age": seconds}

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """Users without MFA; with ``max-age`` also users whose MFA is too old."""
        machines = sorted(machine_accounts(subject))
        elsewhere = outside_accounts(machines)
        regions = tuple(r for kind in USERS_WITHOUT_MFA for r in trust_regions(subject, kind, ASSUME_ROLE, elsewhere))
        asked = [Question(plain_first(subject.policy, regions), _predicate(machines, None), "absent")]
        deleted = unique_ids(subject.policy)
        if deleted:
            # Whoever else gets in is shown first: IAM shows a unique id where the user is no more.
            living = outside_accounts(machines, deleted)
            known = tuple(r for kind in USERS_WITHOUT_MFA for r in trust_regions(subject, kind, ASSUME_ROLE, living))
            known = plain_first(subject.policy, known)
            asked.insert(0, Question(known, _predicate(machines, None, deleted), "living"))
        limit = self._limit(subject)
        if limit is not None:
            old = (key_dimension(MFA_AGE), Values(False, NumberSet.above(limit).integers()))
            stale = tuple(
                region
                for kind in (USER_KEY_MFA, USER_SESSION_MFA)
                for region in trust_regions(subject, kind, ASSUME_ROLE, (*elsewhere, old))
            )
            asked.append(Question(stale, _predicate(machines, limit), "old"))
        return asked

    def _limit(self, subject: Subject) -> int | None:
        value = subject.config.option(self.ident, "max-age")
        return value if isinstance(value, int) else None

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Say which condition lets the user through, or that there is none."""
        role = subject.document.logical_id
        if refutation.about == "absent" and refutation.request.caller.userid in unique_ids(subject.policy):
            return without_mfa(refutation, role)
        if refutation.about == "old":
            age = refutation.request.context[MFA_AGE]
            message = f"a user whose MFA is {age} seconds old may get credentials of {role}"
            limit = self._limit(subject)
            assert limit is not None
            return explain_age(subject, refutation, message, limit)
        if is_odd(refutation.request, refutation.statement):
            return by_an_odd_path(subject, refutation)
        finding = explain(
            subject,
            refutation,
            f"{users_of(subject, refutation)} gets {role} without MFA",
            (*refutation.statement.path, "Principal"),
            f"admits {who(refutation.request)} without asking for MFA",
            "allow only requests that were authenticated with MFA",
        )._replace(cause=cause_of_entry(role, refutation.statement.path))
        if _is_for_a_vendor(subject, refutation):
            text = (
                "if it is a vendor's: declare it as a [[third-party]], whose machines have no MFA and pass an external "
            )
            why = "an external id is what a third party passes"
            return finding._replace(
                remedy=Remedy(f"{text}id; people of your own need none, so ask them for MFA in its place"),
                otherwise=(),
                why=(*finding.why, why),
                severity=NOTE,
            )
        if (test := _speaks_of_a_vendor(subject, refutation)) is not None:
            what = f"{test.operator} lets in who passes no external id"
            text = (
                f"if it is a vendor's: test sts:ExternalId with StringEquals, since {what}, and declare it as a "
                "[[third-party]], whose machines have no MFA; people of your own need none, so ask them for MFA in its "
                "place"
            )
            return finding._replace(remedy=Remedy(text), otherwise=())
        if refutation.request.caller.account != subject.account and accepts_peerings(subject):
            return for_peerings(finding)
        if refutation.request.caller.account != subject.account and delegates_zones(subject):
            return for_delegations(finding)
        if is_of_a_bootstrap(str(subject.document.resource_arn)) and not _is_for_others(subject, refutation):
            # The CDK writes these for whoever deploys, and `deployers_declared` asks who that is. Anybody may call a
            # role so: that it gives to others is no milder for it, and a strict gate is to stop the rest.
            finding = finding._replace(severity=WARNING)
        limit = self._limit(subject)
        if limit is None:
            return finding
        # An MFA that is too old would not do either.
        return finding._replace(otherwise=(*finding.otherwise, by_age(subject, refutation.statement, limit)))

    def is_mild(self, subject: Subject, refutation: Refutation) -> bool:
        """
        Whether it is worth a note at most that a user gets in: one with an odd path, and a vendor's, who passes an
        external id. Such a role demands MFA of one's own people all the same.
        """
        return is_odd(refutation.request, refutation.statement) or _is_for_a_vendor(subject, refutation)

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"no IAM user without MFA gets credentials of {subject.document.logical_id}"


def _is_for_others(subject: Subject, refutation: Refutation) -> bool:
    """
    Whether a statement lets in an account that is neither the role's nor declared as one's own: one that it names, or
    the caller's, unless only whoever deploys knows which that is (``TrustedAccounts`` of the CDK's template).
    """
    own = _own_accounts(subject)
    # As it is written: what stands for a parameter in the request that was found is made up.
    written = next((one for one in subject.policy.statements if one.path == refutation.statement.path), None)
    if accounts_in(str(one.value) for one in (written or refutation.statement).principals or ()) - own:
        return True
    return refutation.request.caller.account not in own and not is_of_an_open_account(subject, refutation)


def _own_accounts(subject: Subject) -> frozenset[str]:
    boundary = subject.config.boundary
    return frozenset((subject.account, *(boundary.accounts if boundary is not None else ())))


def _is_for_a_vendor(subject: Subject, refutation: Refutation) -> bool:
    """
    Whether a caller of an account that is not said to be one's own has to pass an external id: of an account that only
    whoever deploys the template knows, whichever it is here.
    """
    account = refutation.request.caller.account
    is_foreign = account not in _own_accounts(subject) or is_of_an_open_account(subject, refutation)
    return is_foreign and insists_on_external_id(subject.policy, refutation.statement, refutation.request)


def _speaks_of_a_vendor(subject: Subject, refutation: Refutation) -> Condition | None:
    """A test of the external id of a caller of another account that lets it in without one, too; None without such."""
    tests = external_id_tests(subject.policy, refutation.statement, refutation.request)
    return None if not tests or refutation.request.caller.account in _own_accounts(subject) else tests[0]


def _predicate(machines: Sequence[str], limit: int | None, spared: Sequence[str] = ()) -> Callable[[Request], bool]:
    def violates(request: Request) -> bool:
        caller = request.caller
        if caller.kind not in USERS or caller.account in machines or caller.userid in spared:
            return False
        if request.context.get(MFA_PRESENT) != "true":
            return limit is None
        age = request.context.get(MFA_AGE)
        return limit is not None and isinstance(age, str) and int(age) > limit

    return violates
