"""
Roles that a template hands to a service that they do not let in: it is deployed, or refused at the end of a deployment,
and does not work.

The templates say it, those of all stacks: who is handed a role need not be a construct that knows it as a role.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._arguments.template_values import Template
from trustproof_cdk._policies.calls import arn_pattern
from trustproof_cdk._roles import handed_values, pod_targets
from trustproof_cdk._roles.handed_places import PLACES
from trustproof_cdk._roles.handed_users import ASSOCIATION, UNSURE, User, why_not, why_not_of_pool
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import Broken

_ROLE, _ADDON = "AWS::IAM::Role", "AWS::EKS::Addon"
#: By type, where roles are handed to people of identity pools, and to which of them. Who is in a group of a user pool
#: has signed in, and gets the role of the group by the identity pool that says so.
_POOL_PLACES: dict[str, list[tuple[tuple[str, ...], str]]] = {
    "AWS::Cognito::IdentityPoolRoleAttachment": [
        (("Roles", "authenticated"), "authenticated"),
        (("Roles", "unauthenticated"), "unauthenticated"),
        # Rules are about the claims of tokens, which nobody has who has not signed in.
        (("RoleMappings", "*", "RulesConfiguration", "Rules", "*", "RoleARN"), "authenticated"),
    ],
    "AWS::Cognito::UserPoolGroup": [(("RoleArn",), "authenticated")],
}
_NESTED = "*.nested.template.json"
#: Ends the name of what has no file: a template in another one, as JSON text.
_CARRIED = "TemplateBody"
_STACK, _OUTPUTS = "AWS::CloudFormation::Stack", "Outputs."
#: Stacks in one another that a value is followed through.
_DEEPEST = 20
#: What is acknowledged of a role that nobody it is for can use.
_USABLE = "statement-usable"

#: Where a stack is deployed to, in a cloud assembly.
_ENVIRONMENT, _UNKNOWN = re.compile("aws://([^/]+)/([^/]+)"), ("unknown-account", "unknown-region")
#: An ARN of a role, in whichever partition: account, which may be `handed_values.OWN`, path and name.
_ARN = re.compile(r"arn:[^:]*:iam::([0-9]{12}|own):role(/(?:[^*?]*/)?)([^*?/]+)")


class _Role(NamedTuple):
    """
    A role of a template.
    """

    template: Path
    logical_id: str
    properties: Mapping[str, Any]
    #: That of the ARN by which the role is meant; empty where it is meant by a reference.
    account: str = ""


@runtime_checkable
class _Carrier(Protocol):
    """
    A StackSet whose template is made from a stack of its own.
    """

    @property
    def template(self) -> dict[str, Any]: ...


class _Templates(NamedTuple):
    """
    What the values of a template may lead to; see `handed_values.Files`.
    """

    #: By file.
    texts: Mapping[Path, str]
    #: By the name of the export, its value, and the template that has it.
    exports: Mapping[str, tuple[Any, Path, Mapping[str, Any]]]
    #: By the file of a nested stack, that of the stack around, and its logical id there.
    callers: Mapping[Path, tuple[Path, str]]
    #: By the file of a stack that is deployed to one environment, that, as ARNs have it.
    environments: Mapping[Path, str]
    #: What those say that were asked about.
    said: dict[Path, Template]

    def environment_of(self, template: Path) -> str:
        """The Region and account of what a template makes, as ARNs have them; ``*`` where they are not known."""
        # A nested stack is where the stack around is. A template of a StackSet is anywhere, and no stack's.
        return self.environments.get(self.root_of(template), "*:*")

    def root_of(self, template: Path) -> Path:
        """The stack that a nested one is in at last, or itself: what is in one is in one account."""
        for _ in range(_DEEPEST):
            if template not in self.callers:
                break
            template, _ = self.callers[template]
        return template


#: What the text of a template has where something in it is handed a role, and where it exports something.
_HANDED, _EXPORT = re.compile("|".join(f'"{one}"' for one in (*PLACES, *_POOL_PLACES))), '"Export"'
#: Where it has the name of a role that is put together.
_PUT = re.compile(r'"RoleName": ?\{')
#: By stack, the roles that constructs of this library have made.
_MADE: WeakKeyDictionary[cdk.Stack, list[iam.Role]] = WeakKeyDictionary()


def note_made(role: iam.Role) -> None:
    """Have the plugin look whether those whom a role is handed to are let in by it."""
    _MADE.setdefault(stacks.stack_of(role), []).append(role)


def roles_of(stack: cdk.Stack) -> list[iam.Role]:
    """The roles that constructs of this library have made in a stack."""
    return list(_MADE.get(stack, ()))


def handed_in_vain(app: IConstruct, templates: Sequence[Path]) -> Iterator[Broken]:
    """
    Where roles of this library are handed to a service that surely does not get in.

    Args:
        app: the construct that was synthesized.
        templates: the files.
    """
    ours, paths = None, None
    # The CDK gives no files of nested stacks. One that an earlier synthesis has left has no role of this one.
    nested = [one for folder in sorted({one.parent for one in templates}) for one in sorted(folder.glob(_NESTED))]
    texts = {one: one.read_text("utf-8") for one in dict.fromkeys([*templates, *nested])} if _MADE else {}
    carried = dict(_carried(app))
    texts |= {file: text for file, (_, text) in carried.items()}
    users = [one for one, text in texts.items() if _HANDED.search(text)]
    exporting = {one: json.loads(text) for one, text in texts.items() if users and _EXPORT in text}
    callers = dict(_callers(app, texts)) if users and nested else {}
    environments = dict(_environments(texts)) if users else {}
    for template in users:
        # A stage has its stacks in a folder, and what one exports is imported in it.
        exports = _exports({one: written for one, written in exporting.items() if one.parent == template.parent})
        there = _Templates(texts, dict(exports), callers, environments, {})
        for logical_id, handed, why in _in_template(template, json.loads(texts[template]), there):
            ours = made_in(app) if ours is None else ours
            path, account = ours.get((handed.template.resolve(), handed.logical_id), ("", ""))
            if path and template in carried:
                yield _in_carried(carried[template][0], f"{logical_id} is handed {path}, {why}")
            elif path and handed.account in ("", account):
                paths = _paths(app) if paths is None else paths
                user = paths.get((template.resolve(), logical_id), logical_id)
                said = f"{user} is handed {path}, {why}"
                yield Broken(template, logical_id, user, said, _USABLE, is_warning=why.startswith(UNSURE))


def made_in(app: IConstruct) -> dict[tuple[Path | None, str], tuple[str, str]]:
    """The paths and accounts of the roles of an app that this library has made, by template and logical id."""
    found = {}
    for stack, roles in list(_MADE.items()):
        carrier = stacks.carrier_of(stack)
        stage = stacks.stage_of(carrier)
        if stage is not None and stacks.root_of(stage) is app.node.root:
            for role in roles:
                made = role.node.default_child
                if isinstance(made, cdk.CfnResource):
                    where = _file_of(carrier), str(stack.resolve(made.logical_id))
                    path = role.node.path if carrier is stack else where[1]
                    found[where] = path, stacks.account_of(stack)
    return found


def _file_of(made: IConstruct) -> Path | None:
    """The file of a stack; what stands for one, of the StackSet that carries its template."""
    stage = stacks.stage_of(made)
    name = made.template_file if isinstance(made, cdk.Stack) else f"{made.node.path}/{_CARRIED}"
    return None if stage is None else (Path(stage.outdir) / name).resolve()


def _carried(app: IConstruct) -> Iterator[tuple[Path, tuple[cdk.CfnResource, str]]]:
    """The StackSets of an app with a template that is made from a stack, by what stands for its file, and the text."""
    for one in stacks.carriers_of(app.node.root):
        file = _file_of(one)
        if isinstance(one, cdk.CfnResource) and isinstance(one, _Carrier) and file is not None:
            yield file, (one, json.dumps(one.template))


def _in_carried(carrier: cdk.CfnResource, said: str) -> Broken:
    """What is said of something in the template of a StackSet, said of that."""
    stack, path = stacks.stack_of(carrier), carrier.node.path
    file = _file_of(stack) or Path()
    return Broken(file, stack.resolve(carrier.logical_id), path, f"in the template of {path}, {said}", _USABLE)


def _paths(app: IConstruct) -> dict[tuple[Path | None, str], str]:
    """The paths of all resources of an app that may be handed a role, likewise."""
    found = {}
    for one in app.node.find_all():
        # What only has a type by its argument is asked too.
        if isinstance(one, cdk.CfnResource) and one.cfn_resource_type in (*PLACES, *_POOL_PLACES):
            stack = stacks.stack_of(one)
            found[_file_of(stack), str(stack.resolve(one.logical_id))] = one.node.path
    return found


def _callers(app: IConstruct, texts: Mapping[Path, str]) -> Iterator[tuple[Path, tuple[Path, str]]]:
    """What `_Templates.callers` are."""
    files = {one.resolve(): one for one in texts}
    for one in app.node.find_all():
        if not isinstance(one, cdk.NestedStack) or one.nested_stack_resource is None:
            continue
        around = stacks.stack_of(one.nested_stack_resource)
        inner, outer = _file_of(one), _file_of(around)
        if inner in files and outer in files:
            yield files[inner], (files[outer], str(around.resolve(one.nested_stack_resource.logical_id)))


def _environments(templates: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """What `_Templates.environments` are, as the cloud assemblies say it."""
    for folder in dict.fromkeys(one.parent for one in templates):
        manifest = folder / "manifest.json"
        artifacts = json.loads(manifest.read_text("utf-8")).get("artifacts", {}) if manifest.is_file() else {}
        for one in artifacts.values():
            file = one.get("properties", {}).get("templateFile")
            known = _ENVIRONMENT.fullmatch(one.get("environment", ""))
            if file is not None and known is not None:
                account, region = ("*" if part in _UNKNOWN else part for part in known.groups())
                yield folder / file, f"{region}:{account}"


def _exports(read: Mapping[Path, Any]) -> Iterator[tuple[str, tuple[Any, Path, Mapping[str, Any]]]]:
    """What templates export, by name."""
    for template, written in read.items():
        for one in written.get("Outputs", {}).values():
            name = one.get("Export", {}).get("Name")
            if isinstance(name, str):
                yield name, (one.get("Value"), template, written)


def _in_template(template: Path, written: Mapping[str, Any], there: _Templates) -> Iterator[tuple[str, _Role, str]]:
    resources = written.get("Resources", {})
    for logical_id, one in ((logical_id, part) for logical_id, made in resources.items() for part in _parts(made)):
        for place in PLACES.get(str(one.get("Type")), ()):
            user = _user(one, resources, template, logical_id, there)
            for value in _at(one.get("Properties", {}), place.steps):
                found = [
                    (role, why_not(_trust(role, there), user, place.service, is_beside=role.template == template))
                    for role in _meant(value, template, written, there)
                ]
                # Of several roles of one name, any may be the one in the account.
                if all(why for _, why in found):
                    yield from ((logical_id, role, why) for role, why in found)
        if one.get("Type") == ASSOCIATION:
            yield from _onward(logical_id, one.get("Properties", {}), template, written, there)
        for steps, kind in _POOL_PLACES.get(str(one.get("Type")), ()):
            user = _user(one, resources, template, logical_id, there)
            for value in _at(one.get("Properties", {}), steps):
                found = [
                    (role, why_not_of_pool(_trust(role, there), user, kind))
                    for role in _meant(value, template, written, there)
                ]
                if all(why for _, why in found):
                    yield from ((logical_id, role, why) for role, why in found)


def _parts(made: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A resource, or what it is made of: an add-on of Amazon EKS makes associations for its service accounts."""
    if made.get("Type") != _ADDON:
        yield made
        return
    properties = made.get("Properties", {})
    namespace = properties.get("NamespaceConfig")
    given = {"ClusterName": properties.get("ClusterName")}
    if isinstance(namespace, Mapping) and "Namespace" in namespace:
        given["Namespace"] = namespace["Namespace"]
    associations = properties.get("PodIdentityAssociations")
    for one in associations if isinstance(associations, list) else ():
        if isinstance(one, Mapping):
            yield {"Type": ASSOCIATION, "Properties": {**one, **given}}


