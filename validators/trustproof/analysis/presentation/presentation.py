"""
Results as a reader of the report may see them: types as they are written, and nothing of what is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

from trustproof.analysis.presentation import derived_secrets
from trustproof.errors import InputError
from trustproof.inputs.reader import Input
from trustproof.model.presentation import HIDDEN, Presentation, covered, secret_pattern
from trustproof.model.text import ACCOUNT_ID
from trustproof.results.edit import Edit, unknown_names
from trustproof.results.omissions import Omission
from trustproof.results.result import RelatedPlace, Remedy, Result

T = TypeVar("T")
#: What of a result is made of values that somebody has written.
_WRITTEN = (
    "message",
    "label",
    "counterexample",
    "why",
    "reasons",
    "remedy",
    "certificate",
    "undeclared",
    "likely_own",
    "own_name",
    "holders",
    "at_defaults",
    "by_itself",
)

#: How a reason begins that gives a line to copy, and what it says where the id in that is not shown.
_DECLARE = "declare the boundary in trustproof.toml: "
_DECLARE_HIDDEN = (
    "declare in trustproof.toml whose it is, by its id under [boundary] or as a [[third-party]]: it is sensitive, and "
    "not shown here"
)


def present(result: Result, presentation: Presentation) -> Result:
    """A result as it is shown."""
    type_ = presentation.types.get(result.logical_id)
    if type_ is not None:
        result = result._replace(resource_type=type_)
    if result.remedy is not None and result.remedy.edits:
        # What a remedy demands may be there already.
        edits = tuple(edit for edit in result.remedy.edits if edit.value != edit.before)
        result = result._replace(remedy=result.remedy._replace(edits=edits))
    if presentation.unshown and result.remedy is not None and _is_unshown(result.remedy.edits, presentation):
        result = result._replace(remedy=result.remedy._replace(edits=()))
    if not presentation.has_functions and result.remedy is not None:
        result = result._replace(remedy=_without_functions(result.remedy))
    if presentation.in_its_words is not None:
        result = presentation.in_its_words(result, presentation)
    origins = presentation.origins.get(result.logical_id, ())
    if origins:
        related = tuple(RelatedPlace(result.template, path, what) for path, what in origins)
        result = result._replace(related=(*result.related, *related))
    if not presentation.secrets:
        return result
    pattern = _hiding(result, presentation.secrets, presentation.secret_keys)
    # Each keeps its type: only texts in it are replaced.
    changed: dict[str, Any] = {name: _without(getattr(result, name), pattern) for name in _WRITTEN}
    # An id that is never shown is nothing that anybody could declare.
    changed["undeclared"] = tuple(one for one in changed["undeclared"] if HIDDEN not in one.ident)
    changed["reasons"] = tuple(map(_not_to_be_copied, changed["reasons"]))
    if type_ is None:
        # What no block of the file makes is called by its name.
        changed["logical_id"] = pattern.sub(HIDDEN, result.logical_id)
    changed["related"] = tuple(one._replace(text=pattern.sub(HIDDEN, one.text)) for one in result.related)
    for name in ("likely_own", "own_name"):
        changed[name] = "" if HIDDEN in changed[name] else changed[name]
    return result._replace(**changed)


def _not_to_be_copied(reason: str) -> str:
    """A reason that does not ask for a line with an id that is never shown."""
    return _DECLARE_HIDDEN if HIDDEN in reason and reason.startswith(_DECLARE) else reason


def _without_functions(remedy: Remedy) -> Remedy:
    """A remedy for a file that can only say what is known: ``Ref`` in a policy is no value of a condition."""
    needed = {name for edit in remedy.edits for name in unknown_names(edit.value)}
    if not needed:
        return remedy
    text = f"{remedy.text} (give --account ID for what to write)" if ACCOUNT_ID in needed else remedy.text
    return Remedy(text)


def _is_unshown(edits: Iterable[Edit], presentation: Presentation) -> bool:
    """Whether some edits are about what is never shown."""
    return any(
        (str(edit.path[1]), edit.path[3:end]) in presentation.unshown
        for edit in edits
        for end in range(3, len(edit.path) + 1)
    )


def without_secrets(found: T, inputs: Iterable[Input]) -> T:
    """What was found, without the texts that some inputs never show."""
    shown = [one.presentation for one in inputs]
    secrets = frozenset(secret for one in shown for secret in one.secrets)
    keys = frozenset(key for one in shown for key in one.secret_keys)
    return cast("T", _without(found, _hiding(found, secrets, keys))) if secrets else found


def _hiding(found: object, secrets: frozenset[str], keys: frozenset[str]) -> re.Pattern[str]:
    """What finds the secrets in what was found, and what was made of them there."""
    pattern = secret_pattern(
        secrets | derived_secrets.pieces(secrets) | derived_secrets.texts_of_secrets(found, secrets, keys)
    )
    called = derived_secrets.names_pattern(derived_secrets.names(secrets))
    return re.compile(f"{pattern.pattern}|{called}") if called else pattern


def present_errors(errors: Iterable[InputError], presentations: Iterable[Presentation]) -> Iterator[InputError]:
    """Errors as they are shown: of one in a file of a module nobody says which template it is about."""
    secrets = frozenset(secret for one in presentations for secret in one.secrets)
    for error in errors:
        message = covered(error.message, secrets)
        same = message == error.message
        yield error if same else type(error)(message, error.file, error.line, error.column)


def present_omissions(omissions: Iterable[Omission], presentations: Mapping[str, Presentation]) -> Iterator[Omission]:
    """What nobody has looked into as it is shown; the presentations are by the name of the template."""
    for one in omissions:
        secrets = presentations[one.template].secrets if one.template in presentations else frozenset()
        yield one._replace(what=covered(one.what, secrets), which=covered(one.which, secrets)) if secrets else one


def _without(value: object, pattern: re.Pattern[str]) -> object:
    return in_other_words(value, lambda text: pattern.sub(HIDDEN, text))


def in_other_words(value: object, change: Callable[[str], str]) -> object:
    """Something with other texts; whatever else is in it stays what it is."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        inner = [in_other_words(item, change) for item in value]
        make = getattr(type(value), "_make", None)
        return tuple(inner) if make is None else make(inner)
    if isinstance(value, list):
        return [in_other_words(item, change) for item in value]
    if isinstance(value, Mapping):
        return {in_other_words(key, change): in_other_words(inner, change) for key, inner in value.items()}
    return value
