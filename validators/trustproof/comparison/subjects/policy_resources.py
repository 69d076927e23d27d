"""
What a policy stands on, on two sides: whether that is one resource, and what it is called.

A permission or a queue policy is a resource of its own, and says in a property which function or queue it is for: if
that is another one, access to the one is lost and access to the other gained, though the policy is the same to the
letter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from trustproof.aws.lambda_functions import name_and_qualifier
from trustproof.comparison.subjects.subjects import Subject
from trustproof.inputs.reader import Input
from trustproof.inputs.written_input import OtherResource
from trustproof.model.document import IDENTITY, RESOURCE
from trustproof.model.text import SECRET_ENDING, Symbol, Symbolic, Text

#: Types of policies that are resources of their own.
_ATTACHED = re.compile(r"(?:Policy|Permission|VaultLock)$")
#: Properties that say of such a policy what it is for.
_NAMES = re.compile(r"(?:Arn|ARN|Name|Id|Identifier|Bucket|AccessPoint|Queue)s?$")
#: Properties that are called like that, and name the policy itself, its statement or its callers.
_OTHERS = re.compile(r"Policy(?:Name|Id)|Sid|StatementId|Principal.*|Organization.*|Source.*|Role.*|.*Token")
_PSEUDO, _FUNCTION = "pseudo-parameter", "intrinsic"
_LOOKED_UP = ("dynamic-reference", "import")
#: No template has it.
_HOLE = "\0"


def are_others(new: Subject, old: Subject, renamed: Mapping[str, str]) -> bool:
    """
    Whether two policies surely stand on two resources, or on what nobody could take for one.

    Args:
        renamed: logical ids of the new side to those that the same resources have on the old side.
    """
    if new.name and old.name:
        return new.name != old.name
    if new.kind == IDENTITY:
        return False
    names = {**renamed, new.logical_id: old.logical_id}
    if "*" in (new.arn, old.arn) or (_is_called_by_its_policy(new) and _is_called_by_its_policy(old)):
        return _is_attached(new) and _is_attached(old) and _written_otherwise(new, old, names)
    if _may_be_one(new.arn, old.arn, new, old, names):
        return False
    # A resource is itself whatever its name is made of, unless the names cannot be the same.
    return _is_attached(new) or _skeleton(new.arn, new, old, names) == _skeleton(old.arn, old, new, {})


def are_put_on_others(new: Subject, old: Subject) -> bool:
    """Whether two policies, each one that is put on something, are surely put on two things."""
    is_put = new.kind == IDENTITY or (_is_attached(new) and _is_attached(old))
    return is_put and are_others(new, old, {})


def looked_up_otherwise(pair: tuple[Subject | None, Subject | None]) -> str:
    """
    Why it is not known whether it is put on the same what both sides say, neither of which makes that: it is looked up
    by another name; empty where it is not.
    """
    new, old = pair
    if new is None or old is None or not isinstance(new.arn, Symbolic) or not isinstance(old.arn, Symbolic):
        return ""
    is_declared = bool(new.path or old.path)
    is_put_on_something = not is_declared if new.kind == IDENTITY else _is_attached(new) and _is_attached(old)
    if not is_put_on_something:
        return ""
    there = {symbol.name for symbol in old.arn.symbols}
    for symbol in new.arn.symbols:
        name = symbol.name
        if name not in there and symbol.kind in _LOOKED_UP:
            return f"{name} says who or what has the policy, and on the old side something else does"
        declared = [one.home.written(("Parameters", name)) for one in (new, old)] if name in there else []
        defaults = [one.get("Default") for one in declared if isinstance(one, Mapping)]
        if len(defaults) == 2 and defaults[0] != defaults[1]:
            return f"{name} says who or what has the policy, and is looked up by another name on the old side"
    return ""


def may_be_one(new: Subject, old: Subject) -> bool:
    """Whether what two policies stand on is one for some account, partition or Region that one of them leaves open."""
    return _may_be_one(new.arn, old.arn, new, old, {})


def known_name(subject: Subject) -> str:
    """The last field of the ARN of what a policy stands on, empty where something of it is not known."""
    arn = subject.arn
    if subject.kind != RESOURCE or arn == "*":
        return ""
    last = arn.parts[-1] if isinstance(arn, Symbolic) else arn
    return last.rpartition(":")[2] if isinstance(last, str) and (last is arn or ":" in last) else ""


def _bare(name: str) -> str:
    """What is known later as a whole, by its own name; of what is known in part it is shown which."""
    return name[1:-1] if re.fullmatch("<[^<>]*>", name) else name


def resource_name(subject: Subject) -> str:
    """What the resource is called that a policy stands on; empty where it is not known."""
    if subject.kind != RESOURCE:
        return ""
    symbols = subject.arn.symbols if isinstance(subject.arn, Symbolic) else ()
    # A function is no name: what makes the resource has one.
    is_expression = any(one.kind == _FUNCTION for one in symbols) and _is_attached(subject)
    if subject.arn != "*" and not is_expression:
        arn = str(subject.arn).replace("<AWS::", "<")
        if qualified := name_and_qualifier(arn):
            return ":".join(_bare(one) for one in qualified if one)
        return _bare(re.split("[:/]", arn.removesuffix(":*"))[-1])
    if not _is_attached(subject):
        return ""
    found = [name for value in _places(subject).values() for name in _named(subject.home, value)]
    return ", ".join(dict.fromkeys(found))


def _is_attached(subject: Subject) -> bool:
    is_one = _ATTACHED.search(subject.resource_type) is not None or _written(subject)[1] is not None
    return is_one or bool(_put_on(subject))


# -- ARNs


def _may_be_one(new: Text, old: Text, new_side: Subject, old_side: Subject, names: Mapping[str, str]) -> bool:
    first, second = _parts(new, new_side, old_side, names), _parts(old, old_side, new_side, {})
    return first == second or _fits(first, second) or _fits(second, first)


def _parts(text: Text, here: Subject, there: Subject, names: Mapping[str, str]) -> list[str | Symbol]:
    """The parts of a text, those that are made of resources called as on the other side."""
    parts = text.parts if isinstance(text, Symbolic) else (text,)
    return [part if isinstance(part, str) else _alias(part, here, there, names) for part in parts]


def _alias(symbol: Symbol, here: Subject, there: Subject, names: Mapping[str, str]) -> Symbol:
    if symbol.kind != "attribute" or symbol.holds == SECRET_ENDING:
        return symbol
    logical_id = _named_in(symbol.name, names)
    dot, attribute = ("." if symbol.name != logical_id else ""), symbol.name[len(logical_id) + 1 :]
    # Only one side is renamed, so that both have the names of the old one.
    known = names.get(logical_id) or (_moved(logical_id, here, there) if names else None) or logical_id
    return Symbol(f"{known}{dot}{attribute}", symbol.kind)


def _named_in(attribute: str, names: Mapping[str, str]) -> str:
    """The logical id in the name of an attribute; that of a resource of Terraform's has dots, too."""
    before = attribute
    while before and before not in names:
        before = before.rpartition(".")[0]
    return before or attribute.partition(".")[0]


