"""
How intrinsic functions are written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

#: Begins the name of a loop.
FOREACH = "Fn::ForEach::"
#: Calls a macro.
TRANSFORM = "Fn::Transform"
#: Stands for a value that nobody can read, with the reason: a clause, or a list of it and what it is about. No function
#: of CloudFormation's.
UNREAD = "Fn::Unread"
#: Stands for one of several values, of which nobody can say which: a name for it, and the reason. None either.
UNCLEAR = "Fn::Unclear"
#: Stands for a text that a program makes up, so that no other is the same: what it is called. None either.
MADE_UP = "Fn::MadeUp"
#: Stands for the id of the organization of the account that the template goes to: what it is called. None either.
OWN_ORGANIZATION = "Fn::OwnOrganization"
#: Likewise the id of its root.
OWN_ROOT = "Fn::OwnRoot"
#: The functions of CloudFormation, those of rules and conditions included.
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
_FUNCTIONS = frozenset(
    "And Base64 Cidr Contains EachMemberEquals EachMemberIn Equals FindInMap GetAZs GetAtt GetStackOutput If"
    " ImportValue Join Length Not Or RefAll Select Split Sub ToJsonString Transform ValueOf ValueOfAll".split()
)
#: A number that is no id of an account.
_NUMBER = re.compile(r"0|[1-9][0-9]{0,4}")
_SUB = r"\$\{([^}]*)\}"


def intrinsic_name(value: object) -> str | None:
    """``Ref`` or ``Fn::…`` where a value is an intrinsic function; None elsewhere."""
    if isinstance(value, dict) and len(value) == 1:
        (name,) = value
        if name == "Ref" or name.startswith("Fn::"):
            return str(name)
    return None


def is_foreign(name: str) -> bool:
    """Whether a function is none of CloudFormation: a tag of another tool, as Rain's ``!Rain::Module``."""
    return name.startswith("Fn::") and not name.startswith(FOREACH) and name.removeprefix("Fn::") not in _FUNCTIONS


def foreign_type(resource: Mapping[str, object]) -> str | None:
    """The tag of another tool that says what a resource is, as YAML has it; None where there is none."""
    given = resource.get("Type")
    for value in (resource, given):
        name = intrinsic_name(value)
        if name is not None and is_foreign(name):
            return "!" + name.removeprefix("Fn::")
    # As JSON, which has no tags, says the same.
    name = next(iter(given)) if isinstance(given, dict) and len(given) == 1 and intrinsic_name(given) is None else ""
    return f"!{name}" if "::" in name else None


def render(argument: object) -> str:
    """An argument of an intrinsic function as a user would recognise it."""
    if isinstance(argument, str):
        return argument
    if isinstance(argument, dict) and isinstance(argument.get("Name"), str):
        return str(argument["Name"])
    return json.dumps(_alike(argument), sort_keys=True, default=str)


def _alike(value: object) -> object:
    """
    A value in the one form of all that CloudFormation takes for the same: the index of an ``Fn::Select`` is ``"4"`` in
    one template and ``4`` in another one, and templates of YAML have texts only.
    """
    match value:
        case dict():
            return {key: _alike(one) for key, one in value.items()}
        case list():
            return [_alike(one) for one in value]
        case bool():
            return "true" if value else "false"
        case str() if _NUMBER.fullmatch(value):
            return int(value)
        case _:
            return value


@lru_cache(maxsize=4096)
def sub_parts(template: str) -> tuple[tuple[bool, str], ...]:
    """The parts of an ``Fn::Sub`` text: (is a variable, text or name)."""
    parts: list[tuple[bool, str]] = []
    end = 0
    for match in re.finditer(_SUB, template[: template.rfind("}") + 1]):
        parts.append((False, template[end : match.start()]))
        name = match.group(1).strip()
        if name.startswith("!"):
            parts.append((False, f"${{{name[1:]}}}"))
        elif ":" in name and not name.startswith("AWS::"):
            # A policy variable where the author forgot the ``!``; CloudFormation refuses it, and it names no parameter.
            parts.append((False, match.group()))
        else:
            parts.append((True, name))
        end = match.end()
    parts.append((False, template[end:]))
    return tuple(parts)


def variables_of(argument: object) -> list[str]:
    """The names that the text of an ``Fn::Sub`` takes from the template."""
    template, given = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    if not isinstance(template, str):
        return []
    own = given if isinstance(given, dict) else {}
    return [name for is_variable, name in sub_parts(template) if is_variable and name not in own]


