"""What stands in water."""
