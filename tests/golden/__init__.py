"""Files that must keep replaying, and the scripts that made them."""