def _user(
    made: Mapping[str, Any], resources: Mapping[str, Any], template: Path, logical_id: str, there: _Templates
) -> User:
    properties = handed_values.document_in(made.get("Properties", {}), template, there)
    return User(made["Type"], properties, resources, template, logical_id, there.environment_of(template))


def _trust(role: _Role, there: _Templates) -> Any:
    """The trust policy of a role, with what is known of where it is deployed to."""
    return handed_values.document_in(role.properties.get("AssumeRolePolicyDocument"), role.template, there)


def _onward(
    logical_id: str, properties: Mapping[str, Any], template: Path, written: Mapping[str, Any], there: _Templates
) -> Iterator[tuple[str, _Role, str]]:
    """The role that EKS Pod Identity goes on to for an association, if the role of that does not get into it."""
    targets = _meant(properties.get("TargetRoleArn"), template, written, there)
    callers = _meant(properties.get("RoleArn"), template, written, there)
    said = handed_values.document_in(properties.get("DisableSessionTags", False), template, there)
    has_tags = said in (False, "false")
    found = [
        (target, _why_not_onward(target, caller, there, has_tags=has_tags)) for target in targets for caller in callers
    ]
    if all(why for _, why in found):
        yield from ((logical_id, role, why) for role, why in found)


def _why_not_onward(target: _Role, caller: _Role, there: _Templates, *, has_tags: bool) -> str:
    resources = json.loads(there.texts[target.template]).get("Resources", {})
    caller_id = caller.logical_id if caller.template == target.template else None
    trust = _trust(target, there)
    return pod_targets.why_not_onward(trust, caller.properties, caller_id, resources, has_tags=has_tags)


