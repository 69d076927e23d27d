"""
Stacks from their first deployment to their deletion, and what happens when something in them fails.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.ecr.models import Image, ecr_backends
from moto.sns.models import sns_backends

from tests.sandbox.cloudformation.conftest import (
    ACCOUNT,
    ACKNOWLEDGED,
    REGION,
    UNIT,
    Stacks,
    inventory,
    nothing,
    policy,
    resource,
    template,
    trust,
)
from trustproof.sandbox.cloudformation.errors import RefusedRequest, Undecided
from trustproof.sandbox.moto.cloudformation import s3_backend
from trustproof.sandbox.moto.iam import iam_backends

READ = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def role(name: str | None = None, **more: Any) -> dict[str, Any]:
    found = resource("IAM::Role", AssumeRolePolicyDocument=trust(), **more)
    if name is not None:
        found["Properties"]["RoleName"] = name
    return found


def failing() -> dict[str, Any]:
    """A role that IAM refuses."""
    return resource("IAM::Role", AssumeRolePolicyDocument=trust({"AWS": "arn:aws:iam::111122223333:role/nobody"}))


class TestCreation:
    def test_order_follows_references(self, stacks: Stacks) -> None:
        """What others refer to is made first, and deleted last."""
        made = template(
            Policy=resource("IAM::Policy", PolicyName="p", PolicyDocument=policy(), Roles=[{"Ref": "Role"}]),
            Role=role(Description={"Fn::Sub": "${Group.Arn}"}),
            Group=resource("IAM::Group"),
        )
        stacks.deploy(made)
        done = [name for name, status in stacks.events() if status == "CREATE_COMPLETE"]
        assert done == ["Group", "Role", "Policy", "stack"]
        identifier = stacks.stack()["StackId"]
        stacks.delete()
        done = [name for name, status in stacks.events(identifier) if status == "DELETE_COMPLETE"]
        assert done == ["Policy", "Role", "Group", "stack"]

    def test_a_failure_takes_everything_back(self, stacks: Stacks) -> None:
        """A creation that fails leaves nothing, says why, and cannot be updated."""
        made = template(First=role(), Second=resource("IAM::Group"), Third=failing())
        assert stacks.deploy(made) == "ROLLBACK_COMPLETE"
        assert "Invalid principal in policy" in stacks.reasons()[0]
        assert "The following resource(s) failed to create: [Third]" in json.dumps(
            stacks.call("DescribeStackEvents", StackName="stack")["StackEvents"], default=str
        )
        assert inventory() == nothing()
        with pytest.raises(RefusedRequest, match="ROLLBACK_COMPLETE state and can not be updated"):
            stacks.deploy(template(First=role()))

    @pytest.mark.parametrize(
        ("asked", "status"),
        [
            ({"OnFailure": "DO_NOTHING"}, "CREATE_FAILED"),
            ({"DisableRollback": True}, "CREATE_FAILED"),
            ({"OnFailure": "ROLLBACK"}, "ROLLBACK_COMPLETE"),
            ({"OnFailure": "DELETE"}, "DELETE_COMPLETE"),
        ],
    )
    def test_what_a_failure_leaves_is_up_to_the_caller(self, asked: Any, status: str, stacks: Stacks) -> None:
        """A failed creation is kept for inspection only where somebody asks for that."""
        made = json.dumps(template(First=role("first"), Then=failing() | {"DependsOn": "First"}))
        identifier = stacks.call(
            "CreateStack", StackName="stack", TemplateBody=made, Capabilities=ACKNOWLEDGED, **asked
        )["StackId"]
        assert stacks.stack(identifier)["StackStatus"] == status
        assert list(inventory()["roles"]) == (["first"] if status == "CREATE_FAILED" else [])

    def test_conditions_decide_what_is_made(self, stacks: Stacks) -> None:
        """A resource whose condition is false is not made, and an absent value is not there."""
        made = template(
            Yes=role("yes", ManagedPolicyArns=[READ, {"Fn::If": ["Never", "x", {"Ref": "AWS::NoValue"}]}]),
            No=role("no") | {"Condition": "Never"},
        )
        made["Conditions"] = {"Never": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-gov-west-1"]}}
        stacks.deploy(made)
        assert list(inventory()["roles"]) == ["yes"]
        assert inventory()["roles"]["yes"]["attached"] == [READ]

    def test_a_reference_to_what_is_not_made_fails(self, stacks: Stacks) -> None:
        """A reference to a resource whose condition is false is an error, and no empty value."""
        made = template(Yes=role(Description={"Ref": "No"}), No=role("no") | {"Condition": "Never"})
        made["Conditions"] = {"Never": {"Fn::Equals": ["a", "b"]}}
        with pytest.raises(RefusedRequest, match=r"Unresolved resource dependencies \[No\]"):
            stacks.deploy(made)
        assert stacks.call("DescribeStacks")["Stacks"] == []

    @pytest.mark.parametrize(
        ("made", "code", "said"),
        [
            ({"Resources": {}}, "ValidationError", "At least one Resources member"),
            (
                template(A=role(Description={"Ref": "B"}), B=role(Description={"Ref": "A"})),
                "ValidationError",
                "Circular dependency between resources: [A, B]",
            ),
            (template(A=role(Description={"Ref": "A"})), "ValidationError", "Circular dependency"),
            (template(A=role(Description={"Ref": "Z"})), "ValidationError", "Unresolved resource dependencies [Z]"),
            (
                template(A=role()) | {"Outputs": {"O": {"Value": {"Fn::Sub": "${Z}"}}}},
                "ValidationError",
                "Unresolved resource dependencies [Z] in the Outputs block",
            ),
            (template(A=role() | {"Condition": "Z"}), "ValidationError", "unresolved condition dependency Z"),
            (template(A=role()) | {"Transform": "AWS::Serverless-2016-10-31"}, "NotImplemented", "does not run macros"),
            (template(A=role()) | {"Extra": {}}, "ValidationError", "Invalid template property"),
        ],
    )
    def test_templates_that_are_refused(self, made: Any, code: str, said: str, stacks: Stacks) -> None:
        """What cannot be deployed is refused before anything is made, in CloudFormation's words."""
        with pytest.raises(RefusedRequest) as refused:
            stacks.call(
                "CreateChangeSet",
                StackName="stack",
                ChangeSetName="change",
                ChangeSetType="CREATE",
                TemplateBody=json.dumps(made),
                Capabilities=ACKNOWLEDGED,
            )
        assert (refused.value.code, said in refused.value.message) == (code, True), refused.value.message
        assert stacks.call("DescribeStacks")["Stacks"] == []

    @pytest.mark.parametrize(
        ("made", "given", "needed"),
        [
            (template(A=role()), [], "CAPABILITY_IAM"),
            (template(A=role("named")), ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
        ],
    )
    def test_capabilities_are_asked_for(self, made: Any, given: list[str], needed: str, stacks: Stacks) -> None:
        """Nobody makes IAM resources without saying that they know."""
        with pytest.raises(RefusedRequest, match=rf"Requires capabilities : \[{needed}\]") as refused:
            stacks.call("CreateStack", StackName="s", TemplateBody=json.dumps(made), Capabilities=given)
        assert refused.value.code == "InsufficientCapabilitiesException"

    def test_a_name_is_taken_once(self, stacks: Stacks) -> None:
        """Two stacks of one name cannot be, until the first is deleted."""
        body = json.dumps(template(A=resource("IAM::Group")))
        stacks.call("CreateStack", StackName="s", TemplateBody=body, Capabilities=ACKNOWLEDGED)
        with pytest.raises(RefusedRequest) as refused:
            stacks.call("CreateStack", StackName="s", TemplateBody=body, Capabilities=ACKNOWLEDGED)
        assert refused.value.code == "AlreadyExistsException"
        stacks.delete("s")
        stacks.call("CreateStack", StackName="s", TemplateBody=body, Capabilities=ACKNOWLEDGED)


class TestUpdate:
    def test_a_failure_brings_back_what_was(self, stacks: Stacks) -> None:
        """An update that fails half way leaves IAM as it was, whatever had been changed, made or replaced."""
        before = template(
            Changed=role("changed", Description="one", ManagedPolicyArns=[READ]),
            Replaced=resource("IAM::ManagedPolicy", PolicyDocument=policy(), Description="one", Roles=["changed"])
            | {"DependsOn": "Changed"},
            Removed=resource("IAM::Group", GroupName="removed"),
        )
        stacks.deploy(before)
        then, outputs = inventory(), stacks.resources()
        after = template(
            Changed=role("changed", Description="two", Tags=[{"Key": "k", "Value": "v"}]),
            Replaced=resource("IAM::ManagedPolicy", PolicyDocument=policy("s3:*"), Description="two", Roles=["changed"])
            | {"DependsOn": "Changed"},
            Added=resource("IAM::User", UserName="added"),
            Wrong=failing() | {"DependsOn": ["Changed", "Replaced", "Added"]},
        )
        assert stacks.deploy(after) == "UPDATE_ROLLBACK_COMPLETE"
        assert inventory() == then
        assert stacks.resources() == outputs
        assert json.loads(stacks.call("GetTemplate", StackName="stack")["TemplateBody"]) == before
        del after["Resources"]["Wrong"]
        assert stacks.deploy(after) == "UPDATE_COMPLETE"
        assert list(inventory()["groups"]) == []

    def test_a_change_that_iam_refuses_half_way_is_taken_back(self, stacks: Stacks) -> None:
        """A resource that was changed in part when it failed is as before again."""
        stacks.deploy(template(R=role("r", Description="one")))
        then = inventory()
        wrong = role("r", Description="two", ManagedPolicyArns=[READ, "arn:aws:iam::aws:policy/No"])
        assert stacks.deploy(template(R=wrong)) == "UPDATE_ROLLBACK_COMPLETE"
        assert inventory() == then

    @pytest.mark.parametrize(
        "more",
        [
            {"Policies": [{"PolicyName": "p", "PolicyDocument": policy()}] * 2},
            {"Policies": [{"PolicyName": "p"}]},
            {"Tags": ["k"]},
        ],
    )
    def test_a_change_that_cannot_be_read_is_taken_back(self, stacks: Stacks, more: dict[str, Any]) -> None:
        """Properties that nobody can read are no state of a resource, to come from or to go to."""
        stacks.deploy(template(R=role("r", Description="one")))
        then = inventory()
        wrong = role("r", Description="two", ManagedPolicyArns=[READ], **more)
        assert stacks.deploy(template(R=wrong)) == "UPDATE_ROLLBACK_COMPLETE"
        assert inventory() == then
        assert stacks.deploy(template(R=role("r", Description="three"))) == "UPDATE_COMPLETE"

    def test_replacement_comes_before_removal(self, stacks: Stacks) -> None:
        """A resource that must be made anew exists before the old one goes, and others refer to the new one."""
        parts = {
            "Role": role(Path="/a/"),
            "Profile": resource("IAM::InstanceProfile", Roles=[{"Ref": "Role"}]),
        }
        stacks.deploy(template(**parts))
        old = stacks.resources()
        parts["Role"] = role(Path="/b/")
        assert stacks.deploy(template(**parts)) == "UPDATE_COMPLETE"
        new = stacks.resources()
        assert new["Role"] != old["Role"]
        assert new["Profile"] == old["Profile"]
        assert inventory()["profiles"] == {new["Profile"]: [new["Role"]]}
        assert list(inventory()["roles"]) == [new["Role"]]

    def test_a_resource_with_a_name_of_its_own_is_not_replaced(self, stacks: Stacks) -> None:
        """Two of one name cannot be: the template must give another one."""
        stacks.deploy(template(R=role("r", Path="/a/")))
        assert stacks.deploy(template(R=role("r", Path="/b/"))) == "UPDATE_ROLLBACK_COMPLETE"
        assert "Rename r and update the stack again" in stacks.reasons()[0]
        assert inventory()["roles"]["r"]["path"] == "/a/"

    def test_nothing_to_do_is_said(self, stacks: Stacks) -> None:
        """An update that changes nothing is an error, as scripts expect it."""
        stacks.deploy(template(R=role("r")))
        with pytest.raises(RefusedRequest, match="No updates are to be performed"):
            stacks.deploy(template(R=role("r")))

    def test_outputs_alone_are_a_change(self, stacks: Stacks) -> None:
        """A template with another output is another template."""
        made = template(R=role("r"))
        stacks.deploy(made)
        assert stacks.deploy(made | {"Outputs": {"Name": {"Value": {"Ref": "R"}}}}) == "UPDATE_COMPLETE"
        assert stacks.outputs() == {"Name": "r"}

    def test_a_type_is_kept(self, stacks: Stacks) -> None:
        """A logical id does not become something else."""
        stacks.deploy(template(R=role("r")))
        with pytest.raises(RefusedRequest, match="Update of resource type is not permitted"):
            stacks.deploy(template(R=resource("IAM::Group")))

    @pytest.mark.parametrize(
        ("policies", "kept"),
        [({}, False), ({"DeletionPolicy": "Retain"}, True), ({"UpdateReplacePolicy": "Retain"}, False)],
    )
    def test_what_is_removed_is_deleted_unless_retained(self, policies: Any, kept: bool, stacks: Stacks) -> None:
        """A resource that leaves the template leaves the account, unless its template said otherwise."""
        stacks.deploy(template(R=role("r") | policies, S=role("s")))
        stacks.deploy(template(S=role("s")))
        assert ("r" in inventory()["roles"]) is kept
        assert set(stacks.resources()) == {"S"}

    @pytest.mark.parametrize(
        ("before", "after", "left"),
        [
            ({}, {}, ["s"]),
            ({"UpdateReplacePolicy": "Retain"}, {"UpdateReplacePolicy": "Retain"}, ["r", "s"]),
            ({"UpdateReplacePolicy": "Delete"}, {"UpdateReplacePolicy": "Snapshot"}, ["s"]),
            ({}, {"UpdateReplacePolicy": "Retain"}, ["r"]),
            ({"UpdateReplacePolicy": "Retain"}, {}, ["r"]),
        ],
    )
    def test_what_is_replaced(self, before: Any, after: Any, left: list[str], stacks: Stacks) -> None:
        """What is replaced is kept if both templates say so, and deleted if none does; else nothing is replaced."""
        stacks.deploy(template(R=role("r") | before))
        status = stacks.deploy(template(R=role("s") | after))
        assert sorted(set(inventory()["roles"]) & {"r", "s"}) == left
        assert status == ("UPDATE_COMPLETE" if "s" in left else "UPDATE_ROLLBACK_COMPLETE")


@pytest.mark.parametrize("number", [50, 51])
def test_a_stack_has_fifty_tags(stacks: Stacks, number: int) -> None:
    """CloudFormation takes as many and no more."""
    tags = [{"Key": f"k{one}", "Value": "v"} for one in range(number)]
    made = template(G=resource("IAM::Group"))
    if number == 50:
        assert stacks.deploy(made, Tags=tags) == "CREATE_COMPLETE"
    else:
        with pytest.raises(RefusedRequest, match="less than or equal to 50"):
            stacks.deploy(made, Tags=tags)


class TestDeletion:
    def test_what_has_no_snapshots_has_no_such_policy(self, stacks: Stacks) -> None:
        """A role cannot be kept as a snapshot, and CloudFormation does not take a template that says so."""
        with pytest.raises(RefusedRequest, match="AWS::IAM::Role does not support deletion policy Snapshot"):
            stacks.deploy(template(R={**role("r"), "DeletionPolicy": "Snapshot"}))

    def test_a_deletion_by_force_leaves_what_cannot_be_deleted(self, stacks: Stacks) -> None:
        """It is for a stack whose deletion failed already."""
        stacks.deploy(template(R=role("r"), S=role("s")))
        with pytest.raises(RefusedRequest, match="whose deletion failed"):
            stacks.delete(DeletionMode="FORCE_DELETE_STACK")
        stacks.iam.attach_role_policy(READ, "r")
        assert stacks.delete(DeletionMode="STANDARD") == "DELETE_FAILED"
        with pytest.raises(RefusedRequest, match="must be in a valid state"):
            stacks.delete(RetainResources=["S"])
        assert stacks.delete(DeletionMode="FORCE_DELETE_STACK") == "DELETE_COMPLETE"
        assert list(inventory()["roles"]) == ["r"]

    @pytest.mark.parametrize(
        ("name", "more"), [("full1", {"RetainResources": ["B"]}), ("full2", {"DeletionMode": "FORCE_DELETE_STACK"})]
    )
    def test_a_bucket_with_objects_is_not_deleted(self, stacks: Stacks, name: str, more: dict[str, Any]) -> None:
        """The deletion fails with the words of S3, and the bucket can be left behind."""
        stacks.deploy(template(B=resource("S3::Bucket", BucketName=name), E=resource("S3::Bucket")))
        s3 = s3_backend(ACCOUNT, "aws")
        s3.put_object(name, "key", b"value")
        buckets = stacks.resources()
        assert stacks.delete() == "DELETE_FAILED"
        assert "The bucket you tried to delete is not empty" in stacks.reasons()[0]
        assert list(stacks.resources()) == ["B"]
        assert stacks.delete(**more) == "DELETE_COMPLETE"
        assert name in s3.buckets
        assert buckets["E"] not in s3.buckets

    @pytest.mark.parametrize(
        ("more", "status"),
        [
            ({}, "DELETE_FAILED"),
            ({"EmptyOnDelete": False}, "DELETE_FAILED"),
            ({"EmptyOnDelete": True}, "DELETE_COMPLETE"),
            ({"EmptyOnDelete": "true"}, "DELETE_COMPLETE"),
        ],
    )
    def test_a_repository_with_images_is_deleted_where_it_says_so(
        self, stacks: Stacks, more: dict[str, Any], status: str
    ) -> None:
        """ECR keeps a repository that has images, unless they are to go with it."""
        stacks.deploy(template(R=resource("ECR::Repository", **more)))
        (name,) = stacks.resources().values()
        kept = ecr_backends[ACCOUNT][REGION].repositories
        kept[name].images.append(Image(ACCOUNT, "latest", "{}", name))
        assert stacks.delete() == status
        assert (name in kept) == (status == "DELETE_FAILED")
        kept.pop(name, None)

    def test_what_is_gone_already_is_deleted(self, stacks: Stacks) -> None:
        """A resource that somebody has deleted by hand does not stop the deletion of its stack."""
        stacks.deploy(template(B=resource("S3::Bucket", BucketName="gone"), T=resource("SNS::Topic", TopicName="t")))
        s3_backend(ACCOUNT, "aws").delete_bucket("gone")
        sns_backends[ACCOUNT][REGION].delete_topic(f"arn:aws:sns:{REGION}:{ACCOUNT}:t")
        assert stacks.delete() == "DELETE_COMPLETE", stacks.reasons()

    def test_termination_protection(self, stacks: Stacks) -> None:
        """A protected stack stays until the protection is lifted."""
        stacks.deploy(template(R=role("r")), EnableTerminationProtection=True)
        with pytest.raises(RefusedRequest, match="TerminationProtection is enabled"):
            stacks.delete()
        stacks.call("UpdateTerminationProtection", StackName="stack", EnableTerminationProtection=False)
        assert stacks.delete() == "DELETE_COMPLETE"

    def test_what_cannot_be_deleted_can_be_left_behind(self, stacks: Stacks) -> None:
        """A stack whose deletion failed is deleted without what stands in the way."""
        stacks.deploy(template(R=role("r"), S=role("s")))
        stacks.iam.attach_role_policy(READ, "r")
        assert stacks.delete() == "DELETE_FAILED"
        assert list(inventory()["roles"]) == ["r"]
        assert stacks.delete(RetainResources=["R"]) == "DELETE_COMPLETE"
        assert list(inventory()["roles"]) == ["r"]

    def test_what_is_not_there_is_deleted_without_error(self, stacks: Stacks) -> None:
        """Deleting twice is no error."""
        assert stacks.call("DeleteStack", StackName="nothing") == {}

    def test_a_deleted_stack_is_found_by_its_id_only(self, stacks: Stacks) -> None:
        """History is kept by id, and the name is free."""
        stacks.deploy(template(R=role("r")))
        identifier = stacks.stack()["StackId"]
        stacks.delete()
        with pytest.raises(RefusedRequest, match="Stack with id stack does not exist"):
            stacks.stack()
        assert stacks.stack(identifier)["StackStatus"] == "DELETE_COMPLETE"


class TestExports:
    def exporting(self, value: Any) -> dict[str, Any]:
        return template(R=role("r")) | {"Outputs": {"O": {"Value": value, "Export": {"Name": "name"}}}}

    def test_imports_hold_exports(self, stacks: Stacks) -> None:
        """What another stack imports is neither changed nor deleted."""
        stacks.deploy(self.exporting({"Fn::GetAtt": ["R", "Arn"]}), "one")
        importing = role("other", Description={"Fn::ImportValue": "name"})
        stacks.deploy(template(R=importing), "two")
        assert inventory()["roles"]["other"]["description"] == "arn:aws:iam::111122223333:role/r"
        assert stacks.deploy(self.exporting("else"), "one") == "UPDATE_ROLLBACK_COMPLETE"
        with pytest.raises(RefusedRequest, match="Export name cannot be deleted as it is in use by two"):
            stacks.delete("one")
        stacks.delete("two")
        assert stacks.delete("one") == "DELETE_COMPLETE"

    def test_names_are_exported_once(self, stacks: Stacks) -> None:
        """Two stacks do not export one name."""
        stacks.deploy(self.exporting("a"), "one")
        other = template(S=role("s")) | {"Outputs": {"O": {"Value": "b", "Export": {"Name": "name"}}}}
        assert stacks.deploy(other, "two") == "ROLLBACK_COMPLETE"

    @pytest.mark.parametrize(
        ("names", "said"),
        [
            (["a", "b"], None),
            (["a", {"Fn::Join": ["", ["a"]]}], r"duplicate Export names: \[a\]"),
            (["a.b"], "alphanumeric characters, colons, or hyphens"),
            ([{"Ref": "R"}], "must not depend on any resources"),
            ([{"Fn::Join": ["", [{"Fn::ImportValue": "x"}]]}], "must not depend on any resources"),
        ],
    )
    def test_names_of_exports(self, stacks: Stacks, names: list[Any], said: str | None) -> None:
        """Each output has another one, of letters that it may have, before anything is made."""
        outputs = {f"O{number}": {"Value": "v", "Export": {"Name": name}} for number, name in enumerate(names)}
        made = template(R=role()) | {"Outputs": outputs}
        if said is None:
            assert stacks.deploy(made) == "CREATE_COMPLETE"
            return
        with pytest.raises(RefusedRequest, match=said):
            stacks.deploy(made)
        assert stacks.call("DescribeStacks")["Stacks"] == []
        of_nobody = {"Conditions": {"No": {"Fn::Equals": ["a", "b"]}}, "Resources": made["Resources"]}
        unmade = {name: {**one, "Condition": "No"} for name, one in outputs.items()}
        assert stacks.deploy({**of_nobody, "Outputs": unmade}) == "CREATE_COMPLETE"

    def test_an_import_of_nothing_fails(self, stacks: Stacks) -> None:
        """An import finds an export of the same account and Region, or fails."""
        assert stacks.deploy(template(R=role(Description={"Fn::ImportValue": "no"}))) == "ROLLBACK_COMPLETE"
        assert "No export named no found" in stacks.reasons()[0]


class TestChangeSets:
    def create(self, stacks: Stacks, made: dict[str, Any], kind: str = "UPDATE") -> dict[str, Any]:
        stacks.call(
            "CreateChangeSet",
            StackName="stack",
            ChangeSetName="change",
            ChangeSetType=kind,
            TemplateBody=json.dumps(made),
            Capabilities=ACKNOWLEDGED,
        )
        return stacks.call("DescribeChangeSet", StackName="stack", ChangeSetName="change")

    def test_a_stack_is_reviewed_and_then_made(self, stacks: Stacks) -> None:
        """A change set for a new stack makes nothing until it is executed."""
        found = self.create(stacks, template(R=role("r")), "CREATE")
        assert found["Status"] == "CREATE_COMPLETE"
        assert stacks.stack()["StackStatus"] == "REVIEW_IN_PROGRESS"
        assert inventory() == nothing()
        stacks.call("ExecuteChangeSet", StackName="stack", ChangeSetName="change")
        assert stacks.stack()["StackStatus"] == "CREATE_COMPLETE"
        assert list(inventory()["roles"]) == ["r"]
        with pytest.raises(RefusedRequest) as refused:
            stacks.call("ExecuteChangeSet", StackName="stack", ChangeSetName="change")
        assert refused.value.code == "ChangeSetNotFound"

    def test_changes_are_named(self, stacks: Stacks) -> None:
        """What is added, changed, replaced and removed is said before it is done; and nothing is done."""
        stacks.deploy(
            template(
                Changed=role("changed"),
                Replaced=role(Path="/a/"),
                Follows=resource("IAM::InstanceProfile", Roles=[{"Ref": "Replaced"}]),
                Removed=role("removed"),
                Same=role("same"),
            )
        )
        then = inventory()
        found = self.create(
            stacks,
            template(
                Changed=role("changed", Description="two"),
                Replaced=role(Path="/b/"),
                Follows=resource("IAM::InstanceProfile", Roles=[{"Ref": "Replaced"}]),
                Added=role("added"),
                Same=role("same"),
            ),
        )
        changes = {
            change["ResourceChange"]["LogicalResourceId"]: (
                change["ResourceChange"]["Action"],
                change["ResourceChange"].get("Replacement"),
            )
            for change in found["Changes"]
        }
        assert changes == {
            "Added": ("Add", None),
            "Changed": ("Modify", "False"),
            "Follows": ("Modify", "False"),
            "Removed": ("Remove", None),
            "Replaced": ("Modify", "True"),
        }
        assert inventory() == then

    def test_an_empty_change_set_fails_in_the_words_that_the_cdk_knows(self, stacks: Stacks) -> None:
        """The CDK CLI tells an empty change set from an error by the reason."""
        stacks.deploy(template(R=role("r")))
        found = self.create(stacks, template(R=role("r")))
        assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
        assert found["StatusReason"].startswith("The submitted information didn't contain changes.")
        with pytest.raises(RefusedRequest) as refused:
            stacks.call("ExecuteChangeSet", StackName="stack", ChangeSetName="change")
        assert refused.value.code == "InvalidChangeSetStatus"

    def test_an_update_makes_change_sets_obsolete(self, stacks: Stacks) -> None:
        """What was worked out for a stack before an update is not done after it."""
        stacks.deploy(template(R=role("r")))
        self.create(stacks, template(R=role("r", Description="set")))
        with pytest.raises(RefusedRequest, match="No updates"):
            stacks.deploy(template(R=role("r")))
        asked = {"StackName": "stack", "ChangeSetName": "change"}
        assert stacks.call("DescribeChangeSet", **asked)["ExecutionStatus"] == "AVAILABLE"
        stacks.deploy(template(R=role("r"), Added=role("added")))
        found = stacks.call("DescribeChangeSet", **asked)
        assert (found["Status"], found["ExecutionStatus"]) == ("CREATE_COMPLETE", "OBSOLETE")
        with pytest.raises(RefusedRequest, match=r"current execution status of \[OBSOLETE\]") as refused:
            stacks.call("ExecuteChangeSet", **asked)
        assert refused.value.code == "InvalidChangeSetStatus"
        assert list(inventory()["roles"]) == ["r", "added"]

    def test_a_change_set_of_a_stack_that_cannot_be_updated(self, stacks: Stacks) -> None:
        """A stack whose deletion failed is not updated, by a change set from before either."""
        stacks.deploy(template(R=role("r")))
        self.create(stacks, template(R=role("r", Description="set")))
        stacks.iam.put_role_policy("r", "by-hand", json.dumps(policy()))
        assert stacks.delete() == "DELETE_FAILED"
        with pytest.raises(RefusedRequest, match="DELETE_FAILED state and can not be updated"):
            stacks.call("ExecuteChangeSet", StackName="stack", ChangeSetName="change")

    def test_names_are_per_stack(self, stacks: Stacks) -> None:
        """Two stacks may have change sets of one name, and neither is taken for the other's."""
        stacks.deploy(template(R=role("one")), "one")
        stacks.deploy(template(R=role("two")), "two")
        for name in ("one", "two"):
            made = json.dumps(template(R=role(name, Description=name)))
            asked = {"StackName": name, "ChangeSetName": "change", "TemplateBody": made, "Capabilities": ACKNOWLEDGED}
            stacks.call("CreateChangeSet", **asked)
        stacks.call("ExecuteChangeSet", StackName="one", ChangeSetName="change")
        assert inventory()["roles"]["one"]["description"] == "one"
        assert inventory()["roles"]["two"]["description"] == ""
        stacks.call("DeleteChangeSet", StackName="one", ChangeSetName="change")
        assert stacks.call("DescribeChangeSet", StackName="two", ChangeSetName="change")["Status"] == "CREATE_COMPLETE"

    def test_a_change_set_that_is_not_there(self, stacks: Stacks) -> None:
        """Deleting it is no error, describing it is; the CDK CLI does both."""
        stacks.deploy(template(R=role("r")))
        assert stacks.call("DeleteChangeSet", StackName="stack", ChangeSetName="no") == {}
        with pytest.raises(RefusedRequest, match=r"ChangeSet \[no\] does not exist"):
            stacks.call("DescribeChangeSet", StackName="stack", ChangeSetName="no")

    def test_reverting_drift_is_undecided(self, stacks: Stacks) -> None:
        """What the sandbox does not do it says."""
        asked = {"StackName": "stack", "ChangeSetName": "c", "ChangeSetType": "CREATE"}
        made = json.dumps(template(R=role("r")))
        with pytest.raises(Undecided, match="DeploymentMode"):
            stacks.call(
                "CreateChangeSet", TemplateBody=made, Capabilities=ACKNOWLEDGED, **asked, DeploymentMode="REVERT_DRIFT"
            )
        assert stacks.call("DescribeStacks")["Stacks"] == []

    def test_a_change_set_that_would_import_makes_what_is_not_there(self, stacks: Stacks) -> None:
        """``cdk bootstrap`` asks each time for what exists to be imported: as a rule there is nothing."""
        asked = {"StackName": "stack", "ChangeSetName": "c", "ImportExistingResources": True}
        made = json.dumps(template(R=role("r")))
        stacks.call("CreateChangeSet", TemplateBody=made, Capabilities=ACKNOWLEDGED, ChangeSetType="CREATE", **asked)
        stacks.call("ExecuteChangeSet", StackName="stack", ChangeSetName="c")
        assert stacks.call("DescribeStacks")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"

    @pytest.mark.parametrize(
        ("made", "said"),
        [
            (role("by-hand"), "AWS::IAM::Role by-hand"),
            (resource("S3::Bucket", BucketName={"Fn::Sub": "by-hand-${AWS::AccountId}"}), f"by-hand-{ACCOUNT}"),
            (resource("IAM::ManagedPolicy", ManagedPolicyName="by-hand", PolicyDocument=policy()), None),
            (role("of-a-stack"), None),
        ],
    )
    def test_what_a_change_set_would_import_is_undecided(self, stacks: Stacks, made: Any, said: str | None) -> None:
        """What is there and in no stack would become a part of this one; what another stack has would not."""
        stacks.iam.create_role("by-hand", json.dumps(trust()), "/", None, "", [], 3_600)
        backend = s3_backend(ACCOUNT, "aws")
        if f"by-hand-{ACCOUNT}" not in backend.buckets:
            backend.create_bucket(f"by-hand-{ACCOUNT}", REGION)
        stacks.deploy(template(R=role("of-a-stack")), "other")
        asked = {"StackName": "stack", "ChangeSetName": "c", "ImportExistingResources": True, "ChangeSetType": "CREATE"}
        body = {"TemplateBody": json.dumps(template(R=made)), "Capabilities": ACKNOWLEDGED}
        if said is None:
            stacks.call("CreateChangeSet", **asked, **body)
        else:
            with pytest.raises(Undecided, match=f"imports no resources into stacks.*{said}"):
                stacks.call("CreateChangeSet", **asked, **body)


def kept(name: str = "by-hand", **more: Any) -> dict[str, Any]:
    return role(name, **more) | {"DeletionPolicy": "Retain"}


def named(logical_id: str = "R", name: str = "by-hand", kind: str = "AWS::IAM::Role", by: str = "RoleName") -> Any:
    return {"ResourceType": kind, "LogicalResourceId": logical_id, "ResourceIdentifier": {by: name}}


class TestResourceImports:
    """
    `cdk import`: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
    """

    def by_hand(self, stacks: Stacks, name: str = "by-hand") -> None:
        stacks.iam.create_role(name, json.dumps(trust()), "/", None, "kept", [], 3_600)

    def take(self, stacks: Stacks, made: Any, *resources: Any, stack: str = "stack", **more: Any) -> str:
        asked = {"StackName": stack, "ChangeSetName": "c", "ChangeSetType": "IMPORT", "ResourcesToImport": resources}
        stacks.call("CreateChangeSet", TemplateBody=json.dumps(made), Capabilities=ACKNOWLEDGED, **asked, **more)
        stacks.call("ExecuteChangeSet", StackName=stack, ChangeSetName="c")
        return str(stacks.stack(stack)["StackStatus"])

    @pytest.mark.parametrize("there", [True, False])
    def test_a_role_becomes_one_of_the_stack(self, stacks: Stacks, there: bool) -> None:
        """As it is, into a stack that there is or a new one; from then on the stack changes and deletes it."""
        self.by_hand(stacks)
        other = {"Other": role("other")} if there else {}
        if there:
            stacks.deploy(template(**other))
        made = template(R=kept(Description="new"), **other)
        assert self.take(stacks, made, named()) == "IMPORT_COMPLETE"
        assert stacks.iam.get_role("by-hand").description == "kept"
        events = stacks.call("DescribeStackEvents", StackName="stack")["StackEvents"]
        assert "IMPORT_COMPLETE" in {one["ResourceStatus"] for one in events if one["LogicalResourceId"] == "R"}
        assert stacks.deploy(template(R=role("by-hand", Description="newer"), **other)) == "UPDATE_COMPLETE"
        assert stacks.iam.get_role("by-hand").description == "newer"
        stacks.call("DeleteStack", StackName="stack")
        assert "by-hand" not in {one.name for one in stacks.iam.roles.values()}

    @pytest.mark.parametrize(
        ("made", "resources", "said"),
        [
            ({"R": role("by-hand")}, [named()], "must have the attribute DeletionPolicy"),
            ({"R": kept()}, [], "ResourcesToImport must be specified"),
            ({"R": kept(), "S": role("new")}, [named()], r"\[S\] are missing from ResourcesToImport"),
            ({"R": kept(), "Mine": role("mine", Description="x")}, [named()], r"modified resources \[Mine\]"),
            ({"R": kept("another")}, [named()], "calls a resource another"),
            ({"R": kept()}, [named(by="Arn")], r"identified by \[RoleName\]"),
            ({"R": kept()}, [named("S")], "has no resource S"),
            ({"R": kept("theirs")}, [named(name="theirs")], "is in the stack other already"),
            ({"Mine": kept("mine")}, [named("Mine", "mine")], "already in the stack"),
        ],
    )
    def test_what_is_no_import(self, stacks: Stacks, made: Any, resources: Any, said: str) -> None:
        """Nothing else may change, and nothing be in two stacks."""
        self.by_hand(stacks)
        stacks.deploy(template(R=role("theirs")), "other")
        stacks.deploy(template(Mine=role("mine")))
        made = {"Mine": role("mine"), **made}
        with pytest.raises(RefusedRequest, match=said):
            self.take(stacks, template(**made), *resources)

    def test_what_is_not_there_is_not_imported(self, stacks: Stacks) -> None:
        """The import fails, and the stack is what it was."""
        stacks.deploy(template(Mine=role("mine")))
        assert (
            self.take(stacks, template(Mine=role("mine"), R=kept("no")), named(name="no")) == "IMPORT_ROLLBACK_COMPLETE"
        )
        assert list(stacks.resources()) == ["Mine"]
        assert stacks.deploy(template(Mine=role("mine", Description="x"))) == "UPDATE_COMPLETE"

    def test_what_is_undecided(self, stacks: Stacks) -> None:
        """Types of other services, and whether tags of the stack come to what it imports."""
        self.by_hand(stacks)
        bucket = resource("S3::Bucket") | {"DeletionPolicy": "Retain"}
        with pytest.raises(Undecided, match="imports no resources of type AWS::S3::Bucket"):
            self.take(stacks, template(R=bucket), named(kind="AWS::S3::Bucket", by="BucketName"))
        with pytest.raises(Undecided, match="tags of a stack"):
            self.take(stacks, template(R=kept()), named(), Tags=[{"Key": "team", "Value": "red"}])

    def test_by_what_resources_are_named(self, stacks: Stacks) -> None:
        """The CDK CLI asks for it, and offers nothing else."""
        made = json.dumps(template(R=role("r"), B=resource("S3::Bucket")))
        found = stacks.call("GetTemplateSummary", TemplateBody=made)["ResourceIdentifierSummaries"]
        identifiers = {"LogicalResourceIds": ["R"], "ResourceIdentifiers": ["RoleName"]}
        assert found == [{"ResourceType": "AWS::IAM::Role", **identifiers}]

    @pytest.mark.parametrize(
        ("made", "by"),
        [
            (resource("IAM::User", UserName="u"), "UserName"),
            (resource("IAM::Group", GroupName="g"), "GroupName"),
            (resource("IAM::ManagedPolicy", ManagedPolicyName="p", PolicyDocument=policy()), "PolicyArn"),
            (resource("IAM::InstanceProfile", InstanceProfileName="i", Roles=["by-hand"]), "InstanceProfileName"),
            (resource("IAM::OIDCProvider", Url="https://token.example.com", ClientIdList=["c"]), "Arn"),
        ],
    )
    def test_every_type_that_is_imported(self, stacks: Stacks, made: Any, by: str) -> None:
        """What one stack has left behind another one takes, with its references."""
        self.by_hand(stacks)
        made = made | {"DeletionPolicy": "Retain"}
        stacks.deploy(template(R=made), "old")
        there = stacks.resources("old")
        stacks.call("DeleteStack", StackName="old")
        assert self.take(stacks, template(R=made), named("R", there["R"], made["Type"], by)) == "IMPORT_COMPLETE"
        assert stacks.resources() == there
        user = role("more", Description={"Fn::GetAtt": ["R", "PolicyArn" if by == "PolicyArn" else "Arn"]})
        assert stacks.deploy(template(R=made, More=user)) == "UPDATE_COMPLETE"


class TestStackSets:
    def stack_set(self, units: list[str], description: str = "one") -> dict[str, Any]:
        inner = template(R=role("everywhere", Description=description))
        return resource(
            "CloudFormation::StackSet",
            StackSetName="set",
            PermissionModel="SERVICE_MANAGED",
            AutoDeployment={"Enabled": True},
            Capabilities=ACKNOWLEDGED,
            TemplateBody=json.dumps(inner),
            StackInstancesGroup=[{"DeploymentTargets": {"OrganizationalUnitIds": units}, "Regions": ["eu-central-1"]}],
        )

    def roles(self, account: str) -> dict[str, Any]:
        return dict(inventory(account)["roles"])

    def test_a_stack_in_every_account_of_a_unit(self, stacks: Stacks) -> None:
        """Accounts of the units get the stack, later changes, and lose it with the unit."""
        assert stacks.deploy(template(S=self.stack_set([UNIT]))) == "CREATE_COMPLETE", stacks.reasons()
        assert set(self.roles("222233334444")) == {"everywhere"}
        assert not self.roles("333344445555")
        assert not self.roles("111122223333")
        assert stacks.deploy(template(S=self.stack_set(["r-ab12"], "two"))) == "UPDATE_COMPLETE", stacks.reasons()
        for account in ("111122223333", "222233334444", "333344445555"):
            assert self.roles(account)["everywhere"]["description"] == "two"
        stacks.deploy(template(S=self.stack_set(["ou-ab12-22222222"], "two")))
        assert not self.roles("222233334444")
        stacks.delete()
        assert not self.roles("333344445555")

    def test_an_account_with_parameters_of_its_own(self, stacks: Stacks) -> None:
        """What an account is given counts instead of what all are."""
        inner = {**template(R=role("everywhere", Description={"Ref": "Text"}))}
        inner["Parameters"] = {"Text": {"Type": "String"}}
        made = self.stack_set([UNIT])
        properties = made["Properties"]
        own = {
            "DeploymentTargets": {
                "OrganizationalUnitIds": ["r-ab12"],
                "AccountFilterType": "INTERSECTION",
                "Accounts": ["333344445555"],
            },
            "Regions": ["eu-central-1"],
            "ParameterOverrides": [{"ParameterKey": "Text", "ParameterValue": "own"}],
        }
        properties["TemplateBody"] = json.dumps(inner)
        properties["Parameters"] = [{"ParameterKey": "Text", "ParameterValue": "of all"}]
        properties["StackInstancesGroup"] = [*properties["StackInstancesGroup"], own]
        assert stacks.deploy(template(S=made)) == "CREATE_COMPLETE", stacks.reasons()
        assert self.roles("222233334444")["everywhere"]["description"] == "of all"
        assert self.roles("333344445555")["everywhere"]["description"] == "own"

    def test_a_unit_that_is_not_there(self, stacks: Stacks) -> None:
        """A stack set for nobody is an error, and no success without effect."""
        assert stacks.deploy(template(S=self.stack_set(["ou-ab12-99999999"]))) == "ROLLBACK_COMPLETE"
        assert "no unit ou-ab12-99999999" in stacks.reasons()[0]

    def test_self_managed_permissions_are_refused(self, stacks: Stacks) -> None:
        """Only what the sandbox does is accepted."""
        made = self.stack_set([UNIT])
        made["Properties"]["PermissionModel"] = "SELF_MANAGED"
        assert stacks.deploy(template(S=made)) == "ROLLBACK_COMPLETE"


class TestForeignTypes:
    def test_a_bucket_and_its_policy(self, stacks: Stacks) -> None:
        """Types of moto are made beside ours, and refer to each other."""
        made = template(
            B=resource("S3::Bucket", BucketName="bucket-of-a-test"),
            P=resource(
                "S3::BucketPolicy",
                Bucket={"Ref": "B"},
                PolicyDocument={
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": {"Fn::GetAtt": ["R", "Arn"]}},
                            "Action": "s3:GetObject",
                            "Resource": {"Fn::Sub": "${B.Arn}/*"},
                        }
                    ],
                },
            ),
            R=role("reader"),
        )
        assert stacks.deploy(made) == "CREATE_COMPLETE", stacks.reasons()
        del made["Resources"]["P"]
        assert stacks.deploy(made) == "UPDATE_COMPLETE"
        assert stacks.delete() == "DELETE_COMPLETE"

    def test_what_moto_refuses_is_a_failure_of_the_resource(self, stacks: Stacks) -> None:
        """Any error of a model is a failed resource, and no failed request."""
        stacks.deploy(template(B=resource("S3::Bucket", BucketName="bucket-of-another-test")), "one")
        made = template(B=resource("S3::Bucket", BucketName="bucket-of-another-test"), R=role("r"))
        assert stacks.deploy(made, "two") == "ROLLBACK_COMPLETE"
        assert not inventory()["roles"]
        stacks.delete("one")


