"""
Changes of a statement, tried out: what they put right, whom they lock out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values
from trustproof.engine.region import Region
from trustproof.engine.request_space import RequestSpace
from trustproof.model.deployments import Deployments
from trustproof.model.document import TRUST
from trustproof.model.policy import ALLOW, Path, Policy, Principal
from trustproof.model.query import is_concrete
from trustproof.model.request import ANONYMOUS, ROLE_SESSION, SAML, SERVICE, USER_KEY, WEB_IDENTITY
from trustproof.properties.base import StatementProperty
from trustproof.properties.question import Direction, Inquiry, Question, Refutation, Subject
from trustproof.properties.shared.bounds import CALLERS, is_everybody
from trustproof.properties.shared.plain_values import plain_values
from trustproof.properties.shared.regions import TRUST_ACTIONS, own_values, trust_regions
from trustproof.properties.shared.service_uses import may_send
from trustproof.properties.shared.sources import tests_of_sources
from trustproof.properties.wording.first_device import ENROLMENT
from trustproof.proving.answers import Proof, Undecided, unless_milder
from trustproof.proving.cache import ProofCache, content
from trustproof.proving.changed_deployments import ChangedDeployments
from trustproof.proving.prover import Prover
from trustproof.proving.replay import is_decidable, lets_in
from trustproof.results.result import BUDGET, REFUTED

_EXTERNAL_ID = "sts:externalid"
_OF_CALLERS = (*CALLERS, "aws:multifactorauthage", "aws:multifactorauthpresent")
#: Whom a change of a statement for everybody locks out.
PEOPLE, SERVICES = "people", "services"
#: A principal that is an account, or of one.
_ACCOUNT = r"(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::|$)"


class Trial:
    """
    Changes of one statement, tried out.

    Args:
        place: where the statement stands; it may have several forms.
        cache: what has been tried out of policies that say the same; what is tried out here is added.
        refuted_alone: whether the property is known to be refuted of a form of the statement that names one principal.
    """

    def __init__(
        self,
        subject: Subject,
        asked: StatementProperty,
        deployments: Deployments | None,
        place: Path,
        cache: ProofCache | None = None,
        refuted_alone: Callable[[Path, Principal], bool] | None = None,
    ) -> None:
        self._subject = subject
        self._asked = asked
        self._deployments = deployments
        self._known: dict[tuple[object, ...], bool] = {} if cache is None else cache.trials
        self._minded: dict[Principal, bool] = {}
        self._refuted_alone = refuted_alone
        if cache is not None and not is_concrete(subject.policy):
            # What one place says in many forms is tried out for each form that is wrong, and is the same each time.
            one = subject.document
            key = (asked.inquiry, one.logical_id, one.path, one.place, one.guards, one.resource_arn, place)
            self._minded = cache.minded.setdefault(key, self._minded)
        self.place = place
        #: Whether a budget was reached, so that what was said of a principal may be otherwise.
        self.is_cut_short: bool = False

    def minds(self, entry: Principal) -> bool:
        """Whether the property is refuted of a principal alone."""
        if entry in self._minded:
            return self._minded[entry]
        # What gets in by a form that is for one principal gets in where the others are gone.
        is_known = self._refuted_alone is not None and self._refuted_alone(self.place, entry)
        found = is_known or not self.stops(self._alone(self._subject.policy, entry))
        if not self.is_cut_short:
            self._minded[entry] = found
        return found

    def is_open(self, entry: Principal) -> bool:
        """Whether it is not decided whether the property holds of a principal alone."""
        outcomes = self._outcomes(self._alone(self._subject.policy, entry), self._asked.inquiry)
        return any(isinstance(outcome, Undecided) for outcome in outcomes)

    def stops(self, policy: Policy) -> bool:
        """Whether the property is proved of the statement, or only open since nobody has said what is one's own."""
        changed = with_policy(self._subject, policy)
        return all(
            isinstance(outcome, Proof) or (isinstance(outcome, Refutation) and self._is_only_open(changed, outcome))
            for outcome in self._outcomes(policy, self._asked.inquiry)
        )

    def _is_only_open(self, changed: Subject, outcome: Refutation) -> bool:
        found = self._asked.found(changed, outcome)
        return found.verdict != REFUTED and unless_milder(outcome, lambda _: found) is outcome

    def leaves_first_device(self, policy: Policy, found: Refutation) -> bool:
        """Whether a policy stops the request that was found, and lets nothing in but what enrols a device."""
        changed = with_policy(self._subject, policy)
        if not is_decidable(changed) or lets_in(changed, found.request):
            return False
        return all(
            isinstance(outcome, Proof)
            or (isinstance(outcome, Refutation) and outcome.request.action.lower() in ENROLMENT)
            for outcome in self._outcomes(policy, self._asked.inquiry)
        )

    def closes(self, changed: Policy, usable: Inquiry) -> bool:
        """
        Whether it is proved that nobody can use the statement any more, of those who could.

        Args:
            usable: what asks whether somebody can.
        """
        left = any(s.effect == ALLOW and s.path == self.place for s in changed.statements)
        # Most changes leave somebody in, as one request says.
        return left and self._uses_no_more(changed, usable) and self._uses(self._subject.policy, usable)

    def locks_out(self, entry: Principal, changed: Policy) -> bool:
        """Whether a principal could use the statement with some kind of credentials, and can no more."""
        return self._loses(entry, changed, _USES)

    def loses_by_everybody(self, entry: Principal, changed: Policy) -> str:
        """
        Of whom a principal that stands for everybody lets in, who could use the statement and can no more: people, of
        whom a session of a role is not taken for locked out by being asked for MFA, or the services whose sources the
        statement looks at; the empty string where nobody is locked out.
        """
        if not is_everybody(entry):
            return ""
        people = () if self._asked.only_for_people else (_OF_USERS, _OF_ROLES)
        if any(self._loses(entry, changed, (use,)) for use in people):
            return PEOPLE
        policy = self._subject.policy
        speaks = any(tests_of_sources(s) for s in policy.statements if s.effect == ALLOW and s.path == self.place)
        return SERVICES if speaks and self._loses(entry, changed, (_OF_SERVICES,)) else ""

    def _loses(self, entry: Principal, changed: Policy, uses: Sequence[Inquiry]) -> bool:
        # Of an account that is named besides, nobody knows whether it is of the reader's organization.
        policy = self._subject.policy
        left = _without_organization(policy, changed) if self._is_elsewhere(entry) else changed
        before, after = self._alone(policy, entry), self._alone(left, entry)
        return any(self._uses(before, use) and self._uses_no_more(after, use) for use in uses)

    def _uses(self, policy: Policy, use: Inquiry) -> bool:
        """Whether somebody can use the statement of a policy."""
        found = self._outcomes(policy, use)
        return self._remembered("used", policy, use, lambda: any(isinstance(one, Refutation) for one in found))

    def _uses_no_more(self, policy: Policy, use: Inquiry) -> bool:
        """Whether it is proved that nobody can."""
        found = self._outcomes(policy, use)
        return self._remembered("unused", policy, use, lambda: all(isinstance(one, Proof) for one in found))

    def _remembered(self, what: str, policy: Policy, use: Inquiry, tried: Callable[[], bool]) -> bool:
        """What is tried out of a policy, or was of one that says the same, if no budget was reached."""
        if not is_concrete(policy):
            # What is not known is decided by the template.
            return tried()
        place = [s.effect == ALLOW and s.path == self.place for s in policy.statements]
        key = (what, use, content(with_policy(self._subject, policy).document), *place)
        if key not in self._known:
            found = tried()
            if self.is_cut_short:
                return found
            self._known[key] = found
        return self._known[key]

    def _is_elsewhere(self, entry: Principal) -> bool:
        """Whether a principal is an account, or of one, that is not the template's own."""
        found = re.match(_ACCOUNT, str(entry.value)) if entry.kind == "AWS" else None
        return found is not None and found[1] != self._subject.account

    def _outcomes(self, policy: Policy, inquiry: Inquiry) -> Iterator[Proof | Refutation | Undecided]:
        """The answers about each form of the statement."""
        changed = with_policy(self._subject, policy)
        deployments = None if self._deployments is None else ChangedDeployments(self._deployments, changed.document)
        prover = Prover(changed, inquiry, deployments)
        for index in prover.compiled.allow_indices:
            if prover.subject.policy.statements[index].path == self.place:
                outcome = prover.settle(index)
                if isinstance(outcome, Undecided) and is_cut_short(outcome):
                    self.is_cut_short = True
                yield outcome

    def _alone(self, policy: Policy, entry: Principal) -> Policy:
        """A policy in which the statement names one of its principals only."""
        return policy._replace(
            statements=tuple(
                s._replace(principals=(entry,)) if s.effect == ALLOW and s.path == self.place else s
                for s in policy.statements
                if s.effect != ALLOW or s.path != self.place or entry in (s.principals or ())
            )
        )


