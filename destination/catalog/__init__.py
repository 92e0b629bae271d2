"""The destinations that come with the framework."""
