"""
From values of Terraform to what the reader of templates takes: texts, lists and mappings with functions in them.

What is not known becomes a reference by the name that a user knows it by, and so is one symbol wherever it stands. Of
the texts that are known each stands for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from trustproof.inputs.cloudformation.evaluation.texts import leftovers
from trustproof.inputs.cloudformation.values.intrinsics import UNCLEAR, UNREAD
from trustproof.inputs.grammar import policy_text
from trustproof.inputs.grammar.left_over import LEFT_OVER_OF
from trustproof.inputs.grammar.values import LeftOverKey, OpenKey
from trustproof.inputs.terraform.accounts.issuers import part_of_key
from trustproof.inputs.terraform.configuration.evaluation.open_instances import OfInstances
from trustproof.inputs.terraform.configuration.policy_documents.opposite_elements import with_opposites
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import value_text as spelled
from trustproof.inputs.terraform.snapshots.data_sources import is_of_roles
from trustproof.inputs.terraform.values.conditions import Condition
from trustproof.inputs.terraform.values.merged_objects import MergedObject
from trustproof.inputs.terraform.values.provider_documents import DocumentText, SortedItems, with_statements
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.untyped_scalar import UntypedScalar
from trustproof.inputs.terraform.values.values import (
    UNSAID,
    Attribute,
    Choice,
    Entry,
    Fields,
    Items,
    JsonText,
    Known,
    Maybe,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
)

#: What is not there: an argument that is ``null``, or empty where that is the same.
ABSENT = object()


class References(Protocol):
    """
    What names stand for in one template.
    """

    @property
    def region(self) -> str | None:
        """The Region that it goes to, where that is known."""
        ...

    def attribute(self, attribute: Attribute) -> object:
        """The expression for an attribute of a resource or data source."""
        ...

    def condition(self, condition: Condition) -> str:
        """The name of a condition of the template."""
        ...

    def variable(self, name: str) -> object:
        """The expression for a variable of the root module that has no value."""
        ...

    def several(self, name: str) -> object:
        """The expression for a list of which nothing is known."""
        ...


def lower_value(value: Value, references: References) -> object:
    """A value as an expression of a template."""
    make = _LOWER.get(type(value)) or next((one for kind, one in _LOWER.items() if isinstance(value, kind)), None)
    if make is None:
        # What only the evaluator of configurations knows: a resource as a whole.
        assert isinstance(value, Unknown), value
        return reference(value.shown)
    return make(value, references)


def reference(name: str) -> object:
    """What stands for a value by its name: an interpolation in that of an expression is none of a template's."""
    return {"Ref": name.replace("${", "{")}


def lowered_text(value: Value, references: References) -> object:
    """A value where a text is wanted: what stands in a template of Terraform's becomes text."""
    if isinstance(value, UntypedScalar):
        return lowered_text(value.of, references)
    if isinstance(value, Known) and not isinstance(value.value, str):
        return _scalar(value.value)
    return lower_value(value, references)


def unread(reason: str) -> object:
    """What stands for a value that nobody can read."""
    return {UNREAD: reason}


def unknown_policy(reason: str) -> object:
    """A policy that may say anything, beside others that are known."""
    return {"Version": "2012-10-17", "Statement": unread(reason)}


def policy(value: Value, references: References, why: Callable[[Unknown], str]) -> object:
    """
    A policy; `ABSENT` where there is none.

    Args:
        why: gives the reason why something is not known, where that is the whole policy.
    """
    if isinstance(value, JsonText) and _is_text(value.of):
        # A text in JSON has quotation marks around it, whatever it says, and is no policy.
        return unread("the policy is the JSON of a text, and not of an object: whoever encodes a policy does so once")
    if isinstance(value, JsonText):
        return lower_value(value.of, references)
    if isinstance(value, Known):
        return ABSENT if value.value in (None, "") else document(value.value)
    if isinstance(value, Choice):
        if (merged := with_statements(value)) is not None:
            return lower_value(merged.of, references)
        sides = [_side(side, references, why) for side in (value.then, value.otherwise)]
        if all(side is ABSENT for side in sides):
            return ABSENT
        nothing = {"Ref": "AWS::NoValue"}
        name = references.condition(value.condition)
        return {"Fn::If": [name, *(nothing if side is ABSENT else side for side in sides)]}
    if isinstance(value, Unknown):
        return unread(why(value))
    return lower_value(value, references)


def _is_text(value: Value) -> bool:
    """Whether a value is a text, and not of another kind."""
    return isinstance(value, Text) or (isinstance(value, Known) and isinstance(value.value, str))


