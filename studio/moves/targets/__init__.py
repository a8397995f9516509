"""Targets of exports that are no CSV files: workbooks, JSON lines, Parquet files and tables of databases."""
