"""
What is looked at when everything is there: stacks and stages, promises to hold templates against, waivers.
"""
