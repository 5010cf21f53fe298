"""Collapse metrics of the features of any network, in float64, each with its convention.

The quantities of ``checkers.quantities`` are those of theorems, with enclosures; these are the
numbers that a practitioner compares with publications. They take features of any size (60,000
samples of 512 entries), far from the origin or of any scale, and of classes of any size.
"""
