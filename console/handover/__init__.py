"""Handing a customer over: all that is known of it in one sealed file, and taking it in elsewhere."""
