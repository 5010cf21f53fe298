"""Sampling: which sizes are tried, and how arrays are drawn for them."""
