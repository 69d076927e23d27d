"""
The labelled Terraform configurations, made into what Terraform and AWS would take where the rule does not look at it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.corpus.files import text
from trustproof import Report

_HEADER = re.compile(r'^(?:resource|data) "(\w+)" "([\w-]+)"|^(?:module|provider|variable) "([\w-]+)"', re.MULTILINE)
_REFERENCE = re.compile(r"(?<![\w.])((?:data\.)?aws_\w+)\.([\w-]+)\.")
_VARIABLE = re.compile(r"\bvar\.([\w-]+)")


def as_terraform_takes_it(file: str) -> str:
    """The text of a configuration: nothing in it twice, and what is referred to declared."""
    content = text(file)
    if "GithubActionsOIDCTrustPolicy" in file:
        content = content.replace("  action = [", "  actions = [")
    if "cross_account_iam_assume_role_policy_without_external_id_or_mfa" in file:
        # A trust policy has no Resource.
        content = content.replace('"Resource": "*",', "")
    if "KMSKeyWildcardPrincipal" in file or "SNSTopicPolicyAnyPrincipal" in file:
        # JSON has no comma behind the last item.
        content = re.sub(r",(\s*\])", r"\1", content)
    first: dict[str, str] = {}
    for header, block in _blocks(content):
        first.setdefault(header, block)
    kept = list(first.values())
    return "".join(kept) + "".join(_missing("".join(kept))) + "".join(_holders(kept))


def _blocks(content: str) -> list[tuple[str, str]]:
    """The blocks of a file, each to the next one, and what each begins with."""
    starts = list(_HEADER.finditer(content))
    ends = [start.start() for start in starts[1:]] + [len(content)]
    return [(start.group(), content[start.start() : end]) for start, end in zip(starts, ends, strict=True)]


def _missing(content: str) -> list[str]:
    """What a configuration refers to and does not declare; a bucket that is not there is left to be somewhere else."""
    declared = {header for header, _ in _blocks(content)}
    made = []
    for type_, name in sorted(set(_REFERENCE.findall(content))):
        block = "data" if type_.startswith("data.") else "resource"
        header = f'{block} "{type_.removeprefix("data.")}" "{name}"'
        if header not in declared and type_ not in ("aws_s3_bucket", "data.aws_iam_policy_document"):
            made.append(f"\n{header} {{}}\n")
    variables = (f'variable "{name}"' for name in sorted(set(_VARIABLE.findall(content))))
    return made + [f"\n{header} {{}}\n" for header in variables if header not in declared]


def _holders(blocks: Sequence[str]) -> list[str]:
    """A role for each trust policy that is only a policy document."""
    made = []
    for block in blocks:
        found = _HEADER.match(block)
        if found is not None and found[1] == "aws_iam_policy_document" and "WebIdentity" in block:
            name = found[2]
            document = f"data.aws_iam_policy_document.{name}.json"
            made.append(f'\nresource "aws_iam_role" "{name}" {{\n  assume_role_policy = {document}\n}}\n')
    return made


def write(file: str, folder: Path) -> Path:
    """What is to be checked: a plan, or the directory of a configuration."""
    if file.endswith(".json"):
        plan = folder / Path(file).name
        plan.write_text(text(file), encoding="utf-8")
        return plan
    directory = folder / re.sub(r"\W", "_", file)
    directory.mkdir(exist_ok=True)
    (directory / "main.tf").write_text(as_terraform_takes_it(file), encoding="utf-8")
    return directory


def stands_at(resource: str) -> str:
    """The resource of ours that a label is about: the role that a policy document was given to."""
    return resource.replace("data.aws_iam_policy_document.", "aws_iam_role.") if "module" not in resource else resource


def is_at(logical_id: str, resource: str) -> bool:
    """Whether a policy is one of a resource."""
    return resource == "*" or logical_id == resource or logical_id.startswith(f"{resource}.")


def is_refused(report: Report, written: Path, resource: str) -> bool:
    """Whether a policy of a resource, or where a label speaks of the whole file any one, is an error."""
    if resource == "*" or not written.is_dir():
        return bool(report.errors)
    content = (written / "main.tf").read_text(encoding="utf-8")
    own = []
    first = _HEADER.search(content)
    assert first is not None
    line = 1 + content[: first.start()].count("\n")
    for _, block in _blocks(content):
        after = line + block.count("\n")
        found = _HEADER.match(block)
        if found is not None and f"{found[1]}.{found[2]}" in (resource, resource.replace("aws_iam_role.", _DOCUMENT)):
            own.append((line, after))
        line = after
    places = [error.line for error in report.errors]
    assert all(place is not None for place in places), report.errors
    return any(start <= (place or 0) < after for place in places for start, after in own)


_DOCUMENT = "aws_iam_policy_document."
