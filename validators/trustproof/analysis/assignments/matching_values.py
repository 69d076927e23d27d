"""
The values of parameters at which a name that they make matches a pattern.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice, permutations, product
from string import ascii_lowercase
from typing import NamedTuple, TypeAlias

from trustproof.engine.operands import spellings
from trustproof.model.document import Document
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties.invariant import is_of_service
from trustproof.properties.shared.open_names import may_match, named_by, of_one_case, writes_a_word
from trustproof.sets.patterns import Wildcard, exact, join
from trustproof.sets.search import BudgetReached
from trustproof.sets.strings import StringSet

#: So many values are looked for of what a pattern with a wildcard asks for: one to begin with, and one for all others.
_VALUES = 2
#: So many names are looked at for these; a parameter may refuse what it would be in one.
_TRIED = 8
#: So many values are looked at that parameters may have where one of these names gives no value that they admit.
_MOST_READINGS = 64
#: So many ways are told in which one name comes of what parameters and functions make, and looked for.
_MOST_SPLITS, _MOST_STEPS = 6, 4_000
_WILDCARDS = frozenset("*?")
#: Added to a value, where another one is wanted.
_ELSE = "-2"
#: What stands before the resource in an ARN.
_FIELDS = ("arn", "partition", "service", "region", "account")
#: For a pattern that names no Region.
_REGION = "us-east-1"
#: A policy of a queue is put on a URL.
_QUEUES = "AWS::SQS::"
#: And one of a bucket on a name.
_OF_BUCKET = "AWS::S3::BucketPolicy"
#: So many parameters are given a value at once.
_MOST_CHANGED = 2
#: What is given for a part of a name or ARN.
_OPEN = Wildcard(":", True, True)
#: Whether a parameter may have a value.
Admits: TypeAlias = Callable[[Symbol, str], bool]


class Samples(NamedTuple):
    """
    Values of parameters at which a name matches a pattern.
    """

    found: Sequence[Mapping[str, str]] = ()
    #: Whether there may be such values where none was found.
    is_open: bool = False


def samples(
    pattern: str,
    text: Symbolic,
    names: Sequence[str],
    defaults: Mapping[str, str | None],
    admits: Admits,
) -> Samples:
    """
    Some of the values of parameters at which a text matches a pattern; the others have their defaults.

    Args:
        names: the parameters.
        defaults: of these and of others.
        admits: whether a parameter may have a value.
    """
    kept = {name: value for name, value in defaults.items() if name not in names}
    parts = [_at_default(part, kept) for part in text.parts]
    wanted = StringSet.of([named_by(pattern)])
    whole = wanted & StringSet.of([_open(one) for one in spellings(Symbolic(text.parts))])
    whole &= StringSet.of([join(*(part if isinstance(part, str) else of_one_case(part) or _OPEN for part in parts))])
    shape = re.compile(_expression(parts, names), re.DOTALL)
    symbols = {one.name: one for one in text.symbols}
    found: list[Mapping[str, str]] = []
    tried: list[str] = []
    preferred: list[str] = []
    most = _VALUES if names and _WILDCARDS & {*pattern} else 1
    # What functions make of others has parts that nobody knows: any of the readings may be the one.
    is_made = any(isinstance(part, Symbol) and part.kind == "intrinsic" for part in parts)
    is_all = False
    try:
        while len(found) < most and len(tried) < _TRIED and not is_all:
            name = (whole & StringSet.outside(map(exact, tried))).sample(preferred)
            is_all, before = name is None, len(found)
            there = () if name is None else tuple(_splits(parts, name, names))
            for values in there if is_made else there[:1]:
                if values not in found and _are_admitted(values, symbols, admits):
                    found.append(values)
                    preferred = [*_others(name or "", shape, names)]
            if len(found) == before and name is not None:
                for values, read in islice(_nearly_so(parts, names, defaults, name), _MOST_READINGS):
                    if values not in found and read in wanted and _are_admitted(values, symbols, admits):
                        found.append(values)
                        preferred = [*_others(read, shape, names)]
                        break
            tried += [] if name is None else [name]
    except BudgetReached:
        pass
    return Samples(found, not found and not is_all)


def value_for_arn(pattern: str, resource_type: str, account: str) -> str:
    """
    What names a resource with an ARN of a pattern, where a policy of some type is put on it; empty where the pattern
    does not say the six fields of an ARN.

    Args:
        account: 12 digits; for a pattern that names none.
    """
    fields = pattern.split(":", 5)
    if len(fields) < len(_FIELDS) + 1 or fields[0] != "arn":
        return ""
    others = ("arn", "aws", fields[2], _REGION, account)
    known = [other if _WILDCARDS & {*one} else one for one, other in zip(fields, others, strict=False)]
    end = fields[-1].replace("*", "x").replace("?", "x")
    if resource_type.startswith(_QUEUES):
        return f"https://sqs.{known[3]}.amazonaws.com/{known[4]}/{end}"
    return ":".join((*known, end))


def given_whole(
    pattern: str,
    document: Document,
    account: str,
    texts: Iterable[Text],
    free: Mapping[str, str | None],
    admits: Admits,
) -> Iterator[tuple[str, str]]:
    """
    The parameters whose value is all that is known of what a policy is put on, each with one by which that has an ARN
    of a pattern.

    Args:
        account: 12 digits; for a pattern that names none.
        free: those that may have any value, each with its default; None for one without.
    """
    if document.resource_type == _OF_BUCKET:
        return
    value = value_for_arn(pattern, document.resource_type, account) if is_of_service(pattern, document) else ""
    for text in texts if value else ():
        symbol = text.parts[0] if isinstance(text, Symbolic) and len(text.parts) == 1 else None
        is_given = isinstance(symbol, Symbol) and free.get(symbol.name) is not None and not symbol.is_looked_up
        if isinstance(symbol, Symbol) and is_given and admits(symbol, value):
            yield symbol.name, value


def making_any(
    pattern: str, texts: Iterable[Text], defaults: Mapping[str, str | None], admits: Admits
) -> Iterator[tuple[Symbolic, Mapping[str, str] | None]]:
    """The values at which one of some texts matches a pattern, each with that text; None where nobody knows them."""
    for text in texts:
        if isinstance(text, Symbolic):
            yield from ((text, values) for values in _making(pattern, text, defaults, admits))


def matching_at_default(
    pattern: str, text: Symbolic, names: Iterable[str], defaults: Mapping[str, str | None], admits: Admits
) -> dict[str, tuple[str, ...]]:
    """
    Those of some parameters that have to be as they are by default where a text matches a pattern at the defaults, with
    the default and other values at which it does; not those that may have any value.
    """
    found: dict[str, tuple[str, ...]] = {}
    letter = _unasked(pattern)
    for name in names if letter else ():
        default, other = defaults.get(name), {**defaults, name: letter}
        if default is not None and not samples(pattern, text, (), other, admits).found:
            others = samples(pattern, text, (name,), defaults, admits).found
            found[name] = (default, *(one[name] for one in others if one[name] != default))
    return found


def _unasked(pattern: str) -> str:
    """A letter that a pattern does not ask for; empty where there is none."""
    return next((one for one in ascii_lowercase if one not in pattern), "")


def _making(
    pattern: str, text: Symbolic, defaults: Mapping[str, str | None], admits: Admits
) -> Iterator[Mapping[str, str] | None]:
    """
    The values of as few parameters as it takes at which a text matches a pattern: none where it does at defaults. None
    itself where there may be such values, and all that were tried are refused, or it takes more parameters.

    Something else has to be written in the text: a name that is nothing but what is given says nothing of what it is.
    """
    open_ = dict.fromkeys(one.name for one in text.symbols if one.name in defaults and not one.is_looked_up)
    given = tuple(name for name in open_ if defaults[name] is None)
    kept = [name for name in open_ if defaults[name] is not None]
    is_open = False
    for count in range(min(len(kept), _MOST_CHANGED) + 1):
        made = [
            samples(pattern, text, names, defaults, admits)
            for names in ((*given, *changed) for changed in combinations(kept, count))
            if _is_something_left(text, names, defaults)
        ]
        is_open = is_open or any(one.is_open for one in made)
        if any(one.found for one in made):
            yield from (values for one in made for values in one.found)
            yield from _beside_given(pattern, text, given, defaults, admits)
            return
    is_of_more = len(kept) > _MOST_CHANGED and _is_something_left(text, (*given, *kept), defaults)
    if is_open or (is_of_more and may_match(named_by(pattern), text)):
        yield None


def _beside_given(
    pattern: str, text: Symbolic, given: Sequence[str], defaults: Mapping[str, str | None], admits: Admits
) -> Iterator[Mapping[str, str]]:
    """
    The values of parameters with a default at which a text matches a pattern whatever those without one are: where one
    of these could be the whole reason, what the policy is at its other values was not asked.
    """
    kept = [one for one in dict.fromkeys(each.name for each in text.symbols) if defaults.get(one) is not None]
    letter = _unasked(pattern)
    if not given or not letter:
        return
    standing = {**defaults, **dict.fromkeys(given, letter)}
    for count in range(min(len(kept), _MOST_CHANGED) + 1):
        found = [
            values
            for changed in combinations(kept, count)
            if _is_something_left(text, (*given, *changed), defaults)
            for values in samples(pattern, text, changed, standing, admits).found
        ]
        yield from (values for values in found if values)
        if found:
            return


def _is_something_left(text: Symbolic, names: Sequence[str], defaults: Mapping[str, str | None]) -> bool:
    """
    Whether a text has something beside what some parameters are, and be it what stands between them or what the
    ``AllowedPattern`` of one asks for.
    """
    return any(
        bool(part)
        if isinstance(part, str)
        else writes_a_word(part) or bool(part.name not in names and defaults.get(part.name, "x"))
        for part in text.parts
    )


def _open(text: Text) -> tuple[str | Wildcard, ...]:
    parts = text.parts if isinstance(text, Symbolic) else (text,)
    return join(*(part if isinstance(part, str) else of_one_case(part) or _OPEN for part in parts))


def _others(name: str, shape: re.Pattern[str], names: Sequence[str]) -> Iterator[str]:
    """Names that somebody may read, to stand for all others."""
    match = shape.fullmatch(name)
    if match is not None:
        for number in range(len(names) + 1):
            yield name[: match.end(number)] + _ELSE + name[match.end(number) :]
        if names:
            yield name[: match.start(1)] + _ELSE[::-1] + name[match.start(1) :]


def _are_admitted(values: Mapping[str, str], symbols: Mapping[str, Symbol], admits: Admits) -> bool:
    return all(admits(symbols[one], value) for one, value in values.items())


def _splits(parts: Sequence[str | Symbol], name: str, names: Sequence[str]) -> Iterator[Mapping[str, str]]:
    """The values of parameters by which a text is a name, the shortest first: only some of very many."""
    seen: list[Mapping[str, str]] = []
    left = [_MOST_STEPS]

    def read(number: int, at: int, bound: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
        left[0] -= 1
        if left[0] <= 0:
            return
        if number == len(parts):
            if at == len(name):
                yield bound
            return
        part = parts[number]
        known = part if isinstance(part, str) else bound.get(part.name)
        ends = (at + size for size in range(len(name) - at + 1)) if known is None else (at + len(known),)
        for end in ends:
            piece = name[at:end]
            if ":" in piece and known is None:
                return
            if known is None and isinstance(part, Symbol):
                if not part.allowed or piece in part.allowed:
                    yield from read(number + 1, end, {**bound, part.name: piece})
            elif piece == known:
                yield from read(number + 1, end, bound)

    for bound in read(0, 0, {}):
        values = {one: bound[one] for one in names}
        if values not in seen:
            seen.append(values)
            yield values
        if len(seen) == _MOST_SPLITS:
            return


def _nearly_so(
    parts: Sequence[str | Symbol], names: Sequence[str], defaults: Mapping[str, str | None], name: str
) -> Iterator[tuple[Mapping[str, str], str]]:
    """
    The values of parameters by which a text is nearly a name, each with what it is.

    A parameter that stands in it several times may be something else in each place of the name: then it is what it was
    in one of them, or in two of them, one behind the other. One that has to be as long as its default, or of the same
    kind, begins or ends like that.
    """
    written = ""
    symbols = [part.name for part in parts if isinstance(part, Symbol)]
    for part in parts:
        is_listed = isinstance(part, Symbol) and part.allowed
        written += re.escape(part) if isinstance(part, str) else f"({_listed(part)})" if is_listed else "([^:]*?)"
    match = re.fullmatch(written, name, re.DOTALL)
    if match is None:
        return
    were: dict[str, list[str]] = {}
    for symbol, value in zip(symbols, match.groups(), strict=True):
        were.setdefault(symbol, []).append(value)
    maybe = [
        [*dict.fromkeys(_nearly(one, values, defaults) if one in names else values)] for one, values in were.items()
    ]
    for chosen in product(*maybe):
        values = dict(zip(were, chosen, strict=True))
        read = "".join(part if isinstance(part, str) else values[part.name] for part in parts)
        yield {each: values[each] for each in names}, read


def _nearly(name: str, values: Sequence[str], defaults: Mapping[str, str | None]) -> Iterator[str]:
    yield from values
    yield from map("".join, permutations(dict.fromkeys(values), 2))
    default = defaults.get(name) or ""
    for value in values:
        yield value + default[len(value) :]
        yield default[: max(0, len(default) - len(value))] + value


def _at_default(part: str | Symbol, defaults: Mapping[str, str | None]) -> str | Symbol:
    default = defaults.get(part.name) if isinstance(part, Symbol) else None
    return part if default is None else default


def _expression(parts: Sequence[str | Symbol], names: Sequence[str]) -> str:
    """A regular expression for a text, in which each of some parameters is a group."""
    written = ""
    for part in parts:
        if isinstance(part, str):
            written += re.escape(part)
        elif part.name not in names:
            written += f"(?:{_listed(part)})" if part.allowed else "[^:]*?"
        else:
            group = f"g{names.index(part.name)}"
            written += f"(?P={group})" if f"(?P<{group}>" in written else f"(?P<{group}>[^:]*?)"
    return written


def _listed(symbol: Symbol) -> str:
    return "|".join(map(re.escape, symbol.allowed or ()))
