"""
Users of programs: nobody sits at one to type the code of an MFA device.
"""

from __future__ import annotations

import re

from trustproof.model.principals import Holder

#: What to do in place of asking a program for MFA:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles
AS_A_ROLE = "let the program run as a role in place of this user: an access key has no MFA, and a role needs none"
#: Around a remedy that would stop a program, where nothing says whether one uses the user, or is in the group.
OF_A_PERSON = (
    "if a person uses this user, {}; if a program uses it, let it run as a role instead: an access key has no MFA, "
    "and a role needs none"
)
OF_PEOPLE = "if the group is one of people, {}; a program that is in it never has MFA: let it run as a role instead"

#: Words at the end of the name of a program's user.
_PROGRAMS = frozenset(
    "agent api app application automation backend backup backups bot broker ci cd cicd circleci deploy deployer "
    "deployment exporter github logstash uploader writer "
    "actions ansible bots connector consul daemon etl fivetran gitlab grafana heroku integration jenkins job jobs "
    "lambda loader machine nomad packer pipeline prometheus renovate replicator robot runner scraper server service "
    "services ses smtp svc sync system terraform travis velero webhook worker zapier".split()
)
#: Words of a name: ``paas-app``, ``PaasApp``, ``paas_app``.
_WORD = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
#: What follows such a word in the name of a resource: ``CiUser``, ``DeployIamUser``, ``PackerGroup``.
_USER = frozenset(("user", "users", "iam", "account", "accounts", "group", "groups"))
#: What keeps users puts its own name into their paths, whoever they are.
_MANAGERS = ("terraform", "ansible")
#: Keys of tags that say what a user is.
_KIND = ("type", "kind", "usertype", "user-type", "identity-type")

#: Words in the name of a role that people assume, with their access keys or in the console: who they are, how AWS calls
#: their jobs, and what such a role is for.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html
_PEOPLE = frozenset(
    "admin administrator administrators admins analyst analysts auditor auditors billing breakglass console dba "
    "developer developers emergency employee employees engineer engineers everyone human humans ops operator operators "
    "people person persons poweruser powerusers scientist scientists staff support user users viewer viewers".split()
)
#: What people are called in the name of a group, besides.
_MANY_PEOPLE = frozenset(
    "architect architects consultant consultants contractor contractors dev devs devops finance hr intern interns "
    "manager managers marketing member members sre team teams tester testers".split()
)
#: Words that say nothing of who assumes a role: what it is for, how far it reaches, and where.
_PLAIN = frozenset(
    "a access account accounts and assume assumed assumable audit aws break by cloud company corp cross data database "
    "default dev development emergency end env environment example finance for full glass global group groups iam in "
    "infra infrastructure internal lead limited main master mfa my network of on only org organization our peer "
    "platform power prod production project qa read readonly readwrite regional role roles root sandbox secure "
    "security senior shared stage staging super system target team teams temporary test the to with write".split()
)
#: Words that say of a role, or of who is let in, that a program acts there.
_ACTING = frozenset(
    "agents airflow apps argocd atlantis automations bamboo buildkite controltower crossplane deployers deployments "
    "exec execution gitops harness instance integration landing orchestrator pipelines provisioner pulumi runners "
    "runtime scanner services spacelift spinnaker stackset stacksets sync task teamcity tooling tools trigger vault "
    "workers workload workloads".split()
)
#: A value that is known at deployment only, in the name of a role.
_UNKNOWN = re.compile(r"<[^<>]*>|\$\{[^{}]*\}")

#: What the name of something unknown has in it that stands for roles: IRSA are the roles of service accounts of EKS.
_ROLES = ("role", "irsa")
#: Words in the name of an ARN that say of whose principal it may be: an account's, a person's, or anybody's.
_OF_ANYBODY = frozenset(
    "allowed caller callers client clients customer customers entities entity external federated foreign identities "
    "identity member members owner owners parent partner partners party permitted principal principals source third "
    "trust trusted trustee trustees vendor vendors".split()
)
#: Words that a module, or what an author calls any argument, puts before the others.
_BEFORE_NAMES = frozenset(("arn", "arns", "data", "each", "list", "local", "map", "module", "string", "value", "var"))
#: What is taken out of a text that somebody else keeps, as Terraform writes it: ``jsondecode(data.…) (a list)``, and
#: ``[for one in jsondecode(data.…) : one.arn]``.
_TAKEN_APART = re.compile(
    r"(?:\w+\(|\[for \w+(?:, \w+)? in )*(?:jsondecode|yamldecode|split)\(.*\bdata\.\w+\..*[)\]](?: \(a list\))?"
)
#: What Terraform's lists are called whose values are not known.
_A_LIST = " (a list)"
#: What says in such a text that it has accounts or users.
_OF_ACCOUNTS = ("account", "user", ":root")


#: Roles of a bootstrapped environment that other roles assume, by what their names have in them:
#: https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
_BOOTSTRAP = ("-deploy-role-", "-file-publishing-role-", "-image-publishing-role-", "-lookup-role-")


