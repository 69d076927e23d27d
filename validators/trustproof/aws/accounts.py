"""
What AWS publishes and a policy alone does not say: accounts of its own, and actions that exist.
"""

from __future__ import annotations

from trustproof.aws import published

#: No request is sent before this moment any more, in seconds of Unix time: when this was released.
RELEASED = published.release()

#: Region to the account of Elastic Load Balancing there that delivers access logs to customers' buckets:
#: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
LOAD_BALANCING_ACCOUNTS = {
    "af-south-1": "098369216593",
    "ap-east-1": "754344448648",
    "ap-northeast-1": "582318560864",
    "ap-northeast-2": "600734575887",
    "ap-northeast-3": "383597477331",
    "ap-south-1": "718504428378",
    "ap-southeast-1": "114774131450",
    "ap-southeast-2": "783225319266",
    "ap-southeast-3": "589379963580",
    "ca-central-1": "985666609251",
    "cn-north-1": "638102146993",
    "cn-northwest-1": "037604701340",
    "eu-central-1": "054676820928",
    "eu-north-1": "897822967062",
    "eu-south-1": "635631232127",
    "eu-west-1": "156460612806",
    "eu-west-2": "652711504416",
    "eu-west-3": "009996457667",
    "me-south-1": "076674570225",
    "sa-east-1": "507241528517",
    "us-east-1": "127311923021",
    "us-east-2": "033677994240",
    "us-gov-east-1": "190560391635",
    "us-gov-west-1": "048591011584",
    "us-west-1": "027434742980",
    "us-west-2": "797873946194",
}

#: Accounts of Redshift, one a Region, whose user ``logs`` delivered audit logs to customers' buckets before there was a
#: service principal for that: https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html
REDSHIFT_ACCOUNTS = (
    "013126148197",
    "053454850223",
    "075028567923",
    "090321488786",
    "111890595117",
    "193672423079",
    "210876761215",
    "262260360010",
    "307160386991",
    "313564881002",
    "361669875840",
    "365689465814",
    "391106570357",
    "404641285394",
    "660998842044",
    "665727464434",
    "729911121831",
    "760740231472",
    "762762565011",
    "865932855811",
    "902366379725",
    "907379612154",
    "915173422425",
    "945612479654",
)
#: What the ARN of that user ends with.
REDSHIFT_USER = ":user/logs"

#: Region to the account of CloudTrail there, which delivered logs to customers' buckets, and said so to their topics,
#: before there was a service principal for that. The table is that of CloudTrail's supported Regions as AWS published
#: it on 2023-01-25 (the page has gone; buckets of before have these accounts):
#: https://github.com/awsdocs/aws-cloudtrail-user-guide/blob/78deb3c/doc_source/cloudtrail-supported-regions.md
#: The policies that name them: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
CLOUDTRAIL_ACCOUNTS = {
    "af-south-1": "525921808201",
    "ap-east-1": "119688915426",
    "ap-northeast-1": "216624486486",
    "ap-northeast-2": "492519147666",
    "ap-northeast-3": "765225791966",
    "ap-south-1": "977081816279",
    "ap-south-2": "582488909970",
    "ap-southeast-1": "903692715234",
    "ap-southeast-2": "284668455005",
    "ap-southeast-3": "069019280451",
    "ap-southeast-4": "187074758985",
    "ca-central-1": "819402241893",
    "cn-north-1": "193415116832",
    "cn-northwest-1": "681348832753",
    "eu-central-1": "035351147821",
    "eu-central-2": "453052556044",
    "eu-north-1": "829690693026",
    "eu-south-1": "669305197877",
    "eu-south-2": "757211635381",
    "eu-west-1": "859597730677",
    "eu-west-2": "282025262664",
    "eu-west-3": "262312530599",
    "me-central-1": "585772288577",
    "me-south-1": "034638983726",
    "sa-east-1": "814480443879",
    "us-east-1": "086441151436",
    "us-east-2": "475085895292",
    "us-gov-east-1": "886388586500",
    "us-gov-west-1": "608710470296",
    "us-west-1": "388731089494",
    "us-west-2": "113285607260",
}

#: Accounts that are AWS itself, whoever of them calls; those of Redshift have one user who is.
ACCOUNTS_OF_AWS = frozenset((*LOAD_BALANCING_ACCOUNTS.values(), *CLOUDTRAIL_ACCOUNTS.values()))
