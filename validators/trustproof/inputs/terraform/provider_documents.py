"""
Values of policy documents that the provider has made.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from trustproof.inputs.terraform.values import Items, JsonText, Place, Value


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
