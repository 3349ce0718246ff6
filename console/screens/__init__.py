"""The full-screen console: knows the cockpit, never a connector."""
