"""
What the lowering of all resource types shares: the template that is being made, and what names stand for in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.functions import arns
from trustproof.inputs.cloudformation.values.catalogue import EXISTED, REGION
from trustproof.inputs.cloudformation.values.intrinsics import MADE_UP
from trustproof.inputs.terraform.accounts import issuers
from trustproof.inputs.terraform.accounts.providers import Home, Homes
from trustproof.inputs.terraform.lowering import expressions
from trustproof.inputs.terraform.lowering.expressions import ABSENT, lower_value
from trustproof.inputs.terraform.lowering.template_conditions import declare_variable, lower_condition
from trustproof.inputs.terraform.snapshots.data_sources import (
    ACCOUNTS_OF_AWS,
    BY_NAME,
    WHERE,
    arn_of_looked_up,
    own_value,
)
from trustproof.inputs.terraform.snapshots.former_resources import FormerResources
from trustproof.inputs.terraform.snapshots.snapshot import ProviderConfiguration, Snapshot
from trustproof.inputs.terraform.types.cloud_control_names import attribute_value
from trustproof.inputs.terraform.types.table import LOG_GROUP, SHAPES, access_identity, path_of_aws
from trustproof.inputs.terraform.types.types_of_aws import CLOUD_CONTROL
from trustproof.inputs.terraform.values import parts_of_arns
from trustproof.inputs.terraform.values.conditions import Condition
from trustproof.inputs.terraform.values.instances import Instance, Note, without_keys
from trustproof.inputs.terraform.values.interpolations import without_interpolations
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.made_arns import BEFORE_3, HERE, made_arn, with_suffix
from trustproof.inputs.terraform.values.values import (
    KEPT,
    Attribute,
    Choice,
    Fields,
    Items,
    Known,
    Symbol,
    Unknown,
    Value,
)
from trustproof.model.policy import Path
from trustproof.model.text import OTHER_REGION

#: Types of what is set of a bucket, whose id is the bucket's.
_NAMED_BY_BUCKET = frozenset(
    f"aws_s3_bucket_{name}"
    for name in (
        "accelerate_configuration cors_configuration lifecycle_configuration logging notification ownership_controls "
        "policy public_access_block replication_configuration request_payment_configuration "
        "server_side_encryption_configuration versioning website_configuration"
    ).split()
)


class Root(NamedTuple):
    """
    What a part of the lowered template was made of.
    """

    #: Of the resource.
    address: str
    #: From its arguments to the value: ``("inline_policy", 0, "policy")``.
    argument: Path
    #: None where the arguments of the resource are all there is.
    value: Value | None = None


class Lowering:
    """
    A template in the making, for one of the places that a plan deploys to.

    Args:
        snapshot: of the plan, state or configuration.
        homes: all places.
        home: this one.
        hint: what would make known what is not, a clause; empty where nothing would.
    """

    def __init__(self, snapshot: Snapshot, homes: Homes, home: Home, hint: str) -> None:
        self.home = home
        self.resources: dict[str, dict[str, object]] = {}
        self.parameters: dict[str, object] = {}
        self.conditions: dict[str, object] = {}
        self.mappings: dict[str, object] = {}
        self.notes: list[Note] = list(snapshot.notes)
        #: Reasons why something is not known that only the configuration says.
        self.hidden: set[str] = set()
        #: Logical id, and the path from its properties, to what stands there.
        self.roots: dict[tuple[str, Path], Root] = {}
        #: Logical id to the name of buckets that are not declared, and of which something is said.
        self.elsewhere: dict[str, object] = {}
        self.snapshot = snapshot
        self.former: FormerResources = FormerResources((*snapshot.deleted, *snapshot.replaced))
        self.homes = homes
        #: What is written of providers, by name.
        self.providers: Mapping[str, ProviderConfiguration] = snapshot.providers
        self.hint = hint
        self.by_address: dict[str, Instance] = {one.address: one for one in snapshot.instances}
        self._by_type: dict[str, list[Instance]] | None = None
        self._by_value: dict[tuple[str, str], dict[object, list[Instance]]] = {}
        self._lowered: dict[str, object] = {}
        self.around_buckets: object = None

    # -- arguments

    def text(self, instance: Instance, name: str) -> object:
        """An argument that is a text, a number or a truth value; `ABSENT` where it is not set."""
        value = self.value(instance, name)
        return ABSENT if value is None else lower_value(value, self)

    def value(self, instance: Instance, name: str) -> Value | None:
        """An argument; None where it is not set."""
        if name not in instance.values:
            return None
        value = instance.values[name]
        return None if isinstance(value, Known) and value.value is None else value

    def known(self, instance: Instance, name: str) -> object:
        """The value of an argument that is known, and neither list nor object; None elsewhere."""
        value = self.value(instance, name)
        return value.value if isinstance(value, Known) else None

    def properties(self, instance: Instance, names: Mapping[str, str]) -> dict[str, object]:
        """The properties that are arguments of a resource, those that are set."""
        found: dict[str, object] = {}
        for property_, name in names.items():
            value = self.text(instance, name)
            if value is not ABSENT and value != "":
                found[property_] = value
                self.roots[instance.address, (property_,)] = Root(instance.address, (name,), instance.values[name])
        return found

    def blocks(self, instance: Instance, name: str) -> Iterator[tuple[int, Mapping[str, Value]]]:
        """The blocks of a name that are known to be there, each with its number."""
        value = self.value(instance, name)
        items: Sequence[Value] = value.items if isinstance(value, Items) else (value,) if value is not None else ()
        for number, item in enumerate(items):
            if isinstance(item, Fields):
                yield number, item.by_key

    def name(self, instance: Instance, name: str, prefix: str) -> object:
        """
        The name of a resource. The provider makes up one where there is none:
        https://github.com/hashicorp/terraform-plugin-sdk/blob/main/helper/id/id.go

        Args:
            name: the argument that is the name.
            prefix: the argument that it begins with, if that is all that is set.
        """
        value = self.value(instance, name)
        if value is not None:
            return lower_value(value, self)
        begins = self.value(instance, prefix)
        start = lower_value(begins, self) if begins is not None else "terraform-"
        return {"Fn::Join": ["", [start, {MADE_UP: f"{instance.address}.{name}"}]]}

    def policy(self, instance: Instance, argument: Path, value: Value | None) -> object:
        """A policy of a resource; `ABSENT` where it has none."""
        if value is None:
            return ABSENT
        return expressions.policy(value, self, lambda unknown: self.why(instance, str(argument[0]), unknown))

    def why(self, instance: Instance, argument: str, unknown: Unknown) -> str:
        """Why an argument is not known, and what to do."""
        if isinstance(unknown, Symbol) and unknown.reason:
            return unknown.reason
        if not isinstance(instance.values, KnownValues) or not unknown.shown.startswith(f"{instance.address}."):
            return f"the policy is the value of {unknown.shown}"
        made_of = self.snapshot.references.get((without_keys(instance.address), argument), ())
        made = f"; made from {', '.join(made_of)}" if made_of else ""
        reason = f"known after apply{made}{f'; {self.hint}' if self.hint else ''}"
        self.hidden.add(reason)
        return reason

    def add(
        self, instance: Instance, type_: str, properties: dict[str, object], logical_id: str = ""
    ) -> dict[str, object]:
        """Put a resource into the template, which has the condition and the Region of an instance."""
        resource: dict[str, object] = {"Type": type_, "Properties": properties}
        if instance.condition is not None:
            resource["Condition"] = self.condition(instance.condition)
        region = self.region_of(instance)
        if region != HERE:
            resource[REGION] = region
        if instance.existed:
            resource[EXISTED] = True
        self.resources[logical_id or instance.address] = resource
        return resource

    def where(self, instance: Instance, value: object, otherwise: object = None) -> object:
        """
        What an instance gives to another resource: it is there where the instance is.

        Args:
            otherwise: what is there where it is not; None for nothing.
        """
        if instance.condition is None:
            return value
        other = {"Ref": "AWS::NoValue"} if otherwise is None else otherwise
        return {"Fn::If": [self.condition(instance.condition), value, other]}

    def of_type(self, type_: str) -> Sequence[Instance]:
        """The resources of a type that are deployed to the same place."""
        if self._by_type is None:
            self._by_type = {}
            for instance in self.by_address.values():
                if self.homes.of(instance.provider) == self.home and not instance.is_data:
                    self._by_type.setdefault(instance.type, []).append(instance)
        return self._by_type.get(type_, ())

    def having(self, type_: str, argument: str, value: object) -> Sequence[Instance]:
        """Those of them of which an argument is known to have a value."""
        key = (type_, argument)
        if key not in self._by_value:
            found = self._by_value[key] = {}
            for instance in self.of_type(type_):
                found.setdefault(self.known(instance, argument), []).append(instance)
        return self._by_value[key].get(value, ()) if value is not None else ()

    def having_unknown(self, type_: str, argument: str) -> Sequence[Instance]:
        """Those of them of which nobody knows the value of an argument."""
        self.having(type_, argument, "")
        return self._by_value[type_, argument].get(None, ())

    # -- what names stand for

    @property
    def region(self) -> str | None:
        """The Region of the template, where it is known."""
        return self.home.region

    def attribute(self, attribute: Attribute) -> object:
        """The expression for an attribute of a resource or data source."""
        instance = self.by_address.get(attribute.address)
        if instance is None:
            return self._at_another_key(attribute)
        attribute, home = parts_of_arns.attribute_for(instance, attribute), self.homes.of(instance.provider)
        if attribute.name in (parts_of_arns.ACCOUNT, parts_of_arns.PARTITION):
            return self.account(home) if attribute.name == parts_of_arns.ACCOUNT else {"Ref": "AWS::Partition"}
        region = self.homes.regions.get(instance.provider) or self.home.region
        place = issuers.Surroundings(self.by_address, region, home, self.account(home), self.homes)
        if (issuer := issuers.lower_issuer(instance, attribute, place)) is not None:
            return issuer
        if instance.is_data:
            return self._of_data(instance, attribute, home)
        if instance.type.startswith(CLOUD_CONTROL) and home == self.home:
            if (value := self.value(instance, attribute.name)) is not None and not isinstance(value, Unknown):
                return lower_value(value, self)
            return attribute_value(instance.type, instance.address, attribute.name)
        if isinstance(told := self.told(attribute), (Attribute, Known)) and told is not attribute:
            return lower_value(told, self)
        shape = SHAPES.get(instance.type)
        function = shape.attributes.get(attribute.name) if shape is not None else None
        value = self.value(instance, attribute.name)
        if shape is not None and value is not None and not isinstance(value, Unknown):
            if attribute.shown not in self._lowered:
                self._lowered[attribute.shown] = lower_value(value, self)
            return self._lowered[attribute.shown]
        if shape is None or function is None or (home != self.home and function in ("RoleId", "UserId")):
            return access_identity(instance.type, attribute) or {"Ref": attribute.shown}
        if ":" in function:
            return self._arn(instance, function, home)
        if home != self.home:
            return self._elsewhere(instance, shape.type, function, home)
        return {"Ref": instance.address} if function == "Ref" else {"Fn::GetAtt": [instance.address, function]}

    def _at_another_key(self, attribute: Attribute) -> object:
        """An attribute of what is not there: of an instance beside the one that stands for any of them."""
        any_of = self.by_address.get(parts_of_arns.any_instance(attribute.address))
        if any_of is None or any_of.is_data:
            return {"Ref": attribute.shown}
        return parts_of_arns.open_value(attribute, self.account(self.homes.of(any_of.provider)))

    def _arn(self, instance: Instance, form: str, home: Home) -> object:
        """An ARN of which only what stands before the name is known, and what stands behind it: `Shape.attributes`."""
        arn = made_arn(form, instance.address, self._region(instance, home), self.account(home))
        is_before = instance.type == LOG_GROUP and self.snapshot.is_aws_before_3
        if is_before is False:
            return arn
        before = with_suffix(arn, ":*")
        return before if is_before else {"Fn::If": [self.condition(BEFORE_3), before, arn]}

    def _of_data(self, instance: Instance, attribute: Attribute, home: Home) -> object:
        value = self.value(instance, attribute.name)
        if isinstance(value, Known):
            return lower_value(value, self)
        if (pseudo := WHERE.get(instance.type, {}).get(attribute.name)) is not None:
            if pseudo == "AWS::Region":
                return self._region(instance, home)
            return self.account(home) if pseudo == "AWS::AccountId" and home != self.home else {"Ref": pseudo}
        if (own := own_value(instance.type, attribute, self.account(home), is_here=home == self.home)) is not None:
            return own
        if instance.type in ACCOUNTS_OF_AWS and attribute.name in ("id", "arn"):
            account = self._account_of_aws(instance, home)
            if account is not None:
                arn = ["arn:", {"Ref": "AWS::Partition"}, ":iam::", account, ACCOUNTS_OF_AWS[instance.type][1]]
                return {"Fn::Join": ["", arn]} if attribute.name == "arn" else account
        if (by_name := BY_NAME.get(instance.type)) and attribute.name in ("arn", "id", "name", by_name[1]):
            name = self.text(instance, by_name[1])
            if name is not ABSENT and attribute.name in ("name", by_name[1]):
                return name
            own = self.having("aws_iam_policy", "name", name) if isinstance(name, str) else ()
            if instance.type == "aws_iam_policy" and isinstance(name, str) and not own and (path := path_of_aws(name)):
                # The lookup finds those of AWS too.
                return {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":iam::aws:policy/{path}"]]}
            if name is not ABSENT and attribute.name == "arn":
                found = arns.elsewhere(by_name[0], name, "/", self.account(home), self._region(instance, home))
                return {"Ref": attribute.shown} if found is None else found
        given, place = partial(self.text, instance), (self.account(home), self._region(instance, home))
        return arn_of_looked_up(instance.type, attribute, given, place) or {"Ref": attribute.shown}

    def _account_of_aws(self, instance: Instance, home: Home) -> object | None:
        """The account of AWS that a data source says, by its Region; None for a Region that is not in the table."""
        accounts = ACCOUNTS_OF_AWS[instance.type][0]
        if isinstance(accounts, str):
            return accounts
        given = self.text(instance, "region")
        region = self._region(instance, home) if given is ABSENT else given
        if isinstance(region, str):
            return accounts.get(region)
        self.mappings[instance.type] = {name: {"id": account} for name, account in accounts.items()}
        return {"Fn::FindInMap": [instance.type, region, "id"]}

    def _elsewhere(self, instance: Instance, type_: str, function: str, home: Home) -> object:
        """A reference to a resource of another account."""
        shape = SHAPES[instance.type]
        name_property = next(iter(shape.properties), "")
        name = self.text(instance, shape.properties[name_property]) if name_property else ABSENT
        called = {"Ref": instance.address} if name is ABSENT else name
        if function == "Ref" and shape.attributes.get("arn") != "Ref":
            return called
        path = self.text(instance, "path") if "Path" in shape.properties else ABSENT
        found = arns.elsewhere(
            type_, called, "/" if path is ABSENT else path, self.account(home), self._region(instance, home)
        )
        return {"Ref": f"{instance.address}.arn"} if found is None else found

    def account(self, home: Home) -> object:
        """The account of a place that resources are deployed to."""
        return {"Ref": "AWS::AccountId"} if home == self.home else home.account or {"Ref": home.shown}

    def region_of(self, instance: Instance) -> object:
        """The Region that a resource of the template is in."""
        return self._region(instance, self.home)

    def _region(self, instance: Instance, home: Home) -> object:
        said = self.homes.region_told(instance)
        told = lower_value(said, self) if isinstance(said, Value) else said
        if told is not None:
            return HERE if (home, told) == (self.home, self.home.region) else told
        like = self.homes.region_like(instance.provider)
        is_here = home == self.home and home.region is None and like == self.homes.region_like(home.first_used)
        return HERE if is_here else {"Ref": f"{OTHER_REGION}the provider {like}"}

    def condition(self, condition: Condition) -> str:
        """The name of a condition, which is how it would be written."""
        name = condition.shown
        if name not in self.conditions:
            self.conditions[name] = lower_condition(condition, self.parameters)
        return name

    def variable(self, name: str) -> object:
        """A variable of the root module that has no value."""
        declare_variable(name, self.parameters)
        return {"Ref": name}

    def bucket(self, instance: Instance, argument: str) -> object | None:
        """The bucket that an argument names: a reference to one that is declared, else its name; None without one."""
        value = self.value(instance, argument)
        if value is None:
            return None
        if isinstance(value, Choice) and isinstance(value.then, Symbol) and value.then.kind == KEPT:
            # A bucket is not changed: what is there is about the one that is written, or has been made for another.
            value = value.otherwise
        return self.bucket_of(value)

    def bucket_of(self, value: Value) -> object:
        """The bucket that a value names: a reference to one that is declared, else its name."""
        value = self.told(value)
        if isinstance(value, Attribute) and (one := self.by_address.get(value.address)) is not None:
            is_here = self.homes.of(one.provider) == self.home and not one.is_data
            return {"Ref": one.address} if one.type == "aws_s3_bucket" and is_here else lower_value(value, self)
        if isinstance(value, Known):
            named = self.having("aws_s3_bucket", "bucket", value.value)
            return {"Ref": named[0].address} if named else value.value
        found = lower_value(value, self)
        for one in self.having_unknown("aws_s3_bucket", "bucket"):
            if (name := self.value(one, "bucket")) is not None and lower_value(name, self) == found:
                return {"Ref": one.address}
        return found

    def told(self, value: Value) -> Value:
        """What a resource is told, where a value is an argument of it that names something else: a bucket."""
        seen: set[str] = set()
        while isinstance(value, Attribute) and value.shown not in seen:
            seen.add(value.shown)
            one = self.by_address.get(value.address)
            if one is None or one.is_data or one.type in SHAPES:
                break
            name = "bucket" if value.name == "id" and one.type in _NAMED_BY_BUCKET else value.name
            if name == "bucket" and value.name == "id" and self.value(one, "expected_bucket_owner") is not None:
                break
            found = self.value(one, name)
            if found is None or (isinstance(found, Symbol) and found.kind != KEPT):
                break
            value = found
        return value

    def several(self, name: str) -> object:
        """A list of which nothing is known, as a parameter that is one."""
        listed = f"{without_interpolations(name)} (a list)"
        self.parameters[listed] = {"Type": "CommaDelimitedList"}
        return {"Ref": listed}
