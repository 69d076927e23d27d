"""
The roles of a template, as they are read at each assignment of its parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from trustproof.analysis.role_chains.mfa_tests import mfa_tests
from trustproof.analysis.role_chains.roles import AttachedPolicy, Node
from trustproof.analysis.role_chains.shared_values import SharedValues, shared_values
from trustproof.inputs.reader import Number
from trustproof.model.deployments import Assignment
from trustproof.model.principals import Program
from trustproof.model.stack_sets import Targets
from trustproof.model.text import Text
from trustproof.sets.search import BudgetReached

#: Why nothing can be proved at other values of a template that is not read there.
NOT_READ = "what the template is at other values is not known"


class ChainReading(NamedTuple):
    """
    The roles of a template at one assignment.
    """

    #: None where one reading says it all.
    assignment: Assignment | None
    nodes: tuple[Node, ...]
    #: Policies that the template attaches by name, for roles of other templates.
    attached: tuple[AttachedPolicy, ...]
    #: Whether the assignment decides whether the stack is there, too.
    is_decided: bool = False
    #: As `Input.further_roles`.
    further: str = ""
    #: The file of the template.
    file: str = ""


class Anywhere(NamedTuple):
    """
    The roles of a template that does not say its account, in those in which it may be.
    """

    #: In the accounts that its policies name.
    in_accounts: Mapping[str, tuple[ChainReading, ...]]
    #: Further accounts that they name: how its roles look there is not known, since there are so many.
    other_accounts: frozenset[str]
    #: Gives the same in any other account.
    elsewhere: ReadingElsewhere

    def of_stack(self, stack: str) -> Anywhere:
        """The same where several stacks of an assembly are made of the file: what is found of its roles says which."""

        def there(account: str, defaults: Mapping[str, str] = {}) -> tuple[ChainReading, ...]:
            return _of_stack(self.elsewhere(account, defaults), stack)

        in_accounts = {account: _of_stack(readings, stack) for account, readings in self.in_accounts.items()}
        return Anywhere(in_accounts, self.other_accounts, there)


class OtherReadings(NamedTuple):
    """
    The roles of a template where parameters have other values than their defaults.
    """

    #: Those that have, and the defaults.
    defaults: Mapping[str, str]
    readings: tuple[ChainReading, ...]
    #: Why there are more, which nobody has looked at; empty where these are all.
    left_open: str = ""
    #: As `ChainedTemplate.decided`.
    decided: tuple[ChainReading, ...] = ()
    #: Where it may be at these values, if a default says its account.
    anywhere: Anywhere | None = None

    def of_stack(self, stack: str) -> OtherReadings:
        """As `ChainedTemplate.of_stack`."""
        return self._replace(
            readings=_of_stack(self.readings, stack),
            decided=_of_stack(self.decided, stack),
            anywhere=None if self.anywhere is None else self.anywhere.of_stack(stack),
        )


class LaterReading(Protocol):
    """
    Reads the roles of a template when somebody asks.
    """

    @property
    def is_open(self) -> bool:
        """Whether it holds what has been read, and cannot be sent to another process."""
        ...

    def __call__(self) -> ChainedTemplate:
        """
        The roles.

        Raises:
            InputError: the template is gone by now, or asks for more than a program can do.
        """
        ...


class ReadingElsewhere(Protocol):
    """
    Reads the roles of a template that does not say its account in one.
    """

    def __call__(self, account: str, defaults: Mapping[str, str] = {}) -> tuple[ChainReading, ...]:
        """
        The roles; none where it is not known what they are there.

        Args:
            defaults: parameters that have other values, and the defaults of these.

        Raises:
            BudgetReached: it has been read at as many other values as it may be.
        """
        ...


class ReadingAtOthers(Protocol):
    """
    Reads the roles of a template where some of its parameters have other values than their defaults, if somebody asks.
    """

    def __call__(self, defaults: Mapping[str, str]) -> OtherReadings:
        """
        The roles; open where they cannot be read there.

        Args:
            defaults: the parameters, and the defaults of these.
        """
        ...


class ChainedTemplate(NamedTuple):
    """
    The roles of a template, at each assignment at which they have to be judged.
    """

    readings: tuple[ChainReading, ...]
    #: Why there are more; empty where these are all.
    left_open: str = ""
    #: The same at other values than the defaults that make a difference: at those of all of them, then of each.
    at_other_values: tuple[OtherReadings, ...] = ()
    #: Gives the same at those of several of them; None where it cannot be read again.
    at_others: ReadingAtOthers | None = None
    #: Those at which conditions are decided too, for what one reading leaves to a search; empty where nothing is.
    decided: tuple[ChainReading, ...] = ()
    number: Number = (0, 0)
    #: Where the template is deployed to; None where it does not say.
    account: str | None = None
    #: The same in the accounts that its policies name, where it does not say its own: it may be any of them.
    in_accounts: Mapping[str, tuple[ChainReading, ...]] = {}
    #: Further accounts that they name: how its roles look there is not known, since there are so many.
    other_accounts: frozenset[str] = frozenset()
    #: Gives the same in any other account; None where the template says its own.
    elsewhere: ReadingElsewhere | None = None
    #: The accounts that a StackSet deploys it to.
    targets: Targets = Targets()
    #: The account that stands for its own where nobody says that, empty where somebody does; and those of AWS's
    #: examples that it names, none of which stands for the account of any template of the run.
    stand_in: str = ""
    named_examples: frozenset[str] = frozenset()
    #: What begins the names by which stacks inside of it speak of its parameters.
    stack: str = ""
    #: Whether something that it stands inside of decides whether it is there.
    is_optional: bool = False
    #: Its programs that are told the ARNs of roles; and the ARNs of its own roles that it hands on, by the names of the
    #: symbols that stand for them elsewhere.
    programs: tuple[Program, ...] = ()
    exported: Mapping[str, Text] = {}
    #: The file.
    name: str = ""
    #: Gives it with `decided` and `at_other_values`, which only matter to roles that demand MFA, where none of its own
    #: may; None where they have been read.
    again: LaterReading | None = None

    @property
    def may_demand_mfa(self) -> bool:
        """Whether something is asked about a role of it; a quick look."""
        return any(mfa_tests(node.trust.policy) for reading in self.readings for node in reading.nodes)

    def of_stack(self, stack: str) -> ChainedTemplate:
        """The same where several stacks of an assembly are made of the file: what is found of its roles says which."""
        elsewhere, at_others = self.elsewhere, self.at_others

        def there(account: str, defaults: Mapping[str, str] = {}) -> tuple[ChainReading, ...]:
            return () if elsewhere is None else _of_stack(elsewhere(account, defaults), stack)

        def at(defaults: Mapping[str, str]) -> OtherReadings:
            return self.others(defaults).of_stack(stack)

        return self._replace(
            readings=_of_stack(self.readings, stack),
            at_other_values=tuple(one.of_stack(stack) for one in self.at_other_values),
            at_others=None if at_others is None else at,
            decided=_of_stack(self.decided, stack),
            in_accounts={account: _of_stack(readings, stack) for account, readings in self.in_accounts.items()},
            elsewhere=None if elsewhere is None else there,
        )

    def others(self, defaults: Mapping[str, str]) -> OtherReadings:
        """The roles at other values of some parameters that make a difference; open where nobody can tell."""
        for one in self.at_other_values:
            if one.defaults == defaults:
                return one
        if self.at_others is None:
            return OtherReadings(defaults, self.readings[:1], NOT_READ)
        return self.at_others(defaults)

    def at_other(self, other: OtherReadings) -> ChainedTemplate:
        """The same where some parameters have other values than their defaults, wherever it is."""
        elsewhere = self.elsewhere
        left_open = other.left_open or self.left_open
        at_other = self._replace(readings=other.readings, left_open=left_open, decided=other.decided)
        if other.anywhere is not None:
            return at_other._replace(account=None, **other.anywhere._asdict())
        if elsewhere is None:
            return at_other

        def there(account: str, defaults: Mapping[str, str] = {}) -> tuple[ChainReading, ...]:
            try:
                return elsewhere(account, {**other.defaults, **defaults})
            except BudgetReached:
                # Which defaults a proof rests on is said as far as somebody has looked.
                return elsewhere(account)

        in_accounts = {account: there(account) or readings for account, readings in self.in_accounts.items()}
        return at_other._replace(in_accounts=in_accounts, elsewhere=there)


def _of_stack(readings: Sequence[ChainReading], stack: str) -> tuple[ChainReading, ...]:
    return tuple(
        one._replace(nodes=tuple(node._replace(place=node.place._replace(stack=stack)) for node in one.nodes))
        for one in readings
    )


def consistent_readings(
    templates: Sequence[ChainedTemplate], options: Sequence[Sequence[ChainReading]], most: int
) -> list[tuple[ChainReading, ...]] | None:
    """
    The readings that templates may have together: none at which a parameter that several of them know is two things.

    Args:
        options: the readings of each template.
        most: so many are given.

    Returns:
        The readings of all templates, each time; None where there are more.
    """
    found: list[tuple[tuple[ChainReading, ...], SharedValues]] = [((), SharedValues())]
    for template, readings in zip(templates, options, strict=True):
        longer: list[tuple[tuple[ChainReading, ...], SharedValues]] = []
        for chosen, values in found:
            for reading in readings:
                here = values_of(template, reading)
                if not here.excludes(values):
                    longer.append(((*chosen, reading), values.joined(here)))
                if len(longer) > most:
                    return None
        found = longer
    return [chosen for chosen, _ in found]


def values_of(template: ChainedTemplate, reading: ChainReading) -> SharedValues:
    """The values of a reading by the names that all stacks inside of one call them by."""
    if reading.assignment is None or (template.is_optional and not reading.is_decided):
        # Where it is not there it has no such reading, and stands in nobody's way.
        return SharedValues()
    return shared_values(template.stack or f"{template.number}", reading.assignment)
