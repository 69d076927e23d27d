"""
Permission sets of Identity Center that somebody asks about: who has them in which accounts, and into which roles their
people get.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

from trustproof.access.entries import Holding, people_of, what_is_known
from trustproof.access.holders import Assigned, name_of_holder, shown_conditions
from trustproof.access.permitted_callers import KnownPolicies
from trustproof.analysis.across.linked_inputs import LinkedInputs
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.role_chains.roles import Node
from trustproof.config.model import Config
from trustproof.inputs.reader import Input
from trustproof.model.construct_paths import names_of_construct
from trustproof.model.principals import AccountAssignment, Holder
from trustproof.model.substitution import bind_text
from trustproof.results.explanation import Explanation, People

_KIND, _TYPE = "permission set", "AWS::SSO::PermissionSet"
#: The role that Identity Center makes of a permission set in each account where it is assigned, as its name or ARN, or
#: that of a session. https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
_ROLE = re.compile(
    r"(?:arn:[^:]*:(?:iam|sts)::(?P<account>\d{12}):(?:role|assumed-role)/(?:aws-reserved/sso\.amazonaws\.com/(?:[^/]+/)?)?)?"
    r"AWSReservedSSO_(?P<set>.+)_[0-9a-f]{16}(?:/[^/]*)?"
)


class PermissionSet(NamedTuple):
    """
    A permission set of a template.
    """

    #: Its name where that is known, else its logical id.
    name: str
    logical_id: str
    template: str
    #: Where its template is deployed to, which is not where its people are.
    home: str | None
    names: frozenset[str]
    #: Each with the account.
    assigned: tuple[tuple[str, People], ...]

    def is_called(self, named: str) -> bool:
        """Whether somebody means it by this name, or by that of the role that is made of it."""
        role = _ROLE.fullmatch(named)
        return named in self.names or (role is not None and role["set"] == self.name)

    def may_be_called(self, named: str) -> bool:
        """Nothing else: one whose name is not known has none here."""
        return False

    def people(self, named: str) -> tuple[People, ...]:
        """Who has it: in the account whose role is named, or wherever it is assigned."""
        role = _ROLE.fullmatch(named)
        only = None if role is None else role["account"]
        # An account that a deployment says may be the one.
        return tuple(who for account, who in self.assigned if only in (None, account) or not account.isdigit())

    def explained(self, named: str) -> Explanation:
        """Who has it, for whoever asked about it by this name."""
        people = self.people(named)
        role = _ROLE.fullmatch(named)
        where = f" in {role['account']}" if role is not None and role["account"] else ""
        nobody = f"no template assigns it to anybody{where}; what is assigned elsewhere is not known"
        open_ = () if people else (nobody,)
        return Explanation(
            self.name, _TYPE, self.logical_id, self.template, self.home, (), undecided=open_, people=people
        )


class PermissionSets:
    """
    The permission sets of some templates, and whom they are assigned to.

    Args:
        linked: the templates.
        contexts: of them, by what they are called in a run.
        stacks: what each is called among the templates, likewise.
        config: the declarations of the project.
    """

    def __init__(
        self,
        linked: LinkedInputs,
        contexts: Mapping[str, TemplateContext],
        stacks: Mapping[str, str | None],
        config: Config,
    ) -> None:
        self._linked, self._config = linked, config
        assigned = _assigned(linked)
        self.declared: list[PermissionSet] = [
            found
            for label, context in contexts.items()
            for found in _declared(context, _of_stack(assigned, stacks[label]))
        ]

    @cached_property
    def _known(self) -> KnownPolicies:
        return what_is_known(holdings_of(self._linked), self._config)

    def people_of(self, node: Node, template: Input) -> tuple[People, ...]:
        """Whose people get into a role, as `trustproof who` lists them; and who has the one that it is made of."""
        if not self.declared:
            return ()
        found = [*self._of_reserved_role(node)]
        found += (People(caller.who, caller.provided) for caller in people_of(node, template, self._known))
        return tuple(dict.fromkeys(found))

    def _of_reserved_role(self, node: Node) -> Iterator[People]:
        role = _ROLE.fullmatch(node.name)
        for one in self.declared if role is not None else ():
            if role is not None and role["set"] == one.name:
                for account, who in one.assigned:
                    if account == node.account or not account.isdigit():
                        yield who


def holdings_of(linked: LinkedInputs) -> list[Holding]:
    """What says who holds which policies, templates that attach some to the same users and groups as one."""
    grouped = {at for group in linked.groups for at in group}
    assigned = _assigned(linked)
    alone = [
        Holding(one, _of_stack(assigned, linked.called.get(at)))
        for at, found in enumerate(linked.inputs)
        if at not in grouped
        for one in found.in_each_group()
    ]
    # What several templates attach to somebody, counts together; there each resource is named with its stack.
    return [*alone, *(Holding(linked.joined(group)[0], assigned) for group in linked.groups)]


def _assigned(linked: LinkedInputs) -> Assigned:
    """Who has permission sets by assignments of other stacks, by the stack and the logical id of the set."""
    found: dict[str, list[AccountAssignment]] = {}
    for one in linked.inputs:
        for name, assignment in one.assignments_elsewhere:
            found.setdefault(name, []).append(assignment)
    return found


def _of_stack(assigned: Assigned, stack: str | None) -> Assigned:
    """The same of one stack, by the logical id alone."""
    start = f"{stack}/"
    return {name.removeprefix(start): found for name, found in assigned.items() if name.startswith(start)}


def _declared(context: TemplateContext, elsewhere: Assigned) -> Iterator[PermissionSet]:
    # One that conditions make several of is one to whoever asks.
    found: dict[str, list[Holder]] = {}
    for holder in context.template.holders:
        if holder.kind == _KIND and holder.logical_id:
            found.setdefault(holder.logical_id, []).append(holder)
    # What is said of how long its sessions last is said of every one.
    paths = {one.logical_id: one.construct_path for one in context.template.sessions}
    for logical_id, holders in found.items():
        name = name_of_holder(holders[0])
        assigned = dict.fromkeys(
            (
                account,
                People(f"{one.kind} {one.principal} in {account}", shown_conditions((*holder.guards, *one.guards))),
            )
            for holder in holders
            for one in (*holder.assigned, *elsewhere.get(logical_id, ()))
            for account in (str(bind_text(one.account, context.assumed)),)
        )
        yield PermissionSet(
            name,
            logical_id,
            context.template.name,
            context.template.account,
            frozenset({name, logical_id, *names_of_construct(paths.get(logical_id))} - {""}),
            tuple(assigned),
        )
