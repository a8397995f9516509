"""Any tree written as XSD, JSON Schema, DTD or the header of a CSV file."""
