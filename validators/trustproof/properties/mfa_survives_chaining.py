"""
mfa-survives-chaining: a role that demands MFA is not reached through roles that do not.
"""

from __future__ import annotations

from typing import ClassVar

from trustproof.properties.base import RunProperty
from trustproof.properties.question import Subject
from trustproof.results.result import OWN, Reach


class MfaSurvivesChaining(RunProperty):
    """
    A role that demands MFA of people is not reached by people without MFA through roles that do not demand it.

    Claim:
        Over all templates given together: for every role that IAM users may assume only with MFA, there is no
        way for a user without MFA to one of its sessions by assuming other roles first, across accounts and in
        any number of hops. A role that lets in a vendor by an external id, or users with odd paths, of which
        `mfa-required` only makes a note, demands MFA of one's own people all the same. Each step is taken by a
        session that the step before it gives: with a name that the trust policy admits, with a source identity
        and tags only where they may be set on the way, and with the tags of its role.

    Threat:
        A role session carries no MFA information. If some role lets users in without MFA, and the protected role trusts
        that role, or its account as a whole, the MFA condition on people is walked around.

    Severity:
        *error*. What is unknown is a *warning*.

    Refuted by:
        {"Resources": {
         "Entry": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "entry",
          "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
           {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]},
          "Policies": [{"PolicyName": "next", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
           {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/admin"}]}}]}},
         "Admin": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "admin",
          "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
           {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
           {"Effect": "Allow", "Principal": {"AWS": {"Fn::GetAtt": ["Entry", "Arn"]}}, "Action": "sts:AssumeRole"}]}}}}}

    Proved for:
        {"Resources": {
         "Entry": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "entry",
          "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
           {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}}},
         "Admin": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "admin",
          "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
           {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}}}}}

    Remedy:
        Demand MFA where people enter the chain, or let the protected role trust only roles that do.

    Limits:
        Roles that are in none of the templates are not seen. Managed policies that are not in the templates are known
        only where they are AWS's most powerful ones; a chain that depends on another is unknown. So is one that depends
        on tags that were made transitive before. Two roles of a template are only looked at where one deployment has
        both.
    """

    ident = "mfa-survives-chaining"
    summary = "a role that demands MFA is reached without it through other roles"
    of_roles = True
    reach: ClassVar[Reach] = OWN

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"no user without MFA reaches {subject.document.logical_id} through other roles"