def _at(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    """The values at a place."""
    if not steps:
        yield value
    elif steps[0] == "*":
        each = value.values() if isinstance(value, Mapping) else value
        for one in each if isinstance(value, (list, Mapping)) else ():
            yield from _at(one, steps[1:])
    elif isinstance(value, Mapping) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])


def _meant(value: Any, template: Path, written: Mapping[str, Any], there: _Templates) -> list[_Role]:
    """The roles of which a value of a template may mean one: by a reference, an import or its ARN as a text."""
    value, template, written = _traced(value, template, written, there)
    known = handed_values.text_in(value, template, there)
    if known is not None:
        return _named(known, there)
    own = handed_values.own_text_in(value, template, there)
    if own is not None and (arn := _ARN.fullmatch(own)) is not None and arn[1] == handed_values.OWN:
        return _named(own, there, there.root_of(template))
    imported = value.get("Fn::ImportValue") if isinstance(value, Mapping) else None
    if isinstance(imported, str):
        # What is exported under a name is not imported by it.
        others = {name: one for name, one in there.exports.items() if name != imported}
        exported = there.exports.get(imported)
        return [] if exported is None else _meant(*exported, there._replace(exports=others))
    if (role := _referred(value, template, written)) is not None:
        return [role]
    return _named(arn_pattern(value), there)


