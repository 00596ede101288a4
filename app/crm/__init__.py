"""The CRM half: owns the schema and the records."""
