"""From folders of pictures and masks to batches; each step is a function of the one before."""
