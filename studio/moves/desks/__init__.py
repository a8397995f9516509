"""What the window asks a process of its own."""
