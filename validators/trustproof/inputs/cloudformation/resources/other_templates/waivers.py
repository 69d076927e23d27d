"""
What the author of a template asks to have waived: ``Metadata`` of a resource, below ``trustproof``.

``Metadata: {trustproof: {waivers: [{property: mfa-required, reason: …, owner: …, expires: 2027-01-31}]}}``
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.declarations.constant_parts import TextSigns
from trustproof.model.policy import Path

KEY = "trustproof"
#: One of these is in the key, also where that is written with capitals: then it asks for nothing, which is said.
_SIGNS = ("roof", "ROOF")


def _is_miswritten(key: object) -> bool:
    """Whether a key is meant to be that of waivers, and is none: letters are capitals or not."""
    return isinstance(key, str) and key != KEY and key.lower() == KEY


def written_waivers(
    resources: Mapping[str, Mapping[str, object]], signs: TextSigns, prefix: Path
) -> Iterator[tuple[Path, object]]:
    """
    The path of each resource at which waivers are written, and each of them as it is written.

    Args:
        signs: of the text of the file, where a quick look is enough if there are none.
        prefix: where the template stands in the file.
    """
    if not any(map(signs.has, _SIGNS)):
        return
    for logical_id, resource in resources.items():
        metadata = resource.get("Metadata")
        if not isinstance(metadata, Mapping):
            continue
        place = (*prefix, "Resources", logical_id)
        yield from ((place, {key: found}) for key, found in metadata.items() if _is_miswritten(key))
        if (ours := metadata.get(KEY)) is None:
            continue
        written = ours.get("waivers") if isinstance(ours, Mapping) else None
        # Whatever else stands there is no waiver, and is refused as one.
        yield from ((place, entry) for entry in (written if isinstance(written, list) else [ours]))
