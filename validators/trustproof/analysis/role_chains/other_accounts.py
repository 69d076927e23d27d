"""
The roles of a template that does not say its account, in those in which it may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.role_chains import chained_templates
from trustproof.analysis.role_chains.readings import NOT_READ, Anywhere, ChainedTemplate, ChainReading, OtherReadings
from trustproof.analysis.role_chains.roles import may_decide
from trustproof.config.model import Config
from trustproof.engine.allowance import limited_to, units_besides
from trustproof.errors import InputError
from trustproof.inputs.out_of_reach import OUT_OF_REACH, refusal
from trustproof.inputs.reader import Number, Readable
from trustproof.model.arn import is_account
from trustproof.model.document import IDENTITY, TRUST, Document
from trustproof.model.query import operands, principals
from trustproof.model.sensitive_names import numbered_alone
from trustproof.proving.cache import Proofs

#: In so many accounts a template that does not say its own is looked at: of those that its policies name, and of those
#: that other templates say.
MAX_ACCOUNTS = 16
#: So many roles, once in each of these accounts, are read there though none of them demands MFA, so that one of another
#: template may ask for them; more are read when one does.
_MOST_ROLES = 1_600
#: So many roles are read in all accounts together, where some of them demand MFA: twenty-five hundred of them, all that
#: fit into a template of a megabyte, in each account. What depends on parameters is read once at each of their values.
_MOST_ROLES_ANYWHERE = 40_000


class _Unread(NamedTuple):
    """
    A template that can be read once more.
    """

    read: Readable
    config: Config
    controls: tuple[Document, ...]
    accounts: frozenset[str]

    @classmethod
    def of(cls, context: TemplateContext, read: Readable) -> _Unread:
        """What reads the template of a context anew."""
        return cls(read, context.config, context.controls, context.accounts)

    def context(self) -> TemplateContext:
        """
        The template, read again.

        Raises:
            InputError: it is gone by now.
        """
        return TemplateContext(
            self.read.open(), self.config, Proofs(), certify=False, controls=self.controls, accounts=self.accounts
        )


def chained_template(context: TemplateContext, number: Number) -> ChainedTemplate:
    """
    The roles of the template, at each assignment at which they have to be judged together, wherever it may be; what
    only roles that demand MFA are asked about is left to `RolesForOthers`, where none of its own may.
    """
    template = context.template
    # What is no file cannot be read twice, and is kept. What stands inside of a template is not read again by itself.
    read = template if template.name.startswith("<") else template.origin
    unread = _Unread.of(context, read)
    again = RolesForOthers(unread, number)
    return _wherever(context, number, unread, again if template.container is None else None)


def _wherever(
    context: TemplateContext, number: Number, unread: _Unread, again: RolesForOthers | None = None
) -> ChainedTemplate:
    found = chained_templates.chained_template(context, number, again)
    others = tuple(_at_no_account(context, number, one) for one in found.at_other_values)
    found = found._replace(at_other_values=others)
    if len(others) > 1 and context.template.container is None:
        found = found._replace(at_others=_AtOthers(unread, number))
    if not context.is_anywhere or found.left_open or not (found.readings[0].nodes or found.readings[0].attached):
        return found
    named = _named_accounts(context) if found.readings[0].nodes else []
    is_much = len(named[:MAX_ACCOUNTS]) * _roles_in(found.readings) > _MOST_ROLES
    if again is not None and is_much and not found.may_demand_mfa:
        found, named = found._replace(again=again), []
    there = _anywhere(context, number, named, found.readings)
    return found._replace(**there._asdict(), targets=context.template.targets)


def _at_no_account(context: TemplateContext, number: Number, other: OtherReadings) -> OtherReadings:
    """The roles at other values, in the accounts in which these may be where a default says the account."""
    opened = None if other.left_open else context.made_again_at(tuple(other.defaults))
    if opened is None or not context.says_account_by_default(opened.template):
        return other
    named = _named_accounts(opened) if other.readings[0].nodes else []
    return other._replace(anywhere=_anywhere(opened, number, named, other.readings))


def _roles_in(readings: Sequence[ChainReading]) -> int:
    """How many roles are read at all assignments together."""
    return sum(len(one.nodes) for one in readings)


def _anywhere(
    context: TemplateContext, number: Number, named: Sequence[str], readings: Sequence[ChainReading]
) -> Anywhere:
    """
    The roles wherever they may be.

    Args:
        named: the accounts in which they are read now, as far as these are not too many.
        readings: the roles in no account in particular, at each assignment.
    """
    most = min(MAX_ACCOUNTS, _MOST_ROLES_ANYWHERE // max(_roles_in(readings), 1))
    there = {account: chained_templates.readings_in(context, number, account) for account in named[:most]}
    in_accounts = {account: readings for account, readings in there.items() if readings}
    elsewhere = _Elsewhere(_Unread.of(context, context.template.origin), number, context)
    return Anywhere(in_accounts, frozenset(named) - in_accounts.keys(), elsewhere)


class RolesForOthers(NamedTuple):
    """
    Reads the roles of a template again, with all that decides about chains: a role of another one may demand MFA.
    """

    unread: _Unread
    number: Number

    @property
    def is_open(self) -> bool:
        """Whether it holds what has been read, and cannot be sent to another process."""
        return self.unread.read.is_open

    def __call__(self) -> ChainedTemplate:
        """
        The roles.

        Raises:
            InputError: the template is gone by now, or asks for more than a program can do.
        """
        with numbered_alone():
            context = self.unread.context()
            try:
                with limited_to(units_besides(context.units)):
                    return _wherever(context, self.number, self.unread)
            except OUT_OF_REACH as error:
                raise refusal(error, context.template.name) from None


class _AtOthers:
    """
    Reads the roles at other values of several parameters, if somebody asks: that is seldom, and there are many choices.

    It reads the template again, wherever it is asked, so that what that costs does not depend on who asks.
    """

    def __init__(self, unread: _Unread, number: Number) -> None:
        self._unread = unread
        self._number = number
        self._read: TemplateContext | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return _AtOthers, (self._unread, self._number)

    def __call__(self, defaults: Mapping[str, str]) -> OtherReadings:
        with numbered_alone():
            try:
                if self._read is None:
                    self._read = self._unread.context()
                with limited_to(units_besides(self._read.units)):
                    other = chained_templates.readings_at_others(self._read, self._number, defaults)
                    return _at_no_account(self._read, self._number, other)
            except (InputError, *OUT_OF_REACH):
                return OtherReadings(defaults, (), NOT_READ)


class _Elsewhere:
    """
    Reads the roles in one more account, if somebody asks: most templates have nothing to do with those that say theirs.

    Args:
        context: None where it is to be read again.
    """

    def __init__(self, unread: _Unread, number: Number, context: TemplateContext | None = None) -> None:
        self._unread = unread
        self._number = number
        self._read = context

    def __reduce__(self) -> tuple[object, ...]:
        return _Elsewhere, (self._unread, self._number)

    def __call__(self, account: str, defaults: Mapping[str, str] = {}) -> tuple[ChainReading, ...]:
        if self._read is None:
            self._read = self._unread.context()
        return chained_templates.readings_in(self._read, self._number, account, defaults)


def _named_accounts(context: TemplateContext) -> list[str]:
    """
    The accounts that a template may be in which does not say its own: those of whom roles trust, of the roles that
    identity policies may assume, and those that a StackSet names for it.
    """
    targets = context.template.targets
    found = {account for group in targets.groups for account in group.accounts if is_account(account)}
    for document in context.documents:
        named = (*principals(document.policy), *operands(document.policy)) if document.kind == TRUST else ()
        resources = (
            resource
            for statement in document.policy.statements
            if document.kind == IDENTITY and may_decide(document)
            for resource in statement.resources or ()
        )
        for text in map(str, (*named, *resources)):
            account = text if is_account(text) else (text.split(":") + [""] * 5)[4]
            found.update([account] if is_account(account) else ())
    return sorted(filter(targets.may_have, found))
