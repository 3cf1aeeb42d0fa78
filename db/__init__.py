"""The database: engine, column types, models, and the queries by subject."""
