"""A case file, computed without a house."""
