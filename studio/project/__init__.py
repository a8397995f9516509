"""What is saved: the project, its edits, its history, its folder."""
