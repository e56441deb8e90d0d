"""The engine on a real PostgreSQL, with small domains of the tests' own."""