def is_of_a_bootstrap(arn: str) -> bool:
    """Whether a role is one that the CDK's bootstrap stack has for pipelines and ``cdk deploy``, by its name."""
    called = arn.rpartition("/")[2]
    return called.startswith("cdk-") and any(part in called for part in _BOOTSTRAP)


def in_words(text: str, doubt: str) -> str:
    """
    A remedy that asks for MFA, in words that stand without a diff.

    Args:
        doubt: what is said around it.
    """
    present = "Bool aws:MultiFactorAuthPresent true"
    asked = text if "MultiFactorAuthPresent" in text else text.replace(" with MFA", f" with MFA ({present})", 1)
    return doubt.format(asked)


def why_a_program(holder: Holder) -> str:
    """Why a user is taken for a program's, in words; the empty string where nothing says so."""
    if holder.kind != "user" or holder.has_password:
        return ""
    name = holder.logical_id or str(holder.name)
    if works_with_a_key(holder):
        return f"{name} has an access key and no password, and so is taken for a program's"
    for called in (holder.logical_id, holder.name if isinstance(holder.name, str) else ""):
        if is_called_a_program(called.rpartition(".")[2]):
            return f"{name} has no password, and is taken by its name for a program's"
    path = str(holder.arn).partition(":user/")[2].split("/")[:-1]
    if any(folder not in _MANAGERS and is_called_a_program(folder) for folder in path):
        return f"{name} has no password, and is taken by its path for a program's"
    if any(key in _KIND and speaks_of_a_program(value) for key, value in holder.tags):
        return f"{name} has no password, and is taken by its tags for a program's"
    return ""


def works_with_a_key(holder: Holder) -> bool:
    """Whether a user is a program's by what the template gives it, whatever it is called: a key, and no password."""
    return holder.kind == "user" and holder.has_key and not holder.has_password


def is_called_a_program(name: str) -> bool:
    """Whether the name of a user ends with a word for a program, or a folder of its path: ``svc/vault-7``."""
    *folders, last = name.split("/")
    return any(map(_ends_with_a_program, (last, *folders)))


def _ends_with_a_program(name: str) -> bool:
    words = [word.lower() for word in re.findall(_WORD, name)]
    while len(words) > 1 and words[-1] in _USER:
        words.pop()
    return bool(words) and words[-1] in _PROGRAMS | _ACTING


def speaks_of_people(name: str) -> bool:
    """
    Whether a role is one that people assume by its name: ``AdminRole``, ``break-glass``. Any word that is not known may
    be what a program is called.
    """
    words = _words(name)
    of_people = words & _PEOPLE or {"break", "glass"} <= words or {"power", "user"} <= words
    return bool(of_people) and all(word in _PEOPLE or word in _PLAIN or word.isdigit() for word in words)


def speaks_of_a_group_of_people(name: str) -> bool:
    """
    Whether a group is one of people by its name: ``Analysts``, ``DataTeam``. A group of users is seldom anything else,
    so words that are not known say nothing against it.
    """
    words = _words(name)
    return bool(words & (_PEOPLE | _MANY_PEOPLE)) and not words & (_PROGRAMS | _ACTING)


def speaks_of_a_program(text: str) -> bool:
    """Whether something that an author has named says that a program is meant: ``AllowJenkins``, ``ToolingAccount``."""
    return bool(_words(text) & (_PROGRAMS | _ACTING))


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(_WORD, _UNKNOWN.sub(" ", name))}


def speaks_of_a_role(name: str) -> bool:
    """Whether something that is not known before deployment is a role by its name."""
    return any(word in name.lower() for word in _ROLES)


def may_be_the_arn_of_a_role(name: str) -> bool:
    """
    Whether a principal that is called an ARN, and is not known before deployment, may be a role by its name: the one of
    nodes, tasks or a pipeline, ``kube_cluster_nodes_arn``. No name speaks of an account or of people there, and what
    has an ARN that is a principal is an account, a user or a role.
    """
    words = _words(name)
    said = words - _BEFORE_NAMES
    of_anybody = said & (_OF_ANYBODY | _PEOPLE | {"account", "accounts", "root", "group", "groups"})
    return bool(words & {"arn", "arns"}) and not of_anybody and not said <= _PLAIN


def may_be_a_list_of_roles(name: str, *, is_list: bool = False) -> bool:
    """
    Whether a list of principals that is not known before deployment may be one of roles: whoever gives it decides what
    is in it, as does whoever keeps the text that it is taken out of, unless its name speaks of accounts or of people.

    Args:
        is_list: whether a parameter is declared as a list.
    """
    said = name.lower()
    is_list = is_list or said.endswith(_A_LIST) or _TAKEN_APART.fullmatch(said) is not None
    return is_list and not any(word in said for word in _OF_ACCOUNTS) and not _words(name) & _PEOPLE
