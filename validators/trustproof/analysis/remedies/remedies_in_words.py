"""
Remedies of what a template is given from elsewhere: words, and no diff that writes a value where a name stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from trustproof.analysis.remedies.remedies_as_written import leaves
from trustproof.model.policy import Path
from trustproof.model.text import Symbolic, Text
from trustproof.results.edit import ADD, END, REMOVE, REPLACE, Edit, Value
from trustproof.results.result import Remedy

#: Kinds of symbols that are what somebody gives a template; in Terraform, how their names begin.
_PARAMETER = "parameter"
_VARIABLE = "var."


def in_words(written: Remedy, is_given: Callable[[Path, str], bool]) -> Remedy:
    """
    A remedy without its diff, where that would put a value in the place of a parameter, or of what another file gives.

    Args:
        written: with the names that the template has for the values that it was judged at.
        is_given: whether the template has a text at a path from elsewhere.
    """
    replaced = (edit for edit in written.edits if edit.is_json and edit.before is not None and edit.value is not None)
    told = next((told for edit in replaced if (told := _told(edit, is_given)) is not None), None)
    if told is not None:
        return Remedy(f"{written.text}{told}")
    return without_repetition(written)


def instead(remedy: Remedy) -> str:
    """What the value is to be that a remedy changes, where it puts one text in the place of another."""
    for edit in remedy.edits:
        if edit.before is not None and edit.value is not None:
            before, after = ([text for _, text in leaves(one, edit.path)] for one in (edit.before, edit.value))
            said = _such([t for t in before if t not in after], [t for t in after if t not in before])
            if said:
                return said
    return ""


def in_a_type(edits: Sequence[Edit]) -> str:
    """What to say in the place of edits of an object whose attributes are those that a type names."""
    new, gone = ([str(one.path[-1]) for one in edits if one.operation == kind] for kind in (ADD, REMOVE))
    if gone:
        said = f"write {', '.join(new)} in the place of {', '.join(gone)}" if new else f"take out {', '.join(gone)}"
    else:
        said = f"write {', '.join(name for name in new if name != END) or 'it'}"
    return f"{said} where the variable gets its value, and in its type, which leaves out any other attribute"


def _told(edit: Edit, is_given: Callable[[Path, str], bool]) -> str | None:
    """What to say in the place of an edit; None where it can be made."""
    assert edit.before is not None
    assert edit.value is not None
    before, after = list(leaves(edit.before, edit.path)), [text for _, text in leaves(edit.value, edit.path)]
    said, then = {text for _, text in before}, set(after)
    gone = [text for _, text in before if text not in then]
    new = [text for text in after if text not in said]
    if new:
        named = next((name for name in map(_name, gone) if name), "")
        if named:
            return f", where {named} gets its value{_such(gone, new)}"
    given = [text for path, text in before if isinstance(text, str) and is_given(path, text)]
    if given:
        # What stays as it is cannot be written out either, and there is nothing to say of it.
        return f", where the value comes from{_such(gone, new)}" if any(text in gone for text in given) else ""
    is_repeated = any(isinstance(text, Symbolic) for text in said) and len(said) < len(before)
    return ", in what gives each of these values" if is_repeated and len(said) != len(then) else None


def _such(gone: Sequence[Text], new: Sequence[Text]) -> str:
    """What the value is to be, where that is one text."""
    return f': "{new[0]}"' if len(new) == len(gone) == 1 and isinstance(new[0], str) else ""


def _name(text: Text) -> str:
    """What a text is called that is nothing but what somebody gives; empty for another one."""
    if not isinstance(text, Symbolic) or len(text.parts) != 1:
        return ""
    (symbol,) = text.symbols
    return symbol.name if symbol.kind == _PARAMETER or symbol.name.startswith(_VARIABLE) else ""


def without_repetition(remedy: Remedy) -> Remedy:
    """A remedy that names nothing twice: what a loop gives for each of some values is written once."""
    return remedy._replace(edits=tuple(_once(edit) for edit in remedy.edits))


def _once(edit: Edit) -> Edit:
    if edit.operation != REPLACE:
        return edit
    return edit._replace(
        value=None if edit.value is None else _without_repetition(edit.value),
        before=None if edit.before is None else _without_repetition(edit.before),
    )


def _without_repetition(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {key: _without_repetition(found) for key, found in value.items()}
    if isinstance(value, tuple) and not isinstance(value, Symbolic):
        found: list[Value] = []
        for one in value:
            if not isinstance(one, Symbolic) or one not in found:
                found.append(_without_repetition(one))
        return tuple(found)
    return value
