"""Sweeps: random but reproducible cells over statements, sizes and ways of drawing, without end."""
