"""Starting from a checkout: its packages are found, or installed at the first run."""
