"""Landscapes: critical points of the regularised loss, found in numbers, classified, certified."""
