"""
Reads the resources of SAM, from which the transform makes roles and resource policies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.globals import place_in_globals
from trustproof.inputs.cloudformation.evaluation.section.api_methods import method_types_of_sam, with_methods
from trustproof.inputs.cloudformation.sam.apis import (
    PERMISSION,
    PLACE,
    URL,
    events,
    permissions,
    statements,
    url_permission,
)
from trustproof.inputs.cloudformation.values.catalogue import SERVERLESS_API, Place
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.inputs.grammar.malformed_policies import MalformedPolicy
from trustproof.model.document import RESOURCE, Document
from trustproof.model.policy import Guard, Path, Policy

#: Who reaches the private domain of an API, beside its own policy.
#: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-domainconfiguration.html
_DOMAIN_POLICY = ("Domain", "Policy")


class Resources(Protocol):
    """
    What keeps the documents of a template's resources.
    """

    documents: list[Document]
    unread: list[tuple[Path, str]]
    malformed: list[MalformedPolicy]

    @property
    def environment(self) -> Environment:
        """What the template declares."""
        ...

    def properties(
        self, logical_id: str, type_: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]
    ) -> None:
        """Read the documents that the properties of a resource hold."""
        ...

    def walk(
        self, value: object, place: Place, path: Path, guards: tuple[Guard, ...]
    ) -> Iterator[tuple[object, Path, tuple[Guard, ...]]]:
        """The values at a place below a value, with the guards under which each of them is there."""
        ...

    def document(
        self, kind: str, value: object, path: Path, guards: tuple[Guard, ...], logical_id: str, name: object = None
    ) -> int | None:
        """Read one document; its index, or None where there is none or it could not be read."""
        ...


class ServerlessReader:
    """
    Reads what SAM makes of a resource into a collector.

    Args:
        data: the whole template as it is written, for its ``Globals``.
    """

    def __init__(self, collector: Resources, data: Mapping[str, object]) -> None:
        self._collector = collector
        self._data = data

    def read(
        self, logical_id: str, type_: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]
    ) -> None:
        """Read a resource of SAM, of which some may stand in ``Globals``."""
        environment = self._collector.environment
        resource, at = environment.resources[logical_id], environment.path(logical_id)
        move = place_in_globals(self._data, resource, environment.prefix, at)
        read_relocated(self._collector, lambda: self._read(logical_id, type_, properties, path, guards), move)

    def _read(
        self, logical_id: str, type_: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]
    ) -> None:
        documents = self._collector.documents
        before = len(documents)
        self._collector.properties(logical_id, type_, properties, path, guards)
        if type_ == SERVERLESS_API:
            self._api(logical_id, properties, path, guards)
            types = method_types_of_sam(self._collector.environment, logical_id, properties)
            documents[before:] = [with_methods(one, types, properties) for one in documents[before:]]
            for _, place, _ in self._collector.walk(properties, _DOMAIN_POLICY, path, guards):
                self._collector.unread.append((place, "the policy of a domain that SAM makes for an API is not read"))
        else:
            self._calls(logical_id, properties, path, guards)

    def _api(self, logical_id: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]) -> None:
        for value, place, inner in self._collector.walk(properties, PLACE, path, guards):
            if not isinstance(value, dict) or intrinsic_name(value) is not None:
                self._collector.unread.append((place, "the resource policy is not known before deployment"))
            elif made := list(statements(value)):
                self._made(logical_id, [one for one, _ in made], [(*place, *below) for _, below in made], place, inner)

    def _calls(self, logical_id: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]) -> None:
        """Who may call a function or state machine by an API, a URL, a topic or a skill that SAM lets call it."""
        if "Events" in properties:
            for event, below in events(properties, "Api"):
                self._api(logical_id, event, (*path, *below), guards)
            for permission, below, said in permissions(properties):
                before, place = len(self._collector.documents), (*path, *below)
                self._made(logical_id, [permission], [(*place, said)], place, guards)
                made = self._collector.documents[before:]
                self._collector.documents[before:] = [one._replace(resource_type=PERMISSION) for one in made]
        if "FunctionUrlConfig" in properties:
            for value, place, inner in self._collector.walk(properties, (URL,), path, guards):
                statement = url_permission(value) if isinstance(value, dict) else None
                if statement is not None:
                    self._made(logical_id, [statement], [(*place, "AuthType")], place, inner)

    def _made(
        self,
        logical_id: str,
        statements: Sequence[object],
        places: Sequence[Path],
        path: Path,
        guards: tuple[Guard, ...],
    ) -> None:
        """Read a policy that stands nowhere, and each of its statements where it comes from."""
        start = (*path, "Statement")

        def move(found: Path) -> Path:
            if found[: len(start)] != start or len(found) == len(start):
                return found
            number = found[len(start)]
            assert isinstance(number, int)
            written = isinstance(places[number][-1], int) or places[number][-1] == "CustomStatements"
            return (*places[number], *(found[len(start) + 1 :] if written else ()))

        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        read_relocated(
            self._collector, lambda: self._collector.document(RESOURCE, policy, path, guards, logical_id), move
        )


def read_relocated(found: Resources, read: Callable[[], object], move: Callable[[Path], Path]) -> None:
    """Read what stands somewhere else than it seems to."""
    documents, unread, malformed = len(found.documents), len(found.unread), len(found.malformed)
    read()
    found.documents[documents:] = [
        d._replace(policy=relocate_policy(d.policy, move)) for d in found.documents[documents:]
    ]
    found.unread[unread:] = [(move(place), reason) for place, reason in found.unread[unread:]]
    for error in found.malformed[malformed:]:
        error.path = move(error.path)


def relocate_policy(policy: Policy, move: Callable[[Path], Path]) -> Policy:
    """A policy with its statements and conditions where they stand."""
    return policy._replace(
        statements=tuple(
            s._replace(path=move(s.path), conditions=tuple(c._replace(path=move(c.path)) for c in s.conditions))
            for s in policy.statements
        )
    )
