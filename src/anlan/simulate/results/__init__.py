"""A run's files, and what a reader sees of them."""
