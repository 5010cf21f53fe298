"""Models of the field: frames, networks, data sets."""