def _moved(logical_id: str, here: Subject, there: Subject) -> str | None:
    """The logical id that a resource has on the other side, where it is one there that is not here, written alike."""
    resources, others = (one.home.written(("Resources",)) for one in (here, there))
    if not isinstance(resources, Mapping) or not isinstance(others, Mapping) or logical_id in others:
        return None
    own = _body(resources.get(logical_id))
    found = [name for name, body in others.items() if name not in resources and _body(body) == own]
    return str(found[0]) if own is not None and len(found) == 1 else None


def _body(resource: object) -> object:
    if not isinstance(resource, Mapping):
        return None
    return {key: value for key, value in resource.items() if key != "Metadata"}


def _fits(parts: list[str | Symbol], others: list[str | Symbol]) -> bool:
    """
    Whether one text may be the other, for some account, partition or Region that it leaves open, or what Secrets
    Manager adds to a name.
    """
    shape = "".join(re.escape(part) if isinstance(part, str) else _shape(part) for part in parts)
    return re.fullmatch(shape, "".join(part if isinstance(part, str) else _shown(part) for part in others)) is not None


def _shape(symbol: Symbol) -> str:
    if symbol.holds == SECRET_ENDING:
        return f"(?:[A-Za-z0-9]{{6}}|{re.escape(_shown(symbol))})"
    return "[^:]*" if symbol.kind == _PSEUDO else re.escape(_shown(symbol))


