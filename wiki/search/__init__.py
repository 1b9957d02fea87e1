"""Full-text search: own analysis and query tree, engines behind one interface."""