def referred_name(value: object) -> str | None:
    """
    The name that a value is a reference to, and nothing else; None for any other value.

    >>> referred_name({"Fn::Sub": "${AWS::Region}"}), referred_name({"Fn::Sub": "${Stage}-hub"})
    ('AWS::Region', None)
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    ((function, argument),) = value.items()
    if function == "Ref":
        return argument if isinstance(argument, str) else None
    names = variables_of(argument) if function == "Fn::Sub" else []
    text = argument[0] if isinstance(argument, list) and argument else argument
    return names[0] if len(names) == 1 and text == f"${{{names[0]}}}" and "." not in names[0] else None


def with_references(argument: object) -> object:
    """What a lookup in a mapping is given, with a key that is a reference written as one."""
    if not isinstance(argument, list) or len(argument) not in (3, 4):
        return argument
    name, *keys = argument
    return [name, *({"Ref": named} if (named := referred_name(key)) else key for key in keys[:2]), *keys[2:]]


def computed_names(argument: object) -> list[str] | None:
    """
    What a ``Ref`` may name, which ``AWS::LanguageExtensions`` lets functions say. None where that cannot be told from
    what is written: of such a name nobody could tell which parameters it reads.

    >>> computed_names({"Fn::If": ["IsDev", "Dev", {"Fn::Sub": "Prod"}]}), computed_names({"Fn::Sub": "${Name}"})
    (['Dev', 'Prod'], None)
    """
    if isinstance(argument, str):
        return [argument]
    if not isinstance(argument, Mapping) or len(argument) != 1:
        return None
    ((function, inner),) = argument.items()
    if function == "Fn::Sub" and isinstance(inner, str) and "${" not in inner:
        return [inner]
    if function != "Fn::If" or not isinstance(inner, list) or len(inner) != 3:
        return None
    found: list[str] = []
    for branch in inner[1:]:
        names = computed_names(branch)
        if names is None:
            return None
        found += names
    return found


def names_of(function: str, argument: object) -> Iterator[str]:
    """The parameters and resources that a ``Ref``, ``Fn::GetAtt`` or ``Fn::Sub`` names; none for another function."""
    if function == "Ref":
        yield from computed_names(argument) or ()
    elif function == "Fn::GetAtt":
        yield str(argument[0] if isinstance(argument, list) and argument else argument).partition(".")[0]
    elif function == "Fn::Sub":
        yield from (name.partition(".")[0] for name in variables_of(argument))


def attributes_of(function: str, argument: object) -> Iterator[tuple[object, object]]:
    """
    The logical id and the attribute of each thing of a resource that an ``Fn::GetAtt`` or ``Fn::Sub`` names, however
    that is written; none for another function.

    >>> [*attributes_of("Fn::GetAtt", "Hub.Arn")], [*attributes_of("Fn::Sub", "${Hub.Arn}/*")]
    ([('Hub', 'Arn')], [('Hub', 'Arn')])
    """
    if function == "Fn::GetAtt":
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if isinstance(parts, list) and len(parts) == 2:
            yield parts[0], parts[1]
    elif function == "Fn::Sub":
        for name in variables_of(argument):
            logical_id, dot, attribute = name.partition(".")
            if dot:
                yield logical_id, attribute


def reference(value: object) -> tuple[str, str] | None:
    """The name and the attribute that ``Ref`` or ``Fn::GetAtt`` names; None for any other value."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    ((function, named),) = value.items()
    if function == "Ref" and isinstance(named, str):
        return named, ""
    if function != "Fn::GetAtt":
        return None
    first, *rest = named.split(".", 1) if isinstance(named, str) else named if isinstance(named, list) else ("",)
    return (first, str(rest[0]) if rest else "") if isinstance(first, str) and first else None


def names_in(value: object) -> Iterator[str]:
    """The parameters and resources that something names at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from names_in(item)
    elif isinstance(value, dict):
        for function, argument in value.items():
            yield from names_of(function, argument)
            yield from names_in(argument)


def is_literal(value: object) -> bool:
    """Whether something says the same wherever it is deployed: it has no function and no dynamic reference in it."""
    if isinstance(value, list):
        return all(map(is_literal, value))
    if isinstance(value, dict):
        return all(key != "Ref" and not str(key).startswith("Fn::") and is_literal(one) for key, one in value.items())
    return not isinstance(value, str) or "{{" not in value
