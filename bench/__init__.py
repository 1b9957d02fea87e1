"""``make bench``: what the product costs, beside a ceiling taken in the same run."""
