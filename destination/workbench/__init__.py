"""What one does with mappings before they go live: explain, check, compare, and see what tests reach."""
