"""
Inputs with so many of one thing, small ones: what twice as many cost tells what a megabyte of them would.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from tests.hostile.constructions import ALLOW, role

#: Files by name, of which one is enough to be checked as a directory.
Files = Mapping[str, str]

_TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{**ALLOW, "Principal": {"AWS": "111122223333"}}]})


def template(resources: Mapping[str, object], **sections: object) -> Files:
    """A template of CloudFormation."""
    return {"t.json": json.dumps({**sections, "Resources": resources})}


def _role(name: str, more: str = "", trust: str = f"jsonencode({_TRUST})") -> str:
    return f'resource "aws_iam_role" "{name}" {{\n  assume_role_policy = {trust}\n{more}}}\n'


def refused_defaults(count: int) -> Files:
    """Variables whose defaults their validations refuse, and a role that is called like each."""
    blocks = [
        f'variable "v{n}" {{\n  type = string\n  default = "a{n}"\n  validation {{\n'
        f'    condition = can(regex("^b[0-9]*$", var.v{n}))\n    error_message = "x"\n  }}\n}}\n'
        + _role(f"r{n}", f"  name = var.v{n}\n")
        for n in range(count)
    ]
    return {"main.tf": "".join(blocks)}


def heredocs(count: int) -> Files:
    """Roles with a text that a directive makes of several accounts."""
    text = (
        '{"Version":"2012-10-17","Statement":[%{ for a in range(5) }%{ if a > 0 },%{ endif }{"Effect":"Allow",'
        '"Action":"sts:AssumeRole","Principal":{"AWS":"${format("%012d", a)}"}}%{ endfor }]}'
    )
    return {"main.tf": "".join(_role(f"r{n}", trust=f"<<EOT\n{text}\nEOT\n") for n in range(count))}


def imports(count: int) -> Files:
    """Roles that a block ``import`` takes over each."""
    blocks = [f'import {{\n  to = aws_iam_role.r{n}\n  id = "r{n}"\n}}\n' + _role(f"r{n}") for n in range(count)]
    return {"main.tf": "".join(blocks)}


def instances(count: int) -> Files:
    """Roles that one ``for_each`` makes."""
    keys = ", ".join(f'k{n} = "{n:012d}"' for n in range(count))
    return {"main.tf": _role("r", "  for_each = local.m\n  name = each.key\n") + f"locals {{\n  m = {{{keys}}}\n}}\n"}


def preconditions(count: int) -> Files:
    """Roles with a precondition each, which looks at a variable by way of a local and of what a module gives back."""
    blocks = [
        f'variable "v{n}" {{\n  default = "a{n}"\n}}\nlocals {{\n  l{n} = [var.v{n}]\n}}\n'
        f'module "m{n}" {{\n  source = "./m"\n  v      = local.l{n}\n}}\n'
        + _role(
            f"r{n}",
            f'  lifecycle {{\n    precondition {{\n      condition     = module.m{n}.w[0] != "a{n}"\n'
            f'      error_message = "x"\n    }}\n  }}\n',
        )
        for n in range(count)
    ]
    module = 'variable "v" {}\noutput "w" {\n  value = var.v\n}\n'
    return {"main.tf": "".join(blocks), "m/main.tf": module}


def permissions(count: int) -> Files:
    """Permissions of one function, of a bucket each."""
    return template(
        {
            f"L{n}": {
                "Type": "AWS::Lambda::Permission",
                "Properties": {
                    "FunctionName": "f",
                    "Action": "lambda:InvokeFunction",
                    "Principal": "s3.amazonaws.com",
                    "SourceArn": f"arn:aws:s3:::b{n}",
                },
            }
            for n in range(count)
        }
    )


def conditions(count: int) -> Files:
    """Roles of which a condition each decides whether they are there."""
    return template(
        {f"R{n}": {**role(ALLOW), "Condition": f"C{n}"} for n in range(count)},
        Parameters={f"P{n}": {"Type": "String"} for n in range(count)},
        Conditions={f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "x"]} for n in range(count)},
    )


def roles_of_invariants(count: int) -> Files:
    """Roles without a name, and an invariant about each."""
    tables = (f'[[invariant]]\nname = "i{n}"\nresources = ["*x{n}x"]\naccounts = ["{n:012d}"]\n' for n in range(20))
    return {"trustproof.toml": "".join(tables), **template({f"R{n}": role(ALLOW) for n in range(count)})}


GROWING: Mapping[str, Callable[[int], Files]] = {
    one.__name__.replace("_", "-"): one
    for one in (
        conditions,
        heredocs,
        imports,
        instances,
        permissions,
        preconditions,
        refused_defaults,
        roles_of_invariants,
    )
}
