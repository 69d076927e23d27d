"""
Values that a template is given from elsewhere: by parameters, mappings and other stacks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from trustproof.model.policy import Path

#: What puts texts together: whoever edits them finds their parts there.
_WRITTEN = ("Fn::Sub", "Fn::Join")
_GIVEN = ("Fn::ImportValue", "Fn::FindInMap", "Fn::Select", "Fn::Split", "Fn::Transform")


def is_given_elsewhere(data: Mapping[str, object], path: Path, text: str, parameters: Collection[str]) -> bool:
    """
    Whether a text at a path is not written there.

    Args:
        data: the content of the template.
        path: of the text; it may end in the number of the text in a list.
        parameters: the names of those of the template.
    """
    found = _nearest(data, path[:-1] if path and isinstance(path[-1], int) else path)
    if found is None or text in _texts(found):
        return False
    return _has_given(found, parameters, is_whole=True)


def _nearest(data: Mapping[str, object], path: Path) -> object:
    """What is written at a path, or the function or list that makes what is there; None where there is neither."""
    found: object = data
    for step in path:
        if isinstance(found, Mapping):
            if step not in found:
                is_made = len(found) == 1 and str(next(iter(found))).startswith(("Fn::", "Ref"))
                return found if is_made else None
            found = found[step]
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            return None
    return found


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for found in value.values():
            yield from _texts(found)
    elif isinstance(value, list):
        for found in value:
            yield from _texts(found)
    elif isinstance(value, str):
        yield value


def _has_given(value: object, parameters: Collection[str], *, is_whole: bool) -> bool:
    """Whether a function in a value takes from elsewhere what is there; a parameter where that is all of a text."""
    if isinstance(value, list):
        return any(_has_given(one, parameters, is_whole=is_whole) for one in value)
    if not isinstance(value, Mapping):
        return False
    if any(name in value for name in _GIVEN) or (is_whole and value.get("Ref") in parameters):
        return True
    is_made = any(name in value for name in _WRITTEN)
    return any(_has_given(one, parameters, is_whole=is_whole and not is_made) for one in value.values())