def _side(value: Value, references: References, why: Callable[[Unknown], str]) -> object:
    """One of two policies: of one that nobody knows, the other is judged all the same."""
    if isinstance(value, Unknown) and not isinstance(value, Choice):
        return unknown_policy(why(value))
    return policy(value, references, why)


def document(text: object) -> object:
    """The document that a text is; the text itself where it is none, for whoever says so."""
    if not isinstance(text, str):
        return str(text)
    try:
        found = policy_text.parse(text)
    except policy_text.NotJson:
        return text
    if '"Fn::' in text or '"Ref"' in text:
        # No policy of AWS holds them, and they would be read as functions.
        name = _function_in(found)
        if name:
            return unread(f"the policy holds {name}, which no policy does")
    return _with_left_over(found) if leftovers.may_be_in(text) else found


def _function_in(value: object) -> str:
    if isinstance(value, list):
        return next(filter(None, map(_function_in, value)), "")
    if isinstance(value, dict):
        found = next((key for key in value if key == "Ref" or key.startswith("Fn::")), "")
        return found or next(filter(None, map(_function_in, value.values())), "")
    return ""


def _with_left_over(value: object) -> object:
    """A document in which what looks like an interpolation that nobody has resolved is not known."""
    if isinstance(value, str):
        return _literal(value)
    if isinstance(value, list):
        return [_with_left_over(item) for item in value]
    if isinstance(value, dict):
        return {
            LeftOverKey(key) if leftovers.is_left_over(key) else key: _with_left_over(inner)
            for key, inner in value.items()
        }
    return value


def _literal_key(text: str) -> str:
    return LeftOverKey(text) if leftovers.is_left_over(text) else text


def _literal(text: str) -> object:
    if leftovers.stands_for_itself(text):
        return text
    parts: list[object] = []
    end = 0
    for start, stop in leftovers.left_over_parts(text):
        written = text[start:stop]
        name = written[2:-1] if written.startswith("${") else written
        parts += [text[end:start], {UNCLEAR: [f"{LEFT_OVER_OF} {name}", ""]}]
        end = stop
    return {"Fn::Join": ["", [*parts, text[end:]]]} if parts else text


