"""Statements about gradient flow, checked along integrated trajectories."""
