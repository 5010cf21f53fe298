"""Settings that two papers share: their variables, sizes, hypotheses and constructions."""
