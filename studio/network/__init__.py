"""Getting out of the building: the one place an HTTP client is made."""
