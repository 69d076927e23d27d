"""
White space before the lines of a text.

https://developer.hashicorp.com/terraform/language/functions/indent
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.inputs.terraform.configuration.evaluation.functions.registry import Context, function, whole
from trustproof.inputs.terraform.configuration.evaluation.null_operands import may_be_null
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown, OverBudget
from trustproof.inputs.terraform.values.provider_documents import DocumentText
from trustproof.inputs.terraform.values.values import Attribute, JsonText, Known, Text, Value
from trustproof.results.result import BUDGET

#: How many spaces `indent` writes.
_MOST_SPACES = 1000


@function(2)
def indent(context: Context, arguments: Sequence[Value]) -> Value:
    """A text with spaces before each line but the first; what is unknown is a part of it, if it is one line."""
    spaces = whole(arguments[0])
    if spaces < 0:
        raise Fault("the number of spaces is negative")
    if spaces > _MOST_SPACES:
        raise OverBudget(f"{BUDGET}: spaces before a line ({_MOST_SPACES})")
    found = _indented(context, convert.text(arguments[1]), "\n" + " " * spaces)
    return convert.join_texts(found.pieces, context.place) if isinstance(found, Text) else found


def _indented(context: Context, value: Value, line: str) -> Value:
    if isinstance(value, DocumentText) and value.is_known:
        value = convert.plain_text(value)
    if isinstance(value, Text):
        pieces = tuple(_indented(context, piece, line) for piece in value.pieces)
        return Text(pieces, value.place, value.sensitive)
    if isinstance(value, Known):
        text = str(convert.plain(value))
        context.work.write(len(text) + text.count("\n") * len(line))
        return Known(text.replace("\n", line), value.place, value.sensitive)
    # JSON has no ends of lines but those that somebody writes into it, and neither have ARNs, ids and names.
    is_json = isinstance(value, JsonText) and (not isinstance(value, DocumentText) or value.is_minified)
    if is_json or (isinstance(value, Attribute) and not may_be_null(value)):
        return value
    raise NotKnown("where the lines of a text end is not known")