def _named(written: str, there: _Templates, root: Path | None = None) -> list[_Role]:
    """The roles of templates that an ARN is of; of one stack and what is nested in it, where its own account has it."""
    arn = _ARN.fullmatch(written)
    if arn is None:
        return []
    account, path, name = arn.groups()
    account = account if root is None else ""
    # Few templates have the name, or one that is put together, and they are read for few values.
    having = [
        (one, json.loads(text))
        for one, text in there.texts.items()
        if (root is None or there.root_of(one) == root) and (f'"{name}"' in text or _PUT.search(text))
    ]
    return [
        _Role(one, logical_id, properties, account)
        for one, other in having
        for logical_id, made in other.get("Resources", {}).items()
        if made.get("Type") == _ROLE
        and handed_values.text_in((properties := made.get("Properties", {})).get("RoleName"), one, there) == name
        and handed_values.text_in(properties.get("Path", "/"), one, there) == path
    ]


def _traced(
    value: Any, template: Path, written: Mapping[str, Any], there: _Templates
) -> tuple[Any, Path, Mapping[str, Any]]:
    """Where a value comes from that goes into a nested stack by a parameter, or out of one as an output."""
    for _ in range(_DEEPEST):
        name, named = (value.get("Ref"), value.get("Fn::GetAtt")) if isinstance(value, Mapping) else (None, None)
        if template in there.callers and isinstance(name, str) and name in written.get("Parameters", {}):
            template, logical_id = there.callers[template]
            written = json.loads(there.texts[template])
            value = written["Resources"][logical_id].get("Properties", {}).get("Parameters", {}).get(name)
        elif isinstance(named, list) and str(named[1]).startswith(_OUTPUTS):
            inner = next((one for one, called in there.callers.items() if called == (template, named[0])), None)
            if inner is None:
                break
            template, written = inner, json.loads(there.texts[inner])
            value = written.get("Outputs", {}).get(named[1].removeprefix(_OUTPUTS), {}).get("Value")
        else:
            break
    return value, template, written


def _referred(value: Any, template: Path, written: Mapping[str, Any]) -> _Role | None:
    """The role of a template that a value of it means, by its name or its ARN."""
    if not isinstance(value, Mapping):
        return None
    named = value.get("Fn::GetAtt")
    logical_id = named[0] if isinstance(named, list) and named[1:] == ["Arn"] else value.get("Ref")
    found = written.get("Resources", {}).get(logical_id) if isinstance(logical_id, str) else None
    if found is None or found.get("Type") != _ROLE:
        return None
    return _Role(template, str(logical_id), found.get("Properties", {}))
