"""
A stack of the CDK among the stacks of its app, as the gate sees it: who may be what is said by several of them.
"""

from __future__ import annotations

import re
from importlib import import_module
from os.path import join
from pathlib import Path
from typing import Any, NamedTuple

from trustproof.results.report import Report

#: A file of an asset: templates name it by its hash.
_ASSET = re.compile(r"[\\/]asset\.([0-9a-f]{64})\b")


class StackTemplates(NamedTuple):
    """
    The templates of one stack in a cloud assembly.
    """

    #: The directory of the assembly of the whole app.
    assembly: str
    #: That of the stack, and those of the stacks that are nested in it, which are deployed with it.
    own: frozenset[str]
    #: Those of all other stacks.
    other: frozenset[str]

    def part_of(self, report: Report) -> Report:
        """What a report about the assembly says of the stack, and of no other one."""
        text = "".join(Path(one).read_text(encoding="utf-8") for one in sorted(self.own))

        def is_own(template: str) -> bool:
            asset = _ASSET.search(template)
            return template not in self.other if asset is None else asset[1] in text

        results = tuple(one for one in report.results if is_own(one.template))
        return report.replace(
            results=results,
            # Where none is about a template of the stack, nothing was asked.
            policies=sum(one.template in self.own for one in results),
            passed_over=tuple(one for one in report.passed_over if is_own(one[0])),
            omissions=tuple(one for one in report.omissions if is_own(one.template)),
        )


def synthesize_stack(stack: Any) -> StackTemplates:
    """
    Synthesize the app of a stack.

    Args:
        stack: an ``aws_cdk.Stack``.
    """
    # Whoever has a stack has the CDK; nobody else needs it.
    cdk = import_module("aws_cdk")
    root = stack.node.root
    assembly = root.synth().directory
    files = {
        one: join(cdk.Stage.of(one).synth().directory, one.template_file)
        for one in root.node.find_all()
        if cdk.Stack.is_stack(one)
    }
    return StackTemplates(
        assembly,
        frozenset(file for one, file in files.items() if _is_in(one, stack)),
        frozenset(file for one, file in files.items() if not _is_in(one, stack)),
    )


def _is_in(inner: Any, stack: Any) -> bool:
    """Whether a stack is another one, or nested in it at any depth."""
    while inner is not None and inner is not stack:
        inner = inner.nested_stack_parent
    return inner is stack
