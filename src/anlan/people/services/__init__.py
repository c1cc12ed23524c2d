"""What changes accounts, posts, grants and duty."""
