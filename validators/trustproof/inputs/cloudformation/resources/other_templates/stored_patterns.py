"""
Values with wildcards that a template puts where others read them by name, and the policies that read them.

What is kept in the Parameter Store, in a secret or in a state is taken for a text without wildcards, as what is given
at deployment otherwise is: not where something of the run puts one with wildcards there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.declarations.wildcards import may_have_wildcard
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.stacks.names_for_others import open_name
from trustproof.inputs.cloudformation.resources.other_templates.kept_by_stacks import exported_by_stacks, kept_by_stacks
from trustproof.inputs.cloudformation.resources.other_templates.stored_values import KEPT
from trustproof.inputs.cloudformation.values.partly_known_names import may_be_alike
from trustproof.model.document import TRUST, Document
from trustproof.model.stored_values import EXPORTED, PARAMETER, STATE, StoredValue, is_exact, may_be
from trustproof.model.substitution import bind_patterns
from trustproof.model.text import LIST, MAY_BE_PATTERN, Symbol
from trustproof.model.wildcards import may_stand_for_wildcard

#: Names to what is kept there; None where it may have a wildcard, and nobody knows which value it is.
Patterns = Mapping[str, "str | None"]


def kept_patterns(resolver: Resolver) -> dict[str, str | None]:
    """What resources of a template keep that may have a wildcard, what is not known of its name in angle brackets."""
    environment = resolver.environment
    out: dict[str, str | None] = {}
    for logical_id in environment.of_types(KEPT):
        properties = environment.properties(logical_id)
        prefix, (saying, *others) = KEPT[str(environment.resources[logical_id].get("Type"))]
        value = properties.get(saying)
        if value is None:
            made_up = [one for name in others if isinstance(one := properties.get(name), dict)]
            value = [one.get("SecretStringTemplate") for one in made_up]
            value += ["*" for one in made_up if _may_make_up_wildcard(one)]
        # Where it is read elsewhere, a reference is text like any other.
        if not may_have_wildcard(environment, value) and "{{resolve:" not in str(value):
            continue
        is_wild = isinstance(value, str) and may_stand_for_wildcard(value)
        is_certain = is_wild and "Condition" not in environment.resources[logical_id]
        found = str(value) if is_certain and prefix == PARAMETER and "{{" not in str(value) else None
        generated = f"CFN-{logical_id}-<>" if prefix == PARAMETER else f"{logical_id}-<>"
        name = open_name(resolver, properties["Name"]) if "Name" in properties else generated
        add_pattern(out, prefix + name, found)
    for name in (*kept_by_stacks(resolver), *(EXPORTED + one for one in exported_by_stacks(resolver))):
        add_pattern(out, name, None)
    return out


def _may_make_up_wildcard(generated: Mapping[str, object]) -> bool:
    """
    Whether a secret that Secrets Manager makes up may have a wildcard: it takes all punctuation that is not left out.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
    """
    left_out = generated.get("ExcludeCharacters")
    is_left_out = isinstance(left_out, str) and set(left_out) >= set("*?")
    return not is_left_out and str(generated.get("ExcludePunctuation")).lower() != "true"


def stored_patterns(stored: Mapping[str, StoredValue]) -> dict[str, str | None]:
    """Those of values that an input keeps by itself."""
    out: dict[str, str | None] = {}
    for name, one in stored.items():
        if one.is_set_by_others or may_stand_for_wildcard(one.value if one.value is not None else one.made_of):
            add_pattern(out, name, one.value)
    return out


def add_pattern(patterns: dict[str, str | None], name: str, value: str | None) -> None:
    """Add what is kept under a name; of two that differ nobody knows which is read."""
    patterns[name] = value if patterns.get(name, value) == value else None


def with_patterns(
    documents: Iterable[Document],
    patterns: Callable[[], Patterns],
    read: Callable[[str], Mapping[str, bool]],
    hands_on: Callable[[str], bool],
) -> Iterator[Document]:
    """
    Documents in which what may have a wildcard says so, and what is known to have one is read as that.

    Args:
        patterns: gives what is kept.
        read: gives the names under which a value is kept, each with whether it is the whole of that.
        hands_on: whether a value is made of what is written with a wildcard.
    """
    known: dict[str, str | Symbol | None] = {}

    def marked(symbol: Symbol) -> str | Symbol | None:
        if symbol.name not in known:
            found = _marked(symbol, patterns, read(symbol.name), hands_on)
            is_list = symbol.holds == LIST and found is not None
            # It stays a list, of which one item may be a pattern.
            known[symbol.name] = symbol._replace(doubt=f"an item of {symbol.name} has a wildcard") if is_list else found
        return known[symbol.name]

    for document in documents:
        # Names of tenants and external ids stand in trust policies.
        yield bind_patterns(document, marked) if document.kind == TRUST else document


def _marked(
    symbol: Symbol, patterns: Callable[[], Patterns], read: Mapping[str, bool], hands_on: Callable[[str], bool]
) -> str | Symbol | None:
    """What stands for a value that may have a wildcard, or the value itself; None for any other."""
    there = patterns() if read else {}
    found = [(one, kept) for one in read for kept in there if _is_one(one, kept)]
    if not found:
        return symbol._replace(holds=MAY_BE_PATTERN) if hands_on(symbol.name) else None
    values = {there[kept] for _, kept in found}
    value = values.pop() if len(values) == 1 else None
    if value is not None and all(read[one] and one == kept and is_exact(one) for one, kept in found):
        # Nothing else is there.
        return value
    return symbol._replace(holds=MAY_BE_PATTERN)


def _is_one(read: str, kept: str) -> bool:
    return may_be(read, kept) if read.startswith(STATE) else may_be_alike(read, kept)
