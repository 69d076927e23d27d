"""
What is written, whatever it is worth: blocks and expressions of HCL and of its JSON form.
"""
