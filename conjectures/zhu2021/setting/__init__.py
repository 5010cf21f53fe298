"""What statements of this paper share: variables, sizes, hypotheses, constructions."""
