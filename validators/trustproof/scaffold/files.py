"""
What stands in a new project besides the app itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from trustproof.escaping.text import printable
from trustproof.scaffold.organizations import Organization

#: Where the app is in an installation of Trustproof, and in a checkout.
APP_FILES = ("app.py", "cdk.json", "infra")

GITIGNORE = """\
.venv/
__pycache__/
cdk.out/
.cdk.staging/
"""

README = """\
# Access to our accounts

Who may be what in which account stands in [infra/accounts.toml](infra/accounts.toml).
[infra/README.md](infra/README.md) explains its keys, and how to bootstrap and deploy.

```console
python -m venv .venv && . .venv/bin/activate
pip install -r requirements.txt
python -m infra.boundary    # after each change of the accounts: what the gate takes for ours
cdk synth --quiet           # the gate is part of it
trustproof who              # who may be what where
```

Before anything of it is in your accounts, try it on an AWS of your own machine, in which all of this is enforced:

```console
pip install 'trustproof[sandbox]'
trustproof sandbox --accounts infra/accounts.toml -- bash
# in that shell, for each account: its profile has the name that it has in accounts.toml;
# of one that is called management its id, since that is the sandbox's own administrator
cdk bootstrap aws://ID/REGION --profile NAME --trust ID-OF-THE-HUB \\
  --cloudformation-execution-policies arn:aws:iam::aws:policy/AdministratorAccess
# the app makes no users: whom [users] names is there before, here as in your account
aws iam create-user --user-name USER --profile NAME-OF-THE-HUB
cdk deploy --all --profile NAME-OF-THE-HUB
```

It has the accounts that the file has when it starts, and keeps nothing: for one that comes later, start it again.
"""

MAKEFILE = """\
.PHONY: boundary synth check

boundary:
\tpython -m infra.boundary

synth:
\trm -rf cdk.out
\tcdk synth --quiet

check: synth
\ttrustproof check --strict cdk.out
"""

GITHUB = """\
name: access
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - run: pip install -r requirements.txt
      - run: cdk synth --quiet
      - run: trustproof check --strict cdk.out
      - run: trustproof who cdk.out
"""

GITLAB = """\
gate:
  image: python:3.13
  script:
    - pip install -r requirements.txt
    - cdk synth --quiet
    - trustproof check --strict cdk.out
    - trustproof who cdk.out
"""

#: Above the account that manages the organization.
_MANAGEMENT = (
    "# It manages the organization, and leads on to all other accounts:",
    '# for deploy and admin, "*" does not mean it.',
)

#: What may be said of continuous integration, to the file.
CI_FILES: dict[str, dict[str, str]] = {
    "github": {".github/workflows/access.yml": GITHUB},
    "gitlab": {".gitlab-ci.yml": GITLAB},
    "none": {},
}


def cdk_json(ours: str, salt: str) -> str:
    """
    The text of cdk.json: what is set in ours, for a project that has the constructs installed.

    Args:
        ours: the text of the file beside the app.
        salt: what constructs derive external ids from, which no two projects share.
    """
    said = json.loads(ours)
    said["watch"]["include"] = [path for path in said["watch"]["include"] if path.partition("/")[0] in APP_FILES]
    said["watch"]["include"] += ["trustproof.toml"]
    said["context"]["trustproof:external-id-salt"] = salt
    return json.dumps(said, indent=2) + "\n"


def requirements(version: str) -> str:
    """The text of requirements.txt."""
    return (
        f"# The constructs, the gate, and what they need.\ntrustproof[cdk]=={version}\n"
        "# The CDK CLI and its Node, as wheels.\naws-cdk-cli>=2.1146\nnodejs-wheel>=22\n"
    )


def accounts_file(organization: Organization, hub: str, region: str, salt: str) -> str:
    """
    The text of infra/accounts.toml.

    Args:
        hub: the name of the account where people sign in.
        region: of all.
        salt: what external ids are derived from.
    """
    accounts, titles = organization.accounts, organization.titles
    lines = [
        "#:schema accounts.schema.json",
        "",
        "# The accounts, and who may be what in them: infra/README.md explains every key.",
        "",
        "[organization]",
        f'id = "{organization.ident}"',
        "# External ids of vendors who gave you none are derived from it: keep it as it is.",
        f'external-id-salt = "{salt}"',
        "",
        "# Where people sign in as IAM users, and have no permissions but to go elsewhere.",
        *_called(titles.get(hub)),
        *_account(hub, accounts[hub], region, 'kind = "hub"'),
    ]
    for name in sorted(set(accounts) - {hub}):
        is_management = accounts[name] == organization.management
        lines += [*(_MANAGEMENT if is_management else ()), *_called(titles.get(name))]
        lines += _account(name, accounts[name], region, *(['kind = "management"'] if is_management else ()))
    lines += [
        "# Who may be what, and where: in an account, in every account of a unit, or everywhere.",
        "[groups.auditors]",
        'audit = ["*"]',
        "",
        "[groups.operators]",
        'read = ["*"]',
        "operate = []",
        "deploy = []",
        "admin = []",
    ]
    return "\n".join(lines) + "\n"


def _called(title: str | None) -> list[str]:
    """A comment on an account whose name was made of another one."""
    if title is None:
        return []
    said = f'is "{printable(title)}"' if title.strip() else "has no name"
    return [f"# The account {said} in AWS Organizations; its name here was made of that."]


def _account(name: str, ident: str, region: str, *more: str) -> list[str]:
    return [f"[accounts.{name}]", *more, f'id = "{ident}"', f'region = "{region}"', ""]


def boundary_file(organization: str, accounts: Mapping[str, str], hub: str, region: str) -> str:
    """
    The text of trustproof.toml, as `infra.boundary` writes it.

    Args:
        region: of all accounts.
    """
    order = [hub, *sorted(set(accounts) - {hub})]
    lines = [
        "# Written by `make boundary` from infra/accounts.toml: change that file.",
        "",
        "[boundary]",
        "accounts = [",
        *(f'    "{accounts[name]}", # {name}, {region}' for name in order),
        "]",
        f'organizations = ["{organization}"]',
        "",
        "[properties.deployers-declared]",
        "administrators = []",
        "",
        "# What you add below this line stays.",
    ]
    return "\n".join(lines) + "\n"
