"""Chains: read, kept between two starts, put into words, exported."""
