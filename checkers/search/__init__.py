"""Searching for the worst instance, and making a counterexample small."""
