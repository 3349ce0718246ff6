"""Going live, use case by use case: what has to hold, the moment itself, and what changed since."""
