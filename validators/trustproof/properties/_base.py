"""
What a property is: questions for the engine, a predicate for the evaluator, and the words for the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, NamedTuple, TypeAlias

from trustproof._verdict import ERROR, REFUTED, Remedy
from trustproof.config import Config
from trustproof.engine.blame import Blame
from trustproof.engine.question import Region
from trustproof.engine.values import Values, not_text, text
from trustproof.engine.world import SEPARATOR, World
from trustproof.model.document import TRUST, Document, Holder
from trustproof.model.keys import (
    ASSUME_ROLE,
    ASSUME_ROLE_WITH_SAML,
    ASSUME_ROLE_WITH_WEB_IDENTITY,
    SET_CONTEXT,
    SET_SOURCE_IDENTITY,
    TAG_SESSION,
)
from trustproof.model.policy import ALLOW, Path, Policy, Statement
from trustproof.model.request import (
    IDENTITY_CENTER,
    ROLE_SESSION,
    SAML,
    SERVICE,
    USERS,
    WEB_IDENTITY,
    Request,
)
from trustproof.model.text import Symbol
from trustproof.sets.patterns import ANY_RUN, Wild, join, matches
from trustproof.spec.decision import Decision


class Subject(NamedTuple):
    """
    A policy that a property is asked of, and what is known around it.
    """

    document: Document
    #: The account that the template is deployed to; assumed where the template does not say.
    account: str
    #: The empty string where it is not known.
    partition: str
    config: Config
    #: Policies of the same holder: their Denies count too.
    others: tuple[Document, ...] = ()
    #: The holder's permissions boundary, where the template has it.
    limit: Document | None = None
    #: Who holds the policy; None for a trust or resource policy.
    holder: Holder | None = None

    @property
    def policy(self) -> Policy:
        """The policy itself."""
        return self.document.policy

    @property
    def documents(self) -> tuple[Document, ...]:
        """Everything that decides: the policy, the others of its holder, the boundary."""
        return (self.document, *self.others, *((self.limit,) if self.limit is not None else ()))


class Question(NamedTuple):
    """
    Is there a request in one of these regions that an Allow statement lets in?
    """

    regions: tuple[Region, ...]
    #: The regions' predicate, for the evaluator: whether letting this request in is what the property forbids.
    violates: Callable[[Request], bool]
    #: Which of the property's questions it is; the property words its answer by it.
    about: str = ""


class Refutation(NamedTuple):
    """
    A request that was replayed: the evaluator allows it, and it is what a question is about.
    """

    request: Request
    decision: Decision
    #: The concrete statement that lets it in.
    statement: Statement
    #: Template parameters and other values unknown before deployment to the values they have here.
    parameters: dict[str, str]
    about: str


class Finding(NamedTuple):
    """
    A refutation in words.
    """

    message: str
    label: str
    #: What in the template it is about.
    path: Path
    why: tuple[str, ...] = ()
    remedy: Remedy | None = None
    reasons: tuple[str, ...] = ()
    #: `UNKNOWN` where the request is real, and whether it is wanted is not known.
    verdict: str = REFUTED


class Property:
    """
    A claim about a policy. Subclasses document it under fixed headings, from which `docs/properties.md` is made.
    """

    ident: ClassVar[str]
    #: What is wrong when it is refuted.
    summary: ClassVar[str]
    severity: ClassVar[str] = ERROR
    #: Options besides ``severity``: name to type or to a function that checks the value.
    options: ClassVar[Mapping[str, object]] = {}
    #: The kinds of holder whose identity policies the property asks about, composed; empty for other policies.
    holders: ClassVar[tuple[str, ...]] = ()
    #: Whether it is asked once of all templates together.
    across_templates: ClassVar[bool] = False
    #: Whether a managed policy that is not in the template leaves the property open.
    needs_whole_holder: ClassVar[bool] = False
    #: Whether the property asks for a request that is let in (and is refuted when there is none).
    wants_request: ClassVar[bool] = False

    def applies_to(self, subject: Subject) -> bool:
        """Whether the property has something to ask of a policy."""
        return subject.document.kind == TRUST

    def concerns(self, statement: Statement) -> bool:
        """Whether an Allow statement can be what the property asks about; a quick look that may say yes too often."""
        return True

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """What to ask of one Allow statement; the first question with an answer decides."""
        raise NotImplementedError

    def rests_on(self, subject: Subject) -> Sequence[tuple[str, Sequence[Question]]]:
        """
        What a proof may rest on: a sentence, and the questions that are refuted where it does.
        """
        return ()

    def binding(self, subject: Subject, symbol: Symbol, place: str) -> str | None:
        """
        A value for something unknown before deployment, where the property has a preference.

        Args:
            place: ``AWS``, ``Service`` or ``Federated`` (an entry of Principal), ``action``, ``resource``, or the condition
                key, lower-cased.
        """
        return None

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Word a replayed request."""
        raise NotImplementedError

    def unusable(self, subject: Subject, statement: Statement, blame: Blame | None, request: Request | None) -> Finding:
        """
        Word that no request gets through, for a property that wants one.

        Args:
            request: the nearest miss, replayed and refused; None where there is none.
        """
        raise NotImplementedError

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        raise NotImplementedError

    def page(self) -> str:
        """The documentation of the property, in Markdown."""
        from trustproof.properties._page import render_page

        return render_page(self)


