"""
Writes ``validators/trustproof/aws/data``: what AWS publishes, from packages on the registry, each a development
dependency in the exact version of ``requirements.txt``.

    python tools/facts.py           writes the files, and today's date as that of the release
    python tools/facts.py --check   compares, writes nothing, and exits with 1 where a file differs

What we judged ourselves stands in the modules of ``trustproof.aws``, beside a link; never here.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import botocore.model
import botocore.session
import cfnlint
import policy_sentry
from moto.iam.aws_managed_policies import aws_managed_policies_data

DATA = Path(__file__).resolve().parent.parent / "validators" / "trustproof" / "aws" / "data"

AUTHORIZATION = (
    "https://docs.aws.amazon.com/service-authorization/latest/reference/"
    "reference_policies_actions-resources-contextkeys.html"
)
COMMANDS = "https://docs.aws.amazon.com/cli/latest/reference/"
MANAGED_POLICIES = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html"
POLICY_TEMPLATES = "https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html"
HANDLERS = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-schemas.html"
PARTITIONS = "https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html"

#: An environment that is older than this package can compare the other files.
IS_SAM_THERE = find_spec("samtranslator") is not None
_OF_SAM = "sam_policy_templates.jsonl"

#: How AWS says which part of an ARN is which; a policy says ``*``.
_VARIABLE = re.compile(r"\$\{[^}]*\}|\.\*")


def origin(what: str, page: str, *packages: str) -> dict[str, object]:
    """The head of a file: what it holds, the page of AWS, and the packages with the versions that it was read from."""
    return {"what": what, "page": page, "packages": {name: version(name) for name in packages}}


def pattern(arn: str) -> str:
    """An ARN as published, ``arn:${Partition}:sqs:${Region}:${Account}:.*``, with a ``*`` for each variable."""
    return _VARIABLE.sub("*", arn)


def line(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def lines(head: Mapping[str, object], rows: Iterator[object]) -> str:
    """JSON, a value a line, so that a reader takes one of them and a difference shows what changed."""
    return "".join(f"{line(row)}\n" for row in (head, *rows))


def actions() -> str:
    """Every service: its resource types, and its actions with the types that they are about and the keys they carry."""
    listed = json.loads((files(cfnlint) / "data" / "AdditionalSpecs" / "Policies.json").read_text("utf-8"))
    described = json.loads((files(policy_sentry) / "shared" / "data" / "iam-definition.json").read_text("utf-8"))
    head = origin("actions, resource types and condition keys", AUTHORIZATION, "cfn-lint", "policy_sentry", "botocore")
    names: dict[str, dict[str, str]] = {}
    for prefix, _, operation in _operations():
        names.setdefault(prefix, {})[operation.name.lower()] = operation.name
    rows = (_service(name, listed[name], described.get(name, {}), names.get(name, {})) for name in sorted(listed))
    return lines(head, rows)


def condition_keys() -> str:
    """
    The condition keys by the prefix of their names, each with the type that the reference gives it.

    Several services list the same key; where they do not agree, it is the type with several values.
    """
    described = json.loads((files(policy_sentry) / "shared" / "data" / "iam-definition.json").read_text("utf-8"))
    types: dict[str, dict[str, str]] = {}
    for service in described.values():
        for name, about in service.get("conditions", {}).items() if isinstance(service, dict) else ():
            keys = types.setdefault(name.partition(":")[0], {})
            if not keys.get(name, "").startswith("ArrayOf"):
                keys[name] = about["type"]
    head = origin("condition keys and their types", AUTHORIZATION, "policy_sentry")
    return lines(head, ({"service": prefix, "keys": dict(sorted(types[prefix].items()))} for prefix in sorted(types)))


def _service(
    name: str,
    listed: Mapping[str, dict[str, dict[str, object]]],
    described: Mapping[str, object],
    operations: Mapping[str, str],
) -> object:
    """A service; an action is spelled as in the reference, else as the call of the same name, else as it is listed."""
    privileges = described.get("privileges", {})
    assert isinstance(privileges, dict)
    known = {action.lower(): found for action, found in privileges.items()}
    return {
        "service": name,
        # The name comes first in its line: a reader finds the line by it.
        "resources": {
            type_: sorted({pattern(arn) for arn in found.get("ARNFormats", [])})  # type: ignore[attr-defined]
            for type_, found in listed.get("Resources", {}).items()
        },
        "actions": {
            str(known.get(action, {}).get("privilege", operations.get(action, action))): _action(
                found, known.get(action)
            )
            for action, found in listed.get("Actions", {}).items()
        },
    }


def _action(listed: Mapping[str, object], described: Mapping[str, object] | None) -> dict[str, object]:
    found: dict[str, object] = {}
    if described is None:
        found["undescribed"] = True
    if listed.get("Resources"):
        found["resources"] = listed["Resources"]
    if described is not None:
        types = described["resource_types"]
        assert isinstance(types, dict)
        if any(type_["required"] for name, type_ in types.items() if name):
            found["required"] = True
        keys = sorted({key for type_ in types.values() for key in type_["condition_keys"]})
        if keys:
            found["keys"] = keys
        if described["access_level"] in ("Read", "List"):
            found["reads"] = True
    return found


#: Services of botocore to what the AWS CLI calls them, where that is another name.
_CLI_NAMES = {"codedeploy": "deploy", "config": "configservice", "s3": "s3api"}
#: Services to the prefix of their actions, where that is not the name that they sign with.
_PREFIXES = {"cloudcontrol": "cloudformation", "cloudwatch": "cloudwatch", "resourcegroupstaggingapi": "tag"}
#: Of services that share a prefix, those that come first.
_FIRST = ("lambda", "s3", "events", "rds", "elbv2", "opensearch", "lexv2-models", "sesv2", "bedrock")


@cache
def _session() -> botocore.session.Session:
    """One, which reads the model of each service once."""
    return botocore.session.get_session()


def _operations() -> Iterator[tuple[str, str, botocore.model.OperationModel]]:
    """Every call: the prefix of its action, what the AWS CLI calls its service, and the call."""
    session = _session()
    services = session.get_available_services()
    for name in sorted(services, key=lambda name: (name not in _FIRST, name)):
        model = session.get_service_model(name)
        signs = model.metadata.get("signingName") or model.metadata["endpointPrefix"]
        for operation in sorted(model.operation_names):
            yield _PREFIXES.get(name, signs), _CLI_NAMES.get(name, name), model.operation_model(operation)


def calls() -> str:
    """
    The commands of the AWS CLI, by the action that each is authorized as: the words, then the options that it needs,
    each with its type where that is no string, and ``>`` where it wants the name of a file for what comes back.
    """
    listed = json.loads((files(cfnlint) / "data" / "AdditionalSpecs" / "Policies.json").read_text("utf-8"))
    found: dict[str, dict[str, str]] = {}
    for prefix, service, operation in _operations():
        action = operation.name.lower()
        if action in listed.get(prefix, {}).get("Actions", {}) or prefix == "s3":
            found.setdefault(prefix, {}).setdefault(action, _command(service, operation))
    head = origin("commands of the AWS CLI, by action", COMMANDS, "botocore", "cfn-lint")
    # The name of an action is that of its command, without hyphens.
    assert all(
        command.split()[1].replace("-", "") == action for one in found.values() for action, command in one.items()
    )
    return lines(head, ({"service": name, "calls": [*found[name].values()]} for name in sorted(found)))


def _command(service: str, operation: botocore.model.OperationModel) -> str:
    words = [service, botocore.xform_name(operation.name, "-")]
    given = operation.input_shape
    if given is not None:
        # One that the client makes up is not asked for.
        made_up = {member for member, shape in given.members.items() if shape.metadata.get("idempotencyToken")}
        for member in given.required_members:
            kind = given.members[member].type_name
            option = botocore.xform_name(member, "-")
            if member not in made_up:
                words.append(option if kind == "string" else f"{option}:{kind}")
    return " ".join([*words, *([">"] if operation.has_streaming_output else [])])


def managed_policies() -> str:
    """Every policy that AWS manages: its path, its version and its document."""
    found = json.loads(aws_managed_policies_data)
    head = origin("the policies that AWS manages", MANAGED_POLICIES, "moto")
    return lines(
        head,
        (
            {
                "policy": f"{policy['Path'].removeprefix('/')}{name}",
                "version": policy["DefaultVersionId"],
                "updated": policy["UpdateDate"][:10],
                "document": policy["Document"],
            }
            for name, policy in sorted(found.items())
        ),
    )


def partitions() -> str:
    """The partitions, each with its DNS suffix and its Regions."""
    found = json.loads((files(botocore) / "data" / "partitions.json").read_text("utf-8"))
    rows = {
        each["id"]: {
            "suffix": each["outputs"]["dnsSuffix"],
            "pattern": each["regionRegex"].replace("\\-", "-"),
            "regions": sorted(name for name in each["regions"] if not name.endswith("-global")),
        }
        for each in found["partitions"]
    }
    head = origin("partitions and their Regions", PARTITIONS, "botocore")
    return json.dumps({**head, "partitions": rows}, indent=1, sort_keys=True) + "\n"


def sam_policy_templates() -> str:
    """The policy templates of SAM: what each is given, and the statements that it makes of that."""
    listed = files("samtranslator") / "policy_templates_data" / "policy_templates.json"
    found = json.loads(listed.read_text("utf-8"))["Templates"]
    head = origin("the policy templates of SAM", POLICY_TEMPLATES, "aws-sam-translator")
    return lines(
        head,
        (
            {
                "template": name,
                "parameters": sorted(template["Parameters"]),
                "statements": template["Definition"]["Statement"],
            }
            for name, template in sorted(found.items())
        ),
    )


#: The handlers of a resource type that change something.
_HANDLERS = ("create", "update", "delete")


def handlers() -> str:
    """Every resource type of CloudFormation with the actions that its handlers need, in whichever Region."""
    found: dict[str, dict[str, set[str]]] = {}
    for path in sorted((Path(str(files(cfnlint))) / "data" / "schemas" / "resources").glob("*.json")):
        schema = json.loads(path.read_text("utf-8"))
        for name, about in schema.get("handlers", {}).items():
            if name in _HANDLERS:
                needs = found.setdefault(schema["typeName"], {}).setdefault(name, set())
                needs.update(about.get("permissions", ()))
    head = origin("what the handlers of resource types need", HANDLERS, "cfn-lint")
    return lines(
        head,
        ({"type": name, **{one: sorted(found[name][one]) for one in sorted(found[name])}} for name in sorted(found)),
    )


def release(day: str) -> str:
    """The day before which no request is sent any more: verdicts about dates rest on it."""
    return json.dumps({"what": "the day of the release", "day": day}, indent=1) + "\n"


def released() -> str:
    """The day that stands in the files now."""
    day = json.loads((DATA / "release.json").read_text("utf-8"))["day"]
    assert isinstance(day, str)
    return day


def facts(day: str) -> dict[str, str]:
    """File name to its text."""
    return {
        "actions.jsonl": actions(),
        "calls.jsonl": calls(),
        "condition_keys.jsonl": condition_keys(),
        "handlers.jsonl": handlers(),
        "managed_policies.jsonl": managed_policies(),
        "partitions.json": partitions(),
        "release.json": release(day),
        **({_OF_SAM: sam_policy_templates()} if IS_SAM_THERE else {}),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the files, and write nothing")
    arguments = parser.parse_args()
    # The models of all services live to the end: looking through them for garbage takes half the time.
    gc.disable()
    found = facts(released() if arguments.check else datetime.now(UTC).date().isoformat())
    if arguments.check:
        if not IS_SAM_THERE:
            sys.stdout.write(f"{_OF_SAM}: not compared without samtranslator\n")
        stale = [name for name, text in found.items() if (DATA / name).read_text("utf-8") != text]
        for name in stale:
            sys.stderr.write(f"{name} is not what tools/facts.py writes: run make facts\n")
        return 1 if stale else 0
    DATA.mkdir(exist_ok=True)
    for name, text in found.items():
        (DATA / name).write_text(text, "utf-8")
        sys.stdout.write(f"{name}: {len(text):,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
