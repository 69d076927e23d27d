"""
Values of policy documents that the provider has made.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Choice, Entry, Fields, Items, JsonText, Value


class SortedItems(Items):
    """
    A list in a policy document that the provider writes in reverse order, where all of it is known.
    """

    __slots__ = ()


class DocumentText(JsonText):
    """
    The JSON text of a policy document that the provider has made.

    Args:
        is_minified: whether it has no blanks.
    """

    __slots__ = ("is_minified",)

    def __init__(
        self, of: Value, place: Place | None = None, sensitive: bool = False, *, is_minified: bool = False
    ) -> None:
        super().__init__(of, place, sensitive)
        self.is_minified: bool = is_minified


def with_statements(value: Choice) -> DocumentText | None:
    """
    A choice between documents, one of which has no statement, as one whose statements are a choice: AWS would refuse
    the other, and what it refuses in one case is no error in the rest. None for any other.
    """
    sides = [with_statements(side) if isinstance(side, Choice) else side for side in (value.then, value.otherwise)]
    documents = [side.of for side in sides if isinstance(side, DocumentText) and isinstance(side.of, Fields)]
    without = [at for at, document in enumerate(documents) if "Statement" not in document.by_key]
    if len(documents) < len(sides) or len(without) != 1:
        return None
    statements: list[Value] = [Items((), False), Items((), False)]
    (empty,) = without
    whole = documents[1 - empty]
    statements[1 - empty] = whole.by_key["Statement"]
    then, otherwise = statements
    chosen = Choice(value.condition, then, otherwise, value.place)
    entries = tuple(
        Entry(entry.key, chosen if entry.value is whole.by_key["Statement"] else entry.value) for entry in whole.entries
    )
    return DocumentText(Fields(entries, whole.place, whole.sensitive), value.place, value.sensitive)
