"""Pictures and clips from files and uploads, fitted to a frame."""
