"""
From your own room to a better matte: frames of this camera make its model better in this room.

Nothing leaves the machine: frames, labels and the model that comes of them stay in folders of
their owner's, and no step after the teachers' download needs a network.
"""
