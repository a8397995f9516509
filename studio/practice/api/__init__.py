"""The REST API: what the org is, its objects, their records, queries."""
