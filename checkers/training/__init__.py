"""Training: full-batch gradient descent on many small networks at once."""
