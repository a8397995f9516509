"""JSON Schema of every draft, and the operations of OpenAPI and Swagger descriptions, as schema trees."""
