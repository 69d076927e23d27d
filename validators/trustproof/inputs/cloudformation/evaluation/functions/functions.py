"""
What each intrinsic function gives.

A function that depends on what is known only at deployment gives a symbol named after itself, so that two uses of the
same function with the same arguments are the same value.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from trustproof.aws.partitions import PARTITIONS, REGIONS, partition_of, regions_in
from trustproof.inputs.cloudformation.evaluation.conditions.list_values import allowed_items, chosen_list
from trustproof.inputs.cloudformation.evaluation.declarations.mapping_entries import row_of
from trustproof.inputs.cloudformation.evaluation.declarations.other_stacks import imported, value_of_other_stack
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.evaluation.texts.address_blocks import blocks
from trustproof.inputs.cloudformation.evaluation.texts.split_texts import is_split, split_text
from trustproof.inputs.cloudformation.values.intrinsics import (
    MADE_UP,
    OWN_ORGANIZATION,
    OWN_ROOT,
    TRANSFORM,
    UNCLEAR,
    UNREAD,
    computed_names,
    render,
    sub_parts,
    with_references,
)
from trustproof.inputs.cloudformation.values.references import IMPORT, STACK_OUTPUT, carried, reference_of
from trustproof.inputs.grammar.values import NO_VALUE, NoValue, Partial, Unreadable, scalar_text
from trustproof.model.deployments import equality_key
from trustproof.model.text import (
    MAY_BE_PATTERN,
    ORGANIZATION_ROOT,
    UNIQUE,
    Symbol,
    Symbolic,
    Text,
    concat,
    length,
)


def join_texts(scope: Scope, delimiter: str, items: Iterable[Text]) -> Text:
    """Texts with a delimiter between them."""
    parts: list[Text] = []
    for item in items:
        parts += [delimiter, item]
    return _composed(scope, parts[1:])


def _composed(scope: Scope, parts: Sequence[Text]) -> Text:
    """The texts as one, whose length is known before there is one."""
    scope.environment.work.write(sum(map(length, parts)))
    return concat(parts)


def _pair(argument: object, least: int, most: int | None = None) -> list[object]:
    """The arguments of a function that takes a list."""
    if not isinstance(argument, list) or not least <= len(argument) <= (most or least):
        raise Unreadable(f"an intrinsic function has the wrong arguments: {render(argument)}")
    return argument


def _ref(scope: Scope, argument: object) -> object:
    name = scope.text(argument) if computed_names(argument) else None
    return scope.reference(name) if isinstance(name, str) else scope.unresolved("Ref", argument)


def _get_att(scope: Scope, argument: object) -> object:
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    logical_id, name = (scope.text(part) for part in _pair(argument, 2))
    if not isinstance(logical_id, str) or not isinstance(name, str):
        return scope.unresolved("Fn::GetAtt", argument)
    if (carrying := carried(scope.environment.resources.get(logical_id, {}), logical_id, name)) is not None:
        return value_of_other_stack(scope, carrying)
    made = scope.made_json(logical_id) if name == "Value" else None
    return scope.attribute(logical_id, name) if made is None else made


def _sub(scope: Scope, argument: object) -> object:
    template, given = (argument, {}) if isinstance(argument, str) else _pair(argument, 2)
    if not isinstance(template, str):
        # A text is taken as it is written: a variable may stand inside a dynamic reference.
        template = scope.text(template)
    if not isinstance(template, str) or not isinstance(given, dict):
        return scope.unresolved("Fn::Sub", argument)
    parts: list[Text] = []
    read: dict[str, object] = {}
    for is_variable, part in sub_parts(template):
        if not is_variable:
            parts.append(part)
            continue
        value: object
        if part in given:
            # What stands there may have variables too: read as often as they occur, they would double and double.
            value = read[part] = read[part] if part in read else scope.text(given[part])
        elif "." in part:
            value = scope.attribute(*part.split(".", 1))
        else:
            value = scope.text(scope.reference(part))
        if isinstance(value, (str, Symbolic)):
            parts.append(value)
    return _finished(scope, _composed(scope, parts))


def _finished(scope: Scope, text: Text) -> Text:
    """A composed text; one that composes a dynamic reference is not known at all."""
    if not scope.environment.dynamic:
        return text
    if isinstance(text, str):
        return scope.literal(text)
    if any(isinstance(part, str) and "{{resolve:" in part for part in text.parts):
        return scope.symbol(Symbol(str(text), "dynamic-reference"))
    return concat(scope.literal(part) if isinstance(part, str) else part for part in text.parts)


def _join(scope: Scope, argument: object) -> object:
    delimiter, items = _pair(argument, 2)
    between = scope.text(delimiter)
    if not isinstance(between, str):
        return scope.unresolved("Fn::Join", argument)
    if isinstance(items, dict) and list(items) == ["Fn::Split"]:
        split_at, source = _pair(items["Fn::Split"], 2)
        if between and scope.text(split_at) == between and isinstance(whole := scope.text(source), (str, Symbolic)):
            # What is put together as it was taken apart is what it was.
            return _finished(scope, whole)
    read = scope.items(items)
    doubt = chosen_list(scope, items) if between != "," else ""
    if doubt or any(map(is_split, read)):
        # What stands between the items is in the text as well, and a wildcard there is one.
        return scope.unresolved("Fn::Join", argument, doubt)
    texts = (_between(scope, between, item) for item in read)
    return _finished(scope, join_texts(scope, between, texts))


def _between(scope: Scope, delimiter: str, item: Text) -> Text:
    """An item of a joined list; of a list that is not known, what its items become with the delimiter between them."""
    if delimiter == "," or not isinstance(item, Symbolic) or len(item.parts) > 1 or not item.symbols[0].is_list:
        return item
    allowed = "|".join(map(re.escape, item.symbols[0].allowed or ()))
    pattern = f"({allowed})({re.escape(delimiter)}({allowed}))*" if allowed else None
    name = f"Fn::Join {render([delimiter, {'Ref': item.symbols[0].name}])}"
    return scope.symbol(Symbol(name, "intrinsic", pattern=pattern))


def _if(scope: Scope, argument: object) -> object:
    name, then, otherwise = _pair(argument, 3)
    if not isinstance(name, str):
        raise Unreadable("the condition of an Fn::If is not a name")
    holds = scope.decide(name)
    if holds is None:
        if scope.choices is None:
            return _either(scope, argument, then, otherwise)
        holds = bool(scope.choices.choose(name, (True, False)))
    return then if holds else otherwise


def _either(scope: Scope, argument: object, then: object, otherwise: object) -> object:
    """What an ``Fn::If`` gives whose condition is open: one of two texts, where both are known."""
    options = [scope.resolve(one) for one in (then, otherwise)]
    texts = tuple(dict.fromkeys(one for one in options if isinstance(one, str) and one))
    if len(texts) < 2 or not all(isinstance(scope.literal(one), str) for one in texts):
        return scope.unresolved("Fn::If", argument)
    return scope.symbol(Symbol(f"Fn::If {render(argument)}", "intrinsic", texts))


#: So many entries of a mapping that may be meant are as much work as a function.
_ENTRIES = 4


def _find_in_map(scope: Scope, argument: object) -> object:
    argument = with_references(argument)
    first, second, third, *rest = _pair(argument, 3, 4)
    name = scope.text(first)
    mappings = scope.environment.mappings
    table = mappings.get(name) if isinstance(name, str) else None
    if not isinstance(name, str):
        # It may be any mapping.
        return _one_of(scope, argument, [*mappings.values()])
    if TRANSFORM in (mappings if table is None else row_of(table)):
        doubt = f"what a macro makes of the mapping {name} is not known here"
        return scope.unresolved("Fn::FindInMap", argument, doubt)
    default = rest[0].get("DefaultValue") if rest and isinstance(rest[0], dict) else None
    keys: list[Text | NoValue] = [scope.open_text(second), scope.open_text(third)]
    entries = scope.environment.entries(name)
    found = entries.under(keys, default)
    scope.environment.work.step(len(found) // _ENTRIES)
    if len(found) > 1 and (given := scope.values.get(f"Fn::FindInMap {render(argument)}")) is not None:
        return given
    for number, key in enumerate(keys):
        if isinstance(key, Symbolic) and len(found) > 1:
            # What stands under the other keys that are known is the same for all.
            keys[number] = _chosen_key(scope, key, entries.keys(keys[:number]), default)
            found = entries.under(keys, default)
    if len(found) == 1 and found[0] is not None:
        return found[0]
    if all(isinstance(key, str) for key in keys):
        return scope.unresolved("Fn::FindInMap", argument)
    return _one_of(scope, argument, found)


def _chosen_key(scope: Scope, key: Symbolic, options: Sequence[str], default: object) -> Text:
    """One of the keys that an unknown one may be, where the mapping is small enough to read each of its entries."""
    if len(key.symbols) > 1:
        return key
    (part,) = key.symbols
    if part.name in _FIXED:
        is_none = default is not None and len(key.parts) == 1
        # The key of no row stands for any other account.
        return (
            "" if is_none and all(scope.values.get(equality_key(part.name, one)) == "false" for one in options) else key
        )
    if len(key.parts) > 1:
        # With what stands around the one unknown part.
        place = key.parts.index(part)
        before, after = str(concat(key.parts[:place])), str(concat(key.parts[place + 1 :]))
        fitting = (o for o in options if o.startswith(before) and o.endswith(after) and len(o) >= len(before + after))
        inner = [option[len(before) : len(option) - len(after)] for option in fitting]
        chosen = _chosen_key(scope, Symbolic((part,)), inner, default)
        return concat((before, chosen, after)) if isinstance(chosen, str) else key
    parameter = scope.environment.parameters.get(part.name)
    if parameter is not None:
        options = [option for option in options if parameter.refusal(option) is None]
    if default is not None:
        partition = scope.values.get("AWS::Partition")
        regions = REGIONS if partition is None else regions_in(partition)
        all_there_are = {"AWS::Region": regions, "AWS::Partition": PARTITIONS}.get(part.name)
        if all_there_are is None:
            return key
        options = [*options, *[other for other in all_there_are if other not in options][:1]]
    partition = scope.values.get("AWS::Partition")
    if part.name == "AWS::Region" and partition is not None:
        options = [option for option in options if partition_of(option) == partition]
    return scope.one_of(part.name, options) or key


def _one_of(scope: Scope, argument: object, values: Sequence[object]) -> object:
    """A value of a mapping whose key is not known: any of those it may be."""
    texts = tuple(dict.fromkeys(text for value in values if (text := scalar_text(value)) is not None))
    if len(texts) == 1 and len(values) > 0 and all(scalar_text(value) is not None for value in values):
        return texts[0]
    allowed = texts if texts and all(scalar_text(value) is not None for value in values) else None
    holds = MAY_BE_PATTERN if allowed is None and any(char in str(values) for char in "*?") else ""
    return scope.symbol(Symbol(f"Fn::FindInMap {render(argument)}", "intrinsic", allowed, holds=holds))


def _select(scope: Scope, argument: object) -> object:
    index, source = _pair(argument, 2)
    position = scope.text(index)
    values = scope.resolve(source)
    if isinstance(values, Partial):
        values = values.items
    if isinstance(values, list) and isinstance(position, str):
        # An ``Fn::If`` that removes an item moves those behind it.
        present = [item for item in values if scope.resolve(item) is not NO_VALUE]
        for index, item in enumerate(present):
            if position == str(index):
                return item
    if allowed := allowed_items(scope, source):
        return scope.symbol(Symbol(f"Fn::Select {render(argument)}", "intrinsic", allowed))
    return scope.unresolved("Fn::Select", argument)


#: An ARN that begins with the place of the stack.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html#cfn-pseudo-param-stackid
_STACK_ID = {"Ref": "AWS::StackId"}


def _split(scope: Scope, argument: object) -> object:
    delimiter, source = _pair(argument, 2)
    between, text = scope.text(delimiter), scope.text(source)
    if not isinstance(between, str) or not between:
        return scope.unresolved("Fn::Split", argument)
    if isinstance(text, str):
        return text.split(between)
    if source == _STACK_ID and between == ":" and isinstance(text, Symbolic):
        # An ARN. What else stands in it is not taken apart: the partitions are told apart by what names them.
        partition, region = (scope.unresolved("Fn::Select", [n, {"Fn::Split": argument}]) for n in (1, 3))
        return Partial(["arn", partition, "cloudformation", region, scope.pseudo_text("AWS::AccountId")], argument)
    if isinstance(text, Symbolic):
        items, is_whole = split_text(text, between)
        return items if is_whole else Partial(items, argument)
    return scope.unresolved("Fn::Split", argument)


def _import_value(scope: Scope, argument: object) -> object:
    reference = reference_of(scope.text, IMPORT, argument)
    if reference is None:
        return scope.symbol(imported(scope, Symbol(f"{IMPORT} {scope.text(argument)}", "import")))
    return value_of_other_stack(scope, reference)


def _get_stack_output(scope: Scope, argument: object) -> object:
    reference = reference_of(scope.text, STACK_OUTPUT, argument)
    return scope.unresolved(STACK_OUTPUT, argument) if reference is None else value_of_other_stack(scope, reference)


def _cidr(scope: Scope, argument: object) -> object:
    given = [scope.text(part) for part in _pair(argument, 2, 3)]
    found = blocks([one for one in given if isinstance(one, str)])
    return scope.unresolved("Fn::Cidr", argument) if found is None else found


def _base64(scope: Scope, argument: object) -> object:
    text = scope.text(argument)
    if not isinstance(text, str):
        return scope.unresolved("Fn::Base64", argument)
    # Three bytes become four characters.
    scope.environment.work.write(len(text) * 2)
    return b64encode(text.encode("utf-8", "surrogatepass")).decode()


def _length(scope: Scope, argument: object) -> object:
    values = scope.resolve(argument)
    doubt = chosen_list(scope, argument)
    if isinstance(values, list) and not doubt:
        return str(len(values))
    return scope.unresolved("Fn::Length", argument, doubt)


def _to_json_string(scope: Scope, argument: object) -> object:
    return _composed(scope, _json_parts(scope, argument))


def _json_parts(scope: Scope, value: object) -> list[Text]:
    """
    The pieces of a value as JSON text without blanks; unknown texts stand between quotation marks like known ones.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ToJsonString.html
    """
    value = scope.resolve(value)
    scope.environment.work.step()
    if isinstance(value, dict):
        parts: list[Text] = []
        for key, inner in value.items():
            if (read := _json_parts(scope, inner)) != []:
                parts += ["," if parts else "", json.dumps(key) + ":", *read]
        return ["{", *parts, "}"]
    if isinstance(value, list):
        parts = []
        for inner in value:
            if (read := _json_parts(scope, inner)) != []:
                parts += ["," if parts else "", *read]
        return ["[", *parts, "]"]
    if value is NO_VALUE:
        return []
    if isinstance(value, Symbolic):
        return ['"', *(json.dumps(p)[1:-1] if isinstance(p, str) else Symbolic((p,)) for p in value.parts), '"']
    if isinstance(value, Partial):
        return ['"', scope.unresolved("Fn::Split", value.source), '"']
    if isinstance(value, str):
        scope.environment.work.write(len(value))
    return [json.dumps(value)]


def _unread(_: Scope, argument: object) -> object:
    # Beside the reason may stand what it is about.
    raise Unreadable(str(argument[0] if isinstance(argument, list) and argument else argument))


def _unclear(scope: Scope, argument: object) -> object:
    name, doubt = _pair(argument, 2)
    return scope.symbol(Symbol(str(name), "intrinsic", doubt=str(doubt)))


def _attribute_of_kind(holds: str, scope: Scope, argument: object) -> object:
    return scope.symbol(Symbol(str(argument), "attribute", holds=holds))


#: Names that get their value elsewhere: the account that a template goes to.
_FIXED = ("AWS::AccountId", "AWS::URLSuffix")
#: By the name that the template writes.
HANDLERS: dict[str, Callable[[Scope, object], object]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::ImportValue": _import_value,
    "Fn::GetStackOutput": _get_stack_output,
    "Fn::Base64": _base64,
    "Fn::Cidr": _cidr,
    "Fn::Length": _length,
    "Fn::ToJsonString": _to_json_string,
    UNREAD: _unread,
    UNCLEAR: _unclear,
    MADE_UP: partial(_attribute_of_kind, UNIQUE),
    OWN_ORGANIZATION: partial(_attribute_of_kind, ""),
    OWN_ROOT: partial(_attribute_of_kind, ORGANIZATION_ROOT),
}
