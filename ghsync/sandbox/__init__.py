"""The embedded GitHub: same API, limits and faults as the real one, without a network."""
