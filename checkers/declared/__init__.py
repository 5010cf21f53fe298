"""What statements declare of how they are checked, and what a model hands over for it."""
