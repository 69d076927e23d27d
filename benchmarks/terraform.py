"""
What a plan or a configuration of Terraform costs, over the same policies as a CloudFormation template.

    python benchmarks/terraform.py

The whole process each time, the fastest of several runs that take turns: what is to be compared with another day are
the ratios. See `gate.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

# Run as a file, Python looks for imports beside it; the tests stand beside its folder.
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent))

import templates
from gate import FEW, GATE, fastest, row

from tests.inputs.terraform import hcl
from tests.inputs.terraform.builders import Resource, plan

Json = dict[str, object]
#: Roles of the plan that is compared with a template, and of those that have to grow alike; files of the configuration,
#: each with a role and a policy.
ROLES, SIZES, FILES = 500, (1_000, 10_000), 650
PARSE = (
    "import sys, tree_sitter, tree_sitter_hcl, pathlib\n"
    "parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))\n"
    "for path in sorted(pathlib.Path(sys.argv[1]).rglob('*.tf')): parser.parse(path.read_bytes())"
)
#: Without what starts Python and imports either: processor seconds of this process, of the parser and of the reader.
READ = (
    # As the command line has it, before it imports anything.
    "import gc; gc.set_threshold(100_000, 10, 100)\n"
    "import pathlib, sys, time, tree_sitter, tree_sitter_hcl\n"
    "from trustproof.inputs.settings import Settings\n"
    "from trustproof.inputs.terraform.sources import directory\n"
    "parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))\n"
    "started = time.process_time()\n"
    "for path in sorted(pathlib.Path(sys.argv[1]).rglob('*.tf')): parser.parse(path.read_bytes())\n"
    "parsed = time.process_time()\n"
    "directory.templates(sys.argv[1], sys.argv[1], Settings())\n"
    "print(parsed - started, time.process_time() - parsed)"
)


def trust(number: int) -> str:
    """A trust policy of its own."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{222200000000 + number % 7}:root"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                },
                {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
            ],
        },
        indent=2,
    )


def permissions(number: int) -> str:
    """An identity policy of its own."""
    statements = [
        {
            "Sid": f"Read{part}",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket", "dynamodb:GetItem"],
            "Resource": [f"arn:aws:s3:::data-{number}-{part}", f"arn:aws:s3:::data-{number}-{part}/*"],
        }
        for part in range(3)
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def resources(count: int) -> list[Resource]:
    """Roles, each with a policy."""
    found: list[Resource] = []
    for number in range(count):
        name = f"r{number}"
        found += [
            Resource(f"aws_iam_role.{name}", {"name": name, "path": "/", "assume_role_policy": trust(number)}),
            Resource(f"aws_iam_role_policy.{name}", {"name": "p", "role": name, "policy": permissions(number)}),
        ]
    return found


def template(count: int) -> Json:
    """The same as a template."""
    found: Json = {}
    for number in range(count):
        name = f"r{number}"
        properties = {"RoleName": name, "Path": "/", "AssumeRolePolicyDocument": json.loads(trust(number))}
        found[f"Role{number}"] = {"Type": "AWS::IAM::Role", "Properties": properties}
        document = json.loads(permissions(number))
        inline = {"RoleName": name, "PolicyName": "p", "PolicyDocument": document}
        found[f"Policy{number}"] = {"Type": "AWS::IAM::RolePolicy", "Properties": inline}
    return {"Resources": found}


def plans(directory: Path) -> None:
    """A plan over a template, and a large one over a small one."""
    (directory / "plan.json").write_text(json.dumps(plan(*resources(ROLES))), encoding="utf-8")
    (directory / "template.json").write_text(templates.text(template(ROLES)), encoding="utf-8")
    commands = ((*GATE, "--jobs", "1", "template.json"), (*GATE, "--jobs", "1", "plan.json"))
    base, took = fastest(directory, commands, FEW)
    row(f"a plan with {2 * ROLES} policies", took, base, "the template", 1.5)
    for size in SIZES:
        (directory / f"plan-{size}.json").write_text(json.dumps(plan(*resources(size // 2))), encoding="utf-8")
    commands = tuple((*GATE, "--jobs", "1", f"plan-{size}.json") for size in SIZES)
    small, large = fastest(directory, commands, 2)
    row(f"{SIZES[1]} resources, each", large / SIZES[1], small / SIZES[0], f"each of {SIZES[0]}", 1.3)


def configurations(directory: Path) -> None:
    """A configuration of many files over what its parser takes, and a plan with it over the plan alone."""
    folder = directory / "infra"
    folder.mkdir()
    listed = resources(FILES)
    for number in range(0, len(listed), 2):
        text = "\n".join(hcl.resource(one) for one in listed[number : number + 2])
        (folder / f"file{number // 2:03}.tf").write_text(text, encoding="utf-8")
    (directory / "known.json").write_text(json.dumps(plan(*listed)), encoding="utf-8")
    commands = (
        ("-c", PARSE, "infra"),
        (*GATE, "--jobs", "1", "infra"),
        (*GATE, "--jobs", "1", "known.json"),
        (*GATE, "--jobs", "1", "known.json", "--source", "infra"),
    )
    told = [
        [
            float(number)
            for number in subprocess.check_output([sys.executable, "-c", READ, "infra"], cwd=directory).split()
        ]
        for _ in range(FEW)
    ]
    parsed, read = (min(numbers) for numbers in zip(*told, strict=True))
    row(f"a configuration of {FILES} files, read and evaluated", read, parsed, "tree-sitter alone", 4)
    parse, took, alone, both = fastest(directory, commands, FEW)
    row(f"the same, with all of its {2 * FILES} policies judged", took, parse, "tree-sitter alone")
    row("a plan with it", both, alone, "the plan alone")


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        plans(Path(folder))
        configurations(Path(folder))


if __name__ == "__main__":
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    main()
