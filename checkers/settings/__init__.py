"""Settings that several papers share: their variables, sizes, hypotheses and constructions."""
