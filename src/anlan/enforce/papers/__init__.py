"""The documents of a case: which forms there are, what stands in them, how they are set."""
