"""
The accounts that mappings have something for, and that conditions compare, where nobody says the account of a template:
a deployment that asks for what is not there is refused, so that it goes to one of these.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.names_read import NameReads
from trustproof.inputs.cloudformation.evaluation.declarations.value_classes import pinned
from trustproof.inputs.cloudformation.evaluation.functions.mapping_keys import lookups
from trustproof.inputs.cloudformation.parameters.rules import compared_names
from trustproof.inputs.cloudformation.values.intrinsics import TRANSFORM, referred_name
from trustproof.model.arn import is_account
from trustproof.model.deployments import Assignment, equality_key
from trustproof.model.text import ACCOUNT_ID

#: Of more accounts, each policy is read as one of which nobody knows the account.
_MOST = 40


class AccountsWithRows:
    """
    The accounts at which what looks up the account in mappings, or compares it, has to be judged.

    Args:
        environment: what the template declares.
        values: names that have been given a value.
    """

    def __init__(self, environment: Environment, values: Mapping[str, str]) -> None:
        is_open = ACCOUNT_ID not in values and environment.deployment.account is None
        self._is_compared = is_open and any(
            ACCOUNT_ID in compared_names(one) for one in environment.conditions.values()
        )
        #: Those that it is compared with in what gives one of a few texts.
        self._given: dict[str, None] = {}
        for one in environment.conditions.values() if self._is_compared else ():
            self._given.update(dict.fromkeys(filter(is_account, _compared_with(environment, one))))
        self._asked: list[list[str]] = []
        #: Those of one of which it is, whatever is read; None where it may be any.
        self._only: set[str] | None = None
        for argument, guards in lookups(environment) if is_open and environment.mappings else ():
            if isinstance(argument, list) and len(argument) > 1 and referred_name(argument[1]) == ACCOUNT_ID:
                table = environment.mappings.get(str(argument[0]))
                rows = table if isinstance(table, dict) else {}
                accounts = [str(key) for key in rows if is_account(str(key))]
                self._asked.append(accounts)
                if not guards and len(argument) == 3 and TRANSFORM not in rows:
                    self._only = {*accounts} if self._only is None else self._only & {*accounts}

    def __bool__(self) -> bool:
        """Whether something looks up an account that nobody says, or compares it."""
        return bool(self._asked) or self._is_compared

    def of(self, read: NameReads, most: int) -> list[Assignment]:
        """
        Those of what reads some names, with one for any other account where there may be another one.

        Args:
            most: of those that are only compared, so many are told apart, or none.
        """
        if self._asked and ACCOUNT_ID in read.keys:
            return self._with_rows(read)
        if not self._is_compared or ACCOUNT_ID not in read.compared:
            return []
        compared = [text for text in read.compared[ACCOUNT_ID] if is_account(text)]
        if ACCOUNT_ID in read.in_part:
            # With more of what it is compared with, nobody can say which accounts are told apart.
            compared = [*dict.fromkeys((*compared, *self._given))] if self._given else []
        if not compared or len(compared) >= min(most, _MOST):
            return []
        # What a condition gives in an account, it gives in no other one: there, it may be its own.
        return [*(pinned(ACCOUNT_ID, one) for one in compared), _none_of(compared)]

    def _with_rows(self, read: NameReads) -> list[Assignment]:
        found = dict.fromkeys(account for accounts in self._asked for account in accounts)
        possible = [account for account in found if self._only is None or account in self._only]
        if not possible or len(possible) > _MOST:
            return []
        told = dict.fromkeys((*possible, *(text for text in read.compared.get(ACCOUNT_ID, ()) if is_account(text))))
        return [*(pinned(ACCOUNT_ID, one) for one in possible), *([_none_of(told)] if self._only is None else ())]


def _compared_with(environment: Environment, condition: object) -> Iterator[str]:
    """The texts that a condition compares the account with: values of parameters and rows of mappings among them."""
    if not isinstance(condition, dict):
        return
    for function, argument in condition.items():
        sides = argument if isinstance(argument, list) else []
        if function != "Fn::Equals":
            yield from (text for one in sides for text in _compared_with(environment, one))
        elif any(referred_name(one) == ACCOUNT_ID for one in sides):
            yield from (text for one in sides for text in _possible_texts(environment, one))


def _possible_texts(environment: Environment, value: object) -> Iterator[str]:
    """What may stand on a side of a comparison, as far as the template says it."""
    name = referred_name(value)
    bound = environment.bindings.get(name) if isinstance(name, str) else None
    if isinstance(value, (str, int)):
        yield str(value)
    elif bound is not None:
        yield from (bound,) if isinstance(bound, str) else bound.choices
    elif isinstance(name, str) and name in environment.parameters:
        parameter = environment.parameters[name]
        yield from filter(None, (parameter.default, *parameter.listed))
    elif isinstance(value, dict):
        for function, argument in value.items():
            parts = argument if isinstance(argument, list) else []
            if function == "Fn::FindInMap" and parts:
                yield from _leaves(environment.mappings.get(str(parts[0])))
            elif function == "Fn::If":
                yield from (text for one in parts[1:] for text in _possible_texts(environment, one))


def _leaves(table: object) -> Iterator[str]:
    """The values in a mapping."""
    if isinstance(table, dict):
        for inner in table.values():
            yield from _leaves(inner)
    elif isinstance(table, (str, int)):
        yield str(table)


def _none_of(accounts: Iterable[str]) -> Assignment:
    """Any other account."""
    return Assignment(tuple((equality_key(ACCOUNT_ID, text), "false") for text in accounts), (ACCOUNT_ID,), ())
