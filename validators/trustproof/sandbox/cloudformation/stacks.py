"""
All stacks, by account, Region and name; and what they export to each other.
"""

from __future__ import annotations

from trustproof.sandbox.cloudformation.stack import Stack


class Stacks:
    """The stacks of every account and Region, deleted ones included."""

    def __init__(self) -> None:
        self._all: list[Stack] = []

    def add(self, stack: Stack) -> None:
        """Add a new stack."""
        self._all.append(stack)

    def all(self, account: str, region: str) -> list[Stack]:
        """Every stack of a place, the newest first."""
        return [one for one in reversed(self._all) if (one.account, one.region) == (account, region)]

    def existing(self, account: str, region: str) -> list[Stack]:
        """The stacks of a place that are not deleted, the newest first."""
        return [one for one in self.all(account, region) if one.deleted is None]

    def of_account(self, account: str) -> list[Stack]:
        """The stacks of an account that are not deleted, in every Region."""
        return [one for one in self._all if one.account == account and one.deleted is None]

    def called(self, name: str) -> list[Stack]:
        """The stacks of a name that are not deleted, in every account and Region."""
        return [one for one in self._all if one.name == name and one.deleted is None]

    def find(self, account: str, region: str, name_or_id: str, *, or_deleted: bool = False) -> Stack | None:
        """
        A stack; None when there is none.

        Args:
            account: the account id.
            region: the Region.
            name_or_id: a name finds only what exists.
            or_deleted: whether an id may find a deleted stack.
        """
        for stack in self.all(account, region):
            if stack.deleted is None and name_or_id in (stack.name, stack.id):
                return stack
            if or_deleted and name_or_id == stack.id:
                return stack
        return None

    def root(self, stack: Stack) -> Stack:
        """The outermost of the stacks that one is nested in; itself where it is nested in none."""
        while stack.parent_id is not None:
            around = self.find(stack.account, stack.region, stack.parent_id, or_deleted=True)
            assert around is not None
            stack = around
        return stack

    def value(self, account: str, region: str, name: str) -> str | None:
        """The value under a name; None when nobody exports it."""
        owner = self.owner(account, region, name)
        if owner is None:
            return None
        return next(output.value for output in owner.outputs if output.export == name)

    def owner(self, account: str, region: str, name: str) -> Stack | None:
        """The stack that exports a name."""
        for stack in self.existing(account, region):
            if any(output.export == name for output in stack.outputs):
                return stack
        return None

    def importers(self, account: str, region: str, name: str) -> list[Stack]:
        """The stacks that import a name."""
        return [stack for stack in self.existing(account, region) if name in stack.imports]
