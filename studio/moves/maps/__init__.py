"""The field map: found by itself, read from other programs' files, computed by expressions and transformations."""
