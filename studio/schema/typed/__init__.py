"""Schemas of formats that carry their types: Avro, Parquet, protobuf, databases."""
