"""
Fitting matting networks: data sets, augmentation, losses, and the loop that puts them together.

Nothing here runs on the device: the service never imports this room, and never torch.
"""
