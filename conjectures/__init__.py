"""The catalogue: one statement, one file, named ``<firstauthor><year>_<what>.py``."""
