"""The use cases: one async function each, which opens its transaction and returns frozen values."""
