"""
Files beside the accounts file, and how it is read itself.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import trustproof
from infra._shapes import Place

#: The words for the policies that allow everything, which are no files: of services, and of resources.
FULL_ACCESS = {"service": "FullAWSAccess", "resource": "RCPFullAWSAccess"}
#: How many of a kind may be attached to one target, of resources that which allows everything included, and how many
#: characters one may have: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
_MOST = {"service": 10, "resource": 5}
_LONGEST = {"service": 10_240, "resource": 5120}


def read_text(file: Path) -> str:
    """
    The text of a file.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is not UTF-8.
    """
    # Some editors begin a file with a mark that TOML does not know.
    return file.read_text(encoding="utf-8-sig")


def shown_path(file: Path) -> str:
    """The path as a person in the working directory would write it."""
    path = Path(os.path.abspath(file))
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else file)


def check_control_policies(organization: Mapping[str, Any], file: Path, place: Place) -> None:
    """
    Find the files of control policies, and what they hold.

    Nothing is deployed of them, so that only a sandbox would miss one, or find that it is no policy.

    Raises:
        AccountsError: one is not there, or is none; the message names its key, and the line in it.
    """
    for kind, key in (("service", "service-control-policies"), ("resource", "resource-control-policies")):
        for target, names in organization.get(key, {}).items():
            # That which allows everything on resources cannot be detached.
            attached = {*names, *([FULL_ACCESS[kind]] if kind == "resource" else [])}
            if len(attached) > _MOST[kind]:
                raise place.at(key, target).error(
                    f"must be at most {_MOST[kind]} policies"
                    f"{f', {FULL_ACCESS[kind]} included' if kind == 'resource' else ''}, got {len(attached)}: AWS "
                    "Organizations attaches no more to one target"
                )
            for name in names:
                if name in FULL_ACCESS.values():
                    continue
                # `Path.is_file` raises where a name is longer than any file has.
                if not os.path.isfile(file.parent / name):
                    raise place.at(key, target).error(
                        f"must be files beside this one, or '{FULL_ACCESS['service']}', got {name!r}"
                    )
                if refused := _refusal(file.parent.joinpath(name), kind):
                    raise place.at(key, target).error(f"must be policies, got {name!r}{refused}")


def _refusal(file: Path, kind: str) -> str:
    """
    Why a file holds no control policy, to go on after its name; empty where it does.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
    """
    try:
        text = read_text(file)
        policy = json.loads(text)
    except json.JSONDecodeError as error:
        return f", which is not JSON in line {error.lineno}: {error.msg}"
    except (OSError, ValueError, RecursionError) as error:
        return f", which cannot be read: {error}"
    if not isinstance(policy, dict) or not isinstance(policy.get("Statement"), (dict, list)):
        return ", which has no Statement"
    if policy.get("Version") != "2012-10-17":
        return f", whose Version is {policy.get('Version')!r}: a control policy has '2012-10-17'"
    try:
        trustproof.control_denials([[text]], ["sts:AssumeRole"], "*", {}, kind=kind)
    except trustproof.PolicySyntaxError as error:
        where = f" in line {error.line}" if error.line is not None else ""
        return f", which is none{where}: {error.message}"
    # Whoever deploys it may leave out the whitespace, which counts.
    size = len(json.dumps(policy, ensure_ascii=False, separators=(",", ":")))
    if size > _LONGEST[kind]:
        return f", which has {size} characters without whitespace: AWS Organizations takes at most {_LONGEST[kind]}"
    return ""
