"""Shape of what people type, by subject; the rules are in the services."""
