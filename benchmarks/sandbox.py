"""
What the gateway of the sandbox costs: a call through it over the same call to moto alone, in one run on one machine.

    python benchmarks/sandbox.py

The runs of a call and of its baseline alternate, and every figure is a median. Milliseconds depend on the machine; what
is to be compared with another day are the ratios. The goal: at most 2 ms for a call, and ready within 2 s.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from trustproof.sandbox import Sandbox
from trustproof.sandbox.moto import server as moto_server

RUNS = 101
READY_RUNS = 5
HOME = "111122223333"
REGION = "eu-central-1"

CALLS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "sts:GetCallerIdentity": ("sts", lambda client: client.get_caller_identity()),
    "sts:AssumeRole": (
        "sts",
        lambda client: client.assume_role(
            RoleArn=f"arn:aws:iam::{HOME}:role/OrganizationAccountAccessRole", RoleSessionName="benchmark"
        ),
    ),
    "iam:GetRole": ("iam", lambda client: client.get_role(RoleName="OrganizationAccountAccessRole")),
    "ec2:DescribeVpcs": ("ec2", lambda client: client.describe_vpcs()),
    "ssm:DescribeParameters": ("ssm", lambda client: client.describe_parameters()),
    "dynamodb:ListTables": ("dynamodb", lambda client: client.list_tables()),
    "s3:GetObject": ("s3", lambda client: client.get_object(Bucket="benchmark", Key="a")["Body"].read()),
}
READY = (
    "import time; begin = time.perf_counter()\n"
    "from trustproof.sandbox import Sandbox\n"
    "with Sandbox(): print(time.perf_counter() - begin)\n"
)


def milliseconds(call: Callable[[Any], Any], client: Any) -> float:
    begin = time.perf_counter()
    call(client)
    return (time.perf_counter() - begin) * 1_000


def alone(keys: dict[str, Any], service: str, port: int) -> Any:
    """A client of moto itself."""
    client = boto3.session.Session().client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name=REGION,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys.get("SessionToken"),
    )

    def name_account(request: Any, **_: Any) -> None:
        request.headers["x-moto-account-id"] = HOME

    client.meta.events.register("before-send", name_account)
    return client


def main() -> None:
    """Print a line for each call."""
    with Sandbox(accounts=[HOME]) as aws:
        application = DomainDispatcherApplication(create_backend_app)
        server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
        Thread(target=server.serve_forever, daemon=True).start()
        s3 = aws.client("s3", account=HOME)
        s3.create_bucket(Bucket="benchmark", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="benchmark", Key="a", Body=b"a")
        inside = dict(aws.enter(HOME))
        print(f"{'call':<24}{'moto alone':>12}{'sandbox':>12}{'more':>10}{'ratio':>8}")
        for name, (service, call) in CALLS.items():
            through = aws.client(service) if service == "sts" else aws.client(service, inside)
            baseline = alone(inside, service, server.port)
            pairs = [(milliseconds(call, baseline), milliseconds(call, through)) for _ in range(RUNS)]
            before, after = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(f"{name:<24}{before:>9.2f} ms{after:>9.2f} ms{after - before:>7.2f} ms{after / before:>8.2f}")
        server.shutdown()
    ready = [
        float(subprocess.run([sys.executable, "-c", READY], capture_output=True, text=True, check=True).stdout)
        for _ in range(READY_RUNS)
    ]
    bare = [process(["-c", "import moto.server, boto3"]) for _ in range(READY_RUNS)]
    print(f"ready in {min(ready):.2f} s, {min(ready) / min(bare):.2f} of the import of moto and boto3")


class Quiet(moto_server.MotoRequestHandler):
    """Keeps no log."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Nothing."""


def process(arguments: list[str]) -> float:
    """The seconds that a process of Python takes."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, env=dict(os.environ))
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
