"""Failed rows corrected and sent again."""
