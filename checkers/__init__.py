"""The machinery of ncheck: it samples, searches, trains, certifies and refutes statements.

Statements live in the package ``conjectures``; README.md shows the layers of this one.
"""

__version__ = "0.1.0"
