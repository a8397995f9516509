"""Document type definitions as schema trees, read by a reader of our own."""