def _scalar(value: object) -> object:
    """A number or a truth value as Terraform makes text of it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _known(value: Value, _: References) -> object:
    assert isinstance(value, Known)
    return _literal(value.value) if isinstance(value.value, str) else value.value


def _items(value: Value, references: References) -> object:
    assert isinstance(value, Items)
    return [lowered for item in value.items for lowered in _item(item, references)]


def _item(item: Value, references: References) -> list[object]:
    if isinstance(item, Several) and _is_statement(item.one):
        # Each is judged by itself: what holds of any of them holds of all.
        one = lower_value(item.one, references)
        return [one if item.condition is None else _if_there(item.condition, one, references)]
    if not isinstance(item, OfInstances):
        return [lower_value(item, references)]
    one, condition = lower_value(item.one, references), item.instances.condition
    if condition is not None:
        one = _if_there(condition, one, references)
    return [one, _rest(item, references)]


def _is_statement(value: Value) -> bool:
    """Whether a value is a statement of a policy, in any case."""
    if isinstance(value, Choice):
        return _is_statement(value.then) and _is_statement(value.otherwise)
    return isinstance(value, Fields) and "Effect" in value.by_key


def _rest(value: Value, references: References) -> object:
    assert isinstance(value, Rest)
    if value.budget:
        return unread(value.budget)
    if isinstance(value.of, Attribute) and is_of_roles(value.of):
        return references.attribute(value.of)
    return references.several(spelled(value.of))


def _maybe(value: Value, references: References) -> object:
    assert isinstance(value, Maybe)
    return _if_there(value.condition, lower_value(value.value, references), references)


def _if_there(condition: Condition, lowered: object, references: References) -> object:
    return {"Fn::If": [references.condition(condition), lowered, {"Ref": "AWS::NoValue"}]}


def _fields(value: Value, references: References) -> object:
    assert isinstance(value, Fields)
    entries = with_opposites(value).entries
    found = {_key(entry.key, references): lower_value(entry.value, references) for entry in entries}
    name = next(iter(found), "")
    if len(found) == 1 and (name == "Ref" or name.startswith("Fn::")):
        return {UNREAD: f"it holds {name}, which no policy does"}
    return found


def _merged(value: Value, references: References) -> object:
    """What an object has in any case, beside keys that nobody knows."""
    assert isinstance(value, MergedObject)
    if not value.entries:
        return _symbol(value, references)
    known = {key: lower_value(of, references) for key, of in value.entries.items()}
    return {OpenKey(value.shown): reference(value.shown), **known}


def _key(key: Value, references: References) -> str:
    if isinstance(key, Known):
        text = str(_scalar(key.value)) if not isinstance(key.value, str) else key.value
        return _literal_key(text)
    found = lowered_text(key, references)
    if isinstance(found, dict) and len(found) == 1 and "Fn::Join" in found:
        parts = [part_of_key(part, references.region) for part in found["Fn::Join"][1]]
        known = [part for part in parts if isinstance(part, str)]
        found = "".join(known) if len(known) == len(parts) else found
    return OpenKey(recognisable_text(key)) if not isinstance(found, str) else found


def _text(value: Value, references: References) -> object:
    assert isinstance(value, Text)
    # A text that is put together of others, which are put together, is one of all their pieces: names that are made of
    # each other in a row would be gone through again for each of them.
    pieces: list[object] = []
    for piece in value.pieces:
        for part in _pieces(lowered_text(piece, references)):
            if isinstance(part, str) and pieces and isinstance(pieces[-1], str):
                pieces[-1] += part
            else:
                pieces.append(part)
    return {"Fn::Join": ["", pieces]}


def _pieces(found: object) -> list[object]:
    """What an expression for a text is put together of, with nothing between; itself where it is of one piece."""
    match found:
        case {"Fn::Join": ["", [*pieces]], **others} if not others:
            return pieces
        case _:
            return [found]


def _json_text(value: Value, references: References) -> object:
    assert isinstance(value, JsonText)
    if not _is_in_order(value.of):
        return unread("it is the JSON of a set, whose order is not known")
    if value.is_known:
        return lower_value(convert.plain_text(value), references)
    written = value.of if isinstance(value, DocumentText) else _with_sorted_keys(value.of)
    return {"Fn::ToJsonString": lower_value(written, references)}


def _is_in_order(value: Value) -> bool:
    """Whether it is known in which order everything in a value is."""
    if isinstance(value, Items) and not convert.is_ordered(value):
        return False
    return all(map(_is_in_order, value.parts()))


def _with_sorted_keys(value: Value) -> Value:
    """A value in whose objects the keys are in the order of their JSON."""
    if isinstance(value, Items):
        return type(value)(tuple(map(_with_sorted_keys, value.items)), value.is_set, value.place, value.sensitive)
    if not isinstance(value, Fields):
        return value
    entries = (Entry(key, _with_sorted_keys(of)) for key, of in sorted(value.entries, key=convert.entry_order))
    return Fields(tuple(entries), value.place, value.sensitive, value.of)


def _symbol(value: Value, _: References) -> object:
    assert isinstance(value, Symbol)
    return unread(value.reason) if value.kind == UNSAID else reference(value.name)


def _variable(value: Value, references: References) -> object:
    assert isinstance(value, Variable)
    return references.several(value.name) if value.is_list else references.variable(value.name)


def _untyped(value: Value, references: References) -> object:
    assert isinstance(value, UntypedScalar)
    # IAM reads a text like the truth value or number that it is of.
    return lower_value(value.of, references)


def _attribute(value: Value, references: References) -> object:
    assert isinstance(value, Attribute)
    return references.attribute(value)


def _choice(value: Value, references: References) -> object:
    assert isinstance(value, Choice)
    then, otherwise = (
        {"Ref": "AWS::NoValue"} if isinstance(side, Known) and side.value is None else lower_value(side, references)
        for side in (value.then, value.otherwise)
    )
    if isinstance(then, dict) and "Ref" in then and then == otherwise:
        # What is asked of AWS in two places is one.
        return then
    return {"Fn::If": [references.condition(value.condition), then, otherwise]}


def recognisable_text(value: Value) -> str:
    """A value as a user would recognise it."""
    if isinstance(value, Known):
        return str(_scalar(value.value))
    if isinstance(value, Text):
        return "".join(
            recognisable_text(piece) if isinstance(piece, Known) else f"<{recognisable_text(piece)}>"
            for piece in value.pieces
        )
    return value.shown if isinstance(value, Unknown) else "a value"


_LOWER: Mapping[type[Value], Callable[[Value, References], object]] = {
    Known: _known,
    Items: _items,
    SortedItems: _items,
    Rest: _rest,
    Maybe: _maybe,
    Fields: _fields,
    Text: _text,
    JsonText: _json_text,
    DocumentText: _json_text,
    MergedObject: _merged,
    Symbol: _symbol,
    Variable: _variable,
    UntypedScalar: _untyped,
    Attribute: _attribute,
    Choice: _choice,
}
