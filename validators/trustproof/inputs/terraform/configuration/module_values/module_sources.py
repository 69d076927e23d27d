"""
Sources of modules that are called, which may have to be evaluated first, as OpenTofu does.

https://opentofu.org/docs/language/modules/sources/#support-for-variable-and-local-evaluation
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.inputs.terraform.configuration.evaluation.evaluate import Evaluator
from trustproof.inputs.terraform.configuration.modules.files import InstalledModules
from trustproof.inputs.terraform.configuration.modules.installed_modules import why_another
from trustproof.inputs.terraform.configuration.modules.modules import LOCAL, directory_of, source_of
from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.values.expression_names import cut, expression_text
from trustproof.inputs.terraform.values.values import Known, Value


def source_of_call(call: Block, evaluator: Evaluator) -> str | None:
    """The source of a module; None where nobody knows it."""
    written = source_of(call)
    return written if written is not None else _text_of(call, "source", evaluator)


def _text_of(call: Block, name: str, evaluator: Evaluator) -> str | None:
    argument = call.body.argument(name)
    found = evaluator.value(argument.expression, {}) if argument is not None else None
    return found.value if isinstance(found, Known) and isinstance(found.value, str) else None


def directory_of_call(
    call: Block, evaluator: Evaluator, installed: InstalledModules, parent: str, path: Sequence[str]
) -> str | None:
    """
    The directory of a module that is called; None where it is not at hand, or another one is.

    Args:
        installed: see `Files.installed`.
        parent: the directory of the module that calls.
        path: the names of the calls that lead there, outermost first.
    """
    source = source_of_call(call, evaluator)
    if not source or _why_another(call, source, evaluator, installed, path):
        return None
    return directory_of(installed, parent, path, source)


def _why_another(
    call: Block, source: str, evaluator: Evaluator, installed: InstalledModules, path: Sequence[str]
) -> str:
    record = installed.records.get(".".join(path))
    if record is None or source.startswith(LOCAL):
        return ""
    version = _text_of(call, "version", evaluator)
    argument = call.body.argument("version")
    if version is None and argument is not None and not _is_null(evaluator.value(argument.expression, {})):
        return f"has a version that is not known, {cut(expression_text(argument.expression))}"
    return why_another(record, source, version or "")


def _is_null(value: Value) -> bool:
    return isinstance(value, Known) and value.value is None


def why_not_at_hand(call: Block, evaluator: Evaluator, installed: InstalledModules, path: Sequence[str]) -> str:
    """
    Why nobody has looked into a module: a clause.

    Args:
        installed: see `Files.installed`.
        path: the names of the calls that lead there, outermost first.
    """
    source, argument = source_of_call(call, evaluator), call.body.argument("source")
    if source is not None:
        other = _why_another(call, source, evaluator, installed, path)
        # What is beside the configuration is there, or it is not.
        brought = "" if source.startswith(".") else ": terraform init brings it"
        return other or f"has a source that is not at hand, {source}{brought}"
    said = f", {cut(expression_text(argument.expression))}" if argument is not None else ""
    return f"has a source that is not known{said}"
