"""The one-shot move: eight steps, all visible, each re-openable; the work is done by a process of its own."""
