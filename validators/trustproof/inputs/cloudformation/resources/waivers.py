"""
What the author of a template asks to have waived: ``Metadata`` of a resource, below ``trustproof``.

``Metadata: {trustproof: {waivers: [{property: mfa-required, reason: …, owner: …, expires: 2027-01-31}]}}``
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.constant_parts import TextSigns
from trustproof.model.policy import Path

KEY = "trustproof"


def written_waivers(
    resources: Mapping[str, Mapping[str, object]], signs: TextSigns, prefix: Path
) -> Iterator[tuple[Path, object]]:
    """
    The path of each resource at which waivers are written, and each of them as it is written.

    Args:
        signs: of the text of the file, where a quick look is enough if there are none.
        prefix: where the template stands in the file.
    """
    if not signs.has(KEY):
        return
    for logical_id, resource in resources.items():
        metadata = resource.get("Metadata")
        ours = metadata.get(KEY) if isinstance(metadata, Mapping) else None
        if ours is None:
            continue
        place = (*prefix, "Resources", logical_id)
        written = ours.get("waivers") if isinstance(ours, Mapping) else None
        # Whatever else stands there is no waiver, and is refused as one.
        yield from ((place, entry) for entry in (written if isinstance(written, list) else [ours]))
