"""Projects, their revisions and objects, and where they are deployed."""
