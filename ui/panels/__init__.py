"""The panels around the editors: project, inspector, problems, runs, history."""
