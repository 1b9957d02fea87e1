"""Everything durable: pages, history, names, the change feed, accounts."""