def _shown(symbol: Symbol) -> str:
    return f"{_HOLE}{symbol.name.replace(':', '')}{_HOLE}"


def _skeleton(text: Text, here: Subject, there: Subject, names: Mapping[str, str]) -> list[str]:
    """What of a text is not known; of which two that differ all the same are never one."""
    return [part.name for part in _parts(text, here, there, names) if isinstance(part, Symbol)]


# -- properties


def _written_otherwise(new: Subject, old: Subject, names: Mapping[str, str]) -> bool:
    first, second = _places(new), _places(old)
    return _comparable(first, new, old, names) != _comparable(second, old, new, {})


def _places(subject: Subject) -> dict[str, object]:
    """The properties that say what a policy is for."""
    properties, other = _written(subject)
    named = {
        str(key): value
        for key, value in properties.items()
        if _NAMES.search(str(key)) and not _OTHERS.fullmatch(str(key))
    }
    if other is not None and other.named is not None:
        return {**named, "": other.named}
    return named or _put_on(subject)


def _is_called_by_its_policy(subject: Subject) -> bool:
    """Whether the ARN of what a policy is put on says no more than which policy it is, though there is more to say."""
    symbols = subject.arn.symbols if isinstance(subject.arn, Symbolic) else ()
    return any(one.name == subject.logical_id for one in symbols) and bool(_put_on(subject))


def _put_on(subject: Subject) -> dict[str, object]:
    """What says on which resource a policy is put, where no property of its type does."""
    path = subject.at_home(subject.path)[1]
    put_on = subject.home.put_on(path[: path.index("Properties")]) if "Properties" in path else None
    return {str(name): value for name, value in put_on.items()} if isinstance(put_on, Mapping) else {}


def _written(subject: Subject) -> tuple[Mapping[object, object], OtherResource | None]:
    """The properties of the resource that a policy is in, and which other one it is for where these do not say it."""
    path = subject.at_home(subject.path)[1]
    place = path[: path.index("Properties")] if "Properties" in path else ()
    if not place:
        return {}, None
    properties = subject.home.written((*place, "Properties"))
    return properties if isinstance(properties, Mapping) else {}, subject.home.other_resource(place)


def _comparable(value: object, here: Subject, there: Subject, names: Mapping[str, str]) -> str:
    return json.dumps(_aliased(value, here, there, names), sort_keys=True, default=str)


def _aliased(value: object, here: Subject, there: Subject, names: Mapping[str, str]) -> object:
    if isinstance(value, list):
        return [_aliased(one, here, there, names) for one in value]
    if not isinstance(value, Mapping):
        return value
    if (found := here.home.reference(value)) is not None:
        logical_id, attribute = found
        return {"resource": _alias(Symbol(logical_id, "attribute"), here, there, names).name, "attribute": attribute}
    return {str(key): _aliased(one, here, there, names) for key, one in value.items()}


def _named(home: Input, value: object) -> Iterator[str]:
    """What a property names, in short."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield re.split("[:/]", one)[-1]
        elif isinstance(one, Mapping) and (found := home.reference(one)) is not None:
            yield found[0]