NAMES = st.sampled_from(["a", "b", "c"])
ROLES = st.fixed_dictionaries(
    {},
    optional={
        "Description": NAMES,
        "Path": st.sampled_from(["/", "/x/"]),
        "ManagedPolicyArns": st.lists(st.sampled_from([READ, "arn:aws:iam::aws:policy/SecurityAudit"]), unique=True),
        "Policies": st.lists(NAMES, unique=True).map(
            lambda names: [{"PolicyName": name, "PolicyDocument": policy(f"s3:{name}")} for name in names]
        ),
        "Tags": st.lists(NAMES, unique=True).map(lambda names: [{"Key": name, "Value": name} for name in names]),
        "MaxSessionDuration": st.sampled_from([3_600, 7_200]),
    },
).map(lambda properties: role(**properties))
GROUPS = st.fixed_dictionaries(
    {},
    optional={
        "Path": st.sampled_from(["/", "/x/"]),
        "ManagedPolicyArns": st.lists(st.sampled_from([READ]), unique=True),
    },
).map(lambda properties: resource("IAM::Group", **properties))
HELD = st.fixed_dictionaries(
    {"Roles": st.just([{"Ref": "R0"}])},
    optional={"Groups": st.just([{"Ref": "G0"}]), "Description": NAMES},
).map(lambda properties: resource("IAM::ManagedPolicy", PolicyDocument=policy(), **properties))


