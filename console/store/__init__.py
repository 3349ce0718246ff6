"""What stays on the laptop: journal, id map, plans, cache. Encrypted wherever it is personal."""
