"""
What the authors of stacks have acknowledged: ``Validations.of(scope).acknowledge(...)``, as an assembly keeps it.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.Validations.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.model.policy import Path
from trustproof.results.waiver import Acknowledgment

#: The type of the metadata entries of a construct.
_TYPE = "aws:cdk:acknowledged-rules"
#: What the CDK puts before the identifier of a property, after the name of our plugin.
_PREFIX = "trustproof::"


def acknowledgments(
    entries: Mapping[str, object], resources: Mapping[str, Mapping[str, object]], construct_paths: Mapping[str, str]
) -> tuple[tuple[Path, object], ...]:
    """
    The path of each resource that an acknowledgment is about, and the acknowledgment.

    Args:
        entries: construct path to the metadata entries of that construct.
        resources: of one template, by logical id.
        construct_paths: logical id to construct path, where the resource does not say it itself.
    """
    given = {path.strip("/"): tuple(_of(found)) for path, found in entries.items() if isinstance(found, list)}
    given = {path: found for path, found in given.items() if found}
    if not given:
        return ()
    met: list[tuple[Path, object]] = []
    for logical_id, resource in resources.items():
        metadata = resource.get("Metadata")
        own = metadata.get("aws:cdk:path") if isinstance(metadata, Mapping) else None
        construct = str(own or construct_paths.get(logical_id, ""))
        for scope, found in given.items():
            if construct == scope or construct.startswith(f"{scope}/"):
                met += [(("Resources", logical_id), one._replace(scope=scope)) for one in found]
    return tuple(met)


def _of(entries: list[object]) -> Iterator[Acknowledgment]:
    for entry in entries:
        rules = entry.get("data") if isinstance(entry, Mapping) and entry.get("type") == _TYPE else None
        for ident, reason in rules.items() if isinstance(rules, Mapping) else ():
            if isinstance(ident, str) and ident.startswith(_PREFIX) and isinstance(reason, str):
                yield Acknowledgment(ident.removeprefix(_PREFIX), reason)
