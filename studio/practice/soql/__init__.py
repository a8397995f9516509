"""The query language: text to tree to SQL over the org's own tables, and rows back to records or CSV."""
