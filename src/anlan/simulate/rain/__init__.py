"""Rain: what fell, and what is forecast."""
