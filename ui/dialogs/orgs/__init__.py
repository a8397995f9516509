"""The orgs this computer knows: list, marks, adding one step by step, signing in and out."""
