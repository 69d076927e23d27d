"""
Whom or what policies are given to, and which of them a plan makes.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.inputs.terraform.snapshots.assignments import holder_arguments, texts_of, unknown_in
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.values import Attribute, Symbol

#: Types of holders, to the argument that is their name: what is deleted with an old one goes before a new one is made.
HOLDERS = {"aws_iam_user": "name", "aws_iam_role": "name", "aws_iam_group": "name", "aws_s3_bucket": "bucket"}


class NewHolders:
    """
    The holders that a plan makes: what is deleted with an old one goes before a new one is made.

    Args:
        instances: of the plan.
    """

    def __init__(self, instances: Iterable[Instance]) -> None:
        new = [one for one in instances if not one.existed and not one.is_data]
        self._addresses = frozenset(one.address for one in new)
        self._names = frozenset(
            (one.type.removeprefix("aws_iam_"), name)
            for one in new
            if one.type in HOLDERS
            for name in texts_of(one, HOLDERS[one.type])
        )

    def has(self, kind: str, name: str) -> bool:
        """Whether a holder of a kind and name is one of them."""
        return (kind, name) in self._names

    def is_of_new(self, instance: Instance, kind: str) -> bool:
        """
        Whether what an instance is about, whose name is not known, is made by the plan. Of what nobody has evaluated
        the policies excuse nobody.
        """
        values = [value for name in holder_arguments(kind) for value in unknown_in(instance, name)]
        return all(
            isinstance(one, Symbol) or (isinstance(one, Attribute) and one.address in self._addresses) for one in values
        )
