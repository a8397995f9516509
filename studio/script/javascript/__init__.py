"""JavaScript as a script of a project: an embedded engine in a child process, behind the host scripts know."""
