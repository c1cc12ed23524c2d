"""What changes in this room, by noun."""
