"""
The role of a StackSet as it is in an account, where its template is given values of parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._arguments import arguments, known_texts, references
from trustproof_cdk._arguments.template_values import Template, ends_of
from trustproof_cdk._names import named_in_app
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._trust.trust import Trusting, TrustStatement

_ACCOUNT, _PARTITION = "AWS::AccountId", "AWS::Partition"
#: Conditions in one another.
_DEEPEST = 10


class TemplateValues(NamedTuple):
    """
    A template, and what a StackSet gives its parameters.
    """

    template: Mapping[str, Any]
    #: For all accounts.
    given: Mapping[str, str]
    #: Those of some accounts, which come before.
    own: Mapping[str, Mapping[str, str]]
    #: That the accounts are in; None where it is not known.
    partition: str | None
    #: What gives the values: in its stack the functions in them have their meaning.
    scope: IConstruct

    def is_one(self) -> bool:
        """Whether all accounts have the same."""
        return not self.template.get("Parameters")

    def in_account(self, account: str) -> Template:
        """The template as it is deployed to an account."""
        return self._with({**self.own.get(account, {}), _ACCOUNT: account})

    def in_each(self) -> list[Template]:
        """The template as it is deployed to accounts without values of their own, and to each of those with."""
        return [self._with(own) for own in ({}, *self.own.values())]

    def _with(self, own: Mapping[str, str]) -> Template:
        parameters = self.template.get("Parameters", {})
        values = {name: str(one["Default"]) for name, one in parameters.items() if "Default" in one}
        values |= {} if self.partition is None else {_PARTITION: self.partition}
        values |= {name: known_texts.text(value, self.scope) for name, value in {**self.given, **own}.items()}
        return Template(
            parameters={**{name: {} for name in values}, **parameters},
            given={name: (Template(), value) for name, value in values.items()},
            mappings=self.template.get("Mappings", {}),
            resources=self.template.get("Resources", {}),
        )


class _Deployed(NamedTuple):
    """
    What the role says in some accounts.
    """

    trust_statements: tuple[TrustStatement, ...]


class DeployedRole:
    """
    Says whom the role of a StackSet trusts in which account.

    Args:
        role: as it was made.
        condition: of the template, by which it is made; None where it is in any case.
        values: of the template.
        is_reached: whether an account may have it.
    """

    def __init__(
        self, role: iam.IRole, condition: str | None, values: TemplateValues, is_reached: Callable[[str], bool]
    ) -> None:
        self._role, self._condition, self._values, self._is_reached = role, condition, values, is_reached

    def condition_against(self, account: str) -> str:
        """The condition of the template that surely makes no role in an account; empty where there is none."""
        return self._condition or "" if self._is_left_out(self._values.in_account(account)) else ""

    def deployed_in(self, account: str | None) -> list[Trusting | iam.IRole]:
        """
        The role, or what it says of whom it trusts, where it does.

        Args:
            account: in which; None for whichever.

        Returns:
            One for each way in which it may be deployed; none in an account that does not get it.
        """
        if account is not None and not self._is_reached(account):
            return []
        if not isinstance(self._role, Trusting) or (self._values.is_one() and account is None):
            return [self._role]
        templates = self._values.in_each() if account is None else [self._values.in_account(account)]
        return [self._deployed(self._role, one) for one in templates]

    def trusted_arns(self) -> list[str]:
        """The ARNs of users and roles that it trusts in one account or another."""
        roles = self.deployed_in(None)
        statements = [one for role in roles if isinstance(role, Trusting) for one in role.trust_statements]
        texts = [text for one in statements for text in one.principals.get("AWS", ())]
        # What is around would be embedded in the template, or taken for what has that name there.
        around = {value for one in (self._values.given, *self._values.own.values()) for value in one.values()}
        later = [
            known_texts.TextOf(one, self._values.scope) for one in texts if one in around and known_texts.is_open(one)
        ]
        return [*(one for one in texts if named_in_app.is_arn(one)), *later]

    def _is_left_out(self, template: Template) -> bool:
        return self._condition is not None and self._holds({"Condition": self._condition}, template) is False

    def _deployed(self, role: Trusting, template: Template) -> Trusting:
        if self._is_left_out(template):
            return _Deployed(())
        return _Deployed(
            tuple(
                one._replace(
                    principals={
                        kind: [text for value in values for text in self._ends(value, template)]
                        for kind, values in one.principals.items()
                    }
                )
                for one in role.trust_statements
            )
        )

    def _ends(self, value: str, template: Template) -> Iterator[str]:
        """What a principal comes to; itself where only a deployment knows it."""
        is_text = not arguments.is_token(value) or named_in_app.is_arn(value)
        if is_text or isinstance(references.referred_to(value), (iam.CfnUser, iam.CfnRole)):
            yield value
            return
        for end in ends_of(self._chosen(stacks.stack_of(self._role).resolve(value), template), template):
            yield end.value if isinstance(end.value, str) else value

    def _chosen(self, value: Any, template: Template) -> Any:
        """A resolved value without the branches whose condition is known."""
        if isinstance(value, list):
            return [self._chosen(one, template) for one in value]
        if not isinstance(value, dict):
            return value
        branches = value.get("Fn::If")
        holds = None if not isinstance(branches, list) else self._holds({"Condition": branches[0]}, template)
        if holds is not None and isinstance(branches, list):
            return self._chosen(branches[1 if holds else 2], template)
        return {key: self._chosen(one, template) for key, one in value.items()}

    def _holds(self, condition: Any, template: Template, depth: int = 0) -> bool | None:
        """Whether a condition of the template holds; None where only a deployment knows."""
        if not isinstance(condition, dict) or len(condition) != 1 or depth > _DEEPEST:
            return None
        ((name, inside),) = condition.items()
        if name == "Condition":
            return self._holds(self._values.template.get("Conditions", {}).get(inside), template, depth + 1)
        if not isinstance(inside, list):
            return None
        if name == "Fn::Equals":
            ends = [{end.value for end in ends_of(one, template) if isinstance(end.value, str)} for one in inside]
            return ends[0] == ends[1] if [*map(len, ends)] == [1, 1] else None
        parts = [self._holds(one, template, depth + 1) for one in inside]
        if name == "Fn::Not":
            return None if parts[0] is None else not parts[0]
        deciding = {"Fn::And": False, "Fn::Or": True}.get(name)
        if deciding is None or deciding in parts:
            return deciding
        return None if None in parts else not deciding