#: The actions that each kind of caller can need a trust policy for.
TRUST_ACTIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        (*USERS, ROLE_SESSION, IDENTITY_CENTER, SERVICE),
        (ASSUME_ROLE, TAG_SESSION, SET_SOURCE_IDENTITY, SET_CONTEXT),
    ),
    SAML: (ASSUME_ROLE_WITH_SAML, TAG_SESSION, SET_SOURCE_IDENTITY),
    WEB_IDENTITY: (ASSUME_ROLE_WITH_WEB_IDENTITY, TAG_SESSION, SET_SOURCE_IDENTITY),
}

_TAGS = ("aws:requesttag/", "aws:tagkeys", "sts:transitivetagkeys")
_SOURCE_IDENTITY = ("sts:sourceidentity",)
_CONTEXT = ("sts:requestcontext",)


def trust_world(subject: Subject, kind: str, action: str) -> World:
    """The world of one kind of caller and one action at a role's trust policy."""
    barred: tuple[str, ...] = ()
    for needed, keys in ((TAG_SESSION, _TAGS), (SET_SOURCE_IDENTITY, _SOURCE_IDENTITY), (SET_CONTEXT, _CONTEXT)):
        if not _may_allow(subject.policy, needed):
            # A call that passes these fails as a whole, so no request that gets in has them.
            barred += keys
    return World(kind, action, subject.partition, barred, fixed=own_values(subject))


def _may_allow(policy: Policy, action: str) -> bool:
    """Whether some Allow statement may speak of an action."""
    from trustproof.engine.operands import action_pattern

    for statement in policy.statements:
        if statement.effect != ALLOW:
            continue
        if statement.actions is None or statement.unreadable:
            return True
        if any(matches(p, action) for a in statement.actions for p in action_pattern(a).larger):
            return True
    return False


#: Dimensions and the values that a region leaves them.
Constraints: TypeAlias = "tuple[tuple[str, Values], ...]"


def outside_accounts(accounts: Sequence[str], unique_ids: Sequence[str] = ()) -> Constraints:
    """
    The constraint that the caller belongs to none of these accounts.

    Args:
        unique_ids: callers to leave out as well, by unique id (``AIDA…``, ``AROA…``).
    """
    patterns = [
        join("arn:", Wild(":", True, True), f":{service}::{account}:", ANY_RUN)
        for account in sorted(set(accounts))
        for service in ("iam", "sts")
    ]
    patterns += [
        join(Wild(SEPARATOR, True, True), SEPARATOR + unique, tail)
        for unique in sorted(set(unique_ids))
        for tail in ((":", ANY_RUN) if unique.startswith("AROA") else (),)
    ]
    return (("caller", not_text(*patterns)),) if patterns else ()


#: Stands for the organization of the template's own account, which no template says.
OWN_ORGANIZATION = "o-yourorganization"


def own_values(subject: Subject) -> tuple[tuple[str, str], ...]:
    """
    Keys that are known of a holder, or of the resource that a policy stands on, where the policies speak of them.
    """
    written = "\n".join(
        text
        for document in subject.documents
        for statement in document.policy.statements
        for text in (
            *(str(value) for value in statement.resources or () if "${" in str(value)),
            *(str(value) for c in statement.conditions for value in c.operands if "${" in str(value)),
            *("${" + c.key for c in statement.conditions if subject.holder is None),
        )
    ).lower()
    side = "resource" if subject.holder is None else "principal"
    known = ((f"aws:{side}account", subject.account), (f"aws:{side}orgid", OWN_ORGANIZATION))
    return tuple((key, value) for key, value in known if "${" + key in written)


def held_by(subject: Subject) -> Constraints:
    """The constraint that the caller is the holder of the policy, or a member of the group that holds it."""
    holder = subject.holder
    assert holder is not None
    if holder.kind in ("user", "role") and isinstance(holder.arn, str):
        return (("caller", text(join(holder.arn, SEPARATOR, ANY_RUN))),)
    kind = "role" if holder.kind == "role" else "user"
    return (("caller", text(join("arn:", Wild(":", True, True), f":iam::{subject.account}:{kind}/", ANY_RUN))),)


def third_party_accounts(config: Config) -> tuple[str, ...]:
    """The accounts of every declared third party."""
    return tuple(sorted({account for party in config.third_parties for account in party.accounts}))
