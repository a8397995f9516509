"""What the window asks about the repository, answered by a process of its own."""
