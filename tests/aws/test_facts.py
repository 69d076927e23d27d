"""
The facts that AWS publishes: the files are what the generator writes, and what we add by hand does not contradict them.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from trustproof.aws import published
from trustproof.aws.action_names import spelling
from trustproof.aws.action_resources import iam_actions
from trustproof.aws.partitions import partition_of, url_suffix
from trustproof.aws.places_of_resources import FILLED, place_of
from trustproof.aws.resources_of_actions import resources_of_action

FILES = [
    "actions.jsonl",
    "calls.jsonl",
    "condition_keys.jsonl",
    "handlers.jsonl",
    "managed_policies.jsonl",
    "partitions.json",
    "sam_policy_templates.jsonl",
]
ROOT = Path(__file__).resolve().parents[2]


def test_files_are_what_the_generator_writes() -> None:
    """A fact that was edited by hand, or that is older than its package, is found."""
    done = subprocess.run([sys.executable, "tools/facts.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    missing = "" if find_spec("samtranslator") else "sam_policy_templates.jsonl: not compared without samtranslator\n"
    assert done.stdout == missing


@pytest.mark.parametrize("file", FILES)
def test_each_file_names_its_source(file: str) -> None:
    """Whoever doubts a fact finds the page of AWS and the package, with its version, in the file."""
    head = (ROOT / "validators/trustproof/aws/data" / file).read_text("utf-8")[:600]
    assert re.search(r'"page": ?"https://docs\.aws\.amazon\.com/', head)
    assert re.search(r'"packages": ?\{\s*"[a-z_-]+": ?"\d', head)


def test_service_is_found_by_its_prefix() -> None:
    """An action has its spelling and its resource types; a prefix that AWS does not have is None."""
    found = published.service("sqs")
    assert found is not None
    send = found.actions["sendmessage"]
    assert (send.name, send.resources, send.required, send.reads) == ("SendMessage", ("queue",), True, False)
    assert found.resources["queue"] == ("arn:*:sqs:*:*:*",)
    assert published.service("sqss") is None


def test_services_whose_arns_say_where() -> None:
    """Of each of them the reference has an account in every ARN, and says itself of which it leaves out the Region."""
    assert {place_of(service) for service in FILLED} == {f"?*:{'?' * 12}", f"*:{'?' * 12}"}
    assert [service for service in FILLED if place_of(service).startswith("*")] == ["dynamodb"]
    assert place_of("ssm") == place_of("ec2") == "*:*"


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
        ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
        (None, "aws", "amazonaws.com"),
        ("mars-north-1", "aws", "amazonaws.com"),
    ],
)
def test_region_has_its_partition(region: str | None, partition: str, suffix: str) -> None:
    """The partition of a Region follows from its name."""
    assert (partition_of(region), url_suffix(partition)) == (partition, suffix)


def test_actions_of_iam_are_spelt_as_aws_does() -> None:
    """Every action of IAM is found whatever its case, but for the few that the reference itself has in lower case."""
    for action in iam_actions():
        given = f"IAM:{action.upper()}"
        assert spelling(given) == (given if action.islower() else f"iam:{action}")


@pytest.mark.parametrize(
    ("action", "written"),
    [
        ("payment-cryptography:associatempateam", "payment-cryptography:AssociateMpaTeam"),
        ("account:getprimaryemailupdatestatus", "account:GetPrimaryEmailUpdateStatus"),
        ("s3:getobject", "s3:GetObject"),
    ],
)
def test_an_action_that_is_not_described_is_spelt_as_its_call(action: str, written: str) -> None:
    """What is too new for the reference to describe has the name of the call that it is for."""
    assert spelling(action) == written


def test_the_name_of_a_call_describes_no_action() -> None:
    """Which keys an action may carry is open where nothing but its name is known."""
    found = published.service("payment-cryptography")
    assert found is not None
    assert not found.actions["associatempateam"].is_described
    assert found.actions["decryptdata"].is_described


@pytest.mark.parametrize("action", ["kms:Decrypt", "kms:GenerateDataKey", "kms:ReEncryptTo", "kms:VerifyMac"])
def test_what_a_key_does_is_about_a_key(action: str) -> None:
    """Never about an alias, which a policy may name and no request does."""
    assert resources_of_action(action) == ("arn:*:kms:?*:????????????:key/*",)
