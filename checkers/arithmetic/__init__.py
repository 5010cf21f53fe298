"""Rigorous arithmetic: ball enclosures of spectral quantities and exact rational linear algebra."""
