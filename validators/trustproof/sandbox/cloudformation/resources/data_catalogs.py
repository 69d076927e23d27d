"""
Databases, tables, jobs and crawlers of Glue, and work groups of Athena. Nothing runs, and nothing is queried.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Glue.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Athena.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties
from trustproof.sandbox.cloudformation.resources.by_operations import TypeOfOperations
from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType

_CATALOG, _DATABASE = "CatalogId", "DatabaseName"
_LINK = "what a link to another database or catalog gives is not asked here"
_LAKE = "the permissions of Lake Formation are not asked here"


class _Entry(TypeOfOperations):
    """An entry of a data catalog, of which one property holds all."""

    service = "glue"
    has_tags = False
    #: The property.
    input: ClassVar[str]
    #: What of it is not here, and why.
    kept_out: ClassVar[Mapping[str, str]] = {}
    deletion: ClassVar[str]
    change: ClassVar[str]

    def check(self, properties: Properties) -> None:
        super().check(properties)
        for name, reason in self.kept_out.items():
            if (properties.get(self.input) or {}).get(name):
                raise ResourceFailed(f"the sandbox has no {name} of a resource of type {self.name}: {reason}")

    def create(self, place: Place, properties: Properties) -> Made:
        given = self._named(place, properties, None)
        if str(given[_CATALOG]) != place.account:
            raise ResourceFailed("the sandbox makes nothing in the data catalog of another account")
        self._call(place, self.creation, self._parameters(self.creation, given))
        return Made(str(given[self.input]["Name"]))

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        given = {**self._named(place, new, made.physical_id), **self._about(made, new)}
        self._call(place, self.change, self._parameters(self.change, given))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self._delete(place, self.deletion, {"Name": made.physical_id, **self._about(made, properties)})

    def _about(self, made: Made, properties: Properties) -> dict[str, Any]:
        """What names one, besides its own name."""
        return {}

    def _named(self, place: Place, properties: Properties, name: str | None) -> dict[str, Any]:
        # Glue writes names small.
        found = str(properties[self.input].get("Name") or name or place.generated_name(255)).lower()
        return {**properties, self.input: {**properties[self.input], "Name": found}}


class Database(_Entry):
    """A database of tables."""

    name = "AWS::Glue::Database"
    creation, change, deletion = "CreateDatabase", "UpdateDatabase", "DeleteDatabase"
    input = "DatabaseInput"
    kept_out: ClassVar[Mapping[str, str]] = {
        "CreateTableDefaultPermissions": _LAKE,
        "FederatedDatabase": _LINK,
        "TargetDatabase": _LINK,
    }
    required: ClassVar[frozenset[str]] = frozenset({_CATALOG, "DatabaseInput"})
    create_only: ClassVar[frozenset[str]] = frozenset({_CATALOG, _DATABASE})

    def _about(self, made: Made, properties: Properties) -> dict[str, Any]:
        return {"Name": made.physical_id}

    def _named(self, place: Place, properties: Properties, name: str | None) -> dict[str, Any]:
        given = dict(properties)
        called = given.pop(_DATABASE, None)
        return super()._named(place, given, called or name)

    def check(self, properties: Properties) -> None:
        super().check({name: value for name, value in properties.items() if name != _DATABASE})


class Table(_Entry):
    """A table of a database."""

    name = "AWS::Glue::Table"
    creation, change, deletion = "CreateTable", "UpdateTable", "DeleteTable"
    input = "TableInput"
    kept_out: ClassVar[Mapping[str, str]] = {"TargetTable": _LINK}
    refused: ClassVar[Mapping[str, str]] = {"OpenTableFormatInput": "nothing makes the files of such a table"}
    required: ClassVar[frozenset[str]] = frozenset({_CATALOG, _DATABASE, "TableInput"})
    create_only: ClassVar[frozenset[str]] = frozenset({_CATALOG, _DATABASE})

    def _about(self, made: Made, properties: Properties) -> dict[str, Any]:
        return {_DATABASE: properties[_DATABASE]}


class _MadeAnew(PlainType):
    """A type that moto does not change: nobody but a template sees that it is made anew by its name."""

    def check_update(self, old: Properties, new: Properties) -> None:
        """All of it is made anew."""

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        named = {**new, self.named: made.physical_id}
        # Refused is what would be refused if it were new, and the one that is there stays then.
        self._parameters(self.creation, self.completed(place, named))
        self._ask(place, named, made.physical_id)
        self.delete(place, made, old)
        return self.create(place, named)


class Job(_MadeAnew):
    """A job, with its role."""

    name = "AWS::Glue::Job"
    name_property: str | None = "Name"
    service = "glue"
    creation = "CreateJob"
    ref = "Name"
    longest = 255
    required: ClassVar[frozenset[str]] = frozenset({"Command", "Role"})
    create_only: ClassVar[frozenset[str]] = frozenset({"Name"})
    about: ClassVar[Mapping[str, str]] = {"JobName": REF}
    deletion = "DeleteJob"


class Crawler(_MadeAnew):
    """A crawler, with its role."""

    name = "AWS::Glue::Crawler"
    name_property: str | None = "Name"
    service = "glue"
    creation = "CreateCrawler"
    longest = 255
    required: ClassVar[frozenset[str]] = frozenset({"Role", "Targets"})
    create_only: ClassVar[frozenset[str]] = frozenset({"Name"})
    about: ClassVar[Mapping[str, str]] = {"Name": REF}
    deletion = "DeleteCrawler"

    def completed(self, place: Place, properties: Properties) -> dict[str, Any]:
        # The operation has the expression in the place of what a template has around it.
        schedule = (properties.get("Schedule") or {}).get("ScheduleExpression")
        return {**properties, "Schedule": schedule} if schedule else {**properties}

    def check(self, properties: Properties) -> None:
        super().check({name: value for name, value in properties.items() if name != "Schedule"})


class WorkGroup(_MadeAnew):
    """A work group of Athena."""

    name = "AWS::Athena::WorkGroup"
    name_property: str | None = "Name"
    service = "athena"
    creation = "CreateWorkGroup"
    renamed: ClassVar[Mapping[str, str]] = {"WorkGroupConfiguration": "Configuration"}
    beside: ClassVar[frozenset[str]] = frozenset({"RecursiveDeleteOption", "State"})
    refused: ClassVar[Mapping[str, str]] = {"WorkGroupConfigurationUpdates": "a template says all of it"}
    named = "Name"
    required: ClassVar[frozenset[str]] = frozenset({"Name"})
    create_only: ClassVar[frozenset[str]] = frozenset({"Name"})
    about: ClassVar[Mapping[str, str]] = {"WorkGroup": REF}
    deletion = "DeleteWorkGroup"


TYPES = (Crawler, Database, Job, Table, WorkGroup)
