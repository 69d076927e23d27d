"""
sensitive-actions-require-mfa: no user does something sensitive without MFA.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import ClassVar

from trustproof.config.model import Config
from trustproof.engine.domains import Values, not_text, text
from trustproof.engine.region import Region
from trustproof.model.document import IDENTITY
from trustproof.model.policy import DENY
from trustproof.model.principals import Holder
from trustproof.model.query import covers_everything
from trustproof.model.request import USERS_WITHOUT_MFA, Request
from trustproof.properties.base import IdentityProperty
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.shared.own_limits import policies_of
from trustproof.properties.shared.own_user import own_user_name, space_of_holder
from trustproof.properties.shared.programs import works_with_a_key
from trustproof.properties.shared.regions import held_by, may_allow, own_arn, own_tags
from trustproof.properties.shared.sensitive_actions import (
    actions_by_name,
    is_least_sensitive,
    is_own_mfa_device,
    least_sensitive,
    left_out,
    needs_own_user,
    own_mfa_device,
    sensitive_patterns,
    sensitive_values,
)
from trustproof.properties.shared.sensitive_remedies import (
    closed_with_policies_of_aws,
    for_people_and_programs,
    sparing_others,
)
from trustproof.properties.wording.mfa import explain
from trustproof.results.result import NOTE, OWN, Reach
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, exact, join, like, matches

#: A field of an ARN.
_FIELD = Wildcard(":", True, True)
#: What AWS manages is nobody's to change, and the default list is about changes:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
_OF_AWS = join("arn:", _FIELD, like(":iam::aws:*"))
#: Stacks that Service Catalog makes for whoever is given a product: what becomes of them is the product's owner's to
#: say, and its policy for end users is about them:
#: https://docs.aws.amazon.com/servicecatalog/latest/adminguide/controlling_access.html
_PRODUCTS = tuple(
    join("arn:", _FIELD, ":cloudformation:", _FIELD, ":", _FIELD, f":{kind}/{name}", ANY_RUN)
    for kind, name in (("stack", "SC-"), ("stack", "StackSet-SC-"), ("stackset", "SC-"), ("changeSet", "SC-"))
)


#: What matters least of what is sensitive.
_LEAST = (
    "on stacks of Service Catalog's products, on certificates of servers, and on the user's own keys for git and for "
    "single services, or, of a program's user, its own access keys"
)

#: What gives a user other tags than those by which its policies tell it from others.
_RETAGGING = ("iam:taguser", "iam:untaguser")


class SensitiveActionsRequireMfa(IdentityProperty):
    """
    No user does something sensitive without MFA.

    Claim:
        No request by an IAM user without MFA for one of the sensitive actions is allowed by the identity policies that
        the template attaches to the user or to the user's groups, taken together: inline and managed policies,
        permissions boundary, and every Deny.

    Threat:
        An access key leaks. What it can do without MFA is what the finder can do.

    Severity:
        *error*; *note* where nothing sensitive is allowed but on the stacks of Service Catalog's products
        (``stack/SC-*``), as by AWSServiceCatalogEndUserFullAccess, on certificates of servers in IAM, which give nobody
        more rights, and on the own user's keys for git, as by AWSCodeCommitPowerUser, and of a program's user (it has
        an access key and no password) on its own access keys, which it changes as AWS advises, unless the project says
        what is sensitive. What is unknown is a *warning*.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Action": "*", "Resource": "*"},
         {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*",
          "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [
         {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
         {"Effect": "Deny", "Action": "ec2:*", "Resource": "*",
          "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}

    Remedy:
        Allow the action with ``Bool`` ``aws:MultiFactorAuthPresent`` ``true``, or deny it with ``BoolIfExists``
        ``false``. A long-term access key does not carry the key at all, which is why the two want opposite operators.
        A program with such a key would stop working: there is a diff only where a password, a name, or a policy that
        asks for MFA or lets its users enrol a device says that people use the user or are in the group; else words.

    Limits:
        Which actions are sensitive is the project's choice (``[sensitive] actions``); the default list is in
        ``docs/configuration.md``. Enrolling one's own MFA device needs no MFA, and cannot; neither does changing one's
        own password, for which one has to know the old one, or deleting the device of one's own name, which IAM does
        while it is not in use only. The proof says where it rests on that. For another user all of it is refuted. Of
        the managed policies that are not in the template those of AWS are known (``docs/limits/identities.md``).
        Sessions of roles and permission sets carry no MFA key, and are not asked about.
    """

    ident = "sensitive-actions-require-mfa"
    summary = "a user without MFA may do something sensitive"
    of_roles = True
    reach: ClassVar[Reach] = OWN
    holders: ClassVar[tuple[str, ...]] = ("user", "group")
    needs_whole_holder = True

    def applies_to(self, subject: Subject) -> bool:
        """Identity policies of users and groups."""
        return subject.document.kind == IDENTITY and subject.holder is not None and subject.holder.kind in self.holders

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """Users without MFA, sensitive actions, but for one's own MFA device; those that matter least are last."""
        whatever = self._question(subject, spare_own_device=True)
        if subject.config.sensitive_actions is not None:
            return (whatever,)
        return (self._question(subject, spare_own_device=True, spare_least=True, larger=whatever), whatever)

    def assumptions(self, subject: Subject) -> Sequence[tuple[str, Sequence[Question]]]:
        """Enrolling one's own MFA device, and tags that a user may change."""
        reason = (
            "enrolling one's own MFA device, changing one's own password and deleting one's own unused device need no "
            "MFA: whoever holds the access key of a user without a virtual device can enrol one"
        )
        found = [(reason, (self._question(subject, spare_own_device=False),))]
        if own_tags(subject) and any(may_allow(one.policy, tag) for one in subject.documents for tag in _RETAGGING):
            reason = (
                "this rests on the tags of the user, who may change them without MFA (iam:TagUser, iam:UntagUser), and "
                "may then do more"
            )
            found.append((reason, (_retagging(subject),)))
        return found

    def _question(
        self,
        subject: Subject,
        *,
        spare_own_device: bool,
        spare_least: bool = False,
        larger: Question | None = None,
    ) -> Question:
        actions = ("action", sensitive_values(subject.config))
        spared = ((_OF_AWS,) if subject.config.sensitive_actions is None else ()) + (_PRODUCTS if spare_least else ())
        ours = (("resource", _outside(spared)),) if spared else ()
        name = own_user_name(subject)
        rotates = subject.holder is not None and works_with_a_key(subject.holder)
        device = own_mfa_device(name) if spare_own_device else ()
        keys = least_sensitive(name, rotates=rotates) if spare_least else ()
        regions = tuple(
            Region(
                space_of_holder(subject, kind, own_tags(subject)),
                (actions, *ours, *held_by(subject)),
                (*device, *keys),
                hints=(("action", actions_by_name(subject.config)),),
            )
            for kind in USERS_WITHOUT_MFA
        )
        spare_more = None if not spare_least else partial(is_least_sensitive, rotates=rotates)
        violates = _predicate(subject.config, spared, spare_own_device, spare_more)
        about = "sensitive" if spare_least or subject.config.sensitive_actions is not None else "least"
        return Question(regions, violates, about, larger)

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Name the action, and the condition that does not stop it."""
        action = refutation.request.action
        # On one's own user such an action is spared.
        whom = " for another user" if needs_own_user(action) else ""
        actions = refutation.statement.actions
        policy = "" if not subject.document.is_foreign else f"{refutation.statement.sid} "
        place = refutation.statement.path
        if not subject.document.is_foreign:
            place = (*place, "Action" if actions is not None else "NotAction")
        everything = all(map(covers_everything, (actions, refutation.statement.resources)))
        anything = everything and not _is_limited(subject)
        finding = explain(
            subject,
            refutation,
            f"a user without MFA may {'do anything' if anything else f'call {action}{whom}'}",
            place,
            f"{policy}allows {'everything' if anything else f'{action}{whom}'} without asking for MFA",
            "allow it only with MFA",
        )
        if refutation.about == "least":
            why = (*finding.why, f"nothing sensitive is allowed besides but {_LEAST}")
            finding = finding._replace(why=why, severity=NOTE)
        return sparing_others(subject, finding, own_user=bool(whom) and finding.path == place)

    def for_one_holder(self, subject: Subject, finding: Finding) -> Finding:
        """A Deny beside a policy of AWS closes everything else that its holder has."""
        return closed_with_policies_of_aws(subject, finding)

    def for_holders(
        self, subject: Subject, refutation: Refutation, finding: Finding, holders: Sequence[Holder]
    ) -> Finding:
        """People are asked for MFA, and not together with programs."""
        return for_people_and_programs(subject, finding, holders, lambda one: self.found(one, refutation))

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"{subject.document.logical_id} lets no user do anything sensitive without MFA"


def _retagging(subject: Subject) -> Question:
    """A user without MFA takes away, or replaces, the tags by which its policies tell it from others."""
    holder = subject.holder
    assert holder is not None
    asked = (("action", text(*map(exact, _RETAGGING))), ("resource", text(own_arn(holder))), *held_by(subject))
    spaces = (space_of_holder(subject, kind, own_tags(subject)) for kind in USERS_WITHOUT_MFA)
    return Question(
        tuple(Region(space, asked) for space in spaces),
        lambda request: request.action.lower() in _RETAGGING,
        afterwards=policies_of(subject._replace(holder=holder._replace(tags=()))),
    )


@lru_cache(maxsize=8)
def _outside(spared: tuple[Pattern, ...]) -> Values:
    """The resources that are not spared; the same for all who are asked about."""
    return not_text(*spared)


def _is_limited(subject: Subject) -> bool:
    """Whether anything takes away of what the policy allows."""
    denies = any(s.effect == DENY for document in subject.documents for s in document.policy.statements)
    return denies or subject.permissions_boundary is not None


def _predicate(
    config: Config,
    left_alone: Sequence[Pattern],
    spare_own_device: bool,
    spare_more: Callable[[str, str, str], bool] | None,
) -> Callable[[Request], bool]:
    patterns, spared = sensitive_patterns(config), left_out(config)

    def violates(request: Request) -> bool:
        if request.caller.kind not in USERS_WITHOUT_MFA:
            return False
        action = request.action.lower()
        if not any(matches(p, action) for p in patterns) or any(matches(p, action) for p in spared):
            return False
        if any(matches(pattern, request.resource) for pattern in left_alone):
            return False
        asked = (request.action, request.resource, request.caller.arn.rsplit("/", 1)[-1])
        is_spared = (spare_own_device and is_own_mfa_device(*asked)) or (spare_more and spare_more(*asked))
        return not is_spared

    return violates
