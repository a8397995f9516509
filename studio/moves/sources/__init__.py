"""Sources of moves that are no delimited files: workbooks, JSON lines, Parquet files, tables and queries of databases."""
