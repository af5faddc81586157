"""Every claim of speed or quality comes from here: ``python -m bench --help``."""
