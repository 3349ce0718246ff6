"""OpenImmo 1.2.7b and openimmo_feedback 1.2.5: building, reading, checking, packing. Knows no partner."""
