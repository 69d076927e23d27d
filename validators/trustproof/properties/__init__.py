"""
The properties: what can be asked of a template. One file each; `registry` lists them.
"""
