"""Who may do what: organizations, members, roles, environments, and the guard in front of every route."""
