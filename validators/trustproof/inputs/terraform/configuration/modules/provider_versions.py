"""
Which versions of the provider of AWS a configuration takes: what some attributes are depends on it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.modules.files import Files, InstalledModules, RefusedFile
from trustproof.inputs.terraform.configuration.modules.modules import (
    Loader,
    Module,
    directory_of,
    source_of,
    source_text,
)
from trustproof.inputs.terraform.configuration.syntax import syntax
from trustproof.inputs.terraform.configuration.syntax.blocks import Block, Body
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, Literal, ObjectOf, Template
from trustproof.inputs.terraform.types.table import LOG_GROUP
from trustproof.inputs.terraform.types.version_constraints import is_before

#: What `terraform init` writes down: https://developer.hashicorp.com/terraform/language/files/dependency-lock
_LOCK = ".terraform.lock.hcl"
_AWS = "hashicorp/aws"
#: What ends `type` of a variable in Terraform 0.11, and later versions refuse.
_QUOTED_TYPES = ("string", "list", "map")


def is_aws_before_3(root: str, modules: Iterable[Module], files: Files) -> bool | None:
    """
    Whether a configuration takes a version of the provider of AWS that is older than 3.0; None where both may be.

    What nothing says is the newest, which is what ``terraform init`` takes; Terraform 0.11 gets none from 3.0 on:
    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-3-upgrade

    Args:
        root: the directory of the root module, where versions are locked.
        modules: all of the configuration.
    """
    modules = list(modules)
    said = {is_before((3,), one) for one in (*_locked(root, files), *(_constraints(modules)))}
    if True in said or False in said:
        return True in said
    needed = {is_before((0, 12), one) for module in modules for one in _of_terraform(module)}
    if True in needed or False in needed:
        return True in needed
    return None if any(map(_is_written_for_0_11, modules)) else False


def drops_booleans(root: str, modules: Iterable[Module], files: Files) -> bool:
    """
    Whether the provider of AWS surely leaves out what a condition of another document has as an unquoted truth value:
    before 4.30, https://github.com/hashicorp/terraform-provider-aws/pull/26657

    Args:
        root: the directory of the root module, where versions are locked.
        modules: those that say what is asked of the provider.
    """
    said = list(_locked(root, files)) or list(_constraints(modules))
    return any(is_before((4, 30), one) for one in said)


def called_modules(root: Module, installed: InstalledModules, loader: Loader) -> Iterator[Module]:
    """
    The modules that a root module calls, by others or not, whether anything of them has been evaluated yet or not: what
    any of them asks of a provider is asked of the one of all. What nobody can read, and a source that is evaluated
    first, is left out.

    Args:
        installed: see `Files.installed`.
    """
    # A module that calls itself is refused elsewhere.
    seen = {root.directory}
    waiting: list[tuple[Module, tuple[str, ...]]] = [(root, ())]
    while waiting:
        module, above = waiting.pop()
        for name, call in module.calls.items():
            source, path = source_of(call), (*above, name)
            directory = directory_of(installed, module.directory, path, source) if source else None
            if directory is None or directory in seen:
                continue
            seen.add(directory)
            try:
                called = loader.load(directory)
            except InputError:
                continue
            if called is not None:
                yield called
                waiting.append((called, path))


def _locked(root: str, files: Files) -> Iterator[str]:
    """The version that is locked."""
    try:
        body = syntax.parse(source_text(files, os.path.join(root, _LOCK)))
    except (RefusedFile, InputError):
        return
    for block in body.blocks("provider"):
        if block.labels[0].endswith(f"/{_AWS}"):
            yield from _text_of(block.body, "version")


def _constraints(modules: Iterable[Module]) -> Iterator[str]:
    """What is asked of the provider of AWS, by its configurations or where it is required."""
    for module in modules:
        for name, block in module.providers.items():
            if name.partition(".")[0] == "aws":
                yield from _text_of(block.body, "version")
        for required in _required(module.settings):
            for name, argument in required.body.arguments.items():
                if isinstance(argument.expression, ObjectOf):
                    given = {
                        str(key.value): one for key, one in argument.expression.entries if isinstance(key, Literal)
                    }
                    source, version = _texts(given.get("source")), _texts(given.get("version"))
                    if (source or [name])[0].removeprefix("registry.terraform.io/") in (_AWS, "aws"):
                        yield from version
                elif name == "aws":
                    yield from _texts(argument.expression)


def _required(settings: Iterable[Block]) -> Iterator[Block]:
    for block in settings:
        yield from block.body.blocks("required_providers")


def _of_terraform(module: Module) -> Iterator[str]:
    for block in module.settings:
        yield from _text_of(block.body, "required_version")


def _is_written_for_0_11(module: Module) -> bool:
    """Whether a module has log groups, and writes as later versions of Terraform need not: ``"${var.x}"``."""
    groups = [block for name, block in module.resources.items() if name.type == LOG_GROUP and not name.is_data]
    types = (said for block in module.variables.values() for said in _text_of(block.body, "type"))
    given = (one.expression for block in groups for one in block.body.arguments.values())
    return bool(groups) and (any(one in _QUOTED_TYPES for one in types) or any(map(_is_reference_in_quotes, given)))


def _is_reference_in_quotes(expression: Expression) -> bool:
    return isinstance(expression, Template) and len(expression.parts) == 1


def _text_of(body: Body, name: str) -> list[str]:
    argument = body.argument(name)
    return _texts(argument.expression) if argument is not None else []


def _texts(expression: Expression | None) -> list[str]:
    return [expression.value] if isinstance(expression, Literal) and isinstance(expression.value, str) else []