def with_policy(subject: Subject, policy: Policy) -> Subject:
    """The subject with another policy in the place of its own."""
    return subject._replace(document=subject.document._replace(policy=policy))


def _without_organization(before: Policy, after: Policy) -> Policy:
    """The changed policy without the statements that now ask for the organization of the reader."""
    asking = [s for s in after.statements if any(c.key.lower() == _ORGANIZATION for c in s.conditions)]
    return after._replace(statements=tuple(s for s in after.statements if s in before.statements or s not in asking))


def is_cut_short(outcome: Undecided) -> bool:
    """Whether it was a budget that kept a question from being answered."""
    return any(reason.startswith(BUDGET) for reason in outcome.reasons)


def _use(kind: str, *, passes: bool) -> Inquiry:
    """
    What callers of one kind can send at all.

    Args:
        passes: whether they pass an external id; whoever need not does not, and is locked out where it is asked for.
    """

    def questions(subject: Subject, index: int) -> Iterator[Question]:
        """Requests with what is told of a caller only where somebody tells it: who signs it in, or the service."""
        keys = {c.key.lower() for s in subject.policy.statements for c in s.conditions}
        heads = ((key, key.partition(":")[0]) for key in sorted(keys))
        told = [key for key, head in heads if (head == SAML != kind) or ("." in head and kind != WEB_IDENTITY)]
        if kind == SERVICE:
            told += [key for key in sorted(keys) if not _may_send(subject, index, key)]
            # A service is of no account or organization, and has no device.
            told += [key for key in _OF_CALLERS if key not in told]
        dimensions = map(key_dimension, told)
        constraints = (*plain_values(subject.policy), *((one, Values(True, None)) for one in dimensions))
        if not passes:
            constraints += ((key_dimension(_EXTERNAL_ID), Values(True, None)),)
        regions: Sequence[Region] = ()
        if subject.document.kind != TRUST:
            regions = (Region(RequestSpace(kind, "", subject.partition, known_keys=own_values(subject)), constraints),)
        elif kind != ANONYMOUS:
            actions = TRUST_ACTIONS[kind]
            regions = [region for one in actions for region in trust_regions(subject, kind, one, constraints)]
        yield Question(tuple(regions), lambda request: True)

    return Inquiry("use", questions, Direction.WANTED)


def _may_send(subject: Subject, index: int, key: str) -> bool:
    """Whether all the services of a statement are known to send a key of this kind; others never meet a test."""
    services = [entry for entry in subject.policy.statements[index].principals or () if entry.kind == "Service"]
    return all(may_send(subject.document, str(entry.value), key) for entry in services)


_ORGANIZATION = "aws:principalorgid"
_USES = tuple(_use(kind, passes=passes) for kind in (*TRUST_ACTIONS, ANONYMOUS) for passes in (True, False))
#: Of a statement for everybody, whoever passes an external id passes it after the remedy too.
_OF_USERS, _OF_ROLES, _OF_SERVICES = (_use(kind, passes=True) for kind in (USER_KEY, ROLE_SESSION, SERVICE))
