"""
What ``make demo`` shows: the app synthesized and proved, then three broken templates and a Terraform configuration
refuted.

Exits with 0 when all of it went as announced: the app passes the gate, and what is broken is stopped by it.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent

#: Template to a title, and what is wrong with it.
BROKEN = {
    "allow-bool-if-exists.yaml": (
        "An Allow with BoolIfExists",
        "It seems to demand MFA, and lets in every access key: for those, the key is absent.",
    ),
    "deny-bool-false.json": (
        "A Deny with Bool false",
        "It seems to stop whoever comes without MFA, and does not apply to an access key.",
    ),
    "mfa-of-a-service.yaml": (
        "MFA demanded of a service",
        "It seems stricter than most, and nobody will ever be able to assume the role.",
    ),
}


def heading(title: str, text: str) -> None:
    """Say what comes next."""
    print(f"\n{'─' * 100}\n{title}\n{text}\n")


def run(*command: str, expect: int, quiet: bool = False) -> None:
    """
    Show a command, run it, and stop the demo if it does not exit with the expected status.

    What a quiet command prints is shown only then.
    """
    if shutil.which(command[0]) is None:
        sys.exit(f"demo: there is no {command[0]} on PATH: run `make demo`, which brings it")
    print(f"$ {shlex.join(command)}", flush=True)
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        check=False,
        text=True,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
    )
    if done.returncode != expect:
        sys.stdout.write(done.stdout or "")
        sys.exit(f"demo: {command[0]} exited with status {done.returncode}, and {expect} was expected")


def main() -> None:
    """Run the demo."""
    heading(
        "1. The app",
        "A hub and three more accounts, a vendor and a repository: infra/accounts.toml, synthesized by the CDK.",
    )
    run("cdk", "synth", "--quiet", "--no-notices", expect=0, quiet=True)
    print("\nWho may be what, where, with MFA or without, and for how long:\n")
    run("trustproof", "who", "cdk.out", expect=0)

    heading("2. The gate", "Every policy of the app is proved: who may get into which role, and how.")
    run("trustproof", "check", "cdk.out", expect=0)

    for number, (name, (title, text)) in enumerate(BROKEN.items(), start=3):
        heading(f"{number}. {title}", text)
        run("trustproof", "check", f"examples/broken/{name}", expect=1)

    heading(
        f"{len(BROKEN) + 3}. Terraform",
        "The first of these holes again, in Terraform: the same verdict, at its line, and a remedy in its language.",
    )
    run("trustproof", "check", "examples/terraform", "--account", "222233334444", expect=1)

    heading(
        "Done",
        "The app passed the gate; the three broken templates and the Terraform configuration were stopped with exit "
        "status 1.",
    )


if __name__ == "__main__":
    main()
