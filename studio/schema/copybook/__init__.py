"""COBOL copybooks: source text, pictures, items, the layout of their bytes, and the tree."""
