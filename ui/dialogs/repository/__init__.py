"""Signing in to the repository, sharing a project, pushing it, its versions, and where it is deployed."""
