"""
At which values of parameters a template, or a part of it, has to be judged.
"""
