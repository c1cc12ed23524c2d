"""What is asked of the room, by subject; every question takes the reader."""
