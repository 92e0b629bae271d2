"""Reads what a person gave: files of mappings in any form, Python objects, and settings files.

Every mistake is a `UsageProblem`, whose lines say what is wrong, where, and what to do.
"""
