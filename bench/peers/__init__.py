"""
What a user would pick instead, driven on the same frames and measured as ours is.

Peers live in an environment of their own (``environment``), run as programs (``driver``), take
turns with ours, and their mattes are compared with the same truth.
"""
