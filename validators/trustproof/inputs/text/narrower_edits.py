"""
Edits of lists and mappings as edits of those of their parts that change: the others, and comments on them, stay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from trustproof.model.policy import Path
from trustproof.results.edit import END, Edit, WrittenValue, set_value


def narrow(path: Path, said: object, after: object) -> list[Edit] | None:
    """
    The edits that make what is said at a path something else; None where nothing of it stays.

    Args:
        said: as the template has it.
        after: likewise.
    """
    if isinstance(said, dict) and isinstance(after, dict) and not (_is_function(said) or _is_function(after)):
        return _of_mapping(path, said, after)
    if isinstance(said, list):
        # JSON has a list of one text as the text.
        return _of_list(path, said, after if isinstance(after, list) else [after])
    return None


def in_any_order(value: object) -> object:
    """A value without what says nothing: the order of a list, and that it is one of one item."""
    if isinstance(value, dict):
        return {str(key): in_any_order(found) for key, found in value.items()}
    if isinstance(value, list):
        items = sorted((in_any_order(found) for found in value), key=lambda one: json.dumps(one, default=str))
        return items[0] if len(items) == 1 else items
    return str(value).lower() if isinstance(value, bool) else value if value is None else str(value)


def _of_mapping(path: Path, said: Mapping[str, object], after: Mapping[str, object]) -> list[Edit] | None:
    if not any(key in after for key in said):
        return None
    found: list[Edit] = []
    for key in dict.fromkeys((*said, *after)):
        here = (*path, key)
        if key in said and key in after and in_any_order(said[key]) == in_any_order(after[key]):
            continue
        inside = narrow(here, said[key], after[key]) if key in said and key in after else None
        found += [_edit(here, said, after, key)] if inside is None else inside
    return found


def _edit(path: Path, said: Mapping[str, object], after: Mapping[str, object], key: str) -> Edit:
    before, then = (_written(found[key]) if key in found else None for found in (said, after))
    return set_value(path, before, then)


def _of_list(path: Path, said: Sequence[object], after: Sequence[object]) -> list[Edit] | None:
    keys = [in_any_order(item) for item in said]
    wanted = [in_any_order(item) for item in after]
    gone = [number for number, key in enumerate(keys) if key not in wanted]
    new = [item for item, key in zip(after, wanted, strict=True) if key not in keys]
    if len(gone) == len(keys) and not new:
        return None
    changed, removed = gone[: len(new)], gone[len(new) :]
    return [
        *(
            set_value((*path, at), _written(said[at]), _written(item))
            for at, item in zip(changed, new[: len(changed)], strict=True)
        ),
        *(set_value((*path, at), _written(said[at]), None) for at in reversed(removed)),
        *(set_value((*path, END), None, _written(item)) for item in new[len(changed) :]),
    ]


def _is_function(value: Mapping[str, object]) -> bool:
    return len(value) == 1 and str(next(iter(value))).startswith(("Fn::", "Ref"))


def _written(value: object) -> WrittenValue:
    return WrittenValue(json.dumps(value, ensure_ascii=False))
