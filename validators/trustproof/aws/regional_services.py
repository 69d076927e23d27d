"""
Services whose resources are reached in their own Region only, so that the Region in the ARN is the one that was called.

Left out is whatever reaches into another Region in one call: replicas of keys and tables, copies of backups, events.
"""

from __future__ import annotations

#: Prefixes of actions, which are those of ARNs too:
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
#: https://docs.aws.amazon.com/general/latest/gr/rande.html#regional-endpoints
REGIONAL = ("lambda", "secretsmanager", "sns", "sqs")
