"""Parts of screens: each draws one thing and knows no use-case."""
