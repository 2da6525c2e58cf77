"""Staff, roles and sessions."""
