"""
What a property is: questions for the engine, a predicate for the evaluator, and the words for the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from trustproof.config.model import Config
from trustproof.model.document import TRUST
from trustproof.model.policy import Statement
from trustproof.model.principals import RoleFacts, SessionFacts
from trustproof.model.request import Request
from trustproof.model.text import Symbol
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.results.result import ERROR, Severity

if TYPE_CHECKING:
    from trustproof.engine.conflict import Conflict


class Property:
    """
    A claim about a policy. Subclasses document it under fixed headings, from which `docs/properties.md` is made.
    """

    ident: ClassVar[str]
    #: What is wrong when it is refuted.
    summary: ClassVar[str]
    severity: ClassVar[Severity] = ERROR
    #: Options besides ``severity``: name to type or to a function that checks the value.
    options: ClassVar[Mapping[str, object]] = {}
    #: The kinds of holder whose identity policies the property asks about, composed; empty for other policies.
    holders: ClassVar[tuple[str, ...]] = ()
    #: Whether it is asked of what a template says of a role, besides its policies.
    about_roles: ClassVar[bool] = False
    #: Whether it is asked once of all templates together.
    across_templates: ClassVar[bool] = False
    #: Whether a managed policy that is not in the template leaves the property open.
    needs_whole_holder: ClassVar[bool] = False
    #: Whether the property asks for a request that is let in (and is refuted when there is none).
    expects_request: ClassVar[bool] = False

    def needs_read_actions(self, config: Config) -> bool:
        """Whether a managed policy that only reads, in a way that is not known, leaves the property open."""
        return False

    def applies_to(self, subject: Subject) -> bool:
        """Whether the property has something to ask of a policy."""
        return subject.document.kind == TRUST

    def normalize(self, subject: Subject) -> Subject:
        """The subject as this property looks at it."""
        return subject

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

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        raise NotImplementedError

    def page(self) -> str:
        """The documentation of the property, in Markdown."""
        from trustproof.properties.page import render_page

        return render_page(self)
