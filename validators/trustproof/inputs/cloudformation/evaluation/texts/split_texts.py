"""
``Fn::Split`` of a text of which a part is not known before deployment.
"""

from __future__ import annotations

from trustproof.model.text import BUCKET_NAME, GENERATED_NAME, RESOURCE_NAME, Symbol, Symbolic, Text, concat

#: Where a template goes: of these, some delimiters are no part.
_PLACE = ("AWS::AccountId", "AWS::Region", "AWS::Partition")
#: What CloudFormation makes a name of is letters, digits and hyphens; an id, or the URL of a queue, has no
#: comma and no blank either.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
_NOT_IN = {GENERATED_NAME: ":/,| ", RESOURCE_NAME: ", ", BUCKET_NAME: ":/,| "}


def split_text(text: Symbolic, delimiter: str) -> tuple[list[Text], bool]:
    """
    The items of a text before the first symbol that may hold the delimiter itself, and whether these are all of them.
    """
    items: list[list[str | Symbol]] = [[]]
    for part in text.parts:
        if isinstance(part, Symbol):
            if _may_hold(part, delimiter):
                return [concat(item) for item in items[:-1]], False
            items[-1].append(part)
            continue
        first, *others = part.split(delimiter)
        items[-1].append(first)
        items.extend([other] for other in others)
    return [concat(item) for item in items], True


def _may_hold(symbol: Symbol, delimiter: str) -> bool:
    """Whether a delimiter may begin or end inside what a symbol stands for, or hold it."""
    if symbol.name not in _PLACE:
        return not set(delimiter) <= set(_NOT_IN.get(symbol.holds, ""))
    ends = delimiter[0] + delimiter[-1]
    return any(char not in ":/,|" for char in ends) or "aws" in delimiter or any(map(str.isdigit, delimiter))


def is_split(item: Text) -> bool:
    """Whether it stands for the items of a text that is split, and not known."""
    return isinstance(item, Symbolic) and any(symbol.name.startswith("Fn::Split ") for symbol in item.symbols)