@st.composite
def templates(draw: Any) -> dict[str, Any]:
    """Templates of roles, groups and policies on them; with one logical id for each kind that is always there."""
    found = {"R0": draw(ROLES), "G0": draw(GROUPS)}
    for name, kind in (("R1", ROLES), ("R2", ROLES), ("G1", GROUPS), ("P0", HELD), ("P1", HELD)):
        if draw(st.booleans()):
            found[name] = draw(kind)
    return template(**found)


def nameless(found: dict[str, Any]) -> str:
    """An inventory in which generated names have no random part."""
    import re

    return re.sub(r"(stack-[A-Z]\d)-[A-Z0-9]{12}", r"\1", json.dumps(found, sort_keys=True))


@given(templates(), templates())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_update_ends_where_a_creation_would(stacks: Stacks, before: Any, after: Any) -> None:
    """
    From whichever template a stack comes, IAM holds what its template says; and a failure brings back what was.
    """
    iam_backends.clear()
    fresh = Stacks()
    assert fresh.deploy(after) == "CREATE_COMPLETE"
    expected = nameless(inventory())
    iam_backends.clear()
    changed = Stacks()
    changed.deploy(before)
    then = inventory()
    wrong = {"Resources": {**after["Resources"], "Z": failing() | {"DependsOn": sorted(after["Resources"])}}}
    assert changed.deploy(wrong) == "UPDATE_ROLLBACK_COMPLETE"
    assert inventory() == then
    if before != after:
        assert changed.deploy(after) == "UPDATE_COMPLETE"
    assert nameless(inventory()) == expected
    assert changed.delete() == "DELETE_COMPLETE"
    assert inventory() == nothing()
