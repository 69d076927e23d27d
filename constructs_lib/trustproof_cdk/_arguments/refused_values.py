"""
Arguments that are refused by what the templates say of them, which nobody can ask the CDK: entries of mappings, what
another stack exports or a nested one puts out, and parameters of the Parameter Store.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import aws_cdk as cdk
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import arguments, known_later, regions
from trustproof_cdk._arguments.template_values import WIDE, Template, is_everybody, output_name, template_said
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import Broken

#: What is acknowledged of an argument that comes to a value which is refused.
_RULE = "construct-arguments"
_ASKED = ('"Fn::FindInMap"', '"Fn::ImportValue"', '"Fn::GetAtt"', '"Fn::GetStackOutput"')
_OUTPUTS = '"Outputs"'
_NESTED = "AWS::CloudFormation::Stack"
#: In the URL of a template of the app, what it is uploaded as.
_UPLOADED = re.compile(r"[0-9a-f]{64}\.json")
#: What a nested stack is given, which the synthesis holds to what the stack around says of its parameters alone.
_GIVEN = '"Ref"'


def refused_values(app: IConstruct, templates: Sequence[Path]) -> Iterator[Broken]:
    """
    The arguments of an app that come to what is refused as a text.

    Args:
        app: the construct that was synthesized.
        templates: the files.
    """
    root = stacks.node_of(app).root
    exports: Mapping[str, tuple[Template, Any]] | None = None
    found: dict[Path, Template] = {}
    for stack in known_later.stacks_left():
        names = _ASKED if stacks.outermost_of(stack) is stack else (*_ASKED, _GIVEN)
        asked = [one for one in known_later.left_of(stack) if any(name in json.dumps(one[2]) for name in names)]
        stage = stacks.stage_of(stack) if asked else None
        # Another app of this process may have a stack whose template has the same name.
        if stage is None or stacks.root_of(stage) is not root:
            continue
        file = _file(stack, stage, templates)
        if not file.is_file():
            continue
        if exports is None:
            exports = _exports(templates)
        template = _of_stack(stack, stage, templates, exports, found)
        said: set[tuple[str, str]] = set()
        for construct, noted, value in asked:
            message = known_later.said_of(noted, value, template)
            path = construct.node.path if message else ""
            if message and (path, noted.value) not in said:
                said.add((path, noted.value))
                yield Broken(file, _logical_id(stack, construct), path, f"{path}: {message}", _RULE)


def refuse_of_one_template(
    stack: cdk.Stack, written: Mapping[str, Any], given: Mapping[str, str] | None = None, argument: str = ""
) -> None:
    """
    Refuse what arguments in a stack come to by its template alone, when that is no file of the app.

    Args:
        stack: that was synthesized.
        written: its template.
        given: values of its parameters, which are deployed in the place of the defaults.
        argument: what gives them, to begin the message.

    Raises:
        ValueError: the construct and what is wrong.
    """
    nothing, conditions = Template(), written.get("Conditions", {})
    # What a condition compares it with may say that it is not used. Where it lets in many it is looked at nonetheless.
    used = {
        name: (nothing, value)
        for name, value in (given or {}).items()
        if WIDE.search(value) or is_everybody(value) or not _compares(conditions, name, value)
    }
    template = template_said(written)._replace(given=used)
    source = f"{argument}: " if argument else ""
    for construct, noted, value in known_later.left_of(stack):
        if message := known_later.said_of(noted, value, template):
            name = construct.node.path.removeprefix(f"{stack.node.path}/")
            raise ValueError(f"{source}in the template of the role, {name}: {message}")


def _compares(conditions: Any, name: str, value: str) -> bool:
    """Whether conditions of a template compare a parameter with a text."""
    if isinstance(conditions, list):
        return any(_compares(one, name, value) for one in conditions)
    if not isinstance(conditions, Mapping):
        return False
    compared = conditions.get("Fn::Equals")
    if isinstance(compared, list) and {"Ref": name} in compared and value in compared:
        return True
    return any(_compares(one, name, value) for one in conditions.values())


def _file(stack: cdk.Stack, stage: cdk.Stage, templates: Sequence[Path]) -> Path:
    file = next((one for one in templates if one.name == stack.template_file), None)
    return file or Path(stage.outdir) / stack.template_file


def _of_stack(
    stack: cdk.Stack,
    stage: cdk.Stage,
    templates: Sequence[Path],
    exports: Mapping[str, tuple[Template, Any]],
    found: dict[Path, Template],
) -> Template:
    """What the template of a stack says, with what the stack around gives it; as it is found, or found before."""
    around, resource = stack.nested_stack_parent, stack.nested_stack_resource
    if around is not None and resource is not None:
        outer = _of_stack(around, stage, templates, exports, found)
        logical_id = around.resolve(resource.logical_id)
        if logical_id in outer.nested:
            return outer.nested[logical_id]
        # The synthesizer of the app uploads the template in a way of its own.
        given = outer.resources.get(logical_id, {}).get("Properties", {}).get("Parameters")
        shared = _Shared(exports, _environment(stack), {})
        return _with_nested(_file(stack, stage, templates), shared, outer, given)
    file = _file(stack, stage, templates)
    if file not in found:
        found[file] = _with_nested(file, _Shared(exports, _environment(stack), _assets(file.parent)))
    return found[file]


class _Shared(NamedTuple):
    """
    What a template has in common with the nested stacks in it.
    """

    exports: Mapping[str, tuple[Template, Any]]
    environment: Mapping[str, str]
    #: The files of assets, by the names under which they are uploaded.
    assets: Mapping[str, Path]


def _with_nested(file: Path, shared: _Shared, outer: Template | None = None, given: Any = None) -> Template:
    """
    What a template says, and the templates of the nested stacks in it.

    Args:
        file: of the template.
        shared: with the template around.
        outer: the template around.
        given: the parameters that it gives this one.
    """
    written = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    nested: dict[str, Template] = {}
    template = template_said(written)._replace(
        given={} if outer is None else {name: (outer, value) for name, value in (given or {}).items()},
        environment=shared.environment,
        exports=shared.exports,
        nested=nested,
    )
    for logical_id, resource in template.resources.items():
        if resource.get("Type") == _NESTED:
            properties = resource.get("Properties", {})
            name = _UPLOADED.search(json.dumps(properties.get("TemplateURL")))
            if name is not None and name[0] in shared.assets:
                asset = shared.assets[name[0]]
                nested[logical_id] = _with_nested(asset, shared, template, properties.get("Parameters"))
    return template


def _assets(assembly: Path) -> dict[str, Path]:
    """The files of an assembly that are uploaded, by the names that they get there."""
    found = {}
    for manifest in assembly.glob("*.assets.json"):
        files = json.loads(manifest.read_text(encoding="utf-8")).get("files", {})
        for one in files.values():
            path = one.get("source", {}).get("path")
            keys = (there.get("objectKey", "") for there in one.get("destinations", {}).values())
            found.update({key.rpartition("/")[2]: assembly / path for key in keys if isinstance(path, str)})
    return found


def _exports(templates: Sequence[Path]) -> dict[str, tuple[Template, Any]]:
    """What the templates export, by name, and what else they put out, by stack and name, where one of them does."""
    found: dict[str, tuple[Template, Any]] = {}
    several: set[str] = set()
    names = {folder: stack_names(folder) for folder in dict.fromkeys(path.parent for path in templates)}
    assets: dict[Path, Mapping[str, Path]] = {}
    for path in templates:
        text = path.read_text(encoding="utf-8")
        is_around = _NESTED in text
        if _OUTPUTS not in text and not is_around:
            continue
        if is_around and path.parent not in assets:
            assets[path.parent] = _assets(path.parent)
        template = _with_nested(path, _Shared(found, {}, assets[path.parent] if is_around else {}))
        stack = names[path.parent].get(path.name, path.name.partition(".")[0])
        for logical_id, value in template.outputs.items():
            name = output_name(stack, logical_id)
            # Another account or Region has names of its own, and who imports is not said here.
            several.update({name} & found.keys())
            found[name] = template, value
        for one in _and_nested(template):
            for name, value in one.exported.items():
                several.update({name} & found.keys())
                found[name] = one, value
    for name in several:
        del found[name]
    return found


def _and_nested(template: Template) -> Iterator[Template]:
    yield template
    for one in template.nested.values():
        yield from _and_nested(one)


def stack_names(assembly: Path) -> dict[str, str]:
    """By the file of its template, what a stack is called."""
    manifest = assembly / "manifest.json"
    if not manifest.is_file():
        return {}
    artifacts = json.loads(manifest.read_text(encoding="utf-8")).get("artifacts", {})
    return {
        properties["templateFile"]: properties.get("stackName", artifact)
        for artifact, one in artifacts.items()
        if "templateFile" in (properties := one.get("properties", {}))
    }


def _environment(stack: cdk.Stack) -> dict[str, str]:
    known = {
        "AWS::AccountId": stacks.account_of(stack),
        "AWS::Partition": regions.partition_of(stack),
        "AWS::Region": stack.region,
    }
    return {name: value for name, value in known.items() if value and not arguments.is_token(value)}


def _logical_id(stack: cdk.Stack, construct: Construct) -> str:
    """Of the first resource that a construct has made; empty where it has none any more."""
    resource = construct.node.default_child
    if not isinstance(resource, cdk.CfnResource):
        resource = next((one for one in construct.node.find_all() if isinstance(one, cdk.CfnResource)), None)
    return "" if resource is None else str(stack.resolve(resource.logical_id))
