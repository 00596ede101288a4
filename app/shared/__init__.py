"""What both halves speak. Knows neither Flask nor FastAPI."""
